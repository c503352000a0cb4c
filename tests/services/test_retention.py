"""What is old is forgotten in batches, and the rest is kept; nobody misses what they have still to read."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import KEY, NOW, an_event, set_up
from tests.contracts.chains import a_call, a_drill, a_try
from ytempire.adapters.memory.clock import FakeClock
from ytempire.adapters.memory.store import MemoryStore
from ytempire.domain.callers import Caller, Role
from ytempire.domain.events import Kind
from ytempire.ports import HookSecret, StoredPlan
from ytempire.services.checklist import RESULT
from ytempire.services.live import Live
from ytempire.services.meter import Meter
from ytempire.services.retention import BATCH, Keep, Retention

DAY = timedelta(days=1)
KEEP = Keep(
    calls=400 * DAY,
    drills=400 * DAY,
    spend=31 * DAY,
    events=400 * DAY,
    alerts=400 * DAY,
    dead_letters=90 * DAY,
    plans=400 * DAY,
    quota=3660 * DAY,
)
OLD = an_event(Kind.CONSENT_STARTED, at=NOW - 401 * DAY)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


async def alerting_has_read(store: MemoryStore, upto: int) -> None:
    assert await store.follow_events((await store.alert_news(NOW)).seen, upto, (), NOW)


async def numbers(store: MemoryStore) -> list[int]:
    return [number for number, _ in await store.events(limit=10_000)]


async def test_what_is_old_goes_in_batches_with_a_pause_and_what_is_not_stays(
    store: MemoryStore, clock: FakeClock
) -> None:
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


async def test_events_go_in_batches_and_those_of_the_time_that_is_kept_stay(
    store: MemoryStore, clock: FakeClock
) -> None:
    await store.record([*[OLD] * (2 * BATCH + 1), *[an_event(at=NOW - 399 * DAY)] * 3])
    await alerting_has_read(store, 2 * BATCH + 4)

    await Retention(store, clock, KEEP).round()

    assert [2 * BATCH + 2, 2 * BATCH + 3, 2 * BATCH + 4] == await numbers(store)
    assert 2 * BATCH + 1 == await store.events_forgotten()
    assert NOW < clock.now()


async def test_an_event_that_alerting_has_not_read_stays(store: MemoryStore, clock: FakeClock) -> None:
    await store.record([OLD] * 5)
    await store.record([an_event()])
    await alerting_has_read(store, 3)

    await Retention(store, clock, KEEP).round()

    assert [4, 5, 6] == await numbers(store)


@pytest.mark.parametrize(("configured", "left"), [(("shop",), [2, 3, 4]), ((), [4])])
async def test_an_event_that_a_webhook_has_not_had_stays_while_it_is_configured(
    store: MemoryStore, clock: FakeClock, configured: tuple[str, ...], left: list[int]
) -> None:
    await set_up(store)
    await store.add_webhook("shop", HookSecret(f"yt1.{KEY}.a", KEY, NOW), NOW, ())
    await store.record([OLD] * 3)
    await store.record([an_event()])
    await alerting_has_read(store, 4)
    assert await store.follow_for_webhook("shop", 0, 1, (), NOW)

    await Retention(store, clock, KEEP, configured).round()

    assert left == await numbers(store)


async def test_a_disabled_webhook_holds_nothing_back(store: MemoryStore, clock: FakeClock) -> None:
    await set_up(store)
    await store.add_webhook("shop", HookSecret(f"yt1.{KEY}.a", KEY, NOW), NOW, ())
    await store.disable_webhook("shop", "gone", NOW, ())
    await store.record([OLD] * 3)
    await store.record([an_event()])
    await alerting_has_read(store, 4)

    await Retention(store, clock, KEEP, ("shop",)).round()

    assert [4] == await numbers(store)


async def test_plans_and_checklists_of_dates_long_gone_are_forgotten(
    store: MemoryStore, clock: FakeClock
) -> None:
    days = [NOW.date() - 401 * DAY, NOW.date() - 400 * DAY]
    for day in days:
        await store.save_plan(StoredPlan(f"plan_{day}", day, NOW, {}), ())
        await store.put_fact(f"{RESULT}{day}", "{}")

    await Retention(store, clock, KEEP).round()

    assert [False, True] == [await store.latest_plan(day) is not None for day in days]
    assert [None, "{}"] == [await store.fact(f"{RESULT}{day}") for day in days]


@pytest.mark.parametrize(
    ("after", "kind"), [(1, "snapshot"), (2, "snapshot"), (3, "changed"), (5, "changed")]
)
async def test_who_goes_on_from_what_is_forgotten_begins_with_a_snapshot(
    store: MemoryStore, clock: FakeClock, after: int, kind: str
) -> None:
    await store.record([*[OLD] * 3, *[an_event()] * 3])
    await alerting_has_read(store, 6)
    await Retention(store, clock, replace(KEEP, events=300 * DAY)).round()

    listener = await Live(store, clock, Meter()).listen(Caller("ana", Role.VIEWER), after=after)

    told = await listener.next()
    assert told is not None
    assert (6, f'{{"type":"{kind}"') == (told[0], told[1].partition(",")[0])
