"""Planning a day: reads accounts, ledger and queue, asks the domain, keeps the plan and tells of it.

A plan advises; it starts nothing and moves nothing that was started. A *supposed* plan asks what a day would carry:
it looks at no queue, takes an account that was never connected for one that will be, and is not kept.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ytempire.domain.accounts import Account, Condition, Kind
from ytempire.domain.events import Event
from ytempire.domain.events import Kind as EventKind
from ytempire.domain.faults import Level
from ytempire.domain.lessons import is_long, only_short
from ytempire.domain.lifecycle import State
from ytempire.domain.planning import (
    BRIEF_WINDOWS,
    Budget,
    Capacity,
    Day,
    Demand,
    Shape,
    Window,
)
from ytempire.domain.planning_calendar import windows_of
from ytempire.domain.planning_remedies import remedies
from ytempire.domain.planning_solve import plan
from ytempire.domain.publication import Publication, Target
from ytempire.domain.quota import LedgerLine, Method, Profile, of_purpose
from ytempire.domain.quota_day import PACIFIC, QuotaDay
from ytempire.domain.reserves import Policy
from ytempire.domain.values import AccountId, ProjectId, Refusal, Refused
from ytempire.ports import Clock, Filter, Plans, Store, StoredPlan
from ytempire.services.documents import moment
from ytempire.services.planned import Document, told

_WAITING = frozenset({State.QUEUED, State.PLANNED, State.DEFERRED})
_STARTED = frozenset({State.UPLOADING, State.PROCESSING})
_PAGE = 1_000
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class PlanRules:
    """How days are planned here. `cross_project_failover`: see `domain.failover`."""

    zone: ZoneInfo = PACIFIC
    shapes: tuple[Shape, ...] = BRIEF_WINDOWS
    spacing: timedelta = timedelta(minutes=30)
    reserves: Policy = Policy.STANDBY
    cross_project_failover: bool = False


@dataclass(frozen=True, slots=True)
class Supposed:
    """Videos that are only supposed: so many, each sending these."""

    videos: int
    methods: tuple[Method, ...]


@dataclass(frozen=True, slots=True)
class Planning:
    """Plans days. `advise`: look for remedies too, each of which is a plan of its own. `aside`: reckon in a thread
    beside the loop, so that whatever else is done there goes on; a crowded day takes seconds. `actor` is who is
    said to have planned.
    """

    store: Store
    plans: Plans
    clock: Clock
    profiles: Mapping[ProjectId, Profile]
    rules: PlanRules
    advise: bool = True
    aside: bool = False
    actor: str = "worker"

    async def queued(self, day: date | None = None, *, ahead: bool = False) -> Document | None:
        """The plan for what waits in the queue, kept and told of; None when nothing waits for that date.

        Without a date: today, or tomorrow when the windows of today are over; with `ahead`, when nothing waits for
        that one, the first for which something does. Raises `Refused` for a date that is over.
        """
        now = self.clock.now()
        local = now.astimezone(self.rules.zone).date()
        on = self._asked(day, now) or (local if self._lasts(local, now) else local + timedelta(days=1))
        waiting = await self._publications(_WAITING)
        stored = await self.plans.latest_plan(on)
        earlier = _places(stored.document) if stored else {}
        demands = tuple(
            replace(_demand(each, now, earlier), home=self._home(each)) for each in reversed(waiting)
        )
        due = self._due(demands, on, now)
        if not due and demands and ahead and day is None:
            on = self._first(demands, on, now)
            due = self._due(demands, on, now)
        if not due:
            return None
        problem = await self._day(self._windows(on), now, due, supposed=False)
        document = await self._reckoned(on, problem)
        titles = {str(each.id): each.request.metadata.title for each in waiting}
        for place in document["assignments"]:
            place["title"] = titles[place["video"]]
        document["started"] = _running(await self._publications(_STARTED), now)
        document["later"] = len(demands) - len(due)
        document["supposed"] = False
        await self._keep(on, now, document)
        return document

    async def waiting(self) -> int:
        """How many publications wait, for whatever day."""
        return len(await self._publications(_WAITING))

    async def supposed(self, what: Supposed | None, day: date | None = None) -> Document:
        """What a day would carry. Without a date: tomorrow, a whole day; without videos: as the shares add up.

        Raises `Refused` for a date that is over.
        """
        now = self.clock.now()
        on = day or now.astimezone(self.rules.zone).date() + timedelta(days=1)
        problem = await self.supposed_day(what or self.ordinary(), on)
        return await self._reckoned(on, problem) | {"started": [], "later": 0, "supposed": True}

    def ordinary(self) -> Supposed:
        """The videos a day is made for: the sum of the shares, with thumbnail, update and playlist."""
        extras = (Method.THUMBNAILS_SET, Method.VIDEOS_UPDATE, Method.PLAYLIST_ITEMS_INSERT)
        return Supposed(sum(shape.share for shape in self.rules.shapes), (Method.VIDEOS_INSERT, *extras))

    async def supposed_day(self, what: Supposed, day: date | None = None) -> Day:
        """The day itself, for those who want to reckon with it; without a date tomorrow.

        Raises `Refused` for a date that is over.
        """
        now = self.clock.now()
        on = self._asked(day, now) or now.astimezone(self.rules.zone).date() + timedelta(days=1)
        digits = len(str(what.videos))
        demands = tuple(
            Demand(f"video {number:0{digits}}", what.methods) for number in range(1, what.videos + 1)
        )
        return await self._day(self._windows(on), now, demands, supposed=True)

    def _home(self, publication: Publication) -> ProjectId | None:
        """The project that a started publication stays in while the reason to leave is its quota."""
        known = publication.attempts > 0 and publication.project in self.profiles
        return publication.project if known and not self.rules.cross_project_failover else None

    def _asked(self, day: date | None, now: datetime) -> date | None:
        """The date that was asked for, if it is not over."""
        today = now.astimezone(self.rules.zone).date()
        if day is not None and day < today:
            remedy = f"name {today} ({self.rules.zone}) or a later one, or none"
            raise Refused(
                Refusal("--date", "date_past", f"{day} is over, and is not planned any more", remedy)
            )
        return day

    def _windows(self, day: date) -> tuple[Window, ...]:
        return windows_of(day, self.rules.shapes, self.rules.zone)

    def _due(self, demands: tuple[Demand, ...], on: date, now: datetime) -> tuple[Demand, ...]:
        """Those that may start before the windows of a date are over, or now if summer time swallows them all."""
        ends = max((window.ends for window in self._windows(on)), default=now)
        return tuple(each for each in demands if each.not_before is None or each.not_before < ends)

    def _first(self, demands: tuple[Demand, ...], after: date, now: datetime) -> date:
        """The first date after one for which something waits."""
        soonest = min(each.not_before for each in demands if each.not_before is not None)
        on = max(soonest.astimezone(self.rules.zone).date(), after + timedelta(days=1))
        return on if self._due(demands, on, now) else on + timedelta(days=1)

    def _lasts(self, day: date, now: datetime) -> bool:
        return any(window.ends > now for window in self._windows(day))

    async def _publications(self, states: frozenset[State]) -> list[Publication]:
        """All publications in these states, newest first."""
        found: list[Publication] = []
        while True:
            before = found[-1].id if found else None
            page = await self.store.publications(Filter(states=states, before=before, limit=_PAGE))
            found += page
            if len(page) < _PAGE:
                return found

    async def _day(
        self, windows: tuple[Window, ...], now: datetime, demands: tuple[Demand, ...], *, supposed: bool
    ) -> Day:
        edges = (moment for window in windows for moment in (window.starts, window.ends - _TICK))
        days = sorted({QuotaDay.of(max(edge, now)) for edge in edges})
        lines = [line for day in days for line in await self.store.ledger(day)]
        accounts = await self.store.accounts(now)
        capacities = tuple(
            self._capacity(each, day, now, supposed=supposed) for each in accounts for day in days
        )
        return Day(
            windows,
            self.rules.spacing,
            now,
            demands,
            capacities,
            _budgets(lines),
            self.profiles,
            self.rules.reserves,
        )

    def _capacity(self, account: Account, day: QuotaDay, now: datetime, *, supposed: bool) -> Capacity:
        today = day == QuotaDay.of(now)
        done = account.uploads_today if today else 0
        cap = account.cap(max(now, day.starts))
        return Capacity(
            account=account.id,
            project=account.project,
            day=day,
            uploads_left=max(0, cap - done),
            reserve=account.kind is Kind.RESERVE,
            groups=account.groups,
            allocation={
                purpose: max(0, units - (of_purpose(account.taken, purpose) if today else 0))
                for purpose, units in account.allocation.items()
            },
            started=(account.last_upload_at,) if account.last_upload_at else (),
            free_from=account.parked_until,
            obstacle=_obstacle(account, supposed=supposed),
            learned=cap < account.daily_uploads,
            only_short=only_short(account.lessons),
        )

    async def _reckoned(self, on: date, problem: Day) -> Document:
        if self.aside:
            return await asyncio.to_thread(self._document, on, problem)
        return self._document(on, problem)

    def _document(self, on: date, problem: Day) -> Document:
        found = plan(problem)
        cures = remedies(problem, found) if self.advise else ()
        return told(problem, found, cures) | {
            "day": on.isoformat(),
            "zone": str(self.rules.zone),
        }

    async def _keep(self, on: date, now: datetime, document: Document) -> None:
        level = Level.INFO if document["feasible"] else Level.WARNING
        data = {name: document[name] for name in ("day", "videos", "fits", "binding_limit", "promoted")}
        event = Event(EventKind.PLAN_MADE, now, level, data=data | {"by": self.actor})
        document |= {"id": self.clock.new_id("plan"), "made_at": moment(now)}
        await self.plans.save_plan(StoredPlan(document["id"], on, now, document), (event,))


def _obstacle(account: Account, *, supposed: bool) -> str | None:
    """Why an account takes nothing until a person acts; a cap of the day is none on other days."""
    fit = {Condition.ACTIVE, Condition.STANDBY, Condition.CAPPED}
    if account.condition in fit or (supposed and account.condition is Condition.DISCONNECTED):
        return None
    return f"{account.condition}: {account.why}" if account.why else str(account.condition)


def _budgets(lines: list[LedgerLine]) -> tuple[Budget, ...]:
    pools: dict[tuple[ProjectId, QuotaDay], Budget] = {}
    for line in lines:
        known = pools.get((line.project, line.day), Budget(line.project, line.day, {}))
        left, limits = {**known.left, line.bucket: line.free}, {**known.limits, line.bucket: line.limit}
        closed = known.closed | ({line.bucket} if line.closed is not None else set())
        pools[line.project, line.day] = replace(known, left=left, limits=limits, closed=closed)
    return tuple(pools.values())


def _demand(
    publication: Publication, now: datetime, earlier: Mapping[str, tuple[AccountId, datetime]]
) -> Demand:
    """What a waiting publication asks of a day. A live session binds it to its account."""
    request, live = publication.request, publication.live_session
    later = publication.due if publication.due is not None and publication.due > now else None
    ends = [each for each in (request.deadline, request.metadata.publish_at) if each is not None]
    return Demand(
        id=publication.id,
        methods=request.methods(),
        target=Target(account=live.account) if live else request.target,
        priority=request.priority,
        not_before=max((each for each in (request.not_before, later) if each is not None), default=None),
        deadline=min(ends, default=None),
        earlier=earlier.get(publication.id),
        long=is_long(request.length),
    )


def _places(document: Mapping[str, Any]) -> dict[str, tuple[AccountId, datetime]]:
    """The places of an earlier plan."""
    return {
        each["video"]: (AccountId(each["account"]), datetime.fromisoformat(each["start_at"]))
        for each in document["assignments"]
    }


def _running(found: list[Publication], now: datetime) -> list[Document]:
    """What was started already; a plan never moves it. What waits, perhaps for a reset, says until when."""
    return [
        {
            "video": each.id,
            "account": each.account,
            "state": str(each.state),
            "title": each.request.metadata.title,
            "goes_on_at": moment(each.due) if each.due is not None and each.due > now else None,
        }
        for each in reversed(found)
    ]
