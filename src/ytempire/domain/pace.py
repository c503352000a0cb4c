"""How fast a bucket is used up, and when it will be empty at that rate.

Two counters are kept beside each line of the ledger: what was sent in the present hour and in the one before,
so that a rate over one to two hours costs no further statement and no further row.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Self

from ytempire.domain.quota import LedgerLine
from ytempire.domain.values import utc

HOUR = timedelta(hours=1)
LEAST_SPAN = timedelta(minutes=30)
"""A rate is never taken over less, so that the first requests of a day do not look like a flood."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def hour_of(moment: datetime) -> int:
    """The number of the hour that a moment falls in, in UTC since 1970; the same on days of any length."""
    return (utc(moment) - _EPOCH) // HOUR


@dataclass(frozen=True, slots=True)
class Pace:
    """Units sent in an hour (numbered by `hour_of`) and in the one before it, work and reads together."""

    hour: int = 0
    this_hour: int = 0
    last_hour: int = 0

    def at(self, hour: int) -> Self:
        """The same counters seen from a later hour."""
        if hour == self.hour:
            return self
        last = self.this_hour if hour == self.hour + 1 else 0
        return replace(self, hour=hour, this_hour=0, last_hour=last)

    def after(self, units: int, hour: int) -> Self:
        """The counters after so many more units in an hour."""
        seen = self.at(hour)
        return replace(seen, this_hour=seen.this_hour + units)

    def without(self, units: int) -> Self:
        """The counters after a charge was taken back."""
        return replace(self, this_hour=max(0, self.this_hour - units))


def burn_rate(line: LedgerLine, pace: Pace, now: datetime) -> float:
    """Units an hour since the beginning of the hour before this one, or of the quota day.

    What was charged for the day before it began (around midnight both days pay) is no part of its rate.
    """
    seen = pace.at(hour_of(now))
    since, units = _EPOCH + HOUR * (seen.hour - 1), seen.this_hour + seen.last_hour
    if since < line.day.starts:
        since, units = line.day.starts, seen.this_hour
    return units * (HOUR / max(now - since, LEAST_SPAN))


def empty_at(line: LedgerLine, rate: float, now: datetime) -> datetime | None:
    """When nothing more is sent if it goes on at this rate; None when the day ends before.

    A bucket that is at its hard stop, or closed, is empty now.
    """
    left = 0 if line.closed is not None else max(0, line.hard_stop - line.sent)
    if left and rate * ((line.day.resets - now) / HOUR) < left:
        return None
    return now + HOUR * (left / rate) if left else now
