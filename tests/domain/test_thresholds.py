"""The lines of a day's quota that are told, and the colours of its shares."""

from typing import Any

import pytest

from tests.builders import MAIN, NOW, TODAY, a_line, an_event
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.quota import Bucket
from ytempire.domain.thresholds import Colour, colour, crossing, line_at, reached, with_drift


def cross(sent: int, *, limit: int = 100, told: int = 0) -> Event | None:
    return crossing((MAIN, Bucket.UPLOADS, TODAY), limit=limit, sent=sent, told=told, at=NOW)


@pytest.mark.parametrize(
    ("limit", "sent", "percent"),
    [
        (100, 0, 0),
        (100, 69, 0),
        (100, 70, 70),
        (100, 79, 70),
        (100, 80, 80),
        (100, 89, 80),
        (100, 90, 90),
        (100, 250, 90),
        (9, 5, 0),
        (9, 6, 70),
        (9, 7, 80),
        (9, 8, 90),
        (0, 0, 0),
        (0, 1, 90),
    ],
)
def test_a_threshold_is_reached_inclusive_and_rounded_down(limit: int, sent: int, percent: int) -> None:
    assert percent == reached(limit, sent)


def test_the_lines_of_ceiling_and_hard_stop_are_thresholds() -> None:
    line = a_line(limit=12_345)

    assert (line.ceiling, line.hard_stop) == (line_at(12_345, 80), line_at(12_345, 90))


@pytest.mark.parametrize(
    ("sent", "level", "percent"),
    [(70, Level.INFO, 70), (80, Level.WARNING, 80), (90, Level.CRITICAL, 90)],
)
def test_a_crossing_is_as_loud_as_its_line(sent: int, level: Level, percent: int) -> None:
    event = cross(sent, told=percent - 10 if percent > 70 else 0)

    assert event is not None
    assert (Kind.QUOTA_THRESHOLD, level, MAIN, NOW) == (event.kind, event.level, event.project, event.at)
    assert {
        "bucket": "uploads",
        "day": str(TODAY),
        "percent": percent,
        "crossed": [percent],
        "used": sent,
        "limit": 100,
        "why": f"{sent} of 100 uploads were sent on quota day {TODAY}",
    } == event.data


def test_what_was_told_is_not_told_again() -> None:
    assert cross(69) is None
    assert cross(75, told=70) is None
    assert cross(75, told=80) is None
    assert cross(99, told=90) is None


def test_one_request_over_several_lines_is_told_once_and_names_them_all() -> None:
    event = cross(80)

    assert event is not None
    assert (Level.WARNING, [70, 80]) == (event.level, event.data["crossed"])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Colour.GREEN),
        ({"used": 6_999, "reserved": 1_001}, Colour.GREEN),
        ({"used": 6_990, "overhead": 10}, Colour.YELLOW),
        ({"used": 8_000}, Colour.ORANGE),
        ({"overhead": 9_000}, Colour.RED),
        ({"closed": "quotaExceeded"}, Colour.RED),
    ],
)
def test_the_colour_is_of_what_was_sent(changes: dict[str, Any], expected: Colour) -> None:
    assert expected is colour(a_line(**changes))


@pytest.mark.parametrize(("sent", "drift"), [(0, 100), (63, 37), (100, 0), (120, 0)])
def test_a_closing_tells_what_google_counted_beyond_us(sent: int, drift: int) -> None:
    told = with_drift(an_event(Kind.BUCKET_CLOSED, data={"why": "quotaExceeded"}), sent=sent, limit=100)

    assert {"why": "quotaExceeded", "used": sent, "limit": 100, "drift": drift} == told.data
    assert drift == a_line(limit=100, used=sent, closed="quotaExceeded").drift


def test_an_open_bucket_has_no_drift() -> None:
    assert a_line(used=50).drift is None
