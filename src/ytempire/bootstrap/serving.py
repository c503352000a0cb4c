"""The house that is served: one that acts, with the worker and the schedulers in it or beside it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from ytempire.adapters.incoming import IncomingFolder
from ytempire.bootstrap import rules
from ytempire.bootstrap.alerts import notifier
from ytempire.bootstrap.chains import Chained
from ytempire.bootstrap.checklist import checklist
from ytempire.bootstrap.checkup import examined
from ytempire.bootstrap.days import plan_rules
from ytempire.bootstrap.duties import duties
from ytempire.bootstrap.house import Acting, Fittings, Working, acting, working
from ytempire.bootstrap.metrics import Measured
from ytempire.bootstrap.quota import quota_reports
from ytempire.bootstrap.roots import Roots, roots_of
from ytempire.bootstrap.tokens import api_tokens
from ytempire.bootstrap.webhooks import webhook_desk, webhook_reports
from ytempire.domain.callers import Caller
from ytempire.domain.checkup import Finding
from ytempire.domain.drafts import Catalogue
from ytempire.domain.scope import Scope
from ytempire.ports import Exposition, Incoming, Notifier, Tracer
from ytempire.services.amending import Amending
from ytempire.services.api_tokens import ApiTokens
from ytempire.services.callers_view import CallersView
from ytempire.services.checklist import Checklist
from ytempire.services.chores import Chore, Chores
from ytempire.services.connect import Connecting
from ytempire.services.consent import Consenting
from ytempire.services.disconnect import Disconnecting
from ytempire.services.error_report import ErrorReports
from ytempire.services.live import Live
from ytempire.services.measuring import Measuring
from ytempire.services.mending import Mending
from ytempire.services.meter import Meter
from ytempire.services.operate import Operating
from ytempire.services.pausing import Ordering
from ytempire.services.planning import Planning
from ytempire.services.quota_report import QuotaReports
from ytempire.services.received import LOOK, CallersMedia, Receiving
from ytempire.services.safe import Safe
from ytempire.services.silence import Silence
from ytempire.services.submit import Submission
from ytempire.services.webhook_desk import WebhookDesk
from ytempire.services.webhook_report import WebhookReports
from ytempire.settings import Settings

T = TypeVar("T")
INCOMING = "incoming"
_PLAIN = Fittings()


class Part(StrEnum):
    """What one process may do."""

    API = "api"
    WORKER = "worker"
    SCHEDULER = "scheduler"


@dataclass(frozen=True, slots=True)
class Personal:
    """What a caller does in their own name, so that the history says who it was."""

    operating: Operating
    mending: Mending
    amending: Amending
    ordering: Ordering
    disconnecting: Disconnecting
    consenting: Consenting


@dataclass(frozen=True, slots=True)
class Serving:
    """A house as the HTTP face sees it. `working` is None when the worker is elsewhere or nowhere."""

    settings: Settings
    parts: frozenset[Part]
    acting: Acting
    working: Working | None
    chores: Chores
    chains: Chained
    tokens: ApiTokens
    incoming: Incoming
    roots: Roots
    receiving: Receiving
    live: Live
    planning: Planning
    quota: QuotaReports
    silence: Silence
    way: Notifier
    at_the_desk: asyncio.Lock
    measuring: Measuring
    paper: Exposition
    tracer: Tracer

    def view(self, caller: Caller) -> CallersView:
        """Publications as this caller sees them."""
        reading = self.acting.reading
        return CallersView(self.acting.context.store, reading.reports, caller)

    def media(self, caller: Caller) -> CallersMedia:
        """Files as this caller names them."""
        context = self.acting.context
        return CallersMedia(
            context.media, context.store, context.clock, self.incoming, self.roots.of(caller), caller
        )

    def submission(self, caller: Caller) -> Submission:
        """Accepts drafts of this caller, for the accounts that are theirs."""
        context, known = self.acting.context, rules.catalogue(self.settings)
        if caller.accounts is not None:
            known = Catalogue(known.accounts & caller.accounts, frozenset(), known.playlists)
        return Submission(context.store, self.media(caller), context.clock, known, caller.name)

    def personal(self, actor: str, scope: Scope | None = None) -> Personal:
        """What is done in somebody's name; with a `scope` publications are kept to those accounts."""
        context = replace(self.acting.context, actor=actor)
        safe, gateway = Safe(context), self.acting.gateway
        return Personal(
            operating=Operating(context, gateway, scope),
            mending=Mending(context, gateway),
            amending=Amending(context, gateway, scope),
            ordering=Ordering(context),
            disconnecting=Disconnecting(context, safe),
            consenting=Consenting(context, safe, Connecting(context, safe)),
        )

    def desk(self, actor: str) -> WebhookDesk:
        """Where webhooks are acted on in somebody's name."""
        return webhook_desk(self.settings, replace(self.acting.context, actor=actor))

    @property
    def hooks(self) -> WebhookReports:
        """What is told of webhooks."""
        context = self.acting.context
        return webhook_reports(self.settings, context.store, context.clock)

    def errors(self, actor: str) -> ErrorReports:
        """What is told of errors, and dismissed in somebody's name."""
        return ErrorReports(self.acting.context.store, self.acting.context.clock, actor)

    def checklist(self, actor: str) -> Checklist:
        """The checklist of the installation."""
        context = self.acting.context
        return checklist(self.settings, context.store, context.clock, actor=actor)

    async def examined(self, *, online: bool) -> list[Finding]:
        """Every finding of a checkup. `online` spends a unit of quota for each connected account."""
        return [finding async for finding in examined(self.settings, online=online)]

    async def planned(self, work: Callable[[Planning], Awaitable[T]], actor: str = "serve") -> T:
        """Plans in somebody's name on a thread of its own, because a plan is a long calculation; one at a time."""
        planning = replace(self.planning, actor=actor)

        async def on_its_own() -> T:
            return await work(planning)

        async with self.at_the_desk:
            return await asyncio.to_thread(lambda: asyncio.run(on_its_own()))

    async def work(self) -> None:
        """Does what these parts are for, the API aside, until it is halted or cancelled."""

        async def never() -> bool:
            return False

        async with asyncio.TaskGroup() as group:
            beside = [
                group.create_task(each)
                for each in (self.live.run(), self._tidying().run(), self.measuring.lag.run())
            ]
            if Part.SCHEDULER in self.parts and self.working is None:
                beside.append(group.create_task(self.chores.run()))
            if self.working is not None:
                await self.working.run(never, chores=Part.SCHEDULER in self.parts)
                for each in beside:
                    each.cancel()

    def _tidying(self) -> Chores:
        chore = Chore("files that nobody needs", LOOK, self.receiving.tidy)
        return Chores(self.acting.context.clock, (chore,))


@asynccontextmanager
async def serving(
    settings: Settings, parts: frozenset[Part], fittings: Fittings = _PLAIN
) -> AsyncIterator[Serving]:
    """A house for these parts. Raises `WorkerBusy` when it is to work and another does already."""
    meter, measured = Meter(), Measured()
    fittings = measured.fitted(fittings)
    async with AsyncExitStack() as closers:
        at_work: Working | None = None
        if Part.WORKER in parts:
            at_work = await closers.enter_async_context(working(settings, meter.note, fittings=fittings))
            house, beside = at_work.acting, (at_work.chores, at_work.chains)
        else:
            opening = acting(settings, meter.note, fittings=fittings, actor="serve")
            house = await closers.enter_async_context(opening)
            made = await closers.enter_async_context(
                duties(settings, house.context, house.gateway, house.renewal)
            )
            beside = Chores(house.context.clock, made.chores), made.chains
        yield await _served(settings, parts, house, at_work, beside, (meter, measured, fittings.tracer()))


async def _served(
    settings: Settings,
    parts: frozenset[Part],
    house: Acting,
    at_work: Working | None,
    beside: tuple[Chores, Chained],
    meters: tuple[Meter, Measured, Tracer],
) -> Serving:
    meter, measured, tracer = meters
    context = house.context
    store, clock = context.store, context.clock
    # What takes time comes first: the folder is there when the house is about to open.
    measuring, way = await measured.around(house), await asyncio.to_thread(notifier, settings)
    incoming = IncomingFolder(settings.home / INCOMING)
    return Serving(
        settings=settings,
        parts=parts,
        acting=house,
        working=at_work,
        chores=beside[0],
        chains=beside[1],
        tokens=api_tokens(house.reading),
        incoming=incoming,
        roots=roots_of(settings),
        receiving=Receiving(store, clock, incoming, settings.api.max_file_bytes),
        live=Live(store, clock, meter),
        planning=Planning(store, store, clock, context.profiles, plan_rules(settings), aside=True),
        quota=quota_reports(house.reading),
        silence=Silence(store, clock),
        way=way,
        at_the_desk=asyncio.Lock(),
        measuring=measuring,
        paper=measured.paper,
        tracer=tracer,
    )
