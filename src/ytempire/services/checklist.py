"""The checklist of the day: gathers the facts, has them judged, keeps the result and tells of it.

It is made by hand at any time and by a worker once a day. Made again on the same day, the last result counts.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ytempire.domain import chain_drill, checklist_accounts, checklist_work
from ytempire.domain.accounts import Account, Condition, Kind, World
from ytempire.domain.alert_rules import trouble
from ytempire.domain.alerts import Target
from ytempire.domain.chain import SCRIPT, VOICE
from ytempire.domain.chain_drill import FIRST_DRILL, Drilled, Link, Listener, trial_publication
from ytempire.domain.checklist import Point, Rules, Verdict, day_of, failed, first, is_due
from ytempire.domain.checklist_accounts import TokenFact, Vital
from ytempire.domain.checklist_work import Scheduled, tally
from ytempire.domain.events import Event
from ytempire.domain.events import Kind as EventKind
from ytempire.domain.faults import Level
from ytempire.domain.grouping import By
from ytempire.domain.health import health
from ytempire.domain.oauth import Slot
from ytempire.domain.patterns import patterns, troubles
from ytempire.domain.quota import LedgerLine, Profile, reset_after
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.renewal import forecasts
from ytempire.domain.reserves import Policy, readiness
from ytempire.domain.values import ProjectId
from ytempire.ports import Clock, SealedGrant, Store
from ytempire.services.documents import Document, moment
from ytempire.services.error_report import ErrorReports
from ytempire.services.history import happened
from ytempire.services.planning import Planning

_DAY = timedelta(days=1)
_WEEK = 7
_LEASE = timedelta(minutes=5)
_SCHEDULED, _FAILING = "checklist.scheduled", "checklist.failing"
RESULT = "checklist.result."
"""Before the local date: the fact that holds the result of that date."""


@dataclass(frozen=True, slots=True)
class Checklist:
    """Makes checklists. `targets` are who is told of alerts, `policy` what reserves are for, `drills` how often
    provider chains are to be drilled, if at all.
    """

    store: Store
    clock: Clock
    planning: Planning
    profiles: Mapping[ProjectId, Profile]
    rules: Rules
    policy: Policy
    targets: tuple[Target, ...] = ()
    actor: str = "command"
    drills: timedelta | None = None

    async def upload_links(self) -> tuple[Link, ...]:
        """The links of the upload chain, each tried now."""
        now = self.clock.now()
        today = list(await self.store.ledger(QuotaDay.of(now)))
        return await self._links(await self.store.accounts(now), today, now)

    async def round(self) -> bool:
        """Makes the checklist of today when it is due, in one of many workers; was it made?"""
        now, holder = self.clock.now(), self.clock.new_id("checklist")
        if not await self._is_due(now) or not await self.store.take_lease(
            _SCHEDULED, holder, now, now + _LEASE
        ):
            return False
        try:
            if not await self._is_due(now):  # somebody else made it just before
                return False
            await self.made()
            await self.store.put_fact(_SCHEDULED, day_of(now, self.rules).isoformat())
            return True
        finally:
            await self.store.drop_lease(_SCHEDULED, holder)

    async def made(self) -> Document:
        """Makes it now, keeps it as the result of this local date, and tells of it."""
        now = self.clock.now()
        day = day_of(now, self.rules).isoformat()
        points = await self._points(now)
        document = _document(points, day, now, self.rules)
        failing = dict(json.loads(await self.store.fact(_FAILING) or "{}"))
        await self.store.record((_event(points, day, failing, now, self.actor),))
        await self.store.put_fact(RESULT + day, json.dumps(document))
        await self.store.put_fact(_FAILING, json.dumps(_still_failing(points, day, failing)))
        return document

    async def kept(self, day: date) -> Document | None:
        """The last result of a local date, as it was told; None when none was made on it."""
        text = await self.store.fact(RESULT + day.isoformat())
        return None if text is None else dict(json.loads(text))

    async def _is_due(self, now: datetime) -> bool:
        last = await self.store.fact(_SCHEDULED)
        if last is None:
            await self.store.put_fact(_SCHEDULED, first(now, self.rules).isoformat())
            return False
        return is_due(date.fromisoformat(last), now, self.rules)

    async def _points(self, now: datetime) -> tuple[Point, ...]:
        accounts = await self.store.accounts(now)
        vitals = [
            Vital(each.id, health(each, now).total, each.condition, each.why or "") for each in accounts
        ]
        tokens = await self._tokens(accounts, now)
        lines = await self._lines(accounts, now)
        today = [line for line in lines if line.day == QuotaDay.of(now)]
        events = [each async for each in happened(self.store, now - self.rules.window, now)]
        counted, days = tally(events), self.rules.window // _DAY
        reserves = frozenset(each.id for each in accounts if each.kind is Kind.RESERVE)
        return (
            checklist_accounts.health(vitals),
            checklist_accounts.quota(today),
            checklist_accounts.tokens(tokens),
            checklist_work.upload_success(counted, days),
            checklist_work.fallback_rate(
                counted,
                reserves,
                days,
                planned=self.policy is Policy.DAILY,
                chains=await self.store.usage(now - self.rules.window),
            ),
            checklist_accounts.accounts(vitals, readiness(accounts, now, self.rules.reserves)),
            checklist_accounts.token_check(tokens, now),
            checklist_accounts.quota_patterns(lines),
            chain_drill.fallback_chain(await self._links(accounts, today, now), await self._drilled(now)),
            await self._errors(now),
            checklist_work.rotation(await self._scheduled()),
        )

    async def _tokens(self, accounts: tuple[Account, ...], now: datetime) -> list[TokenFact]:
        primary = {each.account: each for each in await self.store.grants() if each.slot is Slot.PRIMARY}
        return [_token_fact(each, primary.get(each.id), now) for each in accounts]

    async def _lines(self, accounts: tuple[Account, ...], now: datetime) -> list[LedgerLine]:
        """The ledger of today and the week before, of the projects that have accounts."""
        used = {each.project for each in accounts}
        today = QuotaDay.of(now)
        days = [QuotaDay(today.date - timedelta(days=back)) for back in range(_WEEK + 1)]
        return [line for day in days for line in await self.store.ledger(day) if line.project in used]

    async def _links(
        self, accounts: tuple[Account, ...], today: list[LedgerLine], now: datetime
    ) -> tuple[Link, ...]:
        trial = trial_publication(now)
        costs = {
            project: profile.cost((*trial.request.methods(), *profile.more_inserts))
            for project, profile in self.profiles.items()
        }
        world = World(accounts, {(line.project, line.bucket): line for line in today}, reset_after(now))
        listeners = [
            Listener(
                each.name,
                {Level.HIGH, Level.CRITICAL} <= each.levels,
                not await self.store.alert_is_open(trouble(each.name)),
            )
            for each in self.targets
        ]
        return chain_drill.drill(trial, costs, world, listeners, self.policy, now)

    async def _drilled(self, now: datetime) -> list[Link]:
        """The provider chains by their newest drills; nothing where none are meant to be made."""
        if self.drills is None:
            return []
        last = {each.chain: each for each in await self.store.drills()}
        told = await self.store.fact(FIRST_DRILL)
        first = datetime.fromisoformat(told) if told else None
        found = []
        for name in (VOICE, SCRIPT):
            report = last.get(name)
            why = (
                "; ".join(f"{link}: {told}" for link, verdict, told in report.links if verdict == "failed")
                if report
                else ""
            )
            drilled = Drilled(name, report.at, report.passed, why) if report else Drilled(name, first=first)
            found.append(drilled.link(now, self.drills))
        return found

    async def _errors(self, now: datetime) -> Point:
        found = troubles(event for _, event in await self.store.faults(now - 2 * _DAY, now + _DAY))
        unknown = await ErrorReports(self.store, self.clock).review()
        by_reason = patterns(found, By.REASON, now - _DAY, _DAY)
        return checklist_work.error_patterns(by_reason, [str(each["key"]) for each in unknown])

    async def _scheduled(self) -> Scheduled | None:
        """Plans what waits, which is what this point asks for."""
        plan = await self.planning.queued(ahead=True)
        if plan is None or not plan["videos"]:
            return None
        binding = plan["binding"]
        remedies = [each["text"] for each in plan["remedies"]]
        why = binding["why"] if binding else ""
        return Scheduled(
            plan["videos"],
            plan["planned"],
            plan["feasible"],
            why,
            "; or ".join(remedies[:3]),
            plan["day"],
            plan["later"],
        )


def _token_fact(account: Account, grant: SealedGrant | None, now: datetime) -> TokenFact:
    if grant is None:
        return TokenFact(account.id, "it is not connected")
    coming = forecasts(
        connected_at=grant.connected_at,
        refreshed_at=grant.refreshed_at,
        ends_at=grant.ends_at,
        project_used_at=None,
        now=now,
    )
    soonest = coming[0] if coming else None
    return TokenFact(
        account.id,
        _unusable(account, grant, now),
        grant.expires_at,
        grant.refreshed_at or grant.connected_at,
        soonest.at if soonest else None,
        soonest.message if soonest else "",
    )


def _unusable(account: Account, grant: SealedGrant, now: datetime) -> str:
    if grant.unusable is not None:
        return grant.unusable
    if account.condition is Condition.NEEDS_REAUTH:
        return account.why or "it must be connected again"
    if grant.ends_at is not None and grant.ends_at <= now:
        return f"its grant ended on {grant.ends_at:%Y-%m-%d %H:%M} UTC"
    return ""


def _document(points: tuple[Point, ...], day: str, now: datetime, rules: Rules) -> Document:
    wrong = failed(points)
    return {
        "day": day,
        "zone": str(rules.zone),
        "made_at": moment(now),
        "passed": not wrong,
        "failed": [str(each.name) for each in wrong],
        "unknown": [str(each.name) for each in points if each.verdict is Verdict.UNKNOWN],
        "points": [
            {
                "point": str(each.name),
                "kind": "metric" if each.is_metric else "daily",
                "title": each.title,
                "value": each.value,
                "measure": each.measure,
                "target": each.target,
                "verdict": str(each.verdict),
                "why": each.why,
                "remedy": each.remedy,
            }
            for each in points
        ],
    }


def _still_failing(points: tuple[Point, ...], day: str, before: Mapping[str, str]) -> dict[str, str]:
    """The days on which points that have not passed since were last told; what is not known changes nothing."""
    unknown = {str(each.name) for each in points if each.verdict is Verdict.UNKNOWN}
    left = {name: told for name, told in before.items() if name in unknown}
    return left | {str(each.name): day for each in failed(points)}


def _event(
    points: tuple[Point, ...], day: str, before: Mapping[str, str], now: datetime, actor: str
) -> Event:
    wrong = failed(points)
    names = ("value", "target", "why", "remedy")
    data = {
        "day": day,
        "verdicts": {str(each.name): str(each.verdict) for each in points},
        "failed": [
            {
                "point": str(each.name),
                "title": each.title,
                "before": before.get(str(each.name)),
                **{name: getattr(each, name) for name in names},
            }
            for each in wrong
        ],
        "by": actor,
    }
    if not wrong:
        return Event(EventKind.CHECKLIST_PASSED, now, Level.INFO, data=data)
    why = "; ".join(f"{each.title}: {each.value}" for each in wrong)
    return Event(EventKind.CHECKLIST_FAILED, now, Level.HIGH, data=data | {"why": why})
