"""After the bytes: thumbnail, captions and playlists, each a step of its own that is tried until it is done
or has failed. The failure of one never undoes the video, and a request whose reply was lost is looked up
before it is sent again. One that must wait long, for a bucket or for the channel, does not keep the video from
being published: it is tried when its time has come.
"""

import mimetypes
from dataclasses import replace
from datetime import datetime, timedelta

from ytempire.domain import calls
from ytempire.domain.events import Kind
from ytempire.domain.faults import UNPROVEN, Fault, Level, Remedy, Scope
from ytempire.domain.files import StoredFile
from ytempire.domain.lessons import (
    DAY,
    Lesson,
    Topic,
    forgotten,
    thumbnails_refused,
    thumbnails_rest_until,
)
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Extra, ExtraKind, ExtraState, Publication, Reason, Request
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
_LONG = timedelta(minutes=15)
_RESTED = timedelta(days=5)
"""What has waited so long since its upload no longer rests with the others of its channel: it is tried, and fails in
the end. Else on a channel that takes fewer than there are they would wait for each other without end."""


class Extras:
    """One pass over the extras of one publication in processing, or of a published one that some still wait for."""

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

    async def give_up(self, publication: Publication, reason: Reason) -> None:
        """What is left of the extras of a published video fails, because workers die of it."""
        now = self._context.clock.now()
        why = {"code": reason.code, "why": reason.message}
        after, events = replace(publication, due=None, passes=0, updated_at=now), []
        for extra in publication.pending_extras():
            failed = replace(extra, state=ExtraState.FAILED, due=None, reason=reason.message)
            after = _with(after, failed)
            events.append(told(after, Kind.EXTRA_FAILED, now, _named(extra) | why, Level.WARNING))
        await self._context.store.settle(Settlement(after, tuple(events)))

    async def attempt(self, publication: Publication, extra: Extra) -> Publication | None:
        """Tries one extra once and writes down what came of it; None when somebody else changed the publication."""
        account, video = publication.account, publication.video_id
        if account is None or video is None:
            raise TypeError(f"{publication.id} is processing without a video")
        resting = await self._resting_until(publication, extra, account)
        if resting is not None:
            return await self._context.store.settle(self._parked(publication, extra, resting))
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
                refused = await self._refused(account) if extra.untried else None
                if refused is not None:
                    return refused
                path = file.path if file else ""
                mime = mimetypes.guess_type(path)[0] or "application/octet-stream"
                call = calls.set_thumbnail(video, path, mime)
                size = file.size if file else 0
                return await self._gateway.call(
                    account, Method.THUMBNAILS_SET, call, publication.id, size=size
                )
            case ExtraKind.CAPTION:
                caption = request.captions[extra.index]
                call, size = calls.insert_caption(video, caption), caption.file.size
                return await self._gateway.call(
                    account, Method.CAPTIONS_INSERT, call, publication.id, size=size
                )
            case ExtraKind.PLAYLIST:
                name = request.playlists[extra.index]
                playlist = await self._playlists.find(account, name)
                if isinstance(playlist, Fault):
                    return playlist
                return await self._enter(publication, extra, account, video, playlist)

    async def _resting_until(
        self, publication: Publication, extra: Extra, account: AccountId
    ) -> datetime | None:
        """Until when a thumbnail need not be tried, for the channel has had too many of them (facts 4.2).

        As with a refusal: what was sent before, or is asked for again by a person, puts it to the test.
        """
        if extra.kind is not ExtraKind.THUMBNAIL or not extra.untried:
            return None
        now = self._context.clock.now()
        if publication.uploaded_at is not None and now - publication.uploaded_at > _RESTED:
            return None
        found = await account_named(self._context, account)
        return thumbnails_rest_until(found.lessons, now) if found is not None else None

    def _parked(self, publication: Publication, extra: Extra, until: datetime) -> Settlement:
        now = self._context.clock.now()
        why = f"YouTube takes no more thumbnails on this channel before {until:%Y-%m-%d %H:%M} UTC"
        data = _named(extra) | {"code": "uploadRateLimitExceeded", "why": why, "until": until.isoformat()}
        event = told(publication, Kind.EXTRA_RETRYING, now, data)
        after = _with(publication, replace(extra, due=until, reason=why))
        return Settlement(replace(after, updated_at=now), (event,))

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
        if not extra.untried:
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
        named = _named(extra)
        if not isinstance(answer, Fault) or answer.remedy is Remedy.ALREADY_DONE:
            done = replace(extra, state=ExtraState.DONE, due=None, reason=None)
            retried = extra.kind is ExtraKind.THUMBNAIL and not extra.untried
            allowed = forgotten((Topic.THUMBNAILS, Topic.THUMBNAIL_RATE), now) if retried else ()
            event = told(publication, Kind.EXTRA_DONE, now, named)
            return Settlement(_with(publication, done), (event,), lessons=allowed)
        due = self._again(extra, answer, now)
        tried = replace(extra, tries=extra.tries + 1, reason=answer.detail or answer.code, due=due)
        state = ExtraState.FAILED if due is None else _resting(extra, answer)
        kind = Kind.EXTRA_FAILED if due is None else Kind.EXTRA_RETRYING
        level = Level.WARNING if due is None else Level.INFO
        data = {**named, "code": answer.code, "why": answer.detail}
        if due is not None:
            data["until"] = due.isoformat()
        event = told(publication, kind, now, data, level)
        after = replace(_with(publication, replace(tried, state=state)), updated_at=now)
        told_of = (event, *witnessed(answer, publication, now))
        profile = self._context.profiles.get(publication.project or ProjectId(""))
        settled = Settlement(after, told_of, lessons=_taught(extra, answer, now))
        return blame.applied(settled, answer, profile, _METHOD[extra.kind])

    def _again(self, extra: Extra, fault: Fault, now: datetime) -> datetime | None:
        """When to try again; None when there is no point."""
        retryable = fault.remedy in _WAITS
        if not retryable or extra.lately + 1 > max(fault.tries, _DEFAULT_TRIES):
            return None
        if fault.remedy is Remedy.CLOSE_BUCKET:
            return reset_after(now)
        if fault.remedy is Remedy.PARK_EXTRA:
            return now + DAY
        patience = self._context.manners.patience
        dice = self._context.clock.dice()
        delay = backoff(extra.lately + 1, base=patience.base, cap=patience.cap, dice=dice)
        wished = wished_delay(fault.retry_after, now)
        return now + (max(delay, wished) if wished else delay)

    def _rest(self, publication: Publication) -> Settlement:
        """When to come back: for the next extra, and to watch the processing unless the next one comes soon."""
        now = self._context.clock.now()
        due = publication.next_extra(now)
        all_wait = all(waits_long(extra, now) for extra in publication.pending_extras())
        watched = publication.state is State.PROCESSING and all_wait
        look_at = now + self._context.manners.poll if watched else None
        return Settlement(replace(publication, due=due, look_at=look_at, passes=0, updated_at=now))


_WAITS = (Remedy.RETRY, Remedy.REFRESH, Remedy.CLOSE_BUCKET, Remedy.PARK_EXTRA)
_METHOD = {
    ExtraKind.THUMBNAIL: Method.THUMBNAILS_SET,
    ExtraKind.CAPTION: Method.CAPTIONS_INSERT,
    ExtraKind.PLAYLIST: Method.PLAYLIST_ITEMS_INSERT,
}


def _taught(extra: Extra, fault: Fault, now: datetime) -> tuple[Lesson, ...]:
    """A forbidden thumbnail is the channel's, not the picture's: it is not verified for custom ones (facts 4); one
    too many is the channel's too.
    """
    if extra.kind is ExtraKind.THUMBNAIL and fault.code == "forbidden":
        return (Lesson(Topic.THUMBNAILS, "refused", now, fault.detail),)
    if extra.kind is ExtraKind.THUMBNAIL and fault.remedy is Remedy.PARK_EXTRA:
        return (Lesson(Topic.THUMBNAIL_RATE, "exceeded", now, fault.detail),)
    return ()


def waits_long(extra: Extra, now: datetime) -> bool:
    """Is it due so late that nobody waits for it? The video is published without it, and it follows."""
    return extra.due is not None and extra.due - now > _LONG


def _named(extra: Extra) -> dict[str, object]:
    """An extra as events name it."""
    return {"extra": str(extra.kind), "index": extra.index}


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
    """After an answer nothing is in doubt; after silence, a broken server or a stranger's answer it is. An entry of a
    playlist stays in doubt until it is found or made: a look may come too early, and a second entry stays.
    """
    stays = extra.kind is ExtraKind.PLAYLIST and extra.state is ExtraState.SENT
    doubtful = fault.code in ("noReply", "backendError", UNPROVEN.code) or stays
    return ExtraState.SENT if doubtful else ExtraState.PENDING


def _with(publication: Publication, changed: Extra) -> Publication:
    """The publication with one extra replaced."""
    extras = tuple(
        changed if (extra.kind, extra.index) == (changed.kind, changed.index) else extra
        for extra in publication.extras
    )
    return replace(publication, extras=extras)
