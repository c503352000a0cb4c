"""A storm of alerts is a few messages: the first ones each, then one about many, and none is lost."""

from datetime import timedelta

import pytest

from tests.services.desk import Desk
from ytempire.domain.alerts import DeliveryState
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.values import PublicationId


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def held(desk: Desk, start: int, end: int, level: Level = Level.HIGH) -> None:
    """So many publications need a person at one moment."""
    now = desk.clock.now()
    every = [PublicationId(f"pub_{number:04}") for number in range(start, end)]
    await desk.store.record([Event(Kind.HELD, now, level, each, data={"code": "gone"}) for each in every])


async def states(desk: Desk) -> set[DeliveryState]:
    return {each.state for alert in await desk.open() for each in alert.deliveries if each.target == "ops"}


async def test_a_thousand_alerts_at_once_are_a_few_messages_and_each_is_told(desk: Desk) -> None:
    alerting = desk.alerting()
    await held(desk, 0, 999)
    await held(desk, 999, 1000, Level.CRITICAL)

    for _ in range(10):
        await alerting.round()
        desk.clock.advance(timedelta(seconds=30))

    titles = desk.told("ops")
    assert ["critical: pub_0999 needs a person: gone", "high: pub_0000 needs a person: gone"] == titles[:2]
    assert ["high: 500 alerts at once", "high: 481 alerts at once"] == titles[19:]
    summary = desk.notifier.told["ops"][20].body.splitlines()
    assert ["high: pub_0518 needs a person: gone", "high: pub_0519 needs a person: gone"] == summary[:2]
    assert ["and 459 more", "What you can do: see `ytempire alerts list`"] == summary[-2:]
    assert {DeliveryState.SENT} == await states(desk)


async def test_after_a_storm_what_comes_next_waits_half_a_minute_at_most(desk: Desk) -> None:
    alerting = desk.alerting()
    await held(desk, 0, 30)
    await alerting.round()
    await held(desk, 30, 31)

    await alerting.round()
    assert 20 == len(desk.told("ops"))
    desk.clock.advance(timedelta(seconds=30))
    await alerting.round()

    assert "high: pub_0030 needs a person: gone" == desk.told("ops")[20]


async def test_a_message_about_many_that_does_not_arrive_is_tried_again_for_each(desk: Desk) -> None:
    alerting = desk.alerting()
    await held(desk, 0, 19)
    await alerting.round()
    desk.notifier.failures["ops"] = "it is down"
    await held(desk, 19, 40)

    await alerting.round()

    assert {DeliveryState.SENT, DeliveryState.FAILED} == await states(desk)
    waiting = [alert for alert in await desk.open() if alert.deliveries[0].state is DeliveryState.FAILED]
    assert 21 == len(waiting)


async def test_a_target_in_a_storm_takes_nothing_from_another(desk: Desk) -> None:
    alerting = desk.alerting()
    await held(desk, 0, 100)
    await alerting.round()

    await desk.crosses(Level.WARNING, 80)
    await alerting.round()

    assert 20 == len(desk.told("ops")) == len(desk.told("chat"))
    desk.clock.advance(timedelta(seconds=30))
    await alerting.round()
    assert "warning: 80 % of the units of main are used" == desk.told("chat")[20]
