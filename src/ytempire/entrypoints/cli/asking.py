"""What a command asks a person: whether they mean it, and passphrases (from the environment, else at the terminal,
never from the command line). What cannot be asked ends the command with 2 and names what answers it.
"""

import getpass
import os
import sys

from ytempire.domain.values import Secret
from ytempire.entrypoints.cli import console
from ytempire.entrypoints.cli.exits import Exit

_YES, _NO = ("y", "yes"), ("", "n", "no")


def agreed(question: str, *, flag: str = "--yes") -> bool:
    """Is the answer yes? Ends the command when nobody answers; `flag` is what answers instead."""
    while True:
        sys.stderr.write(f"{question} [y/N]: ")
        sys.stderr.flush()
        answer = _line()
        if answer is None:
            sys.stderr.write("\n")
            raise console.fail(
                Exit.USAGE, f"nobody answers here, so nothing was changed; say {flag} if you mean it"
            )
        if answer in _YES or answer in _NO:
            return answer in _YES
        console.note("answer y or n")


def _line() -> str | None:
    """One line of standard input without blanks around it; None when there is none."""
    try:
        line = sys.stdin.readline() if sys.stdin is not None else ""
    except (OSError, ValueError):  # closed, or no text
        return None
    return line.strip().lower() if line else None


def a_passphrase(variable: str, what: str, *, twice: bool = False) -> Secret:
    """The passphrase in a variable, else the one that is typed. Ends the command when there is neither."""
    given = os.environ.get(variable)
    if given:
        return Secret(given)
    if sys.stdin is None or not sys.stdin.isatty():
        raise console.fail(Exit.USAGE, f"there is no {what}; give it in {variable}")
    try:
        typed = getpass.getpass(f"{what}: ")
        same = not twice or getpass.getpass("once more: ") == typed
    except EOFError:
        raise console.fail(Exit.USAGE, f"there is no {what}; give it in {variable}") from None
    if not same:
        raise console.fail(Exit.USAGE, "the two are not the same; nothing was changed")
    if not typed:
        raise console.fail(Exit.USAGE, "an empty passphrase protects nothing; nothing was changed")
    return Secret(typed)
