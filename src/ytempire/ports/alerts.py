"""Alerts, as intents: following the events, raising and ending, telling each target once, muting.

Every implementation passes one behaviour suite (tests/contracts). Moments are aware UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ytempire.domain.alerts import Alert, Delivery, Message, Mute, Raise, Resolve
from ytempire.domain.events import Event


@dataclass(frozen=True, slots=True)
class News:
    """What there is to do: the number of the last event that was read, and of the newest there is; whether an
    alert ends by the clock; whether a delivery is due.
    """

    seen: int
    newest: int
    lapsed: bool
    due: bool


@dataclass(frozen=True, slots=True)
class Alarm:
    """A condition that was seen at a moment, who is to be told of it, and the mute that keeps it from them."""

    what: Raise
    at: datetime
    targets: tuple[str, ...] = ()
    muted: str | None = None


@dataclass(frozen=True, slots=True)
class Errand:
    """A delivery that is ours to make until its `due`, and the alert it is about."""

    alert: Alert
    delivery: Delivery


class Alerts(Protocol):
    """Alerts and their deliveries."""

    async def alert_news(self, now: datetime) -> News:
        """Is there anything to do? Cheap: asked by every worker several times a second."""
        ...

    async def follow_events(
        self, seen: int, newest: int, steps: Sequence[Alarm | Resolve], now: datetime
    ) -> bool:
        """Notes that the events up to `newest` were read, and does what they mean, in their order.

        False, and nothing done, when `seen` is no longer the last event that was read: another reader was
        first. Of alerts with one key one is open at a time. An alarm opens one, or makes the open one
        louder, and then each target gets a delivery; one that is not louder is only counted. An open alert
        that had ended by the moment of the alarm is closed first. Deliveries that wait with older news of
        the same key are superseded. A resolved alert is closed: see `lapse_alerts`; one that is resolved quietly
        is `passing` from then on.
        """
        ...

    async def lapse_alerts(self, now: datetime) -> int:
        """Closes open alerts whose `until` has come, and answers how many.

        Deliveries that still wait are superseded; who was told of its beginning gets a delivery of its end,
        unless the alert is `passing`.
        """
        ...

    async def due_deliveries(self, now: datetime, limit: int) -> tuple[tuple[int, str], ...]:
        """The numbers and targets of deliveries whose time has come, oldest first: critical alerts, then all else."""
        ...

    async def claim_delivery(self, which: int, now: datetime, until: datetime) -> Errand | None:
        """Takes a due delivery, so that nobody else makes it before `until`; its tries grow by one.

        None when it is not due (any more): somebody else has it.
        """
        ...

    async def delivered(self, errand: Errand, now: datetime, events: Sequence[Event]) -> None:
        """The target has it. When the alert has ended meanwhile, the target gets a delivery of that too."""
        ...

    async def not_delivered(
        self, errand: Errand, error: str, again: datetime | None, events: Sequence[Event]
    ) -> None:
        """The target does not have it: tried again then, or given up (None).

        Nothing is written, no event either, when it was superseded or delivered by somebody else meanwhile.
        """
        ...

    async def alert_is_open(self, key: str) -> bool:
        """Is there an open alert with this key?"""
        ...

    async def alerts(self, *, ended: bool = False, limit: int = 1000) -> tuple[Alert, ...]:
        """Open alerts, or with `ended` all of them, newest first, with their deliveries in order."""
        ...

    async def mute(self, mute: Mute, events: Sequence[Event] = ()) -> None:
        """Adds a mute."""
        ...

    async def end_mutes(self, pattern: str, now: datetime, events: Sequence[Event] = ()) -> int:
        """Ends every running mute with exactly this pattern, and answers how many. Events are written if any was."""
        ...

    async def mutes(self, now: datetime) -> tuple[Mute, ...]:
        """The mutes that are running, oldest first."""
        ...


class Notifier(Protocol):
    """The way to targets."""

    async def send(self, target: str, message: Message) -> str | None:
        """Tells one target. None when it has taken the message, else why not, without secrets.

        Never raises for what the target or the network does, and answers within half a minute.
        """
        ...
