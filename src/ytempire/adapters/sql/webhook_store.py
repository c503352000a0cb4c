"""The part of the store that keeps webhooks: every intent of `ports.Webhooks` as a program run by a driver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ytempire.adapters.sql.program import Driver

if TYPE_CHECKING:  # types alone: what few commands need is loaded by those that need it
    from ytempire.domain.events import Event
    from ytempire.domain.webhooks import Letter, LetterState
    from ytempire.ports import Hook, HookSecret, NewLetter, Try


class SqlWebhooks:
    """`ports.Webhooks` on a database."""

    _driver: Driver

    async def add_webhook(
        self, name: str, secret: HookSecret, now: datetime, events: Sequence[Event]
    ) -> bool:
        from ytempire.adapters.sql import webhooks

        return await self._driver.write(lambda: webhooks.add(name, secret, now, events))

    async def webhooks(self, now: datetime) -> tuple[Hook, ...]:
        from ytempire.adapters.sql import webhooks

        return await self._driver.read(lambda: webhooks.every(now))

    async def webhook(self, name: str, now: datetime) -> Hook | None:
        from ytempire.adapters.sql import webhooks

        return await self._driver.read(lambda: webhooks.one(name, now))

    async def remove_webhook(self, name: str, events: Sequence[Event]) -> bool:
        from ytempire.adapters.sql import webhooks

        return await self._driver.write(lambda: webhooks.remove(name, events))

    async def rotate_webhook(
        self, name: str, secret: HookSecret, until: datetime, events: Sequence[Event]
    ) -> bool:
        from ytempire.adapters.sql import webhooks

        return await self._driver.write(lambda: webhooks.rotate(name, secret, until, events))

    async def disable_webhook(self, name: str, why: str, now: datetime, events: Sequence[Event]) -> bool:
        from ytempire.adapters.sql import webhooks

        return await self._driver.write(lambda: webhooks.disable(name, why, now, events))

    async def enable_webhook(self, name: str, events: Sequence[Event]) -> bool:
        from ytempire.adapters.sql import webhooks

        return await self._driver.write(lambda: webhooks.enable(name, events))

    async def follow_for_webhook(
        self, name: str, seen: int, newest: int, new: Sequence[NewLetter], now: datetime
    ) -> bool:
        from ytempire.adapters.sql import letters

        return await self._driver.write(lambda: letters.follow(name, seen, newest, new, now))

    async def claim_letter(self, name: str, now: datetime, until: datetime) -> Letter | None:
        from ytempire.adapters.sql import letters

        return await self._driver.write(lambda: letters.claim(name, now, until))

    async def letter_arrived(
        self, letter: Letter, status: int, now: datetime, events: Sequence[Event]
    ) -> None:
        from ytempire.adapters.sql import letters

        await self._driver.write(lambda: letters.arrived(letter, status, now, events))

    async def letter_failed(
        self, letter: Letter, what: Try, again: datetime | None, now: datetime, events: Sequence[Event]
    ) -> None:
        from ytempire.adapters.sql import letters

        await self._driver.write(lambda: letters.failed(letter, what, again, now, events))

    async def letters(
        self, name: str | None = None, *, states: frozenset[LetterState] | None = None, limit: int = 1000
    ) -> tuple[Letter, ...]:
        from ytempire.adapters.sql import letters

        return await self._driver.read(lambda: letters.listed(name, states, limit))

    async def count_letters(self, name: str) -> Mapping[LetterState, int]:
        from ytempire.adapters.sql import letters

        return await self._driver.read(lambda: letters.counts(name))

    async def replay_letters(
        self, name: str, ids: frozenset[str] | None, now: datetime, events: Sequence[Event] = ()
    ) -> int:
        from ytempire.adapters.sql import letters

        return await self._driver.write(lambda: letters.replay(name, ids, now, events))
