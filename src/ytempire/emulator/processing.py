"""What a video looks like at a moment: processing, scheduled publishing, and the resource that callers see.

States are worked out from the clock when somebody looks; nothing runs in the background.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from ytempire.emulator.faults import FaultKind, FaultRule
from ytempire.emulator.journal import EventKind
from ytempire.emulator.metadata import parse_time
from ytempire.emulator.world import Json, Upload, Video, World

OWNER_PARTS = frozenset({"processingDetails", "fileDetails", "suggestions"})


def rfc3339(when: datetime) -> str:
    """A moment as the API writes it: UTC with Z."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def add_video(
    world: World,
    upload: Upload,
    channel_id: str,
    now: datetime,
    *,
    size: int,
    sha256: str,
    fault: FaultRule | None,
) -> Video:
    """A new video on a channel, with its fate decided, and its line in the journal."""
    fate, reason = _fate(world, channel_id, size, sha256, fault)
    status = upload.metadata["status"]
    public = status["privacyStatus"] == "public"
    video = Video(
        id=world.clock.letters(11),
        channel_id=channel_id,
        metadata=upload.metadata,
        size=size,
        sha256=sha256,
        file_name=upload.file_name,
        completed_at=now,
        ready_at=now + timedelta(seconds=world.processing_seconds),
        fate=fate,
        fate_reason=reason,
        publish_at=parse_time(status.get("publishAt")),
        published_at=now if public else None,
    )
    world.videos[video.id] = video
    world.journal.record(
        EventKind.VIDEO_COMPLETED,
        video=video.id,
        channel=channel_id,
        account=upload.account,
        title=video.title,
        size=size,
        sha256=sha256,
        privacy=status["privacyStatus"],
        publish_at=status.get("publishAt"),
        fate=fate,
        fate_reason=reason,
    )
    return video


def _fate(
    world: World, channel_id: str, size: int, sha256: str, fault: FaultRule | None
) -> tuple[str, str | None]:
    if fault is not None and fault.kind is FaultKind.PROCESSING_FAILED:
        return "failed", fault.reason or "conversion"
    if fault is not None and fault.kind is FaultKind.PROCESSING_REJECTED:
        return "rejected", fault.reason or "duplicate"
    if size == 0:
        return "failed", "emptyFile"
    twins = (video for video in world.videos_of(channel_id) if video.fate == "processed")
    if world.config.reject_duplicates and any(video.sha256 == sha256 for video in twins):
        return "rejected", "duplicate"
    return "processed", None


def turn_public(world: World, video: Video, now: datetime) -> None:
    """Publish a scheduled video whose time has come."""
    if video.publish_at is None or now < video.publish_at or video.fate != "processed":
        return
    video.published_at, video.publish_at = video.publish_at, None
    status = video.metadata["status"]
    status.pop("publishAt", None)
    status["privacyStatus"] = "public"
    world.journal.record(
        EventKind.VIDEO_PUBLISHED, video=video.id, channel=video.channel_id, due=rfc3339(video.published_at)
    )


def upload_status(video: Video, now: datetime) -> str:
    """uploaded, then what processing came to."""
    return video.fate if now >= video.ready_at else "uploaded"


def resource(world: World, video: Video, parts: frozenset[str], now: datetime, *, owner: bool) -> Json:
    """The video as `videos.list` shows it to its owner or to others."""
    turn_public(world, video, now)
    body: Json = {"kind": "youtube#video", "etag": video.sha256[:27], "id": video.id}
    makers: Mapping[str, Callable[[], Json]] = {
        "snippet": lambda: _snippet(world, video),
        "status": lambda: _status(video, now, owner=owner),
        "processingDetails": lambda: _processing(video, now),
        "fileDetails": lambda: _file(video),
        "contentDetails": lambda: _content(world, video),
        "statistics": lambda: dict.fromkeys(("viewCount", "likeCount", "favoriteCount", "commentCount"), "0"),
        "suggestions": dict,
        "player": lambda: {"embedHtml": f'<iframe src="//www.youtube.com/embed/{video.id}"></iframe>'},
    }
    for part in sorted(parts - {"id"}):
        if part in makers:
            body[part] = makers[part]()
        elif part in video.metadata:
            body[part] = video.metadata[part]
    return body


def _snippet(world: World, video: Video) -> Json:
    owner = world.channel_owner(video.channel_id)
    link = f"https://i.ytimg.com/vi/{video.id}/default.jpg"
    return {
        **video.metadata["snippet"],
        "publishedAt": rfc3339(video.published_at or video.completed_at),
        "channelId": video.channel_id,
        "channelTitle": "" if owner is None else owner.title,
        "liveBroadcastContent": "none",
        "localized": {name: video.metadata["snippet"][name] for name in ("title", "description")},
        "thumbnails": {"default": {"url": link, "width": 120, "height": 90}},
    }


def _status(video: Video, now: datetime, *, owner: bool) -> Json:
    state = upload_status(video, now)
    status: Json = {"uploadStatus": state, **video.metadata["status"]}
    if state == "failed":
        status["failureReason"] = video.fate_reason
    if state == "rejected":
        status["rejectionReason"] = video.fate_reason
    status["madeForKids"] = bool(status.get("selfDeclaredMadeForKids", False))
    if not owner:
        status.pop("selfDeclaredMadeForKids", None)
    return status


def _processing(video: Video, now: datetime) -> Json:
    state = upload_status(video, now)
    details: Json = {
        "processingStatus": {"uploaded": "processing", "processed": "succeeded", "failed": "failed"}.get(
            state, "terminated"
        ),
        "fileDetailsAvailability": "available",
        "processingIssuesAvailability": "available",
        "tagSuggestionsAvailability": "inProgress",
        "editorSuggestionsAvailability": "inProgress",
        "thumbnailsAvailability": "available" if state == "processed" else "inProgress",
    }
    if state == "uploaded":
        left = max((video.ready_at - now).total_seconds(), 0.0)
        details["processingProgress"] = {
            "partsTotal": "100",
            "partsProcessed": "50",
            "timeLeftMs": f"{left * 1000:.0f}",
        }
    if state == "failed":
        details["processingFailureReason"] = "transcodeFailed"
    return details


def _file(video: Video) -> Json:
    return {"fileName": video.file_name or "unknown", "fileSize": str(video.size), "fileType": "video"}


def _content(world: World, video: Video) -> Json:
    captions = any(track.video_id == video.id and not track.draft for track in world.captions.values())
    return {
        "duration": "P0D",
        "dimension": "2d",
        "definition": "hd",
        "caption": "true" if captions else "false",
        "licensedContent": False,
        "contentRating": {},
        "projection": "rectangular",
        "hasCustomThumbnail": video.thumbnail_sha256 is not None,
    }
