"""`ports.Engine` on DBOS, embedded: one process, one SQLite file, no server. Here is its face to the loop."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

from ytempire.adapters.engine.errors import EngineBusy
from ytempire.adapters.engine.run import Run
from ytempire.domain.values import PublicationId
from ytempire.ports import Clock, Pass

P = ParamSpec("P")
T = TypeVar("T")

_the_one_dbos = threading.Lock()
"""DBOS keeps one instance per process; a second one would silently be the first."""


class DbosEngine:
    """Runs passes durably, `concurrency` of them at once.

    At most one engine may run in a process, and one process on a file (`HomeLock` sees to that). Passes are
    awaited on the loop that called `start`.
    """

    def __init__(self, path: Path, *, concurrency: int, clock: Clock) -> None:
        self._path = path
        self._concurrency = concurrency
        self._clock = clock
        self._run: Run | None = None
        self._thread = ThreadPoolExecutor(1)

    async def start(self, work: Pass) -> None:
        """Starts working, first on what a crash interrupted. Raises `EngineBusy`."""
        if not _the_one_dbos.acquire(blocking=False):
            raise EngineBusy("An engine already runs in this process; stop it before you start another.")
        # DBOS's calls block, and the loop's own threads may all be busy with uploads.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="engine")
        self._run = Run(work, asyncio.get_running_loop(), self._clock)
        try:
            await self._blocking(self._run.open, self._path, self._concurrency)
        except BaseException:
            await self.stop()
            raise

    async def dispatch(self, which: PublicationId) -> bool:
        """Runs a pass unless one is running or waiting for this publication; False in that case.

        False too when the engine is not running. From the moment this returns True the pass will run, even if
        this process dies.
        """
        run = self._run
        if run is None or not run.live.is_free(which):
            return False
        return await self._blocking(run.dispatch, which)

    def active(self) -> int:
        """How many passes are running or waiting."""
        return len(self._run.live) if self._run else 0

    async def stop(self) -> None:
        """Takes no more work and returns when running passes have ended.

        Waiting ones run at the next start.
        """
        run = self._run
        if run is None:
            return
        run.live.close()
        await self._blocking(run.close)
        if self._run is run:
            self._run = None
            self._thread.shutdown(wait=False)
            _the_one_dbos.release()

    async def _blocking(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, partial(function, *args, **kwargs))
