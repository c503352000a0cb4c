"""The home of an installation: whether it is there, may be made, and may be used."""

import os
from pathlib import Path

from ytempire.domain.values import Secret
from ytempire.settings import BadSettings, Settings


def prepare_home(home: Path) -> None:
    """Makes the home, readable by its owner only. Raises `BadSettings` when that or writing there is not allowed."""
    remedy = "name a folder of yours with --home or YTEMPIRE_HOME"
    if home.exists() and not home.is_dir():
        raise BadSettings([f"the home {home} is a file; {remedy}"])
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSettings([f"the home {home} cannot be made ({error.strerror}); {remedy}"]) from error
    if not os.access(home, os.W_OK | os.X_OK):
        raise BadSettings([f"the home {home} cannot be written to; {remedy}"])


def at_home(settings: Settings, *, make: bool, working: bool = False) -> None:
    """The home is there, or is made now. Raises `BadSettings` for one that is not there and may not be made: another
    one was meant, or `init` comes first. Whoever only looks at a server, and does not work, needs none.
    """
    if make or settings.home.exists():
        prepare_home(settings.home)
    elif working or not settings.database.url:
        remedy = "name the right one with --home or YTEMPIRE_HOME, or run `ytempire init` to make it"
        raise BadSettings([f"there is no home at {settings.home}; {remedy}"])


def has_keys(settings: Settings) -> bool:
    """Is there a key to seal with? Without one nobody ever made the home."""
    from ytempire.bootstrap.ring import source

    where = source(settings)
    return isinstance(where, Secret) or where.exists()
