"""The checklist: the brief's five critical metrics and its six daily points. Facts in, points out.

A point that cannot be judged is `unknown` and says why; it is never taken for good. What the points of one matter
look at is in checklist_accounts.py, checklist_work.py and chain_drill.py; this module knows what a point is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

_NAMED = 3
_HOUR = 60


class Verdict(StrEnum):
    """How a point stands. Only `failed` fails a checklist."""

    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Name(StrEnum):
    """The points: first the five metrics, then the six of the day, in the brief's order."""

    HEALTH = "health"
    QUOTA = "quota"
    TOKENS = "tokens"
    UPLOAD_SUCCESS = "upload_success"
    FALLBACK_RATE = "fallback_rate"
    ACCOUNTS = "accounts"
    TOKEN_CHECK = "token_check"
    QUOTA_PATTERNS = "quota_patterns"
    FALLBACK_CHAIN = "fallback_chain"
    ERROR_PATTERNS = "error_patterns"
    ROTATION = "rotation"


METRICS = frozenset({Name.HEALTH, Name.QUOTA, Name.TOKENS, Name.UPLOAD_SUCCESS, Name.FALLBACK_RATE})

TITLES = {
    Name.HEALTH: "health of every account",
    Name.QUOTA: "quota usage",
    Name.TOKENS: "valid tokens",
    Name.UPLOAD_SUCCESS: "upload success",
    Name.FALLBACK_RATE: "fallback rate",
    Name.ACCOUNTS: "check all accounts and reserves",
    Name.TOKEN_CHECK: "verify the tokens",
    Name.QUOTA_PATTERNS: "review the patterns of quota",
    Name.FALLBACK_CHAIN: "test the fallback chain of uploads",
    Name.ERROR_PATTERNS: "check errors for patterns",
    Name.ROTATION: "update the day's plan",
}


@dataclass(frozen=True, slots=True)
class Point:
    """One point: what was found, what is wanted, and what to do. `measure` is the value as a number, if it is one.

    `why` says what is behind the verdict, also behind a good one where there is something to know.
    """

    name: Name
    value: str
    target: str
    verdict: Verdict
    why: str = ""
    remedy: str = ""
    measure: float | None = None

    @property
    def title(self) -> str:
        """The point in words."""
        return TITLES[self.name]

    @property
    def is_metric(self) -> bool:
        """Is it one of the five metrics, or one of the six of the day?"""
        return self.name in METRICS


def failed(points: Iterable[Point]) -> tuple[Point, ...]:
    """The points that fail."""
    return tuple(each for each in points if each.verdict is Verdict.FAILED)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """One failure fails all; without one, what is not known is not known of all."""
    found = set(verdicts)
    return next((each for each in (Verdict.FAILED, Verdict.UNKNOWN) if each in found), Verdict.OK)


def some(sentences: Sequence[str]) -> str:
    """A few sentences, and how many more there are."""
    more = f"; and {len(sentences) - _NAMED} more" if len(sentences) > _NAMED else ""
    return "; ".join(sentences[:_NAMED]) + more


@dataclass(frozen=True, slots=True)
class Rules:
    """What is judged by what: the minutes after local midnight at which the checklist is due, the days that rates
    are taken over, and how many reserves are to be ready.
    """

    at: int
    zone: ZoneInfo
    window: timedelta
    reserves: int


def day_of(now: datetime, rules: Rules) -> date:
    """The local date that a checklist made now belongs to."""
    return now.astimezone(rules.zone).date()


def is_due(last: date, now: datetime, rules: Rules) -> bool:
    """Is the checklist of this local date to be made? Once a day, late rather than never; `last` is the date of
    the last one that was made on schedule.
    """
    return last < _reached(now, rules)


def first(now: datetime, rules: Rules) -> date:
    """What counts as the last one where none was made yet: a new home is looked at from the next hour on."""
    return _reached(now, rules)


def _reached(now: datetime, rules: Rules) -> date:
    """The newest local date whose hour has come."""
    local = now.astimezone(rules.zone)
    come = local.hour * _HOUR + local.minute >= rules.at
    return local.date() if come else local.date() - timedelta(days=1)
