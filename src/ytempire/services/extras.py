"""After the bytes: thumbnail, captions and playlists, each a step of its own that is tried until it is done
or has failed. The failure of one never undoes the video, and a request whose reply was lost is looked up
before it is sent again.
"""

import mimetypes
from dataclasses import replace
from datetime import datetime

from ytempire.domain import calls
from ytempire.domain.events import Kind
from ytempire.domain.faults import UNPROVEN, Fault, Level, Remedy, Scope
from ytempire.domain.files import StoredFile
from ytempire.domain.lessons import Lesson, Topic, forgotten, thumbnails_refused
from ytempire.domain.publication import Extra, ExtraKind, ExtraState, Publication, Request
from ytempire.domain.quota import Method, reset_after
from ytempire.domain.retry import backoff, wished_delay
from ytempire.domain.values import AccountId, PlaylistId, ProjectId, VideoId
from ytempire.domain.wire import Reply
from ytempire.ports import Settlement
from ytempire.services import blame
from ytempire.services.context import Context
from ytempire.services.gateway import Gateway
from ytempire.services.playlists import Playlists
from ytempire.services.settle import told
from ytempire.services.source import unchanged
from ytempire.services.standing import account_named
from ytempire.services.witness import witnessed

_DEFAULT_TRIES = 5


class Extras:
    """One pass over the extras of one publication in processing."""

    def __init__(self, context: Context, gateway: Gateway, playlists: Playlists) -> None:
        self._context = context
        self._gateway = gateway
        self._playlists = playlists

    async def run(self, publication: Publication) -> None:
        """Tries every extra that is due, then leaves the video to the watch or comes back for the rest."""
        current: Publication | None = publication
        for extra in publication.pending_extras():
            if current is not None and (extra.due is None or extra.due <= self._context.clock.now()):
                current = await self.attempt(current, extra)
        if current is not None:
            await self._context.store.settle(self._rest(current))

    async def attempt(self, publication: Publication, extra: Extra) -> Publication | None:
        """Tries one extra once and writes down what came of it; None when somebody else changed the publication."""
        account, video = publication.account, publication.video_id
        if account is None or video is None:
            raise TypeError(f"{publication.id} is processing without a video")
        before = publication
        if extra.state is ExtraState.PENDING:
            sent = replace(extra, state=ExtraState.SENT)
            marked = await self._context.store.settle(Settlement(_with(publication, sent)))
            if marked is None:
                return None
            before = marked
        answer = await self._send(before, extra, account, video)
        return await self._context.store.settle(self._outcome(before, extra, answer))

    async def _send(
        self, publication: Publication, extra: Extra, account: AccountId, video: VideoId
    ) -> Reply | Fault | None:
        """The answer, or None when a look shows that it was done before."""
        request = publication.request
        file = _file(request, extra)
        if file is not None and not await unchanged(self._context.media, file):
            message = f"{file.path} is gone or changed since it was submitted"
            return Fault("sourceChanged", Remedy.SKIP_EXTRA, Scope.REQUEST, Level.WARNING, 0, message)
        match extra.kind:
            case ExtraKind.THUMBNAIL:
                # What was sent before, or is asked for again by a person, puts the lesson to the test.
                untried = extra.state is ExtraState.PENDING
                refused = await self._refused(account) if untried else None
                if refused is not None:
                    return refused
                path = file.path if file else ""
                mime = mimetypes.guess_type(path)[0] or "application/octet-stream"
                call = calls.set_thumbnail(video, path, mime)
                return await self._gateway.call(account, Method.THUMBNAILS_SET, call, publication.id)
            case ExtraKind.CAPTION:
                call = calls.insert_caption(video, request.captions[extra.index])
                return await self._gateway.call(account, Method.CAPTIONS_INSERT, call, publication.id)
            case ExtraKind.PLAYLIST:
                name = request.playlists[extra.index]
                playlist = await self._playlists.find(account, name)
                if isinstance(playlist, Fault):
                    return playlist
                return await self._enter(publication, extra, account, video, playlist)

    async def _refused(self, account: AccountId) -> Fault | None:
        """Custom thumbnails that the channel may not have are not sent: the answer is known, and costs quota."""
        now = self._context.clock.now()
        found = await account_named(self._context, account)
        lesson = thumbnails_refused(found.lessons, now) if found is not None else None
        if lesson is None:
            return None
        since = f"since {lesson.at:%Y-%m-%d}" + (f" ({lesson.why})" if lesson.why else "")
        message = (
            f"YouTube refuses custom thumbnails on this channel {since}; verify it, then connect it again"
        )
        return Fault("thumbnailsNotAllowed", Remedy.SKIP_EXTRA, Scope.ACCOUNT, Level.WARNING, 0, message)

    async def _enter(
        self,
        publication: Publication,
        extra: Extra,
        account: AccountId,
        video: VideoId,
        playlist: PlaylistId,
    ) -> Reply | Fault | None:
        if extra.state is ExtraState.SENT:
            look = calls.playlist_entries(playlist, video=video)
            found = await self._gateway.listed(account, Method.PLAYLIST_ITEMS_LIST, look, publication.id)
            if isinstance(found, Fault):
                return found
            if found:
                return None
        call = calls.add_to_playlist(playlist, video)
        return await self._gateway.call(account, Method.PLAYLIST_ITEMS_INSERT, call, publication.id)

    def _outcome(self, publication: Publication, extra: Extra, answer: Reply | Fault | None) -> Settlement:
        now = self._context.clock.now()
        named = {"extra": str(extra.kind), "index": extra.index}
        if not isinstance(answer, Fault) or answer.remedy is Remedy.ALREADY_DONE:
            done = replace(extra, state=ExtraState.DONE, due=None, reason=None)
            retried = extra.kind is ExtraKind.THUMBNAIL and extra.state is ExtraState.SENT
            allowed = forgotten((Topic.THUMBNAILS,), now) if retried else ()
            event = told(publication, Kind.EXTRA_DONE, now, named)
            return Settlement(_with(publication, done), (event,), lessons=allowed)
        due = self._again(extra, answer, now)
        tried = replace(extra, tries=extra.tries + 1, reason=answer.detail or answer.code, due=due)
        state = ExtraState.FAILED if due is None else _resting(extra, answer)
        kind = Kind.EXTRA_FAILED if due is None else Kind.EXTRA_RETRYING
        level = Level.WARNING if due is None else Level.INFO
        data = {**named, "code": answer.code, "why": answer.detail}
        event = told(publication, kind, now, data, level)
        after = replace(_with(publication, replace(tried, state=state)), updated_at=now)
        told_of = (event, *witnessed(answer, publication, now))
        profile = self._context.profiles.get(publication.project or ProjectId(""))
        settled = Settlement(after, told_of, lessons=_taught(extra, answer, now))
        return blame.applied(settled, answer, profile, _METHOD[extra.kind])

    def _again(self, extra: Extra, fault: Fault, now: datetime) -> datetime | None:
        """When to try again; None when there is no point."""
        retryable = fault.remedy in (Remedy.RETRY, Remedy.REFRESH, Remedy.CLOSE_BUCKET)
        if not retryable or extra.tries + 1 > max(fault.tries, _DEFAULT_TRIES):
            return None
        if fault.remedy is Remedy.CLOSE_BUCKET:
            return reset_after(now)
        patience = self._context.manners.patience
        dice = self._context.clock.dice()
        delay = backoff(extra.tries + 1, base=patience.base, cap=patience.cap, dice=dice)
        wished = wished_delay(fault.retry_after, now)
        return now + (max(delay, wished) if wished else delay)

    def _rest(self, publication: Publication) -> Settlement:
        """When to come back: for the next extra, or to watch the processing."""
        now = self._context.clock.now()
        pending = publication.pending_extras()
        dues = [extra.due or now for extra in pending]
        look_at = None if pending else now + self._context.manners.poll
        rested = replace(publication, due=min(dues, default=None), look_at=look_at, passes=0, updated_at=now)
        return Settlement(rested)


_METHOD = {
    ExtraKind.THUMBNAIL: Method.THUMBNAILS_SET,
    ExtraKind.CAPTION: Method.CAPTIONS_INSERT,
    ExtraKind.PLAYLIST: Method.PLAYLIST_ITEMS_INSERT,
}


def _taught(extra: Extra, fault: Fault, now: datetime) -> tuple[Lesson, ...]:
    """A forbidden thumbnail is the channel's, not the picture's: it is not verified for custom ones (facts 4)."""
    if extra.kind is ExtraKind.THUMBNAIL and fault.code == "forbidden":
        return (Lesson(Topic.THUMBNAILS, "refused", now, fault.detail),)
    return ()


def _file(request: Request, extra: Extra) -> StoredFile | None:
    """The file that an extra sends, if it sends one."""
    match extra.kind:
        case ExtraKind.THUMBNAIL:
            return request.thumbnail
        case ExtraKind.CAPTION:
            return request.captions[extra.index].file
        case ExtraKind.PLAYLIST:
            return None


def _resting(extra: Extra, fault: Fault) -> ExtraState:
    """After an answer nothing is in doubt; after silence, a broken server or a stranger's answer it is."""
    doubtful = fault.code in ("noReply", "backendError", UNPROVEN.code) or extra.state is ExtraState.SENT
    return ExtraState.SENT if doubtful else ExtraState.PENDING


def _with(publication: Publication, changed: Extra) -> Publication:
    """The publication with one extra replaced."""
    extras = tuple(
        changed if (extra.kind, extra.index) == (changed.kind, changed.index) else extra
        for extra in publication.extras
    )
    return replace(publication, extras=extras)
