"""Calls through a chain of providers: each in order, within its money, guarded by its breaker, all of it told."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import Generic, TypeVar

from ytempire.domain import chain as rules_of
from ytempire.domain.breaker import Refusal, Report, Result, Ticket
from ytempire.domain.chain import (
    BROKEN_OFF,
    CALLER,
    FAILED,
    SERVED,
    UNCOUNTED,
    Attempt,
    Blame,
    Budget,
    CallerFault,
    Chain,
    ChainCall,
    ChainFailed,
    Charged,
    Link,
    Made,
    ProviderFault,
    Quote,
    Served,
    Skip,
    Step,
)
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.values import Mendable
from ytempire.domain.vitals import Health, Observation, Source
from ytempire.domain.wire import storable
from ytempire.ports import Chainbook, Clock, Spending
from ytempire.services.breakers import Breakers
from ytempire.services.gate import YOUTUBE
from ytempire.services.unbroken import finished, taken
from ytempire.services.vitality import Vitality

T = TypeVar("T")
Operation = Callable[[Link], Awaitable[Made[T] | ProviderFault]]
"""One call of one provider: `Made` when it served, else a `ProviderFault`, given or raised in `ProviderFailed`."""

_LONGEST = 500
_ILL = frozenset({Blame.OUTAGE, Blame.CREDENTIAL, Blame.EXHAUSTED})
"""What says that the service is not well; the rest says something about one request."""


class ProviderFailed(Exception):
    """For operations that would rather raise than give a fault."""

    def __init__(self, fault: ProviderFault) -> None:
        super().__init__(fault.sentence())
        self.fault = fault


@dataclass(slots=True)
class _Run(Generic[T]):
    """One call on its way down the chain."""

    chain: Chain
    call: str
    budget: Budget
    operation: Operation[T]
    check: Callable[[T], str]
    deadline: float | None
    forced: bool
    trail: list[Attempt] = field(default_factory=list)
    trying: Attempt | None = None
    """The provider that is being asked, as it counts when the call is broken off now."""
    value: T | None = None
    told: bool = False
    """It was written down how it went."""


def _no_check(value: object) -> str:
    del value
    return ""


@dataclass(frozen=True, slots=True)
class Chains:
    """The chains of a house."""

    book: Chainbook
    clock: Clock
    chains: Mapping[str, Chain]
    breakers: Breakers
    vitality: Vitality

    async def execute(
        self,
        chain: str,
        operation: Operation[T],
        budget: Budget | None = None,
        *,
        check: Callable[[T], str] = _no_check,
        quotes: Mapping[str, Quote] | None = None,
        only: str | None = None,
        forced: bool = False,
    ) -> Served[T]:
        """Asks the providers of a chain in order until one serves.

        `operation` is called with the link to ask, at most once for each. `budget` replaces the chain's own
        where it says something. `check` says why a value cannot be used ("" when it can). `quotes` are by
        provider, where this call is known better than its link says. `only` asks one provider alone; `forced`
        marks a drill.

        A call that is cancelled, or whose operation or check raises what is no fault of a provider, ends with that;
        its row in the book has the outcome `broken_off`, and its trail says at whom. An operation that gives neither
        `Made` nor `ProviderFault` raises `TypeError`.

        Raises `CallerFault` when a provider says that the request itself is wrong, `ChainFailed` when nobody
        served, with the trail of who was asked, left out and why; `Mendable` for a chain that is not configured.
        """
        rules = self._chain(chain, quotes or {}, only)
        limits = _within(budget, rules.budget)
        deadline = None if limits.seconds is None else self.clock.monotonic() + limits.seconds
        run = _Run(rules, self.clock.new_id("call"), limits, operation, check, deadline, forced)
        try:
            return await self._through(run, alone=only is not None)
        finally:
            if not run.told:
                # What it cost stands in the book already: a row must say for what.
                run.trail.extend([run.trying] if run.trying else [])
                await self._end(run, BROKEN_OFF)

    async def _through(self, run: _Run[T], *, alone: bool) -> Served[T]:
        """Down the chain."""
        for link in run.chain.links:
            attempt = await self._attempt(run, link)
            run.trail.append(attempt)
            run.trying = None
            if attempt.step is Step.SERVED:
                return await self._served(run, attempt)
            if attempt.blame is Blame.CALLER:
                await self._end(run, CALLER)
                raise CallerFault(run.chain.name, run.trail)
        # Nobody was left who may be asked, or nobody can do what is asked (a template that there is not): that is how
        # the caller wanted it, or set it up, and no failure of anybody's.
        await self._end(run, CALLER if alone or rules_of.is_callers_to_mend(run.trail) else FAILED)
        raise ChainFailed(run.chain.name, run.trail)

    def providers(self) -> list[str]:
        """What has a breaker: the providers of all chains, and YouTube."""
        return sorted({YOUTUBE, *(link.provider for chain in self.chains.values() for link in chain.links)})

    async def known_provider(self, name: str) -> None:
        """Raises `Refused` for what has no breaker. One that stands as a person ordered it is known although its
        provider is not configured any more, so that the order can be taken back.
        """
        if name not in self.providers() and await self.breakers.ordered(name) is None:
            raise rules_of.unknown_provider(name, self.providers())

    def _chain(self, name: str, quotes: Mapping[str, Quote], only: str | None) -> Chain:
        found = self.chains.get(name)
        if found is None:
            raise Mendable(f"there is no chain {name}; known are {', '.join(self.chains) or 'none'}")
        links = tuple(
            _quoted(link, quotes.get(link.provider))
            for link in found.links
            if only is None or link.provider == only
        )
        if only is not None and not links:
            known = ", ".join(link.provider for link in found.links)
            raise Mendable(f"{name} has no provider {only}; it has {known}")
        return replace(found, links=links)

    async def _attempt(self, run: _Run[T], link: Link) -> Attempt:
        """One link: left out, or asked."""
        left = rules_of.skip(link, run.budget, run.trail, ill=await self._illness(link))
        seconds = self._seconds(run, link)
        if left is None and seconds <= 0:
            left = Skip("the time for this call is over")
        if left is not None:
            return _skipped(link, left)
        ticket = await taken(
            self.breakers.admit(link.provider, seconds), lambda got: self._returned(link, got)
        )
        if isinstance(ticket, Refusal):
            return _skipped(link, Skip(f"its breaker is {_told(ticket)}"))
        report = Report(Result.IGNORED)
        spending = self._spending(run, link)
        try:
            ceiling = run.budget.per_day if link.paid else None
            holding = self.book.hold_money(spending, ceiling)
            if not await taken(holding, lambda held: self._unspent(spending, held=held)):
                return _skipped(link, Skip(rules_of.over_day(link, run.budget), expected=True))
            attempt, report = await self._ask(run, link, spending, seconds)
            return attempt
        finally:
            # Also when this call is cancelled: a probe that nobody reports would keep its place until it is lost.
            await finished(self.breakers.report(link.provider, ticket, report))

    async def _returned(self, link: Link, ticket: Ticket | Refusal) -> None:
        """Nobody will use this leave."""
        if isinstance(ticket, Ticket):
            await self.breakers.report(link.provider, ticket, Report(Result.IGNORED))

    async def _unspent(self, spending: Spending, *, held: bool) -> None:
        """Nobody was asked for this money."""
        if held:
            await self.book.settle_money(spending.id, 0, certain=True)

    async def _ask(
        self, run: _Run[T], link: Link, spending: Spending, seconds: float
    ) -> tuple[Attempt, Report]:
        started = self.clock.monotonic()
        # What is settled when it is broken off (cancelled, or a fault in the operation): perhaps it was paid for.
        cost, certain = spending.amount, not link.paid
        run.trying = _broken_off(link, cost, "the call was cancelled")
        try:
            answer = await self._answer(run, link, seconds)
            took = self.clock.monotonic() - started
            run.trying = attempt = self._judged(run, link, answer, took)
            cost, certain = attempt.cost, attempt.charged is not Charged.MAYBE
        except Exception as error:
            run.trying = _broken_off(link, cost, f"the caller's own code raised {type(error).__name__}")
            raise
        finally:
            await finished(self.book.settle_money(spending.id, cost, certain=certain))
        await self._saw(link, answer, attempt)
        if isinstance(answer, ProviderFault):
            return attempt, rules_of.meaning(answer, self.clock.now())
        served = attempt.step is Step.SERVED
        return attempt, Report(Result.SUCCESS) if served else Report(Result.FAILURE, attempt.why)

    async def _answer(self, run: _Run[T], link: Link, seconds: float) -> Made[T] | ProviderFault:
        perhaps = _perhaps(link)
        try:
            async with asyncio.timeout(seconds):
                answer: object = await run.operation(link)
        except ProviderFailed as failed:
            return failed.fault
        except TimeoutError:
            return ProviderFault(Blame.OUTAGE, "timeout", f"no answer within {seconds:g} s", perhaps)
        except OSError as error:
            if error.filename is not None:
                # A file of ours: that is nobody else's fault.
                raise
            return ProviderFault(Blame.OUTAGE, "connection", storable(str(error), _LONGEST), perhaps)
        if not isinstance(answer, Made | ProviderFault):
            raise TypeError(f"an operation gives Made or ProviderFault, and not {type(answer).__name__}")
        return answer

    def _judged(self, run: _Run[T], link: Link, answer: Made[T] | ProviderFault, took: float) -> Attempt:
        base = Attempt(link.provider, link.quality, Step.SERVED, seconds=took)
        if isinstance(answer, ProviderFault):
            step = Step.REJECTED if answer.blame is Blame.OUTPUT else Step.FAILED
            why = storable(answer.sentence(), _LONGEST)
            charged, cost = _billed(link, answer)
            return replace(base, step=step, why=why, blame=answer.blame, charged=charged, cost=cost)
        cost = (link.cost if answer.cost is None else answer.cost) if link.paid else 0
        wrong = run.check(answer.value)
        if wrong:
            why, charged = storable(wrong, _LONGEST), Charged.YES if link.paid else Charged.NO
            return replace(base, step=Step.REJECTED, why=why, blame=Blame.OUTPUT, charged=charged, cost=cost)
        run.value = answer.value
        return replace(base, charged=Charged.YES if link.paid else Charged.NO, cost=cost)

    async def _saw(self, link: Link, answer: object, attempt: Attempt) -> None:
        """What the call says of the service's health."""
        ill = isinstance(answer, ProviderFault) and answer.blame in _ILL
        silent = isinstance(answer, ProviderFault) and not ill
        if link.service and not silent:
            error = attempt.why if ill else ""
            now = self.clock.now()
            await self.vitality.saw(
                Observation(link.service, now, not ill, Source.CALL, attempt.seconds, error=error)
            )

    async def _illness(self, link: Link) -> str:
        if not link.service:
            return ""
        health, error = await self.vitality.health(link.service)
        return f"{link.service} is unhealthy: {error}" if health is Health.UNHEALTHY else ""

    def _seconds(self, run: _Run[T], link: Link) -> float:
        if run.deadline is None:
            return link.seconds
        return min(link.seconds, run.deadline - self.clock.monotonic())

    def _spending(self, run: _Run[T], link: Link) -> Spending:
        now = self.clock.now()
        day = now.astimezone(UTC).date()
        amount = link.cost if link.paid else 0
        return Spending(self.clock.new_id("spend"), run.call, run.chain.name, link.provider, day, now, amount)

    async def _served(self, run: _Run[T], last: Attempt) -> Served[T]:
        degraded = rules_of.is_degraded(run.trail)
        cost = await self._end(run, SERVED, last, degraded=degraded)
        # The value is there: it was set with the attempt that served.
        return Served(
            run.call,
            run.value,  # type: ignore[arg-type]
            last.provider,
            last.quality,
            cost,
            degraded,
            tuple(run.trail),
        )

    async def _end(
        self, run: _Run[T], outcome: str, last: Attempt | None = None, *, degraded: bool = False
    ) -> int:
        """Writes down how the call went; what it cost altogether."""
        run.told = True
        now, trail = self.clock.now(), tuple(run.trail)
        cost = sum(each.cost for each in trail)
        call = ChainCall(
            run.call,
            run.chain.name,
            now,
            outcome,
            provider=last.provider if last else "",
            quality=last.quality if last else None,
            cost=cost,
            degraded=degraded,
            forced=run.forced,
            trail=trail,
        )
        await finished(self.book.note_call(call, () if run.forced else _events(call)))
        return cost


def _events(call: ChainCall) -> tuple[Event, ...]:
    """What is told of a call. The caller's own fault is told to the caller."""
    if call.outcome in UNCOUNTED:
        return ()
    failed = call.outcome == FAILED
    kind = Kind.CHAIN_FAILED if failed else Kind.CHAIN_FELL_BACK if call.degraded else Kind.CHAIN_SERVED
    told = [f"{each.provider} {each.step}" + (f": {each.why}" if each.why else "") for each in call.trail]
    data = {
        "chain": call.chain,
        "call": call.id,
        "provider": call.provider,
        "quality": call.quality.value if call.quality else None,
        "cost": call.cost,
        "why": "; ".join(told if failed else told[:-1]),
    }
    return (Event(kind, call.at, Level.CRITICAL if failed else Level.INFO, data=data),)


def _within(asked: Budget | None, usual: Budget) -> Budget:
    """The budget of a call: what it says itself goes before what the chain says."""
    if asked is None:
        return usual
    return Budget(
        usual.per_call if asked.per_call is None else asked.per_call,
        usual.per_day if asked.per_day is None else asked.per_day,
        asked.floor or usual.floor,
        usual.seconds if asked.seconds is None else asked.seconds,
    )


def _quoted(link: Link, quote: Quote | None) -> Link:
    """A link as it is for one call."""
    if quote is None:
        return link
    return replace(link, cost=quote.cost, seconds=link.seconds * quote.requests)


def _skipped(link: Link, left: Skip) -> Attempt:
    return Attempt(link.provider, link.quality, Step.SKIPPED, left.why, expected=left.expected)


def _told(refusal: Refusal) -> str:
    if refusal.retry_after is None:
        return refusal.why
    return f"{refusal.why}; the next try is in {max(round(refusal.retry_after.total_seconds()), 1)} s"


def _billed(link: Link, fault: ProviderFault) -> tuple[Charged, int]:
    """Whether a failed call was paid for, and what counts of it. Where nobody is paid, nothing is in doubt."""
    if not link.paid:
        return Charged.NO, 0
    expected = 0 if fault.charged is Charged.NO else link.cost
    return fault.charged, expected if fault.cost is None else fault.cost


def _broken_off(link: Link, cost: int, why: str) -> Attempt:
    """A provider that was being asked when the call was broken off."""
    return Attempt(link.provider, link.quality, Step.FAILED, why, charged=_perhaps(link), cost=cost)


def _perhaps(link: Link) -> Charged:
    """Whether a call that nobody answered was paid for."""
    return Charged.MAYBE if link.paid else Charged.NO
