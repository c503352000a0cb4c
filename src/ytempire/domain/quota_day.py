"""The day that quota counts by: midnight to midnight in Pacific time, whatever the host's zone.

Source: "Daily quotas reset at midnight Pacific Time", determine_quota_cost. Such a day has 23 or 25 hours
when daylight saving time begins or ends; `zoneinfo` with the `tzdata` package knows when.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from ytempire.domain.values import utc

PACIFIC = ZoneInfo("America/Los_Angeles")


@dataclass(frozen=True, slots=True, order=True)
class QuotaDay:
    """One Pacific calendar day."""

    date: date

    @classmethod
    def of(cls, moment: datetime) -> Self:
        """The quota day that an aware moment falls in. Raises `ValueError` for a naive one."""
        return cls(utc(moment).astimezone(PACIFIC).date())

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `YYYY-MM-DD`, as stored."""
        return cls(date.fromisoformat(text))

    @property
    def starts(self) -> datetime:
        """Its first moment, in UTC."""
        return datetime.combine(self.date, time(), PACIFIC).astimezone(UTC)

    @property
    def resets(self) -> datetime:
        """The moment its quota is given anew: the first moment of the next day, in UTC."""
        return datetime.combine(self.date + timedelta(days=1), time(), PACIFIC).astimezone(UTC)

    def __str__(self) -> str:
        return self.date.isoformat()
