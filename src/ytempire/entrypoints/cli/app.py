"""The program `ytempire`: every command and where it lives. Heavy parts are imported when a command runs."""

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from ytempire.entrypoints.cli import accounts, connect, demo, emulator, init, jobs, publish, quota, worker
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
        say(f"ytempire {version('ytempire')}")
        raise typer.Exit


@app.callback()
def _main(
    show: Annotated[
        bool, typer.Option("--version", callback=lambda asked: _version(asked=asked), is_eager=True)
    ] = False,
) -> None:
    del show


app.command("init")(init.init)
app.command("demo")(demo.demo)
app.command("publish")(publish.publish)
app.add_typer(jobs.app, name="jobs", help="Publications: list, show, retry, cancel, resolve.")
app.add_typer(accounts.app, name="accounts", help="Accounts: list, show, explain a choice.")
app.command("quota")(quota.quota)
app.command("connect")(connect.connect)
app.command("worker")(worker.worker)
app.command("emulator")(emulator.emulator)


def main() -> None:
    """Runs the program and exits with its code."""
    try:
        app()
    except BrokenPipeError:
        # The reader of a pipe went away (`| head`): nothing is wrong, but Python would complain at its end.
        sys.stderr.close()
        sys.exit(Exit.DONE)
    except KeyboardInterrupt:
        note("ytempire: interrupted")
        sys.exit(Exit.INTERRUPTED)
