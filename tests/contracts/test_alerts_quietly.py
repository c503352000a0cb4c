"""What a store promises of alerts that make room for another one without a word."""

from dataclasses import replace

from tests.builders import NOW
from tests.contracts.test_alerts import HELD, alarm, claimed, deliver_all, step, told
from ytempire.domain.alerts import Resolve
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
