"""The YouTube methods served here, and the scopes that open them (discovery document, rev. 20261104)."""

from collections.abc import Mapping

_ROOT = "https://www.googleapis.com/auth/"
YOUTUBE = _ROOT + "youtube"
FORCE_SSL = _ROOT + "youtube.force-ssl"
UPLOAD = _ROOT + "youtube.upload"
READONLY = _ROOT + "youtube.readonly"
PARTNER = _ROOT + "youtubepartner"
ALL_SCOPES = (YOUTUBE, FORCE_SSL, UPLOAD, READONLY, PARTNER)

_WRITE = frozenset({YOUTUBE, FORCE_SSL, PARTNER})
_READ = _WRITE | {READONLY}
_SEND = _WRITE | {UPLOAD}
_CAPTIONS = frozenset({FORCE_SSL, PARTNER})

MEDIA = frozenset({"videos.insert", "thumbnails.set", "captions.insert"})

SCOPES: Mapping[str, frozenset[str]] = {
    "channels.list": _READ,
    "videos.list": _READ,
    "videos.insert": _SEND,
    "videos.update": _WRITE,
    "videos.delete": _WRITE,
    "thumbnails.set": _SEND,
    "captions.insert": _CAPTIONS,
    "captions.list": _CAPTIONS,
    "playlists.insert": _WRITE,
    "playlists.list": _READ,
    "playlistItems.insert": _WRITE,
    "playlistItems.list": _READ,
    "search.list": _READ,
}
