"""A house with two connected accounts, and applications on it."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from tests.entrypoints.conftest import installation
from tests.entrypoints.http.asking import PORT, Answer, ask
from tests.entrypoints.program import Installation
from ytempire.bootstrap.serving import Part, Serving, serving
from ytempire.domain.allowance import Rate
from ytempire.domain.callers import Role
from ytempire.domain.events import Event, Kind
from ytempire.domain.values import AccountId
from ytempire.emulator import Emulator
from ytempire.entrypoints.http.app import build
from ytempire.entrypoints.http.front import Front, front
from ytempire.entrypoints.http.limits import Limits
from ytempire.entrypoints.http.server import listened, server
from ytempire.entrypoints.http.standing import Way
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

    def upon(self, **other: Any) -> "House":
        """The same on a house of which some parts are others."""
        serving = replace(self.serving, **other)
        return House(serving, self.front, build(serving, self.front, ROOMY))

    async def token(self, name: str, role: Role, *accounts: str, days: int | None = None) -> str:
        """The text of a new token."""
        _, text = await self.serving.tokens.create(Wish(name, role, accounts, days), "test")
        return text.reveal()


Open = Callable[..., AbstractAsyncContextManager[House]]


@pytest.fixture(scope="module")
def shared_google() -> Iterator[Emulator]:
    """A Google for the installations that are copied."""
    with Emulator.in_thread() as running:
        yield running


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, shared_google: Emulator) -> Path:
    """An installation that nobody has used."""
    return installation(tmp_path_factory.mktemp("template"), shared_google, 2).folder


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


@dataclass
class Listening(House):
    """A house that is reached over the network."""

    port: int

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @asynccontextmanager
    async def socket(
        self, *, token: str | None = None, origin: str | None = None, cookie: str | None = None
    ) -> AsyncIterator[ClientConnection]:
        """A WebSocket on the live feed."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        headers |= {"cookie": cookie} if cookie else {}
        async with connect(
            f"ws://{self.host}/api/v1/live",
            additional_headers=headers,
            origin=Origin(origin) if origin else None,
        ) as opened:
            yield opened

    async def happen(self, kind: Kind = Kind.STARTED, account: str | None = None) -> None:
        """Something happens."""
        store, clock = self.serving.acting.context.store, self.serving.acting.context.clock
        await store.record((Event(kind, clock.now(), account=AccountId(account) if account else None),))


Listen = Callable[..., AbstractAsyncContextManager[Listening]]


@pytest.fixture
def listening(opened: Open) -> Listen:
    """Opens a house to the network of this machine."""

    @asynccontextmanager
    async def listen(
        limits: Limits = ROOMY,
        way: Way = Way(),  # noqa: B008  frozen
        **more: Any,
    ) -> AsyncIterator[Listening]:
        async with opened(**more) as house:
            socket = listened("127.0.0.1", 0)
            port = int(socket.getsockname()[1])
            reached = front(port)
            app = build(house.serving, reached, limits)
            running = server(app, way)
            tasks = [
                asyncio.create_task(running.serve(sockets=[socket])),
                asyncio.create_task(house.serving.live.run()),
            ]
            try:
                yield Listening(house.serving, reached, app, port)
            finally:
                house.serving.live.close()
                running.should_exit = True
                tasks[1].cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    return listen
