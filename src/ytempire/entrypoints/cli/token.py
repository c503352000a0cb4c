"""`ytempire token`: tokens for the HTTP API. (`ytempire tokens` is about Google's.)"""

from typing import Annotated, Any

import typer

from ytempire.domain.callers import GIVEN
from ytempire.entrypoints.cli import console, tables
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption, load

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called; for people and history.")],
    role: Annotated[str, typer.Option(metavar="ROLE", help=f"One of {', '.join(GIVEN)}.")],
    account: Annotated[
        list[str] | None, typer.Option(help="Only what belongs to this account; may be repeated.")
    ] = None,
    days: Annotated[int | None, typer.Option(help="Good for so many days; without it until revoked.")] = None,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Makes a token and shows it, this once.

    Only its hash is stored.
    """

    async def main() -> None:
        from ytempire.bootstrap import reading
        from ytempire.bootstrap.tokens import api_tokens
        from ytempire.domain.callers import role_named
        from ytempire.services.api_tokens import Wish, token_document

        wish = Wish(name, role_named(role), tuple(account or ()), days)
        async with reading(load(config, home)) as house:
            made, text = await api_tokens(house).create(wish, "command")
            told = token_document(made, house.clock.now())
        if json:
            console.document(told | {"token": text.reveal()})
        else:
            console.note(
                f"ytempire: {made.name} is {made.role}; this is its token, which is not shown again:"
            )
            console.say(text.reveal())

    console.run(main)


@app.command("list")
def list_tokens(json: JsonOption = False, config: ConfigOption = None, home: HomeOption = None) -> None:
    """Lists tokens: whose they are, and what they may do.

    When each was last used, too.
    """

    async def main() -> list[dict[str, Any]]:
        from ytempire.bootstrap import reading
        from ytempire.bootstrap.tokens import api_tokens

        async with reading(load(config, home)) as house:
            return await api_tokens(house).listed()

    found = console.run(main)
    if json:
        console.document({"tokens": found})
        return
    columns = ("id", "name", "role", "state", "accounts", "expires_at", "used_at")
    rows = [{**each, "accounts": ", ".join(each["accounts"] or ["all"])} for each in found]
    tables.table(columns, [[str(row[name] or "-") for name in columns] for row in rows])


@app.command("revoke")
def revoke(
    token: Annotated[str, typer.Argument(metavar="TOKEN", help="The id or the name of a token.")],
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Revokes a token, at once and for ever."""

    async def main() -> dict[str, Any]:
        from ytempire.bootstrap import reading
        from ytempire.bootstrap.tokens import api_tokens
        from ytempire.services.api_tokens import token_document

        async with reading(load(config, home)) as house:
            revoked = await api_tokens(house).revoke(token, "command")
            return token_document(revoked, house.clock.now()) | {"state": "revoked"}

    told = console.run(main)
    if json:
        console.document(told)
    else:
        console.say(f"{told['name']} is revoked")
