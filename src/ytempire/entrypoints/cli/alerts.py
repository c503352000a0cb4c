"""`ytempire alerts`: what needs a person, who was told, a test of the way there, and silence for a while."""

import getpass
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from ytempire.domain.values import Refusal, Refused
from ytempire.entrypoints.cli import alert_tables, console
from ytempire.entrypoints.cli.exits import Exit
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption, load
from ytempire.entrypoints.cli.tables import shown

if TYPE_CHECKING:
    from ytempire.bootstrap import Reading
    from ytempire.settings import Settings

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
_SPAN = re.compile(r"(\d{1,4})([mhd])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_LONGEST = timedelta(days=90)


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
        from ytempire.domain.alerts import Message
        from ytempire.domain.faults import Level

        settings = load(config, home)
        names = _named(settings, target)
        way = notifier(settings)
        body = f"This is a test by {_person()}. Nothing has happened, and there is nothing to do."
        told = []
        for name in names:
            why = await way.send(name, Message("test: ytempire can reach you", body, Level.INFO, over=False))
            told.append({"target": name, "delivered": why is None, "error": why})
        return told

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
    now = house.clock.now()
    if not pattern:
        raise _no(
            "pattern", "no pattern is given", "name one like 'quota:*' or 'account:ID:*', or use --list"
        )
    if end:
        if not await house.store.end_mutes(pattern, now):
            raise _no("pattern", f"no mute with the pattern {pattern!r} is running", "see --list")
        return
    if span is None or not (why or "").strip():
        raise _no("mute", "how long and why are not given", "add --for 2h and --why TEXT")
    from ytempire.domain.alerts import Mute

    await house.store.mute(Mute(pattern, now + _span(span), now, _person(), (why or "").strip()))


def _span(text: str) -> timedelta:
    """A span like `1d12h`. Raises `Refused` for what is none, is nothing, or is too long."""
    parts = _SPAN.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise _no("for", f"{text!r} is no span of time", "write 30m, 2h, 1d or 1d12h")
    total = sum((int(number) * _UNITS[unit] for number, unit in parts), timedelta(0))
    if not timedelta(0) < total <= _LONGEST:
        raise _no("for", f"{text!r} is not between a minute and {_LONGEST.days} days", "choose one that is")
    return total


def _named(settings: "Settings", target: str | None) -> list[str]:
    from difflib import get_close_matches

    names = list(settings.alerts.targets)
    if not names:
        raise _no("target", "no targets are configured", "add a section [alerts.targets.NAME]")
    if target is None:
        return names
    if target not in names:
        close = get_close_matches(target, names, 1)
        remedy = f"did you mean {close[0]}?" if close else f"known: {', '.join(names)}"
        raise _no("target", f"there is no target {target!r}", remedy)
    return [target]


def _no(field: str, message: str, remedy: str) -> Refused:
    return Refused(Refusal(field, "not_possible", message, remedy))


def _person() -> str:
    """The name of who runs this."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user id without a name, as in some containers
        return "an unnamed user"
