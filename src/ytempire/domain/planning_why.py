"""Why one video more does not fit: the limit that stands alone in the way on the most accounts."""

from collections import Counter
from collections.abc import Sequence

from ytempire.domain.planning import Day, Limit, Obstruction
from ytempire.domain.planning_board import Board
from ytempire.domain.planning_layout import BUCKETS, PURPOSES, Kind, Layout
from ytempire.domain.reserves import Policy

Cause = tuple[Limit, str]
"""A limit, and the project, account or purpose it belongs to."""


def obstruction(day: Day, layout: Layout, board: Board, kind: int, *, beyond: bool = False) -> Obstruction:
    """What stands in the way of one more of a kind on a board where it found no place. `beyond`: the board holds
    what is only supposed, so the limit is not reached yet, but would be.
    """
    it = layout.kinds[kind]
    if not it.where:
        return Obstruction(Limit.NO_ACCOUNT, "", _home(it) + _nobody(day, it))
    if not it.when:
        sentence = "no planned start lies between its earliest moment and its deadline"
        return Obstruction(Limit.TIME, "", sentence)
    lacks = [_lacks(day, board, kind, capacity) for capacity in it.where]
    single = Counter(each[0] for each in lacks if len(each) == 1)
    every = single or Counter(cause for each in lacks for cause in each)
    limits = Counter[Limit]()
    for (limit, _), number in every.items():
        limits[limit] += number
    limit = min(limits, key=lambda each: (-limits[each], str(each)))
    places = sorted({where for which, where in every if which is limit})
    sentence = _closed(day, limit, places) or (
        f"beyond that, {_sentence(limit, places, reached=False)}" if beyond else _sentence(limit, places)
    )
    return Obstruction(limit, places[0] if len(places) == 1 else "", _home(it) + sentence)


def _home(kind: Kind) -> str:
    """What is said first of a video that was started: why other projects do not take it."""
    return f"it was started in {kind.home}, which it does not leave for want of quota: " if kind.home else ""


def _lacks(day: Day, board: Board, kind: int, capacity: int) -> list[Cause]:
    """Everything that one account lacks for one more."""
    layout, one = board.layout, day.capacities[capacity]
    it = layout.kinds[kind]
    causes: list[Cause] = []
    if not any(layout.starts[capacity][segment] for segment in it.when):
        causes.append((Limit.TIME, one.account))
    elif all(board.room[capacity][segment] <= 0 for segment in it.when):
        causes.append((Limit.SPACING, one.account))
    if board.cap[capacity] <= 0:
        causes.append((Limit.DAILY_UPLOADS, one.account))
    price = layout.price(kind, capacity)
    for purpose, have, cost in zip(PURPOSES, board.purse[capacity] or (), price.purposes, strict=False):
        if have < cost:
            causes.append((Limit.ALLOCATION, purpose))
    for bucket, have, cost in zip(BUCKETS, board.budget[layout.pools[capacity]], price.buckets, strict=True):
        if have < cost:
            causes.append((Limit(bucket), one.project))
    return causes


def _nobody(day: Day, kind: Kind) -> str:
    if kind.home:
        return "no account there can take it"
    barred = [each for each in day.capacities if each.obstacle]
    if barred:
        return f"no account can take it: {_some([f'{each.account} ({each.obstacle})' for each in barred])}"
    if day.reserves is Policy.OFF and any(each.reserve for each in day.capacities):
        return "no account can take it: reserves are left out of plans"
    unverified = sorted({each.account for each in day.capacities if each.only_short})
    if kind.long and unverified:
        return f"YouTube takes no videos longer than 15 minutes on {_some(unverified)}; verify, then connect again"
    return "no account has the name or the group it asks for"


def _closed(day: Day, limit: Limit, places: list[str]) -> str:
    """What is said where Google has closed a bucket; nothing where it has not."""
    closed = sorted(
        {each.project for each in day.budgets if str(limit) in each.closed and each.project in places}
    )
    return f"Google has closed the {limit} of {_some(list(closed))} until the reset" if closed else ""


def _sentence(limit: Limit, places: list[str], *, reached: bool = True) -> str:
    """What is said of a limit; `reached` False: of one that one more would meet."""
    names = _some(places)
    one, many, do = ("is", "are", "do") if reached else ("would be", "would be", "would")
    match limit:
        case Limit.TIME:
            return f"nothing {one} left of its windows on {names}"
        case Limit.SPACING:
            return f"every planned start with the spacing between them {one} taken on {names}"
        case Limit.DAILY_UPLOADS:
            return f"the daily uploads {many} used up on {names}"
        case Limit.ALLOCATION:
            return f"the accounts' allocation {one} used up for {names}"
        case _:
            return f"the {limit} of {names} {do} not reach for one more below the ceiling of 80 %"


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > len(names[:3]) else shown
