"""How commands speak: documents and tables on standard output, everything else on standard error."""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from ytempire.domain.values import Refused
from ytempire.entrypoints.cli.exits import Exit
from ytempire.settings import BadSettings

T = TypeVar("T")


def say(text: str) -> None:
    """One line for a person, on standard output."""
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """One line beside the answer, on standard error."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def document(value: object) -> None:
    """One JSON document on standard output."""
    say(json.dumps(value, indent=2, ensure_ascii=False))


def fail(code: Exit, *lines: str) -> SystemExit:
    """The end of a command: what was wrong, one line each, and the exit code."""
    for line in lines:
        note(f"ytempire: {line}")
    return SystemExit(code)


def run(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Runs a command's coroutine; what a person can mend becomes one clear line and its exit code."""
    try:
        return asyncio.run(main())
    except Refused as refused:
        raise fail(Exit.USAGE, *[each.sentence() for each in refused.refusals]) from None
    except BadSettings as bad:
        raise fail(Exit.USAGE, *bad.problems) from None
    except KeyboardInterrupt:
        raise fail(Exit.INTERRUPTED, "interrupted; what was accepted is kept and goes on next time") from None
    except Exception as error:
        lines = _mendable(error)
        if lines is None:
            raise
        raise fail(Exit.USAGE, *lines) from None


def _mendable(error: Exception) -> list[str] | None:
    """The lines of an error whose message names its remedy; None for one that is our own fault."""
    return str(error).splitlines() if getattr(error, "mendable", False) else None
