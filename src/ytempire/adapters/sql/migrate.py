"""The schema of the store: is it ours, older, or newer? Brings an older one up to date, under a lock.

The question is plain SQL, so that a command that only reads starts at once, and so is the schema of a new SQLite
file; Alembic and SQLAlchemy are imported when there is an older schema to bring up to date.
"""

import asyncio
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

from ytempire.adapters.sql.lane import damage, trouble
from ytempire.adapters.sql.program import StoreError

REVISIONS = ("0001", "0002", "0003", "0005", "0006", "0007", "0008", "0009", "0010", "0011", "0012")
"""Every revision of the schema, oldest first; the last is the one this version of ytempire speaks."""

NEW = Path(__file__).parent / "migrations" / "new.sql"
"""The schema of a new SQLite file: what all revisions make of an empty one, written down."""

STORED = "SELECT version_num FROM alembic_version"
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(7883700001)"
_SECONDS_TO_WAIT = 60
_ALEMBIC = threading.Lock()
"""Alembic keeps what it is doing in globals of the process."""


class NewerSchema(StoreError):
    """The store was written by a newer version; nothing was changed."""


def is_current(stored: str | None) -> bool:
    """Is this the schema we speak? Raises `NewerSchema` for one that we have never heard of."""
    if stored is None:
        return False
    if stored not in REVISIONS:
        raise NewerSchema(
            f"the store has schema {stored} and this ytempire knows up to {REVISIONS[-1]}: it was used by a "
            "newer version; install that one, or restore a backup made before"
        )
    return stored == REVISIONS[-1]


def stored_in_sqlite(path: Path) -> str | None:
    """The revision of an SQLite file; None for an empty one. Raises `StoreError` for another file."""
    try:
        with closing(sqlite3.connect(path, timeout=_SECONDS_TO_WAIT)) as connection:
            row = connection.execute(STORED).fetchone()
    except UnicodeDecodeError as fault:
        raise damage(fault) or fault from fault
    except sqlite3.DatabaseError as fault:
        if fault.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
            raise StoreError(f"{path} is not a database; move it away or restore a backup") from fault
        if fault.sqlite_errorcode & 0xFF == sqlite3.SQLITE_CANTOPEN:
            remedy = "let the user who runs ytempire read and write it (chown), and look whether it is a file"
            raise StoreError(f"the database {path} cannot be opened; {remedy}") from fault
        if fault.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            told = trouble(fault)
            if told is not None:
                raise told from fault
            raise
        return None  # no such table: nothing was ever stored here
    return None if row is None else str(row[0])


def make_sqlite(path: Path) -> bool:
    """Gives an empty SQLite file our schema in one transaction; False when there is anything in it already. Raises
    `StoreError` for a disk that does not take it.
    """
    try:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=_SECONDS_TO_WAIT)) as connection:
            return _made(connection)
    except sqlite3.DatabaseError as fault:
        told = trouble(fault)
        if told is None:
            raise
        raise told from fault


def _made(connection: sqlite3.Connection) -> bool:
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        if connection.execute("SELECT 1 FROM sqlite_master").fetchone() is not None:
            return False
        for statement in NEW.read_text("utf-8").split(";\n"):
            connection.execute(statement)
    return True


def upgrade_sqlite(path: Path, *, to: str = REVISIONS[-1]) -> None:
    """Brings an SQLite file up to a revision in one transaction; a second process waits and finds it done."""
    import sqlalchemy  # noqa: PLC0415  half a second that reading commands do not have

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(path, isolation_level=None, timeout=_SECONDS_TO_WAIT)

    engine = sqlalchemy.create_engine("sqlite://", creator=connect, poolclass=sqlalchemy.NullPool)
    sqlalchemy.event.listen(engine, "begin", lambda begun: begun.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.begin() as connection:
        _upgrade(connection, to)
    engine.dispose()


async def upgrade_postgres(url: str, *, to: str = REVISIONS[-1]) -> None:
    """Brings a PostgreSQL database up to a revision in one transaction, one process at a time."""
    # On a loop and a thread of its own, because Alembic's lock below must not be waited for on ours.
    await asyncio.to_thread(lambda: asyncio.run(_upgrade_postgres(url, to)))


async def _upgrade_postgres(url: str, to: str) -> None:
    import asyncpg  # noqa: PLC0415  an extra that need not be installed
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415  see upgrade_sqlite

    # The library below reads the address, as for every other connection: SQLAlchemy knows no `sslmode` in it.
    engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url))
    try:
        async with engine.begin() as connection:
            await connection.exec_driver_sql(_ONE_AT_A_TIME)
            await connection.run_sync(_upgrade, to)
    finally:
        await engine.dispose()


def _upgrade(connection: Any, to: str) -> None:
    """Runs what is missing on a connection whose transaction the caller commits."""
    from alembic import command  # noqa: PLC0415  see upgrade_sqlite
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    with _ALEMBIC:
        command.upgrade(config, to)


async def ready_sqlite(path: Path) -> None:
    """Makes sure that an SQLite file has our schema."""
    stored = await asyncio.to_thread(stored_in_sqlite, path)
    if is_current(stored) or (stored is None and await asyncio.to_thread(make_sqlite, path)):
        return
    await asyncio.to_thread(upgrade_sqlite, path)
