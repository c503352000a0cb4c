"""Forgetting what chains did so long ago that nobody asks for it: calls with their trails, drills, tries and money.

Publications, their events, the ledger of quota and alerts are the record of this installation, and are kept.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, timedelta

from ytempire.ports import Chainbook, Clock

BATCH = 500
"""Rows that are deleted at once: nobody who writes waits longer for it than a moment."""

_PAUSE = 0.05
"""Seconds between two batches, for those who write."""


@dataclass(frozen=True, slots=True)
class Keep:
    """How long what is kept."""

    calls: timedelta
    drills: timedelta
    spend: timedelta


@dataclass(frozen=True, slots=True)
class Retention:
    """Forgets. Any number of workers may; the newest drill of each chain stays whatever its age."""

    book: Chainbook
    clock: Clock
    keep: Keep

    async def round(self) -> None:
        """Forgets all that is older than it is kept."""
        now, book = self.clock.now(), self.book
        await self._forget(lambda: book.forget_calls(now - self.keep.calls, BATCH))
        await self._forget(lambda: book.forget_drills(now - self.keep.drills, BATCH))
        day = (now - self.keep.spend).astimezone(UTC).date()
        await self._forget(lambda: book.forget_spending(day, BATCH))

    async def _forget(self, some: Callable[[], Awaitable[int]]) -> None:
        while await some() == BATCH:
            await self.clock.sleep(_PAUSE)
