"""What happened, as intents: events in the order they were written, and small facts about this installation."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ytempire.domain.events import FAULTS, Event
from ytempire.domain.events import Kind as EventKind
from ytempire.domain.values import AccountId, PublicationId


class Log(Protocol):
    """Events, and small facts about this installation."""

    async def record(self, events: Sequence[Event]) -> None:
        """Writes events that go with no other change."""
        ...

    async def events(
        self, *, publication: PublicationId | None = None, after: int = 0, limit: int = 1000
    ) -> tuple[tuple[int, Event], ...]:
        """Events in the order they were written, each with its number; those numbered above `after`.

        Numbers start above 0 and grow; there may be gaps.
        """
        ...

    async def story(
        self, publication: PublicationId, *, before: int | None = None, limit: int = 1000
    ) -> tuple[tuple[tuple[int, Event], ...], int]:
        """The newest events of a publication, those numbered below `before` if that is given, in the order they were
        written; and how many of it are older than these.
        """
        ...

    async def faults(
        self, since: datetime, until: datetime, *, kinds: frozenset[EventKind] = FAULTS
    ) -> tuple[tuple[int, Event], ...]:
        """Events that tell of faults, from `since` up to before `until`, in the order of their moments.

        `kinds` are some or all of `events.FAULTS`; of others none are found.
        """
        ...

    async def account_history(self, account: AccountId, limit: int) -> tuple[tuple[int, Event], ...]:
        """The newest events about an account that are about no publication, oldest first; renewals of its token,
        which come every hour, are left out.
        """
        ...

    async def fact(self, name: str) -> str | None:
        """A fact stored under a name."""
        ...

    async def put_fact(self, name: str, value: str) -> None:
        """Stores a fact; the last value counts."""
        ...
