"""Options that many commands share, and the settings they lead to."""

from pathlib import Path
from typing import Annotated

import typer

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="Configuration file.", envvar="YTEMPIRE_CONFIG")
]
HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Data folder of this installation.", envvar="YTEMPIRE_HOME")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
