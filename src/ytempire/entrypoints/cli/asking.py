"""Passphrases: from the environment, or asked of the person at the terminal. Never from the command line."""

import getpass
import os
import sys

from ytempire.domain.values import Secret
from ytempire.entrypoints.cli import console
from ytempire.entrypoints.cli.exits import Exit


def a_passphrase(variable: str, what: str, *, twice: bool = False) -> Secret:
    """The passphrase in a variable, else the one that is typed. Ends the command when there is neither."""
    given = os.environ.get(variable)
    if given:
        return Secret(given)
    if not sys.stdin.isatty():
        raise console.fail(Exit.USAGE, f"there is no {what}; give it in {variable}")
    typed = getpass.getpass(f"{what}: ")
    if twice and getpass.getpass("once more: ") != typed:
        raise console.fail(Exit.USAGE, "the two are not the same; nothing was changed")
    if not typed:
        raise console.fail(Exit.USAGE, "an empty passphrase protects nothing; nothing was changed")
    return Secret(typed)
