"""`ytempire connect`: give an account its grant."""

from pathlib import Path
from typing import Annotated

import typer

from ytempire.entrypoints.cli import console
from ytempire.entrypoints.cli.exits import Exit
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption, load


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
    from ytempire.domain.tokenfiles import parse_token_file

    try:
        text = token_file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise console.fail(
            Exit.USAGE, f"{token_file} cannot be read: {console.why(error)}; give a token file"
        ) from None

    async def main() -> None:
        async with acting(load(config, home)) as house:
            accounts = await house.reading.store.accounts(house.context.clock.now())
            chosen = next((each for each in accounts if each.id == account), None)
            if chosen is None:
                raise console.fail(
                    Exit.USAGE, f"there is no account {account!r}; see `ytempire accounts list`"
                )
            connected = await house.connecting.import_grant(chosen, parse_token_file(text))
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
