"""From what was read, and from what happened, to samples."""

from datetime import timedelta

import pytest

from tests.builders import FIRST, NOW, an_event
from ytempire.domain import measures
from ytempire.domain import metrics as table
from ytempire.domain.breaker import Breaker, Phase
from ytempire.domain.events import Kind
from ytempire.domain.faults import Level
from ytempire.domain.lifecycle import State
from ytempire.domain.measures import Count
from ytempire.domain.metrics import Metric, Sample, Shape, series
from ytempire.domain.quota import Bucket, LedgerLine
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import ProjectId
from ytempire.domain.vitals import Health, Manners, Vital


def values(samples: list[Sample], metric: Metric) -> dict[tuple[str, ...], object]:
    return {each.labels: each.value for each in samples if each.metric is metric}


@pytest.mark.parametrize(
    ("kind", "metric"),
    [
        (Kind.UPLOADED, table.FINISHED),
        (Kind.ADOPTED, table.FINISHED),
        (Kind.HELD, table.FAILED),
        (Kind.REFUSED, table.FAILED),
        (Kind.PROCESSING_FAILED, table.FAILED),
    ],
)
def test_how_an_upload_ended_counts_for_its_account(kind: Kind, metric: Metric) -> None:
    assert (Count(metric, (FIRST,)),) == measures.counted(an_event(kind, account=FIRST))
    assert () == measures.counted(an_event(kind, account=None))


def test_retries_and_faults_are_counted_by_their_words() -> None:
    data: dict[str, object] = {"code": "backendError", "scope": "request"}
    long = an_event(Kind.FAULT_UNKNOWN, data={"code": "x" * 500})

    assert (Count(table.RETRIES, ("backendError",)),) == measures.counted(an_event(Kind.RETRYING, data=data))
    assert (Count(table.FAULTS, ("backendError", "request")),) == measures.counted(
        an_event(Kind.FAULT_SEEN, data=data)
    )
    assert (Count(table.FAULTS, ("x" * 64, "unknown")),) == measures.counted(long)


def test_a_call_of_a_chain_counts_with_its_money_and_its_stand_in() -> None:
    data: dict[str, object] = {"chain": "voice_synthesis", "provider": "polly", "cost": 150_000}
    served = measures.counted(an_event(Kind.CHAIN_SERVED, data={"chain": "voice_synthesis", "cost": 0}))

    assert (Count(table.CALLS, ("voice_synthesis", "served")),) == served
    assert (
        Count(table.CALLS, ("voice_synthesis", "fell_back")),
        Count(table.SPEND, ("voice_synthesis",), 0.15),
        Count(table.FALLBACKS, ("voice_synthesis", "polly")),
    ) == measures.counted(an_event(Kind.CHAIN_FELL_BACK, data=data))


def test_other_events_count_nothing() -> None:
    assert () == measures.counted(an_event(Kind.TOKEN_REFRESHED, account=FIRST))


def test_counters_of_what_is_configured_begin_at_nothing() -> None:
    found = measures.from_nothing([FIRST], ["voice_synthesis"])

    assert {0} == {each.amount for each in found}
    assert {table.FINISHED, table.FAILED, table.CALLS, table.SPEND} == {each.metric for each in found}


def test_every_state_is_told_also_the_empty_ones() -> None:
    found = measures.of_publications({State.HELD: 2}, 3, NOW - timedelta(minutes=1), NOW)
    empty = measures.of_publications({}, 0, None, NOW)

    assert {(str(each),): 2 if each is State.HELD else 0 for each in State} == values(
        found, table.PUBLICATIONS
    )
    assert ({(): 3}, {(): 60.0}) == (values(found, table.QUEUE_DEPTH), values(found, table.QUEUE_WAIT))
    assert {(): 0.0} == values(empty, table.QUEUE_WAIT)


def test_the_ledger_is_told_with_what_judges_it() -> None:
    day = QuotaDay.of(NOW)
    line = LedgerLine(ProjectId("main"), Bucket.UPLOADS, day, 100, 50, 1, 2, "quotaExceeded")
    found = measures.of_quota([line], day.resets, NOW)
    names = ("main", "uploads")

    assert {names: 51} == values(found, table.QUOTA_USED)
    assert {names: 2} == values(found, table.QUOTA_RESERVED)
    assert ({names: 0}, {names: 1.0}) == (values(found, table.QUOTA_FREE), values(found, table.QUOTA_CLOSED))
    assert {(): (day.resets - NOW).total_seconds()} == values(found, table.QUOTA_RESET)
    assert {("info",): 0.7, ("warning",): 0.8, ("critical",): 0.9} == values(found, table.THRESHOLD)


def test_an_account_without_prices_has_no_fitness() -> None:
    document = {
        "id": "a", "state": "paused", "health": {"total": 0.5}, "fitness": None, "uploads_today": 1, "cap": 5,
        "in_flight": 0,
    }  # fmt: skip
    found = measures.of_account(document)
    fit = measures.of_account(document | {"fitness": {"total": 0.25}})

    assert {} == values(found, table.FITNESS)
    assert {("a",): 0.25} == values(fit, table.FITNESS)
    assert [("a", "paused")] == [key for key, value in values(found, table.ACCOUNT_STATE).items() if value]


def test_a_token_is_told_with_the_seconds_it_has() -> None:
    found = measures.of_token(FIRST, NOW - timedelta(seconds=5), NOW, usable=True)

    assert ({(FIRST,): -5.0}, {(FIRST,): 1.0}) == (
        values(found, table.TOKEN_EXPIRY),
        values(found, table.TOKEN_USABLE),
    )
    assert [Sample(table.TOKEN_USABLE, 0.0, (FIRST,))] == measures.of_token(FIRST, None, NOW, usable=False)


def test_alerts_are_counted_by_level() -> None:
    found = measures.of_alerts([Level.HIGH, Level.HIGH, Level.INFO])

    assert {("info",): 1, ("warning",): 0, ("high",): 2, ("critical",): 0} == values(found, table.ALERTS)


def test_a_breaker_whose_time_is_over_is_half_open() -> None:
    opened = Breaker("polly", NOW, Phase.OPEN, until=NOW + timedelta(seconds=1))
    now, later = measures.of_breaker(opened, NOW), measures.of_breaker(opened, NOW + timedelta(seconds=1))

    assert [("polly", "open")] == [key for key, value in values(now, table.BREAKER).items() if value]
    assert [("polly", "half_open")] == [key for key, value in values(later, table.BREAKER).items() if value]


def test_a_service_is_told_with_the_middle_of_its_times() -> None:
    vital = Vital("openai", Health.HEALTHY, seen_at=NOW, latencies=(100, 900, 300))
    found = measures.of_service(vital, NOW, Manners())
    silent = measures.of_service(Vital("stripe"), NOW, Manners())

    assert {("openai",): 0.3} == values(found, table.LATENCY)
    assert [("openai", "healthy")] == [key for key, value in values(found, table.SERVICE).items() if value]
    assert ({}, [("stripe", "unknown")]) == (
        values(silent, table.LATENCY),
        [key for key, value in values(silent, table.SERVICE).items() if value],
    )


def test_money_is_told_in_dollars() -> None:
    assert Sample(table.SPEND_TODAY, 0.5, ("c", "p")) == measures.of_spending("c", "p", 500_000)


def test_a_histogram_has_three_series() -> None:
    assert ("ytempire_queue_depth",) == series(table.QUEUE_DEPTH)
    assert Shape.HISTOGRAM is table.LAG.shape
    assert tuple(f"{table.LAG.name}_{each}" for each in ("bucket", "sum", "count")) == series(table.LAG)
