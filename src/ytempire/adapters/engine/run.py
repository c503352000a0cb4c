"""One life of the engine, from start to stop. Everything here blocks and runs on threads, never on the loop.

A pass is a DBOS workflow of one step that carries two texts: the publication's id and the pass's number. Its
row is on the disk before the pass starts and is finished after it has ended, so a pass that a crash cut short
is found and run again at the next start. The store stays the truth of what happened; DBOS knows only what was
started.

Workflows are started directly on DBOS's own threads, of which there are as many as passes may run at once: a
pass starts some milliseconds after its dispatch, and no queue has to be polled often. The pass itself is
awaited on the application's loop, so that services live on one loop; the thread only waits for it.
"""

import asyncio
import contextvars
import inspect
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Engine

from ytempire.adapters.engine.errors import LeftForLater, PassFailed
from ytempire.adapters.engine.file import open_file
from ytempire.adapters.engine.live import Live
from ytempire.adapters.engine.relay import relayed
from ytempire.domain.values import PublicationId
from ytempire.ports import Clock, Pass

if TYPE_CHECKING:
    from dbos import DBOSConfig

log = structlog.get_logger("ytempire.engine")

KEEP_FINISHED = timedelta(days=7)
TIDY_EVERY = timedelta(hours=1)
"""How often, while passes are dispatched, a batch of old ones is forgotten; all of them at a start."""

BATCH = 500
UNFINISHED = ["PENDING", "ENQUEUED"]
FINISHED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
PREFIX = "publish:"
LOOK_AT_THE_LOOP = 1.0  # seconds


class Run:
    """One life of the engine. `open`, `dispatch` and `close` are to be called from one thread."""

    def __init__(self, work: Pass, loop: asyncio.AbstractEventLoop, clock: Clock) -> None:
        self.live = Live()
        self._work = work
        self._loop = loop
        self._clock = clock
        # A pass must not inherit DBOS's context from the thread that waits for it.
        self._context = contextvars.copy_context()
        self._adopted = threading.Event()
        self._ended: dict[int, str] = {}
        self._tidied = clock.now()
        self._opened = ExitStack()
        self._publish: Callable[[str, str], None] = self._one_pass

    def open(self, path: Path, concurrency: int) -> None:
        """Launches DBOS, which begins to recover, and notes what is recovered before any of it runs."""
        from dbos import DBOS  # noqa: PLC0415 - takes a second that no other command should pay

        self._opened.enter_context(relayed())
        engine = open_file(path, self._clock.now)
        self._opened.callback(engine.dispose)
        self._opened.callback(DBOS.destroy, destroy_registry=True)
        DBOS(config=_config(engine, concurrency))
        # No limit to recoveries: the store counts passes and holds what is poison.
        workflow = DBOS.workflow(name="publish", max_recovery_attempts=None)
        self._publish = workflow(_as_function(self._one_pass))
        DBOS.launch()
        self._opened.callback(self._drain)
        while self._forget_old():
            continue
        self._adopt()
        self._adopted.set()

    def dispatch(self, which: PublicationId) -> bool:
        """Starts a pass; False when one is live or nothing may begin."""
        from dbos import DBOS, SetWorkflowID  # noqa: PLC0415

        number = self._clock.new_id("pass")
        if not self.live.claim(which, number):
            return False
        try:
            with SetWorkflowID(_workflow_id(which, number)):
                DBOS.start_workflow(self._publish, which, number)
        except BaseException:
            self.live.end(which, number)
            raise
        self._tidy()
        return True

    def close(self) -> None:
        """Lets running passes end, then undoes what `open` did, however far it came."""
        self.live.close()
        self._adopted.set()
        self._opened.close()

    def _one_pass(self, publication: str, number: str) -> None:
        """The workflow, on a thread of DBOS."""
        from dbos import DBOS  # noqa: PLC0415

        which = PublicationId(publication)
        self._adopted.wait()
        if not self.live.begin(which, number):
            return  # a crash between two passes can leave both unfinished; the other one does the work
        try:
            DBOS.run_step({"name": "pass"}, self._step, which, number)
        finally:
            self.live.end(which, number)

    def _step(self, which: PublicationId, number: str) -> None:
        if not self.live.is_open():
            raise LeftForLater
        fault = self._on_the_loop(which)
        self._ended[threading.get_ident()] = _workflow_id(which, number)
        if fault is not None:
            log.error("pass failed", publication=which, exc_info=fault)
            raise PassFailed(type(fault).__name__)

    def _on_the_loop(self, which: PublicationId) -> Exception | None:
        """Awaits the pass on the application's loop and returns the error it ended with, if any."""
        coroutine = self._once(which)
        try:
            future = self._context.copy().run(asyncio.run_coroutine_threadsafe, coroutine, self._loop)
            fault = self._outcome(future)
        except (RuntimeError, CancelledError):  # of the loop: what the pass itself raises is in `fault`
            raise LeftForLater from None
        finally:
            if inspect.getcoroutinestate(coroutine) == inspect.CORO_CREATED:
                self.live.close()  # the loop is gone, or going
                coroutine.close()
        if fault is None or isinstance(fault, Exception):
            return fault
        raise LeftForLater from fault

    async def _once(self, which: PublicationId) -> None:
        """The pass, on the loop.

        Only a loop that ends cancels it from outside: then no other may begin there, for nobody would cancel that
        one before the loop is gone.
        """
        if not self.live.is_open():
            raise LeftForLater
        try:
            await self._work(which)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                self.live.close()
            raise

    def _outcome(self, future: Future[None]) -> BaseException | None:
        """Waits for the pass, but not for one on a loop that was closed without stopping the engine first."""
        while True:
            try:
                return future.exception(timeout=LOOK_AT_THE_LOOP)
            except TimeoutError:
                if self._loop.is_closed():
                    raise LeftForLater from None

    def _tidy(self) -> None:
        """Forgets some of what is old, now and then: an engine that is never stopped must not grow for ever."""
        if self._clock.now() - self._tidied >= TIDY_EVERY:
            self._tidied = self._clock.now()
            self._forget_old()

    def _forget_old(self) -> bool:
        """Forgets some of the passes that ended long ago; False when there was none."""
        from dbos import DBOS  # noqa: PLC0415

        before = (self._clock.now() - KEEP_FINISHED).isoformat()
        old = DBOS.list_workflows(
            status=FINISHED, completed_before=before, limit=BATCH, load_input=False, load_output=False
        )
        if old:
            DBOS.delete_workflows([workflow.workflow_id for workflow in old])
        return bool(old)

    def _adopt(self) -> None:
        from dbos import DBOS  # noqa: PLC0415

        left = DBOS.list_workflows(
            status=UNFINISHED, workflow_id_prefix=PREFIX, load_input=False, load_output=False
        )
        for workflow in left:
            which, _, number = workflow.workflow_id.removeprefix(PREFIX).rpartition(":")
            self.live.claim(PublicationId(which), number)

    def _drain(self) -> None:
        """Waits for running passes, and then for DBOS to write down that they have ended."""
        from dbos import DBOS  # noqa: PLC0415

        self.live.wait_until_quiet()
        # A thread writes the end of its pass before it takes the next: there is one to wait for per thread.
        # Not for ever: an end that is not written only means that the pass runs once more.
        ended, pause = list(self._ended.values()), threading.Event()
        for _ in range(500 if ended else 0):
            if not DBOS.list_workflows(
                workflow_ids=ended, status="PENDING", load_input=False, load_output=False
            ):
                return
            pause.wait(0.01)


def _config(engine: Engine, concurrency: int) -> "DBOSConfig":
    from dbos import DBOSPortableJSONSerializer  # noqa: PLC0415

    return {
        "name": "ytempire",
        "system_database_engine": engine,
        # Both fixed, or what one version or process started would never be recovered by the next. There is
        # never a second process on the file, so one name for all is safe.
        "application_version": "1",
        "executor_id": "embedded",
        "serializer": DBOSPortableJSONSerializer(),
        "max_executor_threads": concurrency,
        "log_level": "WARNING",
        "enable_otlp": False,
        # It sleeps for this long when it is told to stop.
        "notification_listener_polling_interval_sec": 0.2,
    }


def _workflow_id(which: PublicationId, number: str) -> str:
    return f"{PREFIX}{which}:{number}"


def _as_function(method: Callable[[str, str], None]) -> Callable[[str, str], None]:
    """DBOS marks what it registers with attributes, which a bound method cannot take."""

    def publish(publication: str, number: str) -> None:
        method(publication, number)

    return publish
