"""What a person orders of an account, and what outlasts it."""

from datetime import timedelta

import pytest

from tests.builders import FIRST, SECOND
from tests.services.around import THIRD, a_house_with_a_new_account, account_of, staffed
from tests.services.house import House, two_accounts
from ytempire.domain.accounts import Account, Condition
from ytempire.domain.accounts import Kind as AccountKind
from ytempire.domain.events import Kind
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Target
from ytempire.domain.values import AccountId, Refused
from ytempire.ports import AccountChange


async def put(house: House, condition: Condition, which: AccountId = FIRST) -> None:
    await house.store.change_account(AccountChange(which, "a test", "test", condition), house.clock.now(), ())


async def refused(house: House, order: str) -> str:
    """The sentence of the refusal, after which the account is as it was."""
    before = await account_of(house)
    with pytest.raises(Refused) as caught:
        await getattr(house.staff().ordering, order)(before, "because")
    assert before == await account_of(house)
    assert [] == await house.events(Kind.ACCOUNT_CHANGED)
    (refusal,) = caught.value.refusals
    told = (refusal.code, refusal.remedy)
    assert ("not_possible", f"see `ytempire accounts show {before.id}`") == told
    return refusal.message


async def test_a_paused_account_says_who_paused_it_and_why(house: House) -> None:
    paused = await house.staff().ordering.pause(await account_of(house), "holidays")

    assert (Condition.PAUSED, "holidays", "ytempire", house.clock.now()) == (
        paused.condition,
        paused.why,
        paused.changed_by,
        paused.changed_at,
    )
    (event,) = await house.events(Kind.ACCOUNT_CHANGED)
    assert ({"why": "holidays", "by": "ytempire", "from": "active", "to": "paused"}, FIRST) == (
        event.data,
        event.account,
    )


async def test_no_new_upload_starts_on_a_paused_account_and_those_that_wait_go_on_when_it_does() -> None:
    house = await two_accounts()
    ordering = house.staff().ordering
    await ordering.pause(await account_of(house), "holidays")
    bound = await house.submit("bound", target=Target(account=FIRST))
    free = await house.submit("free")
    assert State.DEFERRED is (await house.advance(bound.id)).state
    assert SECOND == (await house.advance(free.id)).account

    await ordering.resume(await account_of(house), "back")

    assert bound.id in await house.store.due(house.clock.now(), 10)
    assert (State.PUBLISHED, FIRST) == (
        (await house.finish(bound.id)).state,
        (await house.now(bound.id)).account,
    )


async def test_an_upload_that_runs_is_finished(house: House) -> None:
    accepted = await house.submit()
    paused: list[Account] = []

    class Pausing:
        def __getattr__(self, name: str) -> object:
            return getattr(house.google, name)

        async def send(self, *args: object) -> object:
            if not paused:
                paused.append(await house.staff().ordering.pause(await account_of(house), "holidays"))
            return await house.google.send(*args)  # type: ignore[arg-type]  # as it came

    await staffed(house, google=Pausing()).publishing.advance(accepted.id)

    assert [Condition.PAUSED] == [each.condition for each in paused]
    assert State.PUBLISHED is (await house.finish(accepted.id)).state
    assert "paused" == (await house.account())[0]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(AccountKind.PRODUCTION, Condition.ACTIVE), (AccountKind.RESERVE, Condition.STANDBY)],
)
async def test_an_account_goes_on_where_it_belongs(kind: AccountKind, expected: Condition) -> None:
    house = await a_house_with_a_new_account(kind=kind)
    await house.connect(THIRD)
    ordering = house.staff().ordering

    await ordering.pause(await account_of(house, THIRD), "holidays")

    assert expected is (await ordering.resume(await account_of(house, THIRD), "back")).condition


async def test_an_account_without_a_grant_goes_on_to_wait_for_consent(house: House) -> None:
    await put(house, Condition.NEEDS_REAUTH)
    grant = await house.store.grant(FIRST)
    assert grant is not None
    await house.store.condemn_grant(grant, "dead", ())
    ordering = house.staff().ordering
    await ordering.pause(await account_of(house), "holidays")

    assert Condition.NEEDS_REAUTH is (await ordering.resume(await account_of(house), "back")).condition


async def test_a_person_ends_what_youtube_decided(house: House) -> None:
    await put(house, Condition.SUSPENDED)

    assert Condition.ACTIVE is (await house.staff().ordering.resume(await account_of(house), "ok")).condition


async def test_a_person_ends_a_cap(house: House) -> None:
    until = house.clock.now() + timedelta(hours=20)
    await house.store.change_account(
        AccountChange(FIRST, "refused", "x", parked_until=until), house.clock.now(), ()
    )
    assert Condition.CAPPED is (await account_of(house)).condition

    assert Condition.ACTIVE is (await house.staff().ordering.resume(await account_of(house), "ok")).condition


async def test_to_pause_twice_changes_nothing(house: House) -> None:
    ordering = house.staff().ordering
    first = await ordering.pause(await account_of(house), "holidays")

    assert first == await ordering.pause(await account_of(house), "another reason")
    assert 1 == len(await house.events(Kind.ACCOUNT_CHANGED))


@pytest.mark.parametrize("condition", [Condition.DISCONNECTED, Condition.SUSPENDED])
async def test_what_does_not_run_cannot_be_paused(house: House, condition: Condition) -> None:
    await put(house, condition)

    assert f"an account that is {condition} cannot be paused" == await refused(house, "pause")


@pytest.mark.parametrize(
    "condition", [Condition.ACTIVE, Condition.STANDBY, Condition.NEEDS_REAUTH, Condition.DISCONNECTED]
)
async def test_what_was_not_stopped_cannot_go_on(house: House, condition: Condition) -> None:
    await put(house, condition)

    assert f"an account that is {condition} cannot be resumed" == await refused(house, "resume")


async def test_an_account_that_is_no_longer_configured_is_given_back_as_it_was(house: House) -> None:
    account = await account_of(house)
    await house.store.configure([], [], house.clock.now())

    assert account == await house.staff().ordering.pause(account, "holidays")
