"""What the store tells of publications that wait to be started."""

from dataclasses import replace
from datetime import timedelta

from tests.builders import NOW, submitted
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Reason
from ytempire.domain.values import PublicationId
from ytempire.ports import Queue, Settlement, Store


async def test_the_queue_is_what_could_be_started_now(store: Store) -> None:
    assert Queue(0, None) == await store.queue(NOW)
    await submitted(store, "pub_1", due=NOW - timedelta(minutes=1))
    await submitted(store, "pub_2", state=State.DEFERRED, due=NOW - timedelta(minutes=2))
    await submitted(store, "pub_3", state=State.PLANNED, due=NOW)
    await submitted(store, "pub_4", due=NOW + timedelta(seconds=1))
    await submitted(store, "pub_5", due=None)
    for number, state in enumerate(set(State) - {State.QUEUED, State.DEFERRED, State.PLANNED}, 6):
        await submitted(store, f"pub_{number}", state=state, due=NOW - timedelta(hours=1))

    assert Queue(3, NOW - timedelta(minutes=2)) == await store.queue(NOW)


async def test_what_waits_for_a_reason_is_woken_and_nothing_else(store: Store) -> None:
    later, reason = NOW + timedelta(hours=1), Reason("not_planned", "the units are used up", ("look",))
    await submitted(store, "pub_1", state=State.DEFERRED, due=later, reason=reason)
    await submitted(store, "pub_2", state=State.DEFERRED, due=later, reason=replace(reason, message='"'))
    others = [
        await submitted(store, "pub_3", state=State.DEFERRED, due=NOW, reason=reason),
        await submitted(store, "pub_4", state=State.DEFERRED, due=later),
        await submitted(
            store, "pub_5", state=State.DEFERRED, due=later, reason=Reason("not_planned_yet", "")
        ),
        await submitted(store, "pub_6", state=State.DEFERRED, due=later, reason=Reason("not", "planned")),
        await submitted(store, "pub_7", state=State.HELD, due=later, reason=reason),
        await submitted(store, "pub_8", state=State.DEFERRED, due=later, reason=Reason("not%planned", "")),
    ]
    seen = await store.publication(PublicationId("pub_1"))

    assert (2, 0) == (await store.wake("not_planned", NOW), await store.wake("not_planned", NOW))

    woken = await store.publication(PublicationId("pub_1"))
    assert seen is not None
    assert replace(seen, due=NOW, updated_at=NOW, version=seen.version + 1) == woken
    assert others == [await store.publication(each.id) for each in others]
    assert 3 == (await store.queue(NOW)).depth
    assert None is await store.settle(Settlement(seen))
