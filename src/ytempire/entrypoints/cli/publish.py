"""`ytempire publish`: queue videos from files and manifests, and wait for them if asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ytempire.domain.drafts import FIELDS
from ytempire.domain.publication import License, Privacy
from ytempire.domain.values import StoreGone
from ytempire.entrypoints.cli import console, manifests, tables
from ytempire.entrypoints.cli.exits import Exit, of_publications
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption, load

if TYPE_CHECKING:
    from ytempire.domain.publication import Publication
    from ytempire.services.submit import Submission


MadeForKids = Annotated[
    bool | None,
    typer.Option(
        "--made-for-kids/--not-made-for-kids",
        help="Declare whether it is for children; sent as declared.",
    ),
]
SyntheticMedia = Annotated[
    bool | None,
    typer.Option(
        "--synthetic-media/--no-synthetic-media", help="Declare realistic altered or synthetic content."
    ),
]
NotifySubscribers = Annotated[
    bool | None,
    typer.Option("--notify-subscribers/--no-notify-subscribers", help="Notified if not given."),
]
Captions = Annotated[list[str] | None, typer.Option(metavar="LANGUAGE:FILE", help="May be repeated.")]
Playlists = Annotated[
    list[str] | None,
    typer.Option(metavar="PLAYLIST", help="A configured name, or an id. May be repeated."),
]
Files = Annotated[
    list[Path], typer.Argument(metavar="FILE...", help="Videos, and manifests (.csv, .jsonl, .yaml).")
]
NotBefore = Annotated[str | None, typer.Option(help="Do not upload before; ISO 8601 with a zone.")]
Again = Annotated[bool, typer.Option("--again", help="Publish the same content once more on purpose.")]


def publish(
    files: Files,
    title: Annotated[str | None, typer.Option(help="Title; without one, the name of the file.")] = None,
    description: Annotated[str | None, typer.Option(help="Up to 5,000 bytes of UTF-8.")] = None,
    tags: Annotated[str | None, typer.Option(help="Separated by commas.")] = None,
    category: Annotated[str | None, typer.Option(help="Category id, 22 if not given.")] = None,
    language: Annotated[str | None, typer.Option(help="BCP-47, like en or pt-BR.")] = None,
    privacy: Annotated[Privacy | None, typer.Option(help="Private if not given.")] = None,
    publish_at: Annotated[str | None, typer.Option(help="Private until then; ISO 8601 with a zone.")] = None,
    made_for_kids: MadeForKids = None,
    synthetic_media: SyntheticMedia = None,
    license: Annotated[License | None, typer.Option(help="youtube if not given.")] = None,  # noqa: A002  the field's own name
    notify_subscribers: NotifySubscribers = None,
    thumbnail: Annotated[Path | None, typer.Option(metavar="FILE", help="JPEG or PNG.")] = None,
    caption: Captions = None,
    playlist: Playlists = None,
    priority: Annotated[int | None, typer.Option(help="1 is most urgent, 10 least; 5 if not given.")] = None,
    not_before: NotBefore = None,
    deadline: Annotated[str | None, typer.Option(help="Hold it if not uploaded by then.")] = None,
    account: Annotated[str | None, typer.Option(help="Only this account.")] = None,
    group: Annotated[str | None, typer.Option(help="Only accounts of this group.")] = None,
    idempotency_key: Annotated[str | None, typer.Option(help="The same key never queues twice.")] = None,
    again: Again = False,
    wait: Annotated[bool, typer.Option("--wait", help="Work until all of it has come to rest.")] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
    home: HomeOption = None,
) -> None:
    """Queues videos for publishing, and with --wait publishes them.

    Everything wrong is told at once, and then nothing is queued.
    """
    given: dict[str, object] = dict(locals())
    settings = Place(config, home)
    raise SystemExit(console.run(lambda: _publish(files, given, settings, wait=wait, json=json)))


@dataclass(frozen=True, slots=True)
class Place:
    """Where the configuration and the home are, as given on the command line."""

    config: Path | None
    home: Path | None


async def _publish(
    files: list[Path], given: dict[str, object], place: Place, *, wait: bool, json: bool
) -> int:
    from ytempire.bootstrap import acting
    from ytempire.services.report import publication_document

    settings = load(place.config, place.home)
    drafts, problems = _drafts(files, _fields(given))
    async with acting(settings) as house:
        queued = await _submit(house.submission, drafts, problems)
        alone = not house.reading.worker_runs()
    documents = [publication_document(each) for each in queued]
    if not wait:
        _told(documents, json=json)
        if alone and any(each["state"] == "queued" for each in documents):
            console.note("no worker runs on this home: start `ytempire worker`, or publish with --wait")
        return Exit.DONE
    from ytempire.entrypoints.cli.waiting import until_at_rest

    try:
        outcome = await until_at_rest(settings, [each.id for each in queued])
    except StoreGone:
        for each in queued:
            console.note(f"{each.id} was accepted and goes on when `ytempire worker` runs")
        raise
    _told(outcome.documents, json=json)
    if not outcome.interrupted:
        return of_publications(outcome.documents)
    console.note("ytempire: interrupted; what is not finished goes on when `ytempire worker` runs")
    return Exit.INTERRUPTED


def _fields(given: dict[str, object]) -> dict[str, object]:
    """The options that describe a video, by the names of a draft's fields; those not given are left out."""
    named = {_PLURAL.get(name, name): value for name, value in given.items()}
    named["again"] = named["again"] or None
    plain = {name: str(value) if isinstance(value, Path) else value for name, value in named.items()}
    return {name: value for name, value in plain.items() if name in FIELDS and value not in (None, [])}


_PLURAL = {"caption": "captions", "playlist": "playlists"}


def _drafts(files: list[Path], named: dict[str, object]) -> tuple[list[manifests.Placed], list[str]]:
    """The drafts of all files, and what could not be read; manifests bring many."""
    from ytempire.domain.drafts import parse
    from ytempire.domain.values import Refused

    drafts: list[manifests.Placed] = []
    problems: list[str] = []
    for path in files:
        if manifests.is_manifest(path):
            found, wrong = manifests.read(path, named)
            drafts += found
            problems += wrong
            continue
        try:
            drafts.append(manifests.Placed(str(path), parse({**named, "file": str(path)})))
        except Refused as refused:
            problems += [f"{path}: {each.sentence()}" for each in refused.refusals]
    return drafts, problems + _repeated_keys(drafts)


def _repeated_keys(drafts: list[manifests.Placed]) -> list[str]:
    """A key stands for one publication, so two videos of one command cannot share it."""
    first: dict[str, str] = {}
    problems = []
    for place, draft in ((each.place, each.draft) for each in drafts):
        key = draft.idempotency_key
        if key is not None and key in first:
            problems.append(
                f"{place}: idempotency_key: {key!r} is used by {first[key]} too; give each its own"
            )
        elif key is not None:
            first[key] = place
    return problems


async def _submit(
    submission: "Submission", drafts: list[manifests.Placed], problems: list[str]
) -> list["Publication"]:
    """All or nothing; each problem is told with the file or row it is in."""
    from ytempire.services.submit import Rejected

    wanted = [each.draft for each in drafts]
    outcome = await (submission.examine(wanted) if problems else submission.submit_all(wanted))
    rejected = [each for each in outcome if isinstance(each, Rejected)]
    told = [
        f"{drafts[each.position].place}: {refusal.sentence()}"
        for each in rejected
        for refusal in each.refusals
    ]
    if problems or told:
        raise manifests.BadInput("\n".join([*problems, *told]))
    return [each for each in outcome if not isinstance(each, Rejected)]


def _told(documents: Sequence[dict[str, object]], *, json: bool) -> None:
    if json:
        console.document({"publications": documents})
        return
    for each in documents:
        why = each["reason"] if each["state"] == "held" or not each["url"] else None
        where = "  ".join(str(part) for part in (each["url"], why) if part)
        line = f"{each['id']}  {each['state']}  {each['account'] or '-'}  {each['title']}  {where}"
        console.say(tables.shown(line.rstrip()))
        for lack in tables.lacking(each):
            console.note(lack)
