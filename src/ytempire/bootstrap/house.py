"""Three houses of growing size: one that reads, one that acts, one that works. Each closes what it opened.

Heavy parts are imported where they are built, so that a reading command does not pay for them.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ytempire.adapters.home_lock import is_held
from ytempire.adapters.system import MachineClock
from ytempire.bootstrap import rules
from ytempire.bootstrap.home import at_home, has_keys
from ytempire.bootstrap.seat import seated
from ytempire.bootstrap.tracing import tracer
from ytempire.domain.values import AccountId, ProjectId, WorkerBusy
from ytempire.ports import Clock, Google, Store, Tracer
from ytempire.services.report import Reports
from ytempire.settings import BadSettings, Settings

if TYPE_CHECKING:
    from ytempire.adapters.google import HttpGoogle
    from ytempire.adapters.landing import LoopbackDesk
    from ytempire.adapters.sql.store import SqlStore
    from ytempire.adapters.vault import Vault
    from ytempire.bootstrap.chains import Chained
    from ytempire.bootstrap.ring import Ring
    from ytempire.domain.consent import Landing
    from ytempire.services.amending import Amending
    from ytempire.services.chores import Chores
    from ytempire.services.connect import Connecting
    from ytempire.services.consent import Consenting
    from ytempire.services.context import Context, Progress
    from ytempire.services.disconnect import Disconnecting
    from ytempire.services.gate import Gate
    from ytempire.services.gateway import Gateway
    from ytempire.services.keepsake import Keepsake
    from ytempire.services.mending import Mending
    from ytempire.services.operate import Operating
    from ytempire.services.pausing import Ordering
    from ytempire.services.reconcile import Reconciling
    from ytempire.services.renewal import Renewal
    from ytempire.services.submit import Submission
    from ytempire.services.tokens import Tokens
    from ytempire.services.work import Work

__all__ = ["Acting", "Fittings", "Reading", "WorkerBusy", "Working", "acting", "reading", "working"]

DATABASE = "ytempire.sqlite"
ENGINE = "engine.sqlite"
_GRACE = 5.0
"""Seconds a call may still take after a halt; a worker stops within ten."""

_SOON = timedelta(seconds=90)
"""What is due within this time is waited for; what is due later is left for another run."""

_CONFIGURED = "configuration.fingerprint"


@dataclass(frozen=True, slots=True)
class Reading:
    """A house for looking: the store and its reports."""

    settings: Settings
    store: Store
    clock: Clock
    reports: Reports

    def worker_runs(self) -> bool:
        """Does a worker run on this home?"""
        return is_held(self.settings.home)


@dataclass(frozen=True, slots=True)
class Acting:
    """A house for doing one thing: submit, connect, operate. `hang_up` ends every call that is under way."""

    reading: Reading
    context: "Context"
    submission: "Submission"
    operating: "Operating"
    mending: "Mending"
    amending: "Amending"
    reconciling: "Reconciling"
    connecting: "Connecting"
    consenting: "Consenting"
    disconnecting: "Disconnecting"
    ordering: "Ordering"
    renewal: "Renewal"
    keepsake: "Keepsake"
    ring: "Ring"
    tokens: "Tokens"
    gateway: "Gateway"
    listening: "Callable[[Landing], AbstractAsyncContextManager[LoopbackDesk]]"
    hang_up: Callable[[], Awaitable[None]]
    gate: "Gate"


@dataclass(frozen=True, slots=True)
class Working:
    """A house with a worker in it. `run` works until its question is answered with true, or `halt` was called."""

    acting: Acting
    work: "Work"
    chores: "Chores"
    chains: "Chained"
    halt: Callable[[], None]
    halted: Callable[[], bool]

    async def run(self, stop: Callable[[], Awaitable[bool]], *, chores: bool = True) -> None:
        """Works. Without `chores` somebody else does them."""

        async def over() -> bool:
            return self.halted() or await stop()

        if not chores:
            await self.work.run(over)
            return
        beside = self.chores.start()
        try:
            await self.work.run(over)
            if not self.halted():
                await self.chores.end()
        finally:
            beside.cancel()
            await asyncio.wait({beside})

    async def idle(self) -> bool:
        """Is there nothing to do now, and nothing being done, beside the queue too?"""
        if self.chores.busy():
            return False
        store, clock = self.acting.reading.store, self.acting.reading.clock
        due = await store.next_due()
        return self.work.engine.active() == 0 and (due is None or due > clock.now() + _SOON)


@asynccontextmanager
async def reading(
    settings: Settings, clock: Clock | None = None, *, make: bool = False
) -> AsyncIterator[Reading]:
    """A house for looking, by the machine's clock unless another is given. `make`: its home may be new."""
    clock = clock or MachineClock()
    async with opened_store(settings, clock, make=make) as store:
        yield Reading(settings, store, clock, Reports(store, clock, rules.profiles(settings)))


@asynccontextmanager
async def opened_store(settings: Settings, clock: Clock, *, make: bool = False) -> AsyncIterator["SqlStore"]:
    """The store of an installation, knowing its configuration; closed at the end."""
    from ytempire.adapters.sql.store import SqlStore

    at_home(settings, make=make)
    store = await SqlStore.open(settings.database.url or str(settings.home / DATABASE))
    try:
        await _configure(settings, store, clock)
        yield store
    finally:
        await store.close()


async def _configure(settings: Settings, store: Store, clock: Clock) -> None:
    """Tells the store about projects and accounts, when they changed."""
    fingerprint = rules.fingerprint(settings)
    if await store.fact(_CONFIGURED) != fingerprint:
        from ytempire.domain.decision import OUT_OF_QUOTA

        projects, accounts = rules.project_rules(settings), rules.account_rules(settings)
        await store.configure(projects, accounts, clock.now())
        # A limit may have been raised: what waits for the reset looks again, and waits on where there is no room.
        await store.wake(OUT_OF_QUOTA, clock.now())
        await store.put_fact(_CONFIGURED, fingerprint)


@dataclass(frozen=True, slots=True)
class Fittings:
    """What may be put around the ports of a house: a recorder, a slow twin, a saboteur, another clock, a tracer."""

    store: Callable[[Store], Store] = lambda store: store
    google: Callable[[Google], Google] = lambda google: google
    clock: Callable[[Clock], Clock] = lambda clock: clock
    tracer: Callable[[], Tracer] = tracer


_PLAIN = Fittings()


@asynccontextmanager
async def acting(
    settings: Settings,
    progress: "Progress | None" = None,
    *,
    fittings: Fittings = _PLAIN,
    actor: str = "command",
    prove: bool = True,
) -> AsyncIterator[Acting]:
    """A house for doing one thing. Raises `BadSettings` or `VaultError` with the remedy; without `prove` not for
    keys that are missing.
    """
    from ytempire.adapters.media import MediaCheck
    from ytempire.bootstrap import guards
    from ytempire.bootstrap.logs import discreet
    from ytempire.bootstrap.ring import proven_vault
    from ytempire.services.context import Context, unseen
    from ytempire.services.gate import Watched
    from ytempire.services.tracing import TracedGoogle

    clients = rules.clients(settings)
    async with AsyncExitStack() as closers:
        opening = reading(settings, fittings.clock(MachineClock()), make=has_keys(settings))
        base = await closers.enter_async_context(opening)
        vault = await proven_vault(settings, base.store, base.clock.now(), prove=prove)
        google = _google(settings, base.clock)
        closers.push_async_callback(google.aclose)
        store = fittings.store(base.store)
        gate = guards.gate(settings, store, base.clock)
        context = Context(
            store=store,
            google=Watched(TracedGoogle(discreet(fittings.google(google)), fittings.tracer()), gate),
            vault=vault,
            media=MediaCheck(),
            clock=base.clock,
            profiles=rules.profiles(settings),
            clients=clients,
            projects={AccountId(each.id): ProjectId(each.project) for each in settings.accounts},
            playlists=rules.playlists(settings),
            manners=rules.manners(settings),
            progress=progress or unseen,
            actor=actor,
        )
        yield _staffed(base, context, vault, google.aclose, gate)


def _staffed(
    base: Reading, context: "Context", vault: "Vault", hang_up: Callable[[], Awaitable[None]], gate: "Gate"
) -> Acting:
    """The services of a house around one context."""
    from ytempire.adapters.landing import listening
    from ytempire.bootstrap.ring import Ring
    from ytempire.services.amending import Amending
    from ytempire.services.connect import Connecting
    from ytempire.services.consent import Consenting
    from ytempire.services.disconnect import Disconnecting
    from ytempire.services.gateway import Gateway
    from ytempire.services.keepsake import Keepsake
    from ytempire.services.mending import Mending
    from ytempire.services.operate import Operating
    from ytempire.services.pausing import Ordering
    from ytempire.services.reconcile import Reconciling
    from ytempire.services.renewal import Renewal
    from ytempire.services.rotation import Rotation
    from ytempire.services.safe import Safe
    from ytempire.services.submit import Submission
    from ytempire.services.tokens import Tokens

    safe = Safe(context)
    tokens = Tokens(context, safe)
    gateway = Gateway(context, tokens)
    connecting = Connecting(context, safe)
    return Acting(
        reading=base,
        context=context,
        submission=Submission(context.store, context.media, base.clock, rules.catalogue(base.settings)),
        operating=Operating(context, gateway),
        mending=Mending(context, gateway),
        amending=Amending(context, gateway),
        reconciling=Reconciling(context, gateway),
        connecting=connecting,
        consenting=Consenting(context, safe, connecting),
        disconnecting=Disconnecting(context, safe),
        ordering=Ordering(context),
        renewal=Renewal(context, tokens),
        keepsake=Keepsake(context, safe),
        ring=Ring(base.settings, context, vault, safe, Rotation(context, safe)),
        listening=listening,
        tokens=tokens,
        gateway=gateway,
        hang_up=hang_up,
        gate=gate,
    )


def _google(settings: Settings, clock: Clock) -> "HttpGoogle":
    """Google over HTTP. Raises `BadSettings` for an address or certificates that cannot be used."""
    from ytempire.adapters.google import HttpGoogle, Timeouts

    given = settings.google
    try:
        return HttpGoogle(
            given.api_root,
            clock,
            timeouts=Timeouts(stall=given.timeout_seconds),
            max_bandwidth=given.bandwidth_bytes_per_second or None,
            extra_ca=given.ca_file,
        )
    except ValueError as wrong:
        raise BadSettings([f"google.api_root: {wrong}"]) from None
    except OSError as error:
        remedy = "name a PEM file of certificates, or leave the key out"
        raise BadSettings(
            [f"google.ca_file: it cannot be read ({error.strerror or error}); {remedy}"]
        ) from error


@asynccontextmanager
async def working(
    settings: Settings, progress: "Progress | None" = None, *, fittings: Fittings = _PLAIN
) -> AsyncIterator[Working]:
    """A house with a worker. Raises `WorkerBusy` when another works on this home or this server's database, and at
    the end when another has taken the latter over.
    """
    from ytempire.adapters.engine import DbosEngine
    from ytempire.bootstrap.alerts import alerting
    from ytempire.bootstrap.duties import duties, following
    from ytempire.services.alert_duty import AlertDuty
    from ytempire.services.chores import Chores
    from ytempire.services.publish import Publishing
    from ytempire.services.tracing import traced_pass
    from ytempire.services.watch import Watch
    from ytempire.services.work import Work

    at_home(settings, make=has_keys(settings), working=True)
    stopping: list[bool] = []
    async with AsyncExitStack() as closers:
        seat = await closers.enter_async_context(seated(settings))
        house = await closers.enter_async_context(
            acting(settings, progress, fittings=fittings, actor="worker")
        )
        context = house.context
        concurrency = settings.worker.concurrency
        engine = DbosEngine(settings.home / ENGINE, concurrency=concurrency, clock=context.clock)
        publishing = Publishing(
            context, house.tokens, house.gateway, lambda: bool(stopping) or not seat.held(), house.gate
        )

        await engine.start(traced_pass(seat.guarding(publishing.advance), fittings.tracer()))
        closers.push_async_callback(engine.stop)
        duty = AlertDuty(await asyncio.to_thread(alerting, settings, context.store, context.clock))
        watch = Watch(context, house.gateway)
        beat = settings.worker.beat_seconds
        planned = following(settings, context)
        work = Work(context, engine, watch, concurrency, beat, duty, planned, may=seat.held)
        closers.callback(stopping.append, True)
        parting = closers.enter_context(_parting(house.hang_up))

        def halt() -> None:
            stopping.append(True)
            parting()

        seat.at_loss(halt)
        beside = await closers.enter_async_context(duties(settings, context, house.gateway, house.renewal))
        chores = Chores(context.clock, beside.chores)
        yield Working(house, work, chores, beside.chains, halt, lambda: bool(stopping))


@contextmanager
def _parting(hang_up: Callable[[], Awaitable[None]]) -> Iterator[Callable[[], None]]:
    """Hangs up on whoever has not answered some seconds after a halt, so that a stop takes no longer.

    What is hung up on counts as unanswered without anybody's fault, and goes on at the next start.
    """
    loop = asyncio.get_running_loop()
    timers: list[asyncio.TimerHandle] = []

    def later() -> None:
        if not timers:
            timers.append(loop.call_later(_GRACE, lambda: asyncio.ensure_future(hang_up())))

    yield later
