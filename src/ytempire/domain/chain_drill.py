"""The drill of the upload chain: production, reserve, queue for later, call a person. Each link is tried by the same
`decide` that places real videos, on a copy of the world in which the links before it are broken. Nothing is sent.

The chains of providers (speech, scripts) are drilled by calling them (services/drills.py); the point of the day
judges what that found.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ytempire.domain.accounts import Account, Condition, Kind, World
from ytempire.domain.checklist import Name, Point, Verdict, some, worst
from ytempire.domain.counting import counted
from ytempire.domain.decision import Hold, Patience, Upload, Wait, after, decide
from ytempire.domain.faults import Fault, Level, Remedy, Scope
from ytempire.domain.files import FileIdentity, StoredFile
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Metadata, Publication, Request
from ytempire.domain.quota import Cost
from ytempire.domain.reserves import Demand, Policy, to_promote
from ytempire.domain.values import ProjectId, PublicationId

FIRST_DRILL = "drills.first"
"""The fact that says since when a worker looks whether drills are due, as an ISO moment."""

_GRACE = timedelta(days=1)
"""A drill is overdue when it is later than its time by this: no worker may have run in between."""

_OUTAGE = Fault("backendError", Remedy.RETRY, Scope.SERVICE, Level.WARNING, tries=1)
_IN_USE = (Condition.ACTIVE, Condition.CAPPED)


@dataclass(frozen=True, slots=True)
class Link:
    """One link, tried: whether it holds and what it did or why not, and the remedy."""

    name: str
    verdict: Verdict
    told: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Listener:
    """A target of alerts: whether it is told of holds and of critical alerts, and whether it can be reached."""

    name: str
    hears: bool
    reachable: bool


def trial_publication(now: datetime) -> Publication:
    """A plain video for the whole pool. It exists nowhere."""
    file = StoredFile("drill", "0" * 64, FileIdentity(0, 0, 1, 0, 0))
    request = Request(file, "video/mp4", Metadata("drill"))
    return Publication(PublicationId("drill"), request, State.QUEUED, now, now, due=now)


@dataclass(frozen=True, slots=True)
class Drilled:
    """The newest drill of a provider chain; `at` is None when there was none, `first` is since when a worker would
    have drilled it.
    """

    chain: str
    at: datetime | None = None
    passed: bool = False
    why: str = ""
    first: datetime | None = None

    def link(self, now: datetime, every: timedelta) -> Link:
        """What it says of the chain now."""
        remedy = f"run `ytempire drill {self.chain}`"
        if self.at is None and self.first is not None and now - self.first > every + _GRACE:
            told = f"never drilled in {counted((now - self.first).days, 'day')}, and {every.days} are meant"
            return Link(self.chain, Verdict.FAILED, told, f"{remedy}; a worker does it by itself")
        if self.at is None:
            return Link(self.chain, Verdict.UNKNOWN, "never drilled", remedy)
        if now - self.at > every + _GRACE:
            told = f"last drilled {counted((now - self.at).days, 'day')} ago, and {every.days} are meant"
            return Link(self.chain, Verdict.FAILED, told, f"{remedy}; a worker does it by itself")
        if not self.passed:
            return Link(
                self.chain, Verdict.FAILED, self.why, f"see `ytempire services`, mend it, and {remedy}"
            )
        return Link(self.chain, Verdict.OK, "its drill passed")


def fallback_chain(links: Sequence[Link], drilled: Sequence[Link] = ()) -> Point:
    """The point of the day: every link of the upload chain holds, and so do the provider chains that were drilled."""
    wrong = [each for each in (*links, *drilled) if each.verdict is not Verdict.OK]
    holding = [each.name for each in links if each.verdict is Verdict.OK]
    passed = [each.name for each in drilled if each.verdict is Verdict.OK]
    value = f"{len(holding)} of {len(links)} links hold" + (f" ({', '.join(holding)})" if holding else "")
    return Point(
        Name.FALLBACK_CHAIN,
        value + (f"; drills of {', '.join(passed)} passed" if passed else ""),
        "production, reserve, requeue and person hold; the drills of provider chains pass",
        worst(each.verdict for each in (*links, *drilled)),
        some([f"{each.name}: {each.told}" for each in wrong]),
        "; ".join(each.remedy for each in wrong if each.remedy),
    )


def drill(
    trial: Publication,
    costs: Mapping[ProjectId, Cost],
    world: World,
    listeners: Sequence[Listener],
    policy: Policy,
    now: datetime,
) -> tuple[Link, ...]:
    """Tries every link with a trial publication, on a day on which nothing was done yet."""
    fresh = _fresh(world)
    return (
        _production(trial, costs, fresh, now),
        _reserve(trial, costs, fresh, policy, now),
        _requeue(trial, costs, fresh, now),
        _person(trial, costs, fresh, listeners, now),
    )


def _production(trial: Publication, costs: Mapping[ProjectId, Cost], world: World, now: datetime) -> Link:
    serving = _only(world, Kind.PRODUCTION)
    found = decide(trial, dict(costs), serving, now)
    if isinstance(found, Upload):
        return Link("production", Verdict.OK, f"{found.account} takes it")
    why = found.reason.message if isinstance(found, Wait | Hold) else str(found)
    return Link("production", Verdict.FAILED, why, "see `ytempire accounts list`")


def _reserve(
    trial: Publication, costs: Mapping[ProjectId, Cost], world: World, policy: Policy, now: datetime
) -> Link:
    """Production is out: a reserve that is in service takes it, or one that stands by steps in."""
    lost = _only(world, Kind.RESERVE)
    found = decide(trial, dict(costs), lost, now)
    if isinstance(found, Upload):
        return Link("reserve", Verdict.OK, f"{found.account} takes it")
    promoted = to_promote([Demand(trial, costs)], lost, policy, now)
    if promoted:
        return Link("reserve", Verdict.OK, f"{promoted[0].account} steps in")
    if policy is Policy.OFF:
        remedy = 'set planning.reserves = "standby" to have reserves step in'
        return Link("reserve", Verdict.UNKNOWN, "planning.reserves is off", remedy)
    if not lost.accounts:
        remedy = 'add [[accounts]] with kind = "reserve"'
        return Link("reserve", Verdict.UNKNOWN, "no reserves are configured", remedy)
    remedy = "connect or resume a reserve: `ytempire accounts list`"
    return Link("reserve", Verdict.FAILED, "no reserve can step in", remedy)


def _requeue(trial: Publication, costs: Mapping[ProjectId, Cost], world: World, now: datetime) -> Link:
    """Every account has had its day: it waits for the reset. Google is down: it is queued anew in a while."""
    worn = replace(world, accounts=tuple(map(_worn, world.accounts)))
    tired = replace(trial, failures=_OUTAGE.tries, attempts=1)
    tried = (
        decide(trial, dict(costs), worn, now),
        after(tired, _OUTAGE, now=now, dice=0.0, patience=Patience()),
    )
    if all(isinstance(found, Wait) and found.until > now for found in tried):
        return Link("requeue", Verdict.OK, "it waits for the reset, or for Google to come back")
    why = "no account will ever take it, so it would not be queued but held"
    return Link("requeue", Verdict.FAILED, why, "see `ytempire accounts list`")


def _person(
    trial: Publication,
    costs: Mapping[ProjectId, Cost],
    world: World,
    listeners: Sequence[Listener],
    now: datetime,
) -> Link:
    """Nobody may take it: it is held, and somebody hears of that."""
    found = decide(trial, dict(costs), replace(world, accounts=()), now)
    state = "it is held" if isinstance(found, Hold) else "it is not held"
    hearing = [each for each in listeners if each.hears]
    if not hearing:
        remedy = 'add [alerts.targets.NAME] with levels = ["high", "critical"]'
        return Link(
            "person", Verdict.UNKNOWN, f"{state}, and no target is told of high and critical alerts", remedy
        )
    dead = [each.name for each in hearing if not each.reachable]
    if len(dead) == len(hearing):
        remedy = f"try `ytempire alerts test {dead[0]}`"
        return Link("person", Verdict.FAILED, f"{state}, and {', '.join(dead)} cannot be reached", remedy)
    verdict = Verdict.OK if isinstance(found, Hold) else Verdict.FAILED
    return Link("person", verdict, f"{state}, and somebody is told")


def _fresh(world: World) -> World:
    """The same world on a day on which nothing was done yet."""
    accounts = tuple(replace(each, uploads_today=0, in_flight=0) for each in world.accounts)
    ledger = {
        key: replace(line, used=0, overhead=0, reserved=0, closed=None) for key, line in world.ledger.items()
    }
    return replace(world, accounts=accounts, ledger=ledger)


def _only(world: World, kind: Kind) -> World:
    return replace(world, accounts=tuple(each for each in world.accounts if each.kind is kind))


def _worn(account: Account) -> Account:
    """One in use that has had all its uploads of the day; the others stay as they are."""
    if account.condition not in _IN_USE:
        return account
    return replace(account, uploads_today=max(1, account.daily_uploads))
