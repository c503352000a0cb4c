"""The upload itself: open a session, talk it to its end, and write down each step before the next one.

The order of writing is what makes it safe to die anywhere: the intent before the start request, the session
address before the first byte, "finishing" before the last block, the video id before anything else.
"""

from dataclasses import replace

from ytempire.domain.accounts import Account
from ytempire.domain.calls import open_session
from ytempire.domain.decision import NOT_PLANNED, Hold, Reconcile, Wait, after, in_time, out_of_time
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import (
    ADDRESS_FORGOTTEN,
    NO_LOCATION,
    SESSION_LOST,
    STOPPED,
    UNPROVEN,
    Fault,
    Remedy,
    read,
)
from ytempire.domain.lessons import cap_proven
from ytempire.domain.lifecycle import Step
from ytempire.domain.publication import Publication, Reason, Session, SessionState
from ytempire.domain.quota import Method
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.upload import (
    Finished,
    Going,
    SessionGone,
    Transfer,
    Troubled,
    Unproven,
    next_request,
    read_reply,
)
from ytempire.domain.values import AccountId, ProjectId, SessionId
from ytempire.domain.wire import Answer, Ask, NoReply, Piece, Stopped, part
from ytempire.ports import Outcome, SealedField, Settlement
from ytempire.services import blame
from ytempire.services.arrival import arrived
from ytempire.services.context import Context
from ytempire.services.courier import Escort, Halted
from ytempire.services.gateway import Gateway
from ytempire.services.settle import ended, settlement, told
from ytempire.services.source import SOURCE_MISSING, accepted, changed
from ytempire.services.tokens import Tokens
from ytempire.services.witness import witnessed

URI_FIELD = SealedField.SESSION
"""The field under which a session address is sealed; the owner is the publication."""

_START, _PUT, _QUERY = (f"{Method.VIDEOS_INSERT}.{part}" for part in ("start", "put", "query"))
"""The steps of an upload, by which a fault says where it was met."""


class Uploading:
    """One pass of the upload of one publication."""

    def __init__(self, context: Context, tokens: Tokens, gateway: Gateway, halted: Halted) -> None:
        self._context = context
        self._tokens = tokens
        self._gateway = gateway
        self._halted = halted

    async def run(self, publication: Publication) -> Publication | None:
        """Brings an uploading publication as far as it gets; the one in processing when its video exists."""
        if publication.cancel_requested:
            await self._cancel(publication)
            return None
        if publication.live_session is not None:
            return await self._transfer(publication, offset=None)
        source = await accepted(self._context.media, publication.request)
        if isinstance(source, Reason):
            return await self._hold(publication, source)
        if publication.day != QuotaDay.of(self._context.clock.now()):
            await self._next_day(publication)
            return None
        opened = await self._open(publication)
        return await self._transfer(opened, offset=0) if opened is not None else None

    async def _next_day(self, publication: Publication) -> None:
        """An insert counts on the day it is started: one that begins anew on another day than it was reserved
        for is placed again, so that this day's cap and ceiling are asked.
        """
        now = self._context.clock.now()
        again = Wait(now, Reason("new_day", "its place was for a day that has ended"), elsewhere=True)
        await self._context.store.settle(settlement(publication, again, now))

    async def _open(self, publication: Publication) -> Publication | None:
        """A new session, its address stored. A start that may have been sent and died is left behind:
        without a byte sent to it, no video can come of it.
        """
        account, project = _placed(publication)
        token = await self._tokens.fresh(account)
        if isinstance(token, Fault):
            return await self._fault(publication, token)
        untimely = out_of_time(publication, self._context.clock.now())
        if untimely is not None:
            # It was in time when it was placed, and an earlier try to start it took until now.
            await self._settle(publication, untimely)
            return None
        charge = await self._gateway.charge(account, Method.VIDEOS_INSERT, publication.id)
        if isinstance(charge, Fault):
            return await self._fault(publication, charge)
        now = self._context.clock.now()
        size = publication.request.video.size
        name = SessionId(self._context.clock.new_id("ses"))
        session = Session(name, account, project, SessionState.OPENING, size, now)
        opening = replace(publication, session=session, updated_at=now)
        event = told(opening, Kind.SESSION_OPENING, now, {"session": name})
        stored = await self._context.store.settle(Settlement(opening, (event,)))
        if stored is None:
            return None
        answer = await self._context.google.call(open_session(stored.request), token)
        if isinstance(answer, NoReply) and not answer.sent:
            # It never left this machine: no insert was started, and none is charged.
            await self._gateway.refund(charge)
            return await self._fault(replace(stored, session=None), read(answer, _START))
        if isinstance(answer, NoReply) or answer.status not in (200, 201):
            fault = read(answer, _START)
            if fault.remedy is Remedy.REFRESH:
                await self._tokens.refused(account, token)
            return await self._fault(stored, fault)
        return await self._opened(stored, session, answer.headers.get("location"))

    async def _opened(
        self, publication: Publication, session: Session, location: str | None
    ) -> Publication | None:
        if not location:
            return await self._fault(publication, NO_LOCATION)
        # Not stored: another worker has it now, or the key was retired at this moment, and the next one seals.
        stored = await self._store_opened(publication, session, location)
        return stored or await self._store_opened(publication, session, location)

    async def _store_opened(
        self, publication: Publication, session: Session, location: str
    ) -> Publication | None:
        now = self._context.clock.now()
        sealed = self._context.vault.seal(publication.id, URI_FIELD, location.encode())
        live = replace(session, state=SessionState.OPEN, sealed_uri=sealed)
        event = told(publication, Kind.SESSION_OPENED, now, {"session": session.id})
        after_open = replace(publication, session=live, updated_at=now)
        return await self._context.store.settle(Settlement(after_open, (event,)))

    async def _transfer(self, publication: Publication, *, offset: int | None) -> Publication | None:
        """The conversation, turn by turn; it begins by asking unless the offset is known."""
        if publication.session is not None and publication.session.sealed_uri is None:
            await self._forgotten(publication)
            return None
        transfer = self._transfer_of(publication, offset)
        current: Publication | None = publication
        while current is not None:
            request = next_request(transfer)
            account, _ = _placed(current)
            token = await self._tokens.fresh(account)
            if isinstance(token, Fault):
                return await self._fault(current, token)
            if isinstance(request, Piece):
                source = await accepted(self._context.media, current.request)
                if isinstance(source, Reason):
                    return await self._spoilt(current, source)
                escort = Escort(self._context, self._gateway, current, source, self._halted)
                answer = await escort.send(request, token)
                current = escort.publication
                if isinstance(answer, Stopped):
                    return await self._stopped(current, escort, answer)
                if not _finishing(current) and await escort.differs():
                    return await self._spoilt(current, changed(current.request))
            else:
                answer = await self._context.google.ask(request, token)
            turn = read_reply(transfer, answer)
            if isinstance(turn, Going):
                current = await self._note(current, turn.transfer, request)
                transfer = turn.transfer
                continue
            if isinstance(turn, Troubled) and self._hung_up(turn.answer):
                await self._rest(current)
                return None
            if isinstance(turn, Troubled):
                fault = read(turn.answer, _PUT if isinstance(request, Piece) else _QUERY)
                if fault.remedy is Remedy.REFRESH:
                    await self._tokens.refused(account, token)
                return await self._fault(current, fault)
            return await self._over(current, turn)
        return None

    def _transfer_of(self, publication: Publication, offset: int | None) -> Transfer:
        session = publication.session
        if session is None or session.sealed_uri is None:
            raise TypeError(f"{publication.id} has no session to send to")
        uri = self._context.vault.open(publication.id, URI_FIELD, session.sealed_uri).decode()
        request = publication.request
        return Transfer(
            uri,
            request.video.path,
            request.mime,
            session.size,
            offset=offset,
            piece=self._context.manners.piece,
            reached=session.offset,
        )

    async def _note(
        self, publication: Publication, transfer: Transfer, request: Ask | Piece
    ) -> Publication | None:
        """Stores an offset beyond all before it. That is progress, so failures and deaths are counted anew.

        One that falls back is not stored: a server that gives and takes would make endless progress.
        """
        session = publication.session
        if session is None or transfer.offset is None or transfer.offset <= session.offset:
            return publication
        now = self._context.clock.now()
        moved = replace(
            publication,
            session=replace(session, offset=transfer.offset),
            failures=0,
            passes=0,
            updated_at=now,
        )
        events: tuple[Event, ...] = ()
        if isinstance(request, Ask):
            events = (
                told(publication, Kind.RESUMED, now, {"offset": transfer.offset, "total": transfer.total}),
            )
        return await self._context.store.settle(Settlement(moved, events))

    async def _over(
        self, publication: Publication, turn: Finished | SessionGone | Unproven
    ) -> Publication | None:
        match turn:
            case Finished() if not _finishing(publication):
                await self._too_early(publication)
            case Finished(video_id, resource):
                found = await self._account(publication)
                expected = found.channel if found is not None else None
                channel = part(resource, "snippet").get("channelId")
                settled = arrived(self._context, publication, video_id, channel, expected)
                return await self._context.store.settle(_proving(settled, found))
            case SessionGone() | Unproven() if _finishing(publication):
                await self._unknown(publication)
            case SessionGone():
                await self._lost(publication)
            case Unproven():
                await self._fault(publication, UNPROVEN)
        return None

    async def _forgotten(self, publication: Publication) -> None:
        """Its address was forgotten with the key that was lost: nobody can ask it any more."""
        if _finishing(publication):
            why = f"{ADDRESS_FORGOTTEN.detail}, so that YouTube cannot be asked whether the video exists"
            await self._unknown(publication, why)
        else:
            await self._lost(publication, ADDRESS_FORGOTTEN)

    async def _unknown(
        self,
        publication: Publication,
        message: str = "the upload session ended without telling whether the video exists",
    ) -> None:
        decision = Reconcile(self._context.clock.now(), Reason("unknown_outcome", message))
        await self._settle(publication, decision)

    async def _account(self, publication: Publication) -> Account | None:
        account, _ = _placed(publication)
        return await self._context.store.account(account, self._context.clock.now())

    async def _too_early(self, publication: Publication) -> None:
        """A finished upload is claimed, and its last bytes were never sent: who answers here? The channel tells."""
        session = publication.session
        if session is not None:
            publication = replace(publication, session=replace(session, state=SessionState.FINISHING))
        message = "the upload was called finished before its last bytes were sent"
        decision = Reconcile(self._context.clock.now(), Reason("unknown_outcome", message))
        await self._settle(publication, decision)

    async def _lost(self, publication: Publication, fault: Fault = SESSION_LOST) -> None:
        """A session that is gone before its last bytes were sent: leave it, and open a new one."""
        session = publication.session
        if session is not None:
            gone = replace(session, state=SessionState.GONE)
            publication = replace(publication, session=gone, attempts=publication.attempts + 1)
        await self._fault(publication, fault)

    async def _stopped(
        self, publication: Publication, escort: Escort, stopped: Stopped
    ) -> Publication | None:
        """We turned back before the last block."""
        if escort.cancelled:
            await self._cancel(publication)
        elif escort.fault is not None:
            await self._fault(publication, escort.fault)
        elif self._halted():
            await self._rest(publication)
        elif escort.spoilt or await escort.differs():
            await self._spoilt(publication, changed(publication.request))
        else:
            await self._fault(publication, replace(STOPPED, detail=stopped.why))
        return None

    def _hung_up(self, answer: Answer) -> bool:
        """Did we end the transfer because the house closes? Then nobody failed."""
        return isinstance(answer, NoReply) and answer.ours and self._halted()

    async def _rest(self, publication: Publication) -> None:
        """The next start goes on at once."""
        now = self._context.clock.now()
        rested = replace(publication, passes=0, due=now, updated_at=now)
        await self._context.store.settle(Settlement(rested))

    async def _spoilt(self, publication: Publication, reason: Reason) -> Publication | None:
        """The file is gone or changed. A session that may hold bytes of a changed file is worthless: it is
        left behind, which is safe while its last bytes were never sent. Once they may have been, it stays in
        doubt: nobody else takes the video, and the session is asked again when a person comes back to it.
        """
        session = publication.session
        if _finishing(publication):
            doubt = f"{reason.message}; its last bytes may have arrived, so it stays on {publication.account}"
            reason = replace(reason, message=doubt, remedies=(*reason.remedies, "adopt VIDEO_ID", "reupload"))
        elif session is not None and reason.code != SOURCE_MISSING:
            publication = replace(publication, session=replace(session, state=SessionState.GONE))
        return await self._hold(publication, reason)

    async def _hold(self, publication: Publication, reason: Reason) -> Publication | None:
        """A person is needed; this pass is over: always None."""
        await self._settle(publication, Hold(reason))
        return None

    async def _cancel(self, publication: Publication) -> None:
        event = told(publication, Kind.CANCELLED, self._context.clock.now())
        reason = Reason("cancelled", "cancelled before its last bytes were sent")
        if await self._context.store.settle(ended(publication, Step.CANCEL, event, reason)) is not None:
            # What it gives back is for whoever had no place.
            await self._context.store.wake(NOT_PLANNED, self._context.clock.now())

    async def _fault(self, publication: Publication, fault: Fault) -> Publication | None:
        """Applies a fault to everyone it concerns, in one transaction; this pass is over then: always None."""
        context = self._context
        if not _finishing(publication) and await context.store.cancel_flagged(publication.id):
            await self._cancel(publication)
            return None
        now = context.clock.now()
        account, project = _placed(publication)
        decision = after(
            publication, fault, now=now, dice=context.clock.dice(), patience=context.manners.patience
        )
        if isinstance(decision, Wait) and publication.live_session is None:
            decision = in_time(decision, publication)
        settled = settlement(publication, decision, now)
        # A start that is refused belongs to the day it was sent on, not to the day of its answer.
        session = publication.session
        sent = session.opened_at if session and session.state is SessionState.OPENING else now
        profile = context.profiles[project]
        closed = blame.closings(fault, project, profile, Method.VIDEOS_INSERT, sent=sent, now=now)
        gave_up = fault.remedy is not Remedy.REFRESH or not isinstance(decision, Wait) or not decision.keep
        changes = blame.account_changes(fault, account, now) if gave_up else ()
        failed = fault.scope.value == "account" and gave_up
        parked = fault.remedy is Remedy.PARK_CHANNEL
        taught = blame.lessons(fault, await self._account(publication) if parked else None, now)
        settled = replace(
            settled,
            closings=closed,
            accounts=changes,
            lessons=taught,
            events=(
                *settled.events,
                *witnessed(fault, publication, now),
                *blame.learned(account, taught, now),
            ),
            outcome=Outcome(account, False, now) if failed else None,
        )
        await context.store.settle(settled)
        return None

    async def _settle(self, publication: Publication, decision: Hold | Reconcile | Wait) -> None:
        await self._context.store.settle(settlement(publication, decision, self._context.clock.now()))


def _proving(settled: Settlement, account: Account | None) -> Settlement:
    """The settlement of an arrival, and that more went through in a day than was thought to."""
    if account is None:
        return settled
    taught = cap_proven(account.arrived_lately + 1, account.daily_uploads, account.lessons)
    told = blame.learned(account.id, taught, settled.publication.updated_at)
    return replace(settled, lessons=taught, events=(*settled.events, *told))


def _finishing(publication: Publication) -> bool:
    return publication.session is not None and publication.session.state is SessionState.FINISHING


def _placed(publication: Publication) -> tuple[AccountId, ProjectId]:
    if publication.account is None or publication.project is None:
        raise TypeError(f"{publication.id} is uploading without an account")
    return publication.account, publication.project
