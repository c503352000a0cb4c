"""Every command of the program `ytempire` and where it lives. Heavy parts are imported when a command runs."""

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Annotated

import typer

from ytempire.domain.slips import followed
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
    "jobs": "Publications: list, show, held, retry, cancel, edit, resolve.",
    "accounts": "Accounts: list, show, explain, pause, resume.",
    "quota": "Quota: today, history, what if.",
    "errors": "Errors: patterns over time; review what has no remedy.",
    "alerts": "Alerts: list, test the way to people, mute.",
    "connect": "",
    "disconnect": "",
    "tokens": "Tokens: how long they live; renew them.",
    "token": "Tokens for the HTTP API: create, list, revoke.",
    "keys": "Keys of the vault: list, add, rotate, retire, protect, forget.",
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


def run() -> Exit:
    """Runs the command that the command line asks for. Raises `KeyboardInterrupt` where nothing was said of that."""
    try:
        code = program(*sys.argv[1:2])(prog_name="ytempire", standalone_mode=False) or Exit.DONE
    except SystemExit as end:
        return Exit(int(end.code or 0))
    except typer.TyperException as wrong:
        return _usage(wrong)
    except typer.Abort:
        raise KeyboardInterrupt from None
    if code == Exit.INTERRUPTED and not isinstance(code, Exit):
        # That is what typer makes of Ctrl-C, without a word; a command of ours says it and returns ours.
        raise KeyboardInterrupt
    return Exit(code)


def _usage(wrong: typer.TyperException) -> Exit:
    """A wrong command line, told in one line. Without arguments the help itself is the answer."""
    context = getattr(wrong, "ctx", None)
    where = f"see `{context.command_path} --help`" if context is not None else ""
    text = _in_words(str(getattr(wrong, "format_message", wrong.__str__)()), getattr(wrong, "param", None))
    if text.startswith("Usage: "):
        note(text)
    else:
        sentence = text.replace("Value error, ", "").replace(". Did you mean", "; did you mean").rstrip(".")
        told = f"ytempire: {sentence[:1].lower()}{sentence[1:]}"
        note(followed(told, where) if where else told)
    return Exit.USAGE


def _in_words(text: str, option: object) -> str:
    """What is said of a number that is none or out of its range, with the range."""
    about, found, rule = text.partition("Input should be ")
    if not found or not any(word in rule for word in ("greater", "less", "integer", "number")):
        return text
    least, most = (getattr(option, name, None) for name in ("min", "max"))
    kind = (
        "whole number" if "integer" in rule or isinstance(getattr(option, "default", None), int) else "number"
    )
    if least is None:
        return f"{about}a {kind} is expected"
    return f"{about}a {kind} {f'from {least} to {most}' if most is not None else f'of at least {least}'} is expected"
