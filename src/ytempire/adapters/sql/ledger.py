"""Programs for the quota ledger: `ports.Ledger`, and the part of a reservation that is quota.

A line comes into being when it is first touched, with the limit of its project. `ceiling` and `hard_stop`
are stored beside the limit, computed by the domain, so that one conditional update decides a race.
"""

from collections.abc import Sequence

from ytempire.adapters.sql.log import record
from ytempire.adapters.sql.program import Program, Row, Statement, Undone
from ytempire.adapters.sql.rows import Params, line_of
from ytempire.domain.events import Event
from ytempire.domain.quota import Bucket, Cost, LedgerLine, Price
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import ProjectId, PublicationId
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
_OVERHEAD = """
UPDATE ledger SET overhead = overhead + :units
WHERE project = :project AND day = :day AND bucket = :bucket AND configured = 1 AND closed IS NULL
  AND used + overhead + reserved + :units <= hard_stop
"""
_SPEND = """
UPDATE ledger SET used = used + :units, reserved = reserved - :taken
WHERE project = :project AND day = :day AND bucket = :bucket AND configured = 1 AND closed IS NULL
  AND used + overhead + reserved + :units - :taken <= hard_stop
"""
_RETURN = """
UPDATE ledger SET reserved = reserved - :units WHERE project = :project AND day = :day AND bucket = :bucket
"""
_REFUND = """
UPDATE ledger SET used = used - :units + :read, overhead = overhead - :read, reserved = reserved + :back
WHERE project = :project AND day = :day AND bucket = :bucket
"""
_PUT_BACK = """
UPDATE reservations SET BUCKET = BUCKET + :units
WHERE publication = :publication AND project = :project AND day = :day
"""
_PUT_BACK_TO = {bucket: _PUT_BACK.replace("BUCKET", bucket.value) for bucket in Bucket}
_CLOSE = """
UPDATE ledger SET closed = :why
WHERE project = :project AND day = :day AND bucket = :bucket AND configured = 1 AND closed IS NULL
"""
_DAY = """
SELECT m.project, m.bucket, CAST(:day AS TEXT), COALESCE(l.allowance, m.allowance), COALESCE(l.used, 0),
  COALESCE(l.overhead, 0), COALESCE(l.reserved, 0), l.closed
FROM limits m LEFT JOIN ledger l ON l.project = m.project AND l.bucket = m.bucket AND l.day = :day
WHERE m.configured = 1
"""
_TAKE = """
UPDATE reservations SET taken = CASE WHEN BUCKET < :units THEN BUCKET ELSE :units END,
  BUCKET = CASE WHEN BUCKET < :units THEN 0 ELSE BUCKET - :units END
WHERE publication = :publication AND project = :project AND day = :day
RETURNING taken
"""
_TAKE_FROM = {bucket: _TAKE.replace("BUCKET", bucket.value) for bucket in Bucket}


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
    project: ProjectId, price: Price, day: QuotaDay, publication: PublicationId | None
) -> Program[bool]:
    """Charges one request; see `ports.Ledger.charge`."""
    line = _line(project, day, price.bucket, units=price.units)
    taken = 0
    if publication is not None and not price.overhead:
        rows = yield Statement(_TAKE_FROM[price.bucket], line | {"publication": publication})
        taken = rows[0][0] if rows else 0
    done = yield from _touch(_OVERHEAD if price.overhead else _SPEND, line | {"taken": taken})
    if not done:
        raise Undone(answer=False)
    return True


def refund(
    project: ProjectId, price: Price, day: QuotaDay, publication: PublicationId | None
) -> Program[None]:
    """Takes a charge back; see `ports.Ledger.refund`."""
    line = _line(project, day, price.bucket, units=price.units)
    back = 0
    if publication is not None and not price.overhead:
        rows = yield Statement(_PUT_BACK_TO[price.bucket], line | {"publication": publication})
        back = price.units if rows else 0
    yield Statement(_REFUND, line | {"read": price.units if price.overhead else 0, "back": back})


def close_bucket(closing: Closing, events: Sequence[Event]) -> Program[None]:
    """Closes a bucket and says so."""
    yield from close(closing)
    yield from record(events)


def close(closing: Closing) -> Program[None]:
    """Closes a bucket; the first reason stays."""
    line = _line(closing.project, closing.day, closing.bucket, units=0)
    yield Statement(_FIRST_TOUCH, line)
    yield Statement(_CLOSE, line | {"why": closing.why})


def lines(day: QuotaDay) -> Program[tuple[LedgerLine, ...]]:
    """Every bucket of every configured project on a day, by project and bucket."""
    rows = yield Statement(_DAY, {"day": str(day)})
    return tuple(sorted(map(line_of, rows), key=lambda line: (line.project, line.bucket)))


def _line(project: ProjectId, day: QuotaDay, bucket: Bucket, *, units: int) -> Params:
    return {"project": project, "day": str(day), "bucket": bucket.value, "units": units}


def _touch(sql: str, line: Params) -> Program[bool]:
    """Changes a line if it may be, making it first when it is not there."""
    rows = yield Statement(sql, line)
    if not rows:
        yield Statement(_FIRST_TOUCH, line)
        rows = yield Statement(sql, line)
    return bool(rows)
