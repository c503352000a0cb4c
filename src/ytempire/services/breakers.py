"""Breakers that all workers share: each change is one compare-and-swap in the store, with the event that tells it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime

from ytempire.domain import breaker as rules_of
from ytempire.domain.breaker import Breaker, Phase, Refusal, Report, Ticket
from ytempire.domain.breaker_rules import BreakerRules
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.wire import storable
from ytempire.ports import Chainbook, Clock

_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Breakers:
    """The breakers of a house. A name that was never seen has a closed one."""

    book: Chainbook
    clock: Clock
    rules: BreakerRules = field(default_factory=BreakerRules)

    async def admit(self, name: str, seconds: float = 0.0) -> Ticket | Refusal:
        """May a call be made now, which may take so many seconds? A ticket must be reported, whatever becomes of the
        call; one that is not reported in that time counts as lost.
        """
        while True:
            now = self.clock.now()
            seen = await self._read(name, now)
            after, answer = rules_of.admit(seen, self.rules.of(name), now, seconds)
            if after is seen or await self.book.swap_breaker(after, self._told(seen, after, now)):
                return answer

    async def report(self, name: str, ticket: Ticket, report: Report) -> None:
        """How the call with this ticket went. Too late, it changes nothing."""
        told = replace(report, error=storable(report.error, _LONGEST))
        dice = self.clock.dice()
        await self._change(
            name,
            lambda seen, now: rules_of.report(seen, self.rules.of(name), ticket, told, now=now, dice=dice),
        )

    async def pulse(self, name: str, report: Report) -> None:
        """How calls went that asked nobody for leave: they count while the breaker is closed, and only then."""
        told = replace(report, error=storable(report.error, _LONGEST))
        dice = self.clock.dice()

        def step(seen: Breaker, now: datetime) -> Breaker:
            if seen.phase is not Phase.CLOSED:
                return seen
            ticket = Ticket(seen.generation)
            return rules_of.report(seen, self.rules.of(name), ticket, told, now=now, dice=dice)

        await self._change(name, step)

    async def isolate(self, name: str, *, by: str, why: str) -> Breaker:
        """No call passes until `reset`. The breaker given back says who ordered that first, and why."""
        told = storable(why, _LONGEST)
        return await self._change(name, lambda seen, now: rules_of.isolate(seen, now, by=by, why=told))

    async def disable(self, name: str, *, by: str, why: str) -> Breaker:
        """Every call passes and nothing is counted, until `reset`."""
        told = storable(why, _LONGEST)
        return await self._change(name, lambda seen, now: rules_of.disable(seen, now, by=by, why=told))

    async def reset(self, name: str, *, by: str) -> Breaker:
        """Closed again, with nothing counted."""
        return await self._change(name, lambda seen, now: rules_of.reset(seen, now, by=by))

    async def ordered(self, name: str) -> Breaker | None:
        """A breaker that stands as a person ordered; None for one that does not."""
        found = await self.book.breaker(name)
        return found if found is not None and found.phase in (Phase.ISOLATED, Phase.DISABLED) else None

    async def retire(self, known: Collection[str]) -> None:
        """Closes the breakers of providers that are not known any more: nobody asks those, so no call would ever do
        that. What a person ordered stays: it belongs to the name, and holds when that comes back.
        """
        for each in await self.book.breakers():
            if each.name not in known and each.phase in (Phase.OPEN, Phase.HALF_OPEN):
                await self.reset(each.name, by="configuration")

    async def _change(self, name: str, step: Callable[[Breaker, datetime], Breaker]) -> Breaker:
        """Takes a step on whatever the breaker is by then. Somebody else's change is looked at, not written over."""
        while True:
            now = self.clock.now()
            seen = await self._read(name, now)
            after = step(seen, now)
            if after is seen or await self.book.swap_breaker(after, self._told(seen, after, now)):
                return after

    async def _read(self, name: str, now: datetime) -> Breaker:
        return await self.book.breaker(name) or Breaker(name, since=now)

    def _told(self, before: Breaker, after: Breaker, now: datetime) -> tuple[Event, ...]:
        if before.phase is after.phase:
            return ()
        data = {
            "provider": after.name,
            "phase": after.phase.value,
            "was": before.phase.value,
            "why": after.why,
            "until": after.until.isoformat() if after.until else None,
            "by": after.by or None,
        }
        level = Level.WARNING if after.phase is Phase.OPEN else Level.INFO
        return (Event(Kind.BREAKER_CHANGED, now, level, data=data),)
