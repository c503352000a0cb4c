"""`ytempire accounts`: look at accounts and at why one was chosen."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ytempire.domain.values import AccountId, PublicationId
from ytempire.entrypoints.cli import account_tables, console
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption, known_account, load

if TYPE_CHECKING:
    from ytempire.domain.accounts import Account
    from ytempire.services.pausing import Ordering

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_accounts(json: JsonOption = False, config: ConfigOption = None, home: HomeOption = None) -> None:
    """Lists accounts with their state.

    Their health and fitness, and the counts of the day.
    """
    from ytempire.bootstrap import reading

    async def main() -> None:
        async with reading(load(config, home)) as house:
            accounts = await house.reports.accounts()
        if json:
            console.document({"accounts": accounts})
        else:
            account_tables.accounts(accounts)

    console.run(main)


@app.command("show")
def show(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="An account of the configuration.")],
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Shows one account and its history.

    Its state, its two numbers part by part, what was learned of it, what happened to it.
    """
    from ytempire.bootstrap import reading

    async def main() -> None:
        settings = load(config, home)
        which = AccountId(known_account(settings, account))
        async with reading(settings) as house:
            document = await house.reports.account(which)
        if json:
            console.document(document)
        else:
            account_tables.account(document)

    console.run(main)


@app.command("explain")
def explain(
    publication: Annotated[str, typer.Argument(metavar="PUBLICATION", help="The id of a publication.")],
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Explains which account a publication got, and why.

    The last choice made for it: every account with its health and the parts of its fitness, and why the others
    were left out.
    """
    from ytempire.bootstrap import reading

    async def main() -> None:
        async with reading(load(config, home)) as house:
            document = await house.reports.explanation(PublicationId(publication))
        if json:
            console.document(document)
        else:
            account_tables.explanation(document)

    console.run(main)


@app.command("pause")
def pause(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="An account of the configuration.")],
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, for everyone who looks.")],
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Starts no new upload on an account; those that run are finished."""
    _ordered(account, config, home, lambda ordering, chosen: ordering.pause(chosen, why))


@app.command("resume")
def resume(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="An account of the configuration.")],
    why: Annotated[
        str, typer.Option("--why", metavar="TEXT", help="The reason, for everyone who looks.")
    ] = "resumed by a person",
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Lets a paused, suspended or capped account take uploads again."""
    _ordered(account, config, home, lambda ordering, chosen: ordering.resume(chosen, why))


def _ordered(
    account: str,
    config: Path | None,
    home: Path | None,
    order: "Callable[[Ordering, Account], Awaitable[Account]]",
) -> None:
    async def main() -> None:
        from ytempire.bootstrap import acting

        settings = load(config, home)
        name = known_account(settings, account)
        async with acting(settings, actor="person") as house:
            accounts = await house.reading.store.accounts(house.context.clock.now())
            changed = await order(house.ordering, next(each for each in accounts if each.id == name))
        console.say(f"{changed.id} is {changed.condition}" + (f": {changed.why}" if changed.why else ""))

    console.run(main)
