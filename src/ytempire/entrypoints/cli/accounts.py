"""`ytempire accounts`: look at accounts and at why one was chosen."""

from typing import Annotated

import typer

from ytempire.domain.values import AccountId, PublicationId
from ytempire.entrypoints.cli import console, tables
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption, known_account, load

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_accounts(json: JsonOption = False, config: ConfigOption = None, home: HomeOption = None) -> None:
    """Lists accounts with their state and the counts of the day."""
    from ytempire.bootstrap import reading

    async def main() -> None:
        async with reading(load(config, home)) as house:
            accounts = await house.reports.accounts()
        if json:
            console.document({"accounts": accounts})
        else:
            tables.accounts(accounts)

    console.run(main)


@app.command("show")
def show(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="An account of the configuration.")],
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Shows one account."""
    from ytempire.bootstrap import reading

    async def main() -> None:
        settings = load(config, home)
        which = AccountId(known_account(settings, account))
        async with reading(settings) as house:
            document = await house.reports.account(which)
        if json:
            console.document(document)
        else:
            tables.facts(document)

    console.run(main)


@app.command("explain")
def explain(
    publication: Annotated[str, typer.Argument(metavar="PUBLICATION", help="The id of a publication.")],
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Explains which account a publication got, and why.

    The last choice made for it: every account with its score, and why the others were left out.
    """
    from ytempire.bootstrap import reading

    async def main() -> None:
        async with reading(load(config, home)) as house:
            document = await house.reports.explanation(PublicationId(publication))
        if json:
            console.document(document)
        else:
            tables.explanation(document)

    console.run(main)
