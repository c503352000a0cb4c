"""The program `ytempire`: its beginning and its end. Everything else is imported within, so that Ctrl-C is understood
from the first moment on.
"""

import io
import os
import signal
import sys
from types import FrameType

_INTERRUPTED = 130


def main() -> None:
    """Runs the program and exits with its code."""
    code = _INTERRUPTED
    try:
        signal.signal(signal.SIGTERM, _interrupt)
        code = _run()
    except KeyboardInterrupt:
        _say("ytempire: interrupted")
    # It is over, and how it went is known: nothing that comes now changes that.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    sys.exit(code)


def _run() -> int:
    if isinstance(sys.stdout, io.TextIOWrapper):
        # What was done must not end as a failure because a terminal of old cannot show a letter of it.
        sys.stdout.reconfigure(errors="backslashreplace")
    code = 0
    try:
        from ytempire.entrypoints.cli.program import run

        code = run()
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of a pipe went away (`| head`): nothing is wrong. What is still unwritten goes nowhere, so
        # that Python does not complain at its end.
        _leave_unwritten()
    except OSError as error:
        # A full disk, a file of the home that is not ours: nothing below can mend it, a person can.
        _say(f"ytempire: {error.filename or 'the system'}: {error.strerror or error}")
        _leave_unwritten()
        return 1
    return code


def _interrupt(number: int, frame: FrameType | None) -> None:
    """SIGTERM means what Ctrl-C means, until a command that has more to do than to end says otherwise."""
    del number, frame
    raise KeyboardInterrupt


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _leave_unwritten() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
