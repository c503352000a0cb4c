"""What the store tells of publications that wait to be started."""

from datetime import timedelta

from tests.builders import NOW, submitted
from ytempire.domain.lifecycle import State
from ytempire.ports import Queue, Store


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
