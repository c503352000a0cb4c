"""The part of the store that keeps alerts: every intent of `ports.Alerts` as a program run by a driver."""

from collections.abc import Sequence
from datetime import datetime

from ytempire.adapters.sql import alerts, deliveries
from ytempire.adapters.sql.program import Driver
from ytempire.domain.alerts import Alert, Mute, Resolve
from ytempire.domain.events import Event
from ytempire.ports import Alarm, Errand, News


class SqlAlerts:
    """`ports.Alerts` on a database."""

    _driver: Driver

    async def alert_news(self, now: datetime) -> News:
        return await self._driver.read(lambda: alerts.news(now))

    async def follow_events(
        self, seen: int, newest: int, steps: Sequence[Alarm | Resolve], now: datetime
    ) -> bool:
        return await self._driver.write(lambda: alerts.follow(seen, newest, steps, now))

    async def lapse_alerts(self, now: datetime) -> int:
        return await self._driver.write(lambda: alerts.lapse(now))

    async def due_deliveries(self, now: datetime, limit: int) -> tuple[tuple[int, str], ...]:
        return await self._driver.read(lambda: deliveries.due(now, limit))

    async def claim_delivery(self, which: int, now: datetime, until: datetime) -> Errand | None:
        return await self._driver.write(
            lambda: deliveries.claim(which, now, until, alert_sql=alerts.ONE, alert_of=alerts.alert_of)
        )

    async def delivered(self, errand: Errand, now: datetime, events: Sequence[Event]) -> None:
        await self._driver.write(lambda: deliveries.sent(errand, now, events))

    async def not_delivered(
        self, errand: Errand, error: str, again: datetime | None, events: Sequence[Event]
    ) -> None:
        await self._driver.write(lambda: deliveries.not_sent(errand, error, again, events))

    async def alert_is_open(self, key: str) -> bool:
        return await self._driver.read(lambda: alerts.is_open(key))

    async def alerts(self, *, ended: bool = False, limit: int = 1000) -> tuple[Alert, ...]:
        return await self._driver.read(lambda: alerts.listed(ended=ended, limit=limit))

    async def mute(self, mute: Mute, events: Sequence[Event] = ()) -> None:
        await self._driver.write(lambda: alerts.mute(mute, events))

    async def end_mutes(self, pattern: str, now: datetime, events: Sequence[Event] = ()) -> int:
        return await self._driver.write(lambda: alerts.end_mutes(pattern, now, events))

    async def mutes(self, now: datetime) -> tuple[Mute, ...]:
        return await self._driver.read(lambda: alerts.mutes(now))
