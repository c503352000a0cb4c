"""What so many videos would cost on a fresh day, and how many uploads are still possible today.

Sums over prices and lines, without windows, spacing or order: those are the planner's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ytempire.domain.accounts import Account, Condition
from ytempire.domain.quota import CEILING_PERCENT, Bucket, Cost, LedgerLine, Method, Profile, ceiling
from ytempire.domain.values import ProjectId, Refusal, Refused

EXTRAS: Mapping[str, Method] = {
    "thumbnail": Method.THUMBNAILS_SET,
    "update": Method.VIDEOS_UPDATE,
    "playlist": Method.PLAYLIST_ITEMS_INSERT,
    "caption": Method.CAPTIONS_INSERT,
}
"""What a video may have besides its bytes, by the words of the command line and the configuration."""

_MOST_OF_ONE = 50


@dataclass(frozen=True, slots=True)
class Need:
    """What the videos need of one bucket, beside what a fresh day has. `room` is how many videos it carries."""

    bucket: Bucket
    each: int
    total: int
    limit: int
    room: int

    @property
    def ceiling(self) -> int:
        """The most that planned work may take."""
        return ceiling(self.limit)

    @property
    def percent(self) -> float:
        """The share of the limit that they take."""
        return 100 * self.total / self.limit if self.limit else 100.0

    @property
    def limit_needed(self) -> int:
        """The smallest limit below whose ceiling they fit: what to ask Google for."""
        return -(-self.total * 100 // CEILING_PERCENT)

    @property
    def fits(self) -> bool:
        """Do they fit below the ceiling?"""
        return self.total <= self.ceiling


@dataclass(frozen=True, slots=True)
class Supposed:
    """What so many videos would be on one fresh day of one project. `room` is how many fit."""

    videos: int
    needs: tuple[Need, ...]

    @property
    def room(self) -> int:
        """How many such videos the day carries."""
        return min(need.room for need in self.needs)

    @property
    def fits(self) -> bool:
        """Do all of them fit?"""
        return all(need.fits for need in self.needs)

    @property
    def binding(self) -> Bucket:
        """The bucket that is used up first."""
        return min(self.needs, key=lambda need: (need.room, -need.percent, need.bucket)).bucket


def extras(text: str) -> tuple[Method, ...]:
    """The requests of one video: its insert, and those of extras written like `thumbnail,caption:2`.

    Also `thumbnail,caption=2`, the words in the plural, and `none`. Raises `Refused` for what is no extra.
    """
    methods = [Method.VIDEOS_INSERT]
    for part in filter(None, (each.strip() for each in text.split(","))):
        name, _, number = part.replace("=", ":").partition(":")
        method = EXTRAS.get(name.removesuffix("s"))
        times = 1 if name == part else int(number) if number.isascii() and number.isdecimal() else 0
        if part == "none":
            continue
        if method is None or not 1 <= times <= _MOST_OF_ONE:
            remedy = f"use {', '.join(EXTRAS)}, each perhaps with a number up to {_MOST_OF_ONE}, or none"
            message = f"{part!r} is no extra of a video"
            raise Refused(Refusal("extras", "extra_unknown", message, f"{remedy}, like thumbnail,caption:2"))
        methods += [method] * times
    return tuple(methods)


def job(profile: Profile, methods: Iterable[Method]) -> Cost:
    """What the whole job of one video costs by a price list."""
    return profile.cost((*methods, *profile.more_inserts))


def what_if(videos: int, cost: Cost, limits: Mapping[Bucket, int]) -> Supposed:
    """So many videos of this cost on a fresh day with these limits; a bucket without a limit has none to give."""
    needs = []
    for bucket, units in sorted(cost.units.items()):
        limit = limits.get(bucket, 0)
        needs.append(Need(bucket, units, units * videos, limit, ceiling(limit) // units))
    return Supposed(videos, tuple(needs))


@dataclass(frozen=True, slots=True)
class Room:
    """How many more uploads of a kind are possible today, in one project.

    `by_quota` is what the buckets leave, `by_accounts` what the daily caps of accounts in service leave, also those
    that were learned; `by_reserves` what those of reserves leave that stand by, and are not counted in `uploads`.
    """

    project: ProjectId
    by_quota: int
    by_accounts: int
    by_reserves: int = 0

    @property
    def uploads(self) -> int:
        """How many are possible."""
        return min(self.by_quota, self.by_accounts)

    @property
    def more_on_reserves(self) -> int:
        """How many more are possible on reserves that stand by."""
        return min(self.by_quota - self.uploads, self.by_reserves)


def room(
    project: ProjectId, cost: Cost, lines: Iterable[LedgerLine], accounts: Iterable[Account], now: datetime
) -> Room:
    """How many more uploads of this cost a project can carry today."""
    free = {line.bucket: line.free for line in lines if line.project == project}
    by_quota = min(free.get(bucket, 0) // units for bucket, units in cost.units.items())
    left = {Condition.ACTIVE: 0, Condition.STANDBY: 0}
    for account in accounts:
        if account.project == project and account.condition in left:
            left[account.condition] += max(0, account.cap(now) - account.uploads_today)
    return Room(project, by_quota, left[Condition.ACTIVE], left[Condition.STANDBY])
