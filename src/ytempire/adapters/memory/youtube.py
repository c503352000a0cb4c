"""What a small YouTube in memory holds: channels and tokens, upload sessions, videos and how they end."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from ytempire.ports import Clock

TOKEN_LIFE = timedelta(seconds=3599)


@dataclass(slots=True)
class Channel:
    """One channel and its grant. `tokens` holds each access token with the moment it ends."""

    id: str
    title: str
    refresh_token: str
    dead: bool = False
    tokens: dict[str, datetime] = field(default_factory=dict)

    @property
    def uploads(self) -> str:
        """Its uploads playlist: the same id with UU for UC, as YouTube has it."""
        return "UU" + self.id.removeprefix("UC")


@dataclass(slots=True)
class Upload:
    """One resumable session. `video` is the id of what came of it."""

    channel: Channel
    body: dict[str, Any]
    size: int
    stored: int = 0
    video: str | None = None


@dataclass(slots=True)
class Video:
    """One video. `looks` is how many more answers will say that it is being processed."""

    id: str
    channel: Channel
    snippet: dict[str, Any]
    status: dict[str, Any]
    size: int
    made_at: datetime
    looks: int
    thumbnail: str | None = None
    captions: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Playlist:
    """One playlist and the videos in it, in order."""

    id: str
    channel: Channel
    title: str
    videos: list[str] = field(default_factory=list)


class MemoryYouTube:
    """The state of the small YouTube. Tests set it up, look into it and spoil it; `MemoryGoogle` serves it.

    Each video says `looks` times that it is being processed. `verdicts` gives the status fields that a video
    of some title ends with instead of `processed`, such as `{"uploadStatus": "rejected"}`.
    """

    def __init__(self, clock: Clock, *, looks: int = 1) -> None:
        self._clock = clock
        self._looks = looks
        self._numbers = count(1)
        self.channels: dict[str, Channel] = {}
        self.uploads: dict[str, Upload] = {}
        self.videos: dict[str, Video] = {}
        self.playlists: dict[str, Playlist] = {}
        self.verdicts: dict[str, dict[str, Any]] = {}

    def now(self) -> datetime:
        """The moment by its clock."""
        return self._clock.now()

    def add_channel(self, channel: str, title: str = "A channel") -> Channel:
        """A new channel with a live grant; its `refresh_token` is what an account would hold."""
        self.channels[channel] = Channel(channel, title, f"refresh-{channel}")
        return self.channels[channel]

    def token(self, channel: Channel) -> str:
        """A new access token for a channel."""
        token = f"access-{channel.id}-{next(self._numbers)}"
        channel.tokens[token] = self.now() + TOKEN_LIFE
        return token

    def channel_of(self, token: str) -> Channel | None:
        """The channel a token acts as; None when it is unknown, too old, or its grant is dead."""
        now = self.now()
        for channel in self.channels.values():
            if not channel.dead and channel.tokens.get(token, now) > now:
                return channel
        return None

    def open_session(self, channel: Channel, body: dict[str, Any], size: int) -> str:
        """A new session; gives its address."""
        uri = f"memory:session/{next(self._numbers)}"
        self.uploads[uri] = Upload(channel, body, size)
        return uri

    def complete(self, upload: Upload) -> Video:
        """The video that came of a session whose bytes are all there: made once, however often asked."""
        if upload.video is None:
            upload.video = f"video{next(self._numbers)}"
            snippet = {"title": "", **upload.body.get("snippet", {})}
            status = {"privacyStatus": "public", **upload.body.get("status", {})}
            self.videos[upload.video] = Video(
                upload.video, upload.channel, snippet, status, upload.size, self.now(), self._looks
            )
        return self.videos[upload.video]

    def add_playlist(self, channel: Channel, title: str) -> Playlist:
        """A new and empty playlist."""
        which = f"PL{next(self._numbers)}"
        self.playlists[which] = Playlist(which, channel, title)
        return self.playlists[which]

    def entries(self, playlist: str) -> list[str] | None:
        """The videos of a playlist, of uploads newest first; None when there is no such playlist."""
        for channel in self.channels.values():
            if channel.uploads == playlist:
                return [video.id for video in reversed(self.videos.values()) if video.channel is channel]
        found = self.playlists.get(playlist)
        return list(found.videos) if found else None

    def look(self, video: Video) -> dict[str, Any]:
        """The whole resource of a video; looking at it brings its processing on."""
        done = video.looks <= 0
        video.looks -= 1
        status = video.status | {"uploadStatus": "processed" if done else "uploaded"}
        if done:
            status |= self.verdicts.get(str(video.snippet["title"]), {})
        at = status.get("publishAt")
        if at and datetime.fromisoformat(str(at)) <= self.now():
            status = {name: value for name, value in status.items() if name != "publishAt"}
            status["privacyStatus"] = "public"
        moment = video.made_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        return {
            "kind": "youtube#video",
            "id": video.id,
            "snippet": video.snippet | {"publishedAt": moment, "channelId": video.channel.id},
            "status": status,
            "processingDetails": {"processingStatus": "succeeded" if done else "processing"},
            "fileDetails": {"fileSize": str(video.size)},
        }
