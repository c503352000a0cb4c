"""The one place that reads the clock and rolls dice. Everything else is given the time and the chance."""

import asyncio
import random
import secrets
import time
from datetime import UTC, datetime

from ytempire.domain.values import Secret


class MachineClock:
    """The machine's clock and dice."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never run backwards, for measuring durations."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Waits without blocking the loop."""
        await asyncio.sleep(seconds)

    def dice(self) -> float:
        """A number from 0 (inclusive) to 1 (exclusive), for jitter; not for secrets."""
        return random.random()

    def new_id(self, prefix: str) -> str:
        """A fresh id: `prefix_` and 20 characters that sort by the time they were made."""
        return f"{prefix}_{_sortable(time.time_ns() // 1_000_000)}{secrets.token_hex(5)}"

    def new_secret(self, size: int) -> Secret:
        """So many bytes of the system's source for secrets, as base64url text."""
        return Secret(secrets.token_urlsafe(size))


_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def _sortable(milliseconds: int) -> str:
    digits = ""
    for _ in range(10):
        milliseconds, digit = divmod(milliseconds, 32)
        digits = _ALPHABET[digit] + digits
    return digits
