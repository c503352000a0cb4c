"""Programs that write publications: the changing half of `ports.Publications`.

Each is won or lost by one conditional update of the publication's row. What such a condition needs is in
that row: the state of the session is mirrored there, and a stop that was asked for.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ytempire.adapters.sql import ledger, reservations
from ytempire.adapters.sql.accounts import apply_change, told, write_lessons, write_outcome
from ytempire.adapters.sql.documents import document, moment, moment_text, request_document, request_of
from ytempire.adapters.sql.log import record
from ytempire.adapters.sql.program import Program, Statement, Undone
from ytempire.adapters.sql.rows import (
    PUBLICATION,
    Params,
    publication_of,
    publication_params,
    session_params,
)
from ytempire.adapters.sql.vault_keys import in_use
from ytempire.domain.duplicates import first_duplicate
from ytempire.domain.events import Event
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Publication, Session, SessionState
from ytempire.domain.quota import Allotment, Cost
from ytempire.domain.values import PublicationId, sealed_by
from ytempire.ports import Added, KeyConflict, Known, Repeats, Settlement, Submitted

_SUBMIT = """
INSERT INTO publications
  (id, state, created_at, updated_at, version, account, project, video_id, reason, due, look_at, uploaded_at,
   attempts, failures, passes, day, cancel_requested, extras, session_id, session_state, priority,
   sha256, idempotency_key, fingerprint, request)
VALUES
  (:id, :state, :created_at, :updated_at, :version, :account, :project, :video_id, :reason, :due, :look_at,
   :uploaded_at, :attempts, :failures, :passes, :day, :cancel_requested, :extras, :session_id,
   :session_state, :priority, :sha256, :idempotency_key, :fingerprint, :request)
ON CONFLICT (idempotency_key) DO NOTHING
"""
_TAKE_TURN = """
INSERT INTO facts (name, value) VALUES ('submission.latest', :sha256)
ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""
"""One row that every submission writes first: on a database that locks by row, they wait for each other."""

KEY_HOLDER = "SELECT id, fingerprint FROM publications WHERE idempotency_key = :idempotency_key"
"""Whose an idempotency key is, and the fingerprint it came with."""

_STORE = """
UPDATE publications SET state = :state, updated_at = :updated_at, version = version + 1, account = :account,
  project = :project, video_id = :video_id, reason = :reason, due = :due, look_at = :look_at,
  uploaded_at = :uploaded_at, attempts = :attempts, failures = :failures, passes = :passes, day = :day,
  extras = :extras, session_id = :session_id, session_state = :session_state,
  cancel_requested = CASE WHEN state <> 'held' AND cancel_requested = 1 THEN 1 ELSE :cancel_requested END
WHERE id = :id AND version = :version
RETURNING cancel_requested, created_at, request
"""
_START = """
UPDATE publications SET state = :state, updated_at = :now, version = version + 1, account = :account,
  project = :project, day = :day, attempts = :attempts, reason = NULL
WHERE id = :publication AND version = :version
RETURNING cancel_requested
"""
"""Only what a start changes: each index that is left alone is a page less for the disk to write."""

_SESSION = """
INSERT INTO sessions
  (publication, id, account, project, state, size, opened_at, acknowledged, asked)
VALUES
  (:publication, :id, :account, :project, :state, :size, :opened_at, :acknowledged, :asked)
ON CONFLICT (publication, id) DO UPDATE SET account = excluded.account, project = excluded.project,
  state = excluded.state, size = excluded.size, opened_at = excluded.opened_at,
  acknowledged = excluded.acknowledged, asked = excluded.asked
RETURNING sealed_uri
"""
_SEAL = """
UPDATE sessions SET sealed_uri = :sealed_uri, sealed_by = :sealed_by WHERE publication = :publication AND id = :id
"""
"""The address is stored once, by itself: a settlement may carry an older text than one that was sealed anew."""

_BEGIN = """
UPDATE publications SET passes = passes + 1, version = version + 1
WHERE id = :id AND due <= :now
  AND state IN ('queued', 'planned', 'deferred', 'uploading', 'processing', 'published')
"""
_FINISHING = """
UPDATE publications SET session_state = :finishing, version = version + 1
WHERE id = :id AND version = :version AND state = 'uploading' AND cancel_requested = 0
  AND session_id IS NOT NULL
RETURNING session_id
"""
_MARK_SESSION = "UPDATE sessions SET state = :finishing WHERE publication = :id AND id = :session"
_FLAG = """
UPDATE publications SET cancel_requested = 1
WHERE id = :id AND state = 'uploading'
  AND (session_state IS NULL OR session_state NOT IN ('finishing', 'done'))
"""
_WAKE = """
UPDATE publications SET due = :now, updated_at = :now, version = version + 1
WHERE state = 'deferred' AND due > :now
  AND SUBSTR(reason, 1, LENGTH(CAST(:begins AS TEXT))) = CAST(:begins AS TEXT)
RETURNING id
"""
ONE = PUBLICATION + "WHERE p.id = :id"
SAME_CONTENT = (
    PUBLICATION
    + """
WHERE p.sha256 = :sha256 AND (p.state NOT IN ('refused', 'cancelled', 'failed', 'duplicate')
  OR p.state = 'cancelled' AND p.session_state = 'finishing')
ORDER BY p.created_at, p.id
"""
)


def submit(
    publication: Publication, fingerprint: str, events: Sequence[Event], *, once: bool
) -> Program[Submitted]:
    """Stores a new publication, or finds whose idempotency key it is, or whose content."""
    request = publication.request
    if once:
        yield Statement(_TAKE_TURN, {"sha256": request.video.sha256})
        others = yield Statement(SAME_CONTENT, {"sha256": request.video.sha256})
        original = first_duplicate(request, map(publication_of, others))
        if original is not None:
            return Repeats(original.id)
    params = publication_params(publication) | {
        "created_at": moment_text(publication.created_at),
        "priority": request.priority,
        "sha256": request.video.sha256,
        "idempotency_key": request.idempotency_key,
        "fingerprint": fingerprint,
        "request": request_document(request),
    }
    if (yield Statement(_SUBMIT, params)):
        yield from _store_first_session(publication)
        yield from record(events)
        return Added(publication)
    ((which, known),) = yield Statement(KEY_HOLDER, {"idempotency_key": request.idempotency_key})
    if known != fingerprint:
        return KeyConflict(which)
    rows = yield Statement(ONE, {"id": which})
    return Known(publication_of(rows[0]))


def reserve(
    publication: Publication,
    cost: Cost,
    events: Sequence[Event],
    cap: int | None,
    allotment: Allotment | None,
) -> Program[Publication | None]:
    """Stores the start of a publication and takes everything it needs, or undoes all of it."""
    claim = reservations.claim_of(publication, cost, cap, allotment)
    changes: Params = {"state": publication.state.value, "attempts": publication.attempts}
    rows = yield Statement(_START, claim.params | changes | {"version": publication.version})
    if not rows:
        raise Undone(None)
    yield from reservations.take(claim)
    yield from record(events)
    return replace(publication, version=publication.version + 1, cancel_requested=bool(rows[0][0]))


def settle(settlement: Settlement) -> Program[Publication | None]:
    """Writes a settlement, or nothing of it."""
    publication = settlement.publication
    stored = yield from _store(publication)
    if settlement.uncount:
        yield from reservations.uncount(publication.id)
    if settlement.release:
        yield from reservations.release(publication.id)
    elif publication.state is not State.UPLOADING:
        yield from reservations.leave(publication.id)
    events = list(settlement.events)
    for change in settlement.accounts:
        if (yield from apply_change(change, publication.updated_at)):
            events += told(change)
    for closing in settlement.closings:
        events += yield from ledger.close(closing)
    if settlement.outcome is not None:
        yield from write_outcome(settlement.outcome)
    if settlement.lessons and publication.account is not None:
        yield from write_lessons(publication.account, settlement.lessons)
    yield from record(events)
    return stored


def begin(which: PublicationId, now: datetime) -> Program[Publication | None]:
    """Counts a pass of work on a publication that is attended and due."""
    rows = yield Statement(_BEGIN, {"id": which, "now": moment_text(now)})
    return (yield from _changed(which)) if rows else None


def finishing(publication: Publication) -> Program[Publication | None]:
    """Marks the session as finishing unless a stop was asked for or the publication was changed."""
    mark = SessionState.FINISHING.value
    rows = yield Statement(
        _FINISHING, {"id": publication.id, "version": publication.version, "finishing": mark}
    )
    if not rows:
        return None
    yield Statement(_MARK_SESSION, {"id": publication.id, "session": rows[0][0], "finishing": mark})
    return (yield from _changed(publication.id))


def wake(code: str, now: datetime) -> Program[int]:
    """Makes what is deferred for a reason due; how many. The document of a reason begins with its code."""
    begins = document([code, ""]).removesuffix('""]')
    rows = yield Statement(_WAKE, {"now": moment_text(now), "begins": begins})
    return len(rows)


def flag_cancel(which: PublicationId, events: Sequence[Event]) -> Program[bool]:
    """Asks for a stop, unless it is too late."""
    rows = yield Statement(_FLAG, {"id": which})
    if not rows:
        return False
    yield from record(events)
    return True


def _store(publication: Publication) -> Program[Publication]:
    """Writes the new value of a publication; undoes everything when it is not at its version any more."""
    rows = yield Statement(_STORE, publication_params(publication))
    if not rows:
        raise Undone(None)
    session = yield from _store_session(publication)
    flag, born, request = rows[0]
    return replace(
        publication,
        version=publication.version + 1,
        cancel_requested=bool(flag),
        created_at=moment(born),
        request=request_of(request),
        session=session,
    )


def _store_first_session(publication: Publication) -> Program[None]:
    try:
        yield from _store_session(publication)
    except Undone:
        message = f"the address of a session of {publication.id} is sealed with a key not in use"
        raise ValueError(message) from None


def _store_session(publication: Publication) -> Program[Session | None]:
    """Writes the session of a publication, if any, and gives it as stored; undoes everything when its address
    is new and its key not in use.
    """
    session = publication.session
    if session is None:
        return None
    rows = yield Statement(_SESSION, session_params(publication.id, session))
    sealed = rows[0][0]
    if sealed is None and session.sealed_uri is not None:
        sealed, key = session.sealed_uri, sealed_by(session.sealed_uri)
        params = {"publication": publication.id, "id": session.id, "sealed_uri": sealed, "sealed_by": key}
        yield Statement(_SEAL, params)
        if key and not (yield from in_use(key)):
            raise Undone(None)
    return session if sealed == session.sealed_uri else replace(session, sealed_uri=sealed)


def _changed(which: PublicationId) -> Program[Publication]:
    rows = yield Statement(ONE, {"id": which})
    return publication_of(rows[0])
