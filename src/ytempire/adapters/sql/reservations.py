"""Programs for reservations: what a publication takes of an account and a ledger, and gives back.

A row of `reservations` is a place held on an account; `uploads`, `searches` and `units` are what is left of
the quota promised with it, `part_*` of the account's own part of it, NULL where it has none. `placed` is 1 until
the place is given back, `counted` until the day's upload is.
"""

from dataclasses import dataclass

from ytempire.adapters.sql import ledger
from ytempire.adapters.sql.documents import moment_text
from ytempire.adapters.sql.program import Program, Statement, Undone
from ytempire.adapters.sql.rows import PARTS, Params
from ytempire.domain.publication import Publication
from ytempire.domain.quota import Allotment, Bucket, Cost, Purpose
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import ProjectId, PublicationId

_HOLD = """
INSERT INTO reservations
  (publication, account, project, day, uploads, searches, units, part_uploads, part_metadata, part_thumbnails)
VALUES
  (:publication, :account, :project, :day, :uploads, :searches, :units, :part_uploads, :part_metadata,
   :part_thumbnails)
ON CONFLICT (publication) DO NOTHING
"""
_DROP = """
DELETE FROM reservations WHERE publication = :publication
RETURNING placed, account, project, day, part_uploads, part_metadata, part_thumbnails, uploads, searches, units
"""
_STEP_BACK = """
UPDATE reservations SET placed = 0 WHERE publication = :publication AND placed = 1 RETURNING account
"""
_PLACE = """
UPDATE accounts SET in_flight = in_flight + 1, last_upload_at = :now
WHERE id = :account AND project = :project AND configured = 1 AND condition = 'active'
  AND (parked_until IS NULL OR parked_until <= :now) AND (promoted_until IS NULL OR promoted_until > :now)
  AND in_flight < concurrency
"""
_LEAVE = "UPDATE accounts SET in_flight = in_flight - 1 WHERE id = :account"
_COUNT = """
INSERT INTO account_days (account, day, uploads)
SELECT id, CAST(:day AS TEXT), 1 FROM accounts WHERE id = :account AND daily_uploads > 0 AND CAST(:cap AS INTEGER) > 0
ON CONFLICT (account, day) DO UPDATE SET uploads = account_days.uploads + 1
WHERE account_days.uploads < (SELECT daily_uploads FROM accounts WHERE id = excluded.account)
  AND account_days.uploads < CAST(:cap AS INTEGER)
"""
_NO_CAP = 2**31 - 1
_BOUNDS = {
    part: f"""
  AND (excluded.{part} = 0 OR account_days.{part} + excluded.{part} <= CAST(:most_{part} AS BIGINT))"""
    for part in PARTS.values()
}
_SUM = " + ".join(f"TABLE.{part}" for part in PARTS.values())
_TOGETHER = f"""
  AND {_SUM.replace("TABLE", "account_days")} + {_SUM.replace("TABLE", "excluded")} <= CAST(:most_total AS BIGINT)"""
_COUNT_PART = f"""
INSERT INTO account_days (account, day, uploads, {", ".join(PARTS.values())})
SELECT id, CAST(:day AS TEXT), 1, {", ".join(f"CAST(:{part} AS BIGINT)" for part in PARTS.values())}
FROM accounts WHERE id = :account AND daily_uploads > 0 AND CAST(:cap AS INTEGER) > 0
  AND CAST(:fits_alone AS INTEGER) = 1
ON CONFLICT (account, day) DO UPDATE SET uploads = account_days.uploads + 1,
  {", ".join(f"{part} = account_days.{part} + excluded.{part}" for part in PARTS.values())}
WHERE account_days.uploads < (SELECT daily_uploads FROM accounts WHERE id = excluded.account)
  AND account_days.uploads < CAST(:cap AS INTEGER)
"""  # noqa: S608  glued of constants
_COUNT_PART += "".join(_BOUNDS.values()) + _TOGETHER
"""As `_COUNT`, for an account with its own part of the quota: what the job needs of that must fit too."""

_NO_LIMIT = 2**62
_NO_PARTS: Params = dict.fromkeys(PARTS.values())
_RETURN_PART = f"""
UPDATE account_days SET {", ".join(f"{part} = {part} - :{part}" for part in PARTS.values())}
WHERE account = :account AND day = :day
"""  # noqa: S608  glued of constants
_DISREGARD = """
UPDATE reservations SET counted = 0 WHERE publication = :publication AND counted = 1 RETURNING account, day
"""
_UNCOUNT = "UPDATE account_days SET uploads = uploads - 1 WHERE account = :account AND day = :day"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a publication wants to take: the ledger's line, and what else its statements ask for. In `params` `now` is
    the moment that parking is judged by, `cap` the most uploads of the day beside what is configured.
    """

    publication: PublicationId
    project: ProjectId
    day: QuotaDay
    cost: Cost
    divided: bool
    """Has the account a part of its own of the quota?"""
    params: Params


def claim_of(publication: Publication, cost: Cost, cap: int | None, allotment: Allotment | None) -> Claim:
    """The claim of a publication. Raises `ValueError` when it names no account, project or day."""
    account, project, day = publication.account, publication.project, publication.day
    if account is None or project is None or day is None:
        raise ValueError(f"{publication.id} cannot reserve without account, project and day")
    params: Params = {
        "publication": publication.id,
        "account": account,
        "project": project,
        "day": str(day),
        "now": moment_text(publication.updated_at),
        "cap": _NO_CAP if cap is None else cap,
        "uploads": cost.of(Bucket.UPLOADS),
        "searches": cost.of(Bucket.SEARCHES),
        "units": cost.of(Bucket.UNITS),
    }
    params |= _NO_PARTS if allotment is None else _part_params(allotment)
    return Claim(publication.id, project, day, cost, allotment is not None, params)


def take(claim: Claim) -> Program[None]:
    """Takes place, daily upload and quota, after giving back an earlier reservation; all, or undoes it."""
    hold = Statement(_HOLD, claim.params)
    if not (yield hold):
        yield from release(claim.publication)
        yield hold
    for condition in (_PLACE, _COUNT_PART if claim.divided else _COUNT):
        if not (yield Statement(condition, claim.params)):
            raise Undone(None)
    yield from ledger.promise(claim.project, claim.day, claim.cost)


def _part_params(allotment: Allotment) -> Params:
    """What the job needs of the account's own part, and what each is held to."""
    needs = {part: allotment.needs.get(purpose, 0) for purpose, part in PARTS.items()}
    most = {f"most_{part}": allotment.limits.get(purpose, _NO_LIMIT) for purpose, part in PARTS.items()}
    total = allotment.limits.get(Purpose.TOTAL, _NO_LIMIT)
    alone = allotment.short_of({}) is None
    return {**needs, **most, "most_total": total, "fits_alone": int(alone)}


def release(publication: PublicationId) -> Program[None]:
    """Gives back what is left of a reservation and its place; does nothing when there is none."""
    rows = yield Statement(_DROP, {"publication": publication})
    for placed, account, project, day, *left in rows:
        if placed:
            yield Statement(_LEAVE, {"account": account})
        parts = dict(zip(PARTS.values(), left, strict=False))
        if any(parts.values()):
            yield Statement(_RETURN_PART, {**parts, "account": account, "day": day})
        yield from ledger.give_back(project, day, left[len(parts) :])


def leave(publication: PublicationId) -> Program[None]:
    """Gives back the place on the account alone, once; does nothing when there is none."""
    rows = yield Statement(_STEP_BACK, {"publication": publication})
    for (account,) in rows:
        yield Statement(_LEAVE, {"account": account})


def uncount(publication: PublicationId) -> Program[None]:
    """Takes the day's upload of a reservation back, once; does nothing when there is none."""
    rows = yield Statement(_DISREGARD, {"publication": publication})
    for account, day in rows:
        yield Statement(_UNCOUNT, {"account": account, "day": day})
