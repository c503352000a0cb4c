"""What an operator does is an event, and says who it was."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import NOW, set_up, submitted
from tests.services.house import a_house
from tests.services.office import Office
from tests.services.test_planning import planning
from ytempire.adapters.memory.clock import FakeClock
from ytempire.adapters.memory.store import MemoryStore
from ytempire.domain.events import Event, Kind
from ytempire.domain.values import Refused
from ytempire.ports import Try
from ytempire.services.breakers import Breakers
from ytempire.services.silence import Silence


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


async def told(store: MemoryStore) -> list[Event]:
    return [event for _, event in await store.events()]


async def test_a_mute_and_its_end_say_who(store: MemoryStore, clock: FakeClock) -> None:
    silence = Silence(store, clock)

    await silence.mute("quota:*", "2h", "a load test", "ana")
    await silence.end("quota:*", "bea")

    begun, ended = await told(store)
    until = (NOW + timedelta(hours=2)).isoformat()
    assert (Kind.ALERTS_MUTED, Kind.ALERTS_UNMUTED) == (begun.kind, ended.kind)
    assert {"pattern": "quota:*", "until": until, "why": "a load test", "by": "ana"} == begun.data
    assert {"pattern": "quota:*", "by": "bea"} == ended.data


async def test_an_end_of_no_mute_is_no_event(store: MemoryStore, clock: FakeClock) -> None:
    with pytest.raises(Refused, match="no mute with the pattern"):
        await Silence(store, clock).end("quota:*", "bea")

    assert [] == await told(store)


@pytest.mark.parametrize("who", ["ana", "worker"])
async def test_a_plan_says_who_made_it(store: MemoryStore, clock: FakeClock, who: str) -> None:
    await set_up(store)
    await submitted(store)

    await replace(planning(store, clock), actor=who).queued()

    assert [(Kind.PLAN_MADE, who)] == [(each.kind, each.data["by"]) for each in await told(store)]


async def test_an_order_to_a_breaker_says_who_gave_it(store: MemoryStore, clock: FakeClock) -> None:
    breakers = Breakers(store, clock)

    await breakers.isolate("polly", by="ana", why="the bill is wrong")
    await breakers.reset("polly", by="bea")

    assert ["ana", "bea"] == [each.data["by"] for each in await told(store)]


async def test_messages_that_are_sent_again_are_told_with_who_wants_it() -> None:
    office = Office(await a_house())
    await office.desk().add("shop")
    office.goes_wrong(Try(410))
    await office.happens("pub_dead")
    await office.round()
    await office.desk().enable("shop")

    assert 1 == await office.desk().replay("shop", ())
    assert 0 == await office.desk().replay("shop", ())

    (event,) = await office.house.events(Kind.WEBHOOK_REPLAYED)
    assert ("shop", [], "ytempire") == (event.data["webhook"], event.data["ids"], event.data["by"])
