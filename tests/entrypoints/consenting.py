"""A person and a browser for `ytempire connect`, and installations that are connected to nothing yet."""

import asyncio
import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from tests.canaries import keys_in, known_to, leaks
from tests.entrypoints.conftest import connect_with_files
from tests.entrypoints.program import PATIENCE, QUICK, Ended, Installation, read_until
from ytempire.adapters.vault import Vault
from ytempire.bootstrap import reading
from ytempire.emulator import Emulator
from ytempire.settings import load

PROJECT = "main"
FIRST, SECOND = "channel_1", "channel_2"
CONSENT_PAGE = "/o/oauth2/v2/auth?"


def unconnected(
    place: Installation, google: Emulator, names: Sequence[str] = (FIRST, SECOND)
) -> Installation:
    """Accounts that are configured, each with a channel at this Google, and not connected."""
    if PROJECT not in google.world.projects:
        google.create_project(PROJECT)
    text = f'[google]\napi_root = "{google.base_url}/"\n\n[projects.main]\n\n'
    place.config.write_text(text + "".join(f'[[accounts]]\nid = "{name}"\n\n' for name in names) + QUICK)
    write_client(place, google)
    Vault.create(key_file(place))
    for name in names:
        google.add_account(name, PROJECT, title=f"The {name}")
    return place


def key_file(place: Installation) -> Any:
    return place.home / "keys" / "ring.json"


def write_client(place: Installation, google: Emulator) -> None:
    (place.folder / "client_secrets.json").write_text(json.dumps(google.client_secrets(PROJECT)))


def tokens(place: Installation) -> dict[tuple[str, str], Any]:
    """What is stored of each grant, by account and slot; read without a command."""

    async def look() -> list[dict[str, Any]]:
        async with reading(load(place.config, place.home, {})) as house:
            return await house.reports.tokens()

    return {(each["account"], each["slot"]): each for each in asyncio.run(look()) if each["slot"]}


def events(place: Installation) -> list[str]:
    """The kinds of all events, in order."""

    async def look() -> list[str]:
        async with reading(load(place.config, place.home, {})) as house:
            return [str(event.kind) for _, event in await house.store.events()]

    return asyncio.run(look())


def nothing_in_clear(place: Installation, google: Emulator, *more: str) -> list[str]:
    """Every place where a secret of this test, or one of these, is to be read."""
    ring = key_file(place)
    secrets = (
        known_to(google) | (keys_in(ring) if ring.exists() else set()) | {each.encode() for each in more}
    )
    return leaks(place.home, place.said, secrets, but=ring)


@dataclass(frozen=True)
class Page:
    """What the browser shows in the end."""

    status: int
    text: str


def visit(address: str) -> Page:
    """Lets a browser go there."""
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE) as page:
            return Page(page.status, page.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return Page(error.code, error.read().decode())


@dataclass(frozen=True)
class Asked:
    """A `connect` that has sent its person to Google and waits."""

    place: Installation
    process: subprocess.Popen[str]
    told: str

    @property
    def address(self) -> str:
        """Where the person is sent."""
        return self.told.splitlines()[-1]

    def ended(self, pasted: str = "") -> Ended:
        """Its end, after these lines were pasted."""
        out, err = self.process.communicate(pasted or None, timeout=PATIENCE)
        self.place.said.append(f"{self.process.args!r}\n{out}\n{self.told}\n{err}")
        return Ended(self.process.returncode, out, err)

    def again(self) -> "Asked":
        """The next question of the same command."""
        return Asked(self.place, self.process, read_until(self.process, CONSENT_PAGE))


@contextmanager
def asked(
    place: Installation, *words: object, given: int | IO[str] | None = subprocess.PIPE
) -> Iterator[Asked]:
    """A `connect --no-browser` up to its question."""
    with place.started("connect", *words, "--no-browser", given=given) as process:
        yield Asked(place, process, read_until(process, CONSENT_PAGE))


def connected(place: Installation, google: Emulator, *words: object, channel: str | None = None) -> Ended:
    """Connects an account through the browser; whoever consents is the account's channel unless another is named."""
    with asked(place, *words) as question:
        visit(google.consent(question.address, account=channel or str(words[0])))
        return question.ended()


def connected_with_files(place: Installation, google: Emulator, names: Sequence[str]) -> Installation:
    """Connects accounts without a command, quickly."""
    for name in names:
        (place.folder / f"{name}.json").write_text(json.dumps(google.grant(name)))
    asyncio.run(connect_with_files(place, list(names)))
    return place
