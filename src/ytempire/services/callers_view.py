"""What a caller of the API is shown of publications: theirs only, and no path of this machine."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from ytempire.domain.callers import Caller
from ytempire.domain.events import Event
from ytempire.domain.publication import Publication
from ytempire.domain.values import AccountId, PublicationId, Refusal, Refused
from ytempire.ports import Filter, Store
from ytempire.services.documents import Document
from ytempire.services.received import SCHEME
from ytempire.services.report import Reports, event_document, publication_document

_PAGE = 500
_MOST_PAGES = 10
_PATH = re.compile(r"(?<![\w:/.])/(?:[^/\s]+/)+")
View = frozenset[AccountId] | None
"""The accounts that somebody is shown; None: all."""


def account_of(publication: Publication) -> AccountId | None:
    """The account that a publication is on, or is wanted for."""
    return publication.account or publication.request.target.account


async def seen_events(store: Store, events: Iterable[tuple[int, Event]], view: View) -> list[Document]:
    """The events that a view shows, without paths."""
    whose: dict[PublicationId, AccountId | None] = {}
    found = []
    for number, event in events:
        account = event.account
        if view is not None and account is None and event.publication is not None:
            if event.publication not in whose:
                publication = await store.publication(event.publication)
                whose[event.publication] = account_of(publication) if publication else None
            account = whose[event.publication]
        if view is None or account in view:
            found.append(pathless(_of_theirs(event_document(number, event), view)))
    return found


def _of_theirs(document: Document, view: View) -> Document:
    """An event without the accounts that were weighed and are not in the view."""
    data = document["data"]
    if view is None or not isinstance(data, Mapping) or not data.get("candidates"):
        return document
    return document | {"data": {**data, "candidates": _weighed(data["candidates"], view)}}


def _weighed(candidates: object, view: View) -> list[Document]:
    """Those of the accounts that were weighed which a view shows."""
    every: list[Document] = candidates if isinstance(candidates, list) else []
    return [each for each in every if view is None or each["account"] in view]


def pathless(document: Document) -> Document:
    """A document in whose sentences files have their last names alone."""
    return {name: _last_names(value) for name, value in document.items()}


def _last_names(value: object) -> object:
    if isinstance(value, str):
        return _PATH.sub("", value)
    if isinstance(value, list | tuple):
        return [_last_names(each) for each in value]
    if isinstance(value, dict):
        return {name: _last_names(each) for name, each in value.items()}
    return value


@dataclass(frozen=True, slots=True)
class Shown:
    """A publication as it is told, its version, and the name of this very state of it; where an earlier part of its
    story is told, the number of that follows after a dash.
    """

    document: Document
    version: int
    tag: str


@dataclass(frozen=True, slots=True)
class CallersView:
    """Publications for one caller. What is not theirs is not there."""

    store: Store
    reports: Reports
    caller: Caller

    async def page(self, wanted: Filter) -> tuple[list[Document], PublicationId | None]:
        """Publications, newest first, and from where to go on when there may be more.

        Of many that are not theirs only so many are looked through at a time, so there may be few, or none, and more.
        """
        found: list[Publication] = []
        before, stride = wanted.before, wanted.limit if self.caller.accounts is None else _PAGE
        for _ in range(_MOST_PAGES):
            some = await self.store.publications(replace(wanted, before=before, limit=stride))
            found += [each for each in some if self.caller.sees(account_of(each))]
            before = some[-1].id if len(some) == stride else None
            if before is None or len(found) >= wanted.limit:
                break
        shown = found[: wanted.limit]
        more = shown[-1].id if len(shown) == wanted.limit else before
        return [shown_document(each) for each in shown], more

    async def one(self, which: PublicationId, before: int | None = None) -> Shown:
        """A publication with the newest of its history, below the event `before` if that is given, and the choice of
        its account. Raises `Refused` when there is none.
        """
        publication = await self.publication(which)
        history, earlier = await self.store.story(which, before=before)
        explained = await self._explained(which)
        told = [_of_theirs(event_document(number, event), self.caller.accounts) for number, event in history]
        events = [pathless(_without_path(each, publication)) for each in told]
        newest = history if before is None else (await self.store.story(which, limit=1))[0]
        document = shown_document(publication) | {
            "sha256": publication.request.video.sha256,
            "request": request_document(publication),
            "history": events,
            "earlier": earlier,
            "explanation": {"at": explained["at"], "candidates": explained["candidates"]},
        }
        state = f"{publication.version}-{newest[-1][0] if newest else 0}"
        return Shown(document, publication.version, f'"{state}{"" if before is None else f"-{before}"}"')

    async def explanation(self, which: PublicationId) -> Document:
        """The last choice of an account, of those that are theirs. Raises `Refused` like `publication`."""
        await self.publication(which)
        return await self._explained(which)

    async def _explained(self, which: PublicationId) -> Document:
        found = await self.reports.explanation(which)
        return found | {"candidates": _weighed(found["candidates"], self.caller.accounts)}

    async def publication(self, which: PublicationId) -> Publication:
        """A publication itself. Raises `Refused` when there is none, or it is not theirs."""
        found = await self.store.publication(which)
        if found is None or not self.caller.sees(account_of(found)):
            raise Refused(
                Refusal(
                    "publication", "publication_unknown", f"there is no {which}", "list them to see which are"
                )
            )
        return found


def shown_document(publication: Publication) -> Document:
    """A publication as `jobs list` tells it, with the name of its file instead of its path."""
    document = publication_document(publication) | {"file": name_of(publication.request.video.path)}
    return _without_path(document, publication)


def request_document(publication: Publication) -> Document:
    """What was asked for, in the words of a manifest."""
    request, metadata = publication.request, publication.request.metadata
    moments = {
        "publish_at": metadata.publish_at,
        "not_before": request.not_before,
        "deadline": request.deadline,
    }
    return {
        "title": metadata.title,
        "description": metadata.description,
        "tags": list(metadata.tags),
        "category": metadata.category,
        "language": metadata.language,
        "privacy": str(metadata.privacy),
        "made_for_kids": metadata.made_for_kids,
        "synthetic_media": metadata.synthetic_media,
        "license": str(metadata.license),
        "notify_subscribers": metadata.notify_subscribers,
        "thumbnail": name_of(request.thumbnail.path) if request.thumbnail else None,
        "captions": [
            {"file": name_of(each.file.path), "language": each.language, "name": each.name}
            for each in request.captions
        ],
        "playlists": list(request.playlists),
        "priority": request.priority,
        "account": request.target.account,
        "group": request.target.group,
        "again": request.again,
        **{name: each.isoformat() if each else None for name, each in moments.items()},
    }


def name_of(path: str) -> str:
    """The name under which a caller knows a file: `upload:ID` for one that was sent, else its last part."""
    parts = PurePosixPath(path)
    received = parts.parent.name == "incoming" and parts.name.startswith("upl_")
    return f"{SCHEME}{parts.name}" if received else parts.name


def _without_path(document: Document, publication: Publication) -> Document:
    """A document in which files have their names instead of their paths, also within sentences."""
    request = publication.request
    captions = [each.file for each in request.captions]
    files = [file.path for file in (request.video, request.thumbnail, *captions) if file is not None]
    names = {path: name_of(path) for path in files}
    return {name: _renamed(value, names) for name, value in document.items()}


def _renamed(value: object, names: Mapping[str, str]) -> object:
    if isinstance(value, str):
        for path, name in names.items():
            value = value.replace(path, name)
        return value
    if isinstance(value, list | tuple):
        return [_renamed(each, names) for each in value]
    if isinstance(value, dict):
        return {name: _renamed(each, names) for name, each in value.items()}
    return value
