"""The API methods that the small YouTube in memory answers: one function for each, from a call to a reply."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ytempire.adapters.memory.youtube import Channel, MemoryYouTube, Video
from ytempire.domain.quota import Method
from ytempire.domain.wire import Call, Reply


@dataclass(frozen=True, slots=True)
class Asked:
    """A call, the channel it acts as, and the world it is made to."""

    youtube: MemoryYouTube
    channel: Channel
    call: Call


_PAGE = 50
"""Entries on a page of a playlist, as asked for."""

Serve = Callable[[Asked], Reply]


def error(status: int, reason: str, message: str = "") -> Reply:
    """A refusal in the shape that Google gives it."""
    errors = [{"reason": reason, "domain": "youtube", "message": message}]
    return _json({"error": {"code": status, "message": message or reason, "errors": errors}}, status)


def method_of(call: Call) -> Method | None:
    """Which method a call is, by its verb and path."""
    return _METHODS.get((call.http, call.path))


def serve(youtube: MemoryYouTube, method: Method, channel: Channel, call: Call) -> Reply:
    """Answers a call in the name of a channel."""
    return _SERVED[method](Asked(youtube, channel, call))


def _json(document: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(status, headers or {}, json.dumps(document).encode())


def _items(items: list[dict[str, Any]]) -> Reply:
    return _json({"items": items, "pageInfo": {"totalResults": len(items)}})


def _parts(resource: dict[str, Any], call: Call) -> dict[str, Any]:
    wanted = {"kind", "id", *call.query.get("part", "").split(",")}
    return {name: value for name, value in resource.items() if name in wanted}


def _own(youtube: MemoryYouTube, channel: Channel, which: object) -> Video | None:
    video = youtube.videos.get(str(which))
    return video if video is not None and video.channel is channel else None


def _videos_insert(asked: Asked) -> Reply:
    size = int(asked.call.headers["X-Upload-Content-Length"])
    return Reply(
        200, {"location": asked.youtube.open_session(asked.channel, dict(asked.call.body or {}), size)}
    )


def _videos_list(asked: Asked) -> Reply:
    named = asked.call.query["id"].split(",")
    found = [asked.youtube.videos[which] for which in named if which in asked.youtube.videos]
    return _items([_parts(asked.youtube.look(video), asked.call) for video in found])


def _videos_update(asked: Asked) -> Reply:
    body = asked.call.body or {}
    video = _own(asked.youtube, asked.channel, body.get("id"))
    if video is None:
        return error(404, "videoNotFound")
    video.snippet = dict(body.get("snippet", video.snippet))
    video.status = dict(body.get("status", video.status))
    return _json(_parts(asked.youtube.look(video), asked.call))


def _videos_delete(asked: Asked) -> Reply:
    video = _own(asked.youtube, asked.channel, asked.call.query["id"])
    if video is None:
        return error(404, "videoNotFound")
    del asked.youtube.videos[video.id]
    return Reply(204)


def _thumbnails_set(asked: Asked) -> Reply:
    video = _own(asked.youtube, asked.channel, asked.call.query["videoId"])
    if video is None:
        return error(404, "videoNotFound")
    video.thumbnail = asked.call.media.path if asked.call.media else None
    return _json({"kind": "youtube#thumbnailSetResponse", "items": []})


def _captions_insert(asked: Asked) -> Reply:
    snippet = (asked.call.body or {})["snippet"]
    video = _own(asked.youtube, asked.channel, snippet["videoId"])
    if video is None:
        return error(404, "videoNotFound")
    track = (str(snippet["language"]), str(snippet["name"]))
    if track in video.captions:
        return error(409, "captionExists")
    video.captions.append(track)
    return _json({"kind": "youtube#caption", "snippet": snippet})


def _channels_list(asked: Asked) -> Reply:
    resource = {
        "id": asked.channel.id,
        "snippet": {"title": asked.channel.title},
        "contentDetails": {"relatedPlaylists": {"uploads": asked.channel.uploads}},
        "status": {"longUploadsStatus": "allowed"},
    }
    return _items([_parts(resource, asked.call)])


def _playlists_list(asked: Asked) -> Reply:
    mine = [each for each in asked.youtube.playlists.values() if each.channel is asked.channel]
    return _items([{"id": each.id, "snippet": {"title": each.title}} for each in mine])


def _playlists_insert(asked: Asked) -> Reply:
    made = asked.youtube.add_playlist(asked.channel, str((asked.call.body or {})["snippet"]["title"]))
    return _json({"id": made.id, "snippet": {"title": made.title}})


def _entries_list(asked: Asked) -> Reply:
    videos = asked.youtube.entries(asked.call.query["playlistId"])
    if videos is None:
        return error(404, "playlistNotFound")
    wanted = asked.call.query.get("videoId")
    shown = [video for video in videos if wanted is None or video == wanted]
    start = int(asked.call.query.get("pageToken", "0"))
    end = start + _PAGE
    items = [_entry(asked.youtube, video) for video in shown[start:end]]
    more = {"nextPageToken": str(end)} if end < len(shown) else {}
    return _json({"items": items, "pageInfo": {"totalResults": len(shown)}, **more})


def _entry(youtube: MemoryYouTube, which: str) -> dict[str, Any]:
    found = youtube.videos.get(which)
    title = found.snippet["title"] if found else "Deleted video"
    snippet = {"title": title, "resourceId": {"kind": "youtube#video", "videoId": which}}
    if found:
        snippet["publishedAt"] = found.made_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"id": f"entry-{which}", "snippet": snippet, "contentDetails": {"videoId": which}}


def _entries_insert(asked: Asked) -> Reply:
    snippet = (asked.call.body or {})["snippet"]
    playlist = asked.youtube.playlists.get(snippet["playlistId"])
    video = str(snippet["resourceId"]["videoId"])
    if playlist is None or playlist.channel is not asked.channel:
        return error(404, "playlistNotFound")
    if video not in asked.youtube.videos:
        return error(404, "videoNotFound")
    if video in playlist.videos:
        return error(409, "videoAlreadyInPlaylist")
    playlist.videos.append(video)
    return _json(_entry(asked.youtube, video))


_METHODS = {
    ("POST", "upload/youtube/v3/videos"): Method.VIDEOS_INSERT,
    ("GET", "youtube/v3/videos"): Method.VIDEOS_LIST,
    ("PUT", "youtube/v3/videos"): Method.VIDEOS_UPDATE,
    ("DELETE", "youtube/v3/videos"): Method.VIDEOS_DELETE,
    ("POST", "upload/youtube/v3/thumbnails/set"): Method.THUMBNAILS_SET,
    ("POST", "upload/youtube/v3/captions"): Method.CAPTIONS_INSERT,
    ("GET", "youtube/v3/channels"): Method.CHANNELS_LIST,
    ("GET", "youtube/v3/playlists"): Method.PLAYLISTS_LIST,
    ("POST", "youtube/v3/playlists"): Method.PLAYLISTS_INSERT,
    ("GET", "youtube/v3/playlistItems"): Method.PLAYLIST_ITEMS_LIST,
    ("POST", "youtube/v3/playlistItems"): Method.PLAYLIST_ITEMS_INSERT,
}
_SERVED: Mapping[Method, Serve] = {
    Method.VIDEOS_INSERT: _videos_insert,
    Method.VIDEOS_LIST: _videos_list,
    Method.VIDEOS_UPDATE: _videos_update,
    Method.VIDEOS_DELETE: _videos_delete,
    Method.THUMBNAILS_SET: _thumbnails_set,
    Method.CAPTIONS_INSERT: _captions_insert,
    Method.CHANNELS_LIST: _channels_list,
    Method.PLAYLISTS_LIST: _playlists_list,
    Method.PLAYLISTS_INSERT: _playlists_insert,
    Method.PLAYLIST_ITEMS_LIST: _entries_list,
    Method.PLAYLIST_ITEMS_INSERT: _entries_insert,
}
