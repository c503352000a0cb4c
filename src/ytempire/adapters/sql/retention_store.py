"""The part of the store that forgets: every intent of `ports.Forgetting` as a program run by a driver."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ytempire.adapters.sql.program import Driver

if TYPE_CHECKING:  # types alone: what only a worker needs is loaded by it
    from datetime import date, datetime

    from ytempire.domain.quota_day import QuotaDay


class SqlForgetting:
    """`ports.Forgetting` on a database."""

    _driver: Driver

    async def forget_events(self, after: int, upto: int, before: datetime, limit: int) -> int:
        from ytempire.adapters.sql import retention

        return await self._driver.write(lambda: retention.events(after, upto, before, limit))

    async def events_forgotten(self) -> int:
        from ytempire.adapters.sql import retention

        return await self._driver.read(retention.events_forgotten)

    async def forget_alerts(self, before: datetime, limit: int) -> int:
        from ytempire.adapters.sql import retention

        return await self._driver.write(lambda: retention.alerts(before, limit))

    async def forget_mutes(self, before: datetime, limit: int) -> int:
        from ytempire.adapters.sql import retention

        return await self._driver.write(lambda: retention.mutes(before, limit))

    async def forget_letters(self, before: datetime, limit: int) -> int:
        from ytempire.adapters.sql import retention

        return await self._driver.write(lambda: retention.letters(before, limit))

    async def forget_outcomes(self, before: datetime, limit: int) -> int:
        from ytempire.adapters.sql import retention

        return await self._driver.write(lambda: retention.outcomes(before, limit))

    async def forget_quota(self, day: QuotaDay, limit: int) -> int:
        from ytempire.adapters.sql import retention

        return await self._driver.write(lambda: retention.quota(day, limit))

    async def forget_plans(self, day: date, limit: int) -> int:
        from ytempire.adapters.sql import retention

        return await self._driver.write(lambda: retention.plans(day, limit))

    async def forget_facts(self, prefix: str, below: str, limit: int) -> int:
        from ytempire.adapters.sql import retention

        return await self._driver.write(lambda: retention.facts(prefix, below, limit))
