"""`ytempire tokens`: how long grants live, and renewing them by hand."""

from typing import Annotated

import typer

from ytempire.domain.values import AccountId
from ytempire.entrypoints.cli import console, tables
from ytempire.entrypoints.cli.exits import Exit
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption, known_account, load

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command("status")
def status(json: JsonOption = False, config: ConfigOption = None, home: HomeOption = None) -> None:
    """Shows each account's grants: state, times, and coming ends."""
    from ytempire.bootstrap import reading

    async def main() -> None:
        async with reading(load(config, home)) as house:
            lines = await house.reports.tokens()
        if json:
            console.document({"tokens": lines})
        else:
            tables.tokens(lines)

    console.run(main)


@app.command("refresh")
def refresh(
    account: Annotated[
        str | None, typer.Argument(metavar="[ACCOUNT]", help="One account; without it every connected one.")
    ] = None,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Renews tokens now, whatever life they have left."""

    async def main() -> Exit:
        from ytempire.bootstrap import acting

        settings = load(config, home)
        name = None if account is None else AccountId(known_account(settings, account))
        async with acting(settings, actor="tokens refresh") as house:
            names = [name] if name else [grant.account for grant in await house.reading.store.grants()]
            found = await house.renewal.by_hand(sorted(set(names)))
        lines = [{"account": each, "renewed": why is None, "why": why} for each, why in found.items()]
        if json:
            console.document({"tokens": lines})
        else:
            rows = [(each["account"], "renewed" if each["renewed"] else each["why"]) for each in lines]
            tables.table(("account", "outcome"), rows)
        failed = sum(not each["renewed"] for each in lines)
        return Exit.DONE if not failed else Exit.PARTLY if failed < len(lines) else Exit.FAILED

    raise SystemExit(console.run(main))
