"""The resumable upload as a conversation: from the state comes the next request, from the reply the state.

Protocol: developers.google.com/youtube/v3/guides/using_resumable_upload_protocol. The one rule everything
follows from: the server's offset is the only offset. Whatever is in doubt is asked (`bytes */total`), never
guessed; and a session that says it is finished has made the video, whoever sent the last byte.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ytempire.domain.values import VideoId
from ytempire.domain.wire import Answer, Ask, NoReply, Piece, Reply

GRANULE = 262_144
"""Pieces that are not the last must be multiples of 256 KiB (upload protocol guide)."""

MAX_TURNS_WITHOUT_PROGRESS = 4
"""After so many replies in a row that move nothing, the conversation is left to the retry budget."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """A session in conversation. `offset` None means: in doubt, ask. Sizes and offsets in bytes.

    `piece` is the size of one request's body; None sends all that is left in one. `idle` counts turns
    without progress, `reached` is the furthest offset YouTube ever acknowledged. The address is never shown.
    """

    uri: str = field(repr=False)
    path: str
    mime: str
    total: int
    offset: int | None = None
    piece: int | None = None
    idle: int = 0
    reached: int = 0


@dataclass(frozen=True, slots=True)
class Going:
    """The conversation goes on from this state."""

    transfer: Transfer


@dataclass(frozen=True, slots=True)
class Finished:
    """The video exists; `resource` is what YouTube said of it."""

    video_id: VideoId
    resource: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SessionGone:
    """The session can no longer be used (404 or 410)."""

    transfer: Transfer


@dataclass(frozen=True, slots=True)
class Unproven:
    """The session claims success without naming a video: something else answered, or an id was lost."""

    transfer: Transfer


@dataclass(frozen=True, slots=True)
class Troubled:
    """The reply is a fault that `faults.read` must name. The offset is in doubt."""

    transfer: Transfer
    answer: Answer


Turn = Going | Finished | SessionGone | Unproven | Troubled


def next_request(transfer: Transfer) -> Ask | Piece:
    """What to send next: ask when in doubt, or when everything is said to be there; else the next bytes."""
    if transfer.offset is None or transfer.offset >= transfer.total:
        return Ask(transfer.uri, transfer.total)
    end = transfer.total
    if transfer.piece is not None:
        whole = max(GRANULE, transfer.piece - transfer.piece % GRANULE)
        end = min(transfer.total, transfer.offset + whole)
    return Piece(transfer.uri, transfer.path, transfer.mime, transfer.offset, end, transfer.total)


def read_reply(transfer: Transfer, answer: Answer) -> Turn:
    """What a reply to an `Ask` or a `Piece` means for the conversation."""
    doubtful = replace(transfer, offset=None)
    if isinstance(answer, NoReply):
        return Troubled(doubtful, answer)
    if answer.status in (200, 201):
        return _completed(doubtful, answer)
    if answer.status == 308:
        return _moved(transfer, answer)
    if answer.status in (404, 410):
        return SessionGone(doubtful)
    return Troubled(doubtful, answer)


def _completed(transfer: Transfer, reply: Reply) -> Turn:
    resource = reply.json()
    video_id = resource.get("id")
    if isinstance(video_id, str) and video_id:
        return Finished(VideoId(video_id), resource)
    return Unproven(transfer)


def _moved(transfer: Transfer, reply: Reply) -> Turn:
    """A 308: go on from where the server says it is, even when that is behind what it said before."""
    offset = stored_bytes(reply.headers.get("range"))
    idle = 0 if offset is not None and offset > transfer.reached else transfer.idle + 1
    uncertain = offset is None or offset > transfer.total or (offset == transfer.total and idle)
    moved = replace(
        transfer,
        offset=None if uncertain else offset,
        idle=idle,
        reached=max(transfer.reached, 0 if uncertain else offset or 0),
    )
    return Troubled(moved, reply) if idle >= MAX_TURNS_WITHOUT_PROGRESS else Going(moved)


_RANGE = re.compile(r"bytes\s*[=:]?\s*0-(\d{1,15})$")


def stored_bytes(header: str | None) -> int | None:
    """How many bytes a `Range` header says are stored; 0 without one, None when it makes no sense."""
    if header is None:
        return 0
    found = _RANGE.match(header.strip())
    return int(found[1]) + 1 if found else None
