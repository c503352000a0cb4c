"""The stores that the suite runs on. A new one is an entry in `STORES`; nothing else changes."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from ytempire.adapters.memory.store import MemoryStore
from ytempire.adapters.sql.store import SqlStore
from ytempire.ports import Store

Opener = Callable[[pytest.FixtureRequest], AbstractAsyncContextManager[Store]]
"""Opens a new and empty store each time it is called, also several times in one test.

It may ask the request for other fixtures (`request.getfixturevalue`), but only for ones that are not async.
"""


@asynccontextmanager
async def memory(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    yield MemoryStore()


@asynccontextmanager
async def sqlite(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    folder = request.getfixturevalue("tmp_path_factory").mktemp("store")
    async with opened(folder / "store.db") as store:
        yield store


@asynccontextmanager
async def postgres(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    server = request.getfixturevalue("postgres_server")
    free = request.getfixturevalue("free_databases")
    name = free.pop() if free else server.create_database()
    async with opened(server.url(name)) as store:
        yield store
    async with await psycopg.AsyncConnection.connect(server.url(name)) as connection:
        await connection.execute(EMPTY_ALL)
    free.append(name)


EMPTY_ALL = """
DO $$ BEGIN EXECUTE (
  SELECT 'TRUNCATE ' || string_agg(tablename, ', ') || ' RESTART IDENTITY' FROM pg_tables
  WHERE schemaname = 'public' AND tablename <> 'alembic_version'
); END $$
"""


@pytest.fixture(scope="session")
def free_databases() -> list[str]:
    """Databases that an earlier test left empty: emptying one is ten times faster than making one."""
    return []


@asynccontextmanager
async def opened(where: str | Path) -> AsyncIterator[Store]:
    """A store at an address, closed afterwards."""
    store = await SqlStore.open(where)
    try:
        yield store
    finally:
        await store.close()


STORES: dict[str, Opener] = {"memory": memory, "sqlite": sqlite, "postgres": postgres}
EXAMPLES: Mapping[str, int] = {"memory": 150}
"""How many examples a property is tried with; 25 on stores that are not named."""


@pytest.fixture(params=list(STORES))
def store_name(request: pytest.FixtureRequest) -> str:
    """The name of the store under test."""
    return str(request.param)


@pytest.fixture
def open_store(
    store_name: str, request: pytest.FixtureRequest
) -> Callable[[], AbstractAsyncContextManager[Store]]:
    """Opens one more empty store of the kind under test."""
    return lambda: STORES[store_name](request)


@pytest.fixture
def examples(store_name: str) -> int:
    """How many examples to try."""
    return EXAMPLES.get(store_name, 25)


@pytest.fixture
async def store(open_store: Callable[[], AbstractAsyncContextManager[Store]]) -> AsyncIterator[Store]:
    """A new and empty store."""
    async with open_store() as opened:
        yield opened
