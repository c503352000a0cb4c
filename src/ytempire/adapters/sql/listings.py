"""Programs that only read publications: the asking half of `ports.Publications`."""

from datetime import datetime

from ytempire.adapters.sql.documents import moment_text, optional_moment
from ytempire.adapters.sql.program import Program, Statement
from ytempire.adapters.sql.publications import KEY_HOLDER, ONE, SAME_CONTENT
from ytempire.adapters.sql.rows import PUBLICATION, Params, publication_of
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Publication
from ytempire.domain.values import AccountId, PublicationId, VideoId
from ytempire.ports import Filter, Queue

_OF_ACCOUNT = "WHERE (CAST(:account AS TEXT) IS NULL OR p.account = :account)"
_OF_STATE = " AND p.state = :state"
_BEFORE = " AND (p.created_at, p.id) < (SELECT b.created_at, b.id FROM publications b WHERE b.id = :before)"
_NEWEST_FIRST = " ORDER BY p.created_at DESC, p.id DESC LIMIT :limit"
_COUNTS = "SELECT state, COUNT(*) FROM publications GROUP BY state"
_COUNTS_OF = "SELECT state, COUNT(*) FROM publications WHERE account = :account GROUP BY state"
_DUE = """
SELECT id FROM publications
WHERE due <= :now AND state NOT IN ('held', 'refused', 'duplicate', 'cancelled', 'failed')
ORDER BY priority, due, created_at, id LIMIT :limit
"""
_NEXT_DUE = """
SELECT MIN(moment) FROM (
  SELECT MIN(due) AS moment FROM publications
  WHERE due IS NOT NULL AND state NOT IN ('held', 'refused', 'duplicate', 'cancelled', 'failed')
  UNION ALL
  SELECT MIN(look_at) AS moment FROM publications WHERE look_at IS NOT NULL AND state = 'processing'
) AS moments
"""
_QUEUE = """
SELECT COUNT(*), MIN(due) FROM publications WHERE due <= :now AND state IN ('queued', 'planned', 'deferred')
"""
_TO_LOOK_AT = (
    PUBLICATION
    + "WHERE p.look_at <= :now AND p.state = 'processing' ORDER BY p.look_at, p.created_at, p.id LIMIT :limit"
)
_FLAGGED = "SELECT cancel_requested FROM publications WHERE id = :id"
_VIDEOS = "SELECT video_id FROM publications WHERE account = :account AND video_id IS NOT NULL"


def publication(which: PublicationId) -> Program[Publication | None]:
    """One publication, or None."""
    rows = yield Statement(ONE, {"id": which})
    return publication_of(rows[0]) if rows else None


def key_holder(key: str) -> Program[tuple[PublicationId, str] | None]:
    """Whose an idempotency key is, and the fingerprint it came with."""
    rows = yield Statement(KEY_HOLDER, {"idempotency_key": key})
    return (PublicationId(rows[0][0]), rows[0][1]) if rows else None


def publications(wanted: Filter) -> Program[tuple[Publication, ...]]:
    """Publications that pass a filter, newest first.

    Each state is asked for by itself, so that every question is one walk along an index, however many
    publications there are.
    """
    sql = PUBLICATION + _OF_ACCOUNT + (_BEFORE if wanted.before is not None else "")
    params: Params = {"account": wanted.account, "limit": wanted.limit, "before": wanted.before}
    if not wanted.states:
        rows = yield Statement(sql + _NEWEST_FIRST, params)
        return tuple(map(publication_of, rows))
    found: list[Publication] = []
    for state in sorted(wanted.states):
        rows = yield Statement(sql + _OF_STATE + _NEWEST_FIRST, params | {"state": state.value})
        found += map(publication_of, rows)
    newest_first = sorted(found, key=lambda each: (each.created_at, each.id), reverse=True)
    return tuple(newest_first[: wanted.limit])


def same_content(sha256: str) -> Program[tuple[Publication, ...]]:
    """Publications with these bytes that did or may still become a video, oldest first."""
    rows = yield Statement(SAME_CONTENT, {"sha256": sha256})
    return tuple(map(publication_of, rows))


def counts(account: AccountId | None) -> Program[dict[State, int]]:
    """How many publications (of this account) are in each state."""
    rows = yield Statement(_COUNTS if account is None else _COUNTS_OF, {"account": account})
    return {State(state): count for state, count in rows}


def due(now: datetime, limit: int) -> Program[tuple[PublicationId, ...]]:
    """Publications in an attended state whose `due` has come."""
    rows = yield Statement(_DUE, {"now": moment_text(now), "limit": limit})
    return tuple(row[0] for row in rows)


def next_due() -> Program[datetime | None]:
    """The earliest moment at which anything has something to do."""
    rows = yield Statement(_NEXT_DUE, {})
    return optional_moment(rows[0][0])


def queue(now: datetime) -> Program[Queue]:
    """How many could be started, and since when the first of them."""
    rows = yield Statement(_QUEUE, {"now": moment_text(now)})
    return Queue(rows[0][0], optional_moment(rows[0][1]))


def to_look_at(now: datetime, limit: int) -> Program[tuple[Publication, ...]]:
    """Publications in processing whose `look_at` has come."""
    rows = yield Statement(_TO_LOOK_AT, {"now": moment_text(now), "limit": limit})
    return tuple(map(publication_of, rows))


def cancel_flagged(which: PublicationId) -> Program[bool]:
    """Was a stop asked for?"""
    rows = yield Statement(_FLAGGED, {"id": which})
    return bool(rows and rows[0][0])


def videos_of(account: AccountId) -> Program[frozenset[VideoId]]:
    """The videos that publications of this account have become."""
    rows = yield Statement(_VIDEOS, {"account": account})
    return frozenset(row[0] for row in rows)
