"""Alerting in memory, for the tests of it: events go in, messages come out."""

from dataclasses import dataclass, field
from datetime import timedelta

from tests.builders import FIRST, MAIN, NOW, TODAY
from ytempire.adapters.memory.clock import FakeClock
from ytempire.adapters.memory.notifier import MemoryNotifier
from ytempire.adapters.memory.store import MemoryStore
from ytempire.domain.alerts import Alert, Target
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.values import PublicationId
from ytempire.services.alerting import Alerting

PUB = PublicationId("pub_1")
LOUD = frozenset({Level.HIGH, Level.CRITICAL})


@dataclass
class Desk:
    """Alerting in memory, with two targets unless a test names others."""

    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW, dice=[1.0] * 50))
    store: MemoryStore = field(default_factory=MemoryStore)
    notifier: MemoryNotifier = field(default_factory=MemoryNotifier)
    targets: tuple[Target, ...] = (Target("ops", LOUD), Target("chat", frozenset(Level)))

    def alerting(self) -> Alerting:
        return Alerting(self.store, self.clock, self.notifier, self.targets)

    async def happens(self, kind: Kind, level: Level = Level.HIGH, **data: object) -> None:
        event = Event(kind, self.clock.now(), level, PUB, FIRST, MAIN, data)
        await self.store.record([event])

    async def crosses(self, level: Level, percent: int) -> None:
        await self.happens(Kind.QUOTA_THRESHOLD, level, bucket="units", day=str(TODAY), percent=percent)

    async def round(self, later: timedelta = timedelta()) -> None:
        self.clock.advance(later)
        await self.alerting().round()

    def told(self, target: str) -> list[str]:
        return [each.title for each in self.notifier.told.get(target, [])]

    async def open(self) -> list[Alert]:
        return list(await self.store.alerts())
