"""From counts to a calendar: which video of a kind takes which moment of which cell.

A *seat* is a moment on a capacity, as one number: seats in the order of time, then of capacities.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ytempire.domain.planning import Day, Demand, Placement
from ytempire.domain.planning_board import Cell
from ytempire.domain.planning_layout import Layout
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import AccountId

_PHASES = 1000
_STRIDE = 618
"""Neighbouring accounts begin at very different parts of a step (the golden section spreads them)."""


@dataclass(frozen=True, slots=True)
class _Hall:
    """The moments of the day by their rank, and the seats that demands had in the plan before."""

    day: Day
    moments: tuple[datetime, ...]
    rank: Mapping[datetime, int]
    earlier: Mapping[int, int]

    def seat(self, moment: datetime, capacity: int) -> int:
        """The number of a seat."""
        return self.rank[moment] * len(self.day.capacities) + capacity

    def placement(self, video: int, seat: int, windows: Sequence[str]) -> Placement:
        """A video on a seat."""
        rank, capacity = divmod(seat, len(self.day.capacities))
        account = self.day.capacities[capacity].account
        return Placement(self.day.demands[video].id, account, windows[rank], self.moments[rank])


def seats(
    day: Day, layout: Layout, cells: Mapping[Cell, Mapping[int, int]], accepted: Iterable[int]
) -> tuple[Placement, ...]:
    """The placements in the order of their seats. A video keeps its earlier one where its kind is there still."""
    hall = _hall(day, layout)
    videos: dict[int, list[int]] = defaultdict(list)
    for video in accepted:
        videos[layout.kind_of[video]].append(video)
    wishes = {
        hall.earlier[video]: kind for kind, each in videos.items() for video in each if video in hall.earlier
    }
    free: dict[int, list[int]] = defaultdict(list)
    for cell, kinds in cells.items():
        for kind, seat in _dealt(hall, layout, cell, kinds, wishes):
            free[kind].append(seat)
    taken = [pair for kind, numbers in videos.items() for pair in _seated(hall, numbers, free[kind])]
    windows = [day.windows[each.window].name for each in layout.segments for _ in each.moments]
    return tuple(hall.placement(video, seat, windows) for seat, video in sorted(taken))


def _hall(day: Day, layout: Layout) -> _Hall:
    moments = tuple(moment for segment in layout.segments for moment in segment.moments)
    rank = {moment: number for number, moment in enumerate(moments)}
    capacities: dict[tuple[AccountId, QuotaDay], int] = {
        (each.account, each.day): number for number, each in enumerate(day.capacities)
    }
    earlier = {}
    for video, demand in enumerate(day.demands):
        if demand.earlier is not None and demand.earlier[1] in rank:
            account, at = demand.earlier
            capacity = capacities.get((account, QuotaDay.of(at)))
            if capacity is not None:
                earlier[video] = rank[at] * len(day.capacities) + capacity
    return _Hall(day, moments, rank, earlier)


def _dealt(
    hall: _Hall, layout: Layout, cell: Cell, kinds: Mapping[int, int], wishes: Mapping[int, int]
) -> list[tuple[int, int]]:
    """The seats of a cell that are taken, each with its kind: wishes first, the rest spread evenly."""
    capacity, segment = cell
    left = dict(sorted(kinds.items()))
    dealt = []
    rest = []
    for moment in layout.starts[capacity][segment] if left else ():
        kind = wishes.get(hall.seat(moment, capacity)) if wishes else None
        if kind is not None and left.get(kind):
            left[kind] -= 1
            dealt.append((kind, hall.seat(moment, capacity)))
        else:
            rest.append(moment)
    others = [kind for kind, number in left.items() for _ in range(number)]
    phase = capacity * _STRIDE % _PHASES
    for index, kind in enumerate(others):
        place = (index * _PHASES + phase) * len(rest) // (len(others) * _PHASES)
        dealt.append((kind, hall.seat(rest[place], capacity)))
    return dealt


def _seated(hall: _Hall, videos: Sequence[int], free: Sequence[int]) -> list[tuple[int, int]]:
    """Seats of one kind with their videos: earlier ones where they can be kept, the most urgent soonest."""
    left = set(free)
    found = []
    others = []
    for video in sorted(videos, key=lambda number: _order(hall.day.demands[number])):
        seat = hall.earlier.get(video)
        if seat is not None and seat in left:
            left.remove(seat)
            found.append((seat, video))
        else:
            others.append(video)
    return found + list(zip(sorted(left), others, strict=True))


def _order(demand: Demand) -> tuple[int, float]:
    return demand.priority, demand.deadline.timestamp() if demand.deadline else float("inf")
