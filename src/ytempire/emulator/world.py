"""What exists in the local Google: projects, clients, channels, grants, videos, and the tools to serve them.

Tables and look-ups only. Rules about them live beside the methods that use them.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ytempire.emulator.clients import ClientTerms
from ytempire.emulator.clock import Clock
from ytempire.emulator.config import Charging, EmulatorConfig
from ytempire.emulator.faults import FaultBox
from ytempire.emulator.journal import Journal
from ytempire.emulator.links import Links
from ytempire.emulator.quota import Books, Standing
from ytempire.emulator.sink import Sink
from ytempire.emulator.vendors import Vendors

Json = dict[str, Any]


@dataclass(slots=True)
class Project:
    """A Cloud project: owner of quota, with its one OAuth client. `client_state` says what became of it."""

    standing: Standing
    charging: Charging
    client_id: str
    client_secret: str
    terms: ClientTerms = field(default_factory=ClientTerms)
    client_state: str = "working"

    @property
    def id(self) -> str:
        """The project's name."""
        return self.standing.project


@dataclass(slots=True)
class Account:
    """A YouTube channel, the login behind it, and the project through which it is used.

    `channel_id` is empty for a Google account without a channel. `granted` are the scopes that a consent ever
    gave and no revocation took back; `restricted` says that an administrator forbids the app.
    """

    id: str
    project: str
    channel_id: str
    title: str
    email: str
    upload_limit: int | None = None
    granted: set[str] = field(default_factory=set)
    restricted: bool = False

    def answers_to(self, name: str) -> bool:
        """Whether a login hint or a list of test users means this account."""
        return name == self.id or name.casefold() == self.email.casefold()

    @property
    def uploads_playlist(self) -> str:
        """The list of the channel's uploads: the channel's id with UU for UC."""
        return "UU" + self.channel_id[2:]


@dataclass(slots=True)
class Grant:
    """A consent: one refresh token (empty for online access only). `dead` says why it no longer works."""

    refresh_token: str
    account: str
    scopes: tuple[str, ...]
    used_at: datetime
    expires_at: datetime | None = None
    dead: str | None = None


@dataclass(slots=True)
class AccessToken:
    """A bearer token for these scopes, good until `expires_at`."""

    grant: Grant
    scopes: tuple[str, ...]
    expires_at: datetime


@dataclass(slots=True)
class Code:
    """An authorization code waiting to be exchanged, once; only where `offline` for a refresh token too."""

    account: str
    scopes: tuple[str, ...]
    redirect_uri: str
    challenge: str | None
    expires_at: datetime
    offline: bool = True
    grant: Grant | None = None


@dataclass(slots=True)
class Video:
    """An uploaded video. `fate` is what processing will come to, `ready_at` when."""

    id: str
    channel_id: str
    metadata: Json
    size: int
    sha256: str
    file_name: str | None
    completed_at: datetime
    ready_at: datetime
    fate: str
    fate_reason: str | None
    publish_at: datetime | None
    published_at: datetime | None
    thumbnail_sha256: str | None = None

    @property
    def title(self) -> str:
        """The title as it stands."""
        return str(self.metadata["snippet"]["title"])


@dataclass(slots=True)
class Caption:
    """A caption track."""

    id: str
    video_id: str
    language: str
    name: str
    draft: bool
    updated_at: datetime
    size: int
    sha256: str


@dataclass(slots=True)
class PlaylistItem:
    """A video's place in a playlist."""

    id: str
    video_id: str
    note: str
    added_at: datetime


@dataclass(slots=True)
class Playlist:
    """A playlist that a channel made."""

    id: str
    channel_id: str
    title: str
    description: str
    privacy: str
    made_at: datetime
    items: list[PlaylistItem] = field(default_factory=list)


@dataclass(slots=True)
class Upload:
    """A resumable session, or one single-shot upload on its way.

    `writer` numbers the PUT that may write; `final` is the finished answer, repeated to whoever asks; `gone`
    the status of a session that was ended.
    """

    key: str
    method: str
    account: str
    params: dict[str, str]
    metadata: Json
    media_type: str
    file_name: str | None
    total: int | None
    opened_at: datetime
    sink: Sink = field(default_factory=Sink)
    committed: int = 0
    put_start: int = 0
    received: int = 0
    writer: int = 0
    writing: bool = False
    final: tuple[int, bytes] | None = None
    gone: int | None = None

    @property
    def title(self) -> str | None:
        """The title of the video that this upload will become, where it says one."""
        title = self.metadata.get("snippet", {}).get("title")
        return title if isinstance(title, str) else None


class World:
    """All tables, and the clock, journal, quota books, fault rules and connections that go with them."""

    def __init__(self, config: EmulatorConfig) -> None:
        """An empty world.

        Raises:
            OSError: The journal file cannot be opened.
        """
        self.config = config
        self.clock = Clock(offset_seconds=config.clock_offset_seconds)
        self.journal = Journal(self.clock, path=config.journal_path)
        self.books = Books()
        self.faults = FaultBox()
        self.links = Links()
        self.vendors = Vendors(self.clock)
        self.processing_seconds = config.processing_seconds
        self.access_token_seconds = config.access_token_seconds
        self.require_pkce = config.require_pkce
        self.projects: dict[str, Project] = {}
        self.accounts: dict[str, Account] = {}
        self.grants: dict[str, Grant] = {}
        self.access_tokens: dict[str, AccessToken] = {}
        self.codes: dict[str, Code] = {}
        self.videos: dict[str, Video] = {}
        self.captions: dict[str, Caption] = {}
        self.playlists: dict[str, Playlist] = {}
        self.uploads: dict[str, Upload] = {}

    def channel_owner(self, channel_id: str) -> Account | None:
        """The account behind a channel id."""
        known = (account for account in list(self.accounts.values()) if account.channel_id)
        return next((account for account in known if account.channel_id == channel_id), None)

    def client_project(self, client_id: str) -> Project | None:
        """The project of an OAuth client."""
        return next(
            (project for project in list(self.projects.values()) if project.client_id == client_id), None
        )

    def videos_of(self, channel_id: str) -> list[Video]:
        """A channel's videos, oldest first."""
        return [video for video in list(self.videos.values()) if video.channel_id == channel_id]

    def session_expired(self, upload: Upload, now: datetime) -> bool:
        """Whether a session is past its life."""
        return now - upload.opened_at > timedelta(seconds=self.config.session_seconds)
