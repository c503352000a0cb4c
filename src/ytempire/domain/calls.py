"""The API calls we send, as request values: paths, parts and bodies by the discovery document (20261104)."""

from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import Any

from ytempire.domain.processing import PARTS
from ytempire.domain.publication import Caption, Metadata, Privacy, Request
from ytempire.domain.values import PlaylistId, VideoId
from ytempire.domain.wire import Call, Media

Body = Mapping[str, Any]


def open_session(request: Request) -> Call:
    """Starts a resumable upload; the answer's `Location` is the session."""
    query = {"uploadType": "resumable", "part": "snippet,status"}
    query["notifySubscribers"] = "true" if request.metadata.notify_subscribers else "false"
    headers = {
        "X-Upload-Content-Length": str(request.video.size),
        "X-Upload-Content-Type": request.mime,
    }
    return Call("POST", "upload/youtube/v3/videos", query, body=video_body(request.metadata), headers=headers)


def video_body(metadata: Metadata) -> dict[str, Any]:
    """The video resource exactly as asked; `privacyStatus` is always in it."""
    snippet: dict[str, Any] = {"title": metadata.title, "categoryId": metadata.category}
    if metadata.description:
        snippet["description"] = metadata.description
    if metadata.tags:
        snippet["tags"] = list(metadata.tags)
    if metadata.language:
        snippet |= {"defaultLanguage": metadata.language, "defaultAudioLanguage": metadata.language}
    status: dict[str, Any] = {
        "privacyStatus": str(Privacy.PRIVATE if metadata.publish_at else metadata.privacy),
        "license": str(metadata.license),
    }
    if metadata.made_for_kids is not None:
        status["selfDeclaredMadeForKids"] = metadata.made_for_kids
    if metadata.synthetic_media is not None:
        status["containsSyntheticMedia"] = metadata.synthetic_media
    if metadata.publish_at:
        status["publishAt"] = metadata.publish_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"snippet": snippet, "status": status}


def list_videos(ids: Iterable[VideoId], *, parts: str = PARTS) -> Call:
    """Status of up to 50 videos: one unit however many."""
    return Call("GET", "youtube/v3/videos", {"part": parts, "id": ",".join(ids)})


def my_channel() -> Call:
    """The channel a token acts as, with its uploads playlist."""
    return Call("GET", "youtube/v3/channels", {"part": "id,snippet,contentDetails,status", "mine": "true"})


def playlist_entries(playlist: PlaylistId, *, video: VideoId | None = None, page: str | None = None) -> Call:
    """A page of a playlist (the first unless named), newest first for uploads; or the entries of one video."""
    query = {"part": "snippet,contentDetails", "playlistId": playlist, "maxResults": "50"}
    more = {"videoId": video, "pageToken": page}
    chosen = query | {name: value for name, value in more.items() if value}
    return Call("GET", "youtube/v3/playlistItems", chosen)


def add_to_playlist(playlist: PlaylistId, video: VideoId) -> Call:
    """Puts a video at the end of a playlist."""
    resource = {"kind": "youtube#video", "videoId": video}
    body = {"snippet": {"playlistId": playlist, "resourceId": resource}}
    return Call("POST", "youtube/v3/playlistItems", {"part": "snippet"}, body=body)


def make_playlist(title: str, privacy: Privacy) -> Call:
    """Makes a playlist on the channel."""
    body = {"snippet": {"title": title}, "status": {"privacyStatus": str(privacy)}}
    return Call("POST", "youtube/v3/playlists", {"part": "snippet,status"}, body=body)


def my_playlists(page: str | None = None) -> Call:
    """A page of the channel's playlists, the first unless named."""
    query = {"part": "snippet", "mine": "true", "maxResults": "50"}
    return Call("GET", "youtube/v3/playlists", query | ({"pageToken": page} if page else {}))


def set_thumbnail(video: VideoId, path: str, mime: str) -> Call:
    """Sets the thumbnail; doing it twice does no harm."""
    query = {"videoId": video, "uploadType": "media"}
    return Call("POST", "upload/youtube/v3/thumbnails/set", query, media=Media(path, mime))


def insert_caption(video: VideoId, caption: Caption) -> Call:
    """Adds a caption track; the same language and name again is answered with captionExists."""
    snippet = {"videoId": video, "language": caption.language, "name": caption.name}
    query = {"part": "snippet", "uploadType": "multipart"}
    media = Media(caption.file.path, "application/octet-stream")
    return Call("POST", "upload/youtube/v3/captions", query, body={"snippet": snippet}, media=media)


def delete_video(video: VideoId) -> Call:
    """Deletes a video for good."""
    return Call("DELETE", "youtube/v3/videos", {"id": video})


_MUTABLE_SNIPPET = ("title", "description", "tags", "categoryId", "defaultLanguage", "defaultAudioLanguage")
_MUTABLE_STATUS = (
    "privacyStatus", "publishAt", "license", "embeddable", "publicStatsViewable",
    "selfDeclaredMadeForKids", "containsSyntheticMedia",
)  # fmt: skip


def update_video(current: Body, changes: Body) -> Call:
    """An update that keeps what it does not change.

    videos.update replaces all mutable fields of each named part, and an omitted privacyStatus falls back to
    public; so every mutable field of a touched part is sent again as it was read, with the changes on top.
    """
    kept = {"snippet": _MUTABLE_SNIPPET, "status": _MUTABLE_STATUS}
    body: dict[str, Any] = {"id": current["id"]}
    for part, fields in kept.items():
        if part in changes:
            before = {name: current[part][name] for name in fields if name in current[part]}
            body[part] = before | dict(changes[part])
    parts = ",".join(part for part in kept if part in changes)
    return Call("PUT", "youtube/v3/videos", {"part": parts}, body=body)
