"""A trail that somebody changed in the database itself: it is read on, and the first changed entry is named."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.builders import FIRST, NOW
from ytempire.adapters.memory.clock import FakeClock
from ytempire.adapters.sql.store import SqlStore
from ytempire.domain.audit import Entry, Use
from ytempire.services.report import Reports


@pytest.mark.parametrize(
    "change",
    [
        "deed = 'nonsense'",
        "deed = 'promoted'",
        "deed = x'00ff'",
        "at = 'never'",
        "at = '2026-01-01T00:00:00'",
        "at = '0001-01-01T00:00:00+14:00'",
        "at = x'00'",
        "actor = x'00ff'",
        "account = x'00ff'",
        "account = NULL",
        "account = ''",
        "detail = x''",
        "hash_before = x'00'",
        "hash = x'00'",
        "hash = ''",
    ],
)
async def test_an_entry_that_nobody_could_have_written_is_named_and_the_rest_is_read(
    tmp_path: Path, change: str
) -> None:
    where = tmp_path / "store.sqlite"
    store = await SqlStore.open(where)
    for use in (Use.OPENED, Use.REFRESHED, Use.STORED):
        await store.audit(Entry(NOW, "worker", use, FIRST, "detail"))
    with closing(sqlite3.connect(where)) as connection:
        connection.execute(f"UPDATE audit SET {change} WHERE number = 2")
        connection.commit()

    trail = await Reports(store, FakeClock(NOW)).trail(5)

    await store.close()
    entries = trail["entries"]
    assert isinstance(entries, list)
    assert (2, 3, [1, 2, 3]) == (trail["broken_at"], trail["length"], [each["number"] for each in entries])


async def test_an_entry_that_was_put_behind_the_end_is_named(tmp_path: Path) -> None:
    where = tmp_path / "store.sqlite"
    store = await SqlStore.open(where)
    await store.audit(Entry(NOW, "worker", Use.OPENED, FIRST, "detail"))
    with closing(sqlite3.connect(where)) as connection:
        connection.execute(
            "INSERT INTO audit SELECT 2, at, actor, deed, account, detail, hash, hash FROM audit"
        )
        connection.commit()

    trail = await Reports(store, FakeClock(NOW)).trail(5)

    await store.close()
    assert (2, 1) == (trail["broken_at"], trail["length"])
