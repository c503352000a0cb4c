"""The program `ytempire`: every command and where it lives. Heavy parts are imported when a command runs."""

import io
import os
import signal
import sys
from types import FrameType
from typing import Annotated

import typer

from ytempire.entrypoints.cli import (
    accounts,
    alerts,
    checklist,
    connect,
    demo,
    disconnect,
    doctor,
    emulator,
    errors,
    init,
    jobs,
    keys,
    plan,
    publish,
    quota,
    serve,
    simulate,
    token,
    tokens,
    vault,
    worker,
)
from ytempire.entrypoints.cli.console import note, say
from ytempire.entrypoints.cli.exits import Exit

app = typer.Typer(
    name="ytempire",
    help="Publishes videos through many YouTube channels: at most once, within quota, through crashes.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(*, asked: bool) -> None:
    if asked:
        from importlib.metadata import PackageNotFoundError, version

        try:
            say(f"ytempire {version('ytempire')}")
        except PackageNotFoundError:
            say("ytempire, run from a checkout that is not installed")
        raise typer.Exit


@app.callback()
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


app.command("init")(init.init)
app.command("plan")(plan.plan)
app.command("simulate")(simulate.simulate)
app.command("doctor")(doctor.doctor)
app.command("checklist")(checklist.checklist)
app.command("demo")(demo.demo)
app.command("publish")(publish.publish)
app.add_typer(jobs.app, name="jobs", help="Publications: list, show, held, retry, cancel, resolve.")
app.add_typer(accounts.app, name="accounts", help="Accounts: list, show, explain, pause, resume.")
app.add_typer(quota.app, name="quota", help="Quota: today, history, what if.")
app.add_typer(errors.app, name="errors", help="Errors: patterns over time; review what has no remedy.")
app.add_typer(alerts.app, name="alerts", help="Alerts: list, test the way to people, mute.")
app.command("connect")(connect.connect)
app.command("disconnect")(disconnect.disconnect)
app.add_typer(tokens.app, name="tokens", help="Tokens: how long they live; renew them.")
app.add_typer(token.app, name="token", help="Tokens for the HTTP API: create, list, revoke.")
app.add_typer(keys.app, name="keys", help="Keys of the vault: list, add, rotate, retire, protect.")
app.add_typer(vault.app, name="vault", help="Grants: back up, restore; the trail of their use.")
app.command("serve")(serve.serve)
app.command("worker")(worker.worker)
app.command("emulator")(emulator.emulator)


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
        return Exit(app(prog_name="ytempire", standalone_mode=False) or Exit.DONE)
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
