"""Programs that only read publications: the asking half of `ports.Publications`."""

from datetime import datetime

from ytempire.adapters.sql.documents import moment_text, optional_moment
from ytempire.adapters.sql.program import Program, Statement
from ytempire.adapters.sql.publications import ONE
from ytempire.adapters.sql.rows import PUBLICATION, Params, publication_of
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Publication
from ytempire.domain.values import AccountId, PublicationId, VideoId
from ytempire.ports import Filter

_SAME_CONTENT = (
    PUBLICATION
    + """
WHERE p.sha256 = :sha256 AND p.state NOT IN ('refused', 'cancelled', 'failed', 'duplicate')
ORDER BY p.created_at, p.id
"""
)
_STATES = tuple(f"state{number}" for number in range(len(State)))
_WANTED = """
WHERE p.state IN (STATES) AND (CAST(:account AS TEXT) IS NULL OR p.account = :account)
""".replace("STATES", ", ".join(f":{name}" for name in _STATES))
_BEFORE = "AND (p.created_at, p.id) < (SELECT b.created_at, b.id FROM publications b WHERE b.id = :before)"
_NEWEST_FIRST = " ORDER BY p.created_at DESC, p.id DESC LIMIT :limit"
_NEWEST = PUBLICATION + _WANTED + _NEWEST_FIRST
_OLDER = PUBLICATION + _WANTED + _BEFORE + _NEWEST_FIRST
_COUNTS = "SELECT state, COUNT(*) FROM publications GROUP BY state"
_DUE = """
SELECT id FROM publications
WHERE due <= :now AND state IN ('queued', 'planned', 'deferred', 'uploading', 'processing')
ORDER BY priority, due, created_at, id LIMIT :limit
"""
_NEXT_DUE = """
SELECT MIN(moment) FROM (
  SELECT MIN(due) AS moment FROM publications
  WHERE due IS NOT NULL AND state IN ('queued', 'planned', 'deferred', 'uploading', 'processing')
  UNION ALL
  SELECT MIN(look_at) AS moment FROM publications WHERE look_at IS NOT NULL AND state = 'processing'
) AS moments
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


def publications(wanted: Filter) -> Program[tuple[Publication, ...]]:
    """Publications that pass a filter, newest first."""
    states = sorted(wanted.states or State)
    padded = [state.value for state in states] + [states[0].value] * (len(_STATES) - len(states))
    params: Params = {"account": wanted.account, "limit": wanted.limit, "before": wanted.before}
    sql = _NEWEST if wanted.before is None else _OLDER
    rows = yield Statement(sql, params | dict(zip(_STATES, padded, strict=True)))
    return tuple(map(publication_of, rows))


def same_content(sha256: str) -> Program[tuple[Publication, ...]]:
    """Publications with these bytes that did or may still become a video, oldest first."""
    rows = yield Statement(_SAME_CONTENT, {"sha256": sha256})
    return tuple(map(publication_of, rows))


def counts() -> Program[dict[State, int]]:
    """How many publications are in each state."""
    rows = yield Statement(_COUNTS, {})
    return {State(state): count for state, count in rows}


def due(now: datetime, limit: int) -> Program[tuple[PublicationId, ...]]:
    """Publications in a workable state whose `due` has come."""
    rows = yield Statement(_DUE, {"now": moment_text(now), "limit": limit})
    return tuple(row[0] for row in rows)


def next_due() -> Program[datetime | None]:
    """The earliest moment at which anything has something to do."""
    rows = yield Statement(_NEXT_DUE, {})
    return optional_moment(rows[0][0])


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
