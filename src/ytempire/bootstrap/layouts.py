"""What `ytempire init` writes: a commented configuration for one of two layouts, and the key beside it."""

import asyncio
import os
from enum import StrEnum
from pathlib import Path

from ytempire.adapters.vault import Vault
from ytempire.bootstrap.home import prepare_home
from ytempire.bootstrap.house import DATABASE
from ytempire.domain.values import Mendable

PRODUCTION = tuple(f"ytempire_prod_{number:02d}" for number in range(1, 13))
RESERVE = tuple(f"ytempire_reserve_{number:02d}" for number in range(13, 16))
KEY_FILE = "keys/ring.json"


class Preset(StrEnum):
    """Layouts: `default` is one project for all channels; `brief-2025` one project for each, at 2025 prices."""

    DEFAULT = "default"
    BRIEF_2025 = "brief-2025"


class AlreadyThere(Mendable):
    """There is a configuration already; it was left as it is."""


class NotWritable(Mendable):
    """The configuration cannot be written where it should be; nothing was made."""


def configuration(
    preset: Preset, *, api_root: str = "https://youtube.googleapis.com/", more: str = ""
) -> str:
    """The text of a configuration. `more` is put in before the projects."""
    projects = _ONE_PROJECT if preset is Preset.DEFAULT else _fifteen_projects()
    return _HEAD.format(api_root=api_root) + more + projects + _accounts(preset)


def initialise(preset: Preset, config: Path, home: Path, *, sealed: bool = False) -> tuple[Path, Path]:
    """Writes the configuration and makes the key of a new installation; the paths of both.

    A key that is already there is kept, because what it sealed can be opened with nothing else. `sealed` says that
    the home holds such things, and then no new key is made. A configuration that is there already, for a home that
    has no key yet, is kept too.
    Raises `AlreadyThere` when there are both, `NotWritable` when there cannot be a configuration.
    """
    key_file = home / KEY_FILE
    known = config.exists()
    if known and (key_file.exists() or not config.is_file()):
        raise AlreadyThere(
            f"{config} exists already and was left as it is; edit it, or name another with --config"
        )
    if not known:
        _try_place(config)
    prepare_home(home)
    if not key_file.exists() and sealed:
        message = f"{home} holds what was sealed with a key that is missing"
        raise AlreadyThere(
            f"{message}; put {key_file} back from the backup, or choose another "
            "--home; without a backup `ytempire keys forget` starts over"
        )
    if not key_file.exists():
        key_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        Vault.create(key_file)
    if not known:
        with config.open("x", encoding="utf-8") as file:
            file.write(configuration(preset))
    return config, key_file


def _try_place(config: Path) -> None:
    """Raises `NotWritable` where no file can be made, before anything else is."""
    try:
        config.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"the folder {config.parent} cannot be made ({error.strerror}); name another with --config"
        raise NotWritable(message) from error
    if not os.access(config.parent, os.W_OK | os.X_OK):
        raise NotWritable(f"{config.parent} cannot be written to; name another folder with --config")
    try:
        config.touch(exist_ok=False)
        config.unlink()
    except OSError as error:
        message = f"{config} cannot be written ({error.strerror}); name another with --config"
        raise NotWritable(message) from error


async def holds_sealed(home: Path) -> bool:
    """Whether a home needs its key. One that only commands without a configuration have used does not."""
    database = home / DATABASE
    if not await asyncio.to_thread(database.exists):
        return False
    from ytempire.adapters.sql.store import SqlStore

    store = await SqlStore.open(str(database))
    try:
        return any(key.sealed for key in await store.keys())
    finally:
        await store.close()


_HEAD = """\
# The configuration of ytempire. Every key may also be set in the environment: YTEMPIRE_SECTION__KEY.
# docs/reference/configuration.md explains each.

[google]
api_root = "{api_root}"

"""

_ONE_PROJECT = """\
# One project for all channels: Developer Policy III.D.1.c wants one project for one API client. Its buckets
# carry 50 videos a day at 75 % of the pool with thumbnail, update and playlist.
[projects.main]
client_secrets = "client_secrets.json"  # as Google issues it, beside this file
profile = "buckets-2026"

"""


def _fifteen_projects() -> str:
    text = """\
# The layout of the brief of January 2025: a project for each account, at the prices of that time. Developer
# Policy III.D.1.c wants one project for one API client, so use it for comparison, not to gain quota.

[quota]
cross_project_failover = true  # the brief's rule for quotaExceeded: another account; false keeps to one project

"""
    for account in PRODUCTION:
        text += _project(account, "")
    for account in RESERVE:
        text += _project(account, "limits = { units = 3000 }  # the brief's emergency allowance\n")
    return text


def _project(account: str, limits: str) -> str:
    name = account.removeprefix("ytempire_")
    return f'[projects.{name}]\nclient_secrets = "client_secrets_{name}.json"\nprofile = "units-2025"\n{limits}\n'


def _accounts(preset: Preset) -> str:
    return "\n".join(
        f'[[accounts]]\nid = "{account}"\nkind = "{kind}"\n'
        f'project = "{account.removeprefix("ytempire_") if preset is Preset.BRIEF_2025 else "main"}"\n'
        f"daily_uploads = {cap}\n"
        f"{_ALLOCATION if preset is Preset.BRIEF_2025 and kind == 'production' else ''}"
        for kind, accounts, cap in (("production", PRODUCTION, 5), ("reserve", RESERVE, 2))
        for account in accounts
    )


_ALLOCATION = "allocation = { uploads = 7000 }  # the brief's 70 % for inserts\n"
