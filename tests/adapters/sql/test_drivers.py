"""The drivers: a program that fails takes back itself alone, any loop may ask, a lock is waited for."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.builders import NOW, a_publication, an_event
from ytempire.adapters.sql import log
from ytempire.adapters.sql.lane import in_order, retried, trouble
from ytempire.adapters.sql.postgres import PostgresDriver, compiled
from ytempire.adapters.sql.program import Driver, Program, Statement, StoreError, Undone
from ytempire.adapters.sql.sqlite import connect
from ytempire.adapters.sql.store import SqlStore, open_driver
from ytempire.domain.events import Event


@pytest.fixture(params=["sqlite", "postgres"])
async def driver(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Driver]:
    if request.param == "sqlite":
        driver = await open_driver(tmp_path / "store.db")
    else:
        driver = await open_driver(str(request.getfixturevalue("postgres_url")))
    yield driver
    await driver.close()


def put(name: str, fault: Exception | None = None) -> Program[str]:
    yield from log.put_fact(name, "value")
    if fault is not None:
        raise fault
    return name


def broken() -> Program[None]:
    yield from log.put_fact("broken", "value")
    yield Statement("INSERT INTO facts (name, value) VALUES ('broken', 'again')", {})


async def facts(driver: Driver) -> list[str]:
    def names() -> Program[list[str]]:
        rows = yield Statement("SELECT name FROM facts ORDER BY name", {})
        return [row[0] for row in rows]

    return await driver.read(names)


@pytest.mark.parametrize(
    ("setting", "expected"),
    [("journal_mode", "wal"), ("synchronous", 2), ("fullfsync", 1), ("foreign_keys", 1)],
)
def test_sqlite_answers_a_commit_when_it_is_on_the_disk(
    tmp_path: Path, setting: str, expected: object
) -> None:
    with closing(connect(tmp_path / "store.db")) as connection:
        assert (expected,) == connection.execute(f"PRAGMA {setting}").fetchone()


def synchronous_commit() -> Program[str]:
    rows = yield Statement("SELECT current_setting('synchronous_commit')", {})
    return str(rows[0][0])


@pytest.mark.parametrize(
    ("theirs", "ours"), [("off", "on"), ("local", "on"), ("remote_apply", "remote_apply")]
)
async def test_postgresql_answers_a_commit_when_it_is_on_the_disk_whatever_it_does_for_others(
    postgres_url: str, theirs: str, ours: str
) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as owner:
        database = owner.info.dbname
        owner.execute(f"ALTER DATABASE {database} SET synchronous_commit = '{theirs}'")
    driver = await open_driver(postgres_url)

    told = [await driver.read(synchronous_commit), await driver.write(synchronous_commit)]
    await driver.close()

    assert [ours, ours] == told


async def test_postgresql_is_asked_for_what_a_power_cut_would_damage(postgres_url: str) -> None:
    driver = await PostgresDriver.open(postgres_url)

    told = await driver.careless_settings()
    await driver.close()

    assert ("fsync", "full_page_writes") == told


async def test_a_program_that_fails_takes_back_only_itself(driver: Driver) -> None:
    answers = await asyncio.gather(
        driver.write(lambda: put("a")),
        driver.write(lambda: put("b", KeyError("b"))),
        driver.write(lambda: put("c", Undone("taken back"))),
        driver.write(broken),
        driver.write(lambda: put("d")),
        return_exceptions=True,
    )

    assert ["a", "taken back", "d"] == [answer for answer in answers if isinstance(answer, str)]
    assert isinstance(answers[1], KeyError)
    assert "UNIQUE" in str(answers[3]).upper()
    assert ["a", "d"] == await facts(driver)


async def test_a_program_that_fails_alone_takes_itself_back(driver: Driver) -> None:
    with pytest.raises(KeyError):
        await driver.write(lambda: put("a", KeyError("a")))
    assert "told" == await driver.write(lambda: put("b", Undone("told")))
    await driver.write(lambda: put("c"))

    assert ["c"] == await facts(driver)


@pytest.mark.parametrize(
    ("rows", "sql"),
    [
        (2, "INSERT INTO facts (name, value) VALUES ('c', 'new'), ('d', 'new')"),
        (0, "INSERT INTO facts (name, value) VALUES ('a', 'new') ON CONFLICT (name) DO NOTHING"),
        (2, "UPDATE facts SET value = 'new' WHERE value = :value"),
        (0, "UPDATE facts SET value = 'new' WHERE name = 'nobody'"),
        (0, "UPDATE facts SET value = 'new' WHERE name = 'nobody' RETURNING name"),
        (0, "SELECT name FROM facts WHERE name = 'nobody'"),
        (2, "DELETE FROM facts WHERE value = :value"),
    ],
)
async def test_a_change_is_answered_with_a_row_for_each_row_it_changed(
    driver: Driver, rows: int, sql: str
) -> None:
    def count() -> Program[int]:
        return len((yield Statement(sql, {"value": "value"})))

    for name in ("a", "b"):
        await driver.write(lambda name=name: put(name))  # type: ignore[misc]

    assert rows == await driver.write(count)


async def test_a_program_that_only_reads_cannot_write(driver: Driver) -> None:
    with pytest.raises(Exception, match=r"(?i)read.?only"):
        await driver.read(lambda: put("a"))

    assert [] == await facts(driver)


async def test_other_loops_may_ask_too(driver: Driver) -> None:
    def elsewhere(number: int) -> str:
        async def work() -> str:
            await driver.write(lambda: put(f"{number}"))
            return ",".join(await facts(driver))

        return asyncio.run(work())

    answers = await asyncio.gather(*(asyncio.to_thread(elsewhere, number) for number in range(4)))

    assert all(f"{number}" in answer for number, answer in enumerate(answers))
    assert ["0", "1", "2", "3"] == await facts(driver)


async def test_a_caller_who_gave_up_leaves_the_driver_working(driver: Driver) -> None:
    asking = [asyncio.create_task(driver.write(lambda: put("given up"))) for _ in range(5)]
    await asyncio.sleep(0)
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)

    assert "kept" == await driver.write(lambda: put("kept"))


async def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = await SqlStore.open(tmp_path / "store.db")
    await store.close()

    with pytest.raises(StoreError, match="closed"):
        await store.fact("name")


async def test_a_writer_waits_for_another_process_and_readers_do_not(tmp_path: Path) -> None:
    store = await SqlStore.open(tmp_path / "store.db")
    other = connect(tmp_path / "store.db")
    other.execute("BEGIN IMMEDIATE")

    writing = asyncio.create_task(store.put_fact("name", "value"))

    assert None is await store.fact("name")
    assert not writing.done()
    other.execute("COMMIT")
    other.close()
    await writing
    assert "value" == await store.fact("name")
    await store.close()


def test_a_lock_that_never_ends_is_an_error_in_a_sentence(tmp_path: Path) -> None:
    one, other = connect(tmp_path / "store.db"), connect(tmp_path / "store.db")
    one.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreError, match="locked by another process"):
        retried(lambda: other.execute("BEGIN IMMEDIATE"), (0.0, 0.0, 0.0))
    with pytest.raises(sqlite3.OperationalError, match="syntax"):
        retried(lambda: other.execute("BEGIN SOMETHING"), (0.0,))
    one.close()
    other.close()


async def test_an_event_that_cannot_be_stored_takes_its_publication_with_it(driver: Driver) -> None:
    store = SqlStore(driver)
    unstorable: Event = an_event(data={"what": object()})

    with pytest.raises(TypeError):
        await store.submit(a_publication("pub_1"), "print", [an_event(), unstorable])

    assert None is await store.publication(a_publication("pub_1").id)
    assert () == await store.events()
    assert {} == await store.counts()
    assert () == await store.due(NOW, 10)


def test_a_statement_is_numbered_by_first_use() -> None:
    assert ("SELECT $1, $2, $1", ("b", "a")) == compiled("SELECT :b, :a, :b")
    assert ("SELECT x::text, $1", ("a",)) == compiled("SELECT x::text, :a")


def test_a_statement_for_sqlite_repeats_the_names_it_uses_twice() -> None:
    assert ("SELECT ?, ?, ?", ("b", "a", "b")) == in_order("SELECT :b, :a, :b")


def _too_full(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "full.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA max_page_count = 1")
        connection.execute("CREATE TABLE many (text TEXT)")


def _not_ours(folder: Path) -> None:
    sqlite3.connect(folder / "kept.db").close()
    with closing(sqlite3.connect(f"file:{folder / 'kept.db'}?mode=ro", uri=True)) as connection:
        connection.execute("CREATE TABLE many (text TEXT)")


def _not_there(folder: Path) -> None:
    sqlite3.connect(folder / "nowhere" / "store.db")


@pytest.mark.parametrize(
    ("attempt", "remedy"),
    [(_too_full, "make room"), (_not_ours, "let the user"), (_not_there, "its folder")],
)
def test_a_disk_that_does_not_do_its_work_is_told_with_the_remedy(
    tmp_path: Path, attempt: Callable[[Path], None], remedy: str
) -> None:
    with pytest.raises(sqlite3.OperationalError) as caught:
        attempt(tmp_path)

    told = trouble(caught.value)

    assert isinstance(told, StoreError)
    assert remedy in str(told)


def _spoil_a_text(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO facts (name, value) VALUES (CAST(x'ff' AS TEXT), '')")


def _spoil_the_schema(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute(
        "UPDATE sqlite_master SET name = CAST(x'ff' AS TEXT), sql = 'CREATE' WHERE name = 'facts'"
    )


@pytest.mark.parametrize("spoil", [_spoil_a_text, _spoil_the_schema])
async def test_a_text_that_is_none_is_told_as_damage(
    tmp_path: Path, spoil: Callable[[sqlite3.Connection], None]
) -> None:
    whole = await open_driver(tmp_path / "store.db")
    await whole.close()
    with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as connection:
        spoil(connection)

    async def look() -> None:
        driver = await open_driver(tmp_path / "store.db")
        try:
            await facts(driver)
        finally:
            await driver.close()

    with pytest.raises(StoreError, match="the database is damaged"):
        await look()


@pytest.mark.parametrize("password", ["pa/ss", "p#x", "[::bad"])
async def test_an_address_that_cannot_be_read_is_told_without_a_part_of_it(password: str) -> None:
    with pytest.raises(
        StoreError, match="the address of PostgreSQL cannot be read; write postgresql://"
    ) as told:
        await open_driver(f"postgresql://u:{password}@127.0.0.1/db")

    assert password[:2] not in str(told.value)
    assert told.value.__cause__ is None


_TAKE_OVER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=0)
try:
    print(connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0])
except sqlite3.OperationalError as held:
    print(held)
"""


def taken_over(path: Path) -> str:
    """What another process is told that wants the whole file for itself."""
    command = [sys.executable, "-c", _TAKE_OVER, str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


async def test_a_second_store_in_a_process_leaves_the_first_its_locks(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    first = await SqlStore.open(str(path))
    await first.put_fact("a", "b")
    await (await SqlStore.open(str(path))).close()

    assert "database is locked" == await asyncio.to_thread(taken_over, path)
    assert "b" == await first.fact("a")
    await first.close()


async def test_a_database_that_cannot_be_opened_is_told_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "store.db").mkdir()

    with pytest.raises(StoreError, match=r"cannot be opened; let the user who runs ytempire"):
        await open_driver(tmp_path / "store.db")


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("sslmode=bogus", "`sslmode` parameter must be one of"),
        ("sslmode=verify-full&sslrootcert=/nowhere/root.crt", "a file that the address names is not there"),
    ],
)
async def test_a_part_of_an_address_that_is_wrong_is_named(postgres_url: str, part: str, told: str) -> None:
    with pytest.raises(StoreError, match=told):
        await open_driver(f"{postgres_url}?{part}")


@pytest.mark.parametrize(
    "part", ["sslmode=prefer", "sslmode=disable&application_name=ours", "options=-c%20jit%3Doff"]
)
async def test_parts_of_an_address_hold_for_the_making_of_the_tables_too(
    postgres_url: str, part: str
) -> None:
    driver = await open_driver(f"{postgres_url}?{part}")
    await driver.write(lambda: put("kept"))

    assert ["kept"] == await facts(driver)
    await driver.close()
