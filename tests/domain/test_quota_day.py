"""The quota day: Pacific midnights, whatever the host's zone and the season."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytempire.domain.quota_day import PACIFIC, QuotaDay

SPRING = QuotaDay(date(2026, 3, 8))
AUTUMN = QuotaDay(date(2026, 11, 1))


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 20, 7, 59, 59, 999_999, UTC), "2026-11-19"),
        (datetime(2026, 11, 20, 8, 0, tzinfo=UTC), "2026-11-20"),
        (datetime(2026, 7, 1, 6, 59, 59, tzinfo=UTC), "2026-06-30"),
        (datetime(2026, 7, 1, 7, 0, tzinfo=UTC), "2026-07-01"),
        (datetime(2026, 11, 20, 12, 0, tzinfo=timezone(timedelta(hours=14))), "2026-11-19"),
        (datetime(2026, 3, 8, 8, 0, tzinfo=UTC), "2026-03-08"),
        (datetime(2026, 3, 9, 7, 0, tzinfo=UTC), "2026-03-09"),
        (datetime(2026, 11, 1, 7, 0, tzinfo=UTC), "2026-11-01"),
        (datetime(2026, 11, 2, 7, 59, tzinfo=UTC), "2026-11-01"),
        (datetime(2026, 11, 2, 8, 0, tzinfo=UTC), "2026-11-02"),
    ],
)
def test_a_moment_falls_in_its_pacific_day(moment: datetime, day: str) -> None:
    assert day == str(QuotaDay.of(moment))


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="guess"):
        QuotaDay.of(datetime(2026, 11, 20, 8, 0))  # noqa: DTZ001  the mistake under test


@pytest.mark.parametrize(
    ("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (QuotaDay(date(2026, 7, 1)), 24)], ids=str
)
def test_a_day_has_as_many_hours_as_the_clock_change_leaves_it(day: QuotaDay, hours: int) -> None:
    assert timedelta(hours=hours) == day.resets - day.starts


def test_both_ends_are_in_utc() -> None:
    assert datetime(2026, 3, 8, 8, tzinfo=UTC) == SPRING.starts
    assert datetime(2026, 3, 9, 7, tzinfo=UTC) == SPRING.resets
    assert UTC is SPRING.starts.tzinfo
    assert UTC is SPRING.resets.tzinfo


def test_days_are_stored_as_text_and_ordered() -> None:
    assert SPRING == QuotaDay.parse("2026-03-08")
    assert "2026-03-08" == str(SPRING)
    assert SPRING < AUTUMN
    with pytest.raises(ValueError, match="Invalid isoformat"):
        QuotaDay.parse("today")


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_every_moment_lies_in_its_day_and_days_leave_no_gap(moment: datetime) -> None:
    day = QuotaDay.of(moment)

    assert day.starts <= moment < day.resets
    assert day == QuotaDay.of(day.starts) == QuotaDay.of(day.resets - timedelta(microseconds=1))
    assert day.resets == QuotaDay.of(day.resets).starts
    assert moment.astimezone(PACIFIC).date() == day.date
