"""What the store promises about the standing of accounts: conditional changes, promotions, caps, lessons, history."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import (
    FIRST,
    NOW,
    SECOND,
    TODAY,
    a_grant,
    account_of,
    an_event,
    rules,
    set_up,
    submitted,
    uploading,
)
from ytempire.domain.accounts import Condition, Kind
from ytempire.domain.events import Kind as EventKind
from ytempire.domain.lessons import Lesson, Topic
from ytempire.domain.quota import Bucket, Cost
from ytempire.ports import AccountChange, Outcome, Settlement, Store

JOB = Cost({Bucket.UPLOADS: 1})
HOUR = timedelta(hours=1)
RESET = TODAY.resets
TOLD = an_event(EventKind.ACCOUNT_PROMOTED, account=FIRST)


def promotion(**changes: object) -> AccountChange:
    change = AccountChange(
        FIRST,
        "needed",
        "worker",
        Condition.ACTIVE,
        promoted_until=RESET,
        among=frozenset({Condition.STANDBY}),
    )
    return replace(change, **changes)  # type: ignore[arg-type]  # what a test names


async def a_reserve(store: Store) -> None:
    await set_up(store, rules(kind=Kind.RESERVE), rules(SECOND))
    await store.change_account(AccountChange(FIRST, "connected", "test", Condition.STANDBY), NOW, ())


# --------------------------------------------------------------------------------------- conditional changes


async def test_a_change_is_made_only_in_the_conditions_that_it_is_for(store: Store) -> None:
    await a_reserve(store)

    assert not await store.change_account(promotion(among=frozenset({Condition.PAUSED})), NOW, (TOLD,))
    assert Condition.STANDBY is (await account_of(store)).condition
    assert () == await store.events()

    assert await store.change_account(promotion(), NOW, (TOLD,))
    assert Condition.ACTIVE is (await account_of(store)).condition
    assert [TOLD] == [event for _, event in await store.events()]


async def test_a_change_that_changes_nothing_is_not_made(store: Store) -> None:
    await set_up(store)
    same = AccountChange(FIRST, "why", "test", Condition.ACTIVE, among=frozenset({Condition.ACTIVE}))

    assert not await store.change_account(same, NOW, (TOLD,))
    assert ("connected", ()) == ((await account_of(store)).why, await store.events())


async def test_a_parking_that_is_ended_early_is_a_change_and_made_for_the_capped_only(store: Store) -> None:
    await set_up(store)
    await store.change_account(AccountChange(FIRST, "refused", "test", parked_until=NOW + HOUR), NOW, ())
    freed = AccountChange(
        FIRST, "raised", "person", Condition.ACTIVE, parked_until=NOW, among=frozenset({Condition.CAPPED})
    )

    assert [True, False] == [await store.change_account(freed, NOW, ()) for _ in range(2)]
    assert Condition.ACTIVE is (await account_of(store)).condition


async def test_of_sixteen_who_promote_one_does_and_tells(store: Store) -> None:
    await a_reserve(store)

    answers = await asyncio.gather(*(store.change_account(promotion(), NOW, (TOLD,)) for _ in range(16)))

    assert 1 == sum(answers)
    assert [TOLD] == [event for _, event in await store.events()]


async def test_a_change_within_a_settlement_tells_its_event_only_when_it_is_made(store: Store) -> None:
    await set_up(store)
    publication = await submitted(store)
    change = AccountChange(
        FIRST, "revoked", "youtube", Condition.NEEDS_REAUTH, among=frozenset({Condition.ACTIVE}), event=TOLD
    )

    for _ in range(2):
        settled = await store.settle(Settlement(publication, (an_event(),), accounts=(change,)))
        assert settled is not None
        publication = settled

    assert Condition.NEEDS_REAUTH is (await account_of(store)).condition
    assert [EventKind.STARTED, EventKind.ACCOUNT_PROMOTED, EventKind.STARTED] == [
        event.kind for _, event in await store.events()
    ]


async def test_a_change_with_a_grant_tells_its_event_only_when_it_is_made(store: Store) -> None:
    await set_up(store)
    made = AccountChange(
        FIRST, "gone", "ann", Condition.NEEDS_REAUTH, among=frozenset({Condition.ACTIVE}), event=TOLD
    )
    connected = an_event(EventKind.ACCOUNT_CONNECTED)

    assert await store.save_grant(a_grant(), None, (connected,), made)
    assert await store.condemn_grant(a_grant(), "dead", (connected,), made)
    assert 1 == await store.erase_grants(replace(made, condition=Condition.DISCONNECTED), NOW, ())

    assert [connected, TOLD, connected] == [event for _, event in await store.events()]


# ------------------------------------------------------------------------------------- promotions and parking


async def test_a_promotion_ends_by_itself(store: Store) -> None:
    await a_reserve(store)
    await store.change_account(promotion(), NOW, ())
    publication = await submitted(store)
    late = replace(uploading(publication), updated_at=RESET)

    assert (Condition.ACTIVE, RESET) == (
        (await account_of(store)).condition,
        (await account_of(store)).promoted_until,
    )
    assert Condition.STANDBY is (await account_of(store, now=RESET)).condition
    assert await store.reserve(late, JOB, ()) is None
    assert await store.reserve(uploading(publication), JOB, ()) is not None


async def test_a_reserve_whose_promotion_is_over_is_taken_back_once_and_may_be_promoted_again(
    store: Store,
) -> None:
    await a_reserve(store)
    await store.change_account(promotion(), NOW, ())
    back = AccountChange(FIRST, "over", "worker", Condition.STANDBY, among=frozenset({Condition.STANDBY}))

    assert [True, False] == [await store.change_account(back, RESET, ()) for _ in range(2)]
    assert (await account_of(store, now=RESET)).promoted_until is None
    assert await store.change_account(promotion(promoted_until=RESET + HOUR), RESET, ())
    assert Condition.ACTIVE is (await account_of(store, now=RESET)).condition


async def test_another_condition_ends_a_promotion_and_parking_does_not(store: Store) -> None:
    await a_reserve(store)
    await store.change_account(promotion(), NOW, ())

    await store.change_account(AccountChange(FIRST, "limit", "youtube", parked_until=NOW + HOUR), NOW, ())
    parked = await account_of(store)
    await store.change_account(AccountChange(FIRST, "rest", "ann", Condition.PAUSED), NOW, ())
    paused = await account_of(store)

    assert (Condition.CAPPED, RESET) == (parked.condition, parked.promoted_until)
    assert (Condition.PAUSED, None) == (paused.condition, paused.promoted_until)


async def test_a_capped_account_is_found_among_the_capped(store: Store) -> None:
    await set_up(store)
    await store.change_account(AccountChange(FIRST, "limit", "youtube", parked_until=NOW + HOUR), NOW, ())
    pause = AccountChange(FIRST, "rest", "ann", Condition.PAUSED, among=frozenset({Condition.CAPPED}))

    assert not await store.change_account(pause, NOW + HOUR, ())
    assert await store.change_account(pause, NOW, ())


# -------------------------------------------------------------------------------------------------- the cap


@pytest.mark.parametrize(("cap", "granted"), [(0, 0), (1, 1), (3, 2), (None, 2)])
async def test_no_more_is_reserved_than_the_cap_allows(store: Store, cap: int | None, granted: int) -> None:
    await set_up(store, rules(daily_uploads=2))
    publications = [uploading(await submitted(store, f"pub_{n}")) for n in range(4)]

    answers = await asyncio.gather(*(store.reserve(each, JOB, (), cap=cap) for each in publications))

    assert granted == sum(answer is not None for answer in answers)
    assert granted == (await account_of(store)).uploads_today


# ---------------------------------------------------------------------------------------------- the record


async def test_failures_in_a_row_and_what_arrived_lately_are_counted(store: Store) -> None:
    await set_up(store, rules(), rules(SECOND))
    publication = await submitted(store)
    hours = [(30, False), (24, True), (23, True), (3, False), (2, True), (1, False), (0, False)]
    for ago, succeeded in hours:
        outcome = Outcome(FIRST, succeeded, NOW - ago * HOUR)
        settled = await store.settle(Settlement(publication, outcome=outcome))
        assert settled is not None
        publication = settled

    first, second = await store.accounts(NOW)

    assert (2, 2) == (first.failures_in_a_row, first.arrived_lately)
    assert (0, 0) == (second.failures_in_a_row, second.arrived_lately)


async def test_what_can_be_told_of_the_grant_is_told_with_the_account(store: Store) -> None:
    await set_up(store)
    await store.save_grant(a_grant(ends_at=NOW + HOUR), None, ())
    assert (None, NOW + HOUR) == (
        (await account_of(store)).grant_dead,
        (await account_of(store)).grant_ends_at,
    )

    await store.condemn_grant(a_grant(), "revoked", ())

    assert "revoked" == (await account_of(store)).grant_dead


# -------------------------------------------------------------------------------------------------- lessons


async def test_lessons_are_kept_replaced_and_forgotten(store: Store) -> None:
    await set_up(store, rules(), rules(SECOND))
    first = Lesson(Topic.DAILY_CAP, "4", NOW, "Genug für heute 🎬")
    strike = Lesson(Topic.STRIKE, "accountUnusable", NOW + HOUR)
    learned = an_event(EventKind.ACCOUNT_LEARNED, account=FIRST)

    await store.learn(FIRST, (strike, first), (learned,))
    assert (first, strike) == (await account_of(store)).lessons
    assert () == (await account_of(store, SECOND)).lessons

    await store.learn(FIRST, (replace(first, value="5"), replace(strike, value="")), ())
    assert (replace(first, value="5"),) == (await account_of(store)).lessons
    assert [learned] == [event for _, event in await store.events()]


async def test_a_settlement_teaches_about_the_account_of_its_publication(store: Store) -> None:
    await set_up(store)
    lesson = Lesson(Topic.THUMBNAILS, "refused", NOW, "forbidden")
    nowhere = await submitted(store, "pub_1")
    placed = await store.reserve(uploading(await submitted(store, "pub_2")), JOB, ())
    assert placed is not None

    await store.settle(Settlement(nowhere, lessons=(lesson,)))
    assert () == (await account_of(store)).lessons

    await store.settle(Settlement(placed, lessons=(lesson,)))
    assert (lesson,) == (await account_of(store)).lessons


# -------------------------------------------------------------------------------------------------- history


async def test_the_history_of_an_account_is_its_newest_changes_without_renewals_and_publications(
    store: Store,
) -> None:
    changes = [an_event(EventKind.ACCOUNT_CHANGED, account=FIRST, data={"n": n}) for n in range(4)]
    others = [
        an_event(EventKind.TOKEN_REFRESHED, account=FIRST),
        an_event(EventKind.STARTED, account=FIRST, publication="pub_1"),
        an_event(EventKind.ACCOUNT_CHANGED, account=SECOND),
        an_event(EventKind.KEY_ADDED),
    ]
    for change in changes:
        await store.record((change, *others))

    history = await store.account_history(FIRST, 3)

    assert changes[1:] == [event for _, event in history]
    assert [number for number, event in await store.events() if event in changes[1:]] == [
        n for n, _ in history
    ]
