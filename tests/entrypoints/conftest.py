"""Films, a local Google, and installations that are connected to it."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.entrypoints.program import QUICK, Installation
from ytempire.adapters.media.maker import make_thumbnail, make_video
from ytempire.adapters.vault import Vault
from ytempire.bootstrap import acting
from ytempire.domain.tokenfiles import parse_token_file
from ytempire.emulator import Emulator
from ytempire.settings import load

PROJECT = "main"


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with six small films, a large one, a thumbnail and captions."""
    folder = tmp_path_factory.mktemp("films")
    for seed in range(1, 7):
        make_video(folder / f"film{seed}.mp4", seed=seed, seconds=1, width=160, height=90)
    make_video(folder / "large.mp4", seed=7, seconds=1, width=160, height=90, padding=20_000_000)
    make_thumbnail(folder / "thumbnail.jpg", seed=1)
    (folder / "captions.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nHello\n")
    return folder


@pytest.fixture
def google() -> Iterator[Emulator]:
    with Emulator.in_thread() as running:
        yield running


Install = Callable[..., Installation]


def installation(folder: Path, emulator: Emulator, accounts: int = 2, more: str = "") -> Installation:
    """An installation whose accounts are connected to this Google."""
    made = Installation(folder)
    secrets = emulator.create_project(PROJECT)
    (folder / "client_secrets.json").write_text(json.dumps(secrets))
    names = [f"channel_{number}" for number in range(1, accounts + 1)]
    text = f'[google]\napi_root = "{emulator.base_url}/"\n\n[projects.main]\n\n'
    text += "".join(f'[[accounts]]\nid = "{name}"\n\n' for name in names) + QUICK
    text += '\n[playlists.daily]\ntitle = "Today"\n' + more
    made.config.write_text(text)
    Vault.create(made.home / "keys" / "ring.json")
    for name in names:
        (folder / f"{name}.json").write_text(json.dumps(emulator.create_account(name, PROJECT)))
    asyncio.run(connect_with_files(made, names))
    return made


async def connect_with_files(made: Installation, names: list[str]) -> None:
    async with acting(load(made.config, made.home, {})) as house:
        accounts = {each.id: each for each in await house.reading.store.accounts(house.context.clock.now())}
        for name, account in accounts.items():
            if name in names:
                token = parse_token_file((made.folder / f"{name}.json").read_text())
                await house.connecting.import_grant(account, token)


@pytest.fixture
def install(tmp_path: Path, google: Emulator) -> Install:
    """Makes the installation of this test, with so many accounts and so much more configuration."""

    def make(accounts: int = 2, more: str = "") -> Installation:
        return installation(tmp_path, google, accounts, more)

    return make
