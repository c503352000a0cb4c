"""A store of an older schema is brought up to date with everything in it, on both databases."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from tests.builders import (
    FIRST,
    KEY,
    MAIN,
    NOW,
    SECOND,
    TODAY,
    a_grant,
    a_request,
    account_of,
    an_event,
    line_of,
    rules,
    set_up,
)
from ytempire.adapters.sql.documents import request_document
from ytempire.adapters.sql.migrate import upgrade_postgres, upgrade_sqlite
from ytempire.adapters.sql.store import SqlStore
from ytempire.domain.oauth import Slot
from ytempire.domain.quota import Bucket, Price
from ytempire.domain.values import ChannelId, PublicationId
from ytempire.ports import SealedField, SealedPlace, Store, StoredKey

OTHER = "ba9876543210"
SEALED = f"yt1.{KEY}.Ym9keQ"
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
CONNECTED = NOW - timedelta(days=3)
MOMENT = NOW.isoformat(timespec="microseconds")
EARLIER = CONNECTED.isoformat(timespec="microseconds")

ROWS_OF_THE_FIRST_SCHEMA = f"""
INSERT INTO accounts
  (id, project, kind, condition, daily_uploads, concurrency, member_of, added_at, configured)
VALUES ('{FIRST}', 'main', 'production', 'active', 5, 1, '[]', '{MOMENT}', 1),
  ('{SECOND}', 'main', 'reserve', 'standby', 2, 1, '[]', '{MOMENT}', 1);
INSERT INTO grants (account, sealed, revision, expires_at, scopes, connected_at, channel, channel_title)
VALUES ('{FIRST}', '{SEALED}', 7, NULL, '["scope"]', '{EARLIER}', 'UC1', 'One'),
  ('{SECOND}', 'rubbish.', 1, '{MOMENT}', '[]', '{EARLIER}', NULL, NULL);
INSERT INTO publications
  (id, state, created_at, updated_at, version, attempts, failures, passes, cancel_requested, extras,
   session_id, session_state, priority, sha256, fingerprint, request)
VALUES
  ('pub_1', 'uploading', '{MOMENT}', '{MOMENT}', 1, 0, 0, 0, 0, '[]', 'session_1', 'open', 0, 'sha', 'print',
   '{request_document(a_request())}');
INSERT INTO sessions
  (publication, id, account, project, state, size, opened_at, sealed_uri, acknowledged, asked)
VALUES ('pub_1', 'session_0', '{FIRST}', 'main', 'gone', 9, '{MOMENT}', NULL, 0, 0),
  ('pub_1', 'session_1', '{FIRST}', 'main', 'open', 9, '{MOMENT}', '{SEALED}', 0, 0);
INSERT INTO facts (name, value)
VALUES ('vault.key_checks', '{{"{KEY}": "check", "{OTHER}": "other check"}}'), ('name', 'value');
"""


async def old_sqlite(path: Path, rows: str) -> str:
    upgrade_sqlite(path, to="0001")
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(rows)
    return str(path)


async def old_postgres(url: str, rows: str) -> str:
    await upgrade_postgres(url, to="0001")
    connection = await asyncpg.connect(url)
    await connection.execute(rows or "SELECT 1")
    await connection.close()
    return url


@pytest.fixture(params=["sqlite", "postgres"])
async def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def opened(database: str, rows: str, tmp_path: Path, request: pytest.FixtureRequest) -> SqlStore:
    """A store of today, made of one of the first schema with these rows in it."""
    if database == "sqlite":
        return await SqlStore.open(await old_sqlite(tmp_path / "store.db", rows))
    return await SqlStore.open(await old_postgres(request.getfixturevalue("postgres_url"), rows))


async def check_what_was_brought_along(store: Store) -> None:
    first = a_grant(
        sealed=SEALED,
        key=KEY,
        revision=7,
        expires_at=None,
        connected_at=CONNECTED,
        channel=ChannelId("UC1"),
        channel_title="One",
    )
    second = a_grant(SECOND, sealed="rubbish.", key="", scopes=(), expires_at=NOW, connected_at=CONNECTED)
    assert (first, second) == await store.grants()
    assert [("UC1", "One"), (None, None)] == [
        (account.channel, account.channel_title) for account in await store.accounts(NOW)
    ]
    assert (
        StoredKey(OTHER, "other check", LONG_AGO, None, 0),
        StoredKey(KEY, "check", CONNECTED, None, 2),
    ) == await store.keys()
    assert [None, "value"] == [await store.fact("vault.key_checks"), await store.fact("name")]
    assert {
        SealedPlace("grants", FIRST, SealedField.GRANT, SEALED),
        SealedPlace("grants", SECOND, SealedField.GRANT, "rubbish."),
        SealedPlace("sessions", "pub_1", SealedField.SESSION, SEALED),
    } == set(await store.sealed_otherwise(OTHER, 10))


async def test_credentials_of_the_first_schema_are_brought_along(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    store = await opened(database, ROWS_OF_THE_FIRST_SCHEMA, tmp_path, request)

    await check_what_was_brought_along(store)

    found = await store.publication(PublicationId("pub_1"))
    assert found is not None
    assert found.session is not None
    assert SEALED == found.session.sealed_uri
    await store.close()


async def test_a_store_that_was_brought_along_is_written_to_like_a_new_one(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    store = await opened(database, ROWS_OF_THE_FIRST_SCHEMA, tmp_path, request)

    assert await store.save_grant(a_grant(revision=8, key=OTHER, sealed="new"), 7, [an_event()])
    assert await store.save_grant(a_grant(slot=Slot.BACKUP), None, ())
    assert await store.promote_backup(a_grant(revision=9), (8, 1), ())
    for place in await store.sealed_otherwise(OTHER, 10):
        assert await store.reseal(place, f"yt1.{OTHER}.Ym9keQ", OTHER)
    assert 0 == await store.retire_key(KEY, NOW, ())
    assert "UC1" == (await account_of(store)).channel
    await store.close()


async def test_an_empty_store_of_the_first_schema_is_brought_up_to_date(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    store = await opened(database, "", tmp_path, request)

    assert () == await store.keys()
    await set_up(store, rules())
    assert await store.save_grant(a_grant(), None, ())
    await store.close()


LEDGER_OF_THE_FIRST_SCHEMA = f"""
INSERT INTO limits (project, bucket, allowance, ceiling, hard_stop, configured)
VALUES ('main', 'units', 100, 80, 90, 1);
INSERT INTO ledger (project, day, bucket, allowance, ceiling, hard_stop, used, overhead)
VALUES ('main', '{TODAY}', 'units', 100, 80, 90, 70, 3);
INSERT INTO account_days (account, day, uploads) VALUES ('{FIRST}', '{TODAY}', 2);
"""


async def test_a_ledger_of_the_first_schema_tells_what_was_crossed_with_its_next_charge(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    store = await opened(database, LEDGER_OF_THE_FIRST_SCHEMA, tmp_path, request)
    assert {} == await store.paces(TODAY)

    for _ in range(2):
        assert await store.charge(MAIN, Price(Bucket.UNITS, 2), TODAY, at=NOW, account=FIRST)

    assert (74, 3) == ((line := await line_of(store, Bucket.UNITS)).used, line.overhead)
    assert [(70, 75)] == [(event.data["percent"], event.data["used"]) for _, event in await store.events()]
    assert {FIRST: 4} == await store.spent(TODAY)
    await store.close()
