"""Webhooks, as intents: receivers and their sealed secrets, messages in the order of the events, and the post.

Every implementation of `Webhooks` passes one behaviour suite (tests/contracts). Moments are aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # every command loads the ports, few send webhooks
    from ytempire.domain.events import Event
    from ytempire.domain.webhooks import Letter, LetterState


@dataclass(frozen=True, slots=True)
class HookSecret:
    """A secret as stored: unreadable without the vault. `key` sealed it; `until` is when it stops to sign."""

    sealed: str
    key: str
    made_at: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hook:
    """A receiver as the store knows it. `seen` is the number of the last event that was looked at for it.

    `secrets` sign, the newest first. `disabled_at`: nothing is sent to it from then on, for what reason.
    """

    name: str
    added_at: datetime
    seen: int
    secrets: tuple[HookSecret, ...]
    disabled_at: datetime | None = None
    disabled_why: str | None = None


@dataclass(frozen=True, slots=True)
class NewLetter:
    """An event that a receiver is to get: its number, its kind, and the id of the message."""

    event: int
    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Try:
    """How a try ended: the status that came back, if one did, or what went wrong, without secrets; and what the
    header `Retry-After` said, as it came.
    """

    status: int | None = None
    error: str | None = None
    retry_after: str | None = None


class Webhooks(Protocol):
    """Receivers, and messages to them. Events of a change are written with it, and not when it is refused."""

    async def add_webhook(
        self, name: str, secret: HookSecret, now: datetime, events: Sequence[Event]
    ) -> bool:
        """Makes a receiver known; it gets events from now on. False when it is known, or the key not in use."""
        ...

    async def webhooks(self, now: datetime) -> tuple[Hook, ...]:
        """All receivers by name, each with the secrets that sign at that moment."""
        ...

    async def webhook(self, name: str, now: datetime) -> Hook | None:
        """One receiver, or None."""
        ...

    async def remove_webhook(self, name: str, events: Sequence[Event]) -> bool:
        """Forgets a receiver, its secrets and every message to it. False when it is not known."""
        ...

    async def rotate_webhook(
        self, name: str, secret: HookSecret, until: datetime, events: Sequence[Event]
    ) -> bool:
        """Gives a receiver a new secret; the newest before signs on until then, older ones are forgotten.

        False when the receiver is not known, or the key not in use.
        """
        ...

    async def disable_webhook(self, name: str, why: str, now: datetime, events: Sequence[Event]) -> bool:
        """Sends a receiver nothing more; what waits for it is dead. False when it is disabled or not known."""
        ...

    async def enable_webhook(self, name: str, events: Sequence[Event]) -> bool:
        """Serves a disabled receiver again, with events from now on. False when it is not disabled."""
        ...

    async def follow_for_webhook(
        self, name: str, seen: int, newest: int, new: Sequence[NewLetter], now: datetime
    ) -> bool:
        """Notes that the events up to `newest` were looked at, and keeps the messages that they make.

        False, and nothing done, when `seen` is no longer the last that was looked at, or it is disabled. Secrets
        that have ended, and messages that arrived long ago (`domain.webhooks.KEPT`), are forgotten on this
        occasion.
        """
        ...

    async def claim_letter(self, name: str, now: datetime, until: datetime) -> Letter | None:
        """Takes the oldest message that waits for a receiver, so that nobody else sends it before `until`.

        None when there is none, when it is not due, or when the receiver is disabled: later ones wait for it.
        Its tries grow by one.
        """
        ...

    async def letter_arrived(
        self, letter: Letter, status: int, now: datetime, events: Sequence[Event]
    ) -> None:
        """The receiver has it. Nothing is written when it has ended otherwise meanwhile."""
        ...

    async def letter_failed(
        self, letter: Letter, what: Try, again: datetime | None, now: datetime, events: Sequence[Event]
    ) -> None:
        """The receiver does not have it: tried again then, or dead (None). Nothing is written when it has ended."""
        ...

    async def letters(
        self, name: str | None = None, *, states: frozenset[LetterState] | None = None, limit: int = 1000
    ) -> tuple[Letter, ...]:
        """Messages to a receiver, or to all, in some states, or in any; the newest first."""
        ...

    async def count_letters(self, name: str) -> Mapping[LetterState, int]:
        """How many messages to a receiver there are in each state; states without any are left out."""
        ...

    async def replay_letters(
        self, name: str, ids: frozenset[str] | None, now: datetime, events: Sequence[Event] = ()
    ) -> int:
        """Lets dead messages with these ids, or all dead ones, wait from now on, with all tries; how many. Events
        are written if that is any.
        """
        ...


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is sent, and where. `private`: it may go to this machine or a private network. Never shown."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    private: bool = False


class Post(Protocol):
    """The way to receivers."""

    async def send(self, parcel: Parcel) -> Try:
        """Sends one message, once. Never raises for what the network or the receiver does; answers within 20 s.

        Redirects are not followed, and addresses that must not be reached are not spoken to.
        """
        ...
