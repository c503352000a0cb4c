"""`ytempire checklist`: the five metrics and the six points of the day."""

from typing import Annotated, Any

import typer

from ytempire.entrypoints.cli import console, tables
from ytempire.entrypoints.cli.exits import Exit
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption, load
from ytempire.entrypoints.dates import date_of

_PARTS = {"metric": "metrics", "daily": "the day"}


def checklist(
    day: Annotated[
        str | None,
        typer.Option("--day", metavar="DATE", help="Show what was kept of that date, and make nothing."),
    ] = None,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Judges five metrics and the six points of the day.

    Exits with 1 when a point fails; what cannot be judged yet is only told. Keeps the result, and plans what waits
    anew. Asks nothing of Google and spends no quota.
    """
    from ytempire.bootstrap import reading
    from ytempire.bootstrap.checklist import checklist as made_of

    named = console.mended(lambda: date_of("--day", day))

    async def main() -> dict[str, Any]:
        async with reading(load(config, home)) as house:
            points = made_of(house.settings, house.store, house.clock)
            result = await points.made() if named is None else await points.kept(named)
        if result is None:
            raise console.fail(
                Exit.USAGE, f"no checklist was made on {day}; make one with `ytempire checklist`"
            )
        return result

    document = console.run(main)
    if json:
        console.document(document)
    else:
        _show(document)
    raise SystemExit(Exit.DONE if document["passed"] else Exit.FAILED)


def _show(document: dict[str, Any]) -> None:
    """The verdict first, then a line for each point and the remedy below it."""
    wrong, unknown = len(document["failed"]), len(document["unknown"])
    total = len(document["points"])
    told = f"{wrong} of {total} points fail" if wrong else f"no point of {total} fails"
    console.say(f"{document['day']}: {told}" + (f", {unknown} cannot be judged" if unknown else ""))
    for kind, name in _PARTS.items():
        console.say(f"\n{name}")
        for each in document["points"]:
            if each["kind"] == kind:
                why = f"; {each['why']}" if each["why"] else ""
                message = f"{each['value']} (wanted: {each['target']}){why}"
                tables.finding(each["title"], each["verdict"], message, each["remedy"])
