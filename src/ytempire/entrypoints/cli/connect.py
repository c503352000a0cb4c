"""`ytempire connect`: give an account its grant, through the browser or from a token file."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ytempire.entrypoints.cli import console
from ytempire.entrypoints.cli.exits import Exit
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption, known_account, load

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from ytempire.bootstrap import Acting
    from ytempire.domain.accounts import Account
    from ytempire.domain.oauth import Slot
    from ytempire.domain.tokenfiles import ImportedGrant
    from ytempire.domain.values import Refusal
    from ytempire.services.connect import Connected


AccountArgument = Annotated[
    str | None, typer.Argument(metavar="ACCOUNT", help="An account of the configuration.")
]
AllOption = Annotated[
    bool, typer.Option("--all", help="Every account that needs a grant, one after the other.")
]
ImportOption = Annotated[
    Path | None,
    typer.Option(
        "--import",
        metavar="FILE",
        help="A token file instead of the browser: Google's, google-auth's, youtubeuploader's.",
    ),
]
FernetOption = Annotated[
    Path | None,
    typer.Option(
        "--fernet-key", metavar="FILE", help="The key of a token file that is encrypted with Fernet."
    ),
]
BackupOption = Annotated[
    bool, typer.Option("--backup", help="A second grant for the same channel, for when the first one dies.")
]
BrowserOption = Annotated[
    bool,
    typer.Option(
        "--browser/--no-browser",
        help="Open the browser, or print the address and take the final one on standard input.",
    ),
]
PortOption = Annotated[
    int, typer.Option("--port", min=0, max=65535, help="Come back to this port; 0 takes a free one.")
]
WaitOption = Annotated[
    float, typer.Option("--wait", metavar="SECONDS", min=1, max=600, help="How long to wait for you.")
]

_LONGEST = 262_144
"""Bytes of a token file that are read; real ones have a few thousand."""


@dataclass(frozen=True, slots=True)
class _How:
    """How accounts are to be connected: by a token file if there is one, else through Google's page."""

    imported: "ImportedGrant | None"
    slot: "Slot"
    browser: bool
    port: int
    seconds: float
    json: bool


def connect(
    account: AccountArgument = None,
    everyone: AllOption = False,
    token_file: ImportOption = None,
    fernet_key: FernetOption = None,
    backup: BackupOption = False,
    browser: BrowserOption = True,
    port: PortOption = 0,
    wait: WaitOption = 300,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Connects an account to its channel.

    Opens Google's page in the browser and waits for your consent there; or takes a token file. The grant is
    proven, its channel looked up (one unit of quota), and then it is stored sealed.
    """
    from ytempire.domain.oauth import Slot

    if (account is None) == (not everyone):
        raise console.fail(Exit.USAGE, "name one account, or say --all; see `ytempire connect --help`")
    if everyone and (token_file or backup):
        told = "--all goes through the browser; --import and --backup need one account"
        raise console.fail(Exit.USAGE, told)
    imported = None if token_file is None else _imported(token_file, fernet_key)
    how = _How(imported, Slot.BACKUP if backup else Slot.PRIMARY, browser, port, wait, json)
    raise SystemExit(console.run(lambda: _connected(account, how, config, home)))


async def _connected(name: str | None, how: _How, config: Path | None, home: Path | None) -> Exit:
    """Connects the account of this name, or all that need it."""
    from ytempire.bootstrap import acting

    settings = load(config, home)
    if name is not None:
        known_account(settings, name)
    async with acting(settings, actor="connect") as house:
        accounts = await house.reading.store.accounts(house.context.clock.now())
        chosen = [each for each in accounts if _wanted(each, name)]
        if name is not None:
            found = await _one(house, chosen[0], how)
            if how.json:
                console.document(_document(found))
            return Exit.DONE
        walked, code = await _walked(chosen, lambda each: _one(house, each, how))
    if how.json:
        console.document({"accounts": [_document(each) for each in walked]})
    return code


async def _one(house: "Acting", account: "Account", how: _How) -> "Connected":
    if how.imported is not None:
        connected = await house.connecting.import_grant(account, how.imported, how.slot)
    else:
        connected = await _through_google(house, account, how)
    _tell(connected, json=how.json)
    return connected


async def _walked(
    accounts: "Sequence[Account]", one: "Callable[[Account], Awaitable[Connected]]"
) -> "tuple[list[Connected], Exit]":
    """Connects one after the other. A refusal is told, and the next one is asked; silence ends the walk."""
    from ytempire.domain.values import Refused, Unanswered

    done: list[Connected] = []
    code = Exit.DONE
    if not accounts:
        console.note("ytempire: every account is connected")
    for number, each in enumerate(accounts, 1):
        console.note(f"ytempire: {number} of {len(accounts)}: {each.id}")
        try:
            done.append(await one(each))
        except Refused as refused:
            console.note(f"ytempire: {refused}")
            code = Exit.USAGE
        except Unanswered as silence:
            console.note(f"ytempire: {silence}")
            code = Exit.UPSTREAM
            break
    return done, Exit.PARTLY if done and code is not Exit.DONE else code


def _wanted(account: "Account", name: str | None) -> bool:
    """With a name that account, without one those that only a new consent helps."""
    if name is not None:
        return account.id == name
    return account.condition in ("disconnected", "needs_reauth")


async def _through_google(house: "Acting", account: "Account", how: _How) -> "Connected":
    """Sends the person to Google and waits for them to come back."""
    from ytempire.domain.consent import landing
    from ytempire.entrypoints.cli.browser import opened
    from ytempire.entrypoints.cli.pasting import PastingDesk

    client = house.context.clients[account.project]
    async with house.listening(landing(client, how.port)) as desk, PastingDesk() as pasting:
        begun = await house.consenting.begin(account, desk.uri, how.slot)
        address = begun.address.reveal()
        if how.browser and await opened(address):
            console.note(
                f"ytempire: consent for {account.id} in the browser; if none opened, open this address:"
            )
        else:
            console.note(
                f"ytempire: open this address and consent for {account.id}; if the browser cannot come back to this "
                "machine, paste the address it ends at here:"
            )
        console.note(address)
        return await house.consenting.welcome((desk, pasting), account.id, how.seconds)


def _tell(connected: "Connected", *, json: bool) -> None:
    for warning in connected.warnings:
        console.note(f"ytempire: {warning}")
    if not json:
        channel = f"{connected.channel_title or 'channel'} ({connected.channel or 'not looked up'})"
        how = "has a backup grant for" if connected.slot == "backup" else "is connected to"
        console.say(f"{connected.account} {how} {channel}")


def _document(connected: "Connected") -> dict[str, object]:
    return {
        "account": connected.account,
        "slot": connected.slot,
        "channel": connected.channel,
        "channel_title": connected.channel_title,
        "scopes": list(connected.scopes),
        "warnings": list(connected.warnings),
    }


def _imported(token_file: Path, fernet_key: Path | None) -> "ImportedGrant":
    """The grant in a token file. Ends the command when there is none, naming the file."""
    from ytempire.domain.tokenfiles import is_fernet, parse_token_file
    from ytempire.domain.values import Refused

    text = _text(token_file, "give a token file")
    if fernet_key is not None and is_fernet(text):
        from ytempire.bootstrap import opened_fernet

        key = _text(fernet_key, "give the file that holds the key")
        text = console.mended(lambda: opened_fernet(text, key))
    try:
        return parse_token_file(text)
    except Refused as refused:
        lines = [f"{token_file}: {_sentence(each)}" for each in refused.refusals]
        raise console.fail(Exit.USAGE, *lines) from None


def _text(path: Path, remedy: str) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_LONGEST + 1)
        if len(content) > _LONGEST:
            raise console.fail(Exit.USAGE, f"{path} is longer than {_LONGEST} bytes; {remedy}")
        return content.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise console.fail(Exit.USAGE, f"{path} cannot be read: {console.why(error)}; {remedy}") from None


def _sentence(refusal: "Refusal") -> str:
    """Where the whole file is meant, its path is subject enough."""
    about_it_all = refusal.field == "file"
    return f"{refusal.message}; {refusal.remedy}" if about_it_all else refusal.sentence()
