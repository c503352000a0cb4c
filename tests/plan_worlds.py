"""Small random days, the best plan of each by trying everything, and a judge of plans that knows only the rules."""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

from ytempire.domain.planning import (
    Budget,
    Capacity,
    Day,
    Demand,
    Plan,
    Window,
)
from ytempire.domain.publication import Target
from ytempire.domain.quota import BUCKETS_2026, UNITS_2025, UNITS_2025_12, Bucket, Method, Profile, Purpose
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.reserves import Policy
from ytempire.domain.values import AccountId, ProjectId

MIDNIGHT = datetime(2026, 11, 20, 8, tzinfo=UTC)
"""When the Pacific day begins."""

TODAY = QuotaDay(date(2026, 11, 20))
TOMORROW = QuotaDay(date(2026, 11, 21))
INSERT = Method.VIDEOS_INSERT
WARES = (
    (INSERT,),
    (INSERT, Method.THUMBNAILS_SET),
    (INSERT, Method.THUMBNAILS_SET, Method.VIDEOS_UPDATE),
    (INSERT, Method.CAPTIONS_INSERT),
    (INSERT, Method.THUMBNAILS_SET, Method.CAPTIONS_INSERT, Method.CAPTIONS_INSERT),
)
Score = tuple[int, ...]
What = tuple[str, str]
"""A bucket or a purpose; some of them have the same name."""


def world(seed: int) -> Day:
    """A random small day: one to three projects and accounts, up to seven videos, mixed prices, all kinds of limits.

    Every third one is a packing: prices of many sizes into budgets of many sizes, and little else to heed. In one of
    five some videos were started before.
    """
    dice = random.Random(seed)
    day = _packing(dice) if seed % 3 == 0 else _mixed(dice)
    return _begun(dice, day) if seed % 5 == 1 else day


def _begun(dice: random.Random, day: Day) -> Day:
    """The day, some of whose videos were started in a project each."""
    projects = sorted(day.profiles)
    begun = [
        replace(each, home=dice.choice(projects)) if dice.random() < 0.5 else each for each in day.demands
    ]
    return replace(day, demands=tuple(begun))


def _mixed(dice: random.Random) -> Day:
    spacing = timedelta(minutes=dice.choice((40, 60, 90)))
    projects = [ProjectId(f"project_{number}") for number in range(dice.randint(1, 3))]
    same = dice.choice((None, BUCKETS_2026, UNITS_2025))
    profiles = {each: same or dice.choice((BUCKETS_2026, UNITS_2025, UNITS_2025_12)) for each in projects}
    days = (TODAY, TOMORROW) if dice.random() < 0.2 else (TODAY,)
    capacities = tuple(
        _capacity(dice, number, dice.choice(projects), day, profiles)
        for number in range(dice.randint(1, 3))
        for day in days
    )
    wares = dice.choice((WARES[:1], WARES[1:2], WARES, WARES))
    return Day(
        windows=_windows(dice, late=len(days) > 1),
        spacing=spacing,
        now=MIDNIGHT + timedelta(minutes=dice.choice((0, 0, 0, 400))),
        demands=tuple(_demand(dice, number, wares) for number in range(dice.randint(1, 6))),
        capacities=capacities,
        budgets=tuple(_budget(dice, each, day, profiles[each]) for each in projects for day in days),
        profiles=profiles,
        reserves=dice.choice(tuple(Policy)),
    )


def _packing(dice: random.Random) -> Day:
    projects = [ProjectId(f"project_{number}") for number in range(dice.randint(1, 3))]
    accounts = projects if dice.random() < 0.7 else [*projects, projects[0]]
    profiles = dict.fromkeys(projects, UNITS_2025_12)
    start = MIDNIGHT + timedelta(hours=6)
    return Day(
        windows=(Window("morning", start, start + timedelta(hours=3), 1),),
        spacing=timedelta(minutes=dice.choice((30, 60))),
        now=MIDNIGHT,
        demands=tuple(
            Demand(
                f"video_{number}",
                (INSERT, *[Method.THUMBNAILS_SET] * dice.randint(0, 6)),
                Target(account=AccountId("account_0")) if dice.random() < 0.1 else Target(),
                dice.choice((1, 5, 5, 9)),
            )
            for number in range(dice.randint(3, 7))
        ),
        capacities=tuple(
            Capacity(
                AccountId(f"account_{number}"), project, TODAY, dice.choice((2, 3, 7, 7)), dice.random() < 0.2
            )
            for number, project in enumerate(accounts)
        ),
        budgets=tuple(Budget(each, TODAY, {Bucket.UNITS: 50 * dice.randint(3, 20)}) for each in projects),
        profiles=profiles,
    )


def crowded(seed: int) -> Day:
    """A packing too large to try everything: 45 videos of nine prices into two to four budgets."""
    dice = random.Random(seed)
    projects = [ProjectId(f"project_{number}") for number in range(dice.randint(2, 4))]
    start = MIDNIGHT + timedelta(hours=6)
    return Day(
        windows=(Window("day", start, start + timedelta(hours=14), 1),),
        spacing=timedelta(minutes=30),
        now=MIDNIGHT,
        demands=tuple(
            Demand(
                f"video_{number}",
                (INSERT, *[Method.THUMBNAILS_SET] * dice.randint(0, 8)),
                priority=dice.choice((1, 9)),
            )
            for number in range(45)
        ),
        capacities=tuple(
            Capacity(AccountId(f"account_{number}"), project, TODAY, 30)
            for number, project in enumerate(projects)
        ),
        budgets=tuple(Budget(each, TODAY, {Bucket.UNITS: 50 * dice.randint(20, 60)}) for each in projects),
        profiles=dict.fromkeys(projects, UNITS_2025_12),
    )


def _windows(dice: random.Random, *, late: bool) -> tuple[Window, ...]:
    found = []
    start = MIDNIGHT + timedelta(hours=22 if late else 6)
    for number in range(dice.randint(1, 2)):
        end = start + timedelta(minutes=dice.choice((30, 60, 100)))
        found.append(Window(f"window_{number}", start, end, dice.randint(1, 3)))
        start = end + timedelta(minutes=dice.choice((0, 20, 90)))
    return tuple(found)


def _capacity(
    dice: random.Random, number: int, project: ProjectId, day: QuotaDay, profiles: dict[ProjectId, Profile]
) -> Capacity:
    insert = 1600 if profiles[project] is UNITS_2025 else 100
    allocation = {}
    if dice.random() < 0.25:
        allocation = {
            dice.choice(tuple(Purpose)): dice.choice((50, 100, insert, 2 * insert, 3 * insert + 450))
        }
    started: tuple[datetime, ...] = ()
    if dice.random() < 0.2:
        started = (MIDNIGHT + timedelta(hours=6, minutes=dice.choice((-20, 0, 40))),)
    return Capacity(
        AccountId(f"account_{number}"),
        project,
        day,
        uploads_left=dice.choice((0, 1, 2, 2, 3, 5)),
        reserve=dice.random() < 0.3,
        groups=frozenset(group for group in ("news", "music") if dice.random() < 0.5),
        allocation=allocation,
        started=started,
        free_from=MIDNIGHT + timedelta(hours=7) if dice.random() < 0.1 else None,
        obstacle="paused" if dice.random() < 0.05 else None,
        only_short=dice.random() < 0.2,
    )


def _budget(dice: random.Random, project: ProjectId, day: QuotaDay, profile: Profile) -> Budget:
    insert = 1600 if profile is UNITS_2025 else 100
    units = dice.choice((0, 450, 550, insert, 2 * insert + 450, 3 * insert + 100, 8000, 8000, 8000))
    left = {Bucket.UNITS: units}
    if Bucket.UPLOADS in profile.limits:
        left[Bucket.UPLOADS] = dice.choice((1, 2, 80))
    return Budget(project, day, left, profile.limits)


def _demand(dice: random.Random, number: int, wares: tuple[tuple[Method, ...], ...]) -> Demand:
    target = Target()
    if dice.random() < 0.4:
        target = dice.choice(
            (
                Target(account=AccountId(f"account_{dice.randrange(3)}")),
                Target(group=dice.choice(("news", "music"))),
            )
        )
    earliest = MIDNIGHT + timedelta(hours=6, minutes=dice.choice((0, 25, 50)))
    return Demand(
        f"video_{number}",
        dice.choice(wares),
        target,
        dice.choice((1, 5, 5, 9)),
        not_before=earliest if dice.random() < 0.25 else None,
        deadline=earliest + timedelta(minutes=dice.choice((10, 40, 90))) if dice.random() < 0.25 else None,
        long=dice.random() < 0.2,
    )


def score(day: Day, videos: set[str]) -> Score:
    """How good it is to place these: their number, then how many of priority 1, of 2, and so on."""
    priorities = Counter(each.priority for each in day.demands if each.id in videos)
    return (len(videos), *(priorities[number] for number in range(1, 11)))


def moments(day: Day) -> list[datetime]:
    """The planned starts there are, by the letter: from each window's beginning, a spacing apart, not in the past."""
    found: list[datetime] = []
    for window in day.windows:
        at = window.starts if not found else max(window.starts, found[-1] + day.spacing)
        while at < window.ends:
            found.append(at)
            at += day.spacing
    return [at for at in found if at >= day.now]


def may(day: Day, demand: Demand, capacity: Capacity, at: datetime) -> bool:
    """May this video start there and then, if it were alone?"""
    target = demand.target
    return (
        capacity.obstacle is None
        and not (demand.long and capacity.only_short)
        and not (capacity.reserve and day.reserves is Policy.OFF)
        and (target.account is None or target.account == capacity.account)
        and (target.account is not None or target.group is None or target.group in capacity.groups)
        and QuotaDay.of(at) == capacity.day
        and (demand.not_before is None or demand.not_before <= at)
        and (demand.deadline is None or at < demand.deadline)
        and (capacity.free_from is None or capacity.free_from <= at)
        and all(abs(at - other) >= day.spacing for other in capacity.started)
        and not _kept_at_home(day, demand, capacity)
    )


def _kept_at_home(day: Day, demand: Demand, capacity: Capacity) -> bool:
    """Was this video started in another project that is short on that day, or can still take one of its like?"""
    if demand.home is None or demand.home == capacity.project:
        return False
    needed = cost(day, demand, demand.home)
    for pool in day.budgets:
        if (pool.project, pool.day) == (demand.home, capacity.day) and any(
            units > pool.left.get(Bucket(name), 0)
            for (what, name), units in needed.items()
            if what == "bucket"
        ):
            return True
    whenever = replace(demand, not_before=None, deadline=None)
    return any(
        one.uploads_left > 0 and may(day, whenever, one, at)
        for one in day.capacities
        if (one.project, one.day) == (demand.home, capacity.day)
        for at in moments(day)
    )


def cost(day: Day, demand: Demand, project: ProjectId) -> dict[What, int]:
    """What a video takes, by bucket and by purpose."""
    profile = day.profiles[project]
    taken: Counter[What] = Counter()
    for bucket, units in profile.cost(demand.methods).units.items():
        taken["bucket", bucket] += units
    for method in demand.methods:
        units = profile.price(method).units
        purpose = {INSERT: Purpose.UPLOADS, Method.THUMBNAILS_SET: Purpose.THUMBNAILS}
        taken["purpose", purpose.get(method, Purpose.METADATA)] += units
        taken["purpose", Purpose.TOTAL] += units
    return dict(taken)


def best(day: Day) -> Score:
    """The best score of all, by trying every video in every place."""
    starts = moments(day)
    budgets = {(each.project, each.day): number for number, each in enumerate(day.budgets)}
    keys = [(number, bucket) for number, each in enumerate(day.budgets) for bucket in each.left]
    purses = [(number, purpose) for number, each in enumerate(day.capacities) for purpose in each.allocation]
    seats = [
        [
            (c, s)
            for c, one in enumerate(day.capacities)
            for s, at in enumerate(starts)
            if may(day, each, one, at)
        ]
        for each in day.demands
    ]
    # Seats on one account that the same videos may take are alike: only the first free one of them is tried.
    alike = {seat: (seat[0], tuple(seat in each for each in seats)) for each in seats for seat in each}
    limits = [day.budgets[number].left[bucket] for number, bucket in keys]
    limits += [day.capacities[number].allocation[purpose] for number, purpose in purses]
    limits += [each.uploads_left for each in day.capacities]

    def uses(video: int, c: int) -> tuple[int, ...]:
        one = day.capacities[c]
        taken = cost(day, day.demands[video], one.project)
        pool = budgets[one.project, one.day]
        found = [taken.get(("bucket", bucket), 0) if number == pool else 0 for number, bucket in keys]
        found += [taken.get(("purpose", purpose), 0) if number == c else 0 for number, purpose in purses]
        return (*found, *(int(number == c) for number in range(len(day.capacities))))

    return _try(day, seats, tuple(limits), uses, alike)


def _try(
    day: Day,
    seats: list[list[tuple[int, int]]],
    limits: tuple[int, ...],
    uses: Callable[[int, int], tuple[int, ...]],
    alike: Mapping[tuple[int, int], object],
) -> Score:
    nothing = score(day, set())

    @cache
    def go(video: int, left: tuple[int, ...], taken: frozenset[tuple[int, int]]) -> Score:
        if video == len(seats):
            return nothing
        top = go(video + 1, left, taken)
        alone = score(day, {day.demands[video].id})
        free = {alike[seat]: seat for seat in reversed(seats[video]) if seat not in taken}
        for seat in free.values():
            rest = tuple(have - use for have, use in zip(left, uses(video, seat[0]), strict=True))
            if min(rest) >= 0:
                below = go(video + 1, rest, taken | {seat})
                top = max(top, tuple(one + other for one, other in zip(alone, below, strict=True)))
        return top

    return go(0, limits, frozenset())


def broken(day: Day, plan: Plan) -> list[str]:
    """Every rule that a plan breaks."""
    demands = {each.id: each for each in day.demands}
    capacities = {(each.account, each.day): each for each in day.capacities}
    starts = set(moments(day))
    found = []
    spent: Counter[object] = Counter()
    for each in plan.placements:
        demand, capacity = demands[each.video], capacities[each.account, QuotaDay.of(each.at)]
        if each.at not in starts or not may(day, demand, capacity, each.at):
            found.append(f"{each.video} may not start at {each.at} on {each.account}")
        window = next((one for one in day.windows if one.starts <= each.at < one.ends), None)
        if window is None or window.name != each.window:
            found.append(f"{each.video} is in no window, or another")
        for what, units in cost(day, demand, capacity.project).items():
            where = capacity.project if what[0] == "bucket" else capacity.account
            spent[where, capacity.day, what] += units
        spent[capacity.account, capacity.day] += 1
    for one in day.capacities:
        if spent[one.account, one.day] > one.uploads_left:
            found.append(f"{one.account} has more than its daily uploads")
        for purpose, units in one.allocation.items():
            if spent[one.account, one.day, ("purpose", purpose)] > units:
                found.append(f"the allocation of {one.account} for {purpose} is overdrawn")
    for pool in day.budgets:
        for bucket, units in pool.left.items():
            if spent[pool.project, pool.day, ("bucket", bucket)] > units:
                found.append(f"the {bucket} of {pool.project} are overdrawn")
    return found + _spaced(day, plan) + _told_once(day, plan)


def _spaced(day: Day, plan: Plan) -> list[str]:
    by_account: dict[AccountId, list[datetime]] = {}
    for each in plan.placements:
        by_account.setdefault(each.account, []).append(each.at)
    return [
        f"{account} starts two too close together"
        for account, times in by_account.items()
        for one, other in zip(sorted(times), sorted(times)[1:], strict=False)
        if other - one < day.spacing
    ]


def _told_once(day: Day, plan: Plan) -> list[str]:
    told = Counter([each.video for each in plan.placements] + [each.video for each in plan.missed])
    asked = Counter(each.id for each in day.demands)
    return [] if told == asked else ["not every video is told of exactly once"]


def verdict(day: Day, plan: Plan) -> list[str]:
    """Everything that is wrong with a plan of a small day: rules broken, videos left out, a proof that is none."""
    top = best(day)
    mine = score(day, {each.video for each in plan.placements})
    found = broken(day, plan)
    if mine != top:
        found.append(f"the best is {top}, the plan has {mine}")
    if plan.at_most < top[0] or (plan.proven and plan.at_most != mine[0]):
        found.append(f"its bound is wrong: {plan.at_most}")
    if not plan.proven:
        found.append("its number is not proven")
    return found
