"""`ytempire alerts`: what needs a person, who was told, a test of the way there, and silence for a while."""

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from ytempire.entrypoints.cli import alert_tables, console
from ytempire.entrypoints.cli.exits import Exit
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption, load
from ytempire.entrypoints.cli.tables import shown

if TYPE_CHECKING:
    from ytempire.bootstrap import Reading

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_alerts(
    every: Annotated[bool, typer.Option("--all", help="Also those that have ended.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, newest first.")] = 100,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Lists open alerts, newest first, and who was told of them."""
    from ytempire.bootstrap import reading
    from ytempire.services.alert_report import AlertReports

    async def main() -> None:
        async with reading(load(config, home)) as house:
            found = await AlertReports(house.store, house.clock).alerts(ended=every, limit=limit)
        if json:
            console.document({"alerts": found})
        else:
            alert_tables.alerts(found)

    console.run(main)


@app.command("test")
def try_targets(
    target: Annotated[str | None, typer.Argument(metavar="[TARGET]", help="Only this target.")] = None,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Sends a test message to one target, or to all.

    Whatever their levels are. It tells who took it, and why somebody did not.
    """

    async def main() -> list[dict[str, object]]:
        from ytempire.bootstrap.alerts import notifier
        from ytempire.services.silence import tried

        settings = load(config, home)
        return await tried(notifier(settings), list(settings.alerts.targets), target, _person())

    told = console.run(main)
    if json:
        console.document({"targets": told})
    else:
        for each in told:
            console.say(
                f"{each['target']}: {'delivered' if each['delivered'] else shown(str(each['error']))}"
            )
    taken = sum(bool(each["delivered"]) for each in told)
    raise SystemExit(Exit.DONE if taken == len(told) else Exit.PARTLY if taken else Exit.FAILED)


@app.command("mute")
def mute(
    pattern: Annotated[
        str | None, typer.Argument(metavar="[PATTERN]", help="Keys of alerts; * and ? stand for anything.")
    ] = None,
    span: Annotated[str | None, typer.Option("--for", metavar="SPAN", help="30m, 2h, 1d or 1d12h.")] = None,
    why: Annotated[
        str | None, typer.Option("--why", metavar="TEXT", help="What the next person reads.")
    ] = None,
    end: Annotated[bool, typer.Option("--end", help="End the mutes with this pattern.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="List the mutes that are running.")] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Keeps alerts quiet for a while.

    They are written down and not told. Without --for, --end ends a mute and --list shows them.
    """
    from ytempire.bootstrap import reading
    from ytempire.services.alert_report import AlertReports

    async def main() -> None:
        settings = load(config, home)
        async with reading(settings) as house:
            if not listed:
                await _change_mutes(house, pattern, span, why, end=end)
            running = await AlertReports(house.store, house.clock).mutes()
        if json:
            console.document({"mutes": running})
        else:
            alert_tables.mutes(running)

    console.run(main)


async def _change_mutes(
    house: "Reading", pattern: str | None, span: str | None, why: str | None, *, end: bool
) -> None:
    from ytempire.services.silence import Silence

    silence = Silence(house.store, house.clock)
    if end:
        await silence.end(pattern or "", _person())
    else:
        await silence.mute(pattern or "", span, why, _person())


def _person() -> str:
    """The name of who runs this."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user id without a name, as in some containers
        return "an unnamed user"
