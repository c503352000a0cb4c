"""Prices and allowances of the YouTube Data API as dated data, and the arithmetic of a day's ledger.

Work (inserts, thumbnails, captions, playlist entries) is planned and held to the ceiling of 80 %, inclusive.
Overhead (cheap reads such as status polls) is not planned: it lives in the margin between the ceiling and
the hard stop of 90 %, beyond which nothing is sent at all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import ProjectId

CEILING_PERCENT = 80
HARD_STOP_PERCENT = 90


class Bucket(StrEnum):
    """A daily allowance of a project."""

    UPLOADS = "uploads"
    SEARCHES = "searches"
    UNITS = "units"


class Method(StrEnum):
    """The API methods we send, by Google's own names."""

    VIDEOS_INSERT = "videos.insert"
    VIDEOS_UPDATE = "videos.update"
    VIDEOS_DELETE = "videos.delete"
    VIDEOS_LIST = "videos.list"
    THUMBNAILS_SET = "thumbnails.set"
    CAPTIONS_INSERT = "captions.insert"
    CAPTIONS_LIST = "captions.list"
    PLAYLISTS_INSERT = "playlists.insert"
    PLAYLISTS_LIST = "playlists.list"
    PLAYLIST_ITEMS_INSERT = "playlistItems.insert"
    PLAYLIST_ITEMS_LIST = "playlistItems.list"
    CHANNELS_LIST = "channels.list"
    SEARCH_LIST = "search.list"


class Purpose(StrEnum):
    """What an account's own part of its project's quota may be for; `total` is all of it together."""

    UPLOADS = "uploads"
    METADATA = "metadata"
    THUMBNAILS = "thumbnails"
    TOTAL = "total"


class UnknownPrice(LookupError):
    """A method that the profile has no price for. Nothing is ever free by omission."""


@dataclass(frozen=True, slots=True)
class Price:
    """What one request costs, from which bucket, and what for. `overhead`: a cheap read that is not planned."""

    bucket: Bucket
    units: int
    overhead: bool = False
    purpose: Purpose = Purpose.METADATA


@dataclass(frozen=True, slots=True)
class Cost:
    """A sum of planned work per bucket. Adds up; a bucket that is not named costs nothing.

    `parts` is the same work by its purpose, for accounts that have a part of their own.
    """

    units: Mapping[Bucket, int] = field(default_factory=dict)
    parts: Mapping[Purpose, int] = field(default_factory=dict, compare=False)

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(added(self.units, other.units), added(self.parts, other.parts))

    def of(self, bucket: Bucket) -> int:
        """Units of one bucket."""
        return self.units.get(bucket, 0)


@dataclass(frozen=True, slots=True)
class Allotment:
    """What a job takes of its account's own part of the day, and how large that part is: both by purpose.

    A purpose that `limits` does not name is not limited; `total` limits all of them together.
    """

    needs: Mapping[Purpose, int]
    limits: Mapping[Purpose, int]

    def short_of(self, taken: Mapping[Purpose, int]) -> Purpose | None:
        """The first limit that stands in the way when so much is taken already; None when nothing does."""
        for purpose, limit in sorted(self.limits.items()):
            needed = of_purpose(self.needs, purpose)
            if needed and of_purpose(taken, purpose) + needed > limit:
                return purpose
        return None


def of_purpose(parts: Mapping[Purpose, int], purpose: Purpose) -> int:
    """Units for a purpose; for `total` those for all."""
    return sum(parts.values()) if purpose is Purpose.TOTAL else parts.get(purpose, 0)


_Key = TypeVar("_Key", bound=StrEnum)


def added(some: Mapping[_Key, int], others: Mapping[_Key, int]) -> dict[_Key, int]:
    """Two sums together."""
    return {key: some.get(key, 0) + others.get(key, 0) for key in sorted({*some, *others})}


@dataclass(frozen=True, slots=True)
class Profile:
    """A dated price list: bucket sizes a project gets by default and the price of each method.

    `valid_from` and `valid_to` (exclusive) are the dates between which Google charged so. Nobody outside
    Google knows at which moment an insert is charged; `inserts_charged_twice` is for the worst case.
    """

    name: str
    valid_from: date
    valid_to: date | None
    source: str
    limits: Mapping[Bucket, int]
    prices: Mapping[Method, Price]
    inserts_charged_twice: bool = False

    @property
    def more_inserts(self) -> tuple[Method, ...]:
        """What an upload costs on top of its start: nothing, or a second insert when its end is charged too."""
        return (Method.VIDEOS_INSERT,) if self.inserts_charged_twice else ()

    @property
    def edition(self) -> tuple[str, bool]:
        """What tells it from every other price list: projects of one edition have the same prices."""
        return self.name, self.inserts_charged_twice

    def price(self, method: str) -> Price:
        """The price of a method. Raises `UnknownPrice`, never answers 0 for what it does not know."""
        try:
            return self.prices[Method(method)]
        except (KeyError, ValueError) as unknown:
            raise UnknownPrice(f"profile {self.name} has no price for {method!r}") from unknown

    def cost(self, methods: Iterable[str]) -> Cost:
        """The planned cost of a list of requests; overhead is left out, see the head of this module."""
        total: dict[Bucket, int] = {}
        parts: dict[Purpose, int] = {}
        for price in map(self.price, methods):
            if not price.overhead:
                total[price.bucket] = total.get(price.bucket, 0) + price.units
                parts[price.purpose] = parts.get(price.purpose, 0) + price.units
        return Cost({bucket: total[bucket] for bucket in sorted(total)}, parts)


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One bucket of one project on one quota day.

    `used` is planned work already sent, `overhead` reads already sent, `reserved` promised to publications
    that were started. `closed` is the reason Google gave for refusing more today, or None.
    """

    project: ProjectId
    bucket: Bucket
    day: QuotaDay
    limit: int
    used: int = 0
    overhead: int = 0
    reserved: int = 0
    closed: str | None = None

    @property
    def ceiling(self) -> int:
        """The most that planned work may take, inclusive."""
        return ceiling(self.limit)

    @property
    def hard_stop(self) -> int:
        """The most that may be sent at all."""
        return hard_stop(self.limit)

    @property
    def sent(self) -> int:
        """Everything sent: work and reads."""
        return self.used + self.overhead

    @property
    def total(self) -> int:
        """Everything sent and promised."""
        return self.used + self.overhead + self.reserved

    @property
    def free(self) -> int:
        """What a new publication may still take today; 0 when closed."""
        if self.closed is not None:
            return 0
        return max(0, min(self.ceiling - self.used - self.reserved, self.hard_stop - self.total))

    def fits(self, units: int) -> bool:
        """May a new publication reserve this much?"""
        planned = self.used + self.reserved + units <= self.ceiling
        return self.closed is None and planned and self.total + units <= self.hard_stop

    @property
    def percent(self) -> float:
        """Used and overhead together, as a share of the limit in percent."""
        return 100 * self.sent / self.limit if self.limit else 100.0

    @property
    def drift(self) -> int | None:
        """What Google had counted beyond us when it refused more: the rest of the limit. None while open.

        Others use the project beside us, or its limit is not the one configured.
        """
        return None if self.closed is None else max(0, self.limit - self.sent)


def ceiling(limit: int) -> int:
    """80 % of a limit, rounded down."""
    return limit * CEILING_PERCENT // 100


def hard_stop(limit: int) -> int:
    """90 % of a limit, rounded down."""
    return limit * HARD_STOP_PERCENT // 100


def possible_ever(limit: int, units: int) -> bool:
    """Would this much fit on a fresh day? If not, waiting for a reset is no remedy."""
    return units <= ceiling(limit)


def reset_after(now: datetime) -> datetime:
    """The next moment at which buckets are full again, in UTC."""
    return QuotaDay.of(now).resets


_READ = Price(Bucket.UNITS, 1, overhead=True)
_WRITE = Price(Bucket.UNITS, 50)
_COMMON: dict[Method, Price] = {
    Method.VIDEOS_UPDATE: _WRITE,
    Method.VIDEOS_DELETE: _WRITE,
    Method.VIDEOS_LIST: _READ,
    Method.THUMBNAILS_SET: Price(Bucket.UNITS, 50, purpose=Purpose.THUMBNAILS),
    Method.CAPTIONS_INSERT: Price(Bucket.UNITS, 400),
    Method.CAPTIONS_LIST: Price(Bucket.UNITS, 50, overhead=True),
    Method.PLAYLISTS_INSERT: _WRITE,
    Method.PLAYLISTS_LIST: _READ,
    Method.PLAYLIST_ITEMS_INSERT: _WRITE,
    Method.PLAYLIST_ITEMS_LIST: _READ,
    Method.CHANNELS_LIST: _READ,
}


def _units_profile(name: str, valid_from: date, valid_to: date, insert: int, source: str) -> Profile:
    prices = _COMMON | {
        Method.VIDEOS_INSERT: Price(Bucket.UNITS, insert, purpose=Purpose.UPLOADS),
        Method.SEARCH_LIST: Price(Bucket.UNITS, 100, overhead=True),
    }
    return Profile(name, valid_from, valid_to, source, {Bucket.UNITS: 10_000}, prices)


BUCKETS_2026 = Profile(
    name="buckets-2026",
    valid_from=date(2026, 6, 1),
    valid_to=None,
    source="developers.google.com/youtube/data/determine_quota_cost; revision history, 2026-06-01",
    limits={Bucket.UPLOADS: 100, Bucket.SEARCHES: 100, Bucket.UNITS: 10_000},
    prices=_COMMON
    | {
        Method.VIDEOS_INSERT: Price(Bucket.UPLOADS, 1, purpose=Purpose.UPLOADS),
        Method.SEARCH_LIST: Price(Bucket.SEARCHES, 1, overhead=True),
    },
)
UNITS_2025_12 = _units_profile(
    "units-2025-12", date(2025, 12, 4), date(2026, 6, 1), 100, "revision history, 2025-12-04"
)
UNITS_2025 = _units_profile(
    "units-2025", date(2020, 7, 29), date(2025, 12, 4), 1600, "determine_quota_cost as of January 2025"
)
PROFILES: Mapping[str, Profile] = {
    profile.name: profile for profile in (BUCKETS_2026, UNITS_2025_12, UNITS_2025)
}
