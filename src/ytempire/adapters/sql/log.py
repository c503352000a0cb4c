"""Programs for events and facts: `ports.Log`.

Events are numbered by the database in the order of their commits, so that a reader who remembers the last
number it saw misses none; on PostgreSQL a trigger sees to that (migrations/versions/0001_first.py).
"""

from collections.abc import Iterable
from datetime import datetime

from ytempire.adapters.sql.documents import moment_text
from ytempire.adapters.sql.program import Program, Statement
from ytempire.adapters.sql.rows import Params, event_of, event_params
from ytempire.domain.events import FAULTS, Event, Kind
from ytempire.domain.values import AccountId, PublicationId

_RECORD = """
INSERT INTO events (kind, at, level, publication, account, project, data)
VALUES (:kind, :at, :level, :publication, :account, :project, :data)
"""
_ALL = """
SELECT number, kind, at, level, publication, account, project, data FROM events
WHERE number > :after ORDER BY number LIMIT :limit
"""
_OF_PUBLICATION = """
SELECT number, kind, at, level, publication, account, project, data FROM events
WHERE publication = :publication AND number > :after ORDER BY number LIMIT :limit
"""
_STORY = """
SELECT number, kind, at, level, publication, account, project, data FROM events
WHERE publication = :publication AND number < :before ORDER BY number DESC LIMIT :limit
"""
_EARLIER = "SELECT COUNT(*) FROM events WHERE publication = :publication AND number < :before"
_HIGHEST = 2**63 - 1
_FAULTS = """
SELECT number, kind, at, level, publication, account, project, data FROM events
WHERE kind IN ('fault.seen', 'fault.unknown', 'fault.dismissed', 'token.failed', 'publication.processing_failed',
  'publication.duplicate') AND at >= :since AND at < :until AND kind IN ({kinds}) ORDER BY at, number
"""
"""The kinds of `events.FAULTS` in the words of the index events_faults, so that it is found."""
_OF_ACCOUNT = """
SELECT number, kind, at, level, publication, account, project, data FROM events
WHERE account = :account AND account IS NOT NULL AND publication IS NULL AND kind <> 'token.refreshed'
ORDER BY number DESC LIMIT :limit
"""
"""In the words of the index events_account, so that it is found."""

_FACT = "SELECT value FROM facts WHERE name = :name"
_PUT_FACT = """
INSERT INTO facts (name, value) VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""


def record(events: Iterable[Event]) -> Program[None]:
    """Writes events; the last thing a program does, because it puts writers in a row."""
    for event in events:
        yield Statement(_RECORD, event_params(event))


def read_events(
    publication: PublicationId | None, after: int, limit: int
) -> Program[tuple[tuple[int, Event], ...]]:
    """Events numbered above `after`, of one publication or of all."""
    sql = _ALL if publication is None else _OF_PUBLICATION
    rows = yield Statement(sql, {"publication": publication, "after": after, "limit": limit})
    return tuple(map(event_of, rows))


def story(
    publication: PublicationId, before: int | None, limit: int
) -> Program[tuple[tuple[tuple[int, Event], ...], int]]:
    """The newest events of a publication, oldest first, and how many came before them."""
    end = _HIGHEST if before is None else before
    rows = yield Statement(_STORY, {"publication": publication, "before": end, "limit": limit})
    found = tuple(map(event_of, reversed(rows)))
    if len(found) < limit:
        return found, 0
    first = found[0][0] if found else end
    earlier = yield Statement(_EARLIER, {"publication": publication, "before": first})
    return found, int(earlier[0][0])


def faults(
    since: datetime, until: datetime, kinds: frozenset[Kind] = FAULTS
) -> Program[tuple[tuple[int, Event], ...]]:
    """Events that tell of faults, from one moment up to before another."""
    wanted: Params = {f"kind{place}": str(kind) for place, kind in enumerate(sorted(kinds))}
    listed = ", ".join(f":{name}" for name in wanted)
    span: Params = {"since": moment_text(since), "until": moment_text(until)}
    rows = yield Statement(_FAULTS.format(kinds=listed), span | wanted)
    return tuple(map(event_of, rows))


def account_history(account: AccountId, limit: int) -> Program[tuple[tuple[int, Event], ...]]:
    """The newest events about an account itself, oldest first."""
    rows = yield Statement(_OF_ACCOUNT, {"account": account, "limit": limit})
    return tuple(map(event_of, reversed(rows)))


def fact(name: str) -> Program[str | None]:
    """A stored fact, or None."""
    rows = yield Statement(_FACT, {"name": name})
    return rows[0][0] if rows else None


def put_fact(name: str, value: str) -> Program[None]:
    """Stores a fact."""
    yield Statement(_PUT_FACT, {"name": name, "value": value})
