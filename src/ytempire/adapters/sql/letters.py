"""Programs for messages to webhooks. The oldest that waits is the only one that can be taken: that is their order."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from ytempire.adapters.sql.documents import moment, moment_text, optional_moment, optional_text
from ytempire.adapters.sql.log import record
from ytempire.adapters.sql.program import Program, Row, Statement, Undone
from ytempire.adapters.sql.rows import Params
from ytempire.domain.events import Event
from ytempire.domain.webhooks import KEPT, Letter, LetterState
from ytempire.ports import NewLetter, Try

_ADVANCE = """
UPDATE webhooks SET seen = :newest WHERE name = :name AND seen = :seen AND disabled_at IS NULL RETURNING name
"""
_DROP_ENDED = "DELETE FROM webhook_secrets WHERE webhook = :name AND until <= :now"
_FORGET = "DELETE FROM letters WHERE webhook = :name AND state = 'delivered' AND ended_at < :before"
_ADD = """
INSERT INTO letters (webhook, event, kind, id, state, made_at, due)
VALUES (:name, :event, :kind, :id, 'pending', :now, :now)
"""
_CLAIM = """
UPDATE letters SET due = :until, tries = tries + 1
WHERE due <= :now AND number = (
  SELECT number FROM letters WHERE webhook = :name AND due IS NOT NULL ORDER BY event LIMIT 1
) AND EXISTS (SELECT 1 FROM webhooks WHERE name = :name AND disabled_at IS NULL)
RETURNING number, webhook, event, id, kind, state, tries, made_at, due, ended_at, status, error
"""
_ARRIVED = """
UPDATE letters SET state = 'delivered', due = NULL, ended_at = :now, status = :status, error = NULL
WHERE number = :number AND due IS NOT NULL RETURNING number
"""
_FAILED = """
UPDATE letters SET state = :state, due = :due, ended_at = :ended_at, status = :status, error = :error
WHERE number = :number AND due IS NOT NULL RETURNING number
"""
_LIST = """
SELECT number, webhook, event, id, kind, state, tries, made_at, due, ended_at, status, error FROM letters
WHERE {} ORDER BY number DESC LIMIT :limit
"""
_COUNT = "SELECT state, COUNT(*) FROM letters WHERE webhook = :name GROUP BY state"
_REPLAY = """
UPDATE letters SET state = 'pending', due = :now, made_at = :now, tries = 0, ended_at = NULL
WHERE webhook = :name AND state = 'dead' AND {} RETURNING number
"""


def follow(name: str, seen: int, newest: int, letters: Sequence[NewLetter], now: datetime) -> Program[bool]:
    """Moves the reader of a receiver on, and keeps messages."""
    if not (yield Statement(_ADVANCE, {"name": name, "seen": seen, "newest": newest})):
        raise Undone(answer=False)
    at = moment_text(now)
    yield Statement(_DROP_ENDED, {"name": name, "now": at})
    yield Statement(_FORGET, {"name": name, "before": moment_text(now - KEPT)})
    for each in letters:
        params: Params = {"name": name, "event": each.event, "kind": each.kind, "id": each.id, "now": at}
        yield Statement(_ADD, params)
    return True


def claim(name: str, now: datetime, until: datetime) -> Program[Letter | None]:
    """Takes the oldest message that waits, if it is due."""
    rows = yield Statement(_CLAIM, {"name": name, "now": moment_text(now), "until": moment_text(until)})
    return _letter_of(rows[0]) if rows else None


def arrived(letter: Letter, status: int, now: datetime, events: Sequence[Event]) -> Program[None]:
    """The receiver has it."""
    params: Params = {"number": letter.number, "status": status, "now": moment_text(now)}
    if (yield Statement(_ARRIVED, params)):
        yield from record(events)


def failed(
    letter: Letter, what: Try, again: datetime | None, now: datetime, events: Sequence[Event]
) -> Program[None]:
    """The receiver does not have it."""
    state = LetterState.DEAD if again is None else LetterState.FAILED
    params: Params = {
        "number": letter.number,
        "state": state.value,
        "due": optional_text(again),
        "ended_at": moment_text(now) if again is None else None,
        "status": what.status,
        "error": what.error,
    }
    if (yield Statement(_FAILED, params)):
        yield from record(events)


def listed(
    name: str | None, states: frozenset[LetterState] | None, limit: int
) -> Program[tuple[Letter, ...]]:
    """Messages, the newest first."""
    params: Params = {"limit": limit}
    wanted = ["1 = 1"]
    if name is not None:
        wanted.append("webhook = :name")
        params["name"] = name
    if states is not None:
        wanted.append(_among("state", "state", sorted(states), params))
    rows = yield Statement(_LIST.format(" AND ".join(wanted)), params)
    return tuple(map(_letter_of, rows))


def counts(name: str) -> Program[Mapping[LetterState, int]]:
    """How many there are in each state."""
    rows = yield Statement(_COUNT, {"name": name})
    return {LetterState(state): int(count) for state, count in rows}


def replay(name: str, ids: frozenset[str] | None, now: datetime, events: Sequence[Event]) -> Program[int]:
    """Lets dead messages wait again."""
    params: Params = {"name": name, "now": moment_text(now)}
    these = "1 = 1" if ids is None else _among("id", "which", sorted(ids), params)
    rows = yield Statement(_REPLAY.format(these), params)
    if rows:
        yield from record(events)
    return len(rows)


def _among(column: str, prefix: str, values: Sequence[str], params: Params) -> str:
    """A condition that a column is one of some values, which are added to the parameters."""
    named = {f"{prefix}{place}": str(value) for place, value in enumerate(values)}
    params.update(named)
    return f"{column} IN ({', '.join(f':{each}' for each in named)})" if named else "1 = 0"


def _letter_of(row: Row) -> Letter:
    number, webhook, event, which, kind, state, tries, made_at, due, ended_at, status, error = row
    return Letter(
        number=number,
        webhook=webhook,
        event=event,
        id=which,
        kind=kind,
        state=LetterState(state),
        tries=tries,
        made_at=moment(made_at),
        due=optional_moment(due),
        ended_at=optional_moment(ended_at),
        status=status,
        error=error,
    )
