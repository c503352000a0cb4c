"""The stores that the suite runs on. A new one is an entry in `STORES`; nothing else changes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from tests.fixtures.postgres import PostgresServer
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
    name = server.create_database(template=request.getfixturevalue("postgres_with_schema"))
    async with opened(server.url(name)) as store:
        yield store
    server.drop_database(name)


@pytest.fixture(scope="session")
def postgres_with_schema(postgres_server: PostgresServer) -> str:
    """A database to copy: making the schema anew for each test would take most of its time."""

    async def make(name: str) -> str:
        async with opened(postgres_server.url(name)):
            return name

    with ThreadPoolExecutor(1) as elsewhere:  # a test that asks for this has a loop running already
        return elsewhere.submit(lambda: asyncio.run(make(postgres_server.create_database()))).result()


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
