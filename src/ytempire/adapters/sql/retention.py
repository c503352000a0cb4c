"""Programs that forget what is old: `ports.Forgetting`, and what chains did in `ports.Chainbook`.

A few rows at a time, the oldest first. The newest row of a table whose numbers go on from its highest is never taken.
"""

from datetime import date, datetime

from ytempire.adapters.sql.documents import moment_text
from ytempire.adapters.sql.program import Program, Statement
from ytempire.adapters.sql.rows import Params
from ytempire.domain.lifecycle import FINAL, State
from ytempire.domain.quota_day import QuotaDay

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

_UNFINISHED = ", ".join(f"'{state}'" for state in State if state not in FINAL)
_EVENTS = f"""
DELETE FROM events WHERE number IN (
  SELECT old.number FROM events AS old WHERE old.number > :after AND old.number <= :upto AND old.at < :before
  AND old.number < (SELECT MAX(number) FROM events)
  AND NOT EXISTS (
    SELECT 1 FROM publications p
    WHERE p.id = old.publication AND (p.state IN ({_UNFINISHED}) OR p.updated_at >= :before)
  )
  AND old.number NOT IN (
    SELECT event FROM letters
    WHERE webhook IN (SELECT name FROM webhooks) AND state IN ('pending', 'failed', 'dead')
  )
  ORDER BY old.number LIMIT :limit
) RETURNING number
"""  # noqa: S608  glued of constants
"""Webhooks are named so that letters are found along the index letters_state."""

_LAST_FORGOTTEN = """
INSERT INTO cursors (name, position) VALUES ('forgotten', :number)
ON CONFLICT (name) DO UPDATE SET position = excluded.position WHERE cursors.position < excluded.position
"""
_FORGOTTEN = "SELECT position FROM cursors WHERE name = 'forgotten'"
_OLD_ALERTS = """
SELECT number FROM alerts AS old WHERE resolved_at < :before AND number < (SELECT MAX(number) FROM alerts)
AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.alert = old.number AND d.due IS NOT NULL)
ORDER BY number LIMIT :limit
"""
_DELIVERIES = f"DELETE FROM deliveries WHERE alert IN ({_OLD_ALERTS})"  # noqa: S608  glued of constants
_ALERTS = f"""
DELETE FROM alerts WHERE number IN ({_OLD_ALERTS})
AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.alert = alerts.number)
"""  # noqa: S608  glued of constants
_MUTES = """
DELETE FROM mutes WHERE number IN (
  SELECT number FROM mutes WHERE until < :before OR ended_at < :before ORDER BY number LIMIT :limit
)
"""
_LETTERS = """
DELETE FROM letters WHERE number IN (
  SELECT number FROM letters WHERE webhook IN (SELECT name FROM webhooks) AND state = 'dead' AND ended_at < :before
  ORDER BY number LIMIT :limit
)
"""
_OUTCOMES = """
DELETE FROM outcomes WHERE number IN (
  SELECT number FROM outcomes AS old WHERE at < :before AND number < (SELECT MAX(number) FROM outcomes)
  ORDER BY number LIMIT :limit
)
"""
_LEDGER = """
DELETE FROM ledger WHERE (project, day, bucket) IN (
  SELECT project, day, bucket FROM ledger WHERE day < :before ORDER BY day LIMIT :limit
)
"""
_ACCOUNT_DAYS = """
DELETE FROM account_days WHERE (account, day) IN (
  SELECT account, day FROM account_days WHERE day < :before ORDER BY day LIMIT :limit
)
"""
_PLANS = "DELETE FROM plans WHERE id IN (SELECT id FROM plans WHERE day < :before ORDER BY day LIMIT :limit)"
_FACTS = """
DELETE FROM facts WHERE name IN (
  SELECT name FROM facts
  WHERE substr(name, 1, :length) = :prefix AND substr(name, :length + 1) < :below ORDER BY name LIMIT :limit
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


def events(after: int, upto: int, before: datetime, limit: int) -> Program[int]:
    """Forgets events; the number of the last of them, or 0."""
    params: Params = {"after": after, "upto": upto, "before": moment_text(before), "limit": limit}
    rows = yield Statement(_EVENTS, params)
    last = max((row[0] for row in rows), default=0)
    if last:
        yield Statement(_LAST_FORGOTTEN, {"number": last})
    return int(last)


def events_forgotten() -> Program[int]:
    """The number of the last event that was forgotten."""
    rows = yield Statement(_FORGOTTEN, {})
    return int(rows[0][0]) if rows else 0


def alerts(before: datetime, limit: int) -> Program[int]:
    """Forgets alerts with their deliveries; how many alerts."""
    params: Params = {"before": moment_text(before), "limit": limit}
    yield Statement(_DELIVERIES, params)
    rows = yield Statement(_ALERTS, params)
    return len(rows)


def mutes(before: datetime, limit: int) -> Program[int]:
    """Forgets mutes; how many."""
    return (yield from _some(_MUTES, moment_text(before), limit))


def letters(before: datetime, limit: int) -> Program[int]:
    """Forgets dead messages; how many."""
    return (yield from _some(_LETTERS, moment_text(before), limit))


def outcomes(before: datetime, limit: int) -> Program[int]:
    """Forgets how uploads went; how many."""
    return (yield from _some(_OUTCOMES, moment_text(before), limit))


def quota(day: QuotaDay, limit: int) -> Program[int]:
    """Forgets quota days: the most rows of a table that were taken."""
    lines = yield from _some(_LEDGER, str(day), limit)
    days = yield from _some(_ACCOUNT_DAYS, str(day), limit)
    return max(lines, days)


def plans(day: date, limit: int) -> Program[int]:
    """Forgets plans; how many."""
    return (yield from _some(_PLANS, day.isoformat(), limit))


def facts(prefix: str, below: str, limit: int) -> Program[int]:
    """Forgets facts; how many."""
    params: Params = {"prefix": prefix, "length": len(prefix), "below": below, "limit": limit}
    rows = yield Statement(_FACTS, params)
    return len(rows)


def _some(sql: str, before: str, limit: int) -> Program[int]:
    rows = yield Statement(sql, {"before": before, "limit": limit})
    return len(rows)
