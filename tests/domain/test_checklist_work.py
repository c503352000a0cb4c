"""The points of the checklist about work: success, fallbacks, errors, the day's plan."""

from typing import Any

import pytest

from tests.builders import FIRST, NOW, SECOND, an_event
from tests.domain.test_checklist import FAILED, OK, UNKNOWN, judged
from ytempire.domain.chain import Usage
from ytempire.domain.checklist import Verdict
from ytempire.domain.checklist_work import (
    Scheduled,
    Tally,
    error_patterns,
    fallback_rate,
    rotation,
    tally,
    upload_success,
)
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.patterns import Pattern
from ytempire.domain.values import PublicationId

ONE, TWO = PublicationId("pub_1"), PublicationId("pub_2")
RESERVES = frozenset({SECOND})


def happened(kind: Kind, which: PublicationId = ONE, **changes: Any) -> Event:
    return an_event(kind, **({"publication": which, "account": FIRST} | changes))


def test_the_last_outcome_of_a_publication_counts() -> None:
    counted = tally(
        [
            happened(Kind.UPLOADED),
            happened(Kind.HELD, TWO, data={"code": "gave_up"}),
            happened(Kind.PUBLISHED, account=None),
        ]
    )

    assert Tally((FIRST,), ((TWO, "gave_up"),)) == counted


@pytest.mark.parametrize(
    ("kinds", "arrived", "wrong"),
    [
        ((Kind.ADOPTED,), 1, 0),
        ((Kind.REFUSED,), 0, 1),
        ((Kind.UPLOADED, Kind.PROCESSING_FAILED), 0, 1),
        ((Kind.HELD, Kind.RELEASED), 0, 0),
        ((Kind.HELD, Kind.RELEASED, Kind.UPLOADED), 1, 0),
        ((Kind.HELD, Kind.CANCELLED), 0, 0),
        ((Kind.DUPLICATE,), 0, 0),
        ((Kind.RETRYING, Kind.DEFERRED), 0, 0),
    ],
)
def test_what_counts_as_an_outcome(kinds: tuple[Kind, ...], arrived: int, wrong: int) -> None:
    counted = tally([happened(kind) for kind in kinds])

    assert (arrived, wrong) == (len(counted.arrived), len(counted.wrong))


def test_events_that_are_about_no_publication_are_passed_over() -> None:
    assert Tally((), ()) == tally([an_event(Kind.HELD, publication=None)])


def test_an_outcome_without_a_code_is_named_by_its_kind() -> None:
    assert ((ONE, "publication.processing_failed"),) == tally([happened(Kind.PROCESSING_FAILED)]).wrong


@pytest.mark.parametrize(
    ("good", "bad", "expected", "value"),
    [(50, 1, OK, "98.0% (50 of 51)"), (49, 1, FAILED, "98.0% (49 of 50)"), (0, 2, FAILED, "0.0% (0 of 2)")],
)
def test_more_than_98_percent_of_uploads_succeed(good: int, bad: int, expected: Verdict, value: str) -> None:
    point = upload_success(Tally((FIRST,) * good, ((ONE, "gave_up"),) * bad), 7)

    assert (expected, value) == judged(point)
    assert "pub_1: gave_up" in point.why


def test_without_uploads_their_rates_are_not_known() -> None:
    assert (UNKNOWN, "none") == judged(upload_success(Tally((), ()), 7))
    assert (UNKNOWN, "none") == judged(fallback_rate(Tally((), ()), RESERVES, 7, planned=False))


@pytest.mark.parametrize(
    ("on_reserves", "planned", "expected", "value"),
    [
        (0, False, OK, "uploads on reserves 0.0% (0 of 100)"),
        (4, False, OK, "uploads on reserves 4.0% (4 of 100)"),
        (5, False, FAILED, "uploads on reserves 5.0% (5 of 100)"),
        (50, True, OK, "uploads on reserves 0.0% (0 of 100)"),
    ],
)
def test_less_than_5_percent_of_uploads_fall_back_on_reserves(
    on_reserves: int, planned: bool, expected: Verdict, value: str
) -> None:
    arrived = (SECOND,) * on_reserves + (FIRST,) * (100 - on_reserves)
    point = fallback_rate(Tally(arrived, ()), RESERVES, 7, planned=planned)

    assert (expected, value) == judged(point)
    assert planned == ("planned capacity" in point.why)
    assert (expected is FAILED) == ("too many in uploads on reserves" in point.why)
    assert (expected is FAILED) == ("why production cannot carry the day" in point.remedy)


@pytest.mark.parametrize(
    ("used", "expected", "value", "measure"),
    [
        (Usage(100, 4, 0), OK, "voice 4.0% (4 of 100)", 0.04),
        (Usage(100, 4, 1), FAILED, "voice 5.0% (5 of 100)", 0.05),
        (Usage(100, 0, 5), FAILED, "voice 5.0% (5 of 100)", 0.05),
        (Usage(40, 2, 0), FAILED, "voice 5.0% (2 of 40)", 0.05),
        (Usage(21, 0, 0), OK, "voice 0.0% (0 of 21)", 0.0),
        (Usage(19, 19, 0), UNKNOWN, "voice 100.0% (19 of 19)", None),
        (Usage(), UNKNOWN, "none", None),
    ],
)
def test_less_than_5_percent_of_the_calls_of_a_chain_fall_back(
    used: Usage, expected: Verdict, value: str, measure: float | None
) -> None:
    point = fallback_rate(Tally((), ()), RESERVES, 7, planned=False, chains={"voice": used})

    assert (expected, value, measure) == (*judged(point), point.measure)
    assert (expected is FAILED) == ("which provider fails" in point.remedy)
    assert (used.calls == 19) == ("fewer than 21 calls of voice are too few to judge" in point.why)


def test_uploads_and_chains_are_judged_each_and_told_together() -> None:
    arrived = Tally((SECOND,) + (FIRST,) * 9, ())
    chains = {"voice": Usage(100, 1, 0), "script": Usage(3, 3, 0), "unused": Usage()}

    point = fallback_rate(arrived, RESERVES, 7, planned=False, chains=chains)

    told = "uploads on reserves 10.0% (1 of 10); voice 1.0% (1 of 100); script 100.0% (3 of 3)"
    assert (FAILED, told) == judged(point)
    assert 0.1 == point.measure
    assert "production cannot carry" in point.remedy
    assert "which provider fails" not in point.remedy
    assert "too many in uploads on reserves; fewer than 21 calls of script are too few to judge" == point.why


def test_what_falls_back_in_both_has_both_remedies() -> None:
    arrived, chains = Tally((SECOND,), ()), {"voice": Usage(50, 50, 0)}

    point = fallback_rate(arrived, RESERVES, 7, planned=False, chains=chains)

    assert "production cannot carry" in point.remedy
    assert "which provider fails" in point.remedy
    assert "too many in uploads on reserves, voice" == point.why


def a_pattern(count: int, before: int, level: Level = Level.WARNING) -> Pattern:
    return Pattern("backendError", count, before, 1, level, NOW, NOW)


@pytest.mark.parametrize(
    ("count", "before", "expected"),
    [(9, 0, OK), (10, 0, FAILED), (10, 10, OK), (20, 10, FAILED), (10, 50, OK)],
)
def test_a_kind_of_fault_that_grows_fails_the_look_at_errors(
    count: int, before: int, expected: Verdict
) -> None:
    point = error_patterns([a_pattern(count, before)], [])

    assert (expected, f"{count} faults in a day, 0 answers to review") == judged(point)


@pytest.mark.parametrize(
    ("level", "count", "expected"),
    [(Level.CRITICAL, 2, OK), (Level.CRITICAL, 3, FAILED), (Level.HIGH, 9, OK), (Level.HIGH, 10, FAILED)],
)
def test_of_critical_faults_three_are_a_pattern(level: Level, count: int, expected: Verdict) -> None:
    assert expected is error_patterns([a_pattern(count, 0, level)], []).verdict


def test_an_answer_that_nobody_has_a_remedy_for_fails_it() -> None:
    point = error_patterns([], ["418:teapot:-:-"])

    assert FAILED is judged(point)[0]
    assert "418:teapot:-:- is not in the table of faults" == point.why


def scheduled(videos: int, planned: int, later: int = 0) -> Scheduled:
    return Scheduled(videos, planned, feasible=True, day="2026-11-20", later=later)


def test_a_day_on_which_everything_has_its_place_is_good() -> None:
    assert (OK, "nothing waits") == judged(rotation(None))
    assert (OK, "3 of 3 have a place on 2026-11-20") == judged(rotation(scheduled(3, 3)))
    assert (OK, "1 of 1 has a place on 2026-11-20, 1 more waits for later") == judged(
        rotation(scheduled(1, 1, 1))
    )
    assert (OK, "2 of 2 have a place on 2026-11-20, 2 more wait for later") == judged(
        rotation(scheduled(2, 2, 2))
    )


def test_a_plan_that_does_not_hold_everything_says_what_binds_and_what_helps() -> None:
    point = rotation(
        Scheduled(
            60, 50, feasible=False, binding="units are short", remedy="leave out captions", day="2026-11-20"
        )
    )

    assert (FAILED, "50 of 60 have a place on 2026-11-20") == judged(point)
    assert ("units are short", "leave out captions") == (point.why, point.remedy)
    assert "see `ytempire plan`" == rotation(Scheduled(1, 0, feasible=False)).remedy
