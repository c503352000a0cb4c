"""Programs for reservations: what a publication takes of an account and a ledger, and gives back.

A row of `reservations` is a place held on an account; `uploads`, `searches` and `units` are what is left of
the quota promised with it. `placed` is 1 until the place is given back, `counted` until the day's upload is.
"""

from dataclasses import dataclass

from ytempire.adapters.sql import ledger
from ytempire.adapters.sql.documents import moment_text
from ytempire.adapters.sql.program import Program, Statement, Undone
from ytempire.adapters.sql.rows import Params
from ytempire.domain.publication import Publication
from ytempire.domain.quota import Bucket, Cost
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import AccountId, ProjectId, PublicationId

_HOLD = """
INSERT INTO reservations (publication, account, project, day, uploads, searches, units)
VALUES (:publication, :account, :project, :day, :uploads, :searches, :units)
ON CONFLICT (publication) DO NOTHING
"""
_DROP = """
DELETE FROM reservations WHERE publication = :publication
RETURNING placed, account, project, day, uploads, searches, units
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
_DISREGARD = """
UPDATE reservations SET counted = 0 WHERE publication = :publication AND counted = 1 RETURNING account, day
"""
_UNCOUNT = "UPDATE account_days SET uploads = uploads - 1 WHERE account = :account AND day = :day"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a publication wants to take. `now` is stored text, the moment that parking is judged by; `cap` the most
    uploads of the day beside what is configured.
    """

    publication: PublicationId
    account: AccountId
    project: ProjectId
    day: QuotaDay
    cost: Cost
    now: str
    cap: int


def claim_of(publication: Publication, cost: Cost, cap: int | None) -> Claim:
    """The claim of a publication. Raises `ValueError` when it names no account, project or day."""
    account, project, day = publication.account, publication.project, publication.day
    if account is None or project is None or day is None:
        raise ValueError(f"{publication.id} cannot reserve without account, project and day")
    now = moment_text(publication.updated_at)
    return Claim(publication.id, account, project, day, cost, now, _NO_CAP if cap is None else cap)


def take(claim: Claim) -> Program[None]:
    """Takes place, daily upload and quota, after giving back an earlier reservation; all, or undoes it."""
    params: Params = {
        "publication": claim.publication,
        "account": claim.account,
        "project": claim.project,
        "day": str(claim.day),
        "now": claim.now,
        "cap": claim.cap,
        **{bucket.value: claim.cost.of(bucket) for bucket in Bucket},
    }
    rows = yield Statement(_HOLD, params)
    if not rows:
        yield from release(claim.publication)
        yield Statement(_HOLD, params)
    for condition in (_PLACE, _COUNT):
        if not (yield Statement(condition, params)):
            raise Undone(None)
    yield from ledger.promise(claim.project, claim.day, claim.cost)


def release(publication: PublicationId) -> Program[None]:
    """Gives back what is left of a reservation and its place; does nothing when there is none."""
    rows = yield Statement(_DROP, {"publication": publication})
    for placed, account, project, day, *left in rows:
        if placed:
            yield Statement(_LEAVE, {"account": account})
        yield from ledger.give_back(project, day, left)


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
