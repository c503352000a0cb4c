"""Programs for the quota ledger: `ports.Ledger`, and the part of a reservation that is quota.

A line comes into being when it is first touched, with the limit of its project. `ceiling` and `hard_stop`
are stored beside the limit, computed by the domain, so that one conditional update decides a race.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from ytempire.adapters.sql.log import record
from ytempire.adapters.sql.program import Program, Row, Statement, Undone
from ytempire.adapters.sql.rows import PARTS, Params, line_of
from ytempire.domain.events import Event
from ytempire.domain.pace import Pace, hour_of
from ytempire.domain.quota import Bucket, Cost, LedgerLine, Price
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.thresholds import THRESHOLDS, crossing, reached, with_drift
from ytempire.domain.values import AccountId, ProjectId, PublicationId
from ytempire.ports import Closing

_FIRST_TOUCH = """
INSERT INTO ledger (project, day, bucket, allowance, ceiling, hard_stop)
SELECT project, CAST(:day AS TEXT), bucket, allowance, ceiling, hard_stop
FROM limits WHERE project = :project AND bucket = :bucket AND configured = 1
ON CONFLICT (project, day, bucket) DO NOTHING
"""
_PROMISE = """
UPDATE ledger SET reserved = reserved + :units
WHERE project = :project AND day = :day AND bucket = :bucket AND configured = 1 AND closed IS NULL
  AND used + reserved + :units <= ceiling AND used + overhead + reserved + :units <= hard_stop
"""
_PACE = """hour = :hour, this_hour = :units + CASE WHEN hour = :hour THEN this_hour ELSE 0 END,
  last_hour = CASE hour WHEN :hour THEN last_hour WHEN :hour_before THEN this_hour ELSE 0 END"""
_OVERHEAD = f"""
UPDATE ledger SET overhead = overhead + :units, {_PACE}
WHERE project = :project AND day = :day AND bucket = :bucket AND configured = 1 AND closed IS NULL
  AND used + overhead + reserved + :units <= hard_stop
"""  # noqa: S608  glued of constants
_SPEND = f"""
UPDATE ledger SET used = used + :units, reserved = reserved - :taken, {_PACE}
WHERE project = :project AND day = :day AND bucket = :bucket AND configured = 1 AND closed IS NULL
  AND used + overhead + reserved + :units - :taken <= hard_stop
"""  # noqa: S608  glued of constants
_NEXT = " ".join(f"WHEN {told} THEN {each}" for told, each in pairwise((0, *THRESHOLDS)))
_QUIETLY = f"  AND used + overhead + :units < allowance * (CASE told {_NEXT} ELSE 1000 END) / 100"
"""Keeps a charge to what crosses no threshold: nothing needs to be asked of the line then, which is half as dear."""

_ALOUD = "RETURNING allowance, used + overhead, told"
_CHARGES = {
    overhead: (sql + _QUIETLY, sql + _ALOUD) for overhead, sql in ((True, _OVERHEAD), (False, _SPEND))
}
"""By whether it is a read: the charge that needs to tell nothing, and the one that may have to."""

_TOLD = """
UPDATE ledger SET told = :told WHERE project = :project AND day = :day AND bucket = :bucket
"""
_FOR_ACCOUNT = """
INSERT INTO account_days (account, day, uploads, units, PART) VALUES (:account, :day, 0, :units, :part)
ON CONFLICT (account, day) DO UPDATE SET units = account_days.units + excluded.units,
  PART = account_days.PART + excluded.PART
"""
_FOR_ACCOUNT_AND = {purpose: _FOR_ACCOUNT.replace("PART", part) for purpose, part in PARTS.items()}
_RETURN = """
UPDATE ledger SET reserved = reserved - :units WHERE project = :project AND day = :day AND bucket = :bucket
"""
_REFUND = """
UPDATE ledger SET used = used - :units + :read, overhead = overhead - :read, reserved = reserved + :back,
  this_hour = CASE WHEN this_hour < :units THEN 0 ELSE this_hour - :units END
WHERE project = :project AND day = :day AND bucket = :bucket
"""
_PUT_BACK = """
UPDATE reservations SET BUCKET = BUCKET + :units, PART = PART + :units
WHERE publication = :publication AND project = :project AND day = :day
RETURNING PART
"""
_PUT_BACK_TO = {
    (bucket, purpose): _PUT_BACK.replace("BUCKET", bucket.value).replace("PART", part)
    for bucket in Bucket
    for purpose, part in PARTS.items()
}
_CLOSE = """
UPDATE ledger SET closed = :why
WHERE project = :project AND day = :day AND bucket = :bucket AND configured = 1 AND closed IS NULL
RETURNING used + overhead, allowance
"""
_DAY = """
SELECT m.project, m.bucket, CAST(:day AS TEXT), COALESCE(l.allowance, m.allowance), COALESCE(l.used, 0),
  COALESCE(l.overhead, 0), COALESCE(l.reserved, 0), l.closed
FROM limits m LEFT JOIN ledger l ON l.project = m.project AND l.bucket = m.bucket AND l.day = :day
WHERE m.configured = 1
"""
_SINCE = """
SELECT project, bucket, day, allowance, used, overhead, reserved, closed FROM ledger
WHERE day >= :day AND configured = 1
"""
_PACES = """
SELECT project, bucket, hour, this_hour, last_hour FROM ledger WHERE day = :day AND configured = 1 AND hour > 0
"""
_SPENT = "SELECT account, units FROM account_days WHERE day = :day AND units > 0"
_TAKE = """
UPDATE reservations SET taken = CASE WHEN BUCKET < :units THEN BUCKET ELSE :units END,
  BUCKET = CASE WHEN BUCKET < :units THEN 0 ELSE BUCKET - :units END,
  taken_part = CASE WHEN PART >= :units THEN :units ELSE PART END,
  PART = CASE WHEN PART < :units THEN 0 ELSE PART - :units END
WHERE publication = :publication AND project = :project AND day = :day
RETURNING taken, taken_part
"""
_TAKE_FROM = {
    (bucket, purpose): _TAKE.replace("BUCKET", bucket.value).replace("PART", part)
    for bucket in Bucket
    for purpose, part in PARTS.items()
}


def promise(project: ProjectId, day: QuotaDay, cost: Cost) -> Program[None]:
    """Reserves every bucket of a cost below the ceiling; undoes everything when one does not fit."""
    for bucket in sorted(cost.units):
        done = yield from _touch(_PROMISE, _line(project, day, bucket, units=cost.of(bucket)))
        if not done:
            raise Undone(None)


def give_back(project: str, day: str, left: Row) -> Program[None]:
    """Takes a promise back: what is left per bucket, in the order of `Bucket`."""
    for bucket, units in sorted(zip(Bucket, left, strict=True)):
        if units:
            params: Params = {"project": project, "day": day, "bucket": bucket.value, "units": units}
            yield Statement(_RETURN, params)


def charge(
    project: ProjectId,
    price: Price,
    day: QuotaDay,
    publication: PublicationId | None,
    *,
    at: datetime,
    account: AccountId | None,
) -> Program[bool]:
    """Charges one request; see `ports.Ledger.charge`."""
    line = _line(project, day, price.bucket, units=price.units)
    taken, of_part = 0, None
    if publication is not None and not price.overhead:
        sql = _TAKE_FROM[price.bucket, price.purpose]
        rows = yield Statement(sql, line | {"publication": publication})
        taken, of_part = rows[0] if rows else (0, None)
    yield from _count_for(account, price, day, units=price.units, of_part=of_part)
    hour = hour_of(at)
    line |= {"taken": taken, "hour": hour, "hour_before": hour - 1}
    quiet, aloud = _CHARGES[price.overhead]
    if not (yield Statement(quiet, line)):
        yield from _charge_aloud(aloud, line, (project, price.bucket, day), at)
    return True


def _charge_aloud(
    sql: str, line: Params, where: tuple[ProjectId, Bucket, QuotaDay], at: datetime
) -> Program[None]:
    """Charges what the first try did not: a line never touched, or one that this takes over a threshold, which
    is told. Undoes everything when there is no room.
    """
    yield Statement(_FIRST_TOUCH, line)
    rows = yield Statement(sql, line)
    if not rows:
        raise Undone(answer=False)
    limit, sent, told = rows[0]
    event = crossing(where, limit=limit, sent=sent, told=told, at=at)
    if event is not None:
        yield Statement(_TOLD, line | {"told": reached(limit, sent)})
        yield from record([event])


def _count_for(
    account: AccountId | None, price: Price, day: QuotaDay, *, units: int, of_part: int | None
) -> Program[None]:
    """Counts units of work for the account they are spent for, and of its own part of the quota what was not
    reserved. `of_part` was: None when nothing of it is, and then what is no units is not counted.
    """
    counted = units if price.bucket is Bucket.UNITS else 0
    part = units - of_part if of_part is not None else counted
    if account is not None and not price.overhead and (counted or part):
        params: Params = {"account": account, "day": str(day), "units": counted, "part": part}
        yield Statement(_FOR_ACCOUNT_AND[price.purpose], params)


def refund(
    project: ProjectId,
    price: Price,
    day: QuotaDay,
    publication: PublicationId | None,
    account: AccountId | None,
) -> Program[None]:
    """Takes a charge back; see `ports.Ledger.refund`."""
    line = _line(project, day, price.bucket, units=price.units)
    back, of_part = 0, None
    if publication is not None and not price.overhead:
        sql = _PUT_BACK_TO[price.bucket, price.purpose]
        rows = yield Statement(sql, line | {"publication": publication})
        back = price.units if rows else 0
        of_part = -price.units if rows and rows[0][0] is not None else None
    yield from _count_for(account, price, day, units=-price.units, of_part=of_part)
    yield Statement(_REFUND, line | {"read": price.units if price.overhead else 0, "back": back})


def close_bucket(closing: Closing, events: Sequence[Event]) -> Program[None]:
    """Closes a bucket and says so."""
    told = yield from close(closing)
    yield from record((*events, *told))


def close(closing: Closing) -> Program[tuple[Event, ...]]:
    """Closes a bucket; the first reason stays. Gives what is to be recorded of it: nothing when it was closed."""
    line = _line(closing.project, closing.day, closing.bucket, units=0)
    yield Statement(_FIRST_TOUCH, line)
    rows = yield Statement(_CLOSE, line | {"why": closing.why})
    if not rows or closing.event is None:
        return ()
    sent, limit = rows[0]
    return (with_drift(closing.event, sent=sent, limit=limit),)


def lines(day: QuotaDay) -> Program[tuple[LedgerLine, ...]]:
    """Every bucket of every configured project on a day, by project and bucket."""
    rows = yield Statement(_DAY, {"day": str(day)})
    return tuple(sorted(map(line_of, rows), key=lambda line: (line.project, line.bucket)))


def lines_since(day: QuotaDay) -> Program[tuple[LedgerLine, ...]]:
    """Lines of configured projects that were touched on that day or later."""
    rows = yield Statement(_SINCE, {"day": str(day)})
    return tuple(sorted(map(line_of, rows), key=lambda line: (line.day, line.project, line.bucket)))


def paces(day: QuotaDay) -> Program[dict[tuple[ProjectId, Bucket], Pace]]:
    """How fast the buckets of a day are used."""
    rows = yield Statement(_PACES, {"day": str(day)})
    return {(project, Bucket(bucket)): Pace(*counters) for project, bucket, *counters in rows}


def spent(day: QuotaDay) -> Program[dict[AccountId, int]]:
    """Units of work charged for each account on a day."""
    rows = yield Statement(_SPENT, {"day": str(day)})
    return dict(sorted((account, units) for account, units in rows))


def _line(project: ProjectId, day: QuotaDay, bucket: Bucket, *, units: int) -> Params:
    return {"project": project, "day": str(day), "bucket": bucket.value, "units": units}


def _touch(sql: str, line: Params) -> Program[bool]:
    """Changes a line if it may be, making it first when it is not there."""
    rows = yield Statement(sql, line)
    if not rows:
        yield Statement(_FIRST_TOUCH, line)
        rows = yield Statement(sql, line)
    return bool(rows)
