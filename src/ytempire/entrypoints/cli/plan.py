"""`ytempire plan`: does the day fit, what binds, what would help, and who publishes what when."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from ytempire.entrypoints.cli import console
from ytempire.entrypoints.cli.exits import Exit
from ytempire.entrypoints.cli.layouts import layout_settings
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption
from ytempire.entrypoints.dates import date_of

if TYPE_CHECKING:
    from ytempire.domain.quota import Method
    from ytempire.services.planned import Document
    from ytempire.services.planning import Planning, Supposed
    from ytempire.settings import Settings

    Wish = tuple[int | None, tuple[Method, ...] | None]

_MOST_VIDEOS = 100_000


def plan(
    day: Annotated[
        str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="The date, in the zone of the windows.")
    ] = None,
    videos: Annotated[
        int | None,
        typer.Option(min=0, max=_MOST_VIDEOS, help="Suppose so many videos instead of what is queued."),
    ] = None,
    extras: Annotated[
        str | None,
        typer.Option(help="What each has: thumbnail,update,playlist,caption:2 for two; none."),
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help="Plan for a layout of `init` instead of an installation.")
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="Suppose this price list: buckets-2026, units-2025-12, units-2025.")
    ] = None,
    table: Annotated[
        bool, typer.Option("--table", help="What the layout carries under each reading of the limits.")
    ] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> Exit:
    """Plans a day: what fits, what binds, what would help.

    With the calendar of accounts and windows. Ends with 1 when not everything fits.
    """
    from ytempire.entrypoints.cli import plan_views

    async def main() -> tuple["Document", Exit]:
        on, supposed = date_of("--date", day), _supposed(videos, extras)
        settings = layout_settings(preset, profile, load_from=(config, home))
        return await _found(settings, on, supposed, layout=bool(preset or profile), table=table)

    document, code = console.run(main)
    if json:
        console.document(document)
    elif table:
        plan_views.readings(document["table"])
    else:
        plan_views.plan(document)
    return code


async def _found(
    settings: "Settings", on: date | None, supposed: "Wish | None", *, layout: bool, table: bool
) -> tuple["Document", Exit]:
    """The plan of the queue if that is what was asked for and there is one; else what was supposed."""
    from ytempire.bootstrap.plans import planning, supposed_planning

    if layout:
        return await _answer(await supposed_planning(settings), on, supposed, table=table)
    async with planning(settings) as here:
        asked = supposed is None and not table
        queued = await here.queued(on, ahead=True) if asked else None
        if queued is not None:
            return queued, _exit(queued)
        document, code = await _answer(here, on, supposed, table=table)
        if asked:
            _tell_supposed(document, await here.waiting())
        return document, code


def _tell_supposed(document: "Document", waiting: int) -> None:
    """That nothing of this is queued, and what is supposed instead."""
    from ytempire.domain.counting import counted

    later = (
        f" for {document['day']} ({counted(waiting, 'video waits', 'videos wait')} for later)"
        if waiting
        else ""
    )
    what = f"{counted(document['videos'], 'video')} for {document['day']}, as the windows' shares add up to"
    console.note(f"ytempire: nothing waits{later}; this only supposes {what}")


async def _answer(
    here: "Planning",
    on: date | None,
    supposed: "Wish | None",
    *,
    table: bool,
) -> tuple["Document", Exit]:
    """A supposed plan, or the table."""
    from ytempire.domain.planning_table import account_table, pool_table, shares_a_project
    from ytempire.services.planned import table_document

    ordinary = here.ordinary()
    number, methods = supposed or (None, None)
    what: Supposed = type(ordinary)(
        ordinary.videos if number is None else number, ordinary.methods if methods is None else methods
    )
    if table:
        problem = await here.supposed_day(what, on)
        rows = pool_table(problem) if shares_a_project(problem) else account_table(problem)
        return {"table": table_document(rows)}, Exit.DONE
    document = await here.supposed(what, on)
    return document, _exit(document)


def _exit(document: "Document") -> Exit:
    return Exit.DONE if document["feasible"] else Exit.FAILED


def _supposed(videos: int | None, extras: str | None) -> "Wish | None":
    """What is supposed, None for what was not said; None when nothing was."""
    from ytempire.domain.whatif import extras as requests_of

    methods = None if extras is None else requests_of(extras)
    return None if videos is None and methods is None else (videos, methods)
