"""Alerting beside a worker: it holds up nothing, and tells what happened before it ends."""

import asyncio
from datetime import datetime

import pytest

from tests.services.desk import Desk
from tests.services.house import a_house
from ytempire.adapters.memory.engine import MemoryEngine
from ytempire.adapters.memory.notifier import MemoryNotifier
from ytempire.adapters.memory.store import MemoryStore
from ytempire.domain.alerts import DeliveryState, Message
from ytempire.domain.events import Kind
from ytempire.domain.lifecycle import State
from ytempire.ports import News
from ytempire.services.alert_duty import AlertDuty
from ytempire.services.work import Work


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_a_worker_s_round_reads_and_its_end_delivers(desk: Desk) -> None:
    duty = AlertDuty(desk.alerting())
    await desk.happens(Kind.HELD)

    await duty.round()
    assert 1 == len(await desk.open())
    await duty.end()

    assert 1 == len(desk.told("ops"))


async def test_the_end_of_a_quiet_day_has_nothing_to_wait_for(desk: Desk) -> None:
    await AlertDuty(desk.alerting()).end()

    assert 0 == desk.notifier.tries


class Silent(MemoryNotifier):
    """Nobody ever answers."""

    async def send(self, target: str, message: Message) -> str | None:
        await asyncio.Event().wait()
        return None


async def test_a_target_that_is_silent_holds_up_neither_the_rounds_nor_the_end(desk: Desk) -> None:
    desk.notifier = Silent()
    duty = AlertDuty(desk.alerting(), grace=0)
    await desk.happens(Kind.HELD)

    await duty.round()
    await duty.round()
    await duty.end()

    (alert,) = await desk.open()
    assert {DeliveryState.PENDING} == {each.state for each in alert.deliveries}


class HalfSilent(MemoryNotifier):
    """One target never answers."""

    async def send(self, target: str, message: Message) -> str | None:
        if target == "chat":
            await asyncio.Event().wait()
        return await super().send(target, message)


async def test_a_target_that_is_silent_keeps_no_later_alert_from_the_others(desk: Desk) -> None:
    desk.notifier = HalfSilent()
    duty = AlertDuty(desk.alerting(), grace=0)
    for kind in (Kind.HELD, Kind.BUCKET_CLOSED):
        await desk.happens(kind, bucket="units")
        await duty.round()
        await asyncio.sleep(0)
    await duty.end()

    assert 2 == len(desk.told("ops"))
    assert [] == desk.told("chat")


class Lost(MemoryStore):
    """A store that cannot say what is new, or cannot hand out deliveries."""

    def __init__(self, lost: str) -> None:
        super().__init__()
        self._lost = lost

    async def alert_news(self, now: datetime) -> News:
        if self._lost == "news":
            raise OSError("the disk is gone")
        return await super().alert_news(now)

    async def due_deliveries(self, now: datetime, limit: int) -> tuple[tuple[int, str], ...]:
        if self._lost == "deliveries" and limit > 1:
            raise OSError("the disk is gone")
        return await super().due_deliveries(now, limit)


@pytest.mark.parametrize("lost", ["news", "deliveries"])
async def test_trouble_with_alerts_keeps_no_video_from_being_published(lost: str) -> None:
    house = await a_house()
    accepted = await house.submit()
    desk = Desk(store=Lost(lost))
    await desk.happens(Kind.HELD)
    staff, engine = house.staff(), MemoryEngine(1)
    await engine.start(staff.publishing.advance)

    async def published() -> bool:
        return (await house.now(accepted.id)).state is State.PUBLISHED

    work = Work(staff.context, engine, staff.watch, 1, alerts=AlertDuty(desk.alerting()))
    await work.run(published)
    await engine.stop()

    assert await published()
    assert 0 == desk.notifier.tries


async def test_a_worker_tells_what_happened_before_it_ends() -> None:
    house = await a_house()
    await house.submit()
    desk = Desk(store=house.store, clock=house.clock)
    staff = house.staff()
    await desk.happens(Kind.HELD)

    async def at_once() -> bool:
        return True

    duty = AlertDuty(desk.alerting())
    await Work(staff.context, MemoryEngine(1), staff.watch, 0, alerts=duty).run(at_once)

    assert 1 == len(desk.told("ops"))
