"""videos.insert (what happens before and after the bytes), .list, .update and .delete."""

from datetime import timedelta

from ytempire.emulator.call import Call, charge, take_fault
from ytempire.emulator.errors import ApiError, bad_metadata, bad_parameter, forbidden, missing_parameter
from ytempire.emulator.faults import PROCESSING_KINDS, FaultKind
from ytempire.emulator.journal import EventKind
from ytempire.emulator.metadata import (
    READABLE,
    WRITABLE,
    clean,
    clean_rest,
    clean_snippet,
    clean_status,
    parse_time,
    parts_of,
)
from ytempire.emulator.processing import OWNER_PARTS, add_video, resource, turn_public
from ytempire.emulator.world import Account, Json, Upload, Video, World

_MOST_IDS = 50


def check_insert(call: Call, sent: Json) -> Json:
    """The metadata to keep for a new upload.

    Raises:
        ApiError: Parts or metadata that YouTube refuses, or the channel's own daily cap.
    """
    parts = parts_of(call.params.get("part"), READABLE)
    metadata = clean(sent, parts, call.now)
    _channel_cap(call)
    return metadata


def finish_insert(call: Call, upload: Upload) -> Json:
    """The bytes are whole: the video exists. Charges where the project charges at completion."""
    world = call.world
    account = world.accounts[upload.account]
    channel = account.channel_id
    if call.fault is not None and call.fault.kind is FaultKind.WRONG_CHANNEL:
        channel = another_channel(world, account)
    if world.projects[account.project].charging != "session_start":
        charge(call, "videos.insert", checked=False)
    fate = take_fault(call, among=PROCESSING_KINDS, point="videos.insert.processing")
    video = add_video(
        world, upload, channel, call.now, size=upload.sink.length, sha256=upload.sink.sha256(), fault=fate
    )
    call.facts["video"] = video.id
    parts = parts_of(upload.params.get("part"), READABLE)
    return resource(world, video, parts, call.now, owner=True)


def another_channel(world: World, account: Account) -> str:
    """A channel that is not this account's: another one of its project, or a stranger's."""
    others = (
        other
        for other in world.accounts.values()
        if other.project == account.project and other is not account
    )
    return next((other.channel_id for other in others), "UC" + world.clock.letters(22))


def _channel_cap(call: Call) -> None:
    limit = call.account.upload_limit
    since = call.now - timedelta(hours=24)
    recent = [video for video in call.world.videos_of(call.account.channel_id) if video.completed_at > since]
    if limit is not None and len(recent) >= limit:
        raise ApiError(
            400,
            "uploadLimitExceeded",
            "The user has exceeded the number of videos they may upload.",
            domain="youtube.video",
        )


def list_videos(call: Call) -> Json:
    """videos.list by id. Videos that the caller may not see are left out, as Google does."""
    parts = parts_of(call.params.get("part"), READABLE)
    if "id" not in call.params:
        raise missing_parameter("id")
    ids = [name for name in call.params["id"].split(",") if name]
    if len(ids) > _MOST_IDS:
        raise bad_parameter("id", f"At most {_MOST_IDS} ids.", reason="invalidFilters")
    items = []
    for video in (call.world.videos[name] for name in dict.fromkeys(ids) if name in call.world.videos):
        turn_public(call.world, video, call.now)
        owner = video.channel_id == call.account.channel_id
        if not owner and video.metadata["status"]["privacyStatus"] == "private":
            continue
        if not owner and parts & OWNER_PARTS:
            raise forbidden("The request cannot access user rating information or owner-only parts.")
        items.append(resource(call.world, video, parts, call.now, owner=owner))
    return {
        "kind": "youtube#videoListResponse",
        "etag": "list",
        "items": items,
        "pageInfo": {"totalResults": len(items), "resultsPerPage": len(items)},
    }


def own_video(call: Call, video_id: object) -> Video:
    """The caller's video.

    Raises:
        ApiError: 404 when there is none, 403 when it is another channel's.
    """
    video = call.world.videos.get(str(video_id))
    if video is None:
        raise ApiError(
            404,
            "videoNotFound",
            "The video that you are trying to reach cannot be found.",
            domain="youtube.video",
        )
    if video.channel_id != call.account.channel_id:
        raise forbidden("The request is not properly authorized for this video.")
    return video


def update_video(call: Call) -> Json:
    """videos.update: replaces every mutable field of each named part; what is left out is erased."""
    parts = parts_of(call.params.get("part"), READABLE)
    sent = call.sent
    if not sent.get("id"):
        raise bad_metadata("invalidVideoMetadata", "The resource must have an id.", location="body.id")
    video = own_video(call, sent["id"])
    turn_public(call.world, video, call.now)
    after: Json = dict(video.metadata)
    if "snippet" in parts:
        after["snippet"] = clean_snippet(sent.get("snippet", {}), need_category=True)
    if "status" in parts:
        published = video.published_at is not None
        after["status"] = clean_status(sent.get("status", {}), call.now, published=published)
    for name in (parts & WRITABLE) - {"id", "snippet", "status"}:
        after.pop(name, None)
    after |= clean_rest({name: sent[name] for name in parts if name in sent}, after["snippet"])
    _apply(call, video, after)
    return resource(call.world, video, parts, call.now, owner=True)


def _apply(call: Call, video: Video, after: Json) -> None:
    status = after["status"]
    video.metadata = after
    video.publish_at = parse_time(status.get("publishAt"))
    if status["privacyStatus"] == "public" and video.published_at is None:
        video.published_at = call.now
    call.world.journal.record(
        EventKind.VIDEO_UPDATED,
        video=video.id,
        channel=video.channel_id,
        title=video.title,
        privacy=status["privacyStatus"],
        publish_at=status.get("publishAt"),
    )


def delete_video(call: Call) -> None:
    """videos.delete: the video is gone from every list."""
    if "id" not in call.params:
        raise missing_parameter("id")
    video = own_video(call, call.params["id"])
    del call.world.videos[video.id]
    for playlist in call.world.playlists.values():
        playlist.items = [item for item in playlist.items if item.video_id != video.id]
    call.world.journal.record(EventKind.VIDEO_DELETED, video=video.id, channel=video.channel_id)
