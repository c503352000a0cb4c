"""What a person may do with a publication: cancel it, retry it, or resolve a hold. Each is safe under I1."""

from dataclasses import dataclass, replace

from ytempire.domain.calls import list_videos
from ytempire.domain.decision import NOT_PLANNED
from ytempire.domain.duplicates import fingerprint
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Fault
from ytempire.domain.inbox import Certainty, certainty, is_too_late, may_go_to
from ytempire.domain.lifecycle import FINAL, State, Step, take
from ytempire.domain.publication import Publication, Reason, Request, Session, SessionState, Target, extras_of
from ytempire.domain.quota import Method
from ytempire.domain.scope import Scope, confined, stays
from ytempire.domain.upload import Finished, Going
from ytempire.domain.values import AccountId, PublicationId, Refusal, Refused, Unanswered, VideoId
from ytempire.domain.wire import part
from ytempire.ports import Added, Known, Settlement
from ytempire.services.arrival import arrived
from ytempire.services.context import Context
from ytempire.services.gateway import Gateway
from ytempire.services.inbox import waiting
from ytempire.services.reconcile import Reconciling
from ytempire.services.settle import ended, told

_TRIES = 10
_REASSIGNED = "reassigned"


@dataclass(frozen=True, slots=True)
class Operating:
    """Actions of an operator. Each raises `Refused` when it is not possible, and then changes nothing.

    `seen` is the version that the operator saw: another one is left alone, also when it becomes another one at this
    very moment, but for an upload that went on meanwhile. `scope` are the accounts that the operator is for (None:
    all): what could land on others after an action is left to somebody else.
    """

    context: Context
    gateway: Gateway
    scope: Scope | None = None

    async def cancel(self, which: PublicationId, *, seen: int | None = None) -> Publication:
        """Gives a publication up. One that is uploading stops before its last bytes, or not at all."""
        for _ in range(_TRIES):
            publication = await self._find(which, seen)
            await self._may(publication, there=publication.state is State.UPLOADING)
            if publication.state is State.UPLOADING:
                return await self._flag(publication)
            if publication.state in FINAL or publication.state is State.PROCESSING:
                raise _no(publication, "cannot be cancelled any more")
            stored = await self.context.store.settle(self._given_up(publication))
            if stored is not None:
                if publication.state is State.PLANNED:
                    # Its place is for whoever had none.
                    await self.context.store.wake(NOT_PLANNED, self.context.clock.now())
                return stored
        raise _no(await self._find(which), "is changing too fast")

    def _given_up(self, publication: Publication) -> Settlement:
        """Cancelled; or failed, when there is a video that we will not look after any more."""
        event = self._told(publication, Kind.CANCELLED)
        if publication.video_id is None:
            reason = Reason("cancelled", "cancelled by an operator")
            if _in_doubt(publication):
                message = "cancelled by an operator, after its last bytes were sent: it may be a video"
                reason = Reason("cancelled", message, ("look in YouTube Studio, and delete it there",))
            return ended(publication, Step.CANCEL, event, reason)
        message = f"given up by an operator; the video {publication.video_id} exists"
        return ended(publication, Step.FAIL, event, Reason("given_up", message, ("delete it at YouTube",)))

    async def retry(self, which: PublicationId, *, seen: int | None = None) -> Publication:
        """Puts a held publication back to work, a deferred one to work now, and an ended one anew.

        An ended publication stays as it is; a new one with the same request takes its place, so that no
        publication ever has two inserts.
        """
        for _ in range(_TRIES):
            publication = await self._find(which, seen)
            await self._may(publication, anew=publication.state in FINAL)
            if publication.state in (State.REFUSED, State.CANCELLED, State.FAILED, State.DUPLICATE):
                if publication.reason is not None and publication.reason.code == _REASSIGNED:
                    raise _no(publication, f"was {publication.reason.message}")
                if _in_doubt(publication):
                    raise _no(publication, "may have become a video; look, then submit it with `again`")
                return await self._anew(publication)
            if publication.state is State.HELD and publication.video_id is not None:
                raise _no(publication, f"has become the video {publication.video_id}; adopt it or cancel")
            if publication.state not in (State.HELD, State.DEFERRED):
                raise _no(publication, "is not waiting for anybody")
            late = publication.state is State.HELD and is_too_late(publication)
            if late and not _in_doubt(publication):
                raise _no(
                    publication, "would be held again at once; give it up, and submit it with another moment"
                )
            stored = await self._release(publication)
            if stored is not None:
                return stored
        raise _no(await self._find(which), "is changing too fast")

    async def adopt(self, which: PublicationId, video: VideoId, *, seen: int | None = None) -> Publication:
        """Declares that a held publication became this video; it is watched like any other from then on."""
        publication = await self._find(which, seen)
        if publication.state is not State.HELD:
            raise _no(publication, "is not held")
        if publication.account is None:
            raise _no(publication, "has never been on an account")
        taken = await self.context.store.videos_of(publication.account)
        if video in taken and video != publication.video_id:
            raise _no(publication, f"cannot adopt {video}: another publication has it")
        await self._seen(publication, publication.account, video)
        settled = arrived(self.context, publication, video, kind=Kind.ADOPTED, by=self.context.actor)
        return await self._stored(publication, settled)

    async def _seen(self, publication: Publication, account: AccountId, video: VideoId) -> None:
        """A video that is adopted must be there, on the channel of the account."""
        call = list_videos([video], parts="snippet,status")
        answer = await self.gateway.call(account, Method.VIDEOS_LIST, call, publication.id)
        if isinstance(answer, Fault):
            raise Unanswered(f"{video} cannot be looked up now: {answer.detail}; try again later")
        items = answer.json().get("items")
        found = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        if not any(item.get("id") == video for item in found):
            raise _no(publication, f"cannot adopt {video}: YouTube shows no such video")
        channel = part(found[0], "snippet").get("channelId")
        accounts = await self.context.store.accounts(self.context.clock.now())
        expected = next((each.channel for each in accounts if each.id == account), None)
        if None not in (channel, expected) and channel != expected:
            raise _no(publication, f"cannot adopt {video}: it is on another channel, {channel}")

    async def reupload(
        self, which: PublicationId, reconciling: Reconciling, *, seen: int | None = None
    ) -> Publication:
        """Uploads once more what has an unknown outcome, after a last look that finds no video of it.

        Whose last bytes were sent is let go only when its session says that it lacks bytes, or when it was looked
        for as long as YouTube may take to list it.
        """
        publication = await self._find(which, seen)
        await self._may(publication, anew=True)
        session = publication.session
        if publication.state is not State.HELD or session is None or publication.video_id is not None:
            raise _no(publication, "has no unknown outcome")
        if _in_doubt(publication):
            await self._check_session(publication, session, reconciling)
        found = await reconciling.look(publication, session)
        if isinstance(found, Fault):
            raise _no(publication, f"cannot be looked for on its channel: {found.detail}")
        if found:
            ids = ", ".join(match.video_id for match in found)
            raise _no(publication, f"may be on the channel already as {ids}; adopt it instead")
        gone = replace(publication, session=replace(session, state=SessionState.GONE))
        stored = await self._release(gone)
        if stored is None:
            raise _no(publication, "was changed by somebody else")
        return stored

    async def _check_session(
        self, publication: Publication, session: Session, reconciling: Reconciling
    ) -> None:
        """Raises `Refused` while a video may have come of it that no list shows yet."""
        turn = await reconciling.asked(publication, session)
        if isinstance(turn, Finished):
            raise _no(publication, f"has become {turn.video_id}; retry it, and that is adopted")
        if isinstance(turn, Going) and turn.transfer.offset is not None:
            return
        if not reconciling.looked_long(session):
            raise _no(
                publication, "may be a video that is not listed yet; retry it first, and it is looked for"
            )

    async def reassign(
        self, which: PublicationId, account: AccountId, *, seen: int | None = None
    ) -> Publication:
        """Moves a held publication to another account of those that its request allows.

        Only while it is certain that no video can have come of it. It is cancelled, and the same request for
        that account takes its place under a new id, so that no publication ever has two inserts; a death between
        the two is mended by doing the same again.
        """
        publication = await self._find(which, seen)
        if not _moved_to(publication, account):
            if publication.state is not State.HELD:
                raise _no(publication, "is not held")
            await self._check_move(publication, account)
            event = self._told(publication, Kind.CANCELLED, instead=account)
            await self._stored(publication, ended(publication, Step.CANCEL, event, _moving(account)))
        request = replace(publication.request, target=Target(account=account))
        return await self._instead(publication, request, f"{publication.id} moved to {account}")

    async def _check_move(self, publication: Publication, account: AccountId) -> None:
        """Raises `Refused` unless it may go there."""
        if certainty(publication) is not Certainty.NO_VIDEO:
            raise _no(
                publication, "may have become a video; an unknown outcome never moves to another account"
            )
        accounts = await self.context.store.accounts(self.context.clock.now())
        chosen = next((each for each in accounts if each.id == account), None)
        if chosen is None:
            raise _no(publication, f"cannot go to {account}: there is no such account")
        if not may_go_to(publication, chosen):
            raise _no(publication, f"cannot go to {account}: its request does not allow that; submit it anew")

    async def retry_held(self, reason: str) -> tuple[list[Publication], list[Refused]]:
        """Retries everything that is held for this reason: what is back at work, and what was refused."""
        done: list[Publication] = []
        refused: list[Refused] = []
        for publication in await waiting(self.context.store, reason):
            try:
                done.append(await self.retry(publication.id))
            except Refused as refusal:
                refused.append(refusal)
        return done, refused

    async def _find(self, which: PublicationId, seen: int | None = None) -> Publication:
        publication = await self.context.store.publication(which)
        if publication is None:
            remedy = "see `ytempire jobs list`"
            raise Refused(Refusal("publication", "publication_unknown", f"there is no {which}", remedy))
        if seen is not None and publication.version != seen:
            raise changed_meanwhile(which)
        return publication

    async def _may(self, publication: Publication, *, there: bool = False, anew: bool = False) -> None:
        """Raises `Refused` for what could land outside the scope: by its request, unless it is `there` now or a
        video of it may be, and it does not begin `anew`.
        """
        if self.scope is None or (there and publication.account in self.scope):
            return
        accounts = await self.context.store.accounts(self.context.clock.now())
        if confined(publication.request.target, self.scope, accounts):
            return
        if anew or not stays(publication, self.scope):
            message = f"{publication.id} may go to accounts that this token is not for"
            remedy = "leave it to somebody who may act on all accounts, or move it to one of yours while it is held"
            raise Refused(Refusal("publication", "accounts_only", message, remedy))

    async def _flag(self, publication: Publication) -> Publication:
        event = self._told(publication, Kind.CANCEL_REQUESTED)
        if not await self.context.store.flag_cancel(publication.id, (event,)):
            raise _no(await self._find(publication.id), "has sent its last bytes, or has moved on")
        flagged = await self._find(publication.id)
        if flagged.due is not None and flagged.due > event.at:
            # Nobody is sending: it waits for a time that need not be waited for any more.
            await self.context.store.settle(Settlement(replace(flagged, due=event.at, updated_at=event.at)))
        return flagged

    async def _release(self, publication: Publication) -> Publication | None:
        now = self.context.clock.now()
        step = Step.RELEASE if publication.state is State.HELD else Step.RETURN
        released = replace(
            publication,
            state=take(publication.state, step),
            updated_at=now,
            due=now,
            failures=0,
            passes=0,
            attempts=0,
            reason=None,
            cancel_requested=False,
            session=_asked_again(publication.session),
        )
        event = self._told(released, Kind.RELEASED)
        return await self.context.store.settle(Settlement(released, (event,), release=True))

    async def _anew(self, publication: Publication) -> Publication:
        return await self._instead(publication, publication.request, f"retry of {publication.id}")

    async def _instead(self, publication: Publication, wanted: Request, key: str) -> Publication:
        """A new publication in the place of one that has ended, the same one however often it is asked for."""
        now = self.context.clock.now()
        request = replace(wanted, again=True, idempotency_key=key)
        fresh = Publication(
            id=PublicationId(self.context.clock.new_id("pub")),
            request=request,
            state=State.QUEUED,
            created_at=now,
            updated_at=now,
            due=now,
            extras=extras_of(request),
        )
        data = {"instead_of": publication.id, "by": self.context.actor}
        event = Event(Kind.SUBMITTED, now, publication=fresh.id, data=data)
        match await self.context.store.submit(fresh, fingerprint(request), (event,)):
            case Added(stored) | Known(stored):
                return stored
            case _:
                raise _no(publication, "could not be submitted anew")

    def _told(self, publication: Publication, kind: Kind, **more: object) -> Event:
        return told(publication, kind, self.context.clock.now(), {"by": self.context.actor, **more})

    async def _stored(self, publication: Publication, settled: Settlement) -> Publication:
        stored = await self.context.store.settle(settled)
        if stored is None:
            raise _no(publication, "was changed by somebody else")
        return stored


def changed_meanwhile(which: PublicationId) -> Refused:
    """The refusal to change what is not as it was seen."""
    message = f"{which} is not as you saw it any more"
    return Refused(Refusal("publication", "changed_meanwhile", message, "look again, and decide again"))


def _moving(account: AccountId) -> Reason:
    return Reason(_REASSIGNED, f"moved to {account}; the same request goes on there under a new id")


def _moved_to(publication: Publication, account: AccountId) -> bool:
    """Was it cancelled for this very move before?"""
    return publication.state is State.CANCELLED and publication.reason == _moving(account)


def _asked_again(session: Session | None) -> Session | None:
    return replace(session, asked=0) if session is not None else None


def _in_doubt(publication: Publication) -> bool:
    """Were its last bytes sent without anybody learning what came of them?"""
    session = publication.session
    return session is not None and session.state is SessionState.FINISHING


def _no(publication: Publication, why: str) -> Refused:
    message = f"{publication.id} is {publication.state} and {why}"
    remedy = f"see `ytempire jobs show {publication.id}`"
    return Refused(Refusal("publication", "not_possible", message, remedy))
