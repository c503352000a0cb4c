"""What the demo's videos tell: a script and a voice for each, through the real chains, to local providers.

The vendors are the emulator's; the template and the local voice are the real ones. Money is limited, so that the
chains have to turn to them for most videos, and some calls fail on purpose, so that they fall back.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ytempire.bootstrap.chain_house import chain_house
from ytempire.bootstrap.chains import Chained
from ytempire.domain.chain import SCRIPT, VOICE, Served, Step
from ytempire.domain.scripts import Script, ScriptOrder
from ytempire.domain.speech import SpeechOrder, Spoken
from ytempire.emulator import Emulator, FaultKind
from ytempire.settings import Settings

MINUTES = 0.25
_AT_ONCE = 3
_TOPICS = ("tides", "bread", "bridges", "honey", "maps", "glass", "clocks", "tea", "rivers", "lighthouses")
_ANGLES = (
    "how it works",
    "a short history",
    "three surprising facts",
    "what beginners miss",
    "why it matters",
)
_PRICES = """\
[chains.script_generation]
providers = ["openai_primary", "template"]
daily_budget_usd = 8.0

[chains.voice_synthesis]
providers = ["elevenlabs", "local_tts"]
daily_budget_usd = 5.0

[health]
stripe_key_env = ""  # a key of the machine is none of the demo's

"""


@dataclass(frozen=True, slots=True)
class Told:
    """One video's story: its topic, its script, and the file of its voice."""

    topic: str
    script: Served[Script]
    voice: Served[Spoken]


@dataclass(frozen=True, slots=True)
class ChainRow:
    """What one provider did for the demo; `cost` in micro-dollars."""

    chain: str
    provider: str
    served: int
    failed: int
    cost: int


@dataclass(frozen=True, slots=True)
class Story:
    """All that was told, and how: rows by provider, how many calls fell back, and what the breakers did."""

    told: tuple[Told, ...]
    rows: tuple[ChainRow, ...]
    fallbacks: int
    breaker_events: int


def chain_config(emulator: Emulator) -> str:
    """The part of the demo's configuration that names the local vendors and the money for them."""
    providers = (("openai_primary", "openai"), ("elevenlabs", "elevenlabs"))
    sections = [
        f'[providers.{name}]\nbase_url = "{emulator.provider_root(vendor)}"\nservice = "{vendor}"\n'
        for name, vendor in providers
    ]
    return _PRICES + "\n".join(sections) + "\n"


def keys(emulator: Emulator) -> dict[str, str]:
    """The vendors' keys as variables, so that they lie in no file."""
    found = emulator.provider_keys
    return {
        "YTEMPIRE_PROVIDERS__OPENAI_PRIMARY__API_KEY": found.openai,
        "YTEMPIRE_PROVIDERS__ELEVENLABS__API_KEY": found.elevenlabs,
    }


def make_trouble(emulator: Emulator, videos: int) -> None:
    """Some calls fail: a vendor that is down for a moment, and one that answers with silence."""
    count = max(1, videos // 25)
    emulator.add_fault("openai.chat", FaultKind.STATUS, status=503, count=count, skip=min(2, videos - 1))
    emulator.add_fault("elevenlabs.speech", FaultKind.SILENT_AUDIO, count=count, skip=min(1, videos - 1))


async def tell(settings: Settings, folder: Path, videos: int) -> Story:
    """Writes and speaks a story for each video, a few at once."""
    await asyncio.to_thread(folder.mkdir)
    async with chain_house(settings, actor="demo") as house:
        free = asyncio.Semaphore(_AT_ONCE)

        async def one(number: int) -> Told:
            async with free:
                return await _tell(house, number, folder / f"voice_{number:02d}.wav")

        told = tuple(await asyncio.gather(*map(one, range(1, videos + 1))))
        usage = await house.reports.services()
        fallbacks = sum(int(str(chain["fallbacks"])) for chain in _list(usage["chains"]))
        # A breaker that never changed is still in the generation that it began with.
        opened = sum(each.generation > 1 for each in await house.chains.book.breakers())
    return Story(told, _rows(told), fallbacks, opened)


async def _tell(house: Chained, number: int, path: Path) -> Told:
    topic = f"{_TOPICS[number % len(_TOPICS)]}: {_ANGLES[number % len(_ANGLES)]}"
    script = await house.writing.write(ScriptOrder(topic, MINUTES))
    voice = await house.speaking.speak(SpeechOrder(script.value.text), str(path))
    return Told(topic, script, voice)


def _rows(told: Sequence[Told]) -> tuple[ChainRow, ...]:
    served: Counter[tuple[str, str]] = Counter()
    failed: Counter[tuple[str, str]] = Counter()
    cost: Counter[tuple[str, str]] = Counter()
    for each in told:
        for chain, call in ((SCRIPT, each.script), (VOICE, each.voice)):
            for attempt in call.trail:
                key = (chain, attempt.provider)
                served[key] += attempt.step is Step.SERVED
                failed[key] += attempt.step in {Step.FAILED, Step.REJECTED}
                cost[key] += attempt.cost
    return tuple(
        ChainRow(chain, provider, served[chain, provider], failed[chain, provider], cost[chain, provider])
        for chain, provider in sorted(served)
    )


def _list(found: object) -> list[Mapping[str, object]]:
    return found if isinstance(found, list) else []
