"""Prices, daily allowances and what each project has spent. Nothing here talks to anybody.

Prices: developers.google.com/youtube/v3/determine_quota_cost, as of 2026-11 and its earlier states.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ytempire.emulator.errors import ApiError

PACIFIC = ZoneInfo("America/Los_Angeles")
UPLOADS, SEARCHES, UNITS = "uploads", "searches", "units"
BUCKETS = (UPLOADS, SEARCHES, UNITS)

_UNIT_PRICES = {
    "videos.list": 1,
    "videos.update": 50,
    "videos.delete": 50,
    "thumbnails.set": 50,
    "captions.list": 50,
    "captions.insert": 400,
    "playlists.list": 1,
    "playlists.insert": 50,
    "playlistItems.list": 1,
    "playlistItems.insert": 50,
    "channels.list": 1,
}

# The bucket refusal of uploads is 429 with this metric (google-api-python-client issue 2753).
_METRICS = {UPLOADS: "Video Uploads", SEARCHES: "Search Queries"}


@dataclass(frozen=True, slots=True)
class Price:
    """What one call takes, and from which bucket."""

    bucket: str
    amount: int


@dataclass(frozen=True, slots=True)
class Profile:
    """A dated price list with its daily allowances."""

    limits: Mapping[str, int]
    prices: Mapping[str, Price]


def _profile(limits: Mapping[str, int], *, insert: Price, search: Price) -> Profile:
    prices = {method: Price(UNITS, amount) for method, amount in _UNIT_PRICES.items()}
    return Profile(limits, prices | {"videos.insert": insert, "search.list": search})


PROFILES: Mapping[str, Profile] = {
    "buckets-2026": _profile(
        {UPLOADS: 100, SEARCHES: 100, UNITS: 10_000}, insert=Price(UPLOADS, 1), search=Price(SEARCHES, 1)
    ),
    "units-2025-12": _profile({UNITS: 10_000}, insert=Price(UNITS, 100), search=Price(UNITS, 100)),
    "units-2025": _profile({UNITS: 10_000}, insert=Price(UNITS, 1600), search=Price(UNITS, 100)),
}


def pacific_day(now: datetime) -> date:
    """The quota day of a moment: it turns at midnight in Los Angeles, daylight saving included."""
    return now.astimezone(PACIFIC).date()


@dataclass(slots=True)
class Standing:
    """One project's standing with the quota: its price list, allowances and number."""

    project: str
    number: str
    profile: str
    limits: Mapping[str, int]

    def price(self, method: str) -> Price:
        """The price of a method; every method that exists has one."""
        return PROFILES[self.profile].prices[method]

    def limit(self, bucket: str) -> int | None:
        """The daily allowance of a bucket; None where this profile does not have it."""
        return self.limits.get(bucket, PROFILES[self.profile].limits.get(bucket))


class Books:
    """What each project spent, by bucket and Pacific day."""

    def __init__(self) -> None:
        """Start with empty pages."""
        self._spent: Counter[tuple[str, str, date]] = Counter()

    def spent(self, project: str, bucket: str, day: date) -> int:
        """Units spent from a bucket on that Pacific day."""
        return self._spent[project, bucket, day]

    def check(self, standing: Standing, method: str, now: datetime) -> Price:
        """The price of a call that the bucket can still pay.

        Raises:
            ApiError: It cannot: 429 for buckets of their own, 403 quotaExceeded for the pool of units.
        """
        price = standing.price(method)
        limit = standing.limit(price.bucket)
        spent = self.spent(standing.project, price.bucket, pacific_day(now))
        if limit is not None and spent + price.amount > limit:
            raise _exhausted(standing, price.bucket)
        return price

    def take(self, project: str, bucket: str, amount: int, now: datetime) -> None:
        """Write a charge down; charges are never refunded."""
        self._spent[project, bucket, pacific_day(now)] += amount

    def pages(self) -> list[dict[str, str | int]]:
        """Every non-empty page: project, bucket, Pacific day and what was spent."""
        return [
            {"project": project, "bucket": bucket, "day": day.isoformat(), "spent": spent}
            for (project, bucket, day), spent in sorted(self._spent.copy().items())
            if spent
        ]


def _exhausted(standing: Standing, bucket: str) -> ApiError:
    if bucket in _METRICS:
        metric = _METRICS[bucket]
        return ApiError(
            429,
            "rateLimitExceeded",
            f"Quota exceeded for quota metric '{metric}' and limit '{metric} per day' of service "
            f"'youtube.googleapis.com' for consumer 'project_number:{standing.number}'.",
            domain="global",
            detail_reason="RATE_LIMIT_EXCEEDED",
        )
    return ApiError(
        403,
        "quotaExceeded",
        "The request cannot be completed because you have exceeded your "
        '<a href="/youtube/v3/getting-started#quota">quota</a>.',
        domain="youtube.quota",
    )
