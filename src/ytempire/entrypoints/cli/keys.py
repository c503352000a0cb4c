"""`ytempire keys`: the keys of the vault."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer

from ytempire.domain.counting import counted
from ytempire.domain.values import Secret
from ytempire.entrypoints.cli import console, tables
from ytempire.entrypoints.cli.asking import a_passphrase, agreed
from ytempire.entrypoints.cli.exits import Exit
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption, load

if TYPE_CHECKING:
    from pathlib import Path

    from ytempire.bootstrap.loss import Loss
    from ytempire.bootstrap.ring import Ring

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

NEW_PASSPHRASE = "YTEMPIRE_NEW_PASSPHRASE"


def _with_ring(
    config: "Path | None", home: "Path | None", do: "Callable[[Ring], Awaitable[Exit]]", actor: str
) -> None:
    async def main() -> Exit:
        from ytempire.bootstrap import acting

        async with acting(load(config, home), actor=actor) as house:
            return await do(house.ring)

    raise SystemExit(console.run(main))


@app.command("list")
def list_keys(json: JsonOption = False, config: ConfigOption = None, home: HomeOption = None) -> None:
    """Lists keys: which one writes, and how much each has sealed."""

    async def do(ring: "Ring") -> Exit:
        from ytempire.services.documents import moment

        lines = [
            {
                "id": line.id,
                "writes": line.writes,
                "on_ring": line.on_ring,
                "added_at": moment(line.added_at),
                "retired_at": moment(line.retired_at),
                "sealed": line.sealed,
            }
            for line in await ring.lines()
        ]
        if json:
            console.document({"keys": lines})
        else:
            tables.keys(lines)
        return Exit.DONE

    _with_ring(config, home, do, "keys list")


@app.command("add")
def add(config: ConfigOption = None, home: HomeOption = None) -> None:
    """Makes a new key, which writes from now on. What is sealed stays readable with the others."""

    async def do(ring: "Ring") -> Exit:
        console.say(
            f"key {await ring.add()} writes from now on; `ytempire keys rotate` seals everything with it"
        )
        return Exit.DONE

    _with_ring(config, home, do, "keys add")


@app.command("rotate")
def rotate(config: ConfigOption = None, home: HomeOption = None) -> None:
    """Seals everything with a new key.

    A worker may go on meanwhile. Run it again if it was broken off: it goes on where it was.
    """

    async def do(ring: "Ring") -> Exit:
        rotated = await ring.rotate()
        console.say(f"{rotated.resealed} texts are now sealed with key {rotated.key}")
        for each in rotated.unreadable:
            console.note(
                f"ytempire: the {each} cannot be opened and stays as it is; connect its account anew"
            )
        if not rotated.unreadable:
            console.say("the other keys can be retired: see `ytempire keys list`")
        return Exit.PARTLY if rotated.unreadable else Exit.DONE

    _with_ring(config, home, do, "keys rotate")


@app.command("retire")
def retire(
    key: Annotated[str, typer.Argument(metavar="KEY", help="The id of a key, from `keys list`.")],
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Takes a key away for ever. Refused while anything is sealed with it."""

    async def do(ring: "Ring") -> Exit:
        await ring.retire(key)
        console.say(f"key {key} is retired")
        return Exit.DONE

    _with_ring(config, home, do, "keys retire")


@app.command("forget")
def forget(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Forgets what only a lost key opens.

    To start over when it is lost for ever. Accounts are connected again afterwards; what is queued and published
    stays. With a copy of the key ring, put that back instead.
    """
    from ytempire.bootstrap.loss import loss, started_over

    settings = console.mended(lambda: load(config, home))
    found = console.run(lambda: loss(settings))
    if not found.keys and found.ring is None:
        console.say("every key that something is sealed with is here; there is nothing to forget")
        return
    if found.keys:
        _tell_loss(found)
        if not yes and not agreed("Forget what only it opens? This cannot be undone."):
            raise console.fail(Exit.FAILED, "nothing was changed")
    done = console.run(lambda: started_over(settings, found))
    if found.ring is not None:
        console.say(f"a new key ring is {found.ring}; back it up")
    if found.keys:
        console.say(f"{counted(done.texts, 'sealed text')} forgotten")
    if done.accounts:
        console.say(
            "next: `ytempire connect --all`, or `ytempire vault restore FILE` with a backup of the grants"
        )
    for name in done.webhooks:
        console.say(
            f"webhook {name} is disabled: `ytempire webhook rotate {name}`, give the receiver the new secret, "
            f"then `ytempire webhook enable {name}`"
        )


def _tell_loss(found: "Loss") -> None:
    """What would be forgotten."""
    console.note(
        f"ytempire: {counted(found.texts, 'text')} sealed with key {', '.join(found.keys)}, which is not here"
    )
    if found.accounts:
        console.note(f"ytempire: the grants of {', '.join(found.accounts)}, which are to be connected again")
    if found.webhooks:
        console.note(f"ytempire: the secrets of the webhooks {', '.join(found.webhooks)}")
    console.note("ytempire: with a copy of the key ring, or its passphrase, put that in place instead")


@app.command("protect")
def protect(
    remove: Annotated[bool, typer.Option("--remove", help="Take the passphrase off instead.")] = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Wraps the key file with a passphrase, or with another one.

    It is asked for, or taken from YTEMPIRE_NEW_PASSPHRASE. From then on every command needs it in
    YTEMPIRE_PASSPHRASE.
    """
    new = None if remove else a_passphrase(NEW_PASSPHRASE, "new passphrase of the key file", twice=True)

    async def do(ring: "Ring") -> Exit:
        if isinstance(new, Secret):
            await ring.protect(new)
            console.say("the key file is protected; give the passphrase in YTEMPIRE_PASSPHRASE from now on")
            console.note("ytempire: start a worker that runs now anew: without the passphrase it cannot seal")
        else:
            await ring.unprotect()
            console.say("the key file is no longer protected by a passphrase")
        return Exit.DONE

    _with_ring(config, home, do, "keys protect")
