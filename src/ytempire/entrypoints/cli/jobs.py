"""`ytempire jobs`: look at publications and act on them."""

from typing import Annotated

import typer

from ytempire.domain.lifecycle import State
from ytempire.domain.values import AccountId, PublicationId, VideoId
from ytempire.entrypoints.cli import console, tables
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption, known_account, load
from ytempire.ports import Filter

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
Id = Annotated[str, typer.Argument(metavar="PUBLICATION", help="The id of a publication.")]


@app.command("list")
def list_jobs(
    state: Annotated[list[State] | None, typer.Option(help="Only these states.")] = None,
    account: Annotated[str | None, typer.Option(help="Only this account.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, newest first.")] = 100,
    before: Annotated[str | None, typer.Option(help="Only those older than this publication.")] = None,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Lists publications, newest first."""
    from ytempire.bootstrap import reading

    async def main() -> None:
        settings = load(config, home)
        wanted = Filter(
            frozenset(state or ()),
            AccountId(known_account(settings, account)) if account else None,
            PublicationId(before) if before else None,
            limit,
        )
        async with reading(settings) as house:
            if before:
                await house.reports.publication(PublicationId(before))
            publications = await house.reports.publications(wanted)
            counts = {str(each): count for each, count in (await house.store.counts()).items()}
        if json:
            console.document({"publications": publications, "counts": counts})
        else:
            tables.publications(publications, counts)

    console.run(main)


@app.command("show")
def show(
    publication: Id, json: JsonOption = False, config: ConfigOption = None, home: HomeOption = None
) -> None:
    """Shows one publication with its whole history."""
    from ytempire.bootstrap import reading

    async def main() -> None:
        async with reading(load(config, home)) as house:
            document = await house.reports.publication(PublicationId(publication))
        if json:
            console.document(document)
        else:
            tables.publication(document)

    console.run(main)


@app.command("cancel")
def cancel(
    publication: Id, json: JsonOption = False, config: ConfigOption = None, home: HomeOption = None
) -> None:
    """Gives a publication up.

    One that is uploading stops before its last bytes, or not at all; what has arrived cannot be cancelled.
    """
    from ytempire.bootstrap import acting
    from ytempire.services.report import publication_document

    async def main() -> None:
        async with acting(load(config, home)) as house:
            done = await house.operating.cancel(PublicationId(publication))
        _told(publication_document(done), json=json)

    console.run(main)


@app.command("retry")
def retry(
    publication: Id, json: JsonOption = False, config: ConfigOption = None, home: HomeOption = None
) -> None:
    """Puts a held or deferred publication back to work.

    One that was refused, failed or cancelled, or is a duplicate, stays; the same is queued under a new id.
    """
    from ytempire.bootstrap import acting
    from ytempire.services.report import publication_document

    async def main() -> None:
        async with acting(load(config, home)) as house:
            done = await house.operating.retry(PublicationId(publication))
        _told(publication_document(done), json=json)

    console.run(main)


@app.command("resolve")
def resolve(
    publication: Id,
    adopt: Annotated[str | None, typer.Option(metavar="VIDEO_ID", help="It became this video.")] = None,
    reupload: Annotated[
        bool, typer.Option("--reupload", help="No video came of it: look once more, then upload again.")
    ] = False,
    give_up: Annotated[bool, typer.Option("--give-up", help="Cancel it.")] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Resolves a hold: adopt a video, upload again, or give up."""
    from ytempire.bootstrap import acting
    from ytempire.entrypoints.cli.exits import Exit
    from ytempire.services.report import publication_document

    if sum((adopt is not None, reupload, give_up)) != 1:
        raise console.fail(Exit.USAGE, "say exactly one of --adopt VIDEO_ID, --reupload, --give-up")
    which = PublicationId(publication)

    async def main() -> None:
        async with acting(load(config, home)) as house:
            if adopt is not None:
                done = await house.operating.adopt(which, VideoId(adopt))
            elif reupload:
                done = await house.operating.reupload(which, house.reconciling)
            else:
                done = await house.operating.cancel(which)
        _told(publication_document(done), json=json)

    console.run(main)


def _told(document: dict[str, object], *, json: bool) -> None:
    if json:
        console.document(document)
    else:
        console.say(f"{document['id']} is {document['state']}")
