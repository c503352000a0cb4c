"""The circuit breaker of one provider: whether a call may be made now, and what its result changes.

Five phases. Closed: calls pass, results are counted. Open: none pass until a moment. Half-open: exactly so many
probes pass as must succeed. Isolated: none pass, by a person's order. Disabled: all pass and nothing is counted.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from ytempire.domain.breaker_rules import LONGEST, Rules

SLOTS = 10
"""Into so many equal parts the window of the failure rate is cut; the oldest is forgotten as a whole."""

_SETTLING = timedelta(seconds=30)
"""So much longer than the call itself a probe may take, until its result is told."""


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
class Tally:
    """What was counted in one slot of the window; `slot` numbers the slots since 1970."""

    slot: int
    calls: int
    failures: int


@dataclass(frozen=True, slots=True)
class Permit:
    """A probe under way, and when it counts as lost. `limit` is how long that is, where not as the rules say."""

    number: int
    expires: datetime
    limit: timedelta | None = None


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
    probes of this half-open time, `succeeded` counts those that went well. `why` is the last error, or what
    the person said whose order it is (`by`; empty when nobody gave one). `version` is the store's.
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
    """How a call went. `error` is the provider's own words; `rest_until`: it said itself when to come back, and is
    left alone for no longer than the rules' cap when that is `capped`.

    `calls`: so many that went well, told together.
    """

    result: Result
    error: str = ""
    rest_until: datetime | None = None
    calls: int = 1
    capped: bool = False


def admit(
    breaker: Breaker, rules: Rules, now: datetime, seconds: float = 0.0
) -> tuple[Breaker, Ticket | Refusal]:
    """May a call be made that may take so many seconds? The breaker given back must be stored before the answer is
    used, if it changed.

    A probe keeps its place for those seconds and a margin, whatever `probe_limit` says: otherwise it would be given
    to another while the call is still at work.
    """
    phase = breaker.phase
    if phase is Phase.CLOSED or phase is Phase.DISABLED:
        return breaker, Ticket(breaker.generation)
    if phase is Phase.ISOLATED:
        return breaker, Refusal(f"isolated by {breaker.by}: {breaker.why}")
    if phase is Phase.HALF_OPEN:
        return _probe(breaker, rules, now, seconds)
    steady = _steady(breaker, now)
    left = time_left(steady, now)
    if left > timedelta(0):
        return steady, Refusal(f"open after: {steady.why}", left)
    return _probe(_enter(steady, Phase.HALF_OPEN, now), rules, now, seconds)


def report(
    breaker: Breaker, rules: Rules, ticket: Ticket, result: Report, *, now: datetime, dice: float
) -> Breaker:
    """The breaker after a call. The same breaker when the result comes too late to mean anything.

    A probe that is lost still counts, until its place is given to another. `dice` (0 to 1) decides the jitter.
    What a provider said about when to come back opens the breaker until then whatever was counted before; where
    what was counted opens it too, never for less than that.
    """
    phase = breaker.phase
    if ticket.generation != breaker.generation:
        return breaker
    if result.result is Result.IGNORED:
        return _returned(breaker, ticket)
    if phase is Phase.CLOSED:
        return _closed(breaker, rules, result, now, dice)
    if phase is Phase.HALF_OPEN and any(each.number == ticket.number for each in breaker.permits):
        return _probed(breaker, rules, ticket, result, now=now, dice=dice)
    return breaker


def isolate(breaker: Breaker, now: datetime, *, by: str, why: str) -> Breaker:
    """No call passes until a person resets it. One that is isolated already stays as it is, with its first reason."""
    if breaker.phase is Phase.ISOLATED:
        return breaker
    return replace(_enter(breaker, Phase.ISOLATED, now), by=by, why=why)


def disable(breaker: Breaker, now: datetime, *, by: str, why: str) -> Breaker:
    """Every call passes and nothing is counted, until a person resets it."""
    return replace(_enter(breaker, Phase.DISABLED, now), by=by, why=why)


def reset(breaker: Breaker, now: datetime, *, by: str) -> Breaker:
    """Closed, with nothing counted."""
    return replace(_enter(breaker, Phase.CLOSED, now), openings=0, by=by, why="")


def time_left(breaker: Breaker, now: datetime) -> timedelta:
    """How long an open breaker stays open; never longer than when it opened, whatever became of the clock."""
    if breaker.until is None:
        return timedelta(0)
    return max(min(breaker.until - now, breaker.until - breaker.since), timedelta(0))


def open_for(rules: Rules, openings: int, dice: float) -> timedelta:
    """How long the opening with this number (from 1) lasts."""
    # By then every cap is reached; a higher power, or one of a larger number, would overflow.
    grown = rules.recovery.total_seconds() * min(rules.growth, 2.0**31) ** min(openings - 1, 32)
    seconds = grown * (1 + dice * rules.jitter / 100)
    return rules.cap if seconds >= rules.cap.total_seconds() else timedelta(seconds=seconds)


def rate(breaker: Breaker, rules: Rules, now: datetime) -> tuple[int, int]:
    """Calls and failures in the window up to now."""
    slot = _slot(now, rules)
    fresh = [each for each in breaker.tallies if slot - SLOTS < each.slot <= slot + 1]
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
        by="",
    )


def _steady(breaker: Breaker, now: datetime) -> Breaker:
    """As it is, or counted anew from now when the clock was set back behind its beginning: otherwise it would
    stay open until the clock has caught up.
    """
    if breaker.until is None or now >= breaker.since:
        return breaker
    return replace(breaker, since=now, until=now + (breaker.until - breaker.since))


def _probe(breaker: Breaker, rules: Rules, now: datetime, seconds: float) -> tuple[Breaker, Ticket | Refusal]:
    if breaker.succeeded >= rules.probes:
        # The rules ask for fewer probes than when this one began.
        closed = _recovered(breaker, now)
        return closed, Ticket(closed.generation)
    under_way = tuple(_bounded(each, rules, now) for each in breaker.permits if now < each.expires)
    if len(under_way) + breaker.succeeded >= rules.probes:
        kept = breaker if under_way == breaker.permits else replace(breaker, permits=under_way)
        soonest = min(each.expires for each in under_way)
        return kept, Refusal("half open, and its probes are under way", soonest - now)
    number = breaker.issued + 1
    limit = _longer(rules, seconds)
    permits = (*under_way, Permit(number, now + (limit or rules.probe_limit), limit))
    return replace(breaker, permits=permits, issued=number), Ticket(breaker.generation, number)


def _longer(rules: Rules, seconds: float) -> timedelta | None:
    """How long the place of a call of so many seconds is kept; None when the rules' time is enough for it."""
    if seconds <= 0:
        return None
    limit = timedelta(seconds=min(seconds, (LONGEST - _SETTLING).total_seconds())) + _SETTLING
    return limit if limit > rules.probe_limit else None


def _bounded(permit: Permit, rules: Rules, now: datetime) -> Permit:
    """By a clock that was set back, or is behind the one of another worker, a place ends too late. It is still
    taken, but for no longer than its limit from now.
    """
    latest = now + (permit.limit or rules.probe_limit)
    return permit if permit.expires <= latest else replace(permit, expires=latest)


def _returned(breaker: Breaker, ticket: Ticket) -> Breaker:
    """The place of a probe is free again."""
    left = tuple(each for each in breaker.permits if each.number != ticket.number)
    return breaker if left == breaker.permits else replace(breaker, permits=left)


def _recovered(breaker: Breaker, now: datetime) -> Breaker:
    return replace(_enter(breaker, Phase.CLOSED, now), openings=0, why="")


def _closed(breaker: Breaker, rules: Rules, result: Report, now: datetime, dice: float) -> Breaker:
    """A result of a closed breaker. Only one that failed can open it."""
    if result.result is Result.SUCCESS:
        return _with_counts(breaker, 0, _counted(breaker, rules, now, calls=result.calls), breaker.why)
    tallies = _counted(breaker, rules, now, failed=1)
    counted = _with_counts(breaker, breaker.failures + 1, tallies, result.error)
    rest = _rest(rules, result, now)
    if _too_many(counted, rules, now):
        opened = _opened(breaker, rules, result, now, dice)
        return (
            opened if rest is None or opened.until is None else replace(opened, until=max(opened.until, rest))
        )
    return counted if rest is None else _opened(breaker, rules, result, now, dice, until=rest)


def _probed(
    breaker: Breaker, rules: Rules, ticket: Ticket, result: Report, *, now: datetime, dice: float
) -> Breaker:
    """The result of a probe: one that failed opens again, the last that is needed closes."""
    if result.result is Result.FAILURE:
        return _opened(breaker, rules, result, now, dice, until=_rest(rules, result, now))
    succeeded = breaker.succeeded + 1
    if succeeded >= rules.probes:
        return _recovered(breaker, now)
    return replace(_returned(breaker, ticket), succeeded=succeeded)


def _opened(
    breaker: Breaker,
    rules: Rules,
    result: Report,
    now: datetime,
    dice: float,
    *,
    until: datetime | None = None,
) -> Breaker:
    """Open, for as long as the rules say, or `until` a moment."""
    openings = breaker.openings + 1
    until = until or now + open_for(rules, openings, dice)
    return replace(_enter(breaker, Phase.OPEN, now), until=until, openings=openings, why=result.error)


def _rest(rules: Rules, result: Report, now: datetime) -> datetime | None:
    """When the provider wants to be asked again; None when it did not say, or that is over."""
    rest = result.rest_until
    if rest is None or rest <= now:
        return None
    return min(rest, now + rules.cap) if result.capped else rest


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
    # The clocks of two workers are never quite equal: who is a little behind counts in the slot there is.
    if kept and 0 <= kept[-1].slot - slot <= 1:
        last = kept[-1]
        return (*kept[:-1], Tally(last.slot, last.calls + calls, last.failures + failed))
    # A slot much later than now was counted before the clock was set back: it is no part of this window.
    fresh = tuple(each for each in kept if slot - SLOTS < each.slot < slot)
    return (*fresh, Tally(slot, calls, failed))


def _with_counts(it: Breaker, failures: int, tallies: tuple[Tally, ...], why: str) -> Breaker:
    """What `replace` would give, in a third of the time: each call of a provider that works pays for this."""
    return Breaker(
        it.name,
        it.since,
        it.phase,
        it.generation,
        it.until,
        failures,
        tallies,
        it.openings,
        it.permits,
        it.issued,
        it.succeeded,
        why,
        it.by,
        it.version,
    )


def _slot(now: datetime, rules: Rules) -> int:
    return int(now.timestamp() * SLOTS / rules.window.total_seconds())


def phase_at(breaker: Breaker, now: datetime) -> Phase:
    """The phase as it is shown: one whose time is over lets a probe pass, though nothing was written down yet."""
    over = breaker.phase is Phase.OPEN and breaker.until is not None and breaker.until <= now
    return Phase.HALF_OPEN if over else breaker.phase
