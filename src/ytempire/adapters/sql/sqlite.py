"""The driver for SQLite: one lane that writes with group commit, one that reads on its own connection.

`synchronous=FULL` because NORMAL loses acknowledged commits in a power cut; `BEGIN IMMEDIATE` because a
transaction that only becomes a writer half-way can lose updates of others; `fullfsync` because macOS answers an
ordinary fsync before its disk has written (elsewhere it means nothing: sqlite.org/pragma.html#pragma_fullfsync).
"""

import contextlib
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from ytempire.adapters.sql.lane import MOST_TOGETHER, Lane, damage, retried, trouble
from ytempire.adapters.sql.program import Program, T

_PREPARED = 256
_WRITING = ("journal_mode = WAL", "synchronous = FULL", "fullfsync = ON", "foreign_keys = ON")
_READING = ("query_only = ON", "busy_timeout = 5000")


def create(path: Path) -> None:
    """Makes an empty file that only its owner may read, unless there is one.

    One that is there is not so much as opened: closing any descriptor of a file gives up every POSIX lock that the
    process holds on it (sqlite.org/howtocorrupt.html, 2.2), also those of connections that are at work.
    """
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def connect(path: Path, *, reading: bool = False) -> sqlite3.Connection:
    """A connection without hidden transactions, set for durability; or one that cannot write."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=0, cached_statements=_PREPARED)
    for setting in _READING if reading else _WRITING:
        retried(lambda setting=setting: connection.execute(f"PRAGMA {setting}"))  # type: ignore[misc]
    return connection


class SqliteDriver:
    """Runs programs on one SQLite file. Any number of loops, threads and processes may use the same file."""

    def __init__(self, path: Path, *, together: int = MOST_TOGETHER) -> None:
        self._writer = Lane(
            lambda: connect(path), begin="BEGIN IMMEDIATE", name="store-writer", together=together
        )
        self._reader = Lane(lambda: connect(path, reading=True), begin="BEGIN", name="store-reader")

    async def write(self, make: Callable[[], Program[T]]) -> T:
        return await self._writer.run(make)

    async def read(self, make: Callable[[], Program[T]]) -> T:
        return await self._reader.run(make)

    async def close(self) -> None:
        await self._reader.close()
        await self._writer.close()


def what_is_wrong(path: Path) -> str | None:
    """What SQLite itself finds damaged in a file; None when all is well. Reads all of it, changes nothing."""
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
        try:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.DatabaseError as fault:
            if damage(fault) is None:
                raise trouble(fault) or fault from fault
            verdict = fault
    return None if verdict == "ok" else str(verdict)
