"""A home and engines on it; what an engine may leave behind is checked after each test."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from ytempire.adapters.engine import DbosEngine
from ytempire.adapters.system import MachineClock


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "engine.sqlite"


@pytest.fixture
async def make_engine(file: Path) -> AsyncIterator[Callable[[], DbosEngine]]:
    """Makes engines on the same file, twelve passes at once; those still running are stopped at the end."""
    made: list[DbosEngine] = []

    def make() -> DbosEngine:
        made.append(DbosEngine(file, concurrency=12, clock=MachineClock()))
        return made[-1]

    yield make
    for engine in made:
        await engine.stop()


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], "asyncio.Future[None]"]:
    """Waits until something has become true; a test's own time-out is the limit."""

    async def wait(true: Callable[[], bool]) -> None:
        while not true():  # noqa: ASYNC110 - some of it happens on threads, which cannot set an asyncio.Event
            await asyncio.sleep(0.002)

    return lambda true: asyncio.ensure_future(wait(true))
