"""A look into the engine's file from outside, without DBOS."""

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path


def passes(file: Path) -> list[tuple[str, str]]:
    """(publication, status) of every pass, sorted."""
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT workflow_uuid, status FROM workflow_status").fetchall()
    return sorted((name.split(":")[1], status) for name, status in rows)


def text(file: Path) -> bytes:
    """Every byte of the file and of its journal."""
    return b"".join(part.read_bytes() for part in file.parent.iterdir())


def mode(file: Path) -> int:
    """Who may read and write it."""
    return stat.S_IMODE(file.stat().st_mode)


def age(file: Path, days: int) -> None:
    """Makes every pass so much older."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(
            "UPDATE workflow_status SET created_at = created_at - :ms, updated_at = updated_at - :ms, "
            "completed_at = completed_at - :ms",
            {"ms": days * 86_400_000},
        )


def cells(file: Path) -> Iterator[tuple[str, str, object]]:
    """(table, column, value) of everything stored."""
    with closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        for name in names:
            for row in connection.execute(f'SELECT * FROM "{name}"'):
                yield from ((name, column, row[column]) for column in row.keys())  # noqa: SIM118 - a Row is no dict
