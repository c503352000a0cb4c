"""Forgetting what is old enough, as intents: a few rows at a time, so that nobody who writes waits for it.

What is needed still stays, whatever its age; each intent says what that is.
"""

from datetime import date, datetime
from typing import Protocol

from ytempire.domain.quota_day import QuotaDay


class Forgetting(Protocol):
    """Takes away the oldest rows first, at most `limit` of each kind, and answers how many those were."""

    async def forget_events(self, after: int, upto: int, before: datetime, limit: int) -> int:
        """Forgets events numbered above `after` up to `upto` that happened before a moment: the number of the last
        of them, 0 when there was none.

        Those stay that are about a publication which is not final or was changed since that moment, so that every
        story is whole; those of messages to webhooks that have not arrived; and the newest of all, whose number
        is where the next begins.
        """
        ...

    async def events_forgotten(self) -> int:
        """The highest number of an event that was forgotten; 0 when none was. Who has read less has missed some."""
        ...

    async def forget_alerts(self, before: datetime, limit: int) -> int:
        """Forgets alerts that ended before a moment with who was told of them; not one that somebody is still to
        be told of, and not the newest of all.
        """
        ...

    async def forget_mutes(self, before: datetime, limit: int) -> int:
        """Forgets mutes that were over before a moment."""
        ...

    async def forget_letters(self, before: datetime, limit: int) -> int:
        """Forgets messages to webhooks that were given up before a moment."""
        ...

    async def forget_outcomes(self, before: datetime, limit: int) -> int:
        """Forgets how uploads before a moment went; rates look back 30 days."""
        ...

    async def forget_quota(self, day: QuotaDay, limit: int) -> int:
        """Forgets lines of the ledger, and what accounts used, of quota days before this one."""
        ...

    async def forget_plans(self, day: date, limit: int) -> int:
        """Forgets plans for dates before this one."""
        ...

    async def forget_facts(self, prefix: str, below: str, limit: int) -> int:
        """Forgets facts whose names begin with `prefix` and go on with a text that sorts before `below`."""
        ...
