"""Days for tests of the planner: the two layouts of the brief, and whatever a test changes in them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from ytempire.domain.planning import BRIEF_WINDOWS, Budget, Capacity, Day, Demand
from ytempire.domain.planning_calendar import windows_of
from ytempire.domain.planning_table import SIZES
from ytempire.domain.quota import BUCKETS_2026, UNITS_2025, Bucket, Method, Profile, Purpose, ceiling
from ytempire.domain.quota_day import PACIFIC, QuotaDay
from ytempire.domain.reserves import Policy
from ytempire.domain.values import AccountId, ProjectId

DATE = date(2026, 11, 20)
TODAY = QuotaDay(DATE)
MAIN = ProjectId("main")
PRODUCTION = [f"prod_{number:02}" for number in range(1, 13)]
RESERVES = [f"reserve_{number}" for number in range(13, 16)]
USUAL = SIZES["+ playlist"]
CAPTIONED = SIZES["+ caption"]
BARE = SIZES["bare"]


def at(hour: int, minute: int = 0) -> datetime:
    """A moment of the day in Pacific time."""
    return TODAY.starts + timedelta(hours=hour, minutes=minute)


def videos(number: int, methods: tuple[Method, ...] = USUAL) -> tuple[Demand, ...]:
    """So many videos of one kind, the first with the smallest name."""
    return tuple(Demand(f"video_{each:05}", methods) for each in range(number))


def a_day(
    capacities: Iterable[Capacity], budgets: Iterable[Budget], profile: Profile, **changes: object
) -> Day:
    """A whole day in the brief's windows, half an hour apart."""
    pools = tuple(budgets)
    day = Day(
        windows_of(DATE, BRIEF_WINDOWS, PACIFIC),
        timedelta(minutes=30),
        TODAY.starts,
        (),
        tuple(capacities),
        pools,
        {pool.project: profile for pool in pools},
        Policy.STANDBY,
    )
    return replace(day, **changes)  # type: ignore[arg-type]  # fields by name


def a_budget(profile: Profile = BUCKETS_2026, project: ProjectId = MAIN, units: int | None = None) -> Budget:
    limits = dict(profile.limits) | ({} if units is None else {Bucket.UNITS: units})
    return Budget(project, TODAY, {bucket: ceiling(limit) for bucket, limit in limits.items()}, limits)


def an_account(name: str, project: ProjectId = MAIN, **changes: object) -> Capacity:
    capacity = Capacity(AccountId(name), project, TODAY, 2 if name in RESERVES else 5, name in RESERVES)
    return replace(capacity, **changes)  # type: ignore[arg-type]  # fields by name


def one_project(profile: Profile = BUCKETS_2026, **changes: object) -> Day:
    """The default layout: twelve production accounts and three reserves in one project."""
    return a_day(map(an_account, PRODUCTION + RESERVES), [a_budget(profile)], profile, **changes)


def own_projects(profile: Profile = UNITS_2025, share: int | None = 7_000, **changes: object) -> Day:
    """The layout of the brief: a project for each account, 3,000 units for a reserve, 7,000 for inserts."""
    allocation = {Purpose.UPLOADS: share} if share is not None else {}
    capacities = [an_account(name, ProjectId(name), allocation=allocation) for name in PRODUCTION]
    capacities += [an_account(name, ProjectId(name)) for name in RESERVES]
    budgets = [a_budget(profile, ProjectId(name)) for name in PRODUCTION]
    budgets += [a_budget(profile, ProjectId(name), 3_000) for name in RESERVES]
    return a_day(capacities, budgets, profile, **changes)
