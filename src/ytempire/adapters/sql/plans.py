"""Programs for plans: `ports.Plans`."""

from collections.abc import Sequence
from datetime import date

from ytempire.adapters.sql import log
from ytempire.adapters.sql.documents import document, moment, moment_text, plain
from ytempire.adapters.sql.program import Program, Statement
from ytempire.domain.events import Event
from ytempire.ports import StoredPlan

_SAVE = """
INSERT INTO plans (id, day, made_at, document) VALUES (:id, :day, :made_at, :document)
ON CONFLICT (id) DO NOTHING
"""
_FORGET = """
DELETE FROM plans WHERE day = :day AND (made_at < :made_at OR made_at = :made_at AND id < :id)
"""
_LATEST = """
SELECT id, day, made_at, document FROM plans WHERE day = :day ORDER BY made_at DESC, id DESC LIMIT 1
"""


def save(plan: StoredPlan, events: Sequence[Event]) -> Program[None]:
    """Stores a plan and its events, in the place of those made before for its date."""
    params = {
        "id": plan.id,
        "day": plan.day.isoformat(),
        "made_at": moment_text(plan.made_at),
        "document": document(plan.document),
    }
    yield Statement(_FORGET, params)
    yield Statement(_SAVE, params)
    yield from log.record(events)


def latest(day: date) -> Program[StoredPlan | None]:
    """The last plan made for a date."""
    rows = yield Statement(_LATEST, {"day": day.isoformat()})
    for which, _, made_at, text in rows:
        return StoredPlan(which, day, moment(made_at), plain(text))
    return None
