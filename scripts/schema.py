"""Writes `new.sql`, the schema of a new SQLite store, from the revisions. To be run after each new revision."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from ytempire.adapters.sql.migrate import NEW, upgrade_sqlite

HEAD = "-- What all revisions together make of an empty SQLite file. Written by scripts/schema.py, never by hand.\n"


def dumped(path: Path) -> Iterator[str]:
    """The statements that make a file what it is, without those around a transaction."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in connection.iterdump():
            if statement not in ("BEGIN TRANSACTION;", "COMMIT;"):
                yield statement


def main() -> None:
    """Writes it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        upgrade_sqlite(path)
        statements = "".join(f"{each}\n" for each in dumped(path))
    NEW.write_text(HEAD + statements, encoding="utf-8")
    sys.stdout.write(f"wrote {NEW.name}\n")


if __name__ == "__main__":
    main()
