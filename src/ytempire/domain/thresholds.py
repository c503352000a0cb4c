"""The three lines of a day's quota that are told when they are crossed, and how loud a share of it is.

A crossing counts what was sent (work and reads), not what is only promised. It is told once for each project,
bucket and day; at the reset the day is another one, and so it is over by itself.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.quota import Bucket, LedgerLine
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import ProjectId

THRESHOLDS: Mapping[int, Level] = {70: Level.INFO, 80: Level.WARNING, 90: Level.CRITICAL}
"""Percent of a limit, and the level of crossing it."""


class Colour(StrEnum):
    """How a share is shown: below 70 %, from 70, from 80, from 90 % or closed."""

    GREEN = "green"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"


_COLOURS = {0: Colour.GREEN, 70: Colour.YELLOW, 80: Colour.ORANGE, 90: Colour.RED}


def line_at(limit: int, percent: int) -> int:
    """The units at which a threshold is reached, rounded down like ceiling and hard stop."""
    return limit * percent // 100


def reached(limit: int, sent: int) -> int:
    """The highest threshold that so many units sent reach, in percent; 0 below all of them."""
    return max((each for each in THRESHOLDS if sent and sent >= line_at(limit, each)), default=0)


def colour(line: LedgerLine) -> Colour:
    """The colour of a line: of what was sent, or red when Google closed it."""
    return Colour.RED if line.closed is not None else _COLOURS[reached(line.limit, line.sent)]


def with_drift(closed: Event, *, sent: int, limit: int) -> Event:
    """The event of a closing with what our own count was when Google said that nothing is left."""
    return replace(closed, data={**closed.data, "used": sent, "limit": limit, "drift": max(0, limit - sent)})


def crossing(
    where: tuple[ProjectId, Bucket, QuotaDay], *, limit: int, sent: int, told: int, at: datetime
) -> Event | None:
    """The event of a crossing; None when all that is reached was told before (`told`, in percent).

    One request that crosses several lines is told once, at the highest; `crossed` names them all.
    """
    percent = reached(limit, sent)
    if percent <= told:
        return None
    project, bucket, day = where
    data = {
        "bucket": str(bucket),
        "day": str(day),
        "percent": percent,
        "crossed": [each for each in THRESHOLDS if told < each <= percent],
        "used": sent,
        "limit": limit,
        "why": f"{sent} of {limit} {bucket} were sent on quota day {day}",
    }
    return Event(Kind.QUOTA_THRESHOLD, at, THRESHOLDS[percent], project=project, data=data)
