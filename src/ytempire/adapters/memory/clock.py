"""A clock that stands still until it is told to move, and dice and ids that come out the same every time."""

import asyncio
import base64
import hashlib
import heapq
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count

from ytempire.domain.values import Secret, utc

START = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
"""A Friday, ten in the morning in Pacific time: far from a reset and from daylight saving changes."""


class FakeClock:
    """`ports.Clock` on virtual time. Sleepers wake in the order of their moments, and time jumps to each.

    `dice` is thrown first, in order; after it comes the same endless row of numbers for the same `seed`.
    """

    def __init__(self, start: datetime = START, *, dice: Iterable[float] = (), seed: int = 1) -> None:
        self._now = utc(start)
        self._started = self._now
        self._script = iter(tuple(dice))
        self._seed = seed
        self._ids = count(1)
        self._order = count()
        self._sleepers: list[tuple[datetime, int]] = []

    def now(self) -> datetime:
        """The virtual moment, in UTC."""
        return self._now

    def monotonic(self) -> float:
        """Virtual seconds since the start; setting the clock back does run it backwards, so do not."""
        return (self._now - self._started).total_seconds()

    def set(self, moment: datetime) -> None:
        """Moves to a moment."""
        self._now = utc(moment)

    def advance(self, step: timedelta) -> datetime:
        """Moves on by a step and gives the new moment."""
        self._now += step
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Lets others run at least once, then jumps to the end of this sleep when no sleeper is before it."""
        wake = (self._now + timedelta(seconds=max(0.0, seconds)), next(self._order))
        heapq.heappush(self._sleepers, wake)
        try:
            while True:
                await asyncio.sleep(0)
                if self._sleepers[0] == wake or self._now >= wake[0]:
                    break
        finally:
            self._sleepers.remove(wake)
            heapq.heapify(self._sleepers)
        self._now = max(self._now, wake[0])

    def dice(self) -> float:
        """The next number of the script, then of a linear congruential row (Knuth, MMIX constants)."""
        for thrown in self._script:
            return thrown
        self._seed = (self._seed * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) % (1 << 64)
        return (self._seed >> 11) / (1 << 53)

    def new_id(self, prefix: str) -> str:
        """`prefix_` and a number that counts up, wide enough to sort."""
        return f"{prefix}_{next(self._ids):08d}"

    def new_secret(self, size: int) -> Secret:
        """Always another text of the right length, and no secret at all: a hash of a number that counts up."""
        digest = hashlib.shake_256(str(next(self._ids)).encode()).digest(size)
        return Secret(base64.urlsafe_b64encode(digest).rstrip(b"=").decode())
