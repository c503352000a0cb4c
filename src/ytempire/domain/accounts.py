"""Accounts: who may take a video (hard filters, each with its reason) and who should (the fitness score).

Fitness is the brief's sum: free quota 40 %, success rate 30 %, hours since the last upload 20 %, age 10 %.
It ranks; it never judges. Filters judge, and every choice keeps both for `accounts explain`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from ytempire.domain.publication import Publication
from ytempire.domain.quota import Bucket, Cost, LedgerLine
from ytempire.domain.values import AccountId, ChannelId, ProjectId

FULL_REST = timedelta(hours=24)
FULL_AGE = timedelta(days=30)
RECHECK = timedelta(hours=1)
"""An account that a person may bring back is looked at again after this time (the brief's 3600 s)."""

PRIOR_SUCCESSES = 9
PRIOR_TRIALS = 10
"""An account without a history is taken to succeed 9 times of 10, until its own outcomes weigh more."""


class Kind(StrEnum):
    """Production accounts carry the day; reserves step in."""

    PRODUCTION = "production"
    RESERVE = "reserve"


class Condition(StrEnum):
    """The state of an account."""

    ACTIVE = "active"
    STANDBY = "standby"
    PAUSED = "paused"
    CAPPED = "capped"
    NEEDS_REAUTH = "needs_reauth"
    SUSPENDED = "suspended"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of the fitness score; they need not add up to 1."""

    quota: float = 0.4
    success: float = 0.3
    rest: float = 0.2
    age: float = 0.1


@dataclass(frozen=True, slots=True)
class Account:
    """An account as the world sees it at one moment. Counts are of the current quota day.

    `successes` and `trials` count outcomes in the sliding window that were the account's own doing.
    `parked_until` is set after YouTube refused more uploads on the channel.
    """

    id: AccountId
    project: ProjectId
    kind: Kind
    condition: Condition
    daily_uploads: int
    added_at: datetime
    concurrency: int = 1
    groups: frozenset[str] = frozenset()
    channel: ChannelId | None = None
    channel_title: str | None = None
    uploads_today: int = 0
    in_flight: int = 0
    last_upload_at: datetime | None = None
    parked_until: datetime | None = None
    successes: int = 0
    trials: int = 0
    why: str | None = None
    changed_by: str | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """The parts of a fitness score, each from 0 to 1, and their weighted total."""

    quota: float
    success: float
    rest: float
    age: float
    total: float


class Obstacle(StrEnum):
    """Why an account cannot take a publication now."""

    NOT_ALLOWED = "not_allowed"
    CONDITION = "condition"
    PARKED = "parked"
    DAILY_CAP = "daily_cap"
    BUCKET_CLOSED = "bucket_closed"
    QUOTA = "quota"
    NEVER_FITS = "never_fits"
    OTHER_PROJECT = "other_project"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One account weighed for one publication: its score, or the first obstacle with its sentence."""

    account: AccountId
    score: Score | None
    obstacle: Obstacle | None = None
    why: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class World:
    """Everything a decision needs, read at one moment. `waiting` is how many publications are queued."""

    accounts: tuple[Account, ...]
    ledger: Mapping[tuple[ProjectId, Bucket], LedgerLine]
    resets_at: datetime
    weights: Weights = field(default_factory=Weights)
    waiting: int = 0
    cross_project_failover: bool = False


def allowed(publication: Publication, account: Account) -> bool:
    """May this publication go to this account at all? Its target decides, and a session that is still alive."""
    live = publication.live_session
    if live is not None and live.account != account.id:
        return False
    target = publication.request.target
    if target.account is not None:
        return account.id == target.account
    return target.group is None or target.group in account.groups


def weigh(publication: Publication, account: Account, cost: Cost, world: World, now: datetime) -> Candidate:
    """One account for one publication: the first obstacle in its way, or its fitness."""
    for obstacle, why, until in _obstacles(publication, account, cost, world, now):
        return Candidate(account.id, None, obstacle, why, until)
    return Candidate(account.id, fitness(account, cost, world, now))


def _obstacles(
    publication: Publication, account: Account, cost: Cost, world: World, now: datetime
) -> list[tuple[Obstacle, str, datetime | None]]:
    """Every obstacle in the way, hardest first, each with a sentence and when it may be gone."""
    found: list[tuple[Obstacle, str, datetime | None]] = []
    if not allowed(publication, account):
        found.append((Obstacle.NOT_ALLOWED, "the publication names another account or group", None))
    if account.condition is not Condition.ACTIVE:
        because = f" ({account.why})" if account.why else ""
        again = None if account.condition is Condition.SUSPENDED else now + RECHECK
        found.append((Obstacle.CONDITION, f"the account is {account.condition}{because}", again))
    if account.parked_until is not None and account.parked_until > now:
        found.append((Obstacle.PARKED, "YouTube refused more uploads on this channel", account.parked_until))
    found += _quota_obstacles(account, cost, world)
    if account.uploads_today >= account.daily_uploads:
        why = f"{account.uploads_today} of {account.daily_uploads} uploads of the day are used"
        found.append((Obstacle.DAILY_CAP, why, world.resets_at))
    if account.in_flight >= account.concurrency:
        found.append(
            (Obstacle.BUSY, f"{account.in_flight} of {account.concurrency} uploads are running", now)
        )
    return found


def _quota_obstacles(
    account: Account, cost: Cost, world: World
) -> list[tuple[Obstacle, str, datetime | None]]:
    found: list[tuple[Obstacle, str, datetime | None]] = []
    for bucket, units in cost.units.items():
        line = world.ledger[account.project, bucket]
        if units > line.ceiling:
            why = f"{units} {bucket} are needed and no day allows more than {line.ceiling}"
            found.append((Obstacle.NEVER_FITS, why, None))
        elif line.closed is not None:
            why = f"YouTube closed the {bucket} of {account.project} for today: {line.closed}"
            found.append((Obstacle.BUCKET_CLOSED, why, world.resets_at))
        elif not line.fits(units):
            why = f"{units} {bucket} are needed and {line.free} are left below the ceiling of {line.ceiling}"
            found.append((Obstacle.QUOTA, why, world.resets_at))
    return found


def fitness(account: Account, cost: Cost, world: World, now: datetime) -> Score:
    """The brief's score, every part clamped to 0..1."""
    weights = world.weights
    lines = [world.ledger[account.project, bucket] for bucket in cost.units]
    quota = min((line.free / line.ceiling if line.ceiling else 0.0 for line in lines), default=1.0)
    success = (account.successes + PRIOR_SUCCESSES) / (account.trials + PRIOR_TRIALS)
    rested = FULL_REST if account.last_upload_at is None else now - account.last_upload_at
    parts = (quota, success, rested / FULL_REST, (now - account.added_at) / FULL_AGE)
    q, s, r, a = (min(1.0, max(0.0, part)) for part in parts)
    total = q * weights.quota + s * weights.success + r * weights.rest + a * weights.age
    return Score(q, s, r, a, total)


def rank(candidates: list[Candidate], accounts: Mapping[AccountId, Account]) -> list[Candidate]:
    """The fit ones, best first; ties go to the least recently used, then by id."""

    def key(candidate: Candidate) -> tuple[float, float, str]:
        last = accounts[candidate.account].last_upload_at
        score = candidate.score.total if candidate.score else 0.0
        return (-round(score, 9), last.timestamp() if last else 0.0, candidate.account)

    return sorted((candidate for candidate in candidates if candidate.score is not None), key=key)
