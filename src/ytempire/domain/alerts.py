"""What an alert is, who is told of it, in which words, and how patiently. Which event means which alert is
in alert_rules.py.

An alert stands for one condition, named by its key: raised once however often the condition is seen, louder
when it gets worse, over when an event or the clock says so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from itertools import accumulate

from ytempire.domain.faults import Level

RETRY_SPANS = (timedelta(minutes=1), timedelta(minutes=4), timedelta(minutes=15), timedelta(minutes=40))
"""The longest wait before each further try of a delivery: five tries within an hour."""

_LONGEST_LINE, _LONGEST_LIST = 200, 800
"""Characters of the titles in a message about many: a service refuses what is too long for it, some beyond 1,024."""

_LOUDNESS = {level: loudness for loudness, level in enumerate(Level)}


@dataclass(frozen=True, slots=True)
class Raise:
    """A condition begins, or is seen again, or gets worse.

    `until` is when it ends by itself. `passing`: it tells of something that is done and cannot be undone, so
    that nobody is told of its end. `spared` is a target that is not told: the alert is about that target.
    """

    key: str
    level: Level
    title: str
    text: str
    remedy: str
    until: datetime | None = None
    passing: bool = False
    spared: str | None = None


@dataclass(frozen=True, slots=True)
class Resolve:
    """A condition is over: the one with this key or, for a `prefix`, every one whose key begins so.

    `quiet`: nobody is told, because it is not over but goes on under another key. `why` says why it is over where
    that is not that all is well.
    """

    key: str
    prefix: bool = False
    quiet: bool = False
    why: str | None = None


class DeliveryState(StrEnum):
    """How far the telling of one target has come; `superseded`: there is newer news of the same condition."""

    PENDING = "pending"
    FAILED = "failed"
    SENT = "sent"
    GIVEN_UP = "given_up"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one target: that a condition began at this level or, when `over`, that it has ended.

    `due` is when it is tried (again); None when nothing more is done. `error` is the last failure.
    """

    number: int
    alert: int
    target: str
    level: Level
    over: bool
    state: DeliveryState
    tries: int
    due: datetime | None
    sent_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Alert:
    """One condition from its beginning to its end. `times` is how often it was seen, `muted` the pattern that
    kept it from being told, `ended_why` why it is over where that is not that all is well.
    """

    number: int
    key: str
    level: Level
    title: str
    text: str
    remedy: str
    raised_at: datetime
    until: datetime | None
    passing: bool
    times: int
    muted: str | None
    resolved_at: datetime | None
    deliveries: tuple[Delivery, ...] = ()
    ended_why: str | None = None


@dataclass(frozen=True, slots=True)
class Mute:
    """Alerts whose key matches the pattern (`*`, `?`, `[...]`) are written down and not told until then."""

    pattern: str
    until: datetime
    made_at: datetime
    made_by: str
    why: str


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody who is told of alerts of these levels."""

    name: str
    levels: frozenset[Level]


@dataclass(frozen=True, slots=True)
class Message:
    """What a target is sent. `over`: good news."""

    title: str
    body: str
    level: Level
    over: bool


def loudness(level: Level) -> int:
    """Levels as numbers that grow with how loud they are."""
    return _LOUDNESS[level]


def recipients(what: Raise, targets: Iterable[Target], now: datetime) -> tuple[str, ...]:
    """Who is told of it, by name. Nobody when it has ended by now."""
    if what.until is not None and what.until <= now:
        return ()
    return tuple(each.name for each in targets if what.level in each.levels and each.name != what.spared)


def muting(key: str, mutes: Sequence[Mute]) -> str | None:
    """The pattern of the first mute that covers a key, or None."""
    return next((each.pattern for each in mutes if fnmatchcase(key, each.pattern)), None)


def message(alert: Alert, delivery: Delivery) -> Message:
    """The words for one delivery."""
    if delivery.over:
        ended = f" at {_clock(alert.resolved_at)}" if alert.resolved_at else ""
        why = f": {alert.ended_why}" if alert.ended_why else ""
        body = f"Over{ended}{why}. It began at {_clock(alert.raised_at)}.\n{alert.key}"
        return Message(f"resolved: {alert.title}", body, alert.level, over=True)
    until = f"Ends by itself at {_clock(alert.until)}." if alert.until and not alert.passing else ""
    remedy = f"What you can do: {alert.remedy}" if alert.remedy else ""
    lines = (alert.text, remedy, until, f"{alert.key}, since {_clock(alert.raised_at)}")
    return Message(f"{alert.level}: {alert.title}", "\n".join(filter(None, lines)), alert.level, over=False)


def several(found: Sequence[tuple[Alert, Delivery]]) -> Message:
    """The words for many deliveries at once: how many, and the loudest of them by their titles."""
    raised = [alert.level for alert, delivery in found if not delivery.over]
    level = max(raised or [alert.level for alert, _ in found], key=loudness)
    ordered = sorted(found, key=lambda each: (each[1].over, -loudness(each[0].level)))
    words = (f"{'resolved' if delivery.over else alert.level}: {alert.title}" for alert, delivery in ordered)
    every = [line[:_LONGEST_LINE] for line in words]
    lengths = accumulate(len(line) + 1 for line in every)
    lines = [line for line, length in zip(every, lengths, strict=True) if length <= _LONGEST_LIST]
    lines += [f"and {len(every) - len(lines)} more"] if len(every) > len(lines) else []
    lines.append("What you can do: see `ytempire alerts list`")
    return Message(f"{level}: {len(found)} alerts at once", "\n".join(lines), level, over=not raised)


def next_try(tries: int, now: datetime, dice: float) -> datetime | None:
    """When to try again after so many tries, with full jitter (`dice` from 0 to 1); None to give up.

    A tenth of the span is always waited, so that a throw of 0 is not a busy loop.
    """
    if tries > len(RETRY_SPANS):
        return None
    return now + RETRY_SPANS[tries - 1] * (0.1 + 0.9 * dice)


def _clock(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
