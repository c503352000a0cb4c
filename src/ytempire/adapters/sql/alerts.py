"""Programs for alerts and mutes: `ports.Alerts` up to the deliveries, which are in deliveries.py.

One alert with a key is open at a time: a partial unique index says so, and one statement opens it or makes it
louder. Tables are touched in the order cursors, alerts, deliveries, events.
"""

from collections.abc import Sequence
from datetime import datetime

from ytempire.adapters.sql.deliveries import announce, close, delivery_of
from ytempire.adapters.sql.documents import moment, moment_text, optional_moment, optional_text
from ytempire.adapters.sql.log import record
from ytempire.adapters.sql.program import Program, Row, Statement, Undone
from ytempire.adapters.sql.rows import Params
from ytempire.domain.alerts import Alert, Delivery, Mute, Resolve, loudness
from ytempire.domain.events import Event
from ytempire.domain.faults import Level
from ytempire.ports import Alarm, News

_NEWS = """
SELECT
  COALESCE((SELECT position FROM cursors WHERE name = 'alerts'), 0),
  COALESCE((SELECT MAX(number) FROM events), 0),
  EXISTS (SELECT 1 FROM alerts WHERE until <= :now AND resolved_at IS NULL),
  EXISTS (SELECT 1 FROM deliveries WHERE due <= :now)
"""
_ADVANCE = """
INSERT INTO cursors (name, position) VALUES ('alerts', :newest)
ON CONFLICT (name) DO UPDATE SET position = excluded.position WHERE cursors.position = :seen
RETURNING position
"""
_RAISE = """
INSERT INTO alerts (key, level, loudness, title, text, remedy, raised_at, until, passing, muted)
VALUES (:key, :level, :loudness, :title, :text, :remedy, :at, :until, :passing, :muted)
ON CONFLICT (key) WHERE resolved_at IS NULL DO UPDATE SET
  level = excluded.level, loudness = excluded.loudness, title = excluded.title, text = excluded.text,
  remedy = excluded.remedy, until = excluded.until, passing = excluded.passing, muted = excluded.muted,
  times = alerts.times + 1
  WHERE alerts.loudness < excluded.loudness
RETURNING number
"""
_SEEN_AGAIN = "UPDATE alerts SET times = times + 1 WHERE key = :key AND resolved_at IS NULL"
_END_STALE = """
UPDATE alerts SET resolved_at = until WHERE key = :key AND until <= :at AND resolved_at IS NULL
RETURNING number, passing
"""
_END_ONE = """
UPDATE alerts SET resolved_at = :now, ended_why = :why, passing = CASE WHEN :quiet = 1 THEN 1 ELSE passing END
WHERE key = :key AND resolved_at IS NULL
RETURNING number, passing
"""
_END_SOME = """
UPDATE alerts SET resolved_at = :now, ended_why = :why, passing = CASE WHEN :quiet = 1 THEN 1 ELSE passing END
WHERE substr(key, 1, :length) = :key AND resolved_at IS NULL
RETURNING number, passing
"""
_LAPSE = """
UPDATE alerts SET resolved_at = until WHERE until <= :now AND resolved_at IS NULL RETURNING number, passing
"""
_IS_OPEN = "SELECT 1 FROM alerts WHERE key = :key AND resolved_at IS NULL"
_COLUMNS = """
SELECT number, key, level, title, text, remedy, raised_at, until, passing, times, muted, resolved_at,
  ended_why
FROM alerts
"""
ONE = _COLUMNS + "WHERE number = :number"
_LISTED = "{} WHERE resolved_at IS NULL OR :ended = 1 ORDER BY number DESC LIMIT :limit"
_LIST = _LISTED.format(_COLUMNS)
_THEIR_DELIVERIES = f"""
SELECT number, alert, target, level, ended, state, tries, due, sent_at, error FROM deliveries
WHERE alert IN (SELECT number FROM ({_LISTED.format("SELECT number FROM alerts")}) AS listed) ORDER BY number
"""  # noqa: S608  made of constants
_MUTE = """
INSERT INTO mutes (pattern, until, made_at, made_by, why) VALUES (:pattern, :until, :made_at, :made_by, :why)
"""
_END_MUTES = """
UPDATE mutes SET ended_at = :now WHERE pattern = :pattern AND until > :now AND ended_at IS NULL RETURNING number
"""
_MUTES = """
SELECT pattern, until, made_at, made_by, why FROM mutes WHERE until > :now AND ended_at IS NULL ORDER BY number
"""


def news(now: datetime) -> Program[News]:
    """What there is to do."""
    rows = yield Statement(_NEWS, {"now": moment_text(now)})
    seen, newest, lapsed, due = rows[0]
    return News(seen, newest, bool(lapsed), bool(due))


def follow(seen: int, newest: int, steps: Sequence[Alarm | Resolve], now: datetime) -> Program[bool]:
    """Moves the reader on, if it is still where the caller saw it, and does what the events mean."""
    rows = yield Statement(_ADVANCE, {"seen": seen, "newest": newest})
    if not rows:
        raise Undone(answer=False)
    for step in steps:
        if isinstance(step, Alarm):
            yield from _raise(step, now)
        else:
            yield from _resolve(step, now)
    return True


def _raise(alarm: Alarm, now: datetime) -> Program[None]:
    what, at = alarm.what, moment_text(alarm.at)
    if what.until is not None:
        rows = yield Statement(_END_STALE, {"key": what.key, "at": at})
        yield from close(rows, now)
    params: Params = {
        "key": what.key,
        "level": what.level.value,
        "loudness": loudness(what.level),
        "title": what.title,
        "text": what.text,
        "remedy": what.remedy,
        "at": at,
        "until": optional_text(what.until),
        "passing": int(what.passing),
        "muted": alarm.muted,
    }
    rows = yield Statement(_RAISE, params)
    if rows:
        yield from announce(rows[0][0], alarm, now)
    else:
        yield Statement(_SEEN_AGAIN, {"key": what.key})


def _resolve(step: Resolve, now: datetime) -> Program[None]:
    params: Params = {
        "key": step.key,
        "now": moment_text(now),
        "quiet": int(step.quiet),
        "why": step.why,
    }
    if step.prefix:
        rows = yield Statement(_END_SOME, params | {"length": len(step.key)})
    else:
        rows = yield Statement(_END_ONE, params)
    yield from close(rows, now)


def lapse(now: datetime) -> Program[int]:
    """Closes what ends by the clock."""
    rows = yield Statement(_LAPSE, {"now": moment_text(now)})
    yield from close(rows, now)
    return len(rows)


def is_open(key: str) -> Program[bool]:
    """Is there an open alert with this key?"""
    rows = yield Statement(_IS_OPEN, {"key": key})
    return bool(rows)


def listed(*, ended: bool, limit: int) -> Program[tuple[Alert, ...]]:
    """Alerts, newest first."""
    params: Params = {"ended": int(ended), "limit": limit}
    rows = yield Statement(_LIST, params)
    told: dict[int, list[Delivery]] = {}
    for row in (yield Statement(_THEIR_DELIVERIES, params)) if rows else ():
        delivery = delivery_of(row)
        told.setdefault(delivery.alert, []).append(delivery)
    return tuple(alert_of(row, tuple(told.get(row[0], ()))) for row in rows)


def alert_of(row: Row, deliveries: tuple[Delivery, ...] = ()) -> Alert:
    """An alert from a row of `ONE`."""
    number, key, level, title, text, remedy, raised_at, until, passing, times, muted, *end = row
    resolved_at, ended_why = end
    return Alert(
        number=number,
        key=key,
        level=Level(level),
        title=title,
        text=text,
        remedy=remedy,
        raised_at=moment(raised_at),
        until=optional_moment(until),
        passing=bool(passing),
        times=times,
        muted=muted,
        resolved_at=optional_moment(resolved_at),
        deliveries=deliveries,
        ended_why=ended_why,
    )


def mute(it: Mute, events: Sequence[Event]) -> Program[None]:
    """Adds a mute."""
    params: Params = {
        "pattern": it.pattern,
        "until": moment_text(it.until),
        "made_at": moment_text(it.made_at),
        "made_by": it.made_by,
        "why": it.why,
    }
    yield Statement(_MUTE, params)
    yield from record(events)


def end_mutes(pattern: str, now: datetime, events: Sequence[Event]) -> Program[int]:
    """Ends the running mutes with exactly this pattern."""
    rows = yield Statement(_END_MUTES, {"pattern": pattern, "now": moment_text(now)})
    if rows:
        yield from record(events)
    return len(rows)


def mutes(now: datetime) -> Program[tuple[Mute, ...]]:
    """The running mutes, oldest first."""
    rows = yield Statement(_MUTES, {"now": moment_text(now)})
    return tuple(
        Mute(pattern, moment(until), moment(made_at), made_by, why)
        for pattern, until, made_at, made_by, why in rows
    )
