"""How the plan of a day is found: the most videos, then the most urgent, then spread evenly.

Where every pool sees one price, placing with augmenting paths is a maximum flow, and taking videos in the order
of their urgency is the greedy algorithm of a matroid: the number is the greatest possible and no set of that
number is more urgent. One pool with prices in a chain keeps the proof of the number, cheapest first. Elsewhere the
problem contains bin packing; then several orders are tried, a bound is computed beside them, small days are
searched to the end, and the plan says whether its number is proven. docs/explanation/planning.md tells more.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from ytempire.domain.planning import SPARE_COUNTED, Day, Demand, Missed, Plan
from ytempire.domain.planning_board import Board, Cell
from ytempire.domain.planning_layout import (
    Layout,
    affordable,
    is_chain,
    is_single,
    is_uniform,
    layout_of,
    relaxed,
)
from ytempire.domain.planning_search import search
from ytempire.domain.planning_seats import seats
from ytempire.domain.planning_why import obstruction
from ytempire.domain.publication import PRIORITIES
from ytempire.domain.quota import Method
from ytempire.domain.reserves import Policy
from ytempire.domain.values import AccountId


@dataclass(frozen=True, slots=True)
class _Task:
    """A day, its layout, and the cell each video had in the plan before."""

    day: Day
    layout: Layout
    preferred: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class _Result:
    """A board with these videos on it. `proven`: no board holds more; `at_most`: what none exceeds."""

    board: Board
    accepted: tuple[int, ...]
    at_most: int
    proven: bool


def plan(day: Day) -> Plan:
    """The plan of a day. The same day always has the same plan."""
    task = _task(day)
    result = _solve(task)
    accepted = set(result.accepted)
    missed = sorted(set(range(len(day.demands))) - accepted, key=_urgent(task))
    placements = seats(day, task.layout, result.board.cells, result.accepted)
    spare, of_reserves, full, probe = _spare(day, result.board)
    first = task.layout.kind_of[missed[0]] if missed else probe
    reached = bool(missed) or spare < SPARE_COUNTED
    return Plan(
        placements=placements,
        missed=_told(task, result.board, missed),
        promoted=_promoted(day, {each.account for each in placements}),
        spare=spare,
        spare_on_reserves=of_reserves,
        binding=obstruction(
            day, full.layout, result.board if missed else full, first, beyond=spare > 0 and not missed
        )
        if reached
        else None,
        at_most=result.at_most,
        proven=result.proven,
    )


def _told(task: _Task, board: Board, missed: Sequence[int]) -> tuple[Missed, ...]:
    """Those that do not fit, each with what stands in its way; that is the same for all of a kind."""
    kinds = sorted({task.layout.kind_of[video] for video in missed})
    why = {kind: obstruction(task.day, task.layout, board, kind) for kind in kinds}
    return tuple(Missed(task.day.demands[video].id, why[task.layout.kind_of[video]]) for video in missed)


def everything_fits(day: Day) -> bool:
    """Does every video of a day find a place? Without the search for small days, so a yes is always true.

    What is above the bound is not tried: that is what takes long, and nearly every no is one of those.
    """
    task, number = _task(day), len(day.demands)
    uniform = is_uniform(task.layout)
    if not uniform and _bound(task) < number:
        return False
    _, rejected = _settled(task, range(number))
    return not rejected or (not uniform and len(_tried(task)[1]) == number)


def count(day: Day) -> int:
    """How many videos of a day fit: the number of placements of its plan, without the rest of it."""
    return len(_solve(_task(day)).accepted)


def _task(day: Day) -> _Task:
    layout = layout_of(day, day.demands)
    return _Task(day, layout, tuple(_earlier_cells(day, layout)))


def _earlier_cells(day: Day, layout: Layout) -> Iterable[Cell | None]:
    places = {(each.account, each.day): number for number, each in enumerate(day.capacities)}
    begins = [segment.moments[0] for segment in layout.segments]
    for demand, kind in zip(day.demands, layout.kind_of, strict=True):
        if demand.earlier is None:
            yield None
            continue
        account, at = demand.earlier
        segment = bisect_right(begins, at) - 1
        capacity = places.get((account, layout.segments[segment].day)) if segment >= 0 else None
        it = layout.kinds[kind]
        allowed = capacity is not None and capacity in it.where and segment in it.when
        yield (capacity, segment) if allowed and capacity is not None else None


def _solve(task: _Task) -> _Result:
    everything = range(len(task.day.demands))
    board, rejected = _settled(task, everything)
    if not rejected:
        return _Result(board, tuple(everything), len(everything), proven=True)
    result = _chosen(task)
    board, rejected = _settled(task, result.accepted)
    settled = result if rejected else replace(result, board=board)
    return settled if result.proven else _topped_up(task, settled)


def _topped_up(task: _Task, result: _Result) -> _Result:
    """Where nothing is proven, moving others aside may have made room for those that found none before."""
    missed = sorted(set(range(len(task.day.demands))) - set(result.accepted), key=_urgent(task))
    result.board.admit_reserves()
    while (left := _fill(task, result.board, missed)) != missed:
        missed = left
        result.board.admit_reserves()
    accepted = tuple(sorted(set(range(len(task.day.demands))) - set(missed)))
    return replace(result, accepted=accepted, proven=len(accepted) == result.at_most)


def _settled(task: _Task, videos: Iterable[int]) -> tuple[Board, list[int]]:
    """Places videos on production first, and on reserves what that cannot take; the board, and what is left."""
    board = Board(task.layout, reserves=task.day.reserves is Policy.DAILY)
    left = _fill(task, board, sorted(videos, key=_narrow(task)))
    if left and task.day.reserves is Policy.STANDBY:
        board.admit_reserves()
        left = _fill(task, board, left)
    return board, left


def _fill(task: _Task, board: Board, order: Iterable[int]) -> list[int]:
    """Places videos in this order; those that found no place."""
    return [video for video in order if not board.place(task.layout.kind_of[video], task.preferred[video])]


def _chosen(task: _Task) -> _Result:
    """Which videos to take when not all of them fit."""
    board, accepted = _tried(task)
    if is_uniform(task.layout):
        return _Result(board, accepted, len(accepted), proven=True)
    values = _values(task)
    found = search(task.layout, values, sum(values[video] for video in accepted))
    if found is not None and found.places:
        board, accepted = _replayed(task.layout, found.places), tuple(sorted(found.places))
    if (found is not None and found.complete) or is_chain(task.layout):
        return _Result(board, accepted, len(accepted), proven=True)
    most = _bound(task)
    return _Result(board, accepted, most, proven=most == len(accepted))


def _tried(task: _Task) -> tuple[Board, tuple[int, ...]]:
    """The best of placing in the order of urgency and, where prices differ, with the cheapest or the dearest first.

    The dearest first are spread over the accounts, each of which then fills up with cheap ones; the other way round
    some accounts are full of cheap ones, and the dear ones are left to few.
    """
    everything = range(len(task.day.demands))
    tried = []
    orders = [sorted(everything, key=_urgent(task))]
    if not is_uniform(task.layout):
        orders.append(sorted(everything, key=_cheap(task)))
        # Where all pay from one pool, it does not matter who is where, and the cheapest first are the most.
        orders += [] if is_single(task.layout) else [sorted(everything, key=_dear(task))]
    for order in orders:
        board = Board(task.layout, reserves=True)
        rejected = set(_fill(task, board, order))
        tried.append((board, tuple(video for video in everything if video not in rejected)))
    values = _values(task)
    return max(tried, key=lambda each: sum(values[video] for video in each[1]))


def _replayed(layout: Layout, places: dict[int, Cell]) -> Board:
    board = Board(layout, reserves=True)
    for video, cell in places.items():
        board.put(layout.kind_of[video], cell)
    return board


def _bound(task: _Task) -> int:
    """More than this no plan places: the flow when all are as cheap as the cheapest, and what all money pays for."""
    board = Board(relaxed(task.layout), reserves=True)
    order = sorted(range(len(task.day.demands)), key=_narrow(task))
    flow = len(order) - sum(not board.place(task.layout.kind_of[video]) for video in order)
    return min(flow, affordable(task.layout))


def _values(task: _Task) -> list[int]:
    """What a video is worth: one more counts above all, then one more of the most urgent, and so on."""
    base = len(task.day.demands) + 1
    top = base ** (len(PRIORITIES) + 1)
    return [top + base ** (PRIORITIES.stop - 1 - each.priority) for each in task.day.demands]


def _narrow(task: _Task) -> Callable[[int], int]:
    """Those with the fewest places first, so that others seldom need to move; those with a place before others.

    Equals keep their order. All is one number, because days are large and numbers are compared at once.
    """
    kinds, demands, of = task.layout.kinds, task.day.demands, task.layout.kind_of

    def key(video: int) -> int:
        kind, each = kinds[of[video]], demands[video]
        places = len(kind.where) * len(task.layout.segments) + len(kind.when)
        return (places * 2 + (each.earlier is None)) * PRIORITIES.stop + each.priority

    return key


def _urgent(task: _Task) -> Callable[[int], int]:
    narrow, demands = _narrow(task), task.day.demands
    most = (len(task.day.capacities) + 2) * (len(task.layout.segments) + 1) * 2 * PRIORITIES.stop
    return lambda video: demands[video].priority * most + narrow(video)


def _cheap(task: _Task, sign: int = 1) -> Callable[[int], tuple[int, ...]]:
    urgent, layout = _urgent(task), task.layout

    def key(video: int) -> tuple[int, ...]:
        prices = layout.prices[layout.kinds[layout.kind_of[video]].ware]
        return (*(sign * units for units in (prices[0].buckets if prices else ())), urgent(video))

    return key


def _dear(task: _Task) -> Callable[[int], tuple[int, ...]]:
    return _cheap(task, -1)


def ordinary(demands: Sequence[Demand]) -> Demand:
    """The ordinary video: for any account at any time, with what most of the videos have."""
    free = [each.methods for each in demands if each.target.account is None and each.target.group is None]
    methods = Counter(free or [each.methods for each in demands] or [(Method.VIDEOS_INSERT,)])
    return Demand("", methods.most_common(1)[0][0])


def _spare(day: Day, board: Board) -> tuple[int, int, Board, int]:
    """How many ordinary videos still fit, how many of them on reserves, the board filled up with
    them, and their kind.
    """
    layout = layout_of(day, (*day.demands, ordinary(day.demands)))
    full = Board(layout, reserves=day.reserves is Policy.DAILY)
    for cell, kinds in board.cells.items():
        for kind, number in kinds.items():
            full.put(kind, cell, number)
    spare = _filled_up(full, layout.kind_of[-1], SPARE_COUNTED)
    if day.reserves is Policy.STANDBY:
        full.admit_reserves()
        spare += _filled_up(full, layout.kind_of[-1], SPARE_COUNTED - spare)
    of_reserves = max(0, _on_reserves(full) - _on_reserves(board))
    return spare, min(spare, of_reserves), full, layout.kind_of[-1]


def _filled_up(board: Board, kind: int, most: int) -> int:
    """Places videos of a kind until none finds a place, or so many have; how many did."""
    number = 0
    while number < most and board.place(kind):
        number += 1
    return number


def _on_reserves(board: Board) -> int:
    return sum(
        sum(kinds.values()) for (capacity, _), kinds in board.cells.items() if board.layout.reserve[capacity]
    )


def _promoted(day: Day, used: set[AccountId]) -> tuple[AccountId, ...]:
    if day.reserves is not Policy.STANDBY:
        return ()
    return tuple(sorted({each.account for each in day.capacities if each.reserve} & used))
