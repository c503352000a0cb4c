"""`ytempire errors`: what goes wrong, where and how often, and the answers that nobody has a remedy for."""

from typing import Annotated

import typer

from ytempire.domain.grouping import By
from ytempire.entrypoints.cli import console, error_tables
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption, load

app = typer.Typer(rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def errors(
    context: typer.Context,
    days: Annotated[int, typer.Option(min=1, max=365, help="So many days back, beside as many before.")] = 1,
    by: Annotated[By | None, typer.Option(help="Only put together by this.")] = None,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Shows what went wrong, by reason, account and hour, and whether there is more of it than before."""
    if context.invoked_subcommand is not None:
        return
    from ytempire.bootstrap import reading
    from ytempire.services.error_report import ErrorReports

    async def main() -> None:
        async with reading(load(config, home)) as house:
            document = await ErrorReports(house.store, house.clock).errors(days)
        if json:
            hidden = {f"by_{each}" for each in By if by not in (None, each)}
            console.document({name: value for name, value in document.items() if name not in hidden})
        else:
            error_tables.errors(document, (by,) if by else tuple(By))

    console.run(main)


@app.command("review")
def review(
    dismiss: Annotated[
        str | None, typer.Option(metavar="KEY", help="Strike this one off, until it is met again.")
    ] = None,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Lists answers that are in no table.

    With their counts and newest samples, redacted.
    """
    from ytempire.bootstrap import reading
    from ytempire.services.error_report import ErrorReports

    async def main() -> None:
        async with reading(load(config, home)) as house:
            reports = ErrorReports(house.store, house.clock)
            listed = await (reports.review() if dismiss is None else reports.dismiss(dismiss))
        if json:
            console.document({"unknown": listed})
        else:
            error_tables.unknowns(listed)

    console.run(main)
