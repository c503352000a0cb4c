"""Programs for deliveries of alerts: the telling half of `ports.Alerts`.

Whoever ends an alert and whoever delivers it take the row of the alert first, so that neither misses what the
other does: a target that was told of the beginning is told of the end.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from ytempire.adapters.sql.documents import moment_text, optional_moment, optional_text
from ytempire.adapters.sql.log import record
from ytempire.adapters.sql.program import Program, Row, Statement
from ytempire.adapters.sql.rows import Params
from ytempire.domain.alerts import Alert, Delivery, DeliveryState
from ytempire.domain.events import Event
from ytempire.domain.faults import Level
from ytempire.ports import Alarm, Errand

_SUPERSEDE_KEY = """
UPDATE deliveries SET state = 'superseded', due = NULL
WHERE due IS NOT NULL AND alert IN (SELECT number FROM alerts WHERE key = :key)
"""
_SUPERSEDE = "UPDATE deliveries SET state = 'superseded', due = NULL WHERE due IS NOT NULL AND alert = :alert"
_ADD = """
INSERT INTO deliveries (alert, target, level, ended, state, due)
VALUES (:alert, :target, :level, 0, 'pending', :now)
"""
_ADD_ENDS = """
INSERT INTO deliveries (alert, target, level, ended, state, due)
SELECT d.alert, d.target, a.level, 1, 'pending', :now FROM deliveries d JOIN alerts a ON a.number = d.alert
WHERE d.alert = :alert AND d.state = 'sent' AND d.ended = 0 GROUP BY d.alert, d.target, a.level
ON CONFLICT DO NOTHING
"""
_DUE = """
SELECT number, target FROM deliveries WHERE due <= :now
ORDER BY CASE WHEN level = 'critical' AND ended = 0 THEN 0 ELSE 1 END, number LIMIT :limit
"""
_CLAIM = """
UPDATE deliveries SET due = :until, tries = tries + 1 WHERE number = :number AND due <= :now
RETURNING number, alert, target, level, ended, state, tries, due, sent_at, error
"""
_TAKE_ALERT = "UPDATE alerts SET times = times WHERE number = :alert RETURNING resolved_at, passing"
_SENT = """
UPDATE deliveries SET state = 'sent', due = NULL, sent_at = :now, error = NULL WHERE number = :number
"""
_NOT_SENT = """
UPDATE deliveries SET state = :state, due = :due, error = :error
WHERE number = :number AND state IN ('pending', 'failed') RETURNING number
"""


def delivery_of(row: Row) -> Delivery:
    """A delivery from its columns in the order of the table."""
    number, alert, target, level, ended, state, tries, due, sent_at, error = row
    return Delivery(
        number=number,
        alert=alert,
        target=target,
        level=Level(level),
        over=bool(ended),
        state=DeliveryState(state),
        tries=tries,
        due=optional_moment(due),
        sent_at=optional_moment(sent_at),
        error=error,
    )


def announce(alert: int, alarm: Alarm, now: datetime) -> Program[None]:
    """Deliveries of an alert that has begun or become louder, in the place of all older news of its key."""
    yield Statement(_SUPERSEDE_KEY, {"key": alarm.what.key})
    for target in alarm.targets:
        params: Params = {
            "alert": alert,
            "target": target,
            "level": alarm.what.level.value,
            "now": moment_text(now),
        }
        yield Statement(_ADD, params)


def close(ended: Iterable[Row], now: datetime) -> Program[None]:
    """Deliveries of the end of alerts, given their numbers and whether they are passing."""
    for alert, passing in ended:
        yield Statement(_SUPERSEDE, {"alert": alert})
        if not passing:
            yield Statement(_ADD_ENDS, {"alert": alert, "now": moment_text(now)})


def due(now: datetime, limit: int) -> Program[tuple[tuple[int, str], ...]]:
    """Deliveries whose time has come."""
    rows = yield Statement(_DUE, {"now": moment_text(now), "limit": limit})
    return tuple((number, target) for number, target in rows)


def claim(
    which: int, now: datetime, until: datetime, *, alert_sql: str, alert_of: Callable[[Row], Alert]
) -> Program[Errand | None]:
    """Takes a due delivery."""
    params: Params = {"number": which, "now": moment_text(now), "until": moment_text(until)}
    rows = yield Statement(_CLAIM, params)
    if not rows:
        return None
    delivery = delivery_of(rows[0])
    found = yield Statement(alert_sql, {"number": delivery.alert})
    return Errand(alert_of(found[0]), delivery)


def sent(errand: Errand, now: datetime, events: Sequence[Event]) -> Program[None]:
    """The target has it; when the alert has ended meanwhile, it shall have that too."""
    rows = yield Statement(_TAKE_ALERT, {"alert": errand.alert.number})
    resolved_at, passing = rows[0]
    yield Statement(_SENT, {"number": errand.delivery.number, "now": moment_text(now)})
    if resolved_at is not None and not passing and not errand.delivery.over:
        yield Statement(_ADD_ENDS, {"alert": errand.alert.number, "now": moment_text(now)})
    yield from record(events)


def not_sent(errand: Errand, error: str, again: datetime | None, events: Sequence[Event]) -> Program[None]:
    """The target does not have it."""
    state = DeliveryState.GIVEN_UP if again is None else DeliveryState.FAILED
    params: Params = {
        "number": errand.delivery.number,
        "state": state.value,
        "due": optional_text(again),
        "error": error,
    }
    if (yield Statement(_NOT_SENT, params)):
        yield from record(events)
