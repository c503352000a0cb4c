"""The driver for PostgreSQL: a pool of asyncpg connections, one transaction for each program.

The pool lives on the loop that opened it; programs of other loops are run there too.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Coroutine
from functools import lru_cache
from typing import Any

import asyncpg

from ytempire.adapters.sql.migrate import STORED
from ytempire.adapters.sql.program import (
    NAME,
    Program,
    Row,
    Statement,
    StoreError,
    T,
    Undone,
    Unreachable,
    whole,
)

_PREPARED = 256
_RETRY_DELAYS = (0.0, 0.005, 0.02, 0.05, 0.1, 0.2)
"""Seconds before each new try of a program that lost a deadlock or a serialization conflict."""

_MAY_FORGET = frozenset({"off", "local", "remote_write"})
"""Values of `synchronous_commit` with which a commit that was answered can be gone after a crash of the server or the
loss of one: postgresql.org/docs/current/runtime-config-wal.html."""

_CARELESS = """
SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off' ORDER BY name
"""

UNREADABLE = (
    "the address of PostgreSQL cannot be read; write postgresql://USER:PASSWORD@HOST/DATABASE, with % and two digits "
    "for odd characters"
)
"""What is said of an address that is none."""

_AWAY = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # it is stopped, or is just starting
    asyncpg.TooManyConnectionsError,
)
_GIVES_ROWS = re.compile(r"^\s*SELECT|\bRETURNING\b")
_LOST_RACES = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)


@lru_cache(None)
def compiled(sql: str) -> tuple[str, tuple[str, ...]]:
    """A statement with `$1` for its first name and so on, and the names in that order."""
    names = tuple(dict.fromkeys(NAME.findall(sql)))
    return NAME.sub(lambda found: f"${names.index(found[1]) + 1}", sql), names


def unreached(fault: Exception) -> StoreError:
    """Why there is no connection, and what to do."""
    if isinstance(fault, FileNotFoundError):
        missing = fault.filename or "a file that the address names"
        return StoreError(f"PostgreSQL: {missing} is not there; correct the address, or put the file there")
    if isinstance(fault, _AWAY):
        remedy = "start it, or look at the address; then run the command again"
        return Unreachable(f"PostgreSQL cannot be reached: {fault}; {remedy}")
    return StoreError(f"PostgreSQL cannot be reached: {fault}; look at the address")


def unsecured(fault: ValueError) -> StoreError:
    """What is wrong with an address, by the sentence of the library where that is about TLS and holds no password."""
    told = str(fault).splitlines()[0]
    about_tls = "sslmode" in told or "certificate" in told
    return StoreError(
        f"PostgreSQL: {told}; correct the address, or put the file there" if about_tls else UNREADABLE
    )


def _gone(fault: Exception) -> Unreachable:
    why = str(fault).splitlines()[0] if str(fault) else type(fault).__name__
    remedy = "when it is back, run the command again: what was accepted is kept and goes on"
    return Unreachable(f"PostgreSQL went away: {why}; {remedy}")


class PostgresDriver:
    """Runs programs on one PostgreSQL database."""

    def __init__(self, pool: "asyncpg.Pool[Any]", home: asyncio.AbstractEventLoop) -> None:
        self._pool = pool
        self._home = home

    @classmethod
    async def open(cls, url: str, *, connections: int = 10) -> "PostgresDriver":
        """Connects. A commit is on the server's disk when it is answered, whatever the server does for others. Raises
        `Unreachable` when the server is not there, else `StoreError` when it refuses.
        """
        # That its pool runs dry is what every call says anyway, in fewer words.
        logging.getLogger("asyncpg.pool").setLevel(logging.ERROR)
        try:
            pool = await _pool(url, connections)
            if await pool.fetchval("SHOW synchronous_commit") in _MAY_FORGET:
                await pool.close()
                pool = await _pool(url, connections, synchronous_commit="on")
        except (OSError, asyncpg.PostgresError) as fault:
            raise unreached(fault) from fault
        except asyncpg.exceptions.ClientConfigurationError as fault:
            raise unsecured(fault) from None
        except ValueError:
            # `from None`: the error of the parser carries what it took for a part, perhaps of the password.
            raise StoreError(UNREADABLE) from None
        return cls(pool, asyncio.get_running_loop())

    async def careless_settings(self) -> tuple[str, ...]:
        """Settings of the server that are off, without which a power cut can damage the database."""
        return tuple(each["name"] for each in await self._at_home(self._pool.fetch(_CARELESS)))

    async def stored_revision(self) -> str | None:
        """The revision of the schema; None for an empty database."""
        try:
            return await self._at_home(self._pool.fetchval(STORED))
        except asyncpg.UndefinedTableError:
            return None

    async def write(self, make: Callable[[], Program[T]]) -> T:
        return await self._at_home(self._until_won(make))

    async def read(self, make: Callable[[], Program[T]]) -> T:
        return await self._at_home(self._attempt(make, isolation="repeatable_read", readonly=True))

    async def close(self) -> None:
        await self._at_home(self._pool.close())

    async def _at_home(self, work: Coroutine[Any, Any, T]) -> T:
        if asyncio.get_running_loop() is self._home:
            return await work
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._home))

    async def _until_won(self, make: Callable[[], Program[T]]) -> T:
        for delay in _RETRY_DELAYS:
            try:
                return await self._attempt(make)
            except _LOST_RACES:
                await asyncio.sleep(delay)
        return await self._attempt(make)

    async def _attempt(
        self, make: Callable[[], Program[T]], *, isolation: str = "read_committed", readonly: bool = False
    ) -> T:
        try:
            async with (
                self._pool.acquire() as connection,
                connection.transaction(isolation=isolation, readonly=readonly),
            ):
                return await _run(connection, make())
        except Undone as undone:
            answer: Any = undone.answer
            return answer  # type: ignore[no-any-return]
        except _AWAY as fault:
            raise _gone(fault) from fault
        except asyncpg.InterfaceError as fault:
            if "closed" not in str(fault):  # that of a connection is said in words alone
                raise
            raise _gone(fault) from fault


def _pool(url: str, connections: int, **session: str) -> "asyncpg.pool.Pool[Any]":
    """A pool to be awaited. A pooler between may refuse settings of a session: none is asked for without need."""
    return asyncpg.create_pool(
        url, min_size=1, max_size=connections, statement_cache_size=_PREPARED, server_settings=session or None
    )


def _changed(status: str) -> int:
    """How many rows a change changed, of what the server says at its end: `UPDATE 1`, `INSERT 0 1`."""
    return int(status.rpartition(" ")[2])


def _holdable(value: Any) -> Any:
    """The value, its text without NUL, which PostgreSQL has not and a server may say in an error, and without halves
    of characters.
    """
    if not isinstance(value, str):
        return value
    return whole(value.replace("\0", "\N{REPLACEMENT CHARACTER}") if "\0" in value else value)


async def _run(connection: Any, program: Program[T]) -> T:
    """Runs a program to its end, statement by statement."""
    rows: list[Row] | None = None
    try:
        while True:
            statement: Statement = next(program) if rows is None else program.send(rows)
            sql, names = compiled(statement.sql)
            values = [_holdable(statement.params[name]) for name in names]
            if _GIVES_ROWS.search(sql):
                rows = await connection.fetch(sql, *values)
            else:
                rows = [()] * _changed(await connection.execute(sql, *values))
    except StopIteration as end:
        answer: T = end.value
        return answer
