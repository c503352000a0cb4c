"""An upload of unknown outcome: look for its video on its channel, several times, then adopt it or hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ytempire.domain.calls import list_videos, my_channel, playlist_entries
from ytempire.domain.decision import Hold, Reconcile, Wait
from ytempire.domain.events import Kind
from ytempire.domain.faults import UNPROVEN, Fault, Level, Remedy, Scope
from ytempire.domain.lifecycle import WORKABLE, State
from ytempire.domain.publication import Publication, Reason, Session
from ytempire.domain.quota import Method, reset_after
from ytempire.domain.reconcile import MAX_PAGES, Match, matches, page_of, twins
from ytempire.domain.upload import Transfer, Turn, read_reply
from ytempire.domain.values import AccountId, PlaylistId, VideoId
from ytempire.domain.wire import Ask, part
from ytempire.ports import Filter, SealedField, Settlement
from ytempire.services import blame
from ytempire.services.arrival import arrived
from ytempire.services.context import Context
from ytempire.services.gateway import Gateway
from ytempire.services.settle import settlement
from ytempire.services.witness import witnessed

_MANY = 10_000
_UNDECIDED = WORKABLE | {State.HELD}
_REMEDIES = ("adopt VIDEO_ID", "reupload", "cancel")
_PARTS = "snippet,status,fileDetails"
_ENDLESS = Fault(
    "tooManyUploads",
    Remedy.RETRY,
    Scope.ACCOUNT,
    Level.WARNING,
    5,
    "the channel has had more uploads since then than are looked through",
)


@dataclass(frozen=True, slots=True)
class Reconciling:
    """Looks through uploads lists."""

    context: Context
    gateway: Gateway

    async def run(self, publication: Publication, session: Session) -> None:
        """One round for a publication whose session ended in doubt."""
        store, now = self.context.store, self.context.clock.now()
        found = await self.look(publication, session)
        proven = [match for match in found if match.proven] if not isinstance(found, Fault) else []
        if len(proven) == 1:
            await store.settle(arrived(self.context, publication, proven[0].video_id, kind=Kind.ADOPTED))
            return
        settled = settlement(publication, self._next(session, found, now), now)
        if isinstance(found, Fault):
            profile = self.context.profiles.get(session.project)
            settled = replace(settled, events=(*settled.events, *witnessed(found, publication, now)))
            settled = blame.applied(settled, found, profile, Method.VIDEOS_LIST)
        else:
            settled = _naming(settled, found)
        await store.settle(settled)

    def _next(
        self, session: Session, found: tuple[Match, ...] | Fault, now: datetime
    ) -> Reconcile | Hold | Wait:
        rounds = self.context.manners.reconcile
        if isinstance(found, Fault) and found.remedy is Remedy.CLOSE_BUCKET:
            # Nobody looked, so no round is used up.
            return Wait(reset_after(now), Reason("unknown_outcome", found.detail), keep=True)
        if session.asked < len(rounds):
            delay = rounds[session.asked] - rounds[session.asked - 1]
            message = f"not found on the channel yet (round {session.asked} of {len(rounds)})"
            return Reconcile(now + delay, Reason("unknown_outcome", message))
        return Hold(Reason("unknown_outcome", _evidence(found), _REMEDIES))

    async def asked(self, publication: Publication, session: Session) -> Turn | Fault | None:
        """What the session itself says now, as a turn of its conversation; None when its address was forgotten."""
        if session.sealed_uri is None:
            return None
        uri = self.context.vault.open(publication.id, SealedField.SESSION, session.sealed_uri).decode()
        answer = await self.gateway.ask(session.account, Ask(uri, session.size))
        request = publication.request
        return (
            answer
            if isinstance(answer, Fault)
            else read_reply(Transfer(uri, request.video.path, request.mime, session.size), answer)
        )

    def looked_long(self, session: Session) -> bool:
        """Was it looked for through all rounds? A video may be listed some time after it was made."""
        return session.asked >= len(self.context.manners.reconcile)

    async def look(self, publication: Publication, session: Session) -> tuple[Match, ...] | Fault:
        """The videos on the session's channel that could be its outcome."""
        account = session.account
        channel = await self.gateway.listed(account, Method.CHANNELS_LIST, my_channel(), publication.id)
        if isinstance(channel, Fault):
            return channel
        uploads = _uploads_playlist(channel)
        if uploads is None:
            return UNPROVEN
        found = await self._through(publication, session, uploads)
        if isinstance(found, Fault) or not any(match.proven for match in found):
            return found
        if await self._twins(publication, session):
            return tuple(replace(match, proven=False) for match in found)
        # A twin that is none any more has learned of its video, perhaps while it was looked for here.
        taken = await self.context.store.videos_of(account)
        return tuple(match for match in found if match.video_id not in taken)

    async def _twins(self, publication: Publication, session: Session) -> tuple[Publication, ...]:
        """The publications that a video of this one could just as well belong to: until they know theirs."""
        wanted = Filter(_UNDECIDED, account=session.account, limit=_MANY)
        return twins(publication, session, await self.context.store.publications(wanted))

    async def _through(
        self, publication: Publication, session: Session, uploads: PlaylistId
    ) -> tuple[Match, ...] | Fault:
        """Page by page, until everything is older than the session; a list without an end proves nothing."""
        account, found, page = session.account, list[Match](), None
        taken = await self.context.store.videos_of(account)
        for _ in range(MAX_PAGES):
            call = playlist_entries(uploads, page=page)
            listed = await self.gateway.page(account, Method.PLAYLIST_ITEMS_LIST, call, publication.id)
            if isinstance(listed, Fault):
                return listed
            ids, all_recent = page_of(session, listed[0])
            details = await self._details(publication, account, ids)
            if isinstance(details, Fault):
                return details
            found += matches(publication, session, details, taken)
            page = listed[1]
            if page is None or not all_recent:
                return tuple(found)
        return tuple(replace(match, proven=False) for match in found) or _ENDLESS

    async def _details(
        self, publication: Publication, account: AccountId, ids: tuple[VideoId, ...]
    ) -> tuple[Mapping[str, Any], ...] | Fault:
        if not ids:
            return ()
        call = list_videos(ids, parts=_PARTS)
        return await self.gateway.listed(account, Method.VIDEOS_LIST, call, publication.id)


def _naming(settled: Settlement, found: tuple[Match, ...]) -> Settlement:
    """The settlement whose events name the videos that were found, for whoever has to choose."""
    if not found:
        return settled
    videos = {"videos": [match.video_id for match in found]}
    told = (replace(event, data={**event.data, **videos}) for event in settled.events)
    return replace(settled, events=tuple(told))


def _uploads_playlist(channels: Sequence[Mapping[str, Any]]) -> PlaylistId | None:
    for channel in channels:
        uploads = part(part(channel, "contentDetails"), "relatedPlaylists").get("uploads")
        if uploads:
            return PlaylistId(str(uploads))
    return None


def _evidence(found: tuple[Match, ...] | Fault) -> str:
    if isinstance(found, Fault):
        return f"whether the video exists is unknown, and the channel could not be looked at: {found.detail}"
    if not found:
        return "the last bytes were sent, the session is gone, and no such video is on the channel"
    ids = ", ".join(match.video_id for match in found)
    return f"the last bytes were sent, the session is gone; the video may be one of {ids}"
