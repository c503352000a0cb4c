"""Very many calls at once at a breaker whose time is over: how many reach the service, whatever becomes of them.

The store gives way to the other calls between each reading and writing, as one behind a network would.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from ytempire.adapters.memory.clock import FakeClock
from ytempire.adapters.memory.store import MemoryStore
from ytempire.domain.breaker import Breaker, Phase, Refusal, Report, Result, Ticket
from ytempire.domain.breaker_rules import BreakerRules, Rules
from ytempire.domain.events import Event
from ytempire.ports import Chainbook
from ytempire.services.breakers import Breakers

NAME = "polly"
RULES = Rules()
LATER = timedelta(hours=1)
"""Longer than any breaker stays open."""

ENDS = ("well", "failed", "cancelled", "ignored", "lost", "one well, then failed", "one lost, then well")
"""What becomes of the probes of a round."""


async def until(done: Callable[[], bool]) -> None:
    """Lets the others run until it is done."""
    while True:
        if done():
            return
        await asyncio.sleep(0)


class FarStore(MemoryStore):
    """The store in memory, as if it were somewhere else."""

    async def breaker(self, name: str) -> Breaker | None:
        await asyncio.sleep(0)
        found = await super().breaker(name)
        await asyncio.sleep(0)
        return found

    async def swap_breaker(self, breaker: Breaker, events: Sequence[Event]) -> bool:
        await asyncio.sleep(0)
        swapped = await super().swap_breaker(breaker, events)
        await asyncio.sleep(0)
        return swapped


@dataclass
class Wave:
    """So many calls at once, each by a task of its own."""

    breakers: Breakers
    reached: list[Ticket] = field(default_factory=list)
    refused: int = 0
    answers: list[asyncio.Future[Result]] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def rise(self, calls: int) -> "Wave":
        """All ask; it is over when each was refused or is at work."""
        self.tasks = [asyncio.create_task(self._call()) for _ in range(calls)]
        await until(lambda: self.refused + len(self.reached) == calls)
        return self

    async def _call(self) -> None:
        ticket = await self.breakers.admit(NAME)
        if isinstance(ticket, Refusal):
            self.refused += 1
            return
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self.reached.append(ticket)
        self.answers.append(answer)
        result = Result.IGNORED
        try:
            result = await answer
        finally:
            await self.breakers.report(NAME, ticket, Report(result, "503"))

    async def end(self, *results: Result) -> None:
        """The first calls that are at work come back so."""
        for result in results:
            self.answers.pop(0).set_result(result)
        await self._settled()

    async def cancel(self) -> None:
        """All that are at work are broken off."""
        for answer in self.answers:
            answer.cancel()
        self.answers.clear()
        await self._settled()

    async def _settled(self) -> None:
        await until(lambda: sum(not task.done() for task in self.tasks) == len(self.answers))


@dataclass
class Storm:
    """Rounds of waves at one breaker, and what went wrong in them."""

    book: Chainbook
    calls: int
    clock: FakeClock = field(default_factory=FakeClock)
    problems: list[str] = field(default_factory=list)

    @property
    def breakers(self) -> Breakers:
        return Breakers(self.book, self.clock, BreakerRules(RULES))

    async def round(self, end: str) -> None:
        """The breaker opens, its time passes, everybody comes at once, and then again after the probes' end."""
        await self._opened()
        first = await Wave(self.breakers).rise(self.calls)
        self._expect(f"{end}: first wave", RULES.probes, len(first.reached))
        places = await self._ended(first, end)
        if places is not None:
            second = await Wave(self.breakers).rise(self.calls)
            self._expect(f"{end}: second wave", places, len(second.reached))
            await second.cancel()
        await first.cancel()

    async def _opened(self) -> None:
        await self.breakers.reset(NAME, by="storm")
        for _ in range(RULES.threshold):
            ticket = await self.breakers.admit(NAME)
            if isinstance(ticket, Ticket):
                await self.breakers.report(NAME, ticket, Report(Result.FAILURE, "503"))
        early = await Wave(self.breakers).rise(10)
        self._expect("while it is open", 0, len(early.reached))
        self.clock.advance(LATER)

    async def _ended(self, wave: Wave, end: str) -> int | None:
        """What becomes of the probes; how many places are free then, or None when all pass."""
        match end:
            case "well":
                await wave.end(*[Result.SUCCESS] * 3)
                await self._phase(end, Phase.CLOSED)
                return None
            case "failed":
                await wave.end(Result.FAILURE)
                await self._phase(end, Phase.OPEN)
                await wave.end(Result.SUCCESS, Result.SUCCESS)
                await self._phase("late results", Phase.OPEN)
                return 0
            case "one well, then failed":
                await wave.end(Result.SUCCESS, Result.FAILURE)
                await self._phase(end, Phase.OPEN)
                return 0
            case "cancelled":
                await wave.cancel()
                return 3
            case "ignored":
                await wave.end(Result.IGNORED, Result.IGNORED)
                return 2
            case "lost":
                self.clock.advance(RULES.probe_limit)
                return 3
            case _:
                await wave.end(Result.SUCCESS)
                self.clock.advance(RULES.probe_limit)
                return 2

    async def _phase(self, when: str, expected: Phase) -> None:
        found = await self.book.breaker(NAME)
        if found is None or found.phase is not expected:
            self.problems.append(f"{when}: {found}")

    def _expect(self, when: str, expected: int, found: int) -> None:
        if expected != found:
            self.problems.append(f"{when}: {found} reached the service, not {expected}")


async def storm(book: Chainbook, calls: int, rounds: int) -> list[str]:
    """What went wrong in so many rounds of so many calls; their ends take turns."""
    found = Storm(book, calls)
    for number in range(rounds):
        await found.round(ENDS[number % len(ENDS)])
    return found.problems
