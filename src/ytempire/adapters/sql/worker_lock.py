"""One worker for each PostgreSQL database: a session's advisory lock, which ends with the connection that took it.

The server lets go of it as soon as the connection ends: at once when a process dies, and after `_GONE` at the
earliest when a machine or the way to it is gone without a word. The worker asks its connection every `PULSE` seconds
and gives it `PATIENCE` to answer. So it knows that it lost the lock before anybody else can have it. The lock needs
a connection of its own to the server itself, not one that a pooler shares out by transactions.
"""

import asyncio
import os
import socket
from collections.abc import Callable
from typing import Any

import asyncpg
import structlog

from ytempire.adapters.sql.postgres import UNREADABLE, unreached
from ytempire.adapters.sql.program import StoreError
from ytempire.domain.values import WorkerBusy

_log = structlog.get_logger(__name__)

PULSE = 3.0
PATIENCE = 4.0
_GONE = {"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"}
"""The server gives up a connection that is silent after 25 seconds: longer than pulse and patience together."""

KEY = 7_883_700_101
"""No other than this: those of migrations and of the log of events are near by. Such locks are of one database."""

_MINE = """
SELECT a.pid = pg_backend_pid() FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (l.classid::bigint << 32) | l.objid::bigint = $1
"""
_HOLDER = _MINE.replace("a.pid = pg_backend_pid()", "a.application_name, a.backend_start", 1)
_TRIES = 10
_PAUSE = 0.1
"""Seconds between tries: the server of a worker that was killed this moment has yet to notice."""

_NAME_BYTES = 63
_TROUBLE = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)  # TimeoutError is an OSError


class DatabaseBusy(WorkerBusy):
    """Another worker works on this database; `name` is what it calls itself, if the server tells."""

    elsewhere = True

    def __init__(self, name: str, since: str) -> None:
        who = f"{name} (since {since})" if name else "another worker"
        remedy = (
            "stop it first; until several are supported, one worker works on a database, whatever its home"
        )
        super().__init__(f"the PostgreSQL database is already worked on by {who}; {remedy}")
        self.name = name


class DatabaseLock:
    """The right of one process to work on a database, from `take` to `leave` or until it is lost."""

    def __init__(self, url: str, *, pulse: float = PULSE, patience: float = PATIENCE) -> None:
        self._url = url
        self._pulse = pulse
        self._patience = patience
        self._connection: Any = None
        self._name = f"ytempire worker {os.getpid()} on {socket.gethostname()}"[:_NAME_BYTES]

    async def take(self) -> None:
        """Takes the lock. Raises `DatabaseBusy`, and `StoreError` when the server does not answer."""
        try:
            connection = await asyncpg.connect(
                self._url, timeout=self._patience, server_settings={"application_name": self._name, **_GONE}
            )
        except ValueError:
            raise StoreError(UNREADABLE) from None  # see there
        except _TROUBLE as fault:
            raise unreached(fault) from fault
        try:
            await self._taken(connection)
        except BaseException:
            connection.terminate()
            raise
        self._connection = connection

    async def _taken(self, connection: Any) -> None:
        for _ in range(_TRIES):
            if await connection.fetchval("SELECT pg_try_advisory_lock($1)", KEY, timeout=self._patience):
                return
            await asyncio.sleep(_PAUSE)
        holder = await connection.fetchrow(_HOLDER, KEY, timeout=self._patience)
        name, since = (holder[0] or "", holder[1]) if holder else ("", None)
        raise DatabaseBusy(name, f"{since:%Y-%m-%d %H:%M:%S} UTC" if since else "")

    def is_held(self) -> bool:
        """May work be begun? False from the moment the connection ends, or does not answer."""
        return self._connection is not None and not self._connection.is_closed()

    async def keep(self, displaced: Callable[[WorkerBusy], None]) -> None:
        """Looks after the lock, and takes it anew when its connection was lost. Ends when another worker has it."""
        while True:
            await asyncio.sleep(self._pulse)
            if await self._answers():
                continue
            _log.warning("the connection with the lock of the worker is lost; nothing is begun without it")
            busy = await self._anew()
            if busy is not None:
                displaced(busy)
                return
            _log.info("the lock of the worker is taken anew")

    async def leave(self) -> None:
        """Gives the lock back, if it is held."""
        connection, self._connection = self._connection, None
        if connection is not None and not connection.is_closed():
            try:
                await connection.close(timeout=self._patience)
            except _TROUBLE:
                connection.terminate()

    async def _answers(self) -> bool:
        """Does the server say that this very session has the lock?"""
        connection = self._connection
        if connection is None or connection.is_closed():
            return False
        try:
            mine = await asyncio.wait_for(connection.fetchval(_MINE, KEY), self._patience)
        except _TROUBLE:
            mine = None
        if not mine:
            self._connection = None
            connection.terminate()
        return bool(mine)

    async def _anew(self) -> DatabaseBusy | None:
        """Tries until it has the lock again (None) or another worker has it.

        Its own session, which the server may not know to be gone, is no other.
        """
        while True:
            try:
                await self.take()
            except DatabaseBusy as busy:
                if busy.name != self._name:
                    return busy
            except (StoreError, *_TROUBLE):
                await asyncio.sleep(self._pulse)
            else:
                return None
