"""Chains in memory for the tests of them: four providers that play by their rows, and what became of a call."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, timedelta
from typing import Any

from tests.builders import NOW
from ytempire.adapters.memory.clock import FakeClock
from ytempire.adapters.memory.store import MemoryStore
from ytempire.adapters.memory.vendor import Answer, Hang, Row
from ytempire.domain.breaker import Breaker, Phase, Report, Result, Ticket
from ytempire.domain.breaker_rules import BreakerRules
from ytempire.domain.chain import (
    Attempt,
    Blame,
    Budget,
    CallerFault,
    Chain,
    ChainFailed,
    Charged,
    Link,
    Made,
    ProviderFault,
    Quality,
    Quote,
    Served,
)
from ytempire.domain.events import Event, Kind
from ytempire.domain.vitals import Manners
from ytempire.ports import Store
from ytempire.services.breakers import Breakers
from ytempire.services.chains import Chains, ProviderFailed
from ytempire.services.vitality import Vitality

CHAIN = "greeting"
GOLD, SILVER, BRONZE, TIN = NAMES = ("gold", "silver", "bronze", "tin")
COST = {GOLD: 500_000, SILVER: 200_000, BRONZE: 150_000, TIN: 0}
"""What each really costs; tin has a price that nobody is paid."""

LINKS = (
    Link(GOLD, Quality.PREMIUM, "mint", 500_000),
    Link(SILVER, Quality.STANDARD, "mine", 200_000),
    Link(BRONZE, Quality.BASIC, "foundry", 150_000),
    Link(TIN, Quality.EMERGENCY, "", 10_000, paid=False),
)
TODAY = NOW.astimezone(UTC).date()
AT_ONCE = 0.002
"""Seconds after which a call that hangs is given up."""

WELL: Made[str] = Made("hello")
BAD: Made[str] = Made("mumble")
DOWN = Report(Result.FAILURE, "it is down")


@dataclass(frozen=True, slots=True)
class Trouble:
    """How a provider fails: what it answers, its blame, and whether it was paid for."""

    answer: Answer[str]
    blame: Blame
    charged: Charged = Charged.NO

    def cost(self, provider: str) -> int:
        """What it costs at this provider."""
        return 0 if self.charged is Charged.NO else COST[provider]


def a_fault(blame: Blame = Blame.OUTAGE, charged: Charged = Charged.NO, **changes: Any) -> ProviderFault:
    return replace(ProviderFault(blame, str(blame), "in its own words", charged), **changes)


TROUBLES = {
    "down": Trouble(a_fault(), Blame.OUTAGE),
    "lost": Trouble(a_fault(charged=Charged.MAYBE), Blame.OUTAGE, Charged.MAYBE),
    "reset": Trouble(ConnectionResetError("reset by peer"), Blame.OUTAGE, Charged.MAYBE),
    "slow": Trouble(Hang(), Blame.OUTAGE, Charged.MAYBE),
    "wrong content": Trouble(BAD, Blame.OUTPUT, Charged.YES),
    "half an answer": Trouble(a_fault(Blame.OUTPUT, Charged.YES), Blame.OUTPUT, Charged.YES),
    "quota gone": Trouble(a_fault(Blame.EXHAUSTED), Blame.EXHAUSTED),
    "wrong key": Trouble(a_fault(Blame.CREDENTIAL), Blame.CREDENTIAL),
    "busy": Trouble(a_fault(Blame.BUSY), Blame.BUSY),
    "crowded": Trouble(a_fault(Blame.CROWDED), Blame.CROWDED),
    "unfit": Trouble(a_fault(Blame.UNFIT), Blame.UNFIT),
    "raised": Trouble(ProviderFailed(a_fault()), Blame.OUTAGE),
}


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one call."""

    trail: tuple[Attempt, ...]
    served: Served[str] | None = None
    error: ChainFailed | CallerFault | None = None

    @property
    def steps(self) -> dict[str, str]:
        """Each provider that was come to, and what became of it."""
        return {each.provider: each.step.value for each in self.trail}

    @property
    def cost(self) -> int:
        """What it cost by its trail."""
        return sum(each.cost for each in self.trail)

    def why(self, provider: str) -> str:
        """What is told of one provider."""
        return next(each.why for each in self.trail if each.provider == provider)


def no_mumbling(value: str) -> str:
    return "it mumbles" if value == BAD.value else ""


@dataclass
class Troupe:
    """A chain of four in memory. `store` may be any."""

    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW, dice=[0.0] * 1000))
    store: Any = field(default_factory=MemoryStore)
    links: tuple[Link, ...] = LINKS
    budget: Budget = field(default_factory=Budget)
    rules: BreakerRules = field(default_factory=BreakerRules)
    manners: Manners = field(default_factory=Manners)
    rows: dict[str, Row[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rows = self.rows or {name: Row(self.clock) for name in NAMES}

    def beside(self, store: Store | None = None) -> "Troupe":
        """The same providers as another process has them, on the same store unless another is named."""
        return replace(self, store=self.store if store is None else store)

    def fails(self, trouble: str, *providers: str) -> None:
        """From now on these providers fail so. One that hangs is given up at once."""
        for name in providers:
            self.rows[name].always = TROUBLES[trouble].answer
        if trouble == "slow":
            self.hurry(*providers)

    def works(self, *providers: str) -> None:
        """These providers are well again."""
        for name in providers or NAMES:
            self.rows[name].always = None

    def hurry(self, *providers: str) -> None:
        """These are given up at once."""
        self.links = tuple(
            replace(link, seconds=AT_ONCE) if link.provider in providers else link for link in self.links
        )

    def unready(self, provider: str, why: str) -> None:
        """This one was never set up."""
        self.links = tuple(
            replace(link, unready=why) if link.provider == provider else link for link in self.links
        )

    @property
    def breakers(self) -> Breakers:
        return Breakers(self.store, self.clock, self.rules)

    @property
    def vitality(self) -> Vitality:
        return Vitality(self.store, self.clock, (), self.manners)

    def chains(self) -> Chains:
        chains = {CHAIN: Chain(CHAIN, self.links, self.budget)}
        return Chains(self.store, self.clock, chains, self.breakers, self.vitality)

    async def operation(self, link: Link) -> Made[str] | ProviderFault:
        return await self.rows[link.provider].next(link, WELL)

    async def call(
        self,
        budget: Budget | None = None,
        *,
        only: str | None = None,
        forced: bool = False,
        quotes: dict[str, Quote] | None = None,
    ) -> Told:
        """One call, and what became of it."""
        try:
            served = await self.chains().execute(
                CHAIN, self.operation, budget, check=no_mumbling, only=only, forced=forced, quotes=quotes
            )
        except (ChainFailed, CallerFault) as error:
            return Told(error.trail, error=error)
        return Told(served.trail, served=served)

    def asked(self, *providers: str) -> int:
        """How often these (or all) were asked."""
        return sum(len(self.rows[name].journal) for name in providers or NAMES)

    async def spent(self, since: date = TODAY) -> int:
        """What the book says that was spent."""
        return sum(line.amount for line in await self.store.spending(since))

    async def unsure(self) -> int:
        """How much of it is not certain."""
        return sum(line.unsettled for line in await self.store.spending(TODAY))

    async def trails(self) -> int:
        """What the trails of all calls say that was spent."""
        calls = await self.store.chain_calls(limit=100_000)
        return sum(each.cost for call in calls for each in call.trail)

    async def breaker(self, name: str) -> Breaker:
        found: Breaker | None = await self.store.breaker(name)
        assert found is not None
        return found

    async def opened(self, name: str) -> None:
        """Makes the breaker of this provider open."""
        while (await self.store.breaker(name) or Breaker(name, NOW)).phase is not Phase.OPEN:
            ticket = await self.breakers.admit(name)
            assert isinstance(ticket, Ticket)
            await self.breakers.report(name, ticket, DOWN)

    async def events(self, *kinds: Kind) -> list[Event]:
        found = [event for _, event in await self.store.events(limit=100_000)]
        return [each for each in found if not kinds or each.kind in kinds]

    def later(self, **step: float) -> None:
        self.clock.advance(timedelta(**step))


class Watched:
    """A port at whose every call something may happen, before it and after it."""

    def __init__(self, port: Any, happens: Callable[[str], Awaitable[None]]) -> None:
        self._port = port
        self._happens = happens

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._port, name)

        async def call(*args: Any, **kwargs: Any) -> Any:
            await self._happens(f"before {name}")
            result = await real(*args, **kwargs)
            await self._happens(f"after {name}")
            return result

        return call


@dataclass
class Axe:
    """Cancels a task when so many moments have passed (once for each number); every moment lets others run."""

    at: Iterable[int]
    task: asyncio.Task[Any] | None = None
    moment: int = 0
    fell: list[str] = field(default_factory=list)

    async def happens(self, what: str) -> None:
        self.moment += 1
        if self.moment in set(self.at) and self.task is not None and not self.task.done():
            self.fell.append(what)
            self.task.cancel()
        await asyncio.sleep(0)
