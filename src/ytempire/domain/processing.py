"""What YouTube says of a video after its bytes have arrived, and whether it is as visible as was asked.

Fields and values: `videos` resource, status.uploadStatus, failureReason, rejectionReason and
processingDetails.processingStatus (discovery document, revision 20261104).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ytempire.domain.publication import Metadata, Privacy, Reason
from ytempire.domain.values import utc
from ytempire.domain.wire import part

PARTS = "snippet,status,processingDetails"
MAX_IDS = 50
"""Ids per videos.list call; customary, one unit however many."""

LONGEST_PROCESSING = timedelta(hours=12)

_CLOCK_SLACK = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Ready:
    """Processed. `differs` says in what way it is not as visible as was asked; None when it is."""

    differs: str | None


@dataclass(frozen=True, slots=True)
class Working:
    """YouTube is not done with it."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """YouTube failed on it or rejected it; `duplicate` when the channel already has this very file."""

    reason: Reason
    duplicate: bool = False


Verdict = Ready | Working | Rejected


def judge(video: Mapping[str, Any] | None, metadata: Metadata, *, now: datetime) -> Verdict:
    """The verdict on one item of videos.list, or on its absence (None: deleted, or taken down).

    `now` (aware UTC) tells whether a video that was given a moment to appear may be public already.
    """
    if video is None:
        message = "the video is not on the channel any more: deleted, or taken down"
        return Rejected(Reason("video_missing", message, ("look at the channel", "retry")))
    status = part(video, "status")
    upload = status.get("uploadStatus")
    processing = part(video, "processingDetails").get("processingStatus")
    if upload in ("failed", "rejected", "deleted") or processing == "failed":
        return _rejected(video, upload)
    if upload == "processed" or processing == "succeeded":
        return Ready(_difference(status, metadata, now))
    return Working()


def _rejected(video: Mapping[str, Any], upload: object) -> Rejected:
    status, details = part(video, "status"), part(video, "processingDetails")
    why = (
        status.get("rejectionReason")
        or status.get("failureReason")
        or details.get("processingFailureReason")
        or "it gave no reason"
    )
    if why == "duplicate":
        message = "YouTube says that this channel already has the very same file"
        return Rejected(Reason("duplicateUpload", message), duplicate=True)
    verb = upload if upload in ("rejected", "deleted") else "failed to process"
    remedy = "export the video again and submit it as a new one"
    return Rejected(Reason("processingFailed", f"YouTube {verb} the video: {why}", (remedy,)))


def _difference(status: Mapping[str, Any], metadata: Metadata, now: datetime) -> str | None:
    found, wished = status.get("privacyStatus"), metadata.publish_at
    if wished is None:
        return None if found == metadata.privacy else f"asked to be {metadata.privacy}, is {found}"
    if found == Privacy.PUBLIC and now >= wished - _CLOCK_SLACK:
        return None
    planned = _moment(status.get("publishAt"))
    if found == Privacy.PRIVATE and planned == wished.replace(microsecond=0):
        return None
    return f"asked to appear at {wished.isoformat()}, is {found} with publishAt {planned}"


def _moment(text: object) -> datetime | None:
    try:
        return utc(datetime.fromisoformat(str(text))).replace(microsecond=0)
    except ValueError:
        return None


def poll_delay(waited: timedelta, *, base: timedelta) -> timedelta:
    """The next look at a video that is being processed: soon at first, then at a sixth of its waiting time."""
    return max(base, min(waited / 6, timedelta(minutes=10)))
