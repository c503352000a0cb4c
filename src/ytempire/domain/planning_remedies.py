"""What would make everything fit, with the smallest number that does: each remedy is tried before it is named.

A remedy is one step, or several where no single one is enough. `apply` gives the day as it would be then.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from ytempire.domain.counting import counted
from ytempire.domain.planning import Budget, Capacity, Day, Demand, Plan
from ytempire.domain.planning_solve import everything_fits
from ytempire.domain.quota import Bucket, Method, Purpose, ceiling
from ytempire.domain.reserves import Policy
from ytempire.domain.values import AccountId, ProjectId

WORTH_TRYING = 5_000
"""Videos of a day beyond which only the number to leave out is told: trying a remedy means planning anew."""


class Cure(StrEnum):
    """What can be done, the cheapest first."""

    RESERVES = "reserves"
    ACCOUNTS_BACK = "accounts_back"
    SPACING = "spacing_minutes"
    ALLOCATION = "allocation"
    DAILY_UPLOADS = "daily_uploads"
    FEWER_EXTRAS = "fewer_extras"
    QUOTA = "quota_extension"
    MORE_ACCOUNTS = "more_accounts"
    FEWER_VIDEOS = "fewer_videos"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: `amount` of it, and where (a bucket, a purpose, a method; empty: nowhere in particular)."""

    cure: Cure
    amount: int
    where: str = ""


@dataclass(frozen=True, slots=True)
class Remedy:
    """Steps that together make everything fit, in a sentence for a person."""

    steps: tuple[Step, ...]
    sentence: str


def remedies(day: Day, plan: Plan) -> tuple[Remedy, ...]:
    """Everything known that makes a day's videos fit, the cheapest first; none when they do already."""
    if plan.feasible:
        return ()
    found = list(_single(day)) if len(day.demands) <= WORTH_TRYING else []
    if not found and len(day.demands) <= WORTH_TRYING:
        found = list(_compound(day))
    missed = {each.video for each in plan.missed}
    if plan.placements:
        number = len(missed)
        text = f"leave {number} of {counted(len(day.demands), 'video')} for another day"
        found.append(Remedy((Step(Cure.FEWER_VIDEOS, number),), text))
    return tuple(found)


def apply(day: Day, remedy: Remedy, plan: Plan) -> Day:
    """The day after a remedy; `plan` is the one that did not fit."""
    for step in remedy.steps:
        if step.cure is Cure.FEWER_VIDEOS:
            missed = {each.video for each in plan.missed}
            day = replace(day, demands=tuple(each for each in day.demands if each.id not in missed))
        else:
            day = _after(day, step)
    return day


Knob = tuple[Cure, str, int]
"""What could be tried: a cure, where, and how much of it at most."""

_EXTRAS = {
    Method.CAPTIONS_INSERT: "captions",
    Method.PLAYLIST_ITEMS_INSERT: "playlist entries",
    Method.VIDEOS_UPDATE: "update",
    Method.THUMBNAILS_SET: "thumbnail",
}


def _single(day: Day) -> Iterator[Remedy]:
    """The remedies of one step."""
    for cure, where, most in _menu(day):
        step = _least(day, cure, where, most)
        if step is not None:
            yield Remedy((step,), _sentence(day, step))


def _compound(day: Day) -> Iterator[Remedy]:
    """Remedies of several steps, where no single one is enough: each step is trimmed to what the others leave it."""
    menu = _menu(day)
    shared = [knob for knob in menu if knob[0] in (Cure.QUOTA, Cure.SPACING)]
    for last in menu:
        if last[0] in (Cure.DAILY_UPLOADS, Cure.MORE_ACCOUNTS):
            steps = _trimmed(day, [*shared, last])
            if steps:
                yield Remedy(steps, ", and ".join(_sentence(day, step) for step in steps))


def _trimmed(day: Day, knobs: Sequence[Knob]) -> tuple[Step, ...]:
    """The steps that are needed, each as small as can be while those after it are as large as can be."""
    steps: list[Step] = []
    for number, (cure, where, most) in enumerate(knobs):
        given = day
        largest = (Step(each, top, there) for each, there, top in knobs[number + 1 :])
        for other in (*steps, *largest):
            given = _after(given, other)
        if everything_fits(given):
            continue
        step = _least(given, cure, where, most)
        if step is None:
            return ()
        steps.append(step)
    return tuple(steps)


def _menu(day: Day) -> list[Knob]:
    """What could be tried: the cure, where, and how much of it at most."""
    wares = {method for each in day.demands for method in each.methods}
    purposes = sorted({purpose for each in day.capacities for purpose in each.allocation})
    buckets = sorted({bucket for each in day.budgets for bucket in each.limits} - {Bucket.SEARCHES})
    limits = [limit for each in day.budgets for limit in each.limits.values()]
    largest = max(limits, default=0) * (len(day.demands) + 1)
    menu = [(Cure.RESERVES, "", 1)] if day.reserves is Policy.OFF else []
    menu += [(Cure.ACCOUNTS_BACK, "", len(_barred(day)))] if _barred(day) else []
    minutes = int(day.spacing / _MINUTE)
    menu += [(Cure.SPACING, "", minutes - 1)] if minutes > 1 else []
    menu += [(Cure.ALLOCATION, str(purpose), largest) for purpose in purposes]
    menu += [(Cure.DAILY_UPLOADS, "", len(day.demands))]
    menu += [
        (Cure.FEWER_EXTRAS, str(method), sum(method in each.methods for each in day.demands))
        for method in _EXTRAS
        if method in wares
    ]
    menu += [(Cure.QUOTA, str(bucket), largest) for bucket in buckets]
    return [*menu, (Cure.MORE_ACCOUNTS, "", len(day.demands))]


def _least(day: Day, cure: Cure, where: str, most: int) -> Step | None:
    """The smallest amount that makes everything fit; None when even the most does not, which is asked first."""

    def enough(amount: int) -> bool:
        return everything_fits(_after(day, Step(cure, amount, where)))

    if not enough(most):
        return None
    low, high = 0, 1
    while high < most and not enough(high):
        low, high = high, min(most, high * 2)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return Step(cure, high, where)


_MINUTE = timedelta(minutes=1)


def _after(day: Day, step: Step) -> Day:
    """The day after one step. More of a step never leaves less room, but for the grid of a smaller spacing."""
    after: dict[Cure, Callable[[Day, Step], Day]] = {
        Cure.RESERVES: lambda day, _: replace(day, reserves=Policy.DAILY),
        Cure.ACCOUNTS_BACK: _with_accounts_back,
        Cure.SPACING: lambda day, step: replace(day, spacing=day.spacing - step.amount * _MINUTE),
        Cure.ALLOCATION: _with_allocation,
        Cure.DAILY_UPLOADS: _with_daily_uploads,
        Cure.FEWER_EXTRAS: _with_fewer_extras,
        Cure.QUOTA: _with_quota,
        Cure.MORE_ACCOUNTS: _with_more_accounts,
    }
    return after[step.cure](day, step)


def _barred(day: Day) -> list[AccountId]:
    """The accounts that a person could bring back, production first."""
    barred = {each.account: each.reserve for each in day.capacities if each.obstacle}
    return sorted(barred, key=lambda account: (barred[account], account))


def _with_accounts_back(day: Day, step: Step) -> Day:
    back = set(_barred(day)[: step.amount])
    return _capacities(day, lambda each: replace(each, obstacle=None) if each.account in back else each)


def _with_allocation(day: Day, step: Step) -> Day:
    purpose = Purpose(step.where)

    def more(each: Capacity) -> Capacity:
        if purpose not in each.allocation:
            return each
        return replace(each, allocation={**each.allocation, purpose: each.allocation[purpose] + step.amount})

    return _capacities(day, more)


def _with_daily_uploads(day: Day, step: Step) -> Day:
    """Reserves keep theirs, and so does a channel of which YouTube takes no more."""

    def more(each: Capacity) -> Capacity:
        fixed = each.reserve or each.learned
        return each if fixed else replace(each, uploads_left=each.uploads_left + step.amount)

    return _capacities(day, more)


def _capacities(day: Day, change: Callable[[Capacity], Capacity]) -> Day:
    return replace(day, capacities=tuple(change(each) for each in day.capacities))


def _with_fewer_extras(day: Day, step: Step) -> Day:
    """The least urgent lose theirs first."""
    method = Method(step.where)
    having = [each for each in day.demands if method in each.methods]
    having.sort(key=lambda each: (-each.priority, each.id))
    losing = {each.id for each in having[: step.amount]}

    def without(each: Demand) -> Demand:
        kept = tuple(one for one in each.methods if one is not method)
        return replace(each, methods=kept) if each.id in losing else each

    return replace(day, demands=tuple(without(each) for each in day.demands))


def _extended(day: Day) -> set[ProjectId]:
    """The projects whose quota would be extended: those of production accounts, or all when there are none."""
    production = {each.project for each in day.capacities if not each.reserve}
    return production or {each.project for each in day.capacities}


def _with_quota(day: Day, step: Step) -> Day:
    """What Google has closed stays closed until the reset, however much it gives from then on."""
    bucket, projects = Bucket(step.where), _extended(day)

    def more(each: Budget) -> Budget:
        if each.project not in projects or bucket not in each.limits or bucket in each.closed:
            return each
        limit = each.limits[bucket]
        gained = ceiling(limit + step.amount) - ceiling(limit)
        left = {**each.left, bucket: each.left.get(bucket, 0) + gained}
        return replace(each, left=left, limits={**each.limits, bucket: limit + step.amount})

    return replace(day, budgets=tuple(more(each) for each in day.budgets))


def _own_projects(day: Day) -> bool:
    """Has each production account a project of its own?"""
    owners = {each.account: each.project for each in day.capacities if not each.reserve}
    return len(owners) > 1 and len(set(owners.values())) == len(owners)


def _with_more_accounts(day: Day, step: Step) -> Day:
    """New accounts are like the best production account, and have a project of their own where all others do."""
    models = [each for each in day.capacities if not each.reserve]
    if not models:
        return day
    model = max(models, key=lambda each: (each.uploads_left, each.account))
    budget = max(
        (each for each in day.budgets if each.day == model.day and each.project in _extended(day)),
        key=lambda each: (sum(each.left.values()), each.project),
    )
    new_projects = _own_projects(day)
    capacities, budgets, profiles = list(day.capacities), list(day.budgets), dict(day.profiles)
    for number in range(1, step.amount + 1):
        project = ProjectId(f"new project {number}") if new_projects else model.project
        name = AccountId(f"new account {number}")
        fresh = replace(model, account=name, project=project, started=(), free_from=None, obstacle=None)
        capacities.append(replace(fresh, learned=False, only_short=False))
        if new_projects:
            budgets.append(replace(budget, project=project))
            profiles[project] = day.profiles[model.project]
    return replace(day, capacities=tuple(capacities), budgets=tuple(budgets), profiles=profiles)


def _sentence(day: Day, step: Step) -> str:
    number = step.amount
    match step.cure:
        case Cure.RESERVES:
            return 'plan the reserves too: planning.reserves = "daily"'
        case Cure.ACCOUNTS_BACK:
            return f"bring back {', '.join(_barred(day)[:number])}"
        case Cure.SPACING:
            return f"set planning.spacing_minutes to {int(day.spacing / _MINUTE) - number}"
        case Cure.ALLOCATION:
            return f"raise the accounts' allocation for {step.where} by {number:,}"
        case Cure.DAILY_UPLOADS:
            return f"raise daily_uploads of the production accounts by {number}"
        case Cure.FEWER_EXTRAS:
            return f"leave out the {_EXTRAS[Method(step.where)]} of {number} of {counted(len(day.demands), 'video')}"
        case Cure.QUOTA:
            return _quota_sentence(day, step)
        case _:
            own = ", each with a project of its own" if _own_projects(day) else ""
            return f"add {counted(number, 'production account')}{own}"


def _quota_sentence(day: Day, step: Step) -> str:
    projects = sorted(_extended(day))
    bucket = Bucket(step.where)
    limits = {
        each.limits[bucket] for each in day.budgets if each.project in projects and bucket in each.limits
    }
    to = f", to {max(limits) + step.amount:,}" if len(limits) == 1 else ""
    where = projects[0] if len(projects) == 1 else f"each of {len(projects)} projects"
    return f"ask Google for {step.amount:,} more {bucket} a day for {where}{to}"
