"""The engine's file: whose it is, how safe a commit is, and what old versions of SQLite are taught."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.adapters.engine.database import mode
from ytempire.adapters.engine.file import open_file, prepare

NOW = datetime(2026, 11, 22, 8, 0, 0, 250_000, tzinfo=UTC)


def test_the_file_and_its_journal_are_for_the_owner_alone(file: Path) -> None:
    engine = open_file(file, lambda: NOW)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (n)")

        assert {0o600} == {mode(part) for part in file.parent.iterdir()}
    engine.dispose()


@pytest.mark.parametrize(
    ("setting", "expected"),
    [("journal_mode", "wal"), ("synchronous", 2), ("busy_timeout", 30_000), ("foreign_keys", 1)],
)
def test_a_commit_is_on_the_disk_and_writers_wait_for_each_other(
    file: Path, setting: str, expected: object
) -> None:
    engine = open_file(file, lambda: NOW)
    with engine.connect() as connection:
        assert expected == connection.exec_driver_sql(f"PRAGMA {setting}").scalar()
    engine.dispose()


@pytest.mark.parametrize("damage", ["no database", "a page of zeros"])
def test_a_damaged_file_is_set_aside_and_a_new_one_made(file: Path, damage: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript("CREATE TABLE t (n); CREATE INDEX i ON t (n)")
        connection.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(5_000)])
        connection.commit()
    whole = file.read_bytes()
    spoiled = (
        b"not an SQLite file" * 300 if damage == "no database" else whole[:8192] + bytes(4096) + whole[12288:]
    )
    file.write_bytes(spoiled)

    engine = open_file(file, lambda: NOW)
    with engine.begin() as connection:
        assert [] == connection.exec_driver_sql("SELECT name FROM sqlite_master").all()
    engine.dispose()

    assert spoiled == file.with_name(f"{file.name}.damaged-{NOW:%Y%m%dT%H%M%SZ}").read_bytes()


def test_a_whole_file_is_kept(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE t (n)")

    engine = open_file(file, lambda: NOW)
    with engine.begin() as connection:
        assert [("t",)] == connection.exec_driver_sql("SELECT name FROM sqlite_master").all()
    engine.dispose()

    assert {file.name} == {
        part.name.removesuffix("-wal").removesuffix("-shm") for part in file.parent.iterdir()
    }


def test_an_old_sqlite_tells_the_fraction_of_a_second() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        prepare(connection, lambda: NOW)
        (told,) = connection.execute("SELECT unixepoch('subsec')").fetchone()

    if sqlite3.sqlite_version_info < (3, 42):
        assert NOW.timestamp() == told
    else:
        assert isinstance(told, float)
