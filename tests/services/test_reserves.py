"""Reserves step in when something waits that nobody else can take, serve for the day, and stand by again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import FIRST, SECOND, TODAY, rules
from tests.services.house import House, a_house, code_of
from ytempire.adapters.memory.api import error
from ytempire.adapters.memory.google import SEND
from ytempire.domain.accounts import Account, Condition
from ytempire.domain.accounts import Kind as AccountKind
from ytempire.domain.events import Kind
from ytempire.domain.faults import Level
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Target
from ytempire.domain.quota import Method
from ytempire.domain.reserves import Demand, Policy
from ytempire.domain.values import AccountId
from ytempire.domain.wire import NoReply
from ytempire.ports import AccountChange
from ytempire.services.context import Manners
from ytempire.services.reserves import Reserves, step_in
from ytempire.services.world import costs, world

R1, R2 = AccountId("reserve_1"), AccountId("reserve_2")
START = str(Method.VIDEOS_INSERT)
HOUR = timedelta(hours=1)


async def a_house_with_reserves(policy: Policy = Policy.STANDBY, *, daily_uploads: int = 5) -> House:
    """One production account and two reserves that stand by, each for two videos a day."""
    house = await a_house(
        rules(FIRST, daily_uploads=daily_uploads),
        *(rules(each, kind=AccountKind.RESERVE, daily_uploads=2) for each in (R1, R2)),
        manners=Manners(reserves=policy),
    )
    for each in (R1, R2):
        await change(house, each, Condition.STANDBY)
    return house


async def change(house: House, which: AccountId, condition: Condition) -> None:
    await house.store.change_account(
        AccountChange(which, "by hand", "test", condition), house.clock.now(), ()
    )


async def look(house: House) -> None:
    """One round of the chore, as a worker does."""
    await Reserves(house.staff().context).look()


async def standing(house: House) -> dict[str, Account]:
    return {each.id: each for each in await house.store.accounts(house.clock.now())}


async def conditions(house: House) -> list[str]:
    return [str(each.condition) for each in (await standing(house)).values()]


async def test_an_account_lost_at_noon_is_replaced_for_the_rest_of_the_day() -> None:
    house = await a_house_with_reserves()
    first = await house.submit()
    begun = await house.finish(first.id)
    house.google.trouble(START, error(403, "authenticatedUserAccountSuspended"))

    videos = [await house.submit(f"Video {number}") for number in range(4)]
    others = [await house.finish(each.id) for each in videos]

    assert (FIRST, [State.PUBLISHED] * 4) == (begun.account, [each.state for each in others])
    assert [R1, R1, R2, R2] == sorted(each.account for each in others if each.account is not None)
    promotions = await house.events(Kind.ACCOUNT_PROMOTED)
    assert [(R1, Level.WARNING), (R2, Level.WARNING)] == [(each.account, each.level) for each in promotions][
        :2
    ]
    assert len(promotions) == len({each.account for each in promotions})
    data = promotions[0].data
    assert ("standby", TODAY.resets.isoformat()) == (data["policy"], data["until"])
    assert "account_01: the account is suspended" in str(data["why"])


async def test_on_the_next_day_it_stands_by_again() -> None:
    house = await a_house_with_reserves()
    await change(house, FIRST, Condition.NEEDS_REAUTH)
    accepted = await house.submit()
    await house.finish(accepted.id)
    assert ["needs_reauth", "active", "standby"] == await conditions(house)
    await look(house)
    assert [] == await house.events(Kind.ACCOUNT_RETURNED)

    house.clock.set(TODAY.resets)
    assert ["needs_reauth", "standby", "standby"] == await conditions(house)
    for _ in range(3):
        await look(house)

    (returned,) = await house.events(Kind.ACCOUNT_RETURNED)
    assert (R1, "the day it stood in for is over") == (returned.account, returned.data["why"])
    assert 1 == len(await house.events(Kind.ACCOUNT_PROMOTED))


async def test_needed_again_the_next_day_it_is_taken_back_and_promoted_anew() -> None:
    house = await a_house_with_reserves()
    await change(house, FIRST, Condition.NEEDS_REAUTH)
    await house.finish((await house.submit("One")).id)
    house.clock.set(TODAY.resets)

    await house.finish((await house.submit("Two")).id)

    kinds = (Kind.ACCOUNT_PROMOTED, Kind.ACCOUNT_RETURNED)
    told = [event for _, event in await house.store.events() if event.kind in kinds]
    assert [kinds[0], kinds[1], kinds[0]] == [event.kind for event in told]
    assert {R1} == {event.account for event in told}


async def test_a_worker_that_looked_too_early_does_not_take_back_what_another_promoted_anew() -> None:
    house = await a_house_with_reserves()
    await change(house, FIRST, Condition.NEEDS_REAUTH)
    await house.finish((await house.submit("One")).id)
    house.clock.set(TODAY.resets)
    accepted = await house.submit("Two")
    context = house.staff().context
    early = await world(context, house.clock.now())
    demands = [Demand(accepted, costs(context, accepted))]
    await step_in(context, demands, await world(context, house.clock.now()), house.clock.now())

    await step_in(context, demands, early, house.clock.now())

    assert 1 == len(await house.events(Kind.ACCOUNT_RETURNED))
    assert 2 == len(await house.events(Kind.ACCOUNT_PROMOTED))
    assert ["needs_reauth", "active", "standby"] == await conditions(house)


async def test_nothing_that_was_started_moves_to_a_reserve() -> None:
    house = await a_house_with_reserves()
    accepted = await house.submit()
    house.google.trouble(SEND, NoReply("the line went dead"))
    begun = await house.advance(accepted.id)
    assert (State.UPLOADING, FIRST) == (begun.state, begun.account)
    await change(house, FIRST, Condition.PAUSED)
    other = await house.submit("Another")

    finished = await house.finish(accepted.id)

    assert (State.PUBLISHED, FIRST) == (finished.state, finished.account)
    assert R1 == (await house.now(other.id)).account


async def test_the_videos_beyond_production_s_day_go_to_as_few_reserves_as_needed() -> None:
    house = await a_house_with_reserves(daily_uploads=2)
    videos = [await house.submit(f"Video {number}") for number in range(4)]

    await house.work()

    accounts = [(await house.now(each.id)).account for each in videos]
    assert [FIRST, FIRST, R1, R1] == sorted(filter(None, accounts))
    assert ["active", "active", "standby"] == await conditions(house)


@pytest.mark.parametrize("policy", [Policy.OFF, Policy.STANDBY])
async def test_what_no_reserve_may_take_waits(policy: Policy) -> None:
    house = await a_house_with_reserves(policy)
    await change(house, FIRST, Condition.PAUSED)
    target = Target(account=FIRST) if policy is Policy.STANDBY else Target()
    accepted = await house.submit(target=target)

    waiting = await house.advance(accepted.id)

    assert (State.DEFERRED, "condition") == (waiting.state, code_of(waiting))
    assert [] == await house.events(Kind.ACCOUNT_PROMOTED)


async def test_planned_reserves_are_put_to_work_and_stay_over_the_reset() -> None:
    house = await a_house_with_reserves(Policy.DAILY)

    await look(house)
    house.clock.set(TODAY.resets + HOUR)
    await look(house)

    assert ["active", "active", "active"] == await conditions(house)
    promotions = await house.events(Kind.ACCOUNT_PROMOTED)
    assert [(R1, Level.INFO, None), (R2, Level.INFO, None)] == [
        (each.account, each.level, each.data["until"]) for each in promotions
    ]
    house.manners = replace(house.manners, reserves=Policy.STANDBY)
    await look(house)
    assert ["active", "standby", "standby"] == await conditions(house)


async def test_a_reserve_that_comes_back_later_is_found_by_what_already_waits() -> None:
    house = await a_house_with_reserves()
    for each in (FIRST, R1, R2):
        await change(house, each, Condition.PAUSED)
    accepted = await house.submit()
    assert State.DEFERRED is (await house.advance(accepted.id)).state
    await change(house, R2, Condition.STANDBY)

    await look(house)

    assert house.clock.now() == (await house.now(accepted.id)).due
    assert R2 == (await house.advance(accepted.id)).account


async def test_what_waits_for_an_account_is_found_behind_many_that_wait_for_their_day() -> None:
    house = await a_house_with_reserves()
    for each in (FIRST, R1, R2):
        await change(house, each, Condition.PAUSED)
    accepted = await house.submit()
    assert State.DEFERRED is (await house.advance(accepted.id)).state
    for number in range(500):
        later = await house.submit(f"Later {number}", not_before=house.clock.now() + 200 * HOUR)
        await house.advance(later.id)
    await change(house, R2, Condition.STANDBY)

    await look(house)

    assert house.clock.now() == (await house.now(accepted.id)).due


async def test_a_person_may_pause_and_resume_a_reserve_that_serves() -> None:
    house = await a_house_with_reserves()
    await change(house, FIRST, Condition.PAUSED)
    accepted = await house.submit()
    await house.finish(accepted.id)
    ordering = house.staff().ordering

    await ordering.pause((await standing(house))[R1], "look at it")
    resumed = await ordering.resume((await standing(house))[R1], "fine")

    assert (Condition.STANDBY, None) == (resumed.condition, resumed.promoted_until)


# ------------------------------------------------------------------------------------------------ waking


async def test_what_waits_for_the_reset_is_woken_when_another_account_is_able() -> None:
    house = await a_house(rules(FIRST, daily_uploads=1), rules(SECOND, daily_uploads=2))
    await change(house, SECOND, Condition.PAUSED)
    videos = [await house.submit(f"Video {number}") for number in range(5)]
    for each in videos:
        await house.advance(each.id)
    waiting = [await house.now(each.id) for each in videos[1:]]
    assert [("out_of_quota", TODAY.resets)] * 4 == [(code_of(each), each.due) for each in waiting]

    await house.staff().ordering.resume((await standing(house))[SECOND], "back")

    now = house.clock.now()
    assert [now, now, TODAY.resets, TODAY.resets] == [(await house.now(each.id)).due for each in waiting]
    await house.advance(waiting[0].id)
    assert SECOND == (await house.now(waiting[0].id)).account


async def test_only_what_may_go_there_is_woken() -> None:
    house = await a_house(rules(FIRST, daily_uploads=1), rules(SECOND))
    await change(house, SECOND, Condition.PAUSED)
    first = await house.submit("One")
    fixed = await house.submit("Two", target=Target(account=FIRST))
    for each in (first, fixed):
        await house.advance(each.id)

    await house.staff().ordering.resume((await standing(house))[SECOND], "back")

    assert TODAY.resets == (await house.now(fixed.id)).due
