"""Points of the checklist about work: how many uploads succeed, how many fall back, errors, and the day's plan."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ytempire.domain import counting
from ytempire.domain.chain import Usage
from ytempire.domain.checklist import Name, Point, Verdict, some
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.patterns import Pattern, trend
from ytempire.domain.values import AccountId, PublicationId

SUCCESS = 0.98
"""The brief's target. With 51 inserts a day for 50 videos it is the break-even, no margin."""

FALLBACK = 0.05
FEW = 21
"""Of fewer calls, a single fallback would already be 5 %."""
_RESERVED = "uploads on reserves"
MANY = 10
MANY_CRITICAL = 3
"""Fewer faults of one kind in a day are chance, no pattern; of critical ones fewer are enough."""

_ARRIVED = (Kind.UPLOADED, Kind.ADOPTED, Kind.PUBLISHED)
_WENT_WRONG = (Kind.HELD, Kind.REFUSED, Kind.PROCESSING_FAILED)
_OUT_OF_COUNT = (Kind.RELEASED, Kind.CANCELLED, Kind.DUPLICATE)
"""A person has taken it in hand, or there was nothing to upload: it counts again with its next outcome."""

OUTCOMES = frozenset({*_ARRIVED, *_WENT_WRONG, *_OUT_OF_COUNT})


@dataclass(frozen=True, slots=True)
class Tally:
    """The last outcome of each publication that had one in the window: on which accounts they arrived, and of how
    many that went wrong for which reasons.
    """

    arrived: tuple[AccountId | None, ...]
    wrong: tuple[tuple[PublicationId, str], ...]


def tally(events: Iterable[Event]) -> Tally:
    """Counts outcomes. `events` in the order they were written; other kinds are passed over."""
    last: dict[PublicationId, Event] = {}
    accounts: dict[PublicationId, AccountId] = {}
    for event in events:
        if event.publication is None or event.kind not in OUTCOMES:
            continue
        last[event.publication] = event
        if event.account is not None:
            accounts[event.publication] = event.account
    return Tally(
        tuple(accounts.get(which) for which, event in last.items() if event.kind in _ARRIVED),
        tuple((which, _code(event)) for which, event in last.items() if event.kind in _WENT_WRONG),
    )


def _code(event: Event) -> str:
    return str(event.data.get("code") or event.kind)


def upload_success(counted: Tally, days: int) -> Point:
    """Of the publications that came to an outcome, more than 98 % arrived and were not lost in processing."""
    target = f"> {SUCCESS:.0%} in {counting.counted(days, 'day')}"
    good, wrong = len(counted.arrived), counted.wrong
    if not good and not wrong:
        why = f"no upload came to an end in the last {counting.counted(days, 'day')}"
        return Point(Name.UPLOAD_SUCCESS, "none", target, Verdict.UNKNOWN, why)
    share = good / (good + len(wrong))
    bad = share <= SUCCESS
    return Point(
        Name.UPLOAD_SUCCESS,
        f"{share:.1%} ({good} of {good + len(wrong)})",
        target,
        Verdict.FAILED if bad else Verdict.OK,
        some([f"{which}: {code}" for which, code in wrong]),
        "see `ytempire jobs held` and `ytempire errors`" if bad else "",
        round(share, 4),
    )


def fallback_rate(
    counted: Tally,
    reserves: Collection[AccountId],
    days: int,
    *,
    planned: bool,
    chains: Mapping[str, Usage] | None = None,
) -> Point:
    """Less than 5 % of the uploads went to reserves, and of the calls of each provider chain to a stand-in.

    `planned`: reserves work every day, so that is no fallback. A chain with few calls is told of and not judged.
    """
    target = f"< {FALLBACK:.0%} in {counting.counted(days, 'day')}"
    shares = _shares(counted, () if planned else reserves, chains or {})
    if not shares:
        return Point(
            Name.FALLBACK_RATE, "none", target, Verdict.UNKNOWN, "nothing was uploaded, no chain called"
        )
    judged = {name: part / of for name, (part, of) in shares.items() if name == _RESERVED or of >= FEW}
    bad = sorted(name for name, share in judged.items() if share >= FALLBACK)
    return Point(
        Name.FALLBACK_RATE,
        "; ".join(f"{name} {part / of:.1%} ({part} of {of})" for name, (part, of) in shares.items()),
        target,
        (Verdict.FAILED if bad else Verdict.OK) if judged else Verdict.UNKNOWN,
        _about_fallbacks(bad, sorted(set(shares) - set(judged)), planned=planned),
        _mend_fallbacks(bad),
        round(max(judged.values()), 4) if judged else None,
    )


def _shares(
    counted: Tally, reserves: Collection[AccountId], chains: Mapping[str, Usage]
) -> dict[str, tuple[int, int]]:
    """How many fell back, of how many, by what they are; what did not happen at all is left out."""
    on_reserves = sum(account in reserves for account in counted.arrived)
    uploads = {_RESERVED: (on_reserves, len(counted.arrived))} if counted.arrived else {}
    used = chains.items()
    return uploads | {name: (each.fallbacks + each.failures, each.calls) for name, each in used if each.calls}


def _about_fallbacks(bad: Sequence[str], few: Sequence[str], *, planned: bool) -> str:
    told = [f"too many in {', '.join(bad)}"] if bad else []
    told += ["planning.reserves makes them planned capacity, which is no fallback"] if planned else []
    told += [f"fewer than {FEW} calls of {', '.join(few)} are too few to judge"] if few else []
    return some(told)


def _mend_fallbacks(bad: Sequence[str]) -> str:
    remedies = []
    if _RESERVED in bad:
        remedies.append(
            "find out why production cannot carry the day: `ytempire accounts list`, `ytempire plan`"
        )
    if set(bad) - {_RESERVED}:
        remedies.append("find out which provider fails: `ytempire services`")
    return "; ".join(remedies)


def error_patterns(patterns: Sequence[Pattern], unknown: Sequence[str]) -> Point:
    """No kind of fault becomes frequent, and no answer is left that nobody has a remedy for. `patterns` are of the
    last day beside the day before, `unknown` the combinations on the review list.
    """
    target = f"no answer to review, no kind of fault growing to {MANY} in a day, {MANY_CRITICAL} if critical"
    growing = [
        each
        for each in patterns
        if each.count >= (MANY_CRITICAL if each.level is Level.CRITICAL else MANY)
        and trend(each.count, each.before) in ("new", "more")
    ]
    wrong = [f"{key} is not in the table of faults" for key in unknown]
    wrong += [
        f"{each.name} {counting.counted(each.count, 'time')}, the day before {counting.counted(each.before, 'time')}"
        for each in growing
    ]
    faults = counting.counted(sum(each.count for each in patterns), "fault")
    value = f"{faults} in a day, {counting.counted(len(unknown), 'answer')} to review"
    verdict = Verdict.FAILED if wrong else Verdict.OK
    remedy = "see `ytempire errors`; strike what you have understood off `ytempire errors review`"
    return Point(Name.ERROR_PATTERNS, value, target, verdict, some(wrong), remedy if wrong else "")


@dataclass(frozen=True, slots=True)
class Scheduled:
    """What planning the day came to. `videos` wait, `planned` of them have a place; `binding` is what is in the
    way of the others, and `remedy` what would make room. `day` is the first for which something waits, and `later`
    how many wait for others.
    """

    videos: int
    planned: int
    feasible: bool
    binding: str = ""
    remedy: str = ""
    day: str = ""
    later: int = 0


def rotation(scheduled: Scheduled | None) -> Point:
    """The day was planned anew, and everything that waits has its place. None: nothing waits."""
    target = "everything that waits has a place"
    if scheduled is None:
        return Point(Name.ROTATION, "nothing waits", target, Verdict.OK)
    has = "has" if scheduled.videos == 1 else "have"
    value = f"{scheduled.planned} of {scheduled.videos} {has} a place on {scheduled.day}"
    if scheduled.later:
        value += f", {scheduled.later} more {'waits' if scheduled.later == 1 else 'wait'} for later"
    if scheduled.feasible:
        return Point(Name.ROTATION, value, target, Verdict.OK)
    remedy = scheduled.remedy or "see `ytempire plan`"
    return Point(Name.ROTATION, value, target, Verdict.FAILED, scheduled.binding, remedy)
