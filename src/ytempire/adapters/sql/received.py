"""Programs for files that came over the API: `ports.Received`."""

from datetime import datetime

from ytempire.adapters.sql.documents import moment, moment_text
from ytempire.adapters.sql.program import Program, Row, Statement
from ytempire.adapters.sql.rows import Params
from ytempire.ports import ReceivedFile

_COLUMNS = "id, name, caller, size, sha256, received_at, touched_at"
_ADD = f"""
INSERT INTO received ({_COLUMNS})
VALUES (:id, :name, :caller, :size, :sha256, :received_at, :touched_at)
"""  # noqa: S608  our own words
_TOUCH = f"""
UPDATE received SET touched_at = CASE WHEN touched_at < :now THEN :now ELSE touched_at END WHERE id = :id
RETURNING {_COLUMNS}
"""  # noqa: S608  our own words
_UNUSED = f"""
SELECT {_COLUMNS} FROM received r WHERE r.touched_at <= :before AND NOT EXISTS (
  SELECT 1 FROM publications p
  WHERE p.state IN ('queued', 'planned', 'uploading', 'processing', 'deferred', 'held')
  AND p.request LIKE '%' || r.id || '%'
) ORDER BY r.touched_at, r.id LIMIT :limit
"""  # noqa: S608  our own words
_FORGET = "DELETE FROM received WHERE id = :id AND touched_at <= :before RETURNING id"


def add(it: ReceivedFile) -> Program[None]:
    """Stores what is known of a file."""
    params: Params = {
        "id": it.id,
        "name": it.name,
        "caller": it.caller,
        "size": it.size,
        "sha256": it.sha256,
        "received_at": moment_text(it.received_at),
        "touched_at": moment_text(it.touched_at),
    }
    yield Statement(_ADD, params)


def touch(which: str, now: datetime) -> Program[ReceivedFile | None]:
    """A file that is about to be used."""
    rows = yield Statement(_TOUCH, {"id": which, "now": moment_text(now)})
    return _file_of(rows[0]) if rows else None


def unused(before: datetime, limit: int) -> Program[tuple[ReceivedFile, ...]]:
    """Files that nobody needs."""
    rows = yield Statement(_UNUSED, {"before": moment_text(before), "limit": limit})
    return tuple(map(_file_of, rows))


def forget(which: str, before: datetime) -> Program[bool]:
    """Forgets a file that was not touched since then."""
    return bool((yield Statement(_FORGET, {"id": which, "before": moment_text(before)})))


def _file_of(row: Row) -> ReceivedFile:
    which, name, caller, size, sha256, received_at, touched_at = row
    return ReceivedFile(which, name, caller, size, sha256, moment(received_at), moment(touched_at))
