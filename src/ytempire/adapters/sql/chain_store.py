"""The part of the store that keeps chains: every intent of `ports.Chainbook` as a program run by a driver."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from ytempire.adapters.sql.program import Driver

if TYPE_CHECKING:  # types alone: what few commands need is loaded by those that need it
    from ytempire.domain.breaker import Breaker
    from ytempire.domain.chain import ChainCall, Usage
    from ytempire.domain.events import Event
    from ytempire.domain.vitals import Vital
    from ytempire.ports import DrillReport, Spending, SpendLine


class SqlChains:
    """`ports.Chainbook` on a database."""

    _driver: Driver

    async def breakers(self) -> tuple[Breaker, ...]:
        from ytempire.adapters.sql import breakers

        return await self._driver.read(breakers.breakers)

    async def breaker(self, name: str) -> Breaker | None:
        from ytempire.adapters.sql import breakers

        return await self._driver.read(lambda: breakers.breaker(name))

    async def swap_breaker(self, breaker: Breaker, events: Sequence[Event]) -> bool:
        from ytempire.adapters.sql import breakers

        return await self._driver.write(lambda: breakers.swap_breaker(breaker, events))

    async def hold_money(self, spending: Spending, ceiling: int | None) -> bool:
        from ytempire.adapters.sql import spend

        return await self._driver.write(lambda: spend.hold(spending, ceiling))

    async def settle_money(self, spending: str, amount: int, *, certain: bool) -> None:
        from ytempire.adapters.sql import spend

        await self._driver.write(lambda: spend.settle(spending, amount, certain=certain))

    async def spending(self, since: date) -> tuple[SpendLine, ...]:
        from ytempire.adapters.sql import spend

        return await self._driver.read(lambda: spend.lines(since))

    async def note_call(self, call: ChainCall, events: Sequence[Event]) -> None:
        from ytempire.adapters.sql import chain_calls

        await self._driver.write(lambda: chain_calls.note(call, events))

    async def chain_calls(
        self, *, chain: str | None = None, since: datetime | None = None, limit: int = 100
    ) -> tuple[ChainCall, ...]:
        from ytempire.adapters.sql import chain_calls

        return await self._driver.read(lambda: chain_calls.newest(chain, since, limit))

    async def usage(self, since: datetime) -> dict[str, Usage]:
        from ytempire.adapters.sql import chain_calls

        return await self._driver.read(lambda: chain_calls.usage(since))

    async def vitals(self) -> tuple[Vital, ...]:
        from ytempire.adapters.sql import breakers

        return await self._driver.read(breakers.vitals)

    async def vital(self, service: str) -> Vital | None:
        from ytempire.adapters.sql import breakers

        return await self._driver.read(lambda: breakers.vital(service))

    async def swap_vital(self, vital: Vital, events: Sequence[Event]) -> bool:
        from ytempire.adapters.sql import breakers

        return await self._driver.write(lambda: breakers.swap_vital(vital, events))

    async def note_drill(self, report: DrillReport, events: Sequence[Event]) -> None:
        from ytempire.adapters.sql import chain_calls

        await self._driver.write(lambda: chain_calls.note_drill(report, events))

    async def drills(self) -> tuple[DrillReport, ...]:
        from ytempire.adapters.sql import chain_calls

        return await self._driver.read(chain_calls.drills)

    async def forget_calls(self, before: datetime, limit: int) -> int:
        from ytempire.adapters.sql import retention

        return await self._driver.write(lambda: retention.calls(before, limit))

    async def forget_drills(self, before: datetime, limit: int) -> int:
        from ytempire.adapters.sql import retention

        return await self._driver.write(lambda: retention.drills(before, limit))

    async def forget_spending(self, before: date, limit: int) -> int:
        from ytempire.adapters.sql import retention

        return await self._driver.write(lambda: retention.spending(before, limit))
