"""A publication: the video a person wants published, what they allow, and how far it has come."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from ytempire.domain.files import StoredFile
from ytempire.domain.lifecycle import State
from ytempire.domain.quota import Method
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import AccountId, ProjectId, PublicationId, SessionId, VideoId

PRIORITIES = range(1, 11)
"""1 is most urgent, 10 least; 5 is the default, as in the brief."""


class Privacy(StrEnum):
    """Who may see a video."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    PRIVATE = "private"


class License(StrEnum):
    """Licences YouTube offers."""

    YOUTUBE = "youtube"
    CREATIVE_COMMON = "creativeCommon"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What YouTube is told about the video; sent exactly as given, never cut or amended.

    `publish_at` is aware UTC and means: private until then. `privacy` is always sent, because an omitted
    one means public since 2026-11-02 (revision history of that day). `made_for_kids` and `synthetic_media` are
    declarations a person makes; None means that none was made, and nothing is sent.
    """

    title: str
    description: str = ""
    tags: tuple[str, ...] = ()
    category: str = "22"
    language: str | None = None
    privacy: Privacy = Privacy.PRIVATE
    publish_at: datetime | None = None
    made_for_kids: bool | None = None
    synthetic_media: bool | None = None
    license: License = License.YOUTUBE
    notify_subscribers: bool = True


@dataclass(frozen=True, slots=True)
class Caption:
    """One caption track: a file with timings, its BCP-47 language and its name (may be empty)."""

    file: StoredFile
    language: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a video may go: one account, one group of accounts, or the whole pool (both None)."""

    account: AccountId | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """Everything a person asked for. Moments are aware UTC; `again` allows the same content once more.

    `duration_ms` is what was found in the video itself; None when it was submitted before that was kept.
    """

    video: StoredFile
    mime: str
    metadata: Metadata
    thumbnail: StoredFile | None = None
    captions: tuple[Caption, ...] = ()
    playlists: tuple[str, ...] = ()
    target: Target = field(default_factory=Target)
    priority: int = 5
    not_before: datetime | None = None
    deadline: datetime | None = None
    idempotency_key: str | None = None
    again: bool = False
    duration_ms: int | None = None

    @property
    def length(self) -> timedelta | None:
        """How long the video is, if that is known."""
        return None if self.duration_ms is None else timedelta(milliseconds=self.duration_ms)

    def methods(self) -> tuple[Method, ...]:
        """The planned requests of the whole job, in the order they are sent."""
        thumbnail = (Method.THUMBNAILS_SET,) if self.thumbnail else ()
        captions = (Method.CAPTIONS_INSERT,) * len(self.captions)
        entries = (Method.PLAYLIST_ITEMS_INSERT,) * len(self.playlists)
        return (Method.VIDEOS_INSERT, *thumbnail, *captions, *entries)


WRONG_CHANNEL = "wrong_channel"
"""The code of the reason that the video exists, on another channel than the account's."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a publication is where it is: a stable code, a sentence, and what a person can do about it."""

    code: str
    message: str
    remedies: tuple[str, ...] = ()


class SessionState(StrEnum):
    """How far an upload session has come.

    `opening`: the start request is about to be or was sent; no byte of the video was. `open`: its address
    is stored. `finishing`: the last bytes may have been sent, so a video may exist. `done`: the video id is
    known. `gone`: it can no longer be used and no video came of it.
    """

    OPENING = "opening"
    OPEN = "open"
    FINISHING = "finishing"
    DONE = "done"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Session:
    """One resumable upload session. `sealed_uri` is a bearer capability, kept sealed by the vault.

    `offset` is the most YouTube ever acknowledged, in bytes; `asked` counts the rounds of looking
    for a video whose outcome is unknown.
    """

    id: SessionId
    account: AccountId
    project: ProjectId
    state: SessionState
    size: int
    opened_at: datetime
    sealed_uri: str | None = None
    offset: int = 0
    asked: int = 0


class ExtraKind(StrEnum):
    """What is done with a video once its bytes have arrived."""

    THUMBNAIL = "thumbnail"
    CAPTION = "caption"
    PLAYLIST = "playlist"


class ExtraState(StrEnum):
    """An extra is tried until it is done or has failed; its failure never undoes the video.

    `sent`: the request may have reached YouTube; look before sending it again.
    """

    PENDING = "pending"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Extra:
    """One step after the upload. `index` is its place among those of its kind in the request.

    `tries` is how often it was tried in vain; `asked` how often it had been when a person last asked for it again,
    None when none did.
    """

    kind: ExtraKind
    index: int
    state: ExtraState = ExtraState.PENDING
    tries: int = 0
    due: datetime | None = None
    reason: str | None = None
    asked: int | None = None

    @property
    def lately(self) -> int:
        """How often it was tried in vain since a person last asked for it: what its budget of tries counts."""
        return self.tries - (self.asked or 0)

    @property
    def untried(self) -> bool:
        """Is it sure that nothing of it reached YouTube, and did no person ask for it to be put to the test?"""
        return self.state is ExtraState.PENDING and self.asked is None


@dataclass(frozen=True, slots=True)
class Publication:
    """A publication as stored.

    `version` grows with each change and guards against two writers. `account` is where it is being or was
    published; `attempts` counts accounts tried, `failures` faults since the last progress, `passes` starts
    of work since then that never came to an end (a crash). `due` is when a worker has something to do
    again (even with a published one, for an extra that waits), `look_at` when its processing is looked at
    next; both None when there is nothing to do. `day` is the quota day its reservation belongs to,
    `uploaded_at` when its last byte was acknowledged.
    """

    id: PublicationId
    request: Request
    state: State
    created_at: datetime
    updated_at: datetime
    version: int = 1
    account: AccountId | None = None
    project: ProjectId | None = None
    video_id: VideoId | None = None
    reason: Reason | None = None
    due: datetime | None = None
    look_at: datetime | None = None
    uploaded_at: datetime | None = None
    attempts: int = 0
    failures: int = 0
    passes: int = 0
    day: QuotaDay | None = None
    cancel_requested: bool = False
    session: Session | None = None
    extras: tuple[Extra, ...] = ()

    @property
    def url(self) -> str | None:
        """Where the video can be watched, once there is one."""
        return f"https://www.youtube.com/watch?v={self.video_id}" if self.video_id else None

    @property
    def live_session(self) -> Session | None:
        """Its session while YouTube may still know it; it binds the publication to the session's account."""
        live = (SessionState.OPEN, SessionState.FINISHING)
        return self.session if self.session is not None and self.session.state in live else None

    def pending_extras(self) -> tuple[Extra, ...]:
        """The extras that are neither done nor failed."""
        return tuple(extra for extra in self.extras if extra.state in (ExtraState.PENDING, ExtraState.SENT))

    def next_extra(self, now: datetime) -> datetime | None:
        """When the first pending extra is to be tried, `now` if it waits for nothing; None when none is pending."""
        return min((extra.due or now for extra in self.pending_extras()), default=None)


def extras_of(request: Request) -> tuple[Extra, ...]:
    """The extras a request asks for, all pending."""
    thumbnail = (Extra(ExtraKind.THUMBNAIL, 0),) if request.thumbnail else ()
    captions = tuple(Extra(ExtraKind.CAPTION, index) for index in range(len(request.captions)))
    playlists = tuple(Extra(ExtraKind.PLAYLIST, index) for index in range(len(request.playlists)))
    return (*thumbnail, *captions, *playlists)
