"""The voice and the script chain in memory, for the tests of speaking, writing and drills."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.services.troupe import AT_ONCE, Troupe
from ytempire.adapters.memory.clock import FakeClock
from ytempire.adapters.memory.probe import MemoryProbe
from ytempire.adapters.memory.sounds import MemorySounds
from ytempire.adapters.memory.speaker import MemorySpeaker
from ytempire.adapters.memory.store import MemoryStore
from ytempire.adapters.memory.writer import MemoryWriter
from ytempire.domain.chain import SCRIPT, VOICE, Budget, Chain, Link, Quality
from ytempire.domain.chain_drill import Link as UploadLink
from ytempire.domain.vitals import Manners
from ytempire.services.breakers import Breakers
from ytempire.services.chains import Chains
from ytempire.services.drills import Drills
from ytempire.services.service_report import ServiceReports
from ytempire.services.speaking import Speaking
from ytempire.services.vitality import Vitality
from ytempire.services.writing import Writing

HIGH, LOW, FREE = "high", "low", "free"
POET, CLERK, FORM = "poet", "clerk", "form"
OUT = "videos/a.wav"
CHAINS = {
    VOICE: Chain(
        VOICE,
        (
            Link(HIGH, Quality.PREMIUM, "opera", 500_000),
            Link(LOW, Quality.STANDARD, "radio", 200_000),
            Link(FREE, Quality.EMERGENCY, "", 10_000, paid=False),
        ),
    ),
    SCRIPT: Chain(
        SCRIPT,
        (
            Link(POET, Quality.PREMIUM, "academy", 800_000),
            Link(CLERK, Quality.STANDARD, "office", 400_000),
            Link(FORM, Quality.BASIC, "", 50_000, paid=False),
        ),
    ),
}


@dataclass
class Studio:
    """Vendors of both chains that play by their rows; high takes 1,000 micro-dollars a character, low 200."""

    clock: FakeClock = field(default_factory=lambda: Troupe().clock)
    store: MemoryStore = field(default_factory=MemoryStore)
    chains: Mapping[str, Chain] = field(default_factory=lambda: dict(CHAINS))
    longest: int = 5_000
    upload: Sequence[UploadLink] = ()
    speakers: dict[str, MemorySpeaker] = field(init=False)
    writers: dict[str, MemoryWriter] = field(init=False)
    probes: dict[str, MemoryProbe] = field(init=False)
    sounds: Any = field(init=False)

    def __post_init__(self) -> None:
        clock, self.sounds = self.clock, MemorySounds("videos")
        self.speakers = {
            HIGH: MemorySpeaker(clock, self.sounds, per_character=1_000, longest=self.longest),
            LOW: MemorySpeaker(clock, self.sounds, per_character=200, longest=self.longest),
            FREE: MemorySpeaker(clock, self.sounds, cost=10_000),
        }
        self.writers = {
            POET: MemoryWriter(clock, cost=800_000),
            CLERK: MemoryWriter(clock, cost=400_000),
            FORM: MemoryWriter(clock, cost=50_000),
        }
        self.probes = {name: MemoryProbe(name, clock) for name in ("opera", "academy", "office")}

    def change(self, chain: str, provider: str, **changes: Any) -> None:
        """Another link than usual."""
        links = self.chains[chain].links
        changed = tuple(replace(each, **changes) if each.provider == provider else each for each in links)
        self.chains = {**self.chains, chain: replace(self.chains[chain], links=changed)}

    def hurry(self, chain: str, provider: str) -> None:
        """This one is given up at once."""
        self.change(chain, provider, seconds=AT_ONCE)

    def limit(self, chain: str, budget: Budget) -> None:
        self.chains = {**self.chains, chain: replace(self.chains[chain], budget=budget)}

    @property
    def vitality(self) -> Vitality:
        return Vitality(self.store, self.clock, tuple(self.probes.values()), Manners())

    def calls(self) -> Chains:
        breakers = Breakers(self.store, self.clock)
        return Chains(self.store, self.clock, self.chains, breakers, self.vitality)

    def speaking(self) -> Speaking:
        return Speaking(self.calls(), self.sounds, self.speakers)

    def writing(self) -> Writing:
        return Writing(self.calls(), self.writers)

    def drills(self) -> Drills:
        async def upload() -> Sequence[UploadLink]:
            return self.upload

        calls, sounds = self.calls(), self.sounds
        speaking, writing = Speaking(calls, sounds, self.speakers), Writing(calls, self.writers)
        return Drills(calls, speaking, writing, sounds, self.clock, "ana", self.store, self.store, upload)

    def reports(self) -> ServiceReports:
        return ServiceReports(self.store, self.clock, self.chains, self.vitality)

    async def spent(self) -> int:
        return sum(line.amount for line in await self.store.spending(self.clock.now().date()))

    async def trails(self) -> int:
        calls = await self.store.chain_calls(limit=1_000)
        return sum(each.cost for call in calls for each in call.trail)
