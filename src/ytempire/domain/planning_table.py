"""How many videos a day carries under each reading of the limits, for jobs of growing size.

The readings are those that the brief of 2025 left open: 70 % for inserts only or for everything, at most 80 %
or below it, 90 %, 100 %, and what is left when health probes are charged. The planner counts every cell.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ytempire.domain.planning import Budget, Capacity, Day, Demand
from ytempire.domain.planning_solve import count
from ytempire.domain.quota import Bucket, Method, Purpose, ceiling, hard_stop
from ytempire.domain.reserves import Policy
from ytempire.domain.values import ProjectId

SIZES: Mapping[str, tuple[Method, ...]] = {
    "bare": (Method.VIDEOS_INSERT,),
    "+ thumbnail": (Method.VIDEOS_INSERT, Method.THUMBNAILS_SET),
    "+ update": (Method.VIDEOS_INSERT, Method.THUMBNAILS_SET, Method.VIDEOS_UPDATE),
    "+ playlist": (
        Method.VIDEOS_INSERT, Method.THUMBNAILS_SET, Method.VIDEOS_UPDATE, Method.PLAYLIST_ITEMS_INSERT
    ),
    "+ caption": (
        Method.VIDEOS_INSERT, Method.THUMBNAILS_SET, Method.VIDEOS_UPDATE, Method.PLAYLIST_ITEMS_INSERT,
        Method.CAPTIONS_INSERT,
    ),
}  # fmt: skip
"""Each column adds one extra to the column before it."""

PROBES = 24 * 60 * 2
"""Units a day of a health probe every 30 seconds."""

Amount = Callable[[int], int]


@dataclass(frozen=True, slots=True)
class Cell:
    """So many videos on production accounts, and so many more on reserves."""

    production: int
    reserve: int

    @property
    def total(self) -> int:
        """Both."""
        return self.production + self.reserve


@dataclass(frozen=True, slots=True)
class Row:
    """A reading of the limits, by its letter and in words, and what each size of job comes to."""

    letter: str
    reading: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    letter: str
    words: str
    amount: Amount
    share: Purpose | None = None
    probed: bool = False


_READINGS = (
    _Reading("A", "70 % for inserts only", lambda limit: limit, Purpose.UPLOADS),
    _Reading("B", "70 % for everything", lambda limit: limit, Purpose.TOTAL),
    _Reading("C", "at most 80 % in all (ours)", ceiling),
    _Reading("D", "below 80 % in all", lambda limit: ceiling(limit) - 1),
    _Reading("E", "A and C together", ceiling, Purpose.UPLOADS),
    _Reading("F", "at most 90 % in all", hard_stop),
    _Reading("G", "100 %", lambda limit: limit),
    _Reading("H", "C, with probes every 30 s charged", ceiling, probed=True),
)


def account_table(day: Day) -> tuple[Row, ...]:
    """The table for accounts with projects of their own; the readings are for production accounts' allocation."""
    return tuple(
        Row(one.letter, one.words, tuple(_cell(_read(day, one), methods) for methods in SIZES.values()))
        for one in _READINGS
    )


def pool_table(day: Day) -> tuple[Row, ...]:
    """The table for one project: what its quota alone carries, and below it what the accounts' caps leave of that."""
    shares: tuple[tuple[str, str, Amount], ...] = (
        ("80", "quota at 80 % (ours), without caps", ceiling),
        ("90", "quota at 90 %, without caps", hard_stop),
        ("100", "quota at 100 %, without caps", lambda limit: limit),
    )
    rows = [
        Row(letter, words, tuple(Cell(_carried(day, methods, amount), 0) for methods in SIZES.values()))
        for letter, words, amount in shares
    ]
    ours = _read(day, _Reading("C", "", ceiling))
    cells = tuple(_cell(ours, methods) for methods in SIZES.values())
    return (*rows, Row("day", "at 80 % with the accounts' caps", cells))


def shares_a_project(day: Day) -> bool:
    """Do several production accounts live in one project?"""
    owners = {each.account: each.project for each in day.capacities if not each.reserve}
    return len(set(owners.values())) < len(owners)


def _carried(day: Day, methods: tuple[Method, ...], amount: Amount) -> int:
    """How many jobs the quota of all projects together carries."""
    total = 0
    for budget in day.budgets:
        cost = day.profiles[budget.project].cost(methods)
        total += min(amount(budget.limits[bucket]) // units for bucket, units in cost.units.items())
    return total


def _cell(day: Day, methods: tuple[Method, ...]) -> Cell:
    most = sum(each.uploads_left for each in day.capacities) + 1
    asked = replace(day, demands=tuple(Demand(str(number), methods) for number in range(most)))
    production = count(replace(asked, reserves=Policy.OFF))
    return Cell(production, count(replace(asked, reserves=Policy.DAILY)) - production)


def _read(day: Day, one: _Reading) -> Day:
    """The day under a reading."""
    production = {each.project for each in day.capacities if not each.reserve}

    def budget(each: Budget) -> Budget:
        left = {bucket: max(0, one.amount(limit)) for bucket, limit in each.limits.items()}
        if one.probed and each.project in production:
            left[Bucket.UNITS] = max(0, left[Bucket.UNITS] - PROBES)
        return replace(each, left=left)

    limits = {each.project: each.limits for each in day.budgets}

    def capacity(each: Capacity) -> Capacity:
        if one.share is None or each.reserve:
            return replace(each, allocation={})
        return replace(
            each, allocation={one.share: _seventy(day, each.project, limits[each.project], one.share)}
        )

    return replace(
        day,
        budgets=tuple(budget(each) for each in day.budgets),
        capacities=tuple(capacity(each) for each in day.capacities),
    )


def _seventy(day: Day, project: ProjectId, limits: Mapping[Bucket, int], share: Purpose) -> int:
    """70 % of the bucket that inserts are charged to, or of the units."""
    insert = day.profiles[project].price(Method.VIDEOS_INSERT).bucket
    return limits[insert if share is Purpose.UPLOADS else Bucket.UNITS] * 70 // 100
