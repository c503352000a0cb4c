"""How commands speak: documents and tables on standard output, everything else on standard error."""

import json
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from ytempire.entrypoints.cli.exits import Exit

T = TypeVar("T")
KEPT = "what was accepted is kept and goes on next time"


def say(text: str) -> None:
    """One line for a person, on standard output."""
    sys.stdout.write(text + "\n")


def say_now(text: str) -> None:
    """One line that a program may wait for: it is there before this returns, also in a file or a pipe."""
    say(text)
    sys.stdout.flush()


def note(text: str) -> None:
    """One line beside the answer, on standard error."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def document(value: object) -> None:
    """One JSON document on standard output. Half of a character, from a file's name that is no UTF-8, is shown as a
    question mark, as the API does: strict readers would refuse the whole.
    """
    text = json.dumps(value, indent=2, ensure_ascii=False).encode(errors="replace").decode()
    utf8 = sys.stdout.encoding.lower() in ("utf-8", "utf8")
    say(text if utf8 else json.dumps(json.loads(text), indent=2))


def fail(code: Exit, *lines: str) -> SystemExit:
    """The end of a command: what was wrong, one line each, and the exit code."""
    for line in lines:
        note(f"ytempire: {line}")
    return SystemExit(code)


def why(error: OSError | UnicodeDecodeError) -> str:
    """What went wrong with a file, without its name, which the message has already."""
    return "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error.strerror or error)


def mended(work: Callable[[], T]) -> T:
    """Does something; what a person can mend becomes one clear line and the end of the command."""
    from ytempire.domain.values import Mendable

    try:
        return work()
    except Mendable as problem:
        raise fail(Exit.USAGE, *str(problem).splitlines()) from None


def run(main: Callable[[], Coroutine[Any, Any, T]], *, interrupted: str = KEPT) -> T:
    """Runs a command's coroutine; what a person can mend becomes one clear line and its exit code, and so does an
    interrupt.
    """
    import asyncio

    from ytempire.domain.values import Mendable, Unanswered

    interrupts: list[bool] = []

    async def heeding() -> T:
        _heed_interrupts(interrupts)
        return await main()

    try:
        return asyncio.run(heeding())
    except Unanswered as silence:
        raise fail(Exit.UPSTREAM, *str(silence).splitlines()) from None
    except Mendable as problem:
        raise fail(Exit.USAGE, *str(problem).splitlines()) from None
    except (KeyboardInterrupt, asyncio.CancelledError) as end:
        if isinstance(end, asyncio.CancelledError) and not interrupts:
            raise
        raise fail(Exit.INTERRUPTED, f"interrupted; {interrupted}") from None


def _heed_interrupts(interrupts: list[bool]) -> None:
    """Ctrl-C and SIGTERM cancel this task, so that all it began ends in its order; a second one ends the program.

    What asyncio does about Ctrl-C by itself can overlook one that comes just before the loop begins to wait, until
    something else wakes it; a handler of the loop wakes it.
    """
    import asyncio
    import signal

    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def interrupt() -> None:
        interrupts.append(True)
        if task is None or len(interrupts) > 1:
            raise KeyboardInterrupt
        task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, interrupt)
