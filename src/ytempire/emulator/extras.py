"""What hangs on a video or stands beside it: thumbnails, captions, channels, search."""

from ytempire.emulator.call import Call
from ytempire.emulator.errors import ApiError, forbidden, missing_parameter
from ytempire.emulator.faults import FaultKind
from ytempire.emulator.journal import EventKind
from ytempire.emulator.metadata import parts_of
from ytempire.emulator.processing import rfc3339, turn_public
from ytempire.emulator.videos import another_channel, own_video
from ytempire.emulator.world import Account, Caption, Json, Upload

_PICTURE_HEADS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_SIZES = {"default": (120, 90), "medium": (320, 180), "high": (480, 360)}
_LONGEST_NAME = 150
_CHANNEL_PARTS = (
    "id",
    "snippet",
    "contentDetails",
    "status",
    "statistics",
    "brandingSettings",
    "localizations",
)


def check_thumbnail(call: Call, sent: Json) -> Json:
    """thumbnails.set names a video of the caller."""
    if "videoId" not in call.params:
        raise missing_parameter("videoId")
    own_video(call, call.params["videoId"])
    return sent


def finish_thumbnail(call: Call, upload: Upload) -> Json:
    """The picture is whole: it must be a JPEG or PNG."""
    video = own_video(call, upload.params["videoId"])
    if not upload.sink.head.startswith(_PICTURE_HEADS):
        raise ApiError(
            400, "invalidImage", "The provided image content is invalid.", domain="youtube.thumbnail"
        )
    video.thumbnail_sha256 = upload.sink.sha256()
    call.world.journal.record(
        EventKind.THUMBNAIL_SET,
        video=video.id,
        channel=video.channel_id,
        size=upload.sink.length,
        sha256=video.thumbnail_sha256,
    )
    urls = {
        name: {"url": f"https://i.ytimg.com/vi/{video.id}/{name}.jpg", "width": width, "height": height}
        for name, (width, height) in _SIZES.items()
    }
    return {"kind": "youtube#thumbnailSetResponse", "etag": "set", "items": [urls]}


def check_caption(call: Call, sent: Json) -> Json:
    """captions.insert: the snippet must name a video of the caller, a language and a name that is free."""
    parts_of(call.params.get("part"), ("id", "snippet"))
    snippet = sent.get("snippet")
    if not isinstance(snippet, dict) or not snippet.get("videoId") or not snippet.get("language"):
        raise ApiError(
            400,
            "invalidMetadata",
            "The request contains invalid metadata values, which prevent the track from being created.",
            domain="youtube.caption",
        )
    if len(str(snippet.get("name", ""))) > _LONGEST_NAME:
        raise ApiError(400, "nameTooLong", "The caption track name is too long.", domain="youtube.caption")
    own_video(call, snippet["videoId"])
    _name_is_free(call, snippet)
    return sent


def _name_is_free(call: Call, snippet: Json) -> None:
    wanted = (snippet["videoId"], snippet["language"], snippet.get("name", ""))
    if any((track.video_id, track.language, track.name) == wanted for track in call.world.captions.values()):
        raise ApiError(
            409,
            "captionExists",
            "The specified video already has a caption track with the given language and name.",
            domain="youtube.caption",
        )


def finish_caption(call: Call, upload: Upload) -> Json:
    """The track is whole: it must not be empty."""
    snippet = upload.metadata["snippet"]
    if upload.sink.length == 0:
        raise ApiError(
            400, "contentRequired", "The caption track content is missing.", domain="youtube.caption"
        )
    _name_is_free(call, snippet)
    track = Caption(
        id="AUieDa" + call.world.clock.letters(30),
        video_id=snippet["videoId"],
        language=snippet["language"],
        name=snippet.get("name", ""),
        draft=bool(snippet.get("isDraft", False)),
        updated_at=call.now,
        size=upload.sink.length,
        sha256=upload.sink.sha256(),
    )
    call.world.captions[track.id] = track
    call.world.journal.record(
        EventKind.CAPTION_INSERTED,
        caption=track.id,
        video=track.video_id,
        channel=call.account.channel_id,
        language=track.language,
        name=track.name,
        size=track.size,
        sha256=track.sha256,
    )
    return _caption(track)


def list_captions(call: Call) -> Json:
    """captions.list of one video of the caller."""
    parts_of(call.params.get("part"), ("id", "snippet"))
    if "videoId" not in call.params:
        raise missing_parameter("videoId")
    video = own_video(call, call.params["videoId"])
    tracks = [_caption(track) for track in call.world.captions.values() if track.video_id == video.id]
    return {"kind": "youtube#captionListResponse", "etag": "list", "items": tracks}


def _caption(track: Caption) -> Json:
    return {
        "kind": "youtube#caption",
        "etag": track.sha256[:27],
        "id": track.id,
        "snippet": {
            "videoId": track.video_id,
            "lastUpdated": rfc3339(track.updated_at),
            "trackKind": "standard",
            "language": track.language,
            "name": track.name,
            "audioTrackType": "unknown",
            "isCC": False,
            "isLarge": False,
            "isEasyReader": False,
            "isDraft": track.draft,
            "isAutoSynced": False,
            "status": "serving",
        },
    }


def list_channels(call: Call) -> Json:
    """channels.list by mine or id; exactly one of them."""
    parts = parts_of(call.params.get("part"), _CHANNEL_PARTS)
    mine = call.params.get("mine") == "true"
    if mine == ("id" in call.params):
        raise ApiError(
            400, "invalidCriteria", "Exactly one of mine and id selects channels.", domain="youtube.channel"
        )
    own = [call.account] if call.account.channel_id else []
    found = own if mine else _channels(call)
    items = [_channel(account, parts) for account in found]
    if call.fault is not None and call.fault.kind is FaultKind.WRONG_CHANNEL:
        for item in items:
            item["id"] = another_channel(call.world, call.account)
    return {
        "kind": "youtube#channelListResponse",
        "etag": "list",
        "pageInfo": {"totalResults": len(items), "resultsPerPage": 5},
        "items": items,
    }


def _channels(call: Call) -> list[Account]:
    owners = (call.world.channel_owner(name) for name in call.params["id"].split(","))
    return [owner for owner in owners if owner is not None]


def _channel(account: Account, parts: frozenset[str]) -> Json:
    everything: Json = {
        "snippet": {
            "title": account.title,
            "description": "",
            "publishedAt": "2020-01-01T00:00:00Z",
            "thumbnails": {},
        },
        "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": account.uploads_playlist}},
        "status": {
            "privacyStatus": "public",
            "isLinked": True,
            "longUploadsStatus": "allowed",
            "madeForKids": False,
        },
        "statistics": {
            "viewCount": "0",
            "subscriberCount": "0",
            "hiddenSubscriberCount": False,
            "videoCount": "0",
        },
    }
    chosen = {part: value for part, value in everything.items() if part in parts}
    return {"kind": "youtube#channel", "etag": "channel", "id": account.channel_id, **chosen}


def search(call: Call) -> Json:
    """search.list, as far as finding one's own or public videos by words in the title goes."""
    parts_of(call.params.get("part"), ("id", "snippet"))
    words = call.params.get("q", "").lower()
    mine = call.params.get("forMine") == "true"
    if mine and call.params.get("type") != "video":
        raise forbidden("forMine needs type=video.")
    found = []
    for video in call.world.videos.values():
        turn_public(call.world, video, call.now)
        seen = (
            video.channel_id == call.account.channel_id
            if mine
            else video.metadata["status"]["privacyStatus"] == "public"
        )
        if seen and words in video.title.lower() and call.params.get("channelId") in (None, video.channel_id):
            found.append(video)
    items = [
        {
            "kind": "youtube#searchResult",
            "etag": video.sha256[:27],
            "id": {"kind": "youtube#video", "videoId": video.id},
            "snippet": {
                "title": video.title,
                "channelId": video.channel_id,
                "publishedAt": rfc3339(video.completed_at),
            },
        }
        for video in sorted(found, key=lambda video: video.completed_at, reverse=True)[:50]
    ]
    return {
        "kind": "youtube#searchListResponse",
        "etag": "list",
        "pageInfo": {"totalResults": len(found)},
        "items": items,
    }
