"""`ytempire drill`: proves that each link of a chain holds."""

from typing import TYPE_CHECKING, Annotated

import typer

from ytempire.entrypoints.cli import console, tables
from ytempire.entrypoints.cli.exits import Exit
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption, load

if TYPE_CHECKING:
    from ytempire.ports import DrillReport


def drill(
    chain: Annotated[
        str | None, typer.Argument(metavar="[CHAIN]", help="The chain; without it, every chain.")
    ] = None,
    paid: Annotated[
        bool, typer.Option("--paid", help="Also try what costs money, which is only looked at otherwise.")
    ] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Tries each link of a chain alone, and keeps the result.

    Exits with 1 when a link that is set up does not hold. A worker does this every week by itself.
    """
    from ytempire.bootstrap.chain_house import chain_house
    from ytempire.services.service_report import drill_document

    async def main() -> "list[DrillReport]":
        async with chain_house(load(config, home, needed=False), make=home is None) as house:
            wanted = [chain] if chain is not None else house.drills.known()
            return [await house.drills.run(each, paid=paid) for each in wanted]

    reports = console.run(main)
    if json:
        console.document({"drills": [drill_document(each) for each in reports]})
    else:
        for report in reports:
            console.say(f"{report.chain}: {'passed' if report.passed else 'FAILED'}")
            tables.table(("link", "verdict", "told"), report.links)
    raise SystemExit(Exit.DONE if all(each.passed for each in reports) else Exit.FAILED)
