"""`ytempire init`: a configuration and a key for a new installation."""

import os
from pathlib import Path
from typing import Annotated

import typer

from ytempire.entrypoints.cli import console
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption
from ytempire.settings import FILE_NAME, home_folder


def init(
    preset: Annotated[
        str, typer.Option(help="default: one project; brief-2025: fifteen projects at the prices of 2025.")
    ] = "default",
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Writes ytempire.toml and makes the key that seals secrets.

    A configuration that is there already is kept, when only the home is missing.
    """
    from ytempire.bootstrap.layouts import Preset, holds_sealed, initialise
    from ytempire.entrypoints.cli.exits import Exit

    try:
        chosen = Preset(preset)
    except ValueError:
        raise console.fail(
            Exit.USAGE, f"there is no preset {preset!r}; use one of {', '.join(Preset)}"
        ) from None
    place = (config or Path(FILE_NAME)).expanduser().absolute()
    known = place.exists()

    async def main() -> tuple[Path, Path]:
        folder = home_folder(home, os.environ)
        return initialise(chosen, place, folder, sealed=await holds_sealed(folder))

    written, key_file = console.run(main)
    console.say(f"kept {written} as it is" if known else f"wrote {written}")
    console.say(f"the key that seals secrets is {key_file}; back it up: nothing else opens what it sealed")
    console.say("next: put client_secrets.json beside the configuration, then `ytempire connect --all`")
