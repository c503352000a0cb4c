"""The schema: made once, known again, refused when newer, and read without heavy imports."""

import asyncio
import json
import re
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

import ytempire
from scripts.schema import dumped
from ytempire.adapters.sql import migrations
from ytempire.adapters.sql.migrate import (
    REVISIONS,
    NewerSchema,
    make_sqlite,
    upgrade_postgres,
    upgrade_sqlite,
)
from ytempire.adapters.sql.program import StoreError, Unreachable
from ytempire.adapters.sql.store import SqlStore
from ytempire.domain.quota import Bucket

SOURCE = str(Path(ytempire.__file__).parents[1])


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A store that was opened and closed."""
    store = await SqlStore.open(tmp_path / "store.db")
    await store.put_fact("name", "value")
    await store.close()
    return tmp_path / "store.db"


def asked(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return connection.execute(sql).fetchall()


def modes_in(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


async def test_a_new_store_can_be_read_by_its_owner_alone(tmp_path: Path) -> None:
    store = await SqlStore.open(tmp_path / "store.db")
    await store.put_fact("name", "value")

    assert {"store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600} == modes_in(tmp_path)
    await store.close()


def test_bringing_up_to_date_twice_changes_nothing(path: Path) -> None:
    before = asked(path, "SELECT * FROM sqlite_master ORDER BY name")

    upgrade_sqlite(path)

    assert before == asked(path, "SELECT * FROM sqlite_master ORDER BY name")
    assert [("name", "value")] == asked(path, "SELECT * FROM facts")


def test_the_newest_revision_is_the_one_we_say_we_speak() -> None:
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))

    assert tuple(reversed([each.revision for each in scripts.walk_revisions()])) == REVISIONS


def test_a_new_file_is_made_as_all_revisions_make_it(tmp_path: Path) -> None:
    upgrade_sqlite(tmp_path / "revised.db")

    assert make_sqlite(tmp_path / "made.db")

    revised, made = (list(dumped(tmp_path / name)) for name in ("revised.db", "made.db"))
    assert revised == made, "run scripts/schema.py after a new revision"
    assert len(revised) > len(REVISIONS)


def test_a_file_with_anything_in_it_is_not_made_anew(path: Path, tmp_path: Path) -> None:
    asked(tmp_path / "notes.db", "CREATE TABLE notes (text TEXT)")

    assert [False, False] == [make_sqlite(path), make_sqlite(tmp_path / "notes.db")]

    assert [("name", "value")] == asked(path, "SELECT * FROM facts")
    assert [("notes",)] == asked(tmp_path / "notes.db", "SELECT name FROM sqlite_master")


def heavy_after_opening(path: Path) -> list[str]:
    """What a process has imported that has opened a store and looked into it, of all that takes long."""
    code = f"""
import asyncio, json, sys
from ytempire.adapters.sql.store import SqlStore
async def main():
    store = await SqlStore.open({str(path)!r})
    assert {{}} == await store.counts()
    await store.close()
asyncio.run(main())
print(json.dumps([name for name in ("sqlalchemy", "alembic", "asyncpg", "pydantic") if name in sys.modules]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": SOURCE}
    )
    found: list[str] = json.loads(done.stdout)
    return found


FULL = """
import asyncio, resource, signal, sys
from ytempire.adapters.sql.program import StoreError
from ytempire.adapters.sql.store import SqlStore
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    asyncio.run(SqlStore.open(sys.argv[1]))
except StoreError as told:
    print(told)
"""
"""Opens a new store where files may not grow, as on a full disk."""


def test_a_disk_that_does_not_take_a_new_store_is_said_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    opened = subprocess.run(
        [sys.executable, "-c", FULL, path],
        env={"PYTHONPATH": SOURCE},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "the database cannot be used" in opened.stdout
    assert "look whether its disk is full" in opened.stdout
    assert make_sqlite(path)


def test_opening_a_store_to_read_imports_nothing_heavy(path: Path) -> None:
    assert [] == heavy_after_opening(path)


def test_a_new_store_is_made_without_heavy_imports(tmp_path: Path) -> None:
    assert [] == heavy_after_opening(tmp_path / "new.db")


async def test_a_newer_schema_is_refused_and_left_alone(path: Path) -> None:
    asked(path, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(NewerSchema, match="newer version; install that one"):
        await SqlStore.open(path)

    assert [("9999",)] == asked(path, "SELECT version_num FROM alembic_version")


async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_text("these are my notes, not a database at all " * 50)

    with pytest.raises(StoreError, match="not a database"):
        await SqlStore.open(tmp_path / "store.db")

    assert (tmp_path / "store.db").read_text().startswith("these are my notes")


async def test_an_unknown_kind_of_store_is_refused() -> None:
    with pytest.raises(StoreError, match="mysql is no kind of store"):
        await SqlStore.open("mysql://somewhere/store")


async def test_a_store_is_opened_by_address_as_by_path(path: Path) -> None:
    store = await SqlStore.open(f"sqlite:///{path}")

    assert "value" == await store.fact("name")
    await store.close()


def test_a_reservation_has_a_column_for_every_bucket(path: Path) -> None:
    columns = {row[1] for row in asked(path, "PRAGMA table_info(reservations)")}

    assert {bucket.value for bucket in Bucket} <= columns


def test_columns_are_of_types_that_both_databases_share(path: Path) -> None:
    ours = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    tables = [str(row[0]) for row in asked(path, ours)]
    columns = [row for table in tables for row in asked(path, f"PRAGMA table_info({table})")]

    assert {"TEXT", "INTEGER", "BIGINT"} == {str(row[2]) for row in columns} - {"VARCHAR(32)"}


async def test_what_happened_before_there_were_alerts_wakes_nobody(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    engine = sqlalchemy.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        command.upgrade(config, "0001")
    engine.dispose()
    for _ in range(3):
        asked(
            path, "INSERT INTO events (kind, at, level, data) VALUES ('publication.held', '', 'high', '{}')"
        )

    store = await SqlStore.open(path)
    news = await store.alert_news(datetime(2026, 11, 20, tzinfo=UTC))
    await store.close()

    assert (3, 3) == (news.seen, news.newest)


async def test_a_newer_schema_on_postgres_is_refused(postgres_url: str) -> None:
    await (await SqlStore.open(postgres_url)).close()
    connection = await asyncpg.connect(postgres_url)
    await connection.execute("UPDATE alembic_version SET version_num = '9999'")
    await connection.close()

    with pytest.raises(NewerSchema):
        await SqlStore.open(postgres_url)


async def test_bringing_postgres_up_to_date_twice_changes_nothing(postgres_url: str) -> None:
    store = await SqlStore.open(postgres_url)
    await store.put_fact("name", "value")

    await asyncio.gather(upgrade_postgres(postgres_url), upgrade_postgres(postgres_url))

    assert "value" == await store.fact("name")
    await store.close()


async def test_a_server_that_is_not_there_is_said_in_a_sentence() -> None:
    with pytest.raises(StoreError, match=re.escape("PostgreSQL cannot be reached")):
        await SqlStore.open("postgresql://nobody@127.0.0.1:1/nothing")


async def test_a_server_that_will_not_have_us_is_no_server_that_is_gone(postgres_url: str) -> None:
    with pytest.raises(Unreachable):
        await SqlStore.open("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(StoreError, match=re.escape("look at the address")) as refused:
        await SqlStore.open(postgres_url + "_that_is_not_there")

    assert not isinstance(refused.value, Unreachable)
