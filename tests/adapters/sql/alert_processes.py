"""What child processes of the test of alerts do; a module of its own, so that a new process can import it."""

import asyncio
from datetime import datetime
from typing import Any

from tests.builders import MAIN, TODAY
from ytempire.adapters.memory.clock import FakeClock
from ytempire.adapters.memory.notifier import MemoryNotifier
from ytempire.adapters.sql.store import SqlStore
from ytempire.domain.alerts import Target
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.services.alerting import Alerting

OPS = Target("ops", frozenset(Level))
AT_ONCE = 5
"""Crossings written in one transaction."""


def crossing(level: Level, percent: int) -> Event:
    """A bucket of the day has crossed a line."""
    data = {"bucket": "units", "day": str(TODAY), "percent": percent}
    return Event(Kind.QUOTA_THRESHOLD, TODAY.starts, level, project=MAIN, data=data)


def cross_and_alert(
    where: str, moment: datetime, level: Level, percent: int, times: int, gate: Any
) -> list[tuple[str, str]]:
    """Writes crossings and does rounds of alerting between them, as a worker does; the messages it sent."""

    async def work() -> list[tuple[str, str]]:
        store, notifier = await SqlStore.open(where), MemoryNotifier()
        alerting = Alerting(store, FakeClock(moment), notifier, (OPS,))
        await asyncio.to_thread(gate.wait)
        for _ in range(times // AT_ONCE):
            await store.record([crossing(level, percent)] * AT_ONCE)
            await alerting.round()
        await alerting.round()
        await store.close()
        return [(target, each.title) for target, every in notifier.told.items() for each in every]

    return asyncio.run(work())
