"""What a worker does beside its work, each thing at its own pace: renewing tokens and the like."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from ytempire.ports import Clock

_log = structlog.get_logger(__name__)
GRACE = 5.0
"""Seconds that the last time may take; what is not done then is done at the next start."""


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to do again and again. The first time is at once; `at_the_end`: once more when the work is done;
    `whole`: who stops when nothing is left to do waits for it, for broken off it would be done for nothing.
    """

    name: str
    every: timedelta
    do: Callable[[], Awaitable[object]]
    at_the_end: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Chores:
    """Does chores until it is cancelled. None waits for another, and trouble with one is told and ends none."""

    clock: Clock
    chores: tuple[Chore, ...]
    _turns: dict[str, asyncio.Lock] = field(default_factory=dict)
    _owed: set[str] = field(default_factory=set)
    """The whole ones whose first time, since they are run, is not over."""

    def start(self) -> asyncio.Task[None]:
        """`run` as a task. The first time of whole chores counts as under way from now on."""
        self._owed.update(each.name for each in self.chores if each.whole)
        return asyncio.create_task(self.run())

    def busy(self) -> bool:
        """Is a whole chore under way?"""
        turns = [self._turns.get(each.name) for each in self.chores if each.whole]
        return bool(self._owed) or any(turn is not None and turn.locked() for turn in turns)

    async def run(self) -> None:
        """Works until it is cancelled."""
        async with asyncio.TaskGroup() as group:
            for chore in self.chores:
                group.create_task(self._again_and_again(chore))

    async def end(self) -> None:
        """The last time of those that are done at the end, all at once, for no longer than a moment.

        One that is being done is first done to its end.
        """
        last = [asyncio.ensure_future(self._guarded(chore)) for chore in self.chores if chore.at_the_end]
        if last:
            _, late = await asyncio.wait(last, timeout=GRACE)
            for each in late:
                each.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _again_and_again(self, chore: Chore) -> None:
        """Keeps to a grid of moments, so that the time a chore takes does not add up."""
        due = self.clock.monotonic()
        while True:
            await self._guarded(chore)
            due = max(due + chore.every.total_seconds(), self.clock.monotonic())
            await self.clock.sleep(due - self.clock.monotonic())

    async def _guarded(self, chore: Chore) -> None:
        try:
            async with self._turns.setdefault(chore.name, asyncio.Lock()):
                await chore.do()
        except Exception:  # noqa: BLE001  the outermost loop of a chore: it is told, and tried again next time
            _log.exception(
                "a chore failed; it is done again", chore=chore.name, seconds=chore.every.total_seconds()
            )
        finally:
            self._owed.discard(chore.name)
