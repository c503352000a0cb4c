"""The circuit breaker of one provider: whether a call may be made now, and what its result changes.

Five phases. Closed: calls pass, results are counted. Open: none pass until a moment. Half-open: exactly so many
probes pass as must succeed. Isolated: none pass, by a person's order. Disabled: all pass and nothing is counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

SLOTS = 10
"""Into so many equal parts the window of the failure rate is cut; the oldest is forgotten as a whole."""


class Phase(StrEnum):
    """What a breaker does with calls."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"
    ISOLATED = "isolated"
    DISABLED = "disabled"


class Result(StrEnum):
    """What a call says about its provider. `IGNORED` says nothing: the caller's fault, a cancelled call."""

    SUCCESS = "success"
    FAILURE = "failure"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Rules:
    """When to open, and for how long.

    It opens after `threshold` failures in a row, or when of at least `minimum_calls` in the `window`
    `failure_rate` percent failed. It stays open for `recovery`, `growth` times longer with each opening that no
    recovery came between, plus up to `jitter` percent, at most `cap`. A probe that has not answered within
    `probe_limit` is lost, and its place free again.
    """

    threshold: int = 5
    window: timedelta = timedelta(seconds=60)
    minimum_calls: int = 20
    failure_rate: int = 50
    recovery: timedelta = timedelta(seconds=60)
    growth: float = 2.0
    jitter: int = 10
    cap: timedelta = timedelta(minutes=15)
    probes: int = 3
    probe_limit: timedelta = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted in one slot of the window; `slot` numbers the slots since 1970."""

    slot: int
    calls: int
    failures: int


@dataclass(frozen=True, slots=True)
class Permit:
    """A probe under way, and when it counts as lost."""

    number: int
    expires: datetime


@dataclass(frozen=True, slots=True)
class Ticket:
    """Leave for one call. `generation` is the one it was given in; `number` is above 0 for a probe."""

    generation: int
    number: int = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """No leave. `retry_after` is when to ask again at the earliest; None: when a person says so."""

    why: str
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Breaker:
    """One breaker at rest. Moments are aware UTC.

    `generation` grows with every change of phase: what was called in an earlier one changes nothing any more.
    `failures` are those in a row; `openings` how often it opened since it last recovered; `issued` numbers the
    probes of this half-open time, `succeeded` counts those that went well. `version` is the store's.
    """

    name: str
    since: datetime
    phase: Phase = Phase.CLOSED
    generation: int = 1
    until: datetime | None = None
    failures: int = 0
    tallies: tuple[Tally, ...] = ()
    openings: int = 0
    permits: tuple[Permit, ...] = ()
    issued: int = 0
    succeeded: int = 0
    why: str = ""
    by: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """How a call went. `error` is the provider's own words; `rest_until`: it said itself when to come back.

    `calls`: so many that went well, told together.
    """

    result: Result
    error: str = ""
    rest_until: datetime | None = None
    calls: int = 1


def admit(breaker: Breaker, rules: Rules, now: datetime) -> tuple[Breaker, Ticket | Refusal]:
    """May a call be made? With a ticket the breaker given back must be stored before the call, if it changed."""
    match breaker.phase:
        case Phase.CLOSED | Phase.DISABLED:
            return breaker, Ticket(breaker.generation)
        case Phase.ISOLATED:
            return breaker, Refusal(f"isolated by {breaker.by}: {breaker.why}")
        case Phase.OPEN:
            left = time_left(breaker, now)
            if left > timedelta(0):
                return breaker, Refusal(f"open after: {breaker.why}", left)
            return _probe(_enter(breaker, Phase.HALF_OPEN, now), rules, now)
        case Phase.HALF_OPEN:
            return _probe(breaker, rules, now)


def report(
    breaker: Breaker, rules: Rules, ticket: Ticket, result: Report, *, now: datetime, dice: float
) -> Breaker:
    """The breaker after a call. The same breaker when the result comes too late to mean anything.

    `dice` (0 to 1) decides the jitter. What a provider said about when to come back opens the breaker until
    then whatever was counted before; a later moment that is known already stays.
    """
    if ticket.generation != breaker.generation or result.result is Result.IGNORED:
        return _returned(breaker, ticket)
    if breaker.phase is Phase.HALF_OPEN and all(each.number != ticket.number for each in breaker.permits):
        return breaker
    if breaker.phase not in {Phase.CLOSED, Phase.HALF_OPEN}:
        return breaker
    if result.result is Result.SUCCESS:
        return _succeeded(breaker, rules, ticket, result.calls, now)
    return _failed(breaker, rules, result, now, dice)


def isolate(breaker: Breaker, now: datetime, *, by: str, why: str) -> Breaker:
    """No call passes until a person resets it."""
    return replace(_enter(breaker, Phase.ISOLATED, now), by=by, why=why)


def disable(breaker: Breaker, now: datetime, *, by: str, why: str) -> Breaker:
    """Every call passes and nothing is counted, until a person resets it."""
    return replace(_enter(breaker, Phase.DISABLED, now), by=by, why=why)


def reset(breaker: Breaker, now: datetime, *, by: str) -> Breaker:
    """Closed, with nothing counted."""
    return replace(_enter(breaker, Phase.CLOSED, now), openings=0, by=by, why="")


def time_left(breaker: Breaker, now: datetime) -> timedelta:
    """How long an open breaker stays open. A clock that was set back does not make it longer."""
    if breaker.until is None:
        return timedelta(0)
    return max(min(breaker.until - now, breaker.until - breaker.since), timedelta(0))


def open_for(rules: Rules, openings: int, dice: float) -> timedelta:
    """How long the opening with this number (from 1) lasts."""
    # Beyond 2**32 every cap is reached, and floats would overflow.
    grown = rules.recovery * min(rules.growth ** min(openings - 1, 32), 2.0**32)
    return min(grown * (1 + dice * rules.jitter / 100), rules.cap)


def rate(breaker: Breaker, rules: Rules, now: datetime) -> tuple[int, int]:
    """Calls and failures in the window up to now."""
    first = _slot(now, rules) - SLOTS + 1
    fresh = [each for each in breaker.tallies if each.slot >= first]
    return sum(each.calls for each in fresh), sum(each.failures for each in fresh)


def _enter(breaker: Breaker, phase: Phase, now: datetime) -> Breaker:
    """Another phase: a new generation, in which nothing was counted and no probe is under way."""
    return replace(
        breaker,
        phase=phase,
        since=now,
        generation=breaker.generation + 1,
        until=None,
        failures=0,
        tallies=(),
        permits=(),
        issued=0,
        succeeded=0,
    )


def _probe(breaker: Breaker, rules: Rules, now: datetime) -> tuple[Breaker, Ticket | Refusal]:
    # A clock that was set back must not keep a lost probe's place for longer than its limit.
    latest = now + rules.probe_limit
    under_way = tuple(each for each in breaker.permits if now < each.expires <= latest)
    if len(under_way) + breaker.succeeded >= rules.probes:
        soonest = min((each.expires for each in under_way), default=latest)
        return breaker, Refusal("half open, and its probes are under way", soonest - now)
    number = breaker.issued + 1
    permits = (*under_way, Permit(number, latest))
    return replace(breaker, permits=permits, issued=number), Ticket(breaker.generation, number)


def _returned(breaker: Breaker, ticket: Ticket) -> Breaker:
    """The place of an ignored probe is free again."""
    if ticket.generation != breaker.generation:
        return breaker
    left = tuple(each for each in breaker.permits if each.number != ticket.number)
    return breaker if left == breaker.permits else replace(breaker, permits=left)


def _succeeded(breaker: Breaker, rules: Rules, ticket: Ticket, calls: int, now: datetime) -> Breaker:
    if breaker.phase is Phase.CLOSED:
        return replace(breaker, failures=0, tallies=_counted(breaker, rules, now, calls=calls))
    succeeded = breaker.succeeded + 1
    if succeeded >= rules.probes:
        return replace(_enter(breaker, Phase.CLOSED, now), openings=0, why="")
    return replace(_returned(breaker, ticket), succeeded=succeeded)


def _failed(breaker: Breaker, rules: Rules, result: Report, now: datetime, dice: float) -> Breaker:
    counted = replace(
        breaker,
        failures=breaker.failures + 1,
        tallies=_counted(breaker, rules, now, failed=1),
        why=result.error,
    )
    resting = result.rest_until is not None and result.rest_until > now
    if not (resting or breaker.phase is Phase.HALF_OPEN or _too_many(counted, rules, now)):
        return counted
    openings = breaker.openings + 1
    until = now + open_for(rules, openings, dice)
    if result.rest_until is not None:
        until = max(until, result.rest_until)
    return replace(_enter(breaker, Phase.OPEN, now), until=until, openings=openings, why=result.error)


def _too_many(breaker: Breaker, rules: Rules, now: datetime) -> bool:
    if breaker.failures >= rules.threshold:
        return True
    calls, failures = rate(breaker, rules, now)
    return calls >= rules.minimum_calls and failures * 100 >= rules.failure_rate * calls


def _counted(
    breaker: Breaker, rules: Rules, now: datetime, *, calls: int = 1, failed: int = 0
) -> tuple[Tally, ...]:
    slot = _slot(now, rules)
    kept = breaker.tallies
    if kept and kept[-1].slot == slot:
        last = kept[-1]
        return (*kept[:-1], Tally(slot, last.calls + calls, last.failures + failed))
    # A slot later than now was counted before the clock was set back: it is no part of this window.
    fresh = tuple(each for each in kept if slot - SLOTS < each.slot < slot)
    return (*fresh, Tally(slot, calls, failed))


def _slot(now: datetime, rules: Rules) -> int:
    return int(now.timestamp() * SLOTS / rules.window.total_seconds())


@dataclass(frozen=True, slots=True)
class BreakerRules:
    """The rules of every breaker: `usual`, unless a provider has its own."""

    usual: Rules = field(default_factory=Rules)
    own: Mapping[str, Rules] = field(default_factory=dict)

    def of(self, name: str) -> Rules:
        """The rules of this provider's breaker."""
        return self.own.get(name, self.usual)
