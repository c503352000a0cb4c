"""Publications in memory: `ports.Publications` over the shared tables. None awaits: each is atomic."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from ytempire.adapters.memory import reservations
from ytempire.adapters.memory.accounts import apply_change, told, write_lessons
from ytempire.adapters.memory.keys import address_in_use, stored_session
from ytempire.adapters.memory.ledger import close
from ytempire.adapters.memory.tables import OnTables
from ytempire.domain.duplicates import first_duplicate
from ytempire.domain.events import Event
from ytempire.domain.lifecycle import ATTENDED, State
from ytempire.domain.publication import Publication, SessionState
from ytempire.domain.quota import Allotment, Cost
from ytempire.domain.values import AccountId, PublicationId, VideoId
from ytempire.ports import Added, Filter, KeyConflict, Known, Queue, Repeats, Settlement, Submitted

_NO_CONTENT = (State.REFUSED, State.CANCELLED, State.FAILED, State.DUPLICATE)
_PROCESSING = frozenset({State.PROCESSING})
_WAITING = frozenset({State.QUEUED, State.PLANNED, State.DEFERRED})
_TOO_LATE = (SessionState.FINISHING, SessionState.DONE)


class MemoryPublications(OnTables):
    """Publications at rest, in a dict."""

    async def submit(
        self, publication: Publication, fingerprint: str, events: Sequence[Event], *, once: bool = False
    ) -> Submitted:
        others = await self.same_content(publication.request.video.sha256) if once else ()
        original = first_duplicate(publication.request, others)
        if original is not None:
            return Repeats(original.id)
        if not address_in_use(self._tables, publication):
            raise ValueError(f"the address of a session of {publication.id} is sealed with a key not in use")
        key = publication.request.idempotency_key
        if key is not None:
            first, known = self._tables.keys.setdefault(key, (publication.id, fingerprint))
            if first != publication.id:
                same = known == fingerprint
                return Known(self._tables.publications[first]) if same else KeyConflict(first)
        stored = replace(publication, session=stored_session(self._tables, publication))
        self._tables.publications[publication.id] = stored
        self._tables.record(events)
        return Added(stored)

    async def key_holder(self, key: str) -> tuple[PublicationId, str] | None:
        return self._tables.keys.get(key)

    async def same_content(self, sha256: str) -> tuple[Publication, ...]:
        found = self._tables.publications.with_content(sha256)
        return tuple(sorted(filter(_may_be_there, found), key=_age))

    async def publication(self, which: PublicationId) -> Publication | None:
        return self._tables.publications.get(which)

    async def publications(self, wanted: Filter) -> tuple[Publication, ...]:
        found = [each for each in self._among(wanted.states) if _passes(each, wanted)]
        if wanted.before is not None:
            limit = self._tables.publications.get(wanted.before)
            found = [each for each in found if limit is not None and _age(each) < _age(limit)]
        return tuple(sorted(found, key=_age, reverse=True)[: wanted.limit])

    async def counts(self, account: AccountId | None = None) -> dict[State, int]:
        shelf = self._tables.publications
        return (
            shelf.counts() if account is None else Counter(each.state for each in shelf.of_account(account))
        )

    async def due(self, now: datetime, limit: int) -> tuple[PublicationId, ...]:
        found = [
            (each.request.priority, each.due, _age(each)) for each in self._attended() if _is_due(each, now)
        ]
        return tuple(which for _, _, (_, which) in sorted(found)[:limit])

    async def next_due(self) -> datetime | None:
        moments = [each.due for each in self._attended()]
        moments += [each.look_at for each in self._among(_PROCESSING)]
        return min((moment for moment in moments if moment is not None), default=None)

    async def queue(self, now: datetime) -> Queue:
        dues = [each.due for each in self._among(_WAITING) if _is_due(each, now)]
        return Queue(len(dues), min((due for due in dues if due is not None), default=None))

    async def to_look_at(self, now: datetime, limit: int) -> tuple[Publication, ...]:
        found = [
            (each.look_at, _age(each), each)
            for each in self._among(_PROCESSING)
            if each.look_at is not None and each.look_at <= now
        ]
        return tuple(each for _, _, each in sorted(found, key=lambda row: row[:2])[:limit])

    async def begin(self, which: PublicationId, now: datetime) -> Publication | None:
        stored = self._tables.publications.get(which)
        if stored is None or stored.state not in ATTENDED or not _is_due(stored, now):
            return None
        return self._put(replace(stored, passes=stored.passes + 1, version=stored.version + 1))

    async def reserve(
        self,
        publication: Publication,
        cost: Cost,
        events: Sequence[Event],
        *,
        cap: int | None = None,
        allotment: Allotment | None = None,
    ) -> Publication | None:
        stored = self._tables.publications.get(publication.id)
        if stored is None or stored.version != publication.version:
            return None
        if not reservations.take(self._tables, publication, cost, cap, allotment):
            return None
        self._tables.record(events)
        return self._put(_started(stored, publication))

    async def settle(self, settlement: Settlement) -> Publication | None:
        publication = settlement.publication
        if not self._storable(publication):
            return None
        if settlement.uncount:
            reservations.uncount(self._tables, publication.id)
        if settlement.release:
            reservations.give_back(self._tables, publication.id)
        elif publication.state is not State.UPLOADING:
            reservations.leave(self._tables, publication.id)
        if settlement.outcome is not None:
            self._tables.outcomes.append(settlement.outcome)
        events = list(settlement.events)
        for change in settlement.accounts:
            if apply_change(self._tables, change, publication.updated_at):
                events += told(change)
        events += [event for closing in settlement.closings for event in close(self._tables, closing)]
        if publication.account is not None:
            write_lessons(self._tables, publication.account, settlement.lessons)
        self._tables.record(events)
        return self._put(self._keeping(publication))

    async def finishing(self, publication: Publication) -> Publication | None:
        stored = self._tables.publications.get(publication.id)
        if stored is None or stored.version != publication.version or stored.state is not State.UPLOADING:
            return None
        if stored.cancel_requested or stored.session is None:
            return None
        session = replace(stored.session, state=SessionState.FINISHING)
        return self._put(replace(stored, session=session, version=stored.version + 1))

    async def wake(self, code: str, now: datetime) -> int:
        later = [
            each
            for each in self._among(frozenset({State.DEFERRED}))
            if each.due is not None and each.due > now
            and each.reason is not None and each.reason.code == code
        ]  # fmt: skip
        for each in later:
            self._put(replace(each, due=now, updated_at=now, version=each.version + 1))
        return len(later)

    async def flag_cancel(self, which: PublicationId, events: Sequence[Event]) -> bool:
        stored = self._tables.publications.get(which)
        if stored is None or stored.state is not State.UPLOADING:
            return False
        if stored.session is not None and stored.session.state in _TOO_LATE:
            return False
        self._tables.publications[which] = replace(stored, cancel_requested=True)
        self._tables.record(events)
        return True

    async def cancel_flagged(self, which: PublicationId) -> bool:
        stored = self._tables.publications.get(which)
        return stored is not None and stored.cancel_requested

    async def videos_of(self, account: AccountId) -> frozenset[VideoId]:
        mine = (each.video_id for each in self._tables.publications.of_account(account))
        return frozenset(video for video in mine if video is not None)

    def _among(self, states: frozenset[State]) -> Iterator[Publication]:
        """Publications in any of these states; in any at all when none is named."""
        shelf = self._tables.publications
        return shelf.within(states) if states else shelf.values()

    def _attended(self) -> Iterator[Publication]:
        return (each for each in self._tables.publications.with_due() if each.state in ATTENDED)

    def _storable(self, publication: Publication) -> bool:
        """Is the stored version still the one this value was read at, and may its address be stored?"""
        stored = self._tables.publications.get(publication.id)
        same = stored is not None and stored.version == publication.version
        return same and address_in_use(self._tables, publication)

    def _keeping(self, publication: Publication) -> Publication:
        """The next version of the value, with what no settlement changes: its request, its birth, a stop that was
        asked for, and the address of its session.
        """
        stored = self._tables.publications[publication.id]
        asked = publication.cancel_requested or (stored.cancel_requested and stored.state is not State.HELD)
        return replace(
            publication,
            request=stored.request,
            created_at=stored.created_at,
            cancel_requested=asked,
            session=stored_session(self._tables, publication),
            version=publication.version + 1,
        )

    def _put(self, publication: Publication) -> Publication:
        """Stores a value that has its next version already."""
        self._tables.publications[publication.id] = publication
        return publication


def _started(stored: Publication, wanted: Publication) -> Publication:
    """The next version of what is stored, with what a start changes."""
    return replace(
        stored,
        state=wanted.state,
        updated_at=wanted.updated_at,
        account=wanted.account,
        project=wanted.project,
        day=wanted.day,
        attempts=wanted.attempts,
        reason=None,
        version=stored.version + 1,
    )


def _may_be_there(publication: Publication) -> bool:
    """Is its content published, or may it still be?"""
    session = publication.session
    in_doubt = session is not None and session.state is SessionState.FINISHING
    return publication.state not in _NO_CONTENT or (publication.state is State.CANCELLED and in_doubt)


def _age(publication: Publication) -> tuple[datetime, PublicationId]:
    return publication.created_at, publication.id


def _is_due(publication: Publication, now: datetime) -> bool:
    return publication.due is not None and publication.due <= now


def _passes(publication: Publication, wanted: Filter) -> bool:
    if wanted.states and publication.state not in wanted.states:
        return False
    return wanted.account is None or publication.account == wanted.account
