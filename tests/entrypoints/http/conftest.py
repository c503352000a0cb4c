"""A house with two connected accounts, and applications on it."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp

from tests.entrypoints.conftest import installation
from tests.entrypoints.http.asking import PORT, Answer, ask
from tests.entrypoints.program import Installation
from ytempire.bootstrap.serving import Part, Serving, serving
from ytempire.domain.allowance import Rate
from ytempire.domain.callers import Role
from ytempire.emulator import Emulator
from ytempire.entrypoints.http.app import build
from ytempire.entrypoints.http.front import Front, front
from ytempire.entrypoints.http.limits import Limits
from ytempire.services.api_tokens import Wish
from ytempire.settings import Settings, load

PLENTY = Rate(1e9, 10**9)
ROOMY = Limits(PLENTY, PLENTY, PLENTY)


@dataclass
class House:
    """An application and the house below it."""

    serving: Serving
    front: Front
    app: ASGIApp

    async def ask(self, method: str, target: str, **more: Any) -> Answer:
        return await ask(self.app, method, target, **more)

    async def token(self, name: str, role: Role, *accounts: str, days: int | None = None) -> str:
        """The text of a new token."""
        _, text = await self.serving.tokens.create(Wish(name, role, accounts, days), "test")
        return text.reveal()


Open = Callable[..., AbstractAsyncContextManager[House]]


@pytest.fixture(scope="module")
def google() -> Iterator[Emulator]:
    with Emulator.in_thread() as running:
        yield running


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, google: Emulator) -> Path:
    """An installation that nobody has used."""
    return installation(tmp_path_factory.mktemp("template"), google, 2).folder


@pytest.fixture
def place(tmp_path: Path, template: Path) -> Installation:
    """An installation of its own."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    return Installation(tmp_path)


@pytest.fixture
def settings(place: Installation) -> Settings:
    return load(place.config, place.home, {})


@pytest.fixture
def opened(settings: Settings) -> Open:
    """Opens a house; `local`: the role of who needs no token."""

    @asynccontextmanager
    async def open_it(
        local: str = "operator", limits: Limits = ROOMY, roots: tuple[str, ...] = (), **more: Any
    ) -> AsyncIterator[House]:
        given: dict[str, Any] = {"local_role": local, "roots": roots, **more}
        api = replace(settings.api, **given)
        async with serving(replace(settings, api=api), frozenset({Part.API})) as house:
            reached = front(PORT)
            yield House(house, reached, build(house, reached, limits))

    return open_it


@pytest.fixture
async def house(opened: Open) -> AsyncIterator[House]:
    async with opened() as made:
        yield made
