"""What keeping plans promises: the last one made for a date, and its event in the same transaction."""

from datetime import date, timedelta

from tests.builders import NOW, an_event
from ytempire.adapters.memory.store import MemoryStore
from ytempire.adapters.sql.store import SqlStore
from ytempire.domain.events import Kind
from ytempire.ports import Plans, Store, StoredPlan

DAY = date(2026, 11, 20)
DOCUMENT = {"feasible": True, "assignments": [{"video": "pub_1", "account": "Köln"}], "binding": None}


def _plans(store: Store) -> Plans:
    """Every store of ours keeps plans too."""
    assert isinstance(store, MemoryStore | SqlStore)
    return store


async def test_the_plan_made_last_is_the_plan_of_its_day(store: Store) -> None:
    plans = _plans(store)
    first = StoredPlan("plan_1", DAY, NOW, DOCUMENT)
    second = StoredPlan("plan_2", DAY, NOW + timedelta(seconds=1), {"feasible": False})
    other = StoredPlan("plan_3", DAY + timedelta(days=1), NOW + timedelta(days=1), {})
    for plan in (second, first, other):
        await plans.save_plan(plan, ())

    assert second == await plans.latest_plan(DAY)
    assert other == await plans.latest_plan(DAY + timedelta(days=1))


async def test_a_plan_takes_the_place_of_those_made_before_it_for_its_date(store: Store) -> None:
    plans = _plans(store)
    hours = [NOW + timedelta(hours=number) for number in range(3)]
    for number, at in enumerate(hours):
        await plans.save_plan(StoredPlan(f"plan_{number}", DAY, at, {}), ())

    await plans.save_plan(StoredPlan("plan_0", DAY + timedelta(days=1), NOW, DOCUMENT), ())

    latest = await plans.latest_plan(DAY + timedelta(days=1))
    assert ("plan_2", DOCUMENT) == (
        getattr(await plans.latest_plan(DAY), "id", None),
        latest and latest.document,
    )


async def test_of_two_plans_of_one_moment_the_larger_id_counts(store: Store) -> None:
    plans = _plans(store)
    for which in ("plan_b", "plan_a"):
        await plans.save_plan(StoredPlan(which, DAY, NOW, {}), ())

    latest = await plans.latest_plan(DAY)
    assert latest is not None
    assert "plan_b" == latest.id


async def test_a_day_without_a_plan_has_none(store: Store) -> None:
    assert None is await _plans(store).latest_plan(DAY)


async def test_a_plan_comes_back_as_it_was_told_and_with_its_event(store: Store) -> None:
    plan = StoredPlan("plan_1", DAY, NOW, DOCUMENT)
    await _plans(store).save_plan(plan, (an_event(Kind.PLAN_MADE),))

    assert plan == await _plans(store).latest_plan(DAY)
    assert [Kind.PLAN_MADE] == [event.kind for _, event in await store.events()]


async def test_an_id_that_is_there_already_stays_as_it_is(store: Store) -> None:
    await _plans(store).save_plan(StoredPlan("plan_1", DAY, NOW, {"first": 1}), ())
    await _plans(store).save_plan(StoredPlan("plan_1", DAY, NOW, {"first": 2}), ())

    latest = await _plans(store).latest_plan(DAY)
    assert latest is not None
    assert {"first": 1} == latest.document
