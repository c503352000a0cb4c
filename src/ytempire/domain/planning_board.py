"""The board on which videos are placed one after the other, moving others aside where that makes room.

It keeps counts, not videos: so many of a kind in a cell (a capacity in a segment). Cells lie in capacities and
capacities in pools, so the limits are nested, and placing is finding an augmenting path in a flow. The board is
the one thing here that changes; each run has its own.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heapify, heappop, heapreplace
from operator import add, ge

from ytempire.domain.planning_layout import Amounts, Layout, is_single, is_uniform

Cell = tuple[int, int]
"""A capacity and a segment."""

NOWHERE = -1
PATIENCE = 2_000
"""Cells looked at for one video where looking at more would prove nothing."""

_SCALE = 1 << 20
_MANY = 1 << 32
"""More than there can be accounts: two parts of one number that is compared at once."""


@dataclass(frozen=True, slots=True)
class _Move:
    """A kind that looks for a place, having left `leaves` so that the one before could enter `enters`.

    `home` is the pool whose budget still holds its price, so that it need not pay there again.
    """

    kind: int
    home: int = NOWHERE
    before: "_Move | None" = None
    enters: Cell = (NOWHERE, NOWHERE)
    leaves: Cell = (NOWHERE, NOWHERE)


@dataclass(frozen=True, slots=True)
class _Search:
    """What one search has been through: kinds with the pool they need not pay in, cells at a price, and capacities
    out of which every kind has been asked. The last are known where nothing depends on the price.
    """

    seen: set[tuple[int, int]]
    passed: set[tuple[Cell, Amounts, int]]
    emptied: set[int]


class Board:
    """Counts of kinds in cells, and what is left of every limit."""

    def __init__(self, layout: Layout, *, reserves: bool) -> None:
        self.layout = layout
        self.single = is_single(layout)
        self.exact = self.single or is_uniform(layout)
        self.open = [reserves or not reserve for reserve in layout.reserve]
        self.room = [[len(moments) for moments in row] for row in layout.starts]
        self.cap = list(layout.caps)
        self.purse = list(layout.purses)
        self.budget = list(layout.budgets)
        self.cells: dict[Cell, dict[int, int]] = {}
        self.by_pool: list[dict[int, dict[Cell, None]]] = [{} for _ in layout.budgets]
        self.placed = [0] * len(layout.segments)
        self._in_window = [0] * len(layout.shares)
        self._heaps: dict[tuple[int, int, int], list[int]] = {}
        self._hopeless: set[int] = set()
        self._closed: set[tuple[Cell, Amounts, int]] = set()
        self._full: set[int] = set()

    def admit_reserves(self) -> None:
        """Opens the reserves too; what found no place before may find one now."""
        self.open = [True] * len(self.open)
        self._heaps.clear()
        self._hopeless.clear()
        self._closed.clear()
        self._full.clear()

    def place(self, kind: int, preferred: Cell | None = None) -> bool:
        """Places one video of a kind, in its preferred cell if that has room; False when there is no way."""
        if kind in self._hopeless or not self._affordable(kind):
            return False
        if preferred is not None and self._takes(kind, preferred):
            self.put(kind, preferred)
            return True
        cell = self._free_cell(kind)
        if cell is None and not self.exact:
            cell = next(
                iter(self.free_cells(kind)), None
            )  # which moves of mixed prices may have opened again
        if cell is not None:
            self.put(kind, cell)
            return True
        return self._augment(kind)

    def _affordable(self, kind: int) -> bool:
        """In a single pool moving others aside changes nothing about money, so it is asked for once, here."""
        where = self.layout.kinds[kind].where
        return not (self.single and where) or self.pays(kind, where[0])

    def put(self, kind: int, cell: Cell, number: int = 1) -> None:
        """So many videos of a kind into a cell; with -1 one out of it."""
        capacity, segment = cell
        pool = self.layout.pools[capacity]
        price = self.layout.price(kind, capacity)
        self.room[capacity][segment] -= number
        self.cap[capacity] -= number
        self.budget[pool] = _less(self.budget[pool], price.buckets, number)
        purse = self.purse[capacity]
        if purse is not None:
            self.purse[capacity] = _less(purse, price.purposes, number)
        self.placed[segment] += number
        self._in_window[self.layout.segments[segment].window] += number
        here = self.cells.setdefault(cell, {})
        here[kind] = here.get(kind, 0) + number
        if here[kind]:
            self.by_pool[pool].setdefault(kind, {})[cell] = None
        else:
            del here[kind]
            del self.by_pool[pool][kind][cell]

    def free_cells(self, kind: int) -> list[Cell]:
        """Every cell that has room for one more of a kind."""
        it = self.layout.kinds[kind]
        cells = [(capacity, segment) for capacity in it.where for segment in it.when]
        return [cell for cell in cells if self._takes(kind, cell)] if self._affordable(kind) else []

    def pays(self, kind: int, capacity: int) -> bool:
        """Does the pool still hold the price?"""
        return _covers(self.budget[self.layout.pools[capacity]], self.layout.price(kind, capacity).buckets)

    def allots(self, kind: int, capacity: int) -> bool:
        """Does the account's allocation still hold the price?"""
        purse = self.purse[capacity]
        return purse is None or _covers(purse, self.layout.price(kind, capacity).purposes)

    def _takes(self, kind: int, cell: Cell, home: int = NOWHERE) -> bool:
        capacity, segment = cell
        return (
            self.open[capacity]
            and self.room[capacity][segment] > 0
            and self.cap[capacity] > 0
            and self.allots(kind, capacity)
            and (self.single or self.layout.pools[capacity] == home or self.pays(kind, capacity))
        )

    def _free_cell(self, kind: int) -> Cell | None:
        """The cell with room where one more serves balance best: by window, then by segment, then by account."""
        for segment in sorted(self.layout.kinds[kind].when, key=self._fullness):
            capacity = self._least_loaded(kind, segment)
            if capacity is not None:
                return capacity, segment
        return None

    def _fullness(self, segment: int) -> tuple[float, float, int]:
        one = self.layout.segments[segment]
        share = self.layout.shares[one.window]
        window = (self._in_window[one.window] + 1) / share if share else float("inf")
        return window, (self.placed[segment] + 1) / len(one.moments), segment

    def _least_loaded(self, kind: int, segment: int) -> int | None:
        """A capacity with room, by a heap whose keys are brought up to date when they come to the top.

        What was closed to a price stays closed: no path ever gives room back for good. So it is dropped.
        """
        it = self.layout.kinds[kind]
        if len(it.where) == 1:
            return it.where[0] if self._takes(kind, (it.where[0], segment)) else None
        key = (id(it.where), segment, 0 if self.single else it.ware)
        heap = self._heaps.get(key)
        if heap is None:
            heap = [self._load(capacity, segment) for capacity in it.where if self.open[capacity]]
            heapify(heap)
            self._heaps[key] = heap
        while heap:
            capacity = heap[0] % _MANY
            if not self._takes(kind, (capacity, segment)):
                heappop(heap)
                continue
            load = self._load(capacity, segment)
            if load == heap[0]:
                return capacity
            heapreplace(heap, load)
        return None

    def _load(self, capacity: int, segment: int) -> int:
        """How busy a capacity is, and which: the used share of its cap, then of the segment, then its number."""
        cap = self.layout.caps[capacity]
        used = (cap - self.cap[capacity]) * _SCALE // cap if cap else _SCALE
        here = len(self.layout.starts[capacity][segment]) - self.room[capacity][segment]
        return (used * _SCALE + here) * _MANY + capacity

    def _augment(self, kind: int) -> bool:
        """Moves others aside, by the shortest chain that ends in a free cell."""
        search = _Search({(kind, NOWHERE)}, set(), set())
        stuck = deque([_Move(kind)])
        while stuck and (self.exact or len(search.passed) < PATIENCE):
            for move in self._exits(stuck.popleft(), search):
                cell = self._free_for(move)
                if cell is not None and self._apply(move, cell):
                    return True
                stuck.append(move)
        self._hopeless.add(kind)
        if self.exact:
            # What this search saw is full and stays so, with everything in it.
            self._hopeless |= {each for each, _ in search.seen}
            self._closed |= search.passed
            self._full |= search.emptied
        return False

    def _free_for(self, move: _Move) -> Cell | None:
        if move.home != NOWHERE:
            it = self.layout.kinds[move.kind]
            for capacity in it.where:
                if self.layout.pools[capacity] == move.home:
                    for segment in it.when:
                        if self._takes(move.kind, (capacity, segment), move.home):
                            return capacity, segment
        return self._free_cell(move.kind)

    def _exits(self, move: _Move, search: _Search) -> Iterator[_Move]:
        """Who could make room for this one, cell by cell: those in a full cell, on a full account, in a full pool.

        What was seen is left out, and what is given is seen from then on.
        """
        it = self.layout.kinds[move.kind]
        for capacity in it.where:
            if not self.open[capacity] or capacity in self._full:
                continue
            price = () if self.exact else self.layout.price(move.kind, capacity).buckets
            for segment in it.when:
                if capacity in search.emptied:
                    break
                key = ((capacity, segment), price, move.home)
                if key not in search.passed and key not in self._closed:
                    search.passed.add(key)
                    yield from self._exits_at(move, (capacity, segment), search)

    def _exits_at(self, move: _Move, cell: Cell, search: _Search) -> Iterator[_Move]:
        (capacity, segment), seen = cell, search.seen
        if not self.layout.starts[capacity][segment] or not self.layout.caps[capacity]:
            return
        pool = self.layout.pools[capacity]
        paid = self.single or pool == move.home or self.pays(move.kind, capacity)
        if self.room[capacity][segment] <= 0:
            leaving = [cell]
        elif self.cap[capacity] <= 0 or not self.allots(move.kind, capacity):
            leaving = [(capacity, other) for other in range(len(self.layout.segments))]
        else:
            for kind, places in tuple(self.by_pool[pool].items()):
                if (kind, NOWHERE) not in seen and places and self._worth(move.kind, kind, capacity):
                    seen.add((kind, NOWHERE))
                    yield _Move(kind, NOWHERE, move, cell, next(iter(places)))
            return
        home = pool if paid and not self.exact else NOWHERE
        for place in leaving:
            for kind in tuple(self.cells.get(place, ())):
                if (
                    (kind, home) not in seen
                    and self._allotted(move.kind, kind, capacity)
                    and (paid or self._worth(move.kind, kind, capacity))
                ):
                    seen.add((kind, home))
                    yield _Move(kind, home, move, cell, place)
        if self.exact and len(leaving) > 1:
            search.emptied.add(capacity)

    def _worth(self, entering: int, leaving: int, capacity: int) -> bool:
        """Does the pool hold the price of the one once it has that of the other back?"""
        left, price = self.budget[self.layout.pools[capacity]], self.layout.price
        return _covers(left, price(entering, capacity).buckets, price(leaving, capacity).buckets)

    def _allotted(self, entering: int, leaving: int, capacity: int) -> bool:
        purse = self.purse[capacity]
        if purse is None:
            return True
        price = self.layout.price
        return _covers(purse, price(entering, capacity).purposes, price(leaving, capacity).purposes)

    def _apply(self, last: _Move, cell: Cell) -> bool:
        """Carries out a chain from its end; takes it back and answers False when a limit was counted twice."""
        steps: list[tuple[int, Cell, int]] = [(last.kind, cell, 1)]
        move = last
        while move.before is not None:
            steps.append((move.kind, move.leaves, -1))
            steps.append((move.before.kind, move.enters, 1))
            move = move.before
        steps.sort(key=lambda step: step[2])
        done = []
        for kind, place, sign in steps:
            if sign < 0 and not self.cells.get(place, {}).get(kind):
                break
            self.put(kind, place, sign)
            done.append((kind, place, sign))
        if len(done) == len(steps) and all(self._sound(place) for _, place, _ in steps):
            return True
        for kind, place, sign in reversed(done):
            self.put(kind, place, -sign)
        return False

    def _sound(self, cell: Cell) -> bool:
        capacity, segment = cell
        purse = self.purse[capacity]
        return (
            self.room[capacity][segment] >= 0
            and self.cap[capacity] >= 0
            and min(self.budget[self.layout.pools[capacity]]) >= 0
            and (purse is None or min(purse) >= 0)
        )


def _less(left: Amounts, price: Amounts, sign: int) -> Amounts:
    return tuple(have - sign * cost for have, cost in zip(left, price, strict=True))


def _covers(left: Amounts, price: Amounts, back: Amounts = ()) -> bool:
    """Is there as much as the price, when this is given back? Nothing is asked as often, hence no generator."""
    return all(map(ge, map(add, left, back) if back else left, price))
