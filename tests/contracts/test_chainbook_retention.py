"""What chains did long ago is forgotten, a few rows at a time, and nothing that is still asked for."""

from datetime import timedelta

from tests.builders import NOW
from tests.contracts.chains import SCRIPT, TODAY, VOICE, a_call, a_drill, a_try
from ytempire.ports import Store

DAY = timedelta(days=1)


async def test_the_oldest_calls_go_first_and_only_as_many_as_asked(store: Store) -> None:
    for age in (2, 5, 0, 4, 3):
        await store.note_call(a_call(f"{age} days", at=NOW - age * DAY), ())

    assert 2 == await store.forget_calls(NOW - 2 * DAY, 2)
    assert ["0 days", "2 days", "3 days"] == [each.id for each in await store.chain_calls()]
    assert 1 == await store.forget_calls(NOW - 2 * DAY, 2)
    assert 0 == await store.forget_calls(NOW - 2 * DAY, 2)
    assert ["0 days", "2 days"] == [each.id for each in await store.chain_calls()]


async def test_the_newest_drill_of_each_chain_stays_whatever_its_age(store: Store) -> None:
    for age in (9, 8, 7):
        await store.note_drill(a_drill(VOICE, at=NOW - age * DAY), ())
    for by in ("first", "second"):
        await store.note_drill(a_drill(SCRIPT, at=NOW - 9 * DAY, by=by), ())
    before = await store.drills()

    while await store.forget_drills(NOW, 1):
        assert before == await store.drills()

    assert before == await store.drills()
    assert {VOICE: NOW - 7 * DAY, SCRIPT: NOW - 9 * DAY} == {each.chain: each.at for each in before}
    assert ["second", "worker"] == [each.by for each in before]


async def test_tries_are_forgotten_by_day_and_today_s_ceiling_holds_on(store: Store) -> None:
    for age in (3, 2, 2, 1, 0):
        name = f"{age} {len(await store.spending(TODAY - 9 * DAY))}"
        assert await store.hold_money(a_try(f"{name} a", 40, day=TODAY - age * DAY), None)

    assert 2 == await store.forget_spending(TODAY - DAY, 2)
    assert 1 == await store.forget_spending(TODAY - DAY, 2)
    assert 0 == await store.forget_spending(TODAY - DAY, 2)

    assert [TODAY - DAY, TODAY] == [each.day for each in await store.spending(TODAY - 9 * DAY)]
    assert not await store.hold_money(a_try("one more", 11), 50)
    assert await store.hold_money(a_try("long ago", 50, day=TODAY - 3 * DAY), 50)
