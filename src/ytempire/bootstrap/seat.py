"""The place of the one worker: a lock on the home, and where the store is a server, one there too."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from ytempire.adapters.home_lock import HomeLock
from ytempire.adapters.system import MachineClock
from ytempire.domain.installed import lacks_extra
from ytempire.domain.values import PublicationId, WorkerBusy
from ytempire.ports import Pass
from ytempire.settings import Settings

_SERVER = "postgresql://"


@dataclass(slots=True)
class Seat:
    """The place, while it is held. `by` tells that it is gone for good: to another worker, or by what fault."""

    held: Callable[[], bool]
    by: list[BaseException] = field(default_factory=list)
    _lost: Callable[[], None] = lambda: None

    def at_loss(self, act: Callable[[], None]) -> None:
        """Has that done when the place is gone; at once, when it is by now."""
        self._lost = act
        if self.by:
            act()

    def guarding(self, work: Pass) -> Pass:
        """The same passes, none of which begins without the place."""

        async def guarded(which: PublicationId) -> None:
            if self.held():
                await work(which)

        return guarded

    def displaced(self, by: BaseException) -> None:
        """It is gone."""
        self.by.append(by)
        self._lost()


class Lock(Protocol):
    """What a server holds for one worker, as `adapters.sql.worker_lock` has it."""

    async def take(self) -> None:
        """Takes it. Raises `WorkerBusy` when another has it."""
        ...

    def is_held(self) -> bool:
        """May work be begun?"""
        ...

    async def keep(self, displaced: Callable[[WorkerBusy], None]) -> None:
        """Looks after it until another has it."""
        ...

    async def leave(self) -> None:
        """Gives it back."""
        ...


@asynccontextmanager
async def seated(settings: Settings) -> AsyncIterator[Seat]:
    """The place, given back at the end. Raises `WorkerBusy` when another has it, or has taken it meanwhile."""
    with HomeLock(settings.home, started=MachineClock().now()):
        if not settings.database.url.startswith(_SERVER):
            yield Seat(lambda: True)
            return
        async with _on_a_server(settings.database.url) as seat:
            yield seat
        for gone in seat.by:
            raise gone


def _on_a_server(url: str) -> AbstractAsyncContextManager[Seat]:
    try:
        from ytempire.adapters.sql.worker_lock import DatabaseLock
    except ModuleNotFoundError as missing:
        from ytempire.adapters.sql.program import StoreError

        raise StoreError(lacks_extra("PostgreSQL", "postgres")) from missing
    return kept(DatabaseLock(url))


@asynccontextmanager
async def kept(lock: Lock) -> AsyncIterator[Seat]:
    """The place that a lock gives. It is gone too when nobody looks after that any more, because of a fault."""
    await lock.take()
    keeping: list[asyncio.Task[None]] = []
    seat = Seat(lambda: lock.is_held() and not any(each.done() for each in keeping))

    def ended(keeper: asyncio.Task[None]) -> None:
        fault = None if keeper.cancelled() else keeper.exception()
        if fault is not None:
            seat.displaced(fault)

    keeping.append(asyncio.create_task(lock.keep(seat.displaced)))
    keeping[0].add_done_callback(ended)
    try:
        yield seat
    finally:
        keeping[0].cancel()
        await asyncio.wait(keeping)
        await lock.leave()
