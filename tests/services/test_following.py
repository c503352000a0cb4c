"""Following the plan: what waits gets an account and an hour, and nothing that was started is ever moved."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.builders import FIRST, SECOND, a_project
from tests.services.house import House, two_accounts
from ytempire.adapters.memory.google import SEND
from ytempire.domain.accounts import Condition
from ytempire.domain.events import Event
from ytempire.domain.lifecycle import State
from ytempire.domain.planning import Shape
from ytempire.domain.publication import Publication
from ytempire.domain.values import AccountId
from ytempire.domain.wire import NoReply
from ytempire.ports import AccountChange, Filter, StoredPlan
from ytempire.services.following import Following
from ytempire.services.planning import Planning, PlanRules

UTC = ZoneInfo("UTC")
EVENING = Shape("evening", 20 * 60, 23 * 60, 10)
"""Two hours after the clock of the tests begins."""


def following(house: House, spacing: timedelta = timedelta(minutes=30)) -> Following:
    context = house.staff().context
    rules = PlanRules(zone=UTC, shapes=(EVENING,), spacing=spacing)
    return Following(context, Planning(house.store, house.store, house.clock, context.profiles, rules))


async def state(house: House, publication: Publication) -> tuple[State, datetime | None, AccountId | None]:
    found = await house.store.publication(publication.id)
    assert found is not None
    return found.state, found.due, found.account


async def test_what_is_queued_waits_for_its_hour_and_is_started_on_the_planned_account() -> None:
    house = await two_accounts()
    first, second = await house.submit("one"), await house.submit("two")

    assert await following(house).round()

    places = [await state(house, each) for each in (first, second)]
    assert [State.PLANNED, State.PLANNED] == [place[0] for place in places]
    assert {FIRST, SECOND} == {place[2] for place in places}
    assert () == await house.store.due(house.clock.now(), 10)
    for publication, (_, due, account) in zip((first, second), places, strict=True):
        assert due is not None
        assert 20 <= due.hour < 23
        house.clock.set(due)
        assert account == (await house.advance(publication.id)).account


async def test_nothing_is_planned_anew_while_nothing_changes() -> None:
    house = await two_accounts()
    await house.submit("one")
    plan = following(house)

    assert await plan.round()
    assert not await plan.round()
    await house.submit("two")
    assert await plan.round()


async def test_an_account_that_drops_out_gives_its_places_to_others_and_started_work_stays() -> None:
    house = await two_accounts()
    plan = following(house)
    waiting = [await house.submit(name) for name in ("one", "two", "three", "four")]
    await plan.round()
    _, due, _ = await state(house, waiting[0])
    assert due is not None
    house.clock.set(due)
    started = await house.advance(waiting[0].id)
    lost = FIRST if started.account == SECOND else SECOND

    gone = AccountChange(lost, "revoked", "google", Condition.NEEDS_REAUTH)
    await house.store.change_account(gone, house.clock.now(), ())
    assert await plan.round()

    assert started == await house.store.publication(started.id)
    assert (State.PROCESSING, due) == (started.state, started.updated_at)
    for each in waiting[1:]:
        found, later, account = await state(house, each)
        assert (State.PLANNED, started.account) == (found, account)
        assert later is not None
        assert later > due


class Meanwhile:
    """Keeps plans, and lets something happen while the first is kept."""

    def __init__(self, house: House, *happening: AccountChange) -> None:
        self._house = house
        self._happening = list(happening)

    async def save_plan(self, plan: StoredPlan, events: Sequence[Event]) -> None:
        while self._happening:
            await self._house.store.change_account(self._happening.pop(), self._house.clock.now(), ())
        await self._house.store.save_plan(plan, events)

    async def latest_plan(self, day: date) -> StoredPlan | None:
        return await self._house.store.latest_plan(day)


async def test_an_account_that_drops_out_while_it_is_planned_is_planned_without_at_once() -> None:
    house = await two_accounts()
    gone = AccountChange(FIRST, "revoked", "google", Condition.NEEDS_REAUTH)
    plan = following(house)
    plan.planning = replace(plan.planning, plans=Meanwhile(house, gone))
    waiting = [await house.submit(name) for name in ("one", "two")]

    assert [True, True, False] == [await plan.round() for _ in range(3)]
    assert {SECOND} == {(await state(house, each))[2] for each in waiting}


async def test_planned_beside_the_loop_it_is_the_same_plan() -> None:
    house = await two_accounts()
    await house.submit("one")
    here = following(house).planning

    plans = [await each.queued() for each in (here, replace(here, aside=True))]

    assert plans[0] is not None
    assert plans[1] is not None
    assert plans[0]["assignments"] == plans[1]["assignments"]


async def test_what_has_no_place_today_waits_with_the_limit_that_binds() -> None:
    house = await two_accounts()
    plan = following(house, spacing=timedelta(hours=3))
    for name in ("one", "two", "three"):
        await house.submit(name)

    await plan.round()

    assert {State.PLANNED: 2, State.DEFERRED: 1} == await house.store.counts()
    (waits,) = await house.store.publications(Filter(frozenset({State.DEFERRED})))
    assert waits.reason is not None
    assert ("not_planned", house.clock.now() + timedelta(hours=1)) == (waits.reason.code, waits.due)


async def test_what_waits_for_something_of_its_own_is_left_alone() -> None:
    house = await two_accounts()
    later = await house.submit("later", not_before=house.clock.now() + timedelta(days=2))
    await house.advance(later.id)
    before = await house.store.publication(later.id)

    await following(house).round()

    assert before == await house.store.publication(later.id)


async def crowded(house: House) -> tuple[Following, Publication]:
    """Two accounts with room for one each this evening, both taken, and a third video that has no place."""
    plan = following(house, spacing=timedelta(hours=3))
    for name in ("one", "two", "three"):
        await house.submit(name)
    await plan.round()
    (waits,) = await house.store.publications(Filter(frozenset({State.DEFERRED})))
    return plan, waits


async def change(house: House, which: AccountId, condition: Condition) -> None:
    await house.store.change_account(
        AccountChange(which, "by hand", "test", condition), house.clock.now(), ()
    )


async def test_what_has_no_place_is_planned_at_once_when_an_account_comes_back() -> None:
    house = await two_accounts()
    await change(house, SECOND, Condition.NEEDS_REAUTH)
    plan = following(house, spacing=timedelta(hours=3))
    for name in ("one", "two"):
        await house.submit(name)
    await plan.round()
    assert {State.PLANNED: 1, State.DEFERRED: 1} == await house.store.counts()
    house.clock.advance(timedelta(minutes=1))

    await change(house, SECOND, Condition.ACTIVE)

    assert [True, False] == [await plan.round() for _ in range(2)]
    assert {State.PLANNED: 2} == await house.store.counts()


async def test_an_account_that_is_lost_makes_no_room_and_wakes_nothing() -> None:
    house = await two_accounts()
    plan, waits = await crowded(house)

    await change(house, SECOND, Condition.PAUSED)

    assert await plan.round()
    assert waits == await house.store.publication(waits.id)


@pytest.mark.parametrize("lifted", ["quota", "daily uploads"])
async def test_what_has_no_place_is_planned_at_once_when_its_limit_is_raised(lifted: str) -> None:
    house = await two_accounts()
    low, full = a_project(uploads=2), a_project()
    few = tuple(replace(each, daily_uploads=1) for each in house.accounts)
    quota = lifted == "quota"
    await house.store.configure(
        (low if quota else full,), house.accounts if quota else few, house.clock.now()
    )
    plan = following(house)
    for name in ("one", "two", "three"):
        await house.submit(name)
    await plan.round()
    assert (await house.store.counts())[State.DEFERRED] > 0

    await house.store.configure((full,), house.accounts, house.clock.now())

    assert await plan.round()
    assert {State.PLANNED: 3} == await house.store.counts()


async def test_the_place_of_what_is_cancelled_goes_to_what_has_none() -> None:
    house = await two_accounts()
    plan, waits = await crowded(house)
    (planned, _) = await house.store.publications(Filter(frozenset({State.PLANNED})))

    await house.staff().operating.cancel(planned.id)

    assert await plan.round()
    assert (State.PLANNED, planned.due, planned.account) == await state(house, waits)


async def test_what_a_cancelled_upload_gives_back_goes_to_what_has_no_place() -> None:
    house = await two_accounts()
    plan, waits = await crowded(house)
    _, running = await house.store.publications(Filter(frozenset({State.PLANNED})))
    house.clock.set(running.due or house.clock.now())
    house.google.trouble(SEND, NoReply("reset"), stored=5)
    assert State.UPLOADING is (await house.advance(running.id)).state
    await plan.round()
    before = (await state(house, waits))[1]

    await house.staff().operating.cancel(running.id)
    await house.advance(running.id)

    assert State.CANCELLED is (await house.now(running.id)).state
    after = (await state(house, waits))[1]
    assert before is not None
    assert before > house.clock.now() == after
    assert await plan.round()


async def test_a_worker_that_starts_plans_what_had_no_place_with_the_rest() -> None:
    house = await two_accounts()
    _, waits = await crowded(house)

    await following(house).round()

    assert State.PLANNED is (await state(house, waits))[0]


async def test_where_the_plan_is_followed_no_more_an_account_that_comes_back_wakes_what_had_no_place() -> (
    None
):
    house = await two_accounts()
    _, waits = await crowded(house)
    ordering = house.staff().ordering
    account = await house.store.account(FIRST, house.clock.now())
    assert account is not None
    await ordering.pause(account, "holidays")

    await ordering.resume(account, "back")

    assert house.clock.now() == (await state(house, waits))[1]
