"""An engine without durability: each pass is a task of the running loop, and nothing survives the process."""

import asyncio

from ytempire.domain.values import PublicationId
from ytempire.ports import Pass


class MemoryEngine:
    """`ports.Engine` over asyncio tasks, at most `concurrency` at a time, one per publication.

    What was dispatched before `start` waits for it. An error that escapes a pass is kept and raised by
    `settled` and `stop`, so that no test overlooks it.
    """

    def __init__(self, concurrency: int = 1000) -> None:
        self._places = asyncio.Semaphore(concurrency)
        self._work: asyncio.Future[Pass] | None = None
        self._tasks: dict[PublicationId, asyncio.Task[None]] = {}
        self._errors: list[Exception] = []
        self._stopping = False

    async def start(self, work: Pass) -> None:
        """Starts working, first on what was dispatched before."""
        self._ready().set_result(work)

    async def dispatch(self, which: PublicationId) -> bool:
        """Runs a pass as a task; False when one is live, or when the engine is stopping."""
        if self._stopping or which in self._tasks:
            return False
        task = asyncio.create_task(self._run(which), name=f"publish:{which}")
        self._tasks[which] = task
        task.add_done_callback(lambda done: self._ended(which, done))
        return True

    def active(self) -> int:
        """How many passes are running or waiting."""
        return len(self._tasks)

    async def settled(self) -> None:
        """Returns when no pass is running or waiting; raises what escaped from passes so far."""
        while self._tasks:
            await asyncio.wait(list(self._tasks.values()))
            await asyncio.sleep(0)
        if self._errors:
            errors, self._errors = self._errors, []
            raise ExceptionGroup("passes ended with an error", errors)

    async def stop(self) -> None:
        """Takes no more work and returns when running passes have ended; raises what escaped from them."""
        self._stopping = True
        if not self._ready().done():
            for task in self._tasks.values():
                task.cancel()
        await self.settled()

    def _ready(self) -> asyncio.Future[Pass]:
        self._work = self._work or asyncio.get_running_loop().create_future()
        return self._work

    async def _run(self, which: PublicationId) -> None:
        work = await asyncio.shield(self._ready())
        async with self._places:
            await work(which)

    def _ended(self, which: PublicationId, task: asyncio.Task[None]) -> None:
        del self._tasks[which]
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Exception):
            self._errors.append(error)
