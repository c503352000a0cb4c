"""The day to be planned, and its plan, as values: windows, demands, capacities; places, what is missed, and why.

A planned start lies on the grid of the day: within a window, a spacing apart. How the plan is found is in
planning_solve.py; what would make more fit is in planning_remedies.py. Moments are aware UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from ytempire.domain.publication import Target
from ytempire.domain.quota import Bucket, Method, Profile, Purpose
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.reserves import Policy
from ytempire.domain.values import AccountId, ProjectId


class Limit(StrEnum):
    """What stands in the way of one video more."""

    NO_ACCOUNT = "no_account"
    TIME = "time"
    SPACING = "spacing"
    DAILY_UPLOADS = "daily_uploads"
    ALLOCATION = "allocation"
    UPLOADS = "uploads"
    SEARCHES = "searches"
    UNITS = "units"


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the day in which uploads start. `share` says how much of the demand it should take."""

    name: str
    starts: datetime
    ends: datetime
    share: int


@dataclass(frozen=True, slots=True)
class Demand:
    """One video to be placed: what its whole job sends, where and when it may start.

    `not_before` is inclusive; it must start before `deadline`. Priority 1 is the most urgent. `earlier` is
    its place in the plan before this one, which it keeps if that costs nobody anything. A `long` one may not go to
    every channel. One that was started has a `home`, the project it was started in, which it does not leave for want
    of that project's quota (failover.py).
    """

    id: str
    methods: tuple[Method, ...]
    target: Target = field(default_factory=Target)
    priority: int = 5
    not_before: datetime | None = None
    deadline: datetime | None = None
    earlier: tuple[AccountId, datetime] | None = None
    long: bool = False
    home: ProjectId | None = None


@dataclass(frozen=True, slots=True)
class Capacity:
    """What an account can still take on one quota day.

    `allocation` is what is left of its own share of the project's quota, by purpose; a purpose that is not
    named is not limited. No planned start comes before `free_from`, nor within the spacing of a moment in
    `started`. An `obstacle` is why it can take nothing until a person acts. `learned`: YouTube takes no more than
    this of the channel, whatever is configured. `only_short`: it takes no long videos.
    """

    account: AccountId
    project: ProjectId
    day: QuotaDay
    uploads_left: int
    reserve: bool = False
    groups: frozenset[str] = frozenset()
    allocation: Mapping[Purpose, int] = field(default_factory=dict)
    started: tuple[datetime, ...] = ()
    free_from: datetime | None = None
    obstacle: str | None = None
    learned: bool = False
    only_short: bool = False


@dataclass(frozen=True, slots=True)
class Budget:
    """What planned work may still take of a project's buckets on one quota day. `limits` are Google's.

    `closed` are the buckets of which Google has refused more on that day, whatever their limits are.
    """

    project: ProjectId
    day: QuotaDay
    left: Mapping[Bucket, int]
    limits: Mapping[Bucket, int] = field(default_factory=dict)
    closed: frozenset[Bucket] = frozenset()


@dataclass(frozen=True, slots=True)
class Day:
    """Everything a plan depends on. Two equal days have the same plan. `now`: nothing is planned before it."""

    windows: tuple[Window, ...]
    spacing: timedelta
    now: datetime
    demands: tuple[Demand, ...]
    capacities: tuple[Capacity, ...]
    budgets: tuple[Budget, ...]
    profiles: Mapping[ProjectId, Profile]
    reserves: Policy = Policy.STANDBY

    def grid(self) -> tuple[tuple[datetime, int], ...]:
        """The moments at which an upload may be planned to start, each with the number of its window."""
        found: list[tuple[datetime, int]] = []
        for number, window in enumerate(self.windows):
            start = window.starts
            if found:
                start = max(start, found[-1][0] + self.spacing)
            while start < window.ends:
                found.append((start, number))
                start += self.spacing
        return tuple(each for each in found if each[0] >= self.now)


@dataclass(frozen=True, slots=True)
class Placement:
    """A video's place: the account, the window by its name, the planned start."""

    video: str
    account: AccountId
    window: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Obstruction:
    """What binds: a limit, where (a project, an account, a purpose; empty: everywhere), in a sentence."""

    limit: Limit
    where: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Missed:
    """A video that does not fit, and what stands in its way."""

    video: str
    why: Obstruction


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of a day.

    `spare` is how many more of the ordinary video would fit, counted up to `SPARE_COUNTED`, and `spare_on_reserves`
    how many of those on reserves. `binding` stands in the way of the first video that does not fit, or would when the
    spare ones are there; None when that was not reached. `at_most` bounds what any plan
    could place; `proven` says that this one places as many as can be.
    """

    placements: tuple[Placement, ...]
    missed: tuple[Missed, ...]
    promoted: tuple[AccountId, ...]
    spare: int
    spare_on_reserves: int
    binding: Obstruction | None
    at_most: int
    proven: bool

    @property
    def feasible(self) -> bool:
        """Does everything fit?"""
        return not self.missed

    @property
    def fits(self) -> int:
        """How many videos the day carries: those placed, and with nothing missed also the spare ones."""
        return len(self.placements) + (self.spare if self.feasible else 0)


SPARE_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class Shape:
    """A window as configured: minutes of the local day from midnight, `ends` exclusive, and its share."""

    name: str
    starts: int
    ends: int
    share: int


BRIEF_WINDOWS = (
    Shape("morning", 360, 720, 20),
    Shape("afternoon", 720, 1080, 20),
    Shape("evening", 1080, 1380, 10),
)
"""The brief's day: 06-12 twenty videos, 12-18 twenty, 18-23 ten."""
