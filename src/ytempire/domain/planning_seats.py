"""From counts to a calendar: which video of a kind takes which moment of which cell."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from ytempire.domain.planning import Day, Demand, Placement
from ytempire.domain.planning_board import Cell
from ytempire.domain.planning_layout import Layout

Seat = tuple[datetime, int]
"""A moment on a capacity."""

_PHASES = 1000
_STRIDE = 618
"""Neighbouring accounts begin at very different parts of a step (the golden section spreads them)."""


def seats(
    day: Day, layout: Layout, cells: Mapping[Cell, Mapping[int, int]], accepted: Iterable[int]
) -> tuple[Placement, ...]:
    """The placements, by time, account and video. A video keeps its earlier place where its kind is there still."""
    videos: dict[int, list[int]] = defaultdict(list)
    for video in accepted:
        videos[layout.kind_of[video]].append(video)
    wishes = _wishes(day, layout, videos)
    free: dict[int, list[Seat]] = defaultdict(list)
    for cell in sorted(cells):
        for kind, moment in _dealt(layout, cell, cells[cell], wishes):
            free[kind].append((moment, cell[0]))
    window = {moment: each.window for each in layout.segments for moment in each.moments}
    found = []
    for kind, numbers in videos.items():
        for video, (moment, capacity) in _seated(day, numbers, free[kind]):
            name = day.windows[window[moment]].name
            account = day.capacities[capacity].account
            found.append(Placement(day.demands[video].id, account, name, moment))
    return tuple(sorted(found, key=lambda each: (each.at, each.account, each.video)))


def _wishes(day: Day, layout: Layout, videos: Mapping[int, Sequence[int]]) -> dict[Seat, int]:
    capacities = {(each.account, each.day): number for number, each in enumerate(day.capacities)}
    days = {moment: each.day for each in layout.segments for moment in each.moments}
    wishes = {}
    for kind, numbers in videos.items():
        for video in numbers:
            earlier = day.demands[video].earlier
            if earlier is not None and earlier[1] in days:
                capacity = capacities.get((earlier[0], days[earlier[1]]))
                if capacity is not None:
                    wishes[earlier[1], capacity] = kind
    return wishes


def _dealt(
    layout: Layout, cell: Cell, kinds: Mapping[int, int], wishes: Mapping[Seat, int]
) -> list[tuple[int, datetime]]:
    """The moments of a cell that are taken, each with its kind: wishes first, the rest spread evenly."""
    capacity, segment = cell
    left = dict(sorted(kinds.items()))
    dealt = []
    rest = []
    for moment in layout.starts[capacity][segment]:
        kind = wishes.get((moment, capacity))
        if kind is not None and left.get(kind):
            left[kind] -= 1
            dealt.append((kind, moment))
        else:
            rest.append(moment)
    others = [kind for kind, number in left.items() for _ in range(number)]
    phase = capacity * _STRIDE % _PHASES
    for index, kind in enumerate(others):
        place = (index * _PHASES + phase) * len(rest) // (len(others) * _PHASES)
        dealt.append((kind, rest[place]))
    return dealt


def _seated(day: Day, videos: Sequence[int], free: Sequence[Seat]) -> list[tuple[int, Seat]]:
    """Videos of one kind with their seats: earlier ones where they can be kept, the most urgent soonest."""
    accounts = day.capacities
    by_place = {(accounts[capacity].account, moment): (moment, capacity) for moment, capacity in free}
    found = []
    others = []
    for video in sorted(videos, key=lambda number: _order(day.demands[number])):
        earlier = day.demands[video].earlier
        seat = by_place.pop(earlier, None) if earlier is not None else None
        if seat is None:
            others.append(video)
        else:
            found.append((video, seat))
    return found + list(zip(others, sorted(by_place.values()), strict=True))


def _order(demand: Demand) -> tuple[int, bool, str, str]:
    deadline = demand.deadline
    return demand.priority, deadline is None, deadline.isoformat() if deadline else "", demand.id
