"""What to do with a publication now, and what to do after a fault: one small closed set of answers.

The brief's chain "production account, reserve account, queue for later, call a person" is `decide`, read
from top to bottom.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from ytempire.domain.accounts import Account, Candidate, Kind, Obstacle, World, rank, weigh
from ytempire.domain.counting import counted
from ytempire.domain.failover import kept
from ytempire.domain.faults import SESSION_LOST, Fault, Remedy, Scope
from ytempire.domain.health import health
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Publication, Reason, SessionState
from ytempire.domain.quota import Allotment, Cost, reset_after
from ytempire.domain.retry import backoff, wished_delay
from ytempire.domain.values import AccountId, ProjectId

CHANNEL_PARKED = timedelta(hours=24)
"""After uploadLimitExceeded: the channel's own cap counts 24 rolling hours (facts 4.2)."""

MAX_PASSES = 4
"""Work that died this often without coming to an end is poison: a person must look."""

MAX_ACCOUNTS_TRIED = 5


@dataclass(frozen=True, slots=True)
class Upload:
    """Upload on this account; `cost` is the whole job, `candidates` everyone who was weighed.

    `cap` is how many uploads the account may start on this day, `allotment` what the job takes of the account's
    own part of the quota.
    """

    account: AccountId
    project: ProjectId
    cost: Cost
    candidates: tuple[Candidate, ...]
    cap: int
    allotment: Allotment | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Come back at `until`. `keep`: with the same account and session; else everything is chosen anew, and
    with `elsewhere` its session is left behind, because another account may take it.
    """

    until: datetime
    reason: Reason
    keep: bool = False
    elsewhere: bool = False
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Reconcile:
    """The outcome is unknown: look for the video on the channel, now or at `at`."""

    at: datetime
    reason: Reason


@dataclass(frozen=True, slots=True)
class Hold:
    """A person is needed."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Refuse:
    """YouTube will never take it as it is."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Skip:
    """The same content is already there."""

    reason: Reason


Decided = TypeVar("Decided", bound=Wait | Hold)
Decision = Upload | Wait | Reconcile | Hold | Refuse | Skip


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait between tries, the first delay and the longest one; and, when they are used up because a
    service is down, before the publication is queued anew (the brief's 3600 s).
    """

    base: timedelta = timedelta(seconds=1)
    cap: timedelta = timedelta(minutes=5)
    requeue: timedelta = timedelta(hours=1)


def poison(publication: Publication) -> Hold | None:
    """A hold for work that kills its worker again and again, whatever its state; None while there is hope.

    Asked when a pass has begun, which counts itself.
    """
    if publication.passes <= MAX_PASSES:
        return None
    message = f"work on it died {counted(publication.passes - 1, 'time')} without coming to an end"
    return Hold(Reason("poison", message, ("retry", "cancel")))


def decide(publication: Publication, costs: dict[ProjectId, Cost], world: World, now: datetime) -> Decision:
    """Where a waiting publication goes now. `costs` is the price of the whole job in each project."""
    untimely = out_of_time(publication, now)
    if untimely is not None:
        return untimely
    weighed = tuple(
        weigh(publication, each, costs[each.project], world, now, health=round(health(each, now).total, 4))
        for each in world.accounts
    )
    weighed = kept(publication, costs, world, weighed)
    best = _planned(publication, weighed, costs, world, now) or _best(weighed, costs, world, now)
    if best is None and all(each.obstacle is Obstacle.NOT_ALLOWED for each in weighed):
        return Hold(_nobody(publication, world.accounts))
    urgency = publication.request.priority * world.waiting
    return best or in_time(_none_fits(weighed, now, urgency), publication)


def out_of_time(publication: Publication, now: datetime) -> Wait | Hold | None:
    """What is decided whatever the world is like: it is too early, or too late. None in its time, and for what may
    be a video already: that is found out at any time.
    """
    if _outcome_open(publication):
        return None
    request = publication.request
    if request.deadline is not None and now >= request.deadline:
        message = f"its deadline {request.deadline.isoformat()} passed before it could be uploaded"
        return Hold(Reason(_DEADLINE_PASSED, message, _TOO_LATE))
    if request.not_before is not None and now < request.not_before:
        return Wait(request.not_before, Reason("not_before", "it was asked to wait until then"))
    if request.metadata.publish_at is not None and now >= request.metadata.publish_at:
        message = "its publish_at has passed; YouTube would publish it at once"
        return Hold(Reason(_PUBLISH_AT_PASSED, message, _TOO_LATE))
    return None


def _planned(
    publication: Publication,
    weighed: tuple[Candidate, ...],
    costs: dict[ProjectId, Cost],
    world: World,
    now: datetime,
) -> Upload | None:
    """The account that the plan of the day gave it, when nothing is in the way there."""
    if publication.state is not State.PLANNED:
        return None
    account = next((each for each in world.accounts if each.id == publication.account), None)
    free = any(each.account == publication.account and each.score is not None for each in weighed)
    if account is None or not free:
        return None
    return _upload(account, weighed, costs, now)


def _best(
    weighed: tuple[Candidate, ...], costs: dict[ProjectId, Cost], world: World, now: datetime
) -> Upload | None:
    """Production before reserve, then the fittest."""
    accounts = {account.id: account for account in world.accounts}
    for kind in (Kind.PRODUCTION, Kind.RESERVE):
        of_kind = [each for each in weighed if accounts[each.account].kind is kind]
        for best in rank(of_kind, accounts)[:1]:
            return _upload(accounts[best.account], weighed, costs, now)
    return None


def _upload(
    account: Account, weighed: tuple[Candidate, ...], costs: dict[ProjectId, Cost], now: datetime
) -> Upload:
    cost = costs[account.project]
    return Upload(account.id, account.project, cost, weighed, account.cap(now), account.allotment(cost))


def _none_fits(weighed: tuple[Candidate, ...], now: datetime, queue: int) -> Wait | Hold:
    """Nobody can take it now: wait for the first who will, or call a person when nobody ever will.

    Behind busy accounts a long queue looks less often, so that all of it together looks at a steady rate,
    and the urgent look more often than the others.
    """
    willing = [each for each in weighed if each.obstacle is not Obstacle.NOT_ALLOWED]
    waits = [(each.until, each) for each in willing if each.until is not None]
    if not waits:
        text = "; ".join(f"{each.account}: {each.why}" for each in willing[:5])
        return Hold(Reason(_NO_ACCOUNT, f"no account can take it: {text}", ("retry", "cancel")))
    # A time that will come by itself counts before an account that somebody has to bring back. Of those that come at
    # the same time the one is named that most are like.
    alike = Counter(each.obstacle for _, each in waits)
    until, first = min(
        waits, key=lambda wait: (wait[1].obstacle in _FOR_A_PERSON, wait[0], -alike[wait[1].obstacle])
    )
    if first.obstacle is Obstacle.BUSY:
        until = now + max(_BUSY_POLL, queue * _BUSY_SHARE)
        return Wait(until, Reason("busy", "every allowed account is busy"), candidates=weighed)
    code = OUT_OF_QUOTA if first.obstacle in _USED_UP else str(first.obstacle)
    return Wait(until, Reason(code, f"{first.account}: {first.why}"), candidates=weighed)


def _nobody(publication: Publication, accounts: Iterable[Account]) -> Reason:
    """Why no account may ever take it: the one that it names, or that began it, left the configuration, or its group
    has none.
    """
    target, live = publication.request.target, publication.live_session
    named, group = live.account if live is not None else target.account, target.group
    if named is not None and named not in {each.id for each in accounts}:
        tie = "its upload was begun on" if live is not None else "it is for"
        message = f"no account is allowed to take it: {tie} {named}, which is not in the configuration"
        anew = () if live is not None else (f"submit it anew for another account than {named}",)
        return Reason(
            _NO_ACCOUNT, message, (f"put {named} back into the configuration, then retry", "cancel", *anew)
        )
    if named is None and group is not None:
        message = f"no account is allowed to take it: none of the configuration is in the group {group}"
        return Reason(_NO_ACCOUNT, message, (f"give an account the group {group}, then retry", "cancel"))
    return Reason(_NO_ACCOUNT, "no account is allowed to take it", ("retry", "cancel"))


def in_time(decision: Decided, publication: Publication) -> Decided:
    """No wait goes beyond the moment after which it would be too late: that is when a person must know."""
    if _outcome_open(publication):
        return decision
    request = publication.request
    ends = [moment for moment in (request.deadline, request.metadata.publish_at) if moment is not None]
    if isinstance(decision, Wait) and ends:
        return replace(decision, until=min(decision.until, *ends))
    return decision


_NO_ACCOUNT = "no_account"
OUT_OF_QUOTA = "out_of_quota"
KEY_GONE = "key_gone"
"""The code of the reason that nothing can be sealed now, so that the address of an upload could not be kept."""

NOT_PLANNED = "not_planned"
"""The code of the reason that the plan of the day, which is followed, has no place for it."""

_USED_UP = (
    Obstacle.QUOTA, Obstacle.BUCKET_CLOSED, Obstacle.ALLOCATION, Obstacle.DAILY_CAP, Obstacle.OTHER_PROJECT
)  # fmt: skip
_NO_QUOTA = (Obstacle.DAILY_CAP, Obstacle.ALLOCATION)


def shortage(obstacles: Iterable[str]) -> str:
    """What holds most of the accounts when nobody has anything left until the reset: `out_of_quota`, or by its own
    name what is no quota of a project (`daily_cap`, `allocation`). `obstacles` has the first one of each account.
    """
    found = Counter(each for each in obstacles if each in _USED_UP)
    code = min(found, key=lambda each: (-found[each], each), default=OUT_OF_QUOTA)
    return code if code in _NO_QUOTA else OUT_OF_QUOTA


_FOR_A_PERSON = (Obstacle.CONDITION, Obstacle.TOO_LONG)
_DEADLINE_PASSED, _PUBLISH_AT_PASSED = "deadline_passed", "publish_at_passed"
TOO_LATE = frozenset({_DEADLINE_PASSED, _PUBLISH_AT_PASSED})
"""The reasons for which nothing can be done about a publication as it is."""

_TOO_LATE = ("cancel", "submit it anew with another moment")
_BUSY_POLL = timedelta(seconds=1)
_BUSY_SHARE = timedelta(milliseconds=10)
"""At the default priority of 5 a waiting queue of any length looks about 20 times a second."""


def after(
    publication: Publication, fault: Fault, *, now: datetime, dice: float, patience: Patience
) -> Decision:
    """What follows from a fault during an upload. The service has yet to apply the fault to the account."""
    reason = Reason(fault.code, fault.detail or fault.code, ("retry", "cancel"))
    match fault.remedy:
        case Remedy.RETRY | Remedy.REFRESH:
            return _again(publication, fault, reason, now=now, dice=dice, patience=patience)
        case Remedy.CLOSE_BUCKET:
            live = publication.live_session is not None
            return Wait(reset_after(now) if live else now, reason, keep=live)
        case Remedy.PARK_CHANNEL | Remedy.DISABLE_ACCOUNT | Remedy.REAUTHORISE:
            return _elsewhere(publication, reason, now)
        case Remedy.REFUSE:
            return Skip(reason) if fault.code == "duplicateUpload" else Refuse(reason)
        case _:
            return Hold(reason)


def _again(
    publication: Publication, fault: Fault, reason: Reason, *, now: datetime, dice: float, patience: Patience
) -> Decision:
    if fault.remedy is Remedy.REFRESH:
        if _struck_before(publication, fault):
            return _elsewhere(publication, reason, now)
        return Wait(now, reason, keep=True)
    if fault.code == SESSION_LOST.code and publication.attempts > MAX_ACCOUNTS_TRIED:
        message = f"{publication.attempts - 1} upload sessions were lost, and each costs an insert"
        return Hold(Reason("gave_up", message, ("retry", "cancel")))
    tried = publication.failures + 1
    if tried > fault.tries:
        message = f"gave up after {counted(tried, 'try', 'tries')} without progress: {reason.message}"
        if fault.scope is Scope.SERVICE and publication.attempts < MAX_ACCOUNTS_TRIED:
            return Wait(now + patience.requeue, Reason(reason.code, message, reason.remedies))
        return Hold(Reason("gave_up", message, ("retry", "cancel")))
    wished = wished_delay(fault.retry_after, now)
    delay = backoff(tried, base=patience.base, cap=patience.cap, dice=dice)
    return Wait(now + max(delay, wished or timedelta(0)), reason, keep=True)


def _struck_before(publication: Publication, fault: Fault) -> bool:
    """Was this very fault the last thing that happened? Others before it do not use up the one refresh."""
    last = publication.reason
    return publication.failures > 0 and last is not None and last.code == fault.code


def _elsewhere(publication: Publication, reason: Reason, now: datetime) -> Decision:
    """Another allowed account, but only while it is certain that no video can have come of this one."""
    if _outcome_open(publication):
        return Hold(Reason(reason.code, f"{reason.message}; its last bytes may have arrived, so it stays on "
                           f"{publication.account}", ("retry", "adopt", "cancel")))  # fmt: skip
    if publication.attempts >= MAX_ACCOUNTS_TRIED:
        return Hold(Reason("gave_up", f"{publication.attempts} accounts were tried: {reason.message}",
                           ("retry", "cancel")))  # fmt: skip
    return Wait(now, reason, elsewhere=True)


def _outcome_open(publication: Publication) -> bool:
    """May a video exist that we do not know of?"""
    session = publication.session
    return session is not None and session.state is SessionState.FINISHING
