"""`ytempire jobs`: look at publications and act on them."""

from typing import TYPE_CHECKING, Annotated

import typer

from ytempire.domain.lifecycle import State
from ytempire.domain.publication import ExtraState
from ytempire.domain.values import AccountId, PublicationId, Refused, VideoId
from ytempire.entrypoints.cli import console, error_tables, tables
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption, known_account, load
from ytempire.ports import Filter

if TYPE_CHECKING:
    from ytempire.bootstrap import Acting

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
            counts = {str(each): count for each, count in (await house.store.counts(wanted.account)).items()}
        if json:
            console.document({"publications": publications, "counts": counts})
        else:
            tables.publications(publications, counts)

    console.run(main)


@app.command("show")
def show(
    publication: Id,
    before: Annotated[
        int | None,
        typer.Option(metavar="NUMBER", min=1, help="Of its history, only what came before this event."),
    ] = None,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Shows one publication with its history.

    Of a long one the newest 1,000 events, and how many came before.
    """
    from ytempire.bootstrap import reading

    async def main() -> None:
        async with reading(load(config, home)) as house:
            document = await house.reports.publication(PublicationId(publication), before)
        if json:
            console.document(document)
        else:
            tables.publication(document)

    console.run(main)


@app.command("held")
def held(
    reason: Annotated[str | None, typer.Option(metavar="CODE", help="Only what is held for this.")] = None,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Shows what waits for a person.

    Why it is held, the evidence, and the commands that are possible.
    """
    from ytempire.bootstrap import reading
    from ytempire.services.inbox import Inbox

    async def main() -> None:
        async with reading(load(config, home)) as house:
            documents = await Inbox(house.store, house.clock).held(reason)
        if json:
            console.document({"publications": documents})
        else:
            error_tables.inbox(documents)

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
    publication: Annotated[
        str | None, typer.Argument(metavar="PUBLICATION", help="The id of a publication.")
    ] = None,
    held: Annotated[
        bool, typer.Option("--held", help="Everything that is held for the reason of --reason.")
    ] = False,
    reason: Annotated[str | None, typer.Option(metavar="CODE", help="The code of a reason.")] = None,
    extras: Annotated[
        bool, typer.Option("--extras", help="Only its failed thumbnail, captions and playlists.")
    ] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Puts a held or deferred publication back to work.

    One that was refused, failed or cancelled, or is a duplicate, stays; the same is queued under a new id.
    """
    from ytempire.bootstrap import acting
    from ytempire.entrypoints.cli.exits import Exit
    from ytempire.services.report import publication_document

    if (publication is None) != held or held != (reason is not None) or (held and extras):
        raise console.fail(
            Exit.USAGE, "say either PUBLICATION, perhaps with --extras, or --held --reason CODE"
        )

    async def main() -> None:
        which = PublicationId(publication or "")
        async with acting(load(config, home)) as house:
            retried = house.mending.retry_extras if extras else house.operating.retry
            done = await retried(which)
        _told(publication_document(done), json=json)
        if extras and any(extra.state is ExtraState.FAILED for extra in done.extras):
            raise typer.Exit(Exit.PARTLY)

    async def all_of_them() -> None:
        async with acting(load(config, home)) as house:
            done, refused = await house.operating.retry_held(reason or "")
            if not done and not refused:
                console.note(f"ytempire: nothing is held for {reason!r:.64}; {await _reasons(house)}")
        _told_all([publication_document(each) for each in done], refused, json=json)

    console.run(all_of_them if held else main)


@app.command("edit")
def edit(
    publication: Id,
    title: Annotated[str | None, typer.Option(help="1 to 100 characters.")] = None,
    description: Annotated[str | None, typer.Option(help="Up to 5,000 bytes of UTF-8.")] = None,
    tags: Annotated[str | None, typer.Option(help="Separated by commas; empty takes all away.")] = None,
    category: Annotated[str | None, typer.Option(help="Category id.")] = None,
    language: Annotated[str | None, typer.Option(help="BCP-47, like en or pt-BR.")] = None,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Changes what a published video says of itself at YouTube.

    What is not named stays as YouTube has it, and its visibility always.
    """
    from ytempire.bootstrap import acting
    from ytempire.domain.amendment import Amendment
    from ytempire.services.report import publication_document

    words = None if tags is None else tuple(filter(None, map(str.strip, tags.split(","))))
    amendment = Amendment(title, description, words, category, language)

    async def main() -> None:
        async with acting(load(config, home)) as house:
            done = await house.amending.amend(PublicationId(publication), amendment)
        if json:
            console.document(publication_document(done))
        else:
            console.say(f"{done.id}: its video has another {' and '.join(amendment.named())} now: {done.url}")

    console.run(main)


@app.command("resolve")
def resolve(
    publication: Id,
    adopt: Annotated[str | None, typer.Option(metavar="VIDEO_ID", help="It became this video.")] = None,
    reupload: Annotated[
        bool, typer.Option("--reupload", help="No video came of it: look once more, then upload again.")
    ] = False,
    reassign: Annotated[
        str | None,
        typer.Option(metavar="ACCOUNT", help="No video can have come of it: move it to this account."),
    ] = None,
    give_up: Annotated[bool, typer.Option("--give-up", help="Cancel it.")] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Resolves a hold, as a person decides.

    Adopt a video, upload again, move to another account, or give up.
    """
    from ytempire.bootstrap import acting
    from ytempire.entrypoints.cli.exits import Exit
    from ytempire.services.report import publication_document

    if sum((adopt is not None, reupload, reassign is not None, give_up)) != 1:
        choices = "--adopt VIDEO_ID, --reupload, --reassign ACCOUNT, --give-up"
        raise console.fail(Exit.USAGE, f"say exactly one of {choices}")
    which = PublicationId(publication)

    async def main() -> None:
        settings = load(config, home)
        async with acting(settings) as house:
            if adopt is not None:
                done = await house.operating.adopt(which, VideoId(adopt))
            elif reupload:
                done = await house.operating.reupload(which, house.reconciling)
            elif reassign is not None:
                account = AccountId(known_account(settings, reassign))
                done = await house.operating.reassign(which, account)
            else:
                done = await house.operating.cancel(which)
        _told(publication_document(done), json=json)

    console.run(main)


async def _reasons(house: "Acting") -> str:
    """For what publications are held, as words."""
    from collections import Counter

    from ytempire.services.inbox import waiting

    held = await waiting(house.reading.store)
    codes = Counter(each.reason.code for each in held if each.reason is not None)
    told = ", ".join(f"{code} ({number})" for code, number in sorted(codes.items()))
    return f"the reasons there are: {told}" if told else "nothing is held at all"


def _told_all(documents: list[dict[str, object]], refused: list[Refused], *, json: bool) -> None:
    """What is back at work; and what was refused, which makes it partly done."""
    from ytempire.entrypoints.cli.exits import Exit

    if json:
        console.document({"publications": documents, "refused": [str(each) for each in refused]})
    else:
        for document in documents:
            _told(document, json=False)
        console.say(f"{len(documents)} of {len(documents) + len(refused)} are back at work")
    for each in refused:
        console.note(f"ytempire: {each}")
    if refused:
        raise typer.Exit(Exit.PARTLY)


def _told(document: dict[str, object], *, json: bool) -> None:
    if json:
        console.document(document)
    else:
        console.say(f"{document['id']} is {document['state']}")
        for lack in tables.lacking(document):
            console.note(lack)
