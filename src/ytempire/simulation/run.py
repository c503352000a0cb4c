"""One simulation from its first day to the end of its queue: who does what when, on virtual time."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import PublicationId
from ytempire.ports import Filter
from ytempire.simulation.books import Books
from ytempire.simulation.faults import CALM
from ytempire.simulation.house import House, built
from ytempire.simulation.loop import VirtualClock, VirtualLoop
from ytempire.simulation.people import People
from ytempire.simulation.proofs import Proofs
from ytempire.simulation.result import Day, Result
from ytempire.simulation.scenario import Scenario

Told = Callable[[Day], None]

_MORNING = time(9)
"""When a person looks after the accounts."""

_AFTER_THE_BOOKS = timedelta(minutes=1)
"""Videos of a new day come in when the day before it is closed."""

_BEAT = 30.0
"""The least number of seconds between two looks of the worker at its queue. A real one looks more often; over days
that makes no difference but to the time a simulation takes, because what is busy is tried at every look.
"""

_RENEWAL = timedelta(hours=12)
"""Between two rounds of renewal. A real worker makes one every five minutes; here tokens are renewed when they are
used, and a grant that died is noticed when an upload wants it, or up to so much later.
"""

_RESERVES = timedelta(hours=1)
"""Between two looks at the reserves; a real worker looks every few seconds, and so does every placement here."""

_LONGEST_SLEEP = timedelta(days=1)


def unseen(day: Day) -> None:
    """A listener for when nobody watches: it has nothing to do."""
    del day


def simulated(scenario: Scenario, told: Told = unseen) -> Result:
    """Runs a scenario; `told` hears of each quota day when it is over. Takes real time, and waits for none."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(_simulated(scenario, told))


async def _simulated(scenario: Scenario, told: Told) -> Result:
    loop = asyncio.get_running_loop()
    if not isinstance(loop, VirtualLoop):
        raise TypeError("a simulation runs on virtual time only")
    start = _midnight(scenario.start, scenario)
    clock = VirtualClock(loop, start, scenario.seed)
    house = await built(scenario, clock)
    run = Run(house, People(house), Books(house), Proofs(house), told, asyncio.Event())
    return await run.whole()


def _midnight(day: date, scenario: Scenario) -> datetime:
    """The first moment of a local date, in UTC."""
    return datetime.combine(day, time(), scenario.layout.plan.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Run:
    """The timetable. `stirred` is set when a pass has ended or a video has come in."""

    house: House
    people: People
    books: Books
    proofs: Proofs
    told: Told
    stirred: asyncio.Event

    async def whole(self) -> Result:
        """All of it."""
        scenario, weather = self.house.scenario, self.house.world.weather
        weather.rates = CALM
        await self.people.connect_all()
        weather.rates = scenario.rates
        await self.house.engine.start(self._advance)
        first = QuotaDay.of(self.house.world.clock.now())
        beside = [self._work(), self._renew(), self._reserves(), self._deliver(), self._mornings()]
        tasks = [asyncio.create_task(each) for each in beside]
        try:
            await self._days(first, tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await self.house.engine.settled()
        await self.proofs.end(QuotaDay.parse(day.day) for day in self.books.days)
        return await self._result()

    async def _days(self, first: QuotaDay, tasks: list[asyncio.Task[Any]]) -> None:
        """Quota day after quota day, until the queue is worked off or patience ends."""
        scenario, world = self.house.scenario, self.house.world
        last = _midnight(scenario.start + timedelta(days=scenario.days), scenario)
        end = last + timedelta(days=scenario.after)
        day = first
        while True:
            weather = asyncio.create_task(world.weather.turn(day))
            await world.clock.until(day.resets)
            await weather
            world.inner.journal.clear()
            self.told(await self.books.close(day))
            await self.proofs.close(day)
            for task in tasks:
                if task.done():
                    task.result()
            day = QuotaDay.of(day.resets)
            if world.clock.now() >= last:
                world.weather.rates = CALM
                if world.clock.now() >= end or await world.store.next_due() is None:
                    return

    async def _work(self) -> None:
        """The worker: as its own loop does, but it sleeps until something comes due."""
        world = self.house.world
        while True:
            self.stirred.clear()
            while await self.house.work.round():
                await world.clock.sleep(_BEAT)
            now = world.clock.now()
            moment = world.store.next_moment(now) or now + _LONGEST_SLEEP
            alarm = asyncio.get_running_loop().call_later((moment - now).total_seconds(), self.stirred.set)
            await self.stirred.wait()
            alarm.cancel()
            await world.clock.sleep(_BEAT)

    async def _advance(self, which: PublicationId) -> None:
        """A pass of work, and the sign that it has ended."""
        try:
            await self.house.publishing.advance(which)
        finally:
            self.stirred.set()

    async def _renew(self) -> None:
        """Renewal of tokens."""
        while True:
            await self.house.renewal.round()
            await self.house.world.clock.sleep(_RENEWAL.total_seconds())

    async def _reserves(self) -> None:
        """Reserves are looked after: sent back at the reset, and beside that whatever waits is given another look."""
        while True:
            await self.house.reserves.look()
            self.stirred.set()
            await self.house.world.clock.sleep(_RESERVES.total_seconds())

    async def _deliver(self) -> None:
        """Each local day when it has begun: the day's videos, and its plan."""
        scenario = self.house.scenario
        for number in range(scenario.days):
            day = scenario.start + timedelta(days=number)
            await self.house.world.clock.until(_midnight(day, scenario) + _AFTER_THE_BOOKS)
            document = await self.people.deliver(day)
            self.stirred.set()
            if document is not None:
                self.proofs.plan(await self.books.plan(document), day)

    async def _mornings(self) -> None:
        """A person comes every morning, also after the last delivery."""
        scenario = self.house.scenario
        day = scenario.start
        while True:
            morning = datetime.combine(day, _MORNING, scenario.layout.plan.zone)
            await self.house.world.clock.until(morning.astimezone(UTC))
            await self.people.look_after_accounts()
            self.stirred.set()
            day += timedelta(days=1)

    async def _result(self) -> Result:
        world = self.house.world
        counts = await world.store.counts()
        everything = await world.store.publications(Filter(limit=1_000_000_000))
        reasons: dict[str, int] = {}
        for each in everything:
            if each.reason is not None:
                key = f"{each.state}: {each.reason.code}"
                reasons[key] = reasons.get(key, 0) + 1
        return Result(
            scenario=self.house.scenario,
            days=tuple(self.books.days),
            states={str(state): counts[state] for state in sorted(counts)},
            reasons=dict(sorted(reasons.items())),
            requests=dict(sorted(world.meter.requests.items())),
            faults={kind: n for kind, n in sorted(world.weather.faults.items()) if n},
            broken=tuple(self.proofs.broken),
        )
