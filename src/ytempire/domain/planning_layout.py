"""A day in numbers: accounts, pools and segments of time by index, videos gathered into kinds that are alike.

A *segment* is a run of grid moments that no limit of any video tells apart. A *pool* is a project on a quota
day. A *kind* is what videos share that may go to the same accounts in the same segments at the same price.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, pairwise
from operator import gt

from ytempire.domain.planning import Budget, Capacity, Day, Demand
from ytempire.domain.publication import Target
from ytempire.domain.quota import Bucket, Method, Profile, Purpose, of_purpose
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.reserves import Policy
from ytempire.domain.values import ProjectId

Amounts = tuple[int, ...]
"""Units per bucket in the order of `BUCKETS`, or per purpose in the order of `PURPOSES`."""

BUCKETS = tuple(Bucket)
PURPOSES = tuple(Purpose)
UNLIMITED = 2**62


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of moments in one window and one quota day."""

    window: int
    day: QuotaDay
    moments: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """Videos that are alike: the capacities and segments open to them, their ware (a line of prices), whether they
    are long, and the project that they stay in because they were started there.
    """

    where: tuple[int, ...]
    when: tuple[int, ...]
    ware: int
    long: bool = False
    home: ProjectId | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """What a ware costs in a pool: by bucket, and by purpose of an account's allocation."""

    buckets: Amounts
    purposes: Amounts


@dataclass(frozen=True, slots=True)
class Layout:
    """The day in numbers. `starts[capacity][segment]` are the free moments; `purses` None: no allocation."""

    segments: tuple[Segment, ...]
    shares: tuple[int, ...]
    starts: tuple[tuple[tuple[datetime, ...], ...], ...]
    caps: tuple[int, ...]
    reserve: tuple[bool, ...]
    pools: tuple[int, ...]
    purses: tuple[Amounts | None, ...]
    budgets: tuple[Amounts, ...]
    prices: tuple[tuple[Price, ...], ...]
    kinds: tuple[Kind, ...]
    kind_of: tuple[int, ...]

    def price(self, kind: int, capacity: int) -> Price:
        """What one video of a kind costs on a capacity."""
        return self.prices[self.kinds[kind].ware][self.pools[capacity]]


def layout_of(day: Day, demands: Sequence[Demand]) -> Layout:
    """The day in numbers, for these demands in this order."""
    budgets = {(each.project, each.day): number for number, each in enumerate(day.budgets)}
    capacities = day.capacities
    grid = day.grid()
    spans = [_span(each, [moment for moment, _ in grid]) for each in demands]
    segments, cuts = _segments(grid, spans)
    wares, kinds, kind_of = _gathered(demands, spans)
    starts = _starts(capacities, segments, day.spacing)
    prices = tuple(_prices(methods, day.budgets, day.profiles) for methods in wares)
    where = _Whereabouts(day, starts, prices)
    return Layout(
        segments=segments,
        shares=tuple(window.share for window in day.windows),
        starts=starts,
        caps=tuple(each.uploads_left for each in capacities),
        reserve=tuple(each.reserve for each in capacities),
        pools=tuple(budgets[each.project, each.day] for each in capacities),
        purses=tuple(_purse(each) for each in capacities),
        budgets=tuple(map(_left, day.budgets)),
        prices=prices,
        kinds=tuple(
            Kind(where.of(wish, ware), _between(cuts, span), ware, wish.long, where.stays(wish, ware))
            for wish, span, ware in kinds
        ),
        kind_of=tuple(kind_of),
    )


@dataclass(frozen=True, slots=True)
class _Wish:
    """What says where a video may go, its price aside."""

    target: Target
    long: bool
    home: ProjectId | None = None


def _gathered(
    demands: Sequence[Demand], spans: Sequence[tuple[int, int]]
) -> tuple[Sequence[tuple[Method, ...]], Sequence[tuple[_Wish, tuple[int, int], int]], list[int]]:
    """The wares, what each kind shares (wish, span and ware), and the kind of each demand."""
    wares: dict[tuple[Method, ...], int] = {}
    kinds: dict[tuple[_Wish, tuple[int, int], int], int] = {}
    kind_of = []
    for each, span in zip(demands, spans, strict=True):
        ware = wares.setdefault(tuple(sorted(each.methods)), len(wares))
        wish = _Wish(_plain(each.target), each.long, each.home)
        kind_of.append(kinds.setdefault((wish, span, ware), len(kinds)))
    return tuple(wares), tuple(kinds), kind_of


def _plain(target: Target) -> Target:
    return Target(account=target.account) if target.account is not None else target


class _Whereabouts:
    """The capacities that are open to a wish, each list made once."""

    def __init__(
        self, day: Day, starts: Sequence[Sequence[Sequence[datetime]]], prices: Sequence[Sequence[Price]]
    ) -> None:
        self._day, self._starts, self._prices = day, starts, prices
        by_target: dict[tuple[Target, bool], list[int]] = {}
        for number, each in enumerate(day.capacities):
            if each.obstacle or (each.reserve and day.reserves is Policy.OFF):
                continue
            groups = [Target(group=group) for group in sorted(each.groups)]
            for target in (Target(), Target(account=each.account), *groups):
                for long in (False,) if each.only_short else (False, True):
                    by_target.setdefault((target, long), []).append(number)
        self._known = {which: tuple(numbers) for which, numbers in by_target.items()}
        self._at_home: dict[tuple[_Wish, int], tuple[int, ...]] = {}

    def of(self, wish: _Wish, ware: int) -> tuple[int, ...]:
        """The capacities of a wish, at the price of a ware; the same tuple each time."""
        if wish.home is None:
            return self._known.get((wish.target, wish.long), ())
        if (wish, ware) not in self._at_home:
            self._at_home[wish, ware] = tuple(self._kept(wish, ware))
        return self._at_home[wish, ware]

    def stays(self, wish: _Wish, ware: int) -> ProjectId | None:
        """The project that keeps it from others, if any does."""
        everywhere = self._known.get((wish.target, wish.long), ())
        return wish.home if len(self.of(wish, ware)) < len(everywhere) else None

    def _kept(self, wish: _Wish, ware: int) -> Iterator[int]:
        """On each quota day those of its home, when that is short or can take it; else, like `failover.kept`, all."""
        everywhere = self._known.get((wish.target, wish.long), ())
        capacities = self._day.capacities
        at_home = [number for number in everywhere if capacities[number].project == wish.home]
        bound = {capacities[number].day for number in at_home if self._takes_any(number)}
        for pool, each in enumerate(self._day.budgets):
            price = self._prices[ware][pool].buckets
            if each.project == wish.home and any(map(gt, price, _left(each))):
                bound.add(each.day)
        for number in everywhere:
            one = capacities[number]
            if one.project == wish.home or one.day not in bound:
                yield number

    def _takes_any(self, number: int) -> bool:
        return self._day.capacities[number].uploads_left > 0 and any(self._starts[number])


def _left(budget: Budget) -> Amounts:
    return tuple(budget.left.get(bucket, 0) for bucket in BUCKETS)


def _span(demand: Demand, moments: Sequence[datetime]) -> tuple[int, int]:
    """The grid moments open to a demand, as a half-open range; (0, 0) when there is none."""
    low = bisect_left(moments, demand.not_before) if demand.not_before else 0
    high = bisect_left(moments, demand.deadline) if demand.deadline else len(moments)
    return (low, high) if low < high else (0, 0)


def _segments(
    grid: Sequence[tuple[datetime, int]], spans: Iterable[tuple[int, int]]
) -> tuple[tuple[Segment, ...], list[int]]:
    """The segments, and the grid index at which each begins."""
    edges = {edge for span in spans for edge in span}
    found: list[tuple[int, QuotaDay, list[datetime]]] = []
    cuts = []
    for index, (moment, window) in enumerate(grid):
        day = QuotaDay.of(moment)
        if index in edges or not found or found[-1][:2] != (window, day):
            found.append((window, day, []))
            cuts.append(index)
        found[-1][2].append(moment)
    return tuple(Segment(window, day, tuple(moments)) for window, day, moments in found), cuts


def _between(cuts: Sequence[int], span: tuple[int, int]) -> tuple[int, ...]:
    """The numbers of the segments that begin within a range of the grid."""
    return tuple(range(bisect_left(cuts, span[0]), bisect_left(cuts, span[1])))


def _starts(
    capacities: Sequence[Capacity], segments: Sequence[Segment], spacing: timedelta
) -> tuple[tuple[tuple[datetime, ...], ...], ...]:
    """The free moments of each capacity in each segment; those that nothing disturbs share one value."""
    plain: dict[QuotaDay, tuple[tuple[datetime, ...], ...]] = {}
    found = []
    for each in capacities:
        if each.day not in plain:
            plain[each.day] = tuple(one.moments if one.day == each.day else () for one in segments)
        moments = plain[each.day]
        if each.started or each.free_from:
            moments = tuple(tuple(at for at in run if _is_free(each, at, spacing)) for run in moments)
        found.append(moments)
    return tuple(found)


def _is_free(capacity: Capacity, at: datetime, spacing: timedelta) -> bool:
    early = capacity.free_from is not None and at < capacity.free_from
    return not early and all(abs(at - other) >= spacing for other in capacity.started)


def _purse(capacity: Capacity) -> Amounts | None:
    if not capacity.allocation:
        return None
    return tuple(capacity.allocation.get(purpose, UNLIMITED) for purpose in PURPOSES)


def _prices(
    methods: tuple[Method, ...], budgets: Sequence[Budget], profiles: Mapping[ProjectId, Profile]
) -> tuple[Price, ...]:
    """The price of a ware in each pool."""
    known: dict[tuple[str, bool], Price] = {}
    found = []
    for budget in budgets:
        profile = profiles[budget.project]
        if profile.edition not in known:
            known[profile.edition] = _price(methods, profile)
        found.append(known[profile.edition])
    return tuple(found)


def _price(methods: tuple[Method, ...], profile: Profile) -> Price:
    everything = (*methods, *profile.more_inserts)
    cost = profile.cost(everything)
    purposes = tuple(of_purpose(cost.parts, each) for each in PURPOSES)
    return Price(tuple(cost.of(bucket) for bucket in BUCKETS), purposes)


def is_uniform(layout: Layout) -> bool:
    """Does every pool, and every allocation in it, see one price only?"""
    seen: dict[int, Price] = {}
    purses = {layout.pools[number] for number, purse in enumerate(layout.purses) if purse is not None}
    for ware, pools in {
        (kind.ware, frozenset(layout.pools[number] for number in kind.where)) for kind in layout.kinds
    }:
        for pool in pools:
            price = layout.prices[ware][pool]
            known = seen.setdefault(pool, price)
            if known.buckets != price.buckets or (pool in purses and known.purposes != price.purposes):
                return False
    return True


def is_single(layout: Layout) -> bool:
    """Is there one pool, and no allocation?"""
    return len(layout.budgets) == 1 and all(purse is None for purse in layout.purses)


def is_chain(layout: Layout) -> bool:
    """Is there one pool and no allocation, and of any two prices one the dearer in no bucket?"""
    if not is_single(layout):
        return False
    prices = sorted(each[0].buckets for each in layout.prices)
    return all(all(a <= b for a, b in zip(one, other, strict=True)) for one, other in pairwise(prices))


def relaxed(layout: Layout) -> Layout:
    """The same day with every video as cheap as the cheapest: no plan of the true day places more."""
    counts = tuple(_most(layout, pool) for pool in range(len(layout.budgets)))
    purses: list[Amounts | None] = []
    for purse, pool in zip(layout.purses, layout.pools, strict=True):
        prices = [line[pool].purposes for line in layout.prices]
        most = None if purse is None else min(_cheapest(prices, purse))
        purses.append(None if most is None else (most,))
    one = Price((1,), (1,))
    return Layout(
        layout.segments, layout.shares, layout.starts, layout.caps, layout.reserve, layout.pools, tuple(purses),
        tuple((count,) for count in counts), tuple((one,) * len(counts) for _ in layout.prices), layout.kinds,
        layout.kind_of,
    )  # fmt: skip


def _cheapest(prices: Sequence[Amounts], left: Amounts) -> list[int]:
    """How often the cheapest price fits, by each amount on its own."""
    found = []
    for index, amount in enumerate(left):
        least = min((price[index] for price in prices), default=0)
        found.append(amount // least if least else UNLIMITED)
    return found


def _most(layout: Layout, pool: int) -> int:
    """How many of these videos fit a pool when the cheapest come first, by each bucket on its own."""
    wares = [layout.kinds[kind].ware for kind in layout.kind_of]
    prices = [layout.prices[ware][pool].buckets for ware in wares]
    return min(
        _prefix([each[index] for each in prices], left) for index, left in enumerate(layout.budgets[pool])
    )


def affordable(layout: Layout) -> int:
    """How many of these videos the budgets of all pools together pay for, each at its lowest price."""
    lowest = [tuple(map(min, zip(*(price.buckets for price in line), strict=True))) for line in layout.prices]
    prices = [lowest[layout.kinds[kind].ware] for kind in layout.kind_of]
    together = [sum(amounts) for amounts in zip(*layout.budgets, strict=True)]
    return min(_prefix([each[index] for each in prices], left) for index, left in enumerate(together))


def _prefix(prices: list[int], left: int) -> int:
    """How many of these prices an amount pays for, the lowest first."""
    return bisect_right(list(accumulate(sorted(prices))), left)
