"""The part of the store for callers of the API: tokens, browsers, answers and received files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ytempire.adapters.sql.program import Driver

if TYPE_CHECKING:  # types alone: what few commands need is loaded by those that need it
    from ytempire.domain.callers import ApiToken
    from ytempire.domain.events import Event
    from ytempire.ports import Asked, Browser, Claim, KeptAnswer, ReceivedFile


class SqlCallers:
    """`ports.Callers`, `ports.Answers` and `ports.Received` on a database."""

    _driver: Driver

    async def add_api_token(self, token: ApiToken, events: Sequence[Event]) -> bool:
        from ytempire.adapters.sql import callers

        return await self._driver.write(lambda: callers.add(token, events))

    async def api_tokens(self) -> tuple[ApiToken, ...]:
        from ytempire.adapters.sql import callers

        return await self._driver.read(callers.every)

    async def api_token(self, hashed: str) -> ApiToken | None:
        from ytempire.adapters.sql import callers

        return await self._driver.read(lambda: callers.one(hashed))

    async def note_token_use(self, token: str, now: datetime) -> None:
        from ytempire.adapters.sql import callers

        await self._driver.write(lambda: callers.used(token, now))

    async def revoke_api_token(self, token: str, now: datetime, events: Sequence[Event]) -> bool:
        from ytempire.adapters.sql import callers

        return await self._driver.write(lambda: callers.revoke(token, now, events))

    async def add_browser(self, browser: Browser) -> None:
        from ytempire.adapters.sql import callers

        await self._driver.write(lambda: callers.sign_in(browser))

    async def token_of_browser(self, hashed: str, now: datetime) -> ApiToken | None:
        from ytempire.adapters.sql import callers

        return await self._driver.read(lambda: callers.of_browser(hashed, now))

    async def drop_browser(self, hashed: str) -> None:
        from ytempire.adapters.sql import callers

        await self._driver.write(lambda: callers.sign_out(hashed))

    async def claim_answer(self, asked: Asked, holder: str, now: datetime, until: datetime) -> Claim:
        from ytempire.adapters.sql import answers

        return await self._driver.write(lambda: answers.claim(asked, holder, now, until))

    async def prolong_answer(self, asked: Asked, holder: str, until: datetime) -> None:
        from ytempire.adapters.sql import answers

        await self._driver.write(lambda: answers.prolong(asked, holder, until))

    async def keep_answer(self, asked: Asked, holder: str, answer: KeptAnswer, until: datetime) -> bool:
        from ytempire.adapters.sql import answers

        return await self._driver.write(lambda: answers.keep(asked, holder, answer, until))

    async def drop_answer(self, asked: Asked, holder: str) -> None:
        from ytempire.adapters.sql import answers

        await self._driver.write(lambda: answers.drop(asked, holder))

    async def add_received(self, file: ReceivedFile) -> None:
        from ytempire.adapters.sql import received

        await self._driver.write(lambda: received.add(file))

    async def received(self, which: str, now: datetime) -> ReceivedFile | None:
        from ytempire.adapters.sql import received

        return await self._driver.write(lambda: received.touch(which, now))

    async def unused_received(self, before: datetime, limit: int) -> tuple[ReceivedFile, ...]:
        from ytempire.adapters.sql import received

        return await self._driver.read(lambda: received.unused(before, limit))

    async def forget_received(self, which: str, before: datetime) -> bool:
        from ytempire.adapters.sql import received

        return await self._driver.write(lambda: received.forget(which, before))
