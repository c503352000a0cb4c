"""Options that many commands share, and the settings they lead to."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ytempire.settings import Settings

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Configuration file.", envvar="YTEMPIRE_CONFIG"),
]


def _named_folder(name: str) -> Path:
    """A folder as it was named. An empty name, as of a variable that is not set, would mean the working folder."""
    if not name.strip():
        raise typer.BadParameter("the name is empty; name a folder, or leave it away")
    return Path(name)


HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        metavar="FOLDER",
        help="Data folder of this installation.",
        envvar="YTEMPIRE_HOME",
        parser=_named_folder,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


def load(config: Path | None, home: Path | None, *, needed: bool = True) -> "Settings":
    """The settings of this run. Raises `BadSettings` with every problem and its remedy.

    `needed` False: a command that works without any configuration.
    """
    from ytempire import settings

    return settings.load(config, home, needed=needed)


def known_account(settings: "Settings", name: str) -> str:
    """The name, when an account of the configuration has it. Raises `Refused` with the one that was meant."""
    from ytempire.domain.slips import meant
    from ytempire.domain.values import Refusal, Refused

    names = [account.id for account in settings.accounts]
    if name in names:
        return name
    remedy = meant(name, names, "see `ytempire accounts list`")
    raise Refused(Refusal("account", "account_unknown", f"there is no account {name!r}", remedy))
