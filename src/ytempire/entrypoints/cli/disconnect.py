"""`ytempire disconnect`: let an account go."""

from typing import Annotated

import typer

from ytempire.entrypoints.cli import console
from ytempire.entrypoints.cli.asking import agreed
from ytempire.entrypoints.cli.exits import Exit
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption, known_account, load


def disconnect(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="An account of the configuration.")],
    why: Annotated[
        str, typer.Option("--why", metavar="TEXT", help="For the history.")
    ] = "disconnected by a person",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Revokes an account's grants at Google and erases them here. Its history stays.

    Google ends every grant of the same person to this client: other channels of that person may need a new
    consent afterwards. What is queued for this account waits for a new connection.
    """
    settings = console.mended(lambda: load(config, home))
    name = console.mended(lambda: known_account(settings, account))
    if not yes and not agreed(f"Revoke and erase the grants of {name}?"):
        raise console.fail(Exit.FAILED, "nothing was changed")

    async def main() -> Exit:
        from ytempire.bootstrap import acting

        async with acting(settings, actor="disconnect") as house:
            accounts = await house.reading.store.accounts(house.context.clock.now())
            gone = await house.disconnecting.disconnect(next(a for a in accounts if a.id == name), why)
        if json:
            console.document(
                {"account": gone.account, "erased": gone.erased, "still_standing": list(gone.still_standing)}
            )
        else:
            console.say(f"{gone.account} is disconnected; grants erased: {gone.erased}")
        for standing in gone.still_standing:
            remedy = "remove the app at myaccount.google.com/permissions with that Google account"
            console.note(f"ytempire: {standing}; {remedy}")
        return Exit.PARTLY if gone.still_standing else Exit.DONE

    raise SystemExit(console.run(main))
