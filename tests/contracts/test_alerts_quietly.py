"""What a store promises of alerts that make room for another one: without a word, or by their turn."""

from dataclasses import replace

from tests.builders import NOW, an_event
from tests.contracts.test_alerts import (
    CRITICAL,
    HELD,
    LEASE,
    WARNING,
    a_mute,
    alarm,
    claimed,
    deliver_all,
    step,
    told,
)
from ytempire.domain.alerts import Resolve
from ytempire.domain.events import Kind
from ytempire.ports import Store


async def test_an_alert_that_is_resolved_quietly_makes_room_without_a_word(store: Store) -> None:
    tomorrow = replace(HELD, key="publication:pub_1:held:tomorrow")
    await step(store, alarm(HELD, "ops"))
    await deliver_all(store)

    await step(store, Resolve(HELD.key, quiet=True), alarm(tomorrow, "ops"))

    assert [("ops", "high", False, "sent"), ("ops", "high", False, "pending")] == await told(store)
    assert [tomorrow.key] == [each.key for each in await store.alerts()]


async def test_a_delivery_under_way_tells_no_end_of_what_was_resolved_quietly(store: Store) -> None:
    await step(store, alarm(HELD, "ops"))
    (errand,) = await claimed(store)

    await step(store, Resolve("publication:", prefix=True, quiet=True))
    await store.delivered(errand, NOW, ())

    assert [("ops", "high", False, "sent")] == await told(store)


async def test_why_an_alert_is_over_is_kept_with_it(store: Store) -> None:
    await step(store, alarm(HELD), alarm(WARNING))

    await step(store, Resolve(HELD.key, why="nobody wants it"), Resolve(WARNING.key))

    assert {HELD.key: "nobody wants it", WARNING.key: None} == {
        each.key: each.ended_why for each in await store.alerts(ended=True)
    }


async def test_mutes_are_told_with_their_change_and_only_if_there_is_one(store: Store) -> None:
    mute, muted, ended = a_mute(), an_event(Kind.ALERTS_MUTED), an_event(Kind.ALERTS_UNMUTED)

    await store.mute(mute, (muted,))
    assert 0 == await store.end_mutes("other:*", NOW, (ended,))
    assert 1 == await store.end_mutes(mute.pattern, NOW, (ended,))

    assert [Kind.ALERTS_MUTED, Kind.ALERTS_UNMUTED] == [event.kind for _, event in await store.events()]


async def test_a_critical_alert_waits_for_none_that_came_before_it_and_its_end_does(store: Store) -> None:
    await step(store, alarm(HELD, "a", "b"), alarm(CRITICAL, "c"))
    assert ["c", "a"] == [target for _, target in await store.due_deliveries(NOW, 2)]

    for errand in (await claimed(store))[:1]:
        await store.delivered(errand, NOW, ())
    await step(store, Resolve(CRITICAL.key))

    assert ["a", "b", "c"] == [target for _, target in await store.due_deliveries(LEASE, 9)]
