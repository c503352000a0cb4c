"""`ytempire connect`: give an account its grant."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ytempire.entrypoints.cli import console
from ytempire.entrypoints.cli.exits import Exit
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption, known_account, load

if TYPE_CHECKING:
    from ytempire.domain.tokenfiles import ImportedGrant
    from ytempire.domain.values import Refusal


def connect(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="An account of the configuration.")],
    token_file: Annotated[
        Path,
        typer.Option(
            "--import", metavar="FILE", help="A token file: Google's, google-auth's, youtubeuploader's."
        ),
    ],
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Connects an account to its channel, with a token file.

    The grant is proven by a refresh, its channel looked up (one unit of quota), and then it is stored sealed.
    """
    from ytempire.bootstrap import acting

    try:
        text = token_file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise console.fail(
            Exit.USAGE, f"{token_file} cannot be read: {console.why(error)}; give a token file"
        ) from None

    async def main() -> None:
        settings = load(config, home)
        name = known_account(settings, account)
        imported = _parsed(token_file, text)
        async with acting(settings) as house:
            accounts = await house.reading.store.accounts(house.context.clock.now())
            chosen = next(each for each in accounts if each.id == name)
            connected = await house.connecting.import_grant(chosen, imported)
        if connected.warning:
            console.note(f"ytempire: {connected.warning}")
        if json:
            console.document(
                {
                    "account": connected.account,
                    "channel": connected.channel,
                    "channel_title": connected.channel_title,
                    "scopes": list(connected.scopes),
                    "warning": connected.warning,
                }
            )
        else:
            channel = f"{connected.channel_title or 'channel'} ({connected.channel or 'not looked up'})"
            console.say(f"{connected.account} is connected to {channel}")

    console.run(main)


def _parsed(path: Path, text: str) -> "ImportedGrant":
    """The grant in a token file. Ends the command when there is none, naming the file."""
    from ytempire.domain.tokenfiles import parse_token_file
    from ytempire.domain.values import Refused

    try:
        return parse_token_file(text)
    except Refused as refused:
        lines = [f"{path}: {_sentence(each)}" for each in refused.refusals]
        raise console.fail(Exit.USAGE, *lines) from None


def _sentence(refusal: "Refusal") -> str:
    """Where the whole file is meant, its path is subject enough."""
    about_it_all = refusal.field == "file"
    return f"{refusal.message}; {refusal.remedy}" if about_it_all else refusal.sentence()
