"""`ytempire webhook`: receivers of events over HTTP: their secrets, how they stand, and what they have missed."""

from typing import TYPE_CHECKING, Annotated

import typer

from ytempire.entrypoints.cli import console, tables
from ytempire.entrypoints.cli.exits import Exit
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption, load

if TYPE_CHECKING:
    from ytempire.domain.values import Secret

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The name of a section [webhooks.NAME].")]


@app.command("list")
def list_webhooks(json: JsonOption = False, config: ConfigOption = None, home: HomeOption = None) -> None:
    """Lists receivers: what they get, and how they stand.

    How much waits for each, and how much died, too.
    """

    async def main() -> list[dict[str, object]]:
        from ytempire.bootstrap import reading
        from ytempire.bootstrap.webhooks import webhook_reports

        settings = load(config, home)
        async with reading(settings) as house:
            return await webhook_reports(settings, house.store, house.clock).listed()

    found = console.run(main)
    if json:
        console.document({"webhooks": found})
        return
    columns = ("webhook", "state", "receiver", "waiting", "delivered", "dead")
    tables.table(columns, [[tables.shown(str(row[name])) for name in columns] for row in found])


@app.command("add")
def add(
    name: NameArgument, json: JsonOption = False, config: ConfigOption = None, home: HomeOption = None
) -> None:
    """Makes the secret of a configured receiver and shows it, this once.

    It is kept sealed in the vault. Events are sent from now on.
    """

    async def main() -> "Secret":
        from ytempire.bootstrap import acting
        from ytempire.bootstrap.webhooks import webhook_desk

        settings = load(config, home)
        async with acting(settings) as house:
            return await webhook_desk(settings, house.context).add(name)

    _show(name, console.run(main), json=json)


@app.command("rotate")
def rotate(
    name: NameArgument,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="The old secret signs no longer: it is known to others.")
    ] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Makes another secret and shows it, this once.

    Both sign for 24 hours, so that the receiver can be changed meanwhile.
    """

    async def main() -> "Secret":
        from ytempire.bootstrap import acting
        from ytempire.bootstrap.webhooks import webhook_desk

        settings = load(config, home)
        async with acting(settings) as house:
            return await webhook_desk(settings, house.context).rotate(name, at_once=at_once)

    _show(name, console.run(main), json=json)


@app.command("test")
def try_receiver(
    name: NameArgument, json: JsonOption = False, config: ConfigOption = None, home: HomeOption = None
) -> None:
    """Sends a signed test message, once, and tells what came back."""

    async def main() -> dict[str, object]:
        from ytempire.bootstrap import acting
        from ytempire.bootstrap.webhooks import webhook_desk

        settings = load(config, home)
        async with acting(settings) as house:
            return await webhook_desk(settings, house.context).test(name)

    told = console.run(main)
    if json:
        console.document(told)
    else:
        console.say(f"{name}: {'delivered' if told['delivered'] else tables.shown(str(told['error']))}")
    raise SystemExit(Exit.DONE if told["delivered"] else Exit.FAILED)


@app.command("enable")
def enable(
    name: NameArgument, json: JsonOption = False, config: ConfigOption = None, home: HomeOption = None
) -> None:
    """Serves a receiver again that had answered 410.

    It gets the events from now on.
    """

    async def main() -> None:
        from ytempire.bootstrap import acting
        from ytempire.bootstrap.webhooks import webhook_desk

        settings = load(config, home)
        async with acting(settings) as house:
            await webhook_desk(settings, house.context).enable(name)

    console.run(main)
    _done({"webhook": name, "state": "active"}, f"{name} is served again", json=json)


@app.command("remove")
def remove(
    name: NameArgument, json: JsonOption = False, config: ConfigOption = None, home: HomeOption = None
) -> None:
    """Forgets a receiver: its secret, and what waits for it.

    Take its section out of the configuration too.
    """

    async def main() -> None:
        from ytempire.bootstrap import acting
        from ytempire.bootstrap.webhooks import webhook_desk

        settings = load(config, home)
        async with acting(settings) as house:
            await webhook_desk(settings, house.context).remove(name)

    console.run(main)
    _done({"webhook": name, "state": "removed"}, f"{name} is removed", json=json)


@app.command("dead")
def dead(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Only of this receiver.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, newest first.")] = 100,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Lists messages that were given up, newest first."""

    async def main() -> list[dict[str, object]]:
        from ytempire.bootstrap import reading
        from ytempire.bootstrap.webhooks import webhook_reports

        settings = load(config, home)
        async with reading(settings) as house:
            return await webhook_reports(settings, house.store, house.clock).dead(name, limit)

    found = console.run(main)
    if json:
        console.document({"messages": found})
        return
    columns = ("id", "webhook", "kind", "tries", "made_at", "error")
    tables.table(columns, [[tables.shown(str(row[name])) for name in columns] for row in found])


@app.command("replay")
def replay(
    name: NameArgument,
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Only these messages; else all dead ones.")
    ] = None,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Lets messages that were given up wait again, under their old ids."""

    async def main() -> int:
        from ytempire.bootstrap import acting
        from ytempire.bootstrap.webhooks import webhook_desk

        settings = load(config, home)
        async with acting(settings) as house:
            return await webhook_desk(settings, house.context).replay(name, ids or ())

    count = console.run(main)
    noun = "message" if count == 1 else "messages"
    _done({"webhook": name, "replayed": count}, f"{count} {noun} for {name} wait again", json=json)


def _show(name: str, secret: "Secret", *, json: bool) -> None:
    if json:
        console.document({"webhook": name, "secret": secret.reveal()})
    else:
        console.note(f"ytempire: this is the secret that signs for {name}; it is not shown again:")
        console.say(secret.reveal())


def _done(told: dict[str, object], sentence: str, *, json: bool) -> None:
    if json:
        console.document(told)
    else:
        console.say(sentence)
