"""What rules of alerts are made of: reading an event whatever it holds, and alerts that are notices."""

from collections.abc import Callable
from datetime import datetime, timedelta

from ytempire.domain.alerts import Raise, Resolve, loudness
from ytempire.domain.events import Event
from ytempire.domain.faults import Level
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import utc

Change = Raise | Resolve
Rule = Callable[[Event], tuple[Change, ...]]

LISTED = timedelta(days=7)
"""So long an alert about something that cannot be undone stays among the open ones."""


def told_by_others(event: Event) -> tuple[Change, ...]:
    """Nothing: it is everyday work, or the step after it will tell."""
    del event
    return ()


def notice(event: Event, key: str, level: Level, title: str, remedy: str) -> Raise:
    """Something that is done and cannot be undone: told once, listed for a week."""
    until = event.at + LISTED
    return Raise(key, at_least(level, event), title, said(event, "why"), remedy, until, passing=True)


def at_least(level: Level, event: Event) -> Level:
    """The louder of a level and the event's own."""
    return max(level, event.level, key=loudness)


def said(event: Event, name: str, otherwise: str = "") -> str:
    """What an event says under a name, as text."""
    said = event.data.get(name)
    return otherwise if said is None else str(said)


def day_of(event: Event) -> QuotaDay:
    """The quota day an event is about; the one it happened on when it does not say."""
    try:
        return QuotaDay.parse(said(event, "day"))
    except ValueError:
        return QuotaDay.of(event.at)


def moment_of(text: object) -> datetime | None:
    """A moment that an event says as text; None for anything else."""
    try:
        return utc(datetime.fromisoformat(text)) if isinstance(text, str) else None
    except ValueError:
        return None
