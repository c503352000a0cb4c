"""What provider chains need: vendors, sounds on disk, and a book of breakers, money, calls and health."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # every command loads the ports, few call chains
    from ytempire.domain.breaker import Breaker
    from ytempire.domain.chain import ChainCall, Made, ProviderFault, Usage
    from ytempire.domain.events import Event
    from ytempire.domain.scripts import Script, ScriptOrder
    from ytempire.domain.speech import Sound, SpeechOrder
    from ytempire.domain.values import Secret
    from ytempire.domain.vitals import Observation, Vital


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a provider was configured: everything a vendor's adapter may know. Prices are micro-dollars.

    `key` is None when none is configured. `per_thousand_characters`, `per_million_input` and `per_million_output`
    (tokens) are 0 when not configured; the price of a call is then `cost`. `options` are the vendor's own keys.
    """

    name: str
    kind: str
    key: Secret | None = None
    key_id: str = ""
    base_url: str = ""
    model: str = ""
    voice: str = ""
    seconds: float = 60.0
    cost: int = 0
    per_thousand_characters: int = 0
    per_million_input: int = 0
    per_million_output: int = 0
    options: Mapping[str, str] = field(default_factory=dict)


class Speaker(Protocol):
    """A vendor of speech."""

    @property
    def longest(self) -> int:
        """The longest text of one request; in bytes of UTF-8 where `in_bytes` says so, else in characters."""
        ...

    @property
    def in_bytes(self) -> bool:
        """Whether `longest` counts bytes."""
        ...

    def price(self, order: SpeechOrder) -> int:
        """The most that saying this costs, in micro-dollars."""
        ...

    async def speak(self, order: SpeechOrder, into: str) -> Made[None] | ProviderFault:
        """Says a text of at most `longest` into a new WAV file (16 bit, mono), streamed and bounded.

        Never raises for what the network or the vendor does; a file it began is then of no meaning.
        """
        ...


class Writer(Protocol):
    """A vendor of scripts."""

    def price(self, order: ScriptOrder) -> int:
        """The most that writing this costs, in micro-dollars."""
        ...

    async def write(self, order: ScriptOrder) -> Made[Script] | ProviderFault:
        """Writes a script. Never raises for what the network or the vendor does."""
        ...


class Probe(Protocol):
    """A look at a service that costs nothing, or next to nothing."""

    @property
    def service(self) -> str:
        """The service it looks at."""
        ...

    async def look(self, seconds: float) -> Observation:
        """Looks, and says what it saw within so many seconds. Never raises."""
        ...


class Sounds(Protocol):
    """Audio files."""

    async def target(self, path: str) -> None:
        """Makes sure that a file of this name can be written, before anything is bought for it.

        Raises `Mendable`: an ending other than .wav or .mp3, no such folder, no leave to write there.
        """
        ...

    async def scratch(self) -> str:
        """The path of a new, empty folder for parts."""
        ...

    async def discard(self, scratch: str) -> None:
        """Removes such a folder and all that is in it. Never raises: what cannot be
        removed is the system's to clear.
        """
        ...

    async def measure(self, path: str) -> Sound:
        """Decodes a file to its end and measures it; `decoded` False when that is not possible."""
        ...

    async def join(self, parts: Sequence[str], into: str) -> None:
        """Writes the parts one after the other, with a short pause between, as one file of the kind that the name
        says (.wav or .mp3). The file appears whole or not at all. Raises `Mendable` when it cannot be written.
        """
        ...


@dataclass(frozen=True, slots=True)
class Spending:
    """Money held or spent for one try of one provider; `amount` is the most that it can become."""

    id: str
    call: str
    chain: str
    provider: str
    day: date
    at: datetime
    amount: int


@dataclass(frozen=True, slots=True)
class SpendLine:
    """What a provider of a chain took on a UTC day, in micro-dollars: all that counts, and how much of it is only
    held or not certain.
    """

    day: date
    chain: str
    provider: str
    tries: int
    amount: int
    unsettled: int


@dataclass(frozen=True, slots=True)
class DrillReport:
    """A drill of a chain: when, by whom, and each link with its verdict (`ok`, `failed`, `skipped`) and words."""

    chain: str
    at: datetime
    by: str
    passed: bool
    links: tuple[tuple[str, str, str], ...]


class Chainbook(Protocol):
    """Breakers, money, calls, health and drills at rest; shared by all workers."""

    async def breakers(self) -> tuple[Breaker, ...]:
        """Every breaker there is, by name."""
        ...

    async def breaker(self, name: str) -> Breaker | None:
        """One breaker; None when nothing was ever recorded of it."""
        ...

    async def swap_breaker(self, breaker: Breaker, events: Sequence[Event]) -> bool:
        """Stores a breaker in place of the one with its `version` (0: there was none), as the next version.

        False, and nothing written, when somebody else was faster: read it again.
        """
        ...

    async def hold_money(self, spending: Spending, ceiling: int | None) -> bool:
        """Holds money of a chain's UTC day before a call, in one statement; None: no ceiling.

        False, and nothing held, when the day's sum would be more than the ceiling, or the id was used before:
        it stands for one try. What is never settled (a crash) counts as spent.
        """
        ...

    async def settle_money(self, spending: str, amount: int, *, certain: bool) -> None:
        """Settles what was held: it cost `amount`, which may be more than was held. Once for each; later ones do
        nothing. `certain` False leaves it marked as perhaps not spent.
        """
        ...

    async def spending(self, since: date) -> tuple[SpendLine, ...]:
        """What was taken since a UTC day (inclusive), by day, chain and provider."""
        ...

    async def note_call(self, call: ChainCall, events: Sequence[Event]) -> None:
        """Stores a call that ended, with its trail, and the events that tell of it; once for each id."""
        ...

    async def chain_calls(
        self, *, chain: str | None = None, since: datetime | None = None, limit: int = 100
    ) -> tuple[ChainCall, ...]:
        """Calls, newest first; of one moment, the one stored last."""
        ...

    async def usage(self, since: datetime) -> dict[str, Usage]:
        """Calls, fallbacks and failures by chain since a moment, by their rows; drills, the caller's own faults
        and what was broken off left out.
        """
        ...

    async def vitals(self) -> tuple[Vital, ...]:
        """The health of every service that was ever seen, by name."""
        ...

    async def vital(self, service: str) -> Vital | None:
        """The health of one service."""
        ...

    async def swap_vital(self, vital: Vital, events: Sequence[Event]) -> bool:
        """Stores the health of a service, as `swap_breaker` does."""
        ...

    async def note_drill(self, report: DrillReport, events: Sequence[Event]) -> None:
        """Stores a drill."""
        ...

    async def drills(self) -> tuple[DrillReport, ...]:
        """The newest drill of each chain, by name; of one moment, the one stored last."""
        ...

    async def forget_calls(self, before: datetime, limit: int) -> int:
        """Deletes the oldest calls of before a moment, at most `limit`; how many that were."""
        ...

    async def forget_drills(self, before: datetime, limit: int) -> int:
        """Deletes drills of before a moment, at most `limit`, and never the newest of a chain; how many that were."""
        ...

    async def forget_spending(self, before: date, limit: int) -> int:
        """Deletes the oldest tries of before a UTC day, at most `limit`, and the sums of days of which none is left;
        how many tries that were.
        """
        ...
