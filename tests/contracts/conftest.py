"""The stores that the suite runs on. A new one is an entry in `STORES`; nothing else changes."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from ytempire.adapters.memory.store import MemoryStore
from ytempire.ports import Store

Opener = Callable[[pytest.FixtureRequest], AbstractAsyncContextManager[Store]]
"""Opens a new and empty store each time it is called, also several times in one test.

It may ask the request for other fixtures (`request.getfixturevalue`), but only for ones that are not async.
"""


@asynccontextmanager
async def memory(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    yield MemoryStore()


STORES: dict[str, Opener] = {"memory": memory}
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
