"""Programs that forget what chains did long ago, in `ports.Chainbook`: a few rows at a time, the oldest first."""

from datetime import date, datetime

from ytempire.adapters.sql.documents import moment_text
from ytempire.adapters.sql.program import Program, Statement

_CALLS = """
DELETE FROM chain_calls WHERE number IN (
  SELECT number FROM chain_calls WHERE at < :before ORDER BY at, number LIMIT :limit
)
"""
_DRILLS = """
DELETE FROM drills WHERE number IN (
  SELECT number FROM drills AS old WHERE at < :before AND EXISTS (
    SELECT 1 FROM drills AS newer WHERE newer.chain = old.chain
    AND (newer.at > old.at OR (newer.at = old.at AND newer.number > old.number))
  ) ORDER BY number LIMIT :limit
)
"""
_TRIES = "DELETE FROM spend WHERE id IN (SELECT id FROM spend WHERE day < :before ORDER BY day LIMIT :limit)"
_DAYS = """
DELETE FROM spend_days WHERE day < :before AND NOT EXISTS (
  SELECT 1 FROM spend WHERE spend.day = spend_days.day AND spend.chain = spend_days.chain
)
"""


def calls(before: datetime, limit: int) -> Program[int]:
    """Forgets calls; how many."""
    rows = yield Statement(_CALLS, {"before": moment_text(before), "limit": limit})
    return len(rows)


def drills(before: datetime, limit: int) -> Program[int]:
    """Forgets drills, but the newest of each chain; how many."""
    rows = yield Statement(_DRILLS, {"before": moment_text(before), "limit": limit})
    return len(rows)


def spending(before: date, limit: int) -> Program[int]:
    """Forgets tries, and the sums of days of which none is left; how many tries."""
    rows = yield Statement(_TRIES, {"before": before.isoformat(), "limit": limit})
    yield Statement(_DAYS, {"before": before.isoformat()})
    return len(rows)
