"""What the world keeps of the providers of voices and scripts: their keys, and what each was asked and paid.

The endpoints themselves are in `providers/`. Money is in whole micro-dollars at the vendors' list prices.
"""

import dataclasses
from dataclasses import dataclass

from ytempire.emulator.clock import Clock

PROVIDERS = ("openai", "anthropic", "elevenlabs", "google_tts", "polly", "stripe")
_CREDITS = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorKeys:
    """The only keys that the providers take, made afresh for each emulator. Polly takes a pair.

    They are canaries too: whatever finds one in clear has found a leak.
    """

    openai: str
    anthropic: str
    elevenlabs: str
    google_tts: str
    polly: str
    polly_secret: str
    stripe: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What one call used, and its price in micro-dollars. All zero for a call that was refused."""

    model: str | None = None
    voice: str | None = None
    characters: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    microdollars: int = 0


class Vendors:
    """The providers' side of the world."""

    def __init__(self, clock: Clock) -> None:
        """New keys, empty accounts."""
        self.keys = _new_keys(clock)
        self.elevenlabs_credits = _CREDITS
        self.elevenlabs_used = 0
        self._totals = {name: dict.fromkeys(_COLUMNS, 0) for name in PROVIDERS}

    def note(self, provider: str, bill: Bill, *, served: bool) -> None:
        """Add a call to the totals of its provider."""
        row = self._totals[provider]
        row["calls"] += 1
        row["served"] += served
        row["characters"] += bill.characters
        row["input_tokens"] += bill.input_tokens
        row["output_tokens"] += bill.output_tokens
        row["billed_microdollars"] += bill.microdollars

    def totals(self) -> dict[str, dict[str, int]]:
        """Calls, calls served, characters, tokens and micro-dollars by provider."""
        return {name: dict(row) for name, row in self._totals.items()}

    def secrets(self) -> tuple[str, ...]:
        """Every key, without the access key id of Polly, which is a name and no secret."""
        return tuple(key for name, key in dataclasses.asdict(self.keys).items() if name != "polly")


_COLUMNS = ("calls", "served", "characters", "input_tokens", "output_tokens", "billed_microdollars")


def _new_keys(clock: Clock) -> VendorKeys:
    """Keys of each vendor's shape that say whose they are."""
    return VendorKeys(
        openai=f"sk-emulator-{clock.letters(40)}",
        anthropic=f"sk-ant-emulator-{clock.letters(40)}",
        elevenlabs=f"sk_emulator_{clock.letters(36)}",
        google_tts=f"AIzaEmulator{clock.letters(27)}",
        polly=f"AKIAEMULATOR{clock.letters(8).upper()}",
        polly_secret=clock.letters(40),
        stripe=f"sk_test_emulator_{clock.letters(40)}",
    )
