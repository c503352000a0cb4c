"""When a token is renewed ahead of its end, and which ends of a grant can be seen coming."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW
from ytempire.domain.renewal import (
    AHEAD,
    IDLE_GRANT,
    IDLE_PROJECT,
    ROUND,
    TESTING_LIFE,
    End,
    Forecast,
    forecasts,
    is_due,
)

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def told(
    *,
    connected_at: datetime = NOW,
    refreshed_at: datetime | None = NOW,
    ends_at: datetime | None = None,
    project_used_at: datetime | None = None,
    now: datetime = NOW,
) -> list[tuple[End, datetime]]:
    found: tuple[Forecast, ...] = forecasts(
        connected_at=connected_at,
        refreshed_at=refreshed_at,
        ends_at=ends_at,
        project_used_at=project_used_at,
        now=now,
    )
    assert all(each.message and each.remedy for each in found)
    return [(each.end, each.at) for each in found]


def test_the_times_are_those_of_the_brief() -> None:
    assert (timedelta(minutes=30), timedelta(minutes=5)) == (AHEAD, ROUND)


@pytest.mark.parametrize(
    ("left", "due"),
    [
        (AHEAD + SECOND, False),
        (AHEAD, True),
        (AHEAD - SECOND, True),
        (timedelta(0), True),
        (-DAY, True),
    ],
)
def test_a_token_is_renewed_when_half_an_hour_is_left(left: timedelta, due: bool) -> None:
    assert due == is_due(NOW + left, NOW)


def test_a_token_whose_end_is_not_known_is_renewed_at_once() -> None:
    assert is_due(None, NOW)


@given(st.integers(0, 5 * 60 - 1), st.integers(1801, 86_400))
def test_whenever_rounds_begin_a_token_is_renewed_with_25_to_30_minutes_left(first: int, life: int) -> None:
    moment = NOW + first * SECOND
    ends = NOW + life * SECOND
    while not is_due(ends, moment):
        moment += ROUND

    left = ends - moment
    assert left <= AHEAD
    assert left > AHEAD - ROUND or moment == NOW + first * SECOND


def test_a_grant_in_use_has_no_end_in_sight() -> None:
    assert [] == told(project_used_at=NOW)


@pytest.mark.parametrize(("ahead", "expected"), [(14 * DAY + SECOND, 0), (14 * DAY, 1), (-DAY, 1)])
def test_an_end_is_told_of_a_fortnight_before_and_ever_after(ahead: timedelta, expected: int) -> None:
    assert expected == len(told(refreshed_at=NOW - IDLE_GRANT + ahead))


def test_six_months_without_use_end_a_grant() -> None:
    unused = NOW - 170 * DAY

    assert [(End.IDLE_GRANT, unused + IDLE_GRANT)] == told(connected_at=unused, refreshed_at=None)
    assert [] == told(connected_at=unused, refreshed_at=NOW)


def test_ninety_days_without_a_request_endanger_the_quota_of_a_project() -> None:
    unused = NOW - 80 * DAY

    assert [(End.IDLE_PROJECT, unused + IDLE_PROJECT)] == told(project_used_at=unused)
    assert [] == told(project_used_at=None)


@pytest.mark.parametrize(
    ("life", "end"),
    [
        (timedelta(hours=1), End.TESTING),
        (TESTING_LIFE, End.TESTING),
        (TESTING_LIFE + timedelta(hours=1), End.TESTING),
        (TESTING_LIFE + timedelta(hours=1, seconds=1), End.LIMITED),
        (14 * DAY, End.LIMITED),
    ],
)
def test_an_end_that_google_announced_is_of_testing_when_it_comes_within_a_week(
    life: timedelta, end: End
) -> None:
    assert [(end, NOW + life)] == told(ends_at=NOW + life)


def test_ends_are_told_soonest_first() -> None:
    found = told(
        connected_at=NOW - 400 * DAY,
        refreshed_at=NOW - 175 * DAY,
        ends_at=NOW + 9 * DAY,
        project_used_at=NOW - 91 * DAY,
    )

    assert [End.IDLE_PROJECT, End.IDLE_GRANT, End.LIMITED] == [end for end, _ in found]
