"""Retiring or forgetting a key against storing with it, in both orders, where PostgreSQL lets them meet half-way."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from tests.builders import FIRST, KEY, NOW, a_grant, a_session, set_up, submitted
from ytempire.adapters.sql.store import SqlStore
from ytempire.domain.publication import Session
from ytempire.ports import Settlement

GRANT = f"""
INSERT INTO grants (account, slot, sealed, sealed_by, revision, scopes, connected_at)
VALUES ('{FIRST}', 'backup', 'sealed', '{KEY}', 1, '[]', '{NOW.isoformat()}')
"""
USE = f"UPDATE vault_keys SET uses = uses + 1 WHERE id = '{KEY}' AND retired_at IS NULL"
RETIRE = f"UPDATE vault_keys SET retired_at = '{NOW.isoformat()}' WHERE id = '{KEY}'"
WAITING = (
    "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@pytest.fixture
async def store(postgres_url: str) -> AsyncIterator[SqlStore]:
    store = await SqlStore.open(postgres_url)
    await set_up(store)
    yield store
    await store.close()


@pytest.fixture
async def other(postgres_url: str) -> AsyncIterator[Any]:
    """Another program's connection, in the middle of its transaction."""
    connection = await asyncpg.connect(postgres_url)
    await connection.execute("BEGIN")
    yield connection
    await connection.close()


async def somebody_waits(postgres_url: str) -> None:
    """Returns as soon as somebody waits for a row of another."""
    watcher = await asyncpg.connect(postgres_url)
    waiting = 0
    while not waiting:
        waiting = await watcher.fetchval(WAITING)
    await watcher.close()


async def test_who_retires_waits_for_who_is_storing_and_counts_it(
    store: SqlStore, other: Any, postgres_url: str
) -> None:
    await other.execute(GRANT)
    await other.execute(USE)

    retiring = asyncio.create_task(store.retire_key(KEY, NOW, ()))
    await somebody_waits(postgres_url)
    await other.execute("COMMIT")

    assert 1 == await retiring
    assert [None] == [key.retired_at for key in await store.keys()]


async def test_who_forgets_a_lost_key_waits_for_who_is_storing_and_forgets_that_too(
    store: SqlStore, other: Any, postgres_url: str
) -> None:
    await other.execute(GRANT)
    await other.execute(USE)

    forgetting = asyncio.create_task(store.forget_key(KEY, NOW, ()))
    await somebody_waits(postgres_url)
    await other.execute("COMMIT")

    assert 1 == await forgetting
    assert () == await store.grants()
    assert [(0, NOW)] == [(key.sealed, key.retired_at) for key in await store.keys()]


async def test_who_stores_waits_for_who_is_retiring_and_stores_nothing(
    store: SqlStore, other: Any, postgres_url: str
) -> None:
    publication = await submitted(store)
    session: Session = a_session(sealed_uri=f"yt1.{KEY}.body")
    await other.execute(RETIRE)

    saving = asyncio.create_task(store.save_grant(a_grant(), None, ()))
    await somebody_waits(postgres_url)
    settling = asyncio.create_task(store.settle(Settlement(replace(publication, session=session))))
    await other.execute("COMMIT")

    assert not await saving
    assert await settling is None
    assert () == await store.grants()
    assert publication == await store.publication(publication.id)


async def test_who_stores_before_the_retiring_is_given_up_has_stored(
    store: SqlStore, other: Any, postgres_url: str
) -> None:
    await other.execute(RETIRE)

    saving = asyncio.create_task(store.save_grant(a_grant(), None, ()))
    await somebody_waits(postgres_url)
    await other.execute("ROLLBACK")

    assert await saving
    assert 1 == await store.retire_key(KEY, NOW, ())
