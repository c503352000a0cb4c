"""playlists and playlistItems, the channel's list of uploads included."""

from ytempire.emulator.call import Call
from ytempire.emulator.errors import ApiError, bad_parameter, missing_parameter
from ytempire.emulator.journal import EventKind
from ytempire.emulator.metadata import PRIVACIES, parts_of
from ytempire.emulator.processing import rfc3339, turn_public
from ytempire.emulator.world import Json, Playlist, PlaylistItem, Video

_PARTS = ("id", "snippet", "status", "contentDetails", "localizations", "player")
_MOST = 50
_FULL = 5000


def _refusal(status: int, reason: str, message: str) -> ApiError:
    return ApiError(status, reason, message, domain="youtube.playlistItem")


def insert_playlist(call: Call) -> Json:
    """playlists.insert."""
    parts = parts_of(call.params.get("part"), _PARTS)
    snippet, status = call.sent.get("snippet", {}), call.sent.get("status", {})
    title, privacy = snippet.get("title"), status.get("privacyStatus", "public")
    if not isinstance(title, str) or not title.strip():
        raise ApiError(
            400,
            "playlistTitleRequired",
            "The request must specify a playlist title.",
            domain="youtube.playlist",
        )
    if privacy not in PRIVACIES:
        raise ApiError(
            400, "invalidPlaylistSnippet", "The playlist's privacy is invalid.", domain="youtube.playlist"
        )
    playlist = Playlist(
        id="PL" + call.world.clock.letters(32),
        channel_id=call.account.channel_id,
        title=title,
        description=str(snippet.get("description", "")),
        privacy=privacy,
        made_at=call.now,
    )
    call.world.playlists[playlist.id] = playlist
    call.world.journal.record(
        EventKind.PLAYLIST_INSERTED, playlist=playlist.id, channel=playlist.channel_id, title=playlist.title
    )
    return _playlist(playlist, parts)


def list_playlists(call: Call) -> Json:
    """playlists.list by mine, id or channelId."""
    parts = parts_of(call.params.get("part"), _PARTS)
    everything = call.world.playlists.values()
    if call.params.get("mine") == "true":
        found = [playlist for playlist in everything if playlist.channel_id == call.account.channel_id]
    elif "id" in call.params:
        found = [playlist for playlist in everything if playlist.id in call.params["id"].split(",")]
    elif "channelId" in call.params:
        found = [playlist for playlist in everything if playlist.channel_id == call.params["channelId"]]
    else:
        raise missing_parameter("mine")
    visible = [p for p in found if p.channel_id == call.account.channel_id or p.privacy != "private"]
    return _page(call, "youtube#playlistListResponse", [_playlist(playlist, parts) for playlist in visible])


def insert_item(call: Call) -> Json:
    """playlistItems.insert: one video into one playlist of the caller, once."""
    parts = parts_of(call.params.get("part"), _PARTS)
    snippet = call.sent.get("snippet", {})
    playlist = _own_playlist(call, snippet)
    named = snippet.get("resourceId")
    if not isinstance(named, dict) or not named.get("videoId"):
        raise _refusal(400, "resourceIdRequired", "The request must contain a resource with a resourceId.")
    if named.get("kind") != "youtube#video":
        raise _refusal(400, "invalidResourceType", "The resource type is not supported.")
    video = call.world.videos.get(named["videoId"])
    if video is None:
        raise _refusal(404, "videoNotFound", "Video not found.")
    if any(item.video_id == video.id for item in playlist.items):
        raise _refusal(409, "videoAlreadyInPlaylist", "Video already in playlist.")
    if len(playlist.items) >= _FULL:
        raise _refusal(
            403, "playlistContainsMaximumNumberOfVideos", "The playlist already contains the maximum."
        )
    return _put_in(call, playlist, video, parts)


def _put_in(call: Call, playlist: Playlist, video: Video, parts: frozenset[str]) -> Json:
    position = call.sent["snippet"].get("position", len(playlist.items))
    if not isinstance(position, int) or not 0 <= position <= len(playlist.items):
        raise _refusal(400, "invalidPlaylistItemPosition", "The position is invalid.")
    note = str(call.sent.get("contentDetails", {}).get("note", ""))
    item = PlaylistItem("PLI" + call.world.clock.letters(30), video.id, note, call.now)
    playlist.items.insert(position, item)
    call.world.journal.record(
        EventKind.PLAYLIST_ITEM_INSERTED,
        item=item.id,
        playlist=playlist.id,
        video=video.id,
        channel=playlist.channel_id,
    )
    return _item(playlist.id, playlist.channel_id, position, item, video, parts)


def _own_playlist(call: Call, snippet: Json) -> Playlist:
    wanted = snippet.get("playlistId")
    if not wanted:
        raise _refusal(400, "playlistIdRequired", "The subscribe request must contain a playlistId.")
    if str(wanted).startswith("UU"):
        raise _refusal(
            400, "playlistOperationUnsupported", "The API does not support this on the uploads playlist."
        )
    playlist = call.world.playlists.get(str(wanted))
    if playlist is None:
        raise _refusal(
            404, "playlistNotFound", "The playlist identified with the request's playlistId cannot be found."
        )
    if playlist.channel_id != call.account.channel_id:
        raise _refusal(
            403, "playlistItemsNotAccessible", "The request is not authorized to change this playlist."
        )
    return playlist


def list_items(call: Call) -> Json:
    """playlistItems.list of a playlist, or of a channel's uploads (newest first)."""
    parts = parts_of(call.params.get("part"), _PARTS)
    wanted = call.params.get("playlistId")
    if wanted is None:
        raise missing_parameter("playlistId")
    entries = _uploads(call, wanted, parts) if wanted.startswith("UU") else _entries(call, wanted, parts)
    only = call.params.get("videoId")
    if only is not None:
        entries = [(video, entry) for video, entry in entries if video == only]
    return _page(call, "youtube#playlistItemListResponse", [entry for _, entry in entries])


def _entries(call: Call, wanted: str, parts: frozenset[str]) -> list[tuple[str, Json]]:
    playlist = call.world.playlists.get(wanted)
    if playlist is None:
        raise _refusal(
            404, "playlistNotFound", "The playlist identified with the request's playlistId cannot be found."
        )
    if playlist.privacy == "private" and playlist.channel_id != call.account.channel_id:
        raise _refusal(
            403, "playlistItemsNotAccessible", "The request is not authorized to see this playlist."
        )
    placed = enumerate(playlist.items)
    return [
        (item.video_id, _item(wanted, playlist.channel_id, at, item, call.world.videos[item.video_id], parts))
        for at, item in placed
        if item.video_id in call.world.videos
    ]


def _uploads(call: Call, wanted: str, parts: frozenset[str]) -> list[tuple[str, Json]]:
    owner = call.world.channel_owner("UC" + wanted[2:])
    if owner is None:
        raise _refusal(
            404, "playlistNotFound", "The playlist identified with the request's playlistId cannot be found."
        )
    mine = owner is call.account
    videos = list(reversed(call.world.videos_of(owner.channel_id)))
    for video in videos:
        turn_public(call.world, video, call.now)
    seen = [video for video in videos if mine or video.metadata["status"]["privacyStatus"] == "public"]
    return [
        (
            video.id,
            _item(
                wanted,
                owner.channel_id,
                at,
                PlaylistItem("UUI" + video.id, video.id, "", video.completed_at),
                video,
                parts,
            ),
        )
        for at, video in enumerate(seen)
    ]


def _page(call: Call, kind: str, items: list[Json]) -> Json:
    """One page of a list; the page token is opaque to callers and holds the offset."""
    size, start = _page_size(call), _page_start(call)
    body: Json = {
        "kind": kind,
        "etag": "list",
        "pageInfo": {"totalResults": len(items), "resultsPerPage": size},
        "items": items[start : start + size],
    }
    if start + size < len(items):
        body["nextPageToken"] = f"EAAa{start + size:08x}"
    if start > 0:
        body["prevPageToken"] = f"EAAa{max(start - size, 0):08x}"
    return body


def _page_size(call: Call) -> int:
    try:
        size = int(call.params.get("maxResults", "5"))
    except ValueError:
        size = -1
    if not 0 <= size <= _MOST:
        raise bad_parameter("maxResults", f"maxResults is 0 to {_MOST}.")
    return size


def _page_start(call: Call) -> int:
    token = call.params.get("pageToken")
    if token is None:
        return 0
    try:
        return int(token.removeprefix("EAAa"), 16)
    except ValueError:
        raise bad_parameter("pageToken", "The page token is invalid.", reason="invalidPageToken") from None


def _playlist(playlist: Playlist, parts: frozenset[str]) -> Json:
    everything: Json = {
        "snippet": {
            "publishedAt": rfc3339(playlist.made_at),
            "channelId": playlist.channel_id,
            "title": playlist.title,
            "description": playlist.description,
        },
        "status": {"privacyStatus": playlist.privacy},
        "contentDetails": {"itemCount": len(playlist.items)},
    }
    chosen = {part: value for part, value in everything.items() if part in parts}
    return {"kind": "youtube#playlist", "etag": "playlist", "id": playlist.id, **chosen}


def _item(
    playlist_id: str, channel_id: str, position: int, item: PlaylistItem, video: Video, parts: frozenset[str]
) -> Json:
    everything: Json = {
        "snippet": {
            "publishedAt": rfc3339(item.added_at),
            "channelId": channel_id,
            "title": video.title,
            "description": video.metadata["snippet"]["description"],
            "playlistId": playlist_id,
            "position": position,
            "resourceId": {"kind": "youtube#video", "videoId": video.id},
            "videoOwnerChannelId": video.channel_id,
        },
        "contentDetails": {
            "videoId": video.id,
            "note": item.note,
            "videoPublishedAt": rfc3339(video.completed_at),
        },
        "status": {"privacyStatus": video.metadata["status"]["privacyStatus"]},
    }
    chosen = {part: value for part, value in everything.items() if part in parts}
    return {"kind": "youtube#playlistItem", "etag": "item", "id": item.id, **chosen}
