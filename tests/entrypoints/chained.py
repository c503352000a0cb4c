"""An installation whose chains lead to a local emulator, and what its calls and the emulator's bills say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.entrypoints import forked
from tests.entrypoints.program import PATIENCE, Ended, environment
from ytempire.emulator import Emulator

VOICES = ("elevenlabs", "google_tts", "aws_polly", "local_tts")
SCRIPTS = ("openai_primary", "openai_economy", "claude", "template")
TEXT = "Good morning. The tide is out, and the boats lie on the sand until the water comes back."
_VENDORS = {
    "elevenlabs": ("elevenlabs", "per_thousand_characters_usd = 0.1"),
    "google_tts": ("google_tts", "per_thousand_characters_usd = 0.004"),
    "aws_polly": ("polly", "per_thousand_characters_usd = 0.016"),
    "openai_primary": (
        "openai",
        "per_million_input_tokens_usd = 2\nper_million_output_tokens_usd = 10",
    ),
    "openai_economy": (
        "openai",
        "per_million_input_tokens_usd = 1\nper_million_output_tokens_usd = 5",
    ),
    "claude": ("anthropic", "per_million_input_tokens_usd = 2\nper_million_output_tokens_usd = 10"),
}
"""Whose each provider is, and the emulator's own prices."""


def provider_sections(
    emulator: Emulator, *, seconds: float = 20.0, roots: Mapping[str, str] | None = None
) -> str:
    """The configuration of all six vendors. `roots` takes some of them elsewhere."""
    sections = []
    for name, (vendor, prices) in _VENDORS.items():
        root = (roots or {}).get(name, emulator.provider_root(vendor))
        lines = [f"[providers.{name}]", f'base_url = "{root}"', f"timeout_seconds = {seconds}", prices]
        if name == "aws_polly":
            lines.append(f'key_id = "{emulator.provider_keys.polly}"')
        sections.append("\n".join(lines))
    return "\n\n".join(sections) + "\n"


def keys(emulator: Emulator) -> dict[str, str]:
    """The vendors' keys, as variables."""
    found = emulator.provider_keys
    by_name = {
        "ELEVENLABS": found.elevenlabs,
        "GOOGLE_TTS": found.google_tts,
        "AWS_POLLY": found.polly_secret,
        "OPENAI_PRIMARY": found.openai,
        "OPENAI_ECONOMY": found.openai,
        "CLAUDE": found.anthropic,
    }
    return {f"YTEMPIRE_PROVIDERS__{name}__API_KEY": key for name, key in by_name.items()}


def micro(usd: str) -> int:
    """An amount of a document in micro-dollars."""
    return int(Decimal(usd) * 1_000_000)


@dataclass
class Chained:
    """A folder with a configuration and a home, an emulator with the vendors, and the program."""

    folder: Path
    emulator: Emulator
    variables: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    home_is_named: bool = True
    """Else it is where the home is when nobody names one."""

    @property
    def home(self) -> Path:
        return self.folder / "home" if self.home_is_named else self.folder / ".local" / "share" / "ytempire"

    @property
    def config(self) -> Path:
        return self.folder / "ytempire.toml"

    def start(self, *words: object, given: str = "", talkative: bool = False, **more: str) -> forked.Running:
        """A command that runs beside the test."""
        named = {"YTEMPIRE_HOME": str(self.home)} if self.home_is_named else {}
        known = environment(self.folder, {**named, **self.variables, **more})
        return forked.start(list(map(str, words)), self.folder, known, given, talkative=talkative)

    def run(self, *words: object, given: str = "", talkative: bool = False, **more: str) -> Ended:
        """A command to its end, in the folder; `more` are further variables."""
        ended = ended_of(self.start(*words, given=given, talkative=talkative, **more))
        self.said += [str(words), ended.out, ended.err]
        return ended

    def speak(self, *words: object, **more: Any) -> Ended:
        """Says the usual text into `a.wav`."""
        return self.run("speak", TEXT, "-o", "a.wav", "--json", *words, given="", talkative=False, **more)

    def script(self, *words: object, **more: Any) -> Ended:
        """Has the usual script written."""
        return self.run("script", "the tides", "--json", *words, given="", talkative=False, **more)

    def call(self, chain: str) -> dict[str, Any]:
        """The newest call of a chain."""
        found: list[dict[str, Any]] = self.run(
            "services", "calls", "--chain", chain, "--limit", 1, "--json"
        ).json()["calls"]
        return found[0]

    def services(self) -> dict[str, Any]:
        """Everything that `services` tells."""
        found: dict[str, Any] = self.run("services", "--json").json()
        return found

    def spent(self) -> int:
        """What the book says was spent today, in micro-dollars."""
        return sum(micro(chain["spent_today_usd"]) for chain in self.services()["chains"])

    def billed(self) -> int:
        """What the vendors billed, in micro-dollars."""
        return sum(row["billed_microdollars"] for row in self.emulator.totals()["providers"].values())

    def asked(self, operation: str = "") -> list[str]:
        """The vendors' operations that were asked for, in order; all, or one."""
        called = [
            f"{event.facts['provider']}.{event.facts['operation']}"
            for event in self.emulator.journal.since(0)
            if event.kind == "provider_called"
        ]
        return [each for each in called if operation in ("", each)]


def ended_of(running: forked.Running) -> Ended:
    """The end of a command that runs beside the test."""
    return Ended(*running.wait(PATIENCE))


def trail(call: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Who, and what became of it."""
    return [(each["provider"], each["step"]) for each in call["trail"]]
