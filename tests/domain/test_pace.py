"""How fast a bucket is used up, and when it will be empty."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW, TODAY, a_line
from ytempire.domain.pace import Pace, burn_rate, empty_at, hour_of

HOUR = hour_of(NOW)
HALF_PAST = NOW + timedelta(minutes=30)


def test_hours_are_numbered_in_utc_whatever_the_length_of_the_day() -> None:
    assert 0 == hour_of(datetime(1970, 1, 1, 0, 59, 59, tzinfo=UTC))
    assert 1 == hour_of(datetime(1970, 1, 1, 1, tzinfo=UTC))
    with pytest.raises(ValueError, match=r"zone|naive|aware"):
        hour_of(NOW.replace(tzinfo=None))


def test_charges_of_one_hour_add_up_and_the_hour_before_is_kept() -> None:
    pace = Pace().after(3, HOUR).after(4, HOUR)
    assert Pace(HOUR, 7, 0) == pace

    pace = pace.after(5, HOUR + 1)
    assert Pace(HOUR + 1, 5, 7) == pace
    assert Pace(HOUR + 3, 1, 0) == pace.after(1, HOUR + 3)


def test_what_is_taken_back_is_taken_from_the_present_hour_and_never_below_nothing() -> None:
    assert Pace(HOUR, 2, 9) == Pace(HOUR, 5, 9).without(3)
    assert Pace(HOUR, 0, 9) == Pace(HOUR, 1, 9).without(3)


@pytest.mark.parametrize(
    ("pace", "now", "rate"),
    [
        (Pace(), NOW, 0.0),
        (Pace(HOUR, 0, 60), NOW, 60.0),
        (Pace(HOUR, 30, 60), HALF_PAST, 60.0),
        (Pace(HOUR, 30, 60), NOW + timedelta(hours=1), 30.0),
        (Pace(HOUR, 30, 60), NOW + timedelta(hours=1, minutes=30), 20.0),
        (Pace(HOUR, 30, 60), NOW + timedelta(hours=2), 0.0),
    ],
)
def test_the_rate_is_taken_since_the_beginning_of_the_hour_before(
    pace: Pace, now: datetime, rate: float
) -> None:
    assert rate == pytest.approx(burn_rate(a_line(), pace, now))


@pytest.mark.parametrize(("minutes", "rate"), [(0, 20.0), (10, 20.0), (30, 20.0), (59, 600 / 59)])
def test_the_rate_of_a_young_day_is_taken_since_midnight_but_over_half_an_hour_at_least(
    minutes: int, rate: float
) -> None:
    before_midnight = 500
    pace = Pace(hour_of(TODAY.starts), 10, before_midnight)

    assert rate == pytest.approx(burn_rate(a_line(), pace, TODAY.starts + timedelta(minutes=minutes)))


@pytest.mark.parametrize(
    ("changes", "rate", "hours"),
    [
        ({}, 0.0, None),
        ({"used": 8_000}, 500.0, 2.0),
        ({"used": 7_000, "overhead": 1_000}, 500.0, 2.0),
        ({"used": 8_000, "reserved": 900}, 500.0, 2.0),
        ({}, 9_000 / 14, 14.0),
        ({}, 9_000 / 14.01, None),
        ({"used": 9_000}, 0.0, 0.0),
        ({"used": 9_100}, 10.0, 0.0),
        ({"used": 10, "closed": "quotaExceeded"}, 10.0, 0.0),
    ],
)
def test_a_bucket_is_empty_when_nothing_more_is_sent_or_lasts_until_the_reset(
    changes: dict[str, Any], rate: float, hours: float | None
) -> None:
    expected = None if hours is None else NOW + timedelta(hours=hours)
    found = empty_at(a_line(**changes), rate, NOW)

    assert (expected is None) == (found is None)
    if expected is not None and found is not None:
        assert abs(expected - found) < timedelta(seconds=1)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 100)), max_size=20),
    st.integers(0, 119),
)
def test_two_counters_hold_exactly_what_was_sent_in_the_last_two_hours(
    charges: list[tuple[int, int]], minutes: int
) -> None:
    pace, hour = Pace(), HOUR
    sent: dict[int, int] = {}
    for later, units in charges:
        hour += later
        pace = pace.after(units, hour)
        sent[hour] = sent.get(hour, 0) + units
    seen = hour + minutes // 60

    assert (sent.get(seen, 0), sent.get(seen - 1, 0)) == (pace.at(seen).this_hour, pace.at(seen).last_hour)
