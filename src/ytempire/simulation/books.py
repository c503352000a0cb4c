"""The books: what each quota day came to, read from events, ledger and accounts when it is over."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ytempire.domain.accounts import Account, Condition
from ytempire.domain.decision import OUT_OF_QUOTA, shortage
from ytempire.domain.events import Event, Kind
from ytempire.domain.lifecycle import State
from ytempire.domain.quota import Bucket, LedgerLine
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import AccountId, ProjectId, PublicationId
from ytempire.ports import Filter
from ytempire.simulation.house import House
from ytempire.simulation.result import Day, Line

_ALL = 1_000_000_000
_TICK = timedelta(microseconds=1)
_WISHED = "not_before"
_COUNTED = {
    Kind.SUBMITTED: "submitted",
    Kind.PUBLISHED: "published",
    Kind.HELD: "held",
    Kind.PROCESSING_FAILED: "failed",
    Kind.DUPLICATE: "duplicates",
    Kind.REFUSED: "refused",
    Kind.RETRYING: "retries",
    Kind.EXTRA_RETRYING: "retries",
}


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan as it was made: how many have a place, whether all have, the most it takes of a bucket in percent."""

    placed: int
    fits: bool
    percent: float


@dataclass(slots=True)
class Books:
    """Writes down one day after the other. `plans` holds those made since the last day was closed."""

    house: House
    days: list[Day] = field(default_factory=list)
    plans: list[Planned] = field(default_factory=list)
    _read: int = 0
    _short: dict[str, str] = field(default_factory=dict)
    """Of what waits for the reset: what holds most of the accounts, by publication."""

    async def plan(self, document: Mapping[str, Any]) -> Planned:
        """Writes a plan down."""
        planned = Planned(document["planned"], document["feasible"], await self._percent(document))
        self.plans.append(planned)
        return planned

    async def close(self, day: QuotaDay) -> Day:
        """The day that is just over."""
        news = await self._news()
        counts = Counter(_COUNTED[event.kind] for event in news if event.kind in _COUNTED)
        for event in news:
            if event.kind is Kind.DEFERRED and event.publication is not None:
                self._short[event.publication] = shortage(_obstacles(event))
        store = self.house.world.store
        plans, self.plans = self.plans, []
        last = plans[-1] if plans else None
        closed = Day(
            day=str(day),
            submitted=counts["submitted"],
            published=counts["published"],
            held=counts["held"],
            failed=counts["failed"],
            duplicates=counts["duplicates"],
            refused=counts["refused"],
            retries=counts["retries"],
            deferred=await self._deferred(),
            able=sum(_able(each, day.resets) for each in await store.accounts(day.resets - _TICK)),
            planned=last.placed if last else 0,
            plan_fits=last.fits if last else None,
            planned_percent=max((each.percent for each in plans), default=0.0),
            lines=tuple(_line(each) for each in await store.ledger(day)),
        )
        self.days.append(closed)
        return closed

    async def _news(self) -> list[Event]:
        found = await self.house.world.store.events(after=self._read, limit=_ALL)
        self._read = found[-1][0] if found else self._read
        return [event for _, event in found]

    async def _deferred(self) -> dict[str, int]:
        """What waits, by reason, with `out_of_quota` told apart by what is used up; not what waits for a
        moment that a person asked for.
        """
        waiting = await self.house.world.store.publications(Filter(frozenset({State.DEFERRED}), limit=_ALL))
        codes = Counter(
            self._short.get(each.id, OUT_OF_QUOTA) if each.reason.code == OUT_OF_QUOTA else each.reason.code
            for each in waiting
            if each.reason is not None
        )
        return {code: codes[code] for code in sorted(codes) if code != _WISHED}

    async def _percent(self, document: Mapping[str, Any]) -> float:
        """The fullest bucket if everything goes by the plan, with the work that was there before."""
        taken: Counter[tuple[ProjectId, Bucket, QuotaDay]] = Counter()
        store, layout = self.house.world.store, self.house.scenario.layout
        projects = {each.id: each.project for each in layout.accounts}
        for each in document["assignments"]:
            publication = await store.publication(PublicationId(each["video"]))
            if publication is None:
                raise LookupError(f"a plan places {each['video']}, which there is not")
            project = projects[AccountId(each["account"])]
            day = QuotaDay.of(datetime.fromisoformat(each["start_at"]))
            cost = layout.profiles[project].cost(publication.request.methods())
            for bucket, units in cost.units.items():
                taken[project, bucket, day] += units
        lines = [line for day in {day for _, _, day in taken} for line in await store.ledger(day)]
        return max((_share(line, taken) for line in lines), default=0.0)


def _obstacles(event: Event) -> list[str]:
    """What is in the way on each account that was weighed."""
    weighed = event.data.get("candidates")
    return (
        [str(each["obstacle"]) for each in weighed if each["obstacle"]] if isinstance(weighed, list) else []
    )


def _share(line: LedgerLine, taken: Counter[tuple[ProjectId, Bucket, QuotaDay]]) -> float:
    units = taken[line.project, line.bucket, line.day]
    return round(100 * (line.used + line.reserved + units) / line.limit, 2) if units else 0.0


def _able(account: Account, now: datetime) -> bool:
    parked = account.parked_until is not None and account.parked_until > now
    return account.condition is Condition.ACTIVE and not parked


def _line(line: LedgerLine) -> Line:
    return Line(line.project, str(line.bucket), line.used + line.overhead, line.limit, line.closed)
