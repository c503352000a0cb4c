"""Houses with pages, and a browser to look at them with."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.entrypoints.http.asking import PORT
from tests.entrypoints.http.conftest import ROOMY, House
from tests.entrypoints.pages.browsing import chromium
from tests.entrypoints.pages.worlds import a_company
from tests.entrypoints.program import Installation
from ytempire.bootstrap.serving import Part, serving
from ytempire.emulator import Emulator
from ytempire.entrypoints.http.app import build
from ytempire.entrypoints.http.front import front
from ytempire.settings import load

OpenPages = Callable[..., AbstractAsyncContextManager[House]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One for all tests, each with a profile of its own; it lives on the loop of the session, and so must they."""
    async with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def unused_company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Fifteen channels that are connected to a Google of which no test asks anything; to be copied."""
    with Emulator.in_thread() as google:
        yield a_company(Installation(tmp_path_factory.mktemp("company")), google).folder


@pytest.fixture
def company(tmp_path: Path, unused_company: Path) -> Installation:
    """Fifteen connected channels."""
    shutil.copytree(unused_company, tmp_path, dirs_exist_ok=True)
    return Installation(tmp_path)


@pytest.fixture
def opened() -> OpenPages:
    """Opens a house without a network."""

    @asynccontextmanager
    async def open_it(
        place: Installation, local: str = "operator", roots: tuple[str, ...] = ()
    ) -> AsyncIterator[House]:
        settings = load(place.config, place.home, {})
        given: dict[str, Any] = {"local_role": local, "roots": roots}
        changed = replace(settings, api=replace(settings.api, **given))
        async with serving(changed, frozenset({Part.API})) as house:
            reached = front(PORT)
            yield House(house, reached, build(house, reached, ROOMY))

    return open_it
