"""One thread with one SQLite connection that runs what waits for it, many programs to a transaction.

Group commit: while one commit waits for the disk, callers queue up; then all of them share the next one. Each
program stands in a savepoint of its own, so that one that fails takes back nothing but itself. An answer is
given only after the commit. Callers may live on any event loop.
"""

import asyncio
import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, repeat
from queue import SimpleQueue
from typing import Any

from ytempire.adapters.sql.program import NAME, Program, Row, Statement, StoreError, T, Undone, run, whole

MOST_TOGETHER = 256
"""Programs to one transaction: enough to hide the disk, few enough that others get their turn."""

_BUSY_DELAYS = tuple(chain(repeat(0.0002, 50), repeat(0.001, 500), repeat(0.005, 5_900)))
"""Seconds between tries to become the writer among processes, 30 s in all. SQLite's own busy handler sleeps
ever longer, up to 100 ms, and starved single writers for 0.8 s where eight processes wrote at once."""

_DISK = {
    sqlite3.SQLITE_FULL: "make room on its disk",
    sqlite3.SQLITE_IOERR: "look whether its disk is full or failing",
    sqlite3.SQLITE_READONLY: "let the user who runs ytempire write to it",
    sqlite3.SQLITE_PERM: "let the user who runs ytempire write to it",
    sqlite3.SQLITE_CANTOPEN: "look whether it and its folder are there, and the user who runs ytempire may use them",
}
"""What to do when the disk is at fault, by SQLite's code."""


@dataclass(frozen=True, slots=True)
class _Job:
    make: Callable[[], Program[Any]]
    future: "asyncio.Future[Any]"
    loop: asyncio.AbstractEventLoop


@dataclass(frozen=True, slots=True)
class _Result:
    job: _Job
    answer: object = None
    fault: Exception | None = None


class Lane:
    """A queue of programs and the thread that runs them; the thread starts with the first one."""

    def __init__(
        self,
        connect: Callable[[], sqlite3.Connection],
        *,
        begin: str,
        name: str,
        together: int = MOST_TOGETHER,
    ) -> None:
        self._connect = connect
        self._begin = begin
        self._together_at_most = together
        self._waiting: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._guard = threading.Lock()
        self._closed = False

    async def run(self, make: Callable[[], Program[T]]) -> T:
        """Runs a program and gives its answer once it is durable."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        with self._guard:
            if self._closed:
                raise StoreError("the store is closed; open it again")
            if not self._thread.ident:
                self._thread.start()
            self._waiting.put(_Job(make, future, loop))
        return await future

    async def close(self) -> None:
        """Runs what is waiting, then ends the thread."""
        with self._guard:
            self._closed = True
            self._waiting.put(None)
        if self._thread.ident:
            await asyncio.to_thread(self._thread.join)

    def _serve(self) -> None:
        connection: sqlite3.Connection | None = None
        more = True
        while more:
            batch, more = self._take()
            try:
                connection = connection or self._connect()
                results = self._commit(connection, batch) if batch else []
            except Exception as fault:  # noqa: BLE001  the outermost loop of this thread; every caller is told
                results = [_Result(job, fault=fault) for job in batch]
                if connection is not None and connection.in_transaction:
                    connection.rollback()
            _tell(results)
        if connection is not None:
            connection.close()

    def _take(self) -> tuple[list[_Job], bool]:
        """Everything that waits now, at least one; False once the lane is to end."""
        found = [self._waiting.get()]
        while len(found) < self._together_at_most and not self._waiting.empty():
            found.append(self._waiting.get())
        jobs = [job for job in found if job is not None and not job.future.cancelled()]
        return jobs, None not in found

    def _commit(self, connection: sqlite3.Connection, batch: list[_Job]) -> list[_Result]:
        retried(lambda: connection.execute(self._begin))
        alone = len(batch) == 1
        results = [_one(connection, job, alone=alone) for job in batch]
        if connection.in_transaction:
            connection.execute("COMMIT")
        return results


def _one(connection: sqlite3.Connection, job: _Job, *, alone: bool) -> _Result:
    """Runs one program; whatever it raises is its own caller's, unless it broke the whole transaction."""

    def execute(statement: Statement) -> list[Row]:
        sql, names = in_order(statement.sql)
        values = tuple(map(statement.params.__getitem__, names))
        try:
            cursor = connection.execute(sql, values)
        except UnicodeEncodeError:
            cursor = connection.execute(sql, tuple(map(whole, values)))
        return cursor.fetchall() or [()] * cursor.rowcount

    if not alone:
        connection.execute("SAVEPOINT one")
    try:
        answer = run(execute, job.make())
    except Undone as undone:
        _take_back(connection, alone=alone)
        return _Result(job, undone.answer)
    except Exception as fault:
        if not connection.in_transaction:
            raise  # SQLite has given up all of it (disk full, I/O error): nobody's work is stored
        _take_back(connection, alone=alone)
        return _Result(job, fault=fault)
    if not alone:
        connection.execute("RELEASE one")
    return _Result(job, answer)


@lru_cache(None)
def in_order(sql: str) -> tuple[str, tuple[str, ...]]:
    """A statement with `?` for each name, and the names in that order: SQLite binds those with less ado."""
    return NAME.sub("?", sql), tuple(NAME.findall(sql))


def _take_back(connection: sqlite3.Connection, *, alone: bool) -> None:
    if alone:
        connection.execute("ROLLBACK")
    else:
        connection.execute("ROLLBACK TO one")
        connection.execute("RELEASE one")


def retried(attempt: Callable[[], T], delays: Iterable[float] = _BUSY_DELAYS) -> T:
    """Tries again while another process holds the file; raises `StoreError` when that lasts too long."""
    for delay in delays:
        try:
            return attempt()
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
        time.sleep(delay)
    raise StoreError("the store has been locked by another process for 30 s; look for one that hangs")


def damage(fault: BaseException) -> StoreError | None:
    """What SQLite says of a file that is damaged or no database, with the remedy; None for any other fault.

    Everything we store is UTF-8, so that a text which is none, be it SQLite's own complaint, is damage as well.
    """
    code = getattr(fault, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
    # Python's own complaint about a text carries no code of SQLite.
    no_text = isinstance(fault, UnicodeDecodeError) or (
        isinstance(fault, sqlite3.OperationalError) and not hasattr(fault, "sqlite_errorcode")
    )
    if code not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) and not no_text:
        return None
    return StoreError(f"the database is damaged ({fault!s:.100}); stop ytempire and restore it from a backup")


def trouble(fault: BaseException) -> StoreError | None:
    """What SQLite says of a damaged file, or of a disk that does not do its work; None for any other fault."""
    code = getattr(fault, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
    remedy = _DISK.get(code)
    if remedy is None:
        return damage(fault)
    return StoreError(f"the database cannot be used ({fault}), and nothing was changed; {remedy}")


def _tell(results: list[_Result]) -> None:
    """Hands answers to the loops of their callers, waking each loop once."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Result]] = {}
    for result in results:
        by_loop.setdefault(result.job.loop, []).append(result)
    for loop, its in by_loop.items():
        # A loop that was closed in the meantime has nobody left who waits for an answer.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_resolve, its)


def _resolve(results: list[_Result]) -> None:
    for result in results:
        if result.job.future.done():
            continue  # its caller was cancelled while the program ran
        if result.fault is None:
            result.job.future.set_result(result.answer)
        else:
            result.job.future.set_exception(trouble(result.fault) or result.fault)
