"""`ytempire publish`: queue videos from files and manifests, and wait for them if asked."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ytempire.domain.drafts import FIELDS
from ytempire.domain.publication import License, Privacy
from ytempire.entrypoints.cli import console, manifests
from ytempire.entrypoints.cli.exits import Exit, of_publications
from ytempire.entrypoints.cli.options import ConfigOption, HomeOption, JsonOption, load


if TYPE_CHECKING:
    from ytempire.domain.drafts import Draft
    from ytempire.domain.publication import Publication
    from ytempire.services.submit import Submission


def publish(  # noqa: PLR0913  one option for each field a video may have
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Videos, and manifests (.csv, .jsonl, .yaml).")
    ],
    title: Annotated[str | None, typer.Option(help="Title; without one, the name of the file.")] = None,
    description: Annotated[str | None, typer.Option(help="Up to 5,000 bytes of UTF-8.")] = None,
    tags: Annotated[str | None, typer.Option(help="Separated by commas.")] = None,
    category: Annotated[str | None, typer.Option(help="Category id, 22 if not given.")] = None,
    language: Annotated[str | None, typer.Option(help="BCP-47, like en or pt-BR.")] = None,
    privacy: Annotated[Privacy | None, typer.Option(help="Private if not given.")] = None,
    publish_at: Annotated[str | None, typer.Option(help="Private until then; ISO 8601 with a zone.")] = None,
    made_for_kids: Annotated[
        bool | None,
        typer.Option(
            "--made-for-kids/--not-made-for-kids",
            help="Declare whether it is for children; sent as declared.",
        ),
    ] = None,
    synthetic_media: Annotated[
        bool | None,
        typer.Option(
            "--synthetic-media/--no-synthetic-media", help="Declare realistic altered or synthetic content."
        ),
    ] = None,
    license: Annotated[License | None, typer.Option(help="youtube if not given.")] = None,  # noqa: A002  the field's own name
    notify_subscribers: Annotated[
        bool | None,
        typer.Option("--notify-subscribers/--no-notify-subscribers", help="Notified if not given."),
    ] = None,
    thumbnail: Annotated[Path | None, typer.Option(metavar="FILE", help="JPEG or PNG.")] = None,
    caption: Annotated[
        list[str] | None, typer.Option(metavar="LANGUAGE:FILE", help="May be repeated.")
    ] = None,
    playlist: Annotated[
        list[str] | None,
        typer.Option(metavar="PLAYLIST", help="A configured name, or an id. May be repeated."),
    ] = None,
    priority: Annotated[int | None, typer.Option(help="1 is most urgent, 10 least; 5 if not given.")] = None,
    not_before: Annotated[
        str | None, typer.Option(help="Do not upload before; ISO 8601 with a zone.")
    ] = None,
    deadline: Annotated[str | None, typer.Option(help="Hold it if not uploaded by then.")] = None,
    account: Annotated[str | None, typer.Option(help="Only this account.")] = None,
    group: Annotated[str | None, typer.Option(help="Only accounts of this group.")] = None,
    idempotency_key: Annotated[str | None, typer.Option(help="The same key never queues twice.")] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Publish the same content once more on purpose.")
    ] = False,
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
    drafts = _drafts(files, _fields(given))
    async with acting(settings) as house:
        queued = await _submit(house.submission, drafts)
    documents = [publication_document(each) for each in queued]
    if wait:
        from ytempire.entrypoints.cli.waiting import until_at_rest

        documents = await until_at_rest(settings, [each.id for each in queued])
    _told(documents, json=json)
    return of_publications(documents) if wait else Exit.DONE


def _fields(given: dict[str, object]) -> dict[str, object]:
    """The options that describe a video, by the names of a draft's fields; those not given are left out."""
    named = {_PLURAL.get(name, name): value for name, value in given.items()}
    named["again"] = named["again"] or None
    plain = {name: str(value) if isinstance(value, Path) else value for name, value in named.items()}
    return {name: value for name, value in plain.items() if name in FIELDS and value not in (None, [])}


_PLURAL = {"caption": "captions", "playlist": "playlists"}


def _drafts(files: list[Path], named: dict[str, object]) -> list[tuple[str, "Draft"]]:
    """The drafts of all files; manifests bring many."""
    from ytempire.domain.drafts import parse
    from ytempire.domain.values import Refused

    drafts: list[tuple[str, Draft]] = []
    problems: list[str] = []
    for path in files:
        try:
            if manifests.is_manifest(path):
                drafts += manifests.read(path, named)
            else:
                drafts.append((str(path), parse({**named, "file": str(path)})))
        except manifests.BadManifest as bad:
            problems += str(bad).splitlines()
        except Refused as refused:
            problems += [each.sentence() for each in refused.refusals]
    if problems:
        raise manifests.BadManifest("\n".join(problems))
    return drafts


async def _submit(submission: "Submission", drafts: list[tuple[str, "Draft"]]) -> list["Publication"]:
    """All or nothing; each problem is told with the file or row it is in."""
    from ytempire.services.submit import Rejected

    outcome = await submission.submit_all([draft for _, draft in drafts])
    queued, problems = [], []
    for each in outcome:
        if isinstance(each, Rejected):
            place = drafts[each.position][0]
            problems += [f"{place}: {refusal.sentence()}" for refusal in each.refusals]
        else:
            queued.append(each)
    if problems:
        raise manifests.BadManifest("\n".join(problems))
    return queued


def _told(documents: list[dict[str, object]], *, json: bool) -> None:
    if json:
        console.document({"publications": documents})
        return
    for each in documents:
        where = each["url"] or each["reason"] or ""
        console.say(
            f"{each['id']}  {each['state']}  {each['account'] or '-'}  {each['title']}  {where}".rstrip()
        )
