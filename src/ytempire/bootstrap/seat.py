"""The place of the one worker: a lock on the home, and where the store is a server, one there too."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from ytempire.adapters.home_lock import HomeLock
from ytempire.adapters.system import MachineClock
from ytempire.domain.values import PublicationId, WorkerBusy
from ytempire.ports import Pass
from ytempire.settings import Settings

_SERVER = "postgresql://"


@dataclass(slots=True)
class Seat:
    """The place, while it is held. `by` tells when another worker has it."""

    held: Callable[[], bool]
    by: list[WorkerBusy] = field(default_factory=list)
    _lost: Callable[[], None] = lambda: None

    def at_loss(self, act: Callable[[], None]) -> None:
        """Has that done when another worker has the place; at once, when one has it by now."""
        self._lost = act
        if self.by:
            act()

    def guarding(self, work: Pass) -> Pass:
        """The same passes, none of which begins without the place."""

        async def guarded(which: PublicationId) -> None:
            if self.held():
                await work(which)

        return guarded

    def displaced(self, busy: WorkerBusy) -> None:
        """Another worker has it."""
        self.by.append(busy)
        self._lost()


@asynccontextmanager
async def seated(settings: Settings) -> AsyncIterator[Seat]:
    """The place, given back at the end. Raises `WorkerBusy` when another has it, or has taken it meanwhile."""
    with HomeLock(settings.home, started=MachineClock().now()):
        if not settings.database.url.startswith(_SERVER):
            yield Seat(lambda: True)
            return
        async with _on_a_server(settings.database.url) as seat:
            yield seat
        for busy in seat.by:
            raise busy


@asynccontextmanager
async def _on_a_server(url: str) -> AsyncIterator[Seat]:
    try:
        from ytempire.adapters.sql.worker_lock import DatabaseLock
    except ModuleNotFoundError as missing:
        from ytempire.adapters.sql.program import StoreError

        raise StoreError("PostgreSQL needs an extra: install ytempire[postgres]") from missing
    lock = DatabaseLock(url)
    await lock.take()
    keeping: list[asyncio.Task[None]] = []
    seat = Seat(lambda: lock.is_held() and not any(each.done() for each in keeping))
    keeping.append(asyncio.create_task(lock.keep(seat.displaced)))
    try:
        yield seat
    finally:
        keeping[0].cancel()
        await asyncio.wait(keeping)
        await lock.leave()
