"""Old calls, drills and tries are forgotten in batches, and the rest is kept."""

from datetime import timedelta

from tests.builders import NOW
from tests.contracts.chains import a_call, a_drill, a_try
from ytempire.adapters.memory.clock import FakeClock
from ytempire.adapters.memory.store import MemoryStore
from ytempire.services.retention import BATCH, Keep, Retention

DAY = timedelta(days=1)
KEEP = Keep(400 * DAY, 400 * DAY, 31 * DAY)


async def test_what_is_old_goes_in_batches_with_a_pause_and_what_is_not_stays() -> None:
    clock, store = FakeClock(NOW), MemoryStore()
    for number in range(2 * BATCH + 1):
        await store.note_call(a_call(f"old {number}", at=NOW - 401 * DAY), ())
    await store.note_call(a_call("young", at=NOW - 400 * DAY), ())
    await store.hold_money(a_try("old", day=NOW.date() - 32 * DAY), None)
    await store.hold_money(a_try("young", day=NOW.date() - 31 * DAY), None)
    await store.note_drill(a_drill(at=NOW - 900 * DAY), ())

    await Retention(store, clock, KEEP).round()

    assert ["young"] == [each.id for each in await store.chain_calls(limit=10_000)]
    assert [NOW.date() - 31 * DAY] == [each.day for each in await store.spending(NOW.date() - 99 * DAY)]
    assert 1 == len(await store.drills())
    assert NOW < clock.now() < NOW + timedelta(seconds=1)
