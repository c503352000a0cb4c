"""The house most tests live in: one roomy account, connected, on a clock that stands still."""

import pytest_asyncio

from tests.services.house import House, a_house


@pytest_asyncio.fixture
async def house() -> House:
    """One account, everything in memory."""
    return await a_house()
