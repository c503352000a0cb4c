"""Accounts: who may take a video (hard filters, each with its reason) and who should (the fitness score).

Fitness is the brief's sum: free quota 40 %, success rate 30 %, hours since the last upload 20 %, age 10 %.
It ranks; it never judges. Filters judge, and every choice keeps both for `accounts explain`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from ytempire.domain.counting import are, counted
from ytempire.domain.lessons import DAY, Lesson, cap_now, takes, thumbnails_refused, thumbnails_rest_until
from ytempire.domain.publication import Publication
from ytempire.domain.quota import Allotment, Bucket, Cost, LedgerLine, Purpose, of_purpose
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
    """The state of an account; how one follows another is in conditions.py."""

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

    `successes` and `trials` count outcomes in the sliding window that were the account's own doing,
    `failures_in_a_row` the failures since the last success, `arrived_lately` the successes of the last 24 hours.
    `parked_until` is set after YouTube refused more uploads on the channel, `promoted_until` while a reserve
    stands in. `grant_dead` is why its grant cannot be used, `grant_ends_at` the end that Google announced.
    `allocation` is its own part of the project's quota by purpose; what it does not name is not limited. `taken` is
    what is spent and promised of that part; it is not kept for an account that has none.
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
    failures_in_a_row: int = 0
    arrived_lately: int = 0
    promoted_until: datetime | None = None
    grant_dead: str | None = None
    grant_ends_at: datetime | None = None
    lessons: tuple[Lesson, ...] = ()
    allocation: Mapping[Purpose, int] = field(default_factory=dict)
    taken: Mapping[Purpose, int] = field(default_factory=dict)

    def allotment(self, cost: Cost) -> Allotment | None:
        """What a job takes of its own part of the project's quota; None when it has none."""
        return Allotment(cost.parts, self.allocation) if self.allocation else None

    def cap(self, now: datetime) -> int:
        """How many uploads it may start on a day."""
        return cap_now(self.daily_uploads, self.lessons, now)


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
    TOO_LONG = "too_long"
    PARKED = "parked"
    DAILY_CAP = "daily_cap"
    BUCKET_CLOSED = "bucket_closed"
    ALLOCATION = "allocation"
    QUOTA = "quota"
    NEVER_FITS = "never_fits"
    OTHER_PROJECT = "other_project"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One account weighed for one publication: its score, or the first obstacle with its sentence.

    `also` are the further obstacles; `lacks` is what the account takes none of for this publication, which leaves it
    behind those that take it. `health` is stored with the choice and decides nothing.
    """

    account: AccountId
    score: Score | None
    obstacle: Obstacle | None = None
    why: str = ""
    until: datetime | None = None
    also: tuple[Obstacle, ...] = ()
    lacks: str = ""
    health: float | None = None


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


def weigh(
    publication: Publication,
    account: Account,
    cost: Cost,
    world: World,
    now: datetime,
    *,
    health: float | None = None,
) -> Candidate:
    """One account for one publication: the first obstacle in its way, or its fitness; `health` is kept with it."""
    lacks = _no_thumbnails(account, now) if publication.request.thumbnail else ""
    found = _obstacles(publication, account, cost, world, now)
    for obstacle, why, until in found[:1]:
        also = tuple(dict.fromkeys(each for each, _, _ in found[1:] if each is not obstacle))
        return Candidate(account.id, None, obstacle, why, until, also, lacks, health)
    return Candidate(account.id, fitness(account, cost, world, now), lacks=lacks, health=health)


def _no_thumbnails(account: Account, now: datetime) -> str:
    """What thumbnails the channel takes none of: custom ones, for they are refused, or more, for it had too many in a
    day; empty when it takes them.
    """
    if thumbnails_refused(account.lessons, now) is not None:
        return "custom thumbnails"
    rest = thumbnails_rest_until(account.lessons, now)
    return f"more thumbnails before {rest:%Y-%m-%d %H:%M} UTC, for it had too many in a day" if rest else ""


_Found = tuple[Obstacle, str, datetime | None]


def _obstacles(
    publication: Publication, account: Account, cost: Cost, world: World, now: datetime
) -> list[_Found]:
    """Every obstacle in the way, hardest first, each with a sentence and when it may be gone."""
    found: list[_Found] = []
    if not allowed(publication, account):
        found.append((Obstacle.NOT_ALLOWED, "the publication names another account or group", None))
    parked = account.parked_until is not None and account.parked_until > now
    if account.condition is not Condition.ACTIVE and not (parked and account.condition is Condition.CAPPED):
        because = f" ({account.why})" if account.why else ""
        again = None if account.condition is Condition.SUSPENDED else now + RECHECK
        found.append((Obstacle.CONDITION, f"the account is {account.condition}{because}", again))
    if not takes(publication.request.length, account.lessons):
        why = (
            "YouTube takes no videos longer than 15 minutes on this channel; verify it, then connect it again"
        )
        found.append((Obstacle.TOO_LONG, why, now + RECHECK))
    if parked:
        found.append((Obstacle.PARKED, "YouTube refused more uploads on this channel", account.parked_until))
    found += _quota_obstacles(account, cost, world)
    found += _part_obstacles(account, cost, world)
    found += _cap_obstacles(account, world, now)
    if account.in_flight >= account.concurrency:
        found.append(
            (Obstacle.BUSY, f"{account.in_flight} of {account.concurrency} uploads are running", now)
        )
    return found


def _cap_obstacles(account: Account, world: World, now: datetime) -> list[_Found]:
    """The cap of the day; a learned one also counts the last 24 hours, as YouTube does."""
    cap = account.cap(now)
    learned = cap < account.daily_uploads
    if account.uploads_today >= cap:
        more = f", for YouTube has refused more (configured: {account.daily_uploads})" if learned else ""
        why = f"{account.uploads_today} of {cap} uploads of the day are used{more}"
        return [(Obstacle.DAILY_CAP, why, world.resets_at)]
    if learned and account.arrived_lately + account.in_flight >= cap:
        hours = DAY // timedelta(hours=1)
        why = f"{counted(cap, 'upload')} in {hours} hours {are(cap)} all that YouTube took of this channel"
        return [(Obstacle.DAILY_CAP, why, now + RECHECK)]
    return []


def _quota_obstacles(account: Account, cost: Cost, world: World) -> list[_Found]:
    found: list[_Found] = []
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


def _part_obstacles(account: Account, cost: Cost, world: World) -> list[_Found]:
    """The account's own part of its project's quota."""
    allotment = account.allotment(cost)
    if allotment is None:
        return []
    never = allotment.short_of({})
    purpose = never or allotment.short_of(account.taken)
    if purpose is None:
        return []
    needed, limit = of_purpose(cost.parts, purpose), account.allocation[purpose]
    part = f"its part of the quota of {account.project} for {_PURPOSE[purpose]}"
    if never is not None:
        return [(Obstacle.NEVER_FITS, f"{needed} are needed and {part} is only {limit} a day", None)]
    used = f"{part} is used up ({of_purpose(account.taken, purpose)} of {limit}, {needed} are needed)"
    why = f"{used}; it resets at {world.resets_at:%Y-%m-%d %H:%M} UTC"
    return [(Obstacle.ALLOCATION, why, world.resets_at)]


_PURPOSE = {
    Purpose.UPLOADS: "uploads",
    Purpose.METADATA: "metadata",
    Purpose.THUMBNAILS: "thumbnails",
    Purpose.TOTAL: "everything",
}


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
    """The fit ones: who lacks nothing first, then the best; ties go to the least recently used, then by id."""

    def key(candidate: Candidate) -> tuple[bool, float, float, str]:
        last = accounts[candidate.account].last_upload_at
        score = candidate.score.total if candidate.score else 0.0
        return (
            bool(candidate.lacks),
            -round(score, 9),
            last.timestamp() if last else 0.0,
            candidate.account,
        )

    return sorted((candidate for candidate in candidates if candidate.score is not None), key=key)
