"""Provider chains: in which order providers are asked, who is skipped and why, and what a result means.

A chain is asked from its beginning for every call. The caller's own fault stops it; a provider's fault goes on to
the next; what may have been paid for already is not bought a second time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, TypeVar

from ytempire.domain.breaker import Report, Result
from ytempire.domain.money import usd
from ytempire.domain.slips import meant
from ytempire.domain.values import Mendable, Refusal, Refused, Unanswered

T = TypeVar("T")
VOICE = "voice_synthesis"
SCRIPT = "script_generation"
UPLOAD = "video_upload"
EXHAUSTED_REST = timedelta(hours=1)
"""How long a provider without credit is left alone when it does not say when there is more."""


class Quality(StrEnum):
    """How good a provider's work is, from the least to the best."""

    EMERGENCY = "emergency"
    BASIC = "basic"
    STANDARD = "standard"
    GOOD = "good"
    PREMIUM = "premium"

    @property
    def rank(self) -> int:
        """Its place, from 0 for the least."""
        return list(Quality).index(self)


class Blame(StrEnum):
    """Whose fault a failure is, sorted by what follows from it."""

    CALLER = "caller"
    """The request is wrong and would be with every provider: nothing else is asked."""
    UNFIT = "unfit"
    """This provider cannot do this request (too long, a language it lacks); others may. It is not ill."""
    CREDENTIAL = "credential"
    """It does not accept our key, or our key may not do this."""
    EXHAUSTED = "exhausted"
    """Our credit or quota with it is used up."""
    BUSY = "busy"
    """It has too much to do."""
    CROWDED = "crowded"
    """We ask too much at one moment; it works."""
    OUTAGE = "outage"
    """It does not work, or did not answer."""
    OUTPUT = "output"
    """It answered with something that cannot be used."""


class Charged(StrEnum):
    """Was the failed call paid for?"""

    NO = "no"
    MAYBE = "maybe"
    YES = "yes"


@dataclass(frozen=True, slots=True)
class ProviderFault:
    """Why a provider did not serve. `code` is its own word for it, `rest_until` when it says to come back.

    `cost` is what was paid for this call before it failed, in micro-dollars, where that is known; a call that was
    paid for (`charged`) at a price not known counts as much as was expected.
    """

    blame: Blame
    code: str
    message: str = ""
    charged: Charged = Charged.NO
    cost: int | None = None
    rest_until: datetime | None = None

    def sentence(self) -> str:
        """What happened, for a person."""
        return f"{self.code}: {self.message}" if self.message else self.code


@dataclass(frozen=True, slots=True)
class Link:
    """A provider in a chain. `service` is whose it is: several providers of one service are ill together. `cost`
    is the most that a call costs, in micro-dollars; `paid` whether that is really paid to somebody; `seconds` how
    long a call may take; `unready` why it cannot be used at all; `model` what it is asked for there, if anything.
    """

    provider: str
    quality: Quality
    service: str = ""
    cost: int = 0
    paid: bool = True
    seconds: float = 60.0
    unready: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class Budget:
    """What a call may cost and must be, in micro-dollars; None: no limit. `seconds` is for the whole call."""

    per_call: int | None = None
    per_day: int | None = None
    floor: Quality | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """What is known beforehand of one call with a provider: the most that it costs, in micro-dollars, and how many
    requests it sends one after the other, each of which may take the link's seconds.
    """

    cost: int
    requests: int = 1


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain as configured: its links in order, and the budget of a call that names none."""

    name: str
    links: tuple[Link, ...]
    budget: Budget = field(default_factory=Budget)


class Step(StrEnum):
    """What became of one link in a call."""

    SKIPPED = "skipped"
    FAILED = "failed"
    REJECTED = "rejected"
    SERVED = "served"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One link in a call: what became of it and why, what it cost in micro-dollars, how long it took.

    `expected`: it was left out because nobody set it up, or because of a limit that the caller asked for.
    """

    provider: str
    quality: Quality
    step: Step
    why: str = ""
    expected: bool = False
    blame: Blame | None = None
    charged: Charged = Charged.NO
    cost: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Made(Generic[T]):
    """What a provider gave. `cost` is what it really cost; None: as much as was expected."""

    value: T
    cost: int | None = None


@dataclass(frozen=True, slots=True)
class Served(Generic[T]):
    """A call that was served, by whom, how well, for how much (failed tries included), and what came before.

    `degraded`: it stands in for one before it that should have served.
    """

    call: str
    value: T
    provider: str
    quality: Quality
    cost: int
    degraded: bool
    trail: tuple[Attempt, ...]


class ChainFailed(Unanswered):
    """Nobody served. It names each provider and why, and carries the trail."""

    def __init__(self, chain: str, trail: Sequence[Attempt]) -> None:
        told = "; ".join(f"{each.provider} {each.step}: {each.why}" for each in trail)
        super().__init__(f"no provider of {chain} could serve: {told or 'the chain has no providers'}")
        self.chain = chain
        self.trail = tuple(trail)


class CallerFault(Mendable):
    """The request itself is wrong; no other provider was asked."""

    def __init__(self, chain: str, trail: Sequence[Attempt]) -> None:
        last = trail[-1]
        super().__init__(f"{chain}: {last.provider} refuses the request itself: {last.why}")
        self.chain = chain
        self.trail = tuple(trail)


def is_callers_to_mend(trail: Sequence[Attempt]) -> bool:
    """Could nobody serve because of what was asked for and set up alone? Everybody was left out for that, or cannot
    do this request; trying again later would change nothing.
    """
    return all(
        each.expected if each.step is Step.SKIPPED else each.blame in {Blame.CALLER, Blame.UNFIT}
        for each in trail
    )


@dataclass(frozen=True, slots=True)
class Skip:
    """Why a link is not asked; `expected` as in `Attempt`."""

    why: str
    expected: bool = False


def skip(link: Link, budget: Budget, trail: Sequence[Attempt], *, ill: str = "") -> Skip | None:
    """Why a link is not asked in this call; None when it is. `ill` is what its service's health says against it.

    The day's ceiling and the breaker are the store's to guard.
    """
    if link.unready:
        return Skip(link.unready, expected=True)
    if budget.floor is not None and link.quality.rank < budget.floor.rank:
        return Skip(f"its quality is {link.quality}, and at least {budget.floor} is asked for", expected=True)
    if link.paid and doubtful(trail):
        return Skip(f"{doubtful(trail)} may have been paid for this call already")
    spent = sum(each.cost for each in trail)
    if budget.per_call is not None and link.paid and spent + link.cost > budget.per_call:
        left = usd(max(budget.per_call - spent, 0))
        return Skip(
            f"it costs up to {usd(link.cost)} USD, and {left} are left for this call", expected=not spent
        )
    return Skip(ill) if ill else None


def doubtful(trail: Sequence[Attempt]) -> str:
    """Who may have been paid for this call without an answer; empty: nobody."""
    return next((each.provider for each in trail if each.charged is Charged.MAYBE), "")


def over_day(link: Link, budget: Budget) -> str:
    """Why a link is not asked when the day's money does not reach for it."""
    return (
        f"it costs up to {usd(link.cost)} USD, and the day's {usd(budget.per_day or 0)} do not reach for it"
    )


def stops(fault: ProviderFault) -> bool:
    """Does a fault end the whole call?"""
    return fault.blame is Blame.CALLER


def meaning(fault: ProviderFault, now: datetime) -> Report:
    """What a fault says to the breaker of its provider."""
    if fault.blame in {Blame.CALLER, Blame.UNFIT, Blame.CROWDED}:
        # The provider answered, and rightly: that says nothing bad about it, and nothing about its work either.
        return Report(Result.IGNORED)
    rest = fault.rest_until
    if fault.blame is Blame.EXHAUSTED and rest is None:
        rest = now + EXHAUSTED_REST
    # A credit comes back when its vendor says so; who is only busy is asked again after the breaker's longest time.
    return Report(Result.FAILURE, fault.sentence(), rest, capped=fault.blame is not Blame.EXHAUSTED)


def is_degraded(trail: Sequence[Attempt]) -> bool:
    """Does the one that served stand in for one before it that should have? `trail` ends with it."""
    return any(not each.expected for each in trail[:-1])


SERVED, FAILED, CALLER, BROKEN_OFF = "served", "failed", "caller", "broken_off"
UNCOUNTED = (CALLER, BROKEN_OFF)
"""The outcomes of a call that say nothing of its chain: the caller's own fault, or it was cancelled or its own code
failed.
"""


@dataclass(frozen=True, slots=True)
class ChainCall:
    """A call at rest. `outcome` is one of those above; `forced` says that a drill made it."""

    id: str
    chain: str
    at: datetime
    outcome: str
    provider: str = ""
    quality: Quality | None = None
    cost: int = 0
    degraded: bool = False
    forced: bool = False
    trail: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """How often a chain was called, fell back, and failed altogether; drills, the callers' own faults and what was
    broken off left out.
    """

    calls: int = 0
    fallbacks: int = 0
    failures: int = 0
    by_provider: Mapping[str, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """The share of calls that fell back or failed, from 0 to 1."""
        return (self.fallbacks + self.failures) / self.calls if self.calls else 0.0


def unknown_provider(name: str, known: Sequence[str]) -> Refused:
    """What a person is told who names a provider that there is not."""
    told = f"there is no provider {name:.64}"
    remedy = meant(name, known, f"known are {', '.join(known)}")
    return Refused(Refusal("provider", "provider_unknown", told, remedy))
