"""The program `ytempire`: every command and where it lives. Heavy parts are imported when a command runs."""

import io
import os
import signal
import sys
from collections.abc import Mapping
from importlib import import_module
from types import FrameType
from typing import Annotated

import typer

from ytempire.entrypoints.cli.console import note, say
from ytempire.entrypoints.cli.exits import Exit


def _version(*, asked: bool) -> None:
    if asked:
        from importlib.metadata import PackageNotFoundError, version

        try:
            say(f"ytempire {version('ytempire')}")
        except PackageNotFoundError:
            say("ytempire, run from a checkout that is not installed")
        raise typer.Exit


def _main(
    show: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=lambda asked: _version(asked=asked),
            is_eager=True,
            help="Say which version this is.",
        ),
    ] = False,
) -> None:
    del show


COMMANDS: Mapping[str, str] = {
    "init": "",
    "plan": "",
    "simulate": "",
    "doctor": "",
    "checklist": "",
    "demo": "",
    "publish": "",
    "jobs": "Publications: list, show, held, retry, cancel, resolve.",
    "accounts": "Accounts: list, show, explain, pause, resume.",
    "quota": "Quota: today, history, what if.",
    "errors": "Errors: patterns over time; review what has no remedy.",
    "alerts": "Alerts: list, test the way to people, mute.",
    "connect": "",
    "disconnect": "",
    "tokens": "Tokens: how long they live; renew them.",
    "token": "Tokens for the HTTP API: create, list, revoke.",
    "keys": "Keys of the vault: list, add, rotate, retire, protect.",
    "vault": "Grants: back up, restore; the trail of their use.",
    "webhook": "Webhooks: add, list, test, rotate; what they missed.",
    "speak": "",
    "script": "",
    "drill": "",
    "services": "Services and chains: health, breakers, calls; isolate, reset.",
    "serve": "",
    "worker": "",
    "mcp": "",
    "emulator": "",
}
"""Every command in the order of the help. Each is a file of its name beside this one: with a function of that name,
or, where there is a text here, with an `app` of several commands that the text is the help of.
"""


def program(word: str = "") -> typer.Typer:
    """The program with the one command that is asked for, so that none waits for the others; with all of them when
    that is no command (`--help`, a slip of the pen).
    """
    app = typer.Typer(
        name="ytempire",
        help="Publishes videos through many YouTube channels: at most once, within quota, through crashes.",
        no_args_is_help=True,
        add_completion=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_main)
    for name in (word,) if word in COMMANDS else COMMANDS:
        file = import_module(f"ytempire.entrypoints.cli.{name}")
        if COMMANDS[name]:
            app.add_typer(file.app, name=name, help=COMMANDS[name])
        else:
            app.command(name)(getattr(file, name))
    return app


def main() -> None:
    """Runs the program and exits with its code."""
    code = Exit.DONE
    signal.signal(signal.SIGTERM, _interrupt)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # What was done must not end as a failure because a terminal of old cannot show a letter of it.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = _run()
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of a pipe went away (`| head`): nothing is wrong. What is still unwritten goes nowhere, so
        # that Python does not complain at its end.
        _leave_unwritten()
    except OSError as error:
        # A full disk, a file of the home that is not ours: nothing below can mend it, a person can.
        note(f"ytempire: {error.filename or 'the system'}: {error.strerror or error}")
        _leave_unwritten()
        code = Exit.FAILED
    sys.exit(code)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """SIGTERM means what Ctrl-C means, until a command that has more to do than to end says otherwise."""
    del number, frame
    raise KeyboardInterrupt


def _leave_unwritten() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run() -> Exit:
    try:
        return Exit(program(*sys.argv[1:2])(prog_name="ytempire", standalone_mode=False) or Exit.DONE)
    except SystemExit as end:
        return Exit(int(end.code or 0))
    except typer.TyperException as wrong:
        return _usage(wrong)
    except (KeyboardInterrupt, typer.Abort):
        note("ytempire: interrupted")
        return Exit.INTERRUPTED


def _usage(wrong: typer.TyperException) -> Exit:
    """A wrong command line, told in one line. Without arguments the help itself is the answer."""
    context = getattr(wrong, "ctx", None)
    say_more = f"; see `{context.command_path} --help`" if context is not None else ""
    text = str(getattr(wrong, "format_message", wrong.__str__)())
    if text.startswith("Usage: "):
        note(text)
    else:
        sentence = text.replace("Value error, ", "").replace(". Did you mean", "; did you mean").rstrip(".")
        note(f"ytempire: {sentence[:1].lower()}{sentence[1:]}{say_more}")
    return Exit.USAGE
