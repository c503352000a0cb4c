"""What a process counts for metrics."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from tests.builders import FIRST, NOW, an_event
from tests.services.house import SIZE, House
from ytempire.adapters.memory.clock import FakeClock
from ytempire.domain import metrics as table
from ytempire.domain.events import Kind
from ytempire.domain.lifecycle import State
from ytempire.domain.metrics import Metric, Spread
from ytempire.domain.values import PublicationId
from ytempire.services.tallies import BEAT, MOST, Histogram, Lag, Metered, Sent, Tallies


def value(tallies: Tallies, metric: Metric, *labels: str) -> object:
    return next(
        (each.value for each in tallies.samples() if (each.metric, each.labels) == (metric, labels)), None
    )


def test_a_counter_grows_by_what_happens() -> None:
    tallies = Tallies()
    for _ in range(3):
        tallies.note(an_event(Kind.UPLOADED, account=FIRST))

    assert 3 == value(tallies, table.FINISHED, FIRST)


def test_words_beyond_the_most_are_counted_together() -> None:
    tallies = Tallies()
    for number in range(MOST + 50):
        tallies.note(an_event(Kind.RETRYING, data={"code": f"reason{number}"}))
    tallies.note(an_event(Kind.RETRYING, data={"code": "reason1"}))

    assert MOST + 1 == sum(each.metric is table.RETRIES for each in tallies.samples())
    assert (2, 50) == (value(tallies, table.RETRIES, "reason1"), value(tallies, table.RETRIES, "other"))


def test_an_upload_takes_from_its_session_to_its_video() -> None:
    tallies, which = Tallies(), PublicationId("pub_1")
    tallies.note(an_event(Kind.SESSION_OPENED, publication=which))
    tallies.note(an_event(Kind.RESUMED, publication=which, at=NOW + timedelta(seconds=5)))
    tallies.note(an_event(Kind.UPLOADED, publication=which, at=NOW + timedelta(seconds=20)))
    found = value(tallies, table.DURATION)

    assert isinstance(found, Spread)
    assert (20.0, 1) == (found.total, sum(found.counts))
    assert 1 == found.counts[table.DURATION.buckets.index(30)]


def test_an_upload_whose_beginning_nobody_saw_has_no_duration() -> None:
    tallies, which = Tallies(), PublicationId("pub_1")
    tallies.note(an_event(Kind.UPLOADED, publication=which))
    tallies.note(an_event(Kind.SESSION_OPENED, publication=which))
    tallies.note(an_event(Kind.HELD, publication=which))
    tallies.note(an_event(Kind.UPLOADED, publication=which))
    found = value(tallies, table.DURATION)

    assert isinstance(found, Spread)
    assert 0 == sum(found.counts)


def test_uploads_that_never_end_are_forgotten_some_time() -> None:
    tallies = Tallies()
    for number in range(10_001):
        tallies.note(an_event(Kind.SESSION_OPENED, publication=PublicationId(f"pub_{number}")))
    for number in (0, 10_000):
        tallies.note(an_event(Kind.UPLOADED, publication=PublicationId(f"pub_{number}")))
    found = value(tallies, table.DURATION)

    assert isinstance(found, Spread)
    assert 1 == sum(found.counts)


def test_a_value_on_a_bound_belongs_below_it() -> None:
    counted = Histogram(Metric("x", table.LAG.shape, "", (), (1, 2)))
    for each in (0.5, 1, 1.5, 2, 3):
        counted.note(each)

    assert Spread((2, 2, 1), 8.0) == counted.sample().value


async def test_every_byte_that_was_sent_is_counted(house: House) -> None:
    sent = Sent()
    publication = await house.submit()
    ports = replace(house.ports(), google=Metered(house.google, sent))
    await house.staff(ports).publishing.advance(publication.id)
    arrived = await house.now(publication.id)

    assert State.PROCESSING is arrived.state
    assert SIZE == sent.sample().value


async def test_who_is_not_late_is_told_so() -> None:
    clock = FakeClock()
    lag = Lag(clock)
    async with asyncio.timeout(30):
        running = asyncio.create_task(lag.run())
        await clock.sleep(10.5 * BEAT)
        running.cancel()
    found = lag.sample().value

    assert isinstance(found, Spread)
    assert found.total < 0.001
    assert sum(found.counts) == found.counts[0] >= 9
