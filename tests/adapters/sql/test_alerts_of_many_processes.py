"""Many processes follow the same events: one message for each crossing, whoever sends it."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from tests.adapters.sql.alert_processes import OPS, cross_and_alert
from tests.adapters.sql.processes import at_once
from tests.builders import NOW, TODAY
from ytempire.adapters.memory.clock import FakeClock
from ytempire.adapters.memory.notifier import MemoryNotifier
from ytempire.adapters.sql.store import SqlStore
from ytempire.domain.alerts import Alert
from ytempire.domain.faults import Level
from ytempire.services.alerting import Alerting

WARNED = ("ops", "warning: 80 % of the units of main are used")
ALARMED = ("ops", "critical: 90 % of the units of main are used")


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store that is not there yet."""
    if request.param == "sqlite":
        return str(tmp_path / "store.db")
    return str(request.getfixturevalue("postgres_url"))


def crossings(where: str, processes: int, level: Level, percent: int, times: int) -> list[tuple[str, str]]:
    """The messages that so many processes sent together."""
    answers = at_once(cross_and_alert, [(where, NOW, level, percent, times)] * processes)
    return [message for each in answers for message in each]


def alert_of(where: str) -> Alert:
    async def read() -> Alert:
        store = await SqlStore.open(where)
        (found,) = await store.alerts(ended=True)
        await store.close()
        return found

    return asyncio.run(read())


def test_a_thousand_crossings_in_eight_processes_are_one_warning_then_one_critical_then_one_end(
    where: str,
) -> None:
    asyncio.run(_make(where))

    assert [WARNED] == crossings(where, 8, Level.WARNING, 80, 125)
    assert (Level.WARNING, 1_000) == (alert_of(where).level, alert_of(where).times)

    assert [ALARMED] == crossings(where, 2, Level.CRITICAL, 90, 20)
    assert (Level.CRITICAL, 1_040) == (alert_of(where).level, alert_of(where).times)

    notifier = asyncio.run(_after_the_reset(where))
    assert ["resolved: 90 % of the units of main are used"] == [each.title for each in notifier.told["ops"]]
    assert TODAY.resets == alert_of(where).resolved_at


async def _make(where: str) -> None:
    store = await SqlStore.open(where)
    await store.close()


async def _after_the_reset(where: str) -> MemoryNotifier:
    store, notifier = await SqlStore.open(where), MemoryNotifier()
    clock = FakeClock(TODAY.resets - timedelta(seconds=1))
    alerting = Alerting(store, clock, notifier, (OPS,))
    await alerting.round()
    assert {} == notifier.told
    clock.advance(timedelta(seconds=2))
    await asyncio.gather(*(alerting.round() for _ in range(8)))
    await store.close()
    return notifier
