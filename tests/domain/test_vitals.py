"""The health of a service: what is believed, when nothing is known, when to look."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW
from ytempire.domain.vitals import (
    KEPT,
    Health,
    Manners,
    Observation,
    Source,
    Vital,
    called_lately,
    current,
    latency,
    next_probe,
    observe,
    probe_is_due,
)

MANNERS = Manners()
WELL, ILL, UNKNOWN = Health.HEALTHY, Health.UNHEALTHY, Health.UNKNOWN
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def seen(well: bool = True, at: datetime = NOW, source: Source = Source.PROBE, **more: Any) -> Observation:
    return Observation("polly", at, well, source, error="" if well else "503", **more)


def after(told: str, every: timedelta = 30 * SECOND, before: Vital | None = None) -> Vital:
    """The health after a row of observations: `+` well, `-` ill, blanks for those that did not come."""
    vital, at = before or Vital("polly"), NOW
    for each in told:
        if each != " ":
            vital = observe(vital, seen(each == "+", at), MANNERS)
        at += every
    return vital


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("", UNKNOWN),
        ("+", WELL),
        ("-", UNKNOWN),
        ("--", UNKNOWN),
        ("---", ILL),
        ("-+", WELL),
        ("+-", WELL),
        ("+--", WELL),
        ("+---", ILL),
        ("+--+--", WELL),
        ("+-+-+-+-", WELL),
        ("+---+", ILL),
        ("+---++", ILL),
        ("+---+++", WELL),
        ("---++-++-++", ILL),
        ("+---      +", WELL),
        ("+---      -", ILL),
        ("+      ---", ILL),
    ],
)
def test_a_change_is_believed_when_it_was_seen_three_times_in_a_row(told: str, expected: Health) -> None:
    assert expected is after(told).health


@given(st.text(alphabet="+-", max_size=60))
def test_a_service_that_flaps_changes_at_most_once_in_three_looks(told: str) -> None:
    vital, changes = Vital("polly"), 0
    for n, each in enumerate(told):
        following = observe(vital, seen(each == "+", NOW + n * SECOND), MANNERS)
        changes += following.health is not vital.health
        vital = following

    assert changes <= 1 + len(told) // 3


def test_an_observation_is_kept_with_all_that_it_tells() -> None:
    first = observe(Vital("polly", version=4), seen(False, latency=0.25, notes=("gone soon",)), MANNERS)
    second = observe(first, seen(at=NOW + SECOND, source=Source.CALL, latency=1.0), MANNERS)

    assert (ILL, 1, NOW, Source.PROBE) == (first.candidate, first.seen, first.seen_at, first.source)
    assert ("503", NOW, ("gone soon",), (250,)) == (first.error, first.error_at, first.notes, first.latencies)
    assert (WELL, NOW + SECOND, Source.CALL) == (second.health, second.since, second.source)
    assert ("503", NOW, ("gone soon",)) == (second.error, second.error_at, second.notes)
    assert ((250, 1000), 4) == (second.latencies, second.version)


def test_a_probe_that_warns_no_more_takes_its_warning_back() -> None:
    warned = observe(Vital("polly"), seen(notes=("gone soon",)), MANNERS)

    assert () == observe(warned, seen(), MANNERS).notes


def test_an_observation_that_comes_late_changes_nothing() -> None:
    vital = after("+")

    assert vital is observe(vital, seen(False, NOW - SECOND), MANNERS)
    assert vital is observe(vital, seen(False, NOW - MANNERS.stale), MANNERS)
    assert vital is not observe(vital, seen(False, NOW), MANNERS)


def test_after_the_clock_was_set_back_services_are_seen_again() -> None:
    ill = after("---")
    yesterday = NOW - DAY

    assert UNKNOWN is current(ill, yesterday, MANNERS)
    well = observe(ill, seen(at=yesterday), MANNERS)
    assert (WELL, yesterday) == (well.health, well.since)
    assert WELL is current(well, yesterday, MANNERS)


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, WELL), (120, WELL), (121, UNKNOWN), (-120, WELL), (-121, UNKNOWN)]
)
def test_what_was_not_seen_for_long_is_unknown(seconds: int, expected: Health) -> None:
    assert expected is current(after("+"), NOW + seconds * SECOND, MANNERS)


def test_a_service_that_nobody_saw_is_unknown() -> None:
    assert UNKNOWN is current(Vital("polly"), NOW, MANNERS)


@pytest.mark.parametrize(
    ("vital", "seconds", "expected"),
    [
        (Vital("polly"), 0, True),
        (Vital("polly", next_probe=NOW + 10 * SECOND), 0, False),
        (Vital("polly", next_probe=NOW + 10 * SECOND), 10, True),
        (Vital("polly", next_probe=NOW + 33 * SECOND), 0, False),
        (Vital("polly", next_probe=NOW + 34 * SECOND), 0, True),
        (observe(Vital("polly"), seen(source=Source.CALL), MANNERS), 29, False),
        (observe(Vital("polly"), seen(source=Source.CALL), MANNERS), 30, True),
        (observe(Vital("polly"), seen(source=Source.CALL), MANNERS), -29, False),
        (observe(Vital("polly"), seen(source=Source.CALL), MANNERS), -86_400, True),
        (observe(Vital("polly"), seen(source=Source.PROBE), MANNERS), 1, True),
        (observe(Vital("polly"), seen(False, source=Source.CALL), MANNERS), 1, True),
        (replace(after("+"), source=Source.CALL, seen_at=None), 1, True),
    ],
)
def test_a_service_is_looked_at_when_its_calls_do_not_tell_enough(
    vital: Vital, seconds: int, expected: bool
) -> None:
    assert expected is probe_is_due(vital, NOW + seconds * SECOND, MANNERS)


@pytest.mark.parametrize(("dice", "seconds"), [(0.0, 27), (0.5, 30), (1.0, 33)])
def test_probes_of_many_do_not_fall_together(dice: float, seconds: int) -> None:
    following = next_probe(NOW, MANNERS, dice)

    assert NOW + seconds * SECOND == following
    assert not probe_is_due(Vital("polly", next_probe=following), NOW, MANNERS)


def test_the_middle_of_the_newest_response_times_is_told() -> None:
    vital = Vital("polly")
    assert latency(vital) is None

    for n, milliseconds in enumerate([9_000, *range(1, KEPT + 1)]):
        vital = observe(vital, seen(at=NOW + n * SECOND, latency=milliseconds / 1000), MANNERS)

    assert tuple(range(1, KEPT + 1)) == vital.latencies
    assert KEPT // 2 + 1 == latency(vital)
    assert vital.latencies == observe(vital, seen(at=NOW + DAY), MANNERS).latencies


def test_when_a_call_told_last_is_kept_through_free_looks() -> None:
    called = observe(Vital("polly"), seen(source=Source.CALL), MANNERS)
    looked = observe(called, seen(at=NOW + 20 * SECOND), MANNERS)

    assert (Source.PROBE, NOW) == (looked.source, looked.called_at)
    assert called_lately(looked, NOW + 20 * SECOND, within=21 * SECOND)
    assert not called_lately(looked, NOW + 21 * SECOND, within=21 * SECOND)
    assert not called_lately(looked, NOW - DAY, within=21 * SECOND)
    assert not called_lately(after("+"), NOW, within=DAY)
