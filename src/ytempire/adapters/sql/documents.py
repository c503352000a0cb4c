"""Values that are stored as JSON documents, and back: requests, reasons, extras, lists of ids.

A document is pure ASCII (everything else escaped), so that any text a person can type survives any database.
"""

import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from ytempire.domain.files import FileIdentity, StoredFile
from ytempire.domain.publication import (
    Caption,
    Extra,
    ExtraKind,
    ExtraState,
    License,
    Metadata,
    Privacy,
    Reason,
    Request,
    Target,
)

_write = json.JSONEncoder(separators=(",", ":")).encode
_CACHED = 512


def document(value: object) -> str:
    """Plain JSON values as a document."""
    return _write(value)


def plain(text: str) -> Any:
    """The plain JSON values of a document."""
    return json.loads(text)


def moment_text(moment: datetime) -> str:
    """A moment as fixed-width text in UTC, so that the order of texts is the order of time."""
    universal = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return universal.isoformat(timespec="microseconds")


def optional_text(moment: datetime | None) -> str | None:
    """A moment as text, or None."""
    return None if moment is None else moment_text(moment)


def moment(text: str) -> datetime:
    """The moment that a stored text means, aware, in UTC."""
    return datetime.fromisoformat(text)


def optional_moment(text: str | None) -> datetime | None:
    """The moment that a stored text means, or None."""
    return None if text is None else datetime.fromisoformat(text)


def request_document(request: Request) -> str:
    """A request as a document."""
    return document(
        {
            "video": _file(request.video),
            "mime": request.mime,
            "metadata": _metadata(request.metadata),
            "thumbnail": _file(request.thumbnail) if request.thumbnail else None,
            "captions": [[_file(each.file), each.language, each.name] for each in request.captions],
            "playlists": request.playlists,
            "target": [request.target.account, request.target.group],
            "priority": request.priority,
            "not_before": optional_text(request.not_before),
            "deadline": optional_text(request.deadline),
            "idempotency_key": request.idempotency_key,
            "again": request.again,
            "duration_ms": request.duration_ms,
        }
    )


@lru_cache(_CACHED)
def request_of(text: str) -> Request:
    """The request of a document. A request never changes, so that one reading serves many."""
    it = plain(text)
    account, group = it["target"]
    return Request(
        video=_file_of(it["video"]),
        mime=it["mime"],
        metadata=_metadata_of(it["metadata"]),
        thumbnail=_file_of(it["thumbnail"]) if it["thumbnail"] else None,
        captions=tuple(Caption(_file_of(file), language, name) for file, language, name in it["captions"]),
        playlists=tuple(it["playlists"]),
        target=Target(account, group),
        priority=it["priority"],
        not_before=optional_moment(it["not_before"]),
        deadline=optional_moment(it["deadline"]),
        idempotency_key=it["idempotency_key"],
        again=it["again"],
        duration_ms=it.get("duration_ms"),
    )


def _file(file: StoredFile) -> list[object]:
    who = file.identity
    return [file.path, file.sha256, who.device, who.inode, who.size, who.modified_ns, who.changed_ns]


def _file_of(parts: list[Any]) -> StoredFile:
    path, sha256, *identity = parts
    return StoredFile(path, sha256, FileIdentity(*identity))


def _metadata(it: Metadata) -> dict[str, object]:
    return {
        "title": it.title,
        "description": it.description,
        "tags": it.tags,
        "category": it.category,
        "language": it.language,
        "privacy": it.privacy,
        "publish_at": optional_text(it.publish_at),
        "made_for_kids": it.made_for_kids,
        "synthetic_media": it.synthetic_media,
        "license": it.license,
        "notify_subscribers": it.notify_subscribers,
    }


def _metadata_of(it: dict[str, Any]) -> Metadata:
    exact = {
        "tags": tuple(it["tags"]),
        "privacy": Privacy(it["privacy"]),
        "publish_at": optional_moment(it["publish_at"]),
        "license": License(it["license"]),
    }
    return Metadata(**(it | exact))


def reason_document(reason: Reason | None) -> str | None:
    """A reason as a document, or None."""
    return None if reason is None else document([reason.code, reason.message, reason.remedies])


def reason_of(text: str | None) -> Reason | None:
    """The reason of a document, or None."""
    if text is None:
        return None
    code, message, remedies = plain(text)
    return Reason(code, message, tuple(remedies))


def extras_document(extras: tuple[Extra, ...]) -> str:
    """The extras of a publication as one document, in their order; what a person asked for again says so."""
    return document(
        [
            [each.kind, each.index, each.state, each.tries, optional_text(each.due), each.reason]
            + ([] if each.asked is None else [each.asked])
            for each in extras
        ]
    )


def extras_of_document(text: str) -> tuple[Extra, ...]:
    """The extras of a document, in their order."""
    return tuple(
        Extra(ExtraKind(kind), index, ExtraState(state), tries, optional_moment(due), reason, *asked)
        for kind, index, state, tries, due, reason, *asked in plain(text)
    )
