"""Tokens among several processes on one store, and while the token endpoint is in trouble for long."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.builders import FIRST, rules
from tests.services.around import Around, DiskFull, Mute, held, staffed, uses
from tests.services.house import House, a_house
from ytempire.adapters.memory.google import TOKEN
from ytempire.domain.audit import Use
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Fault, Remedy, Scope
from ytempire.domain.oauth import Slot
from ytempire.domain.renewal import ROUND
from ytempire.domain.values import AccountId, Secret
from ytempire.domain.wire import Answer, Form, Reply
from ytempire.ports import AccountChange, SealedGrant

DEAD = timedelta(0)
MINUTE = timedelta(minutes=1)
LEASE = timedelta(seconds=35)


async def told(house: House) -> list[str]:
    kinds = {Kind.TOKEN_UNREACHABLE, Kind.TOKEN_ANSWERED, Kind.CLIENT_REFUSED, Kind.TOKEN_FAILED}
    return [str(event.kind) for _, event in await house.store.events() if event.kind in kinds]


# ------------------------------------------------------------------------------------ one at a time


@pytest.mark.parametrize("processes", [2, 4])
async def test_a_hundred_who_wait_in_several_processes_share_one_refresh(
    house: House, processes: int
) -> None:
    await house.connect(FIRST, life=DEAD)
    staffs = [house.staff() for _ in range(processes)]

    found = await asyncio.gather(*(staffs[n % processes].tokens.fresh(FIRST) for n in range(100)))

    assert 1 == house.google.count(TOKEN)
    assert 1 == len({token.reveal() for token in found if isinstance(token, Secret)})
    assert not any(isinstance(token, Fault) for token in found)
    assert 1 == (await uses(house)).count(Use.REFRESHED)


async def test_several_processes_find_a_dead_grant_once_and_tell_once(house: House) -> None:
    await house.connect(FIRST, life=DEAD)
    house.channel().dead = True
    staffs = [house.staff() for _ in range(4)]

    found = await asyncio.gather(*(staffs[n % 4].tokens.fresh(FIRST) for n in range(100)))

    assert {"invalidGrant"} == {each.code for each in found if isinstance(each, Fault)}
    assert 1 == house.google.count(TOKEN)
    assert [str(Kind.TOKEN_FAILED)] == await told(house)


async def test_the_right_to_renew_that_a_dead_process_left_is_waited_out(house: House) -> None:
    await house.connect(FIRST, life=DEAD)

    class Killed(Around):
        """Takes the right, and is gone before it can give it back."""

        async def drop_lease(self, name: str, holder: str) -> None:
            """Nobody is there any more to do it."""

        async def audit(self, entry: object) -> None:
            raise DiskFull

    with pytest.raises(DiskFull):
        await staffed(house, store=Killed(house.store)).tokens._renewed(FIRST, MINUTE)
    began = house.clock.now()

    token = await house.staff().tokens.fresh(FIRST)

    assert isinstance(token, Secret)
    assert LEASE <= house.clock.now() - began <= LEASE + timedelta(seconds=1)
    assert 1 == house.google.count(TOKEN)


async def test_who_can_do_with_the_present_token_does_not_wait(house: House) -> None:
    await house.connect(FIRST, life=4 * MINUTE)
    now = house.clock.now()
    assert await house.store.take_lease(f"token:{FIRST}", "somebody", now, now + LEASE)

    token = await house.staff().tokens.fresh(FIRST)

    assert isinstance(token, Secret)
    assert (now, 0) == (house.clock.now(), house.google.count(TOKEN))


async def test_a_right_that_is_never_given_back_is_not_waited_for_without_end(house: House) -> None:
    await house.connect(FIRST, life=DEAD)

    class Jealous(Around):
        async def take_lease(self, *args: Any) -> bool:
            return False

    fault = await staffed(house, store=Jealous(house.store)).tokens.fresh(FIRST)

    assert isinstance(fault, Fault)
    assert ("tokenEndpoint", Remedy.RETRY, Scope.SERVICE) == (fault.code, fault.remedy, fault.scope)
    assert "another process" in fault.detail
    assert 0 == house.google.count(TOKEN)


async def test_the_right_to_renew_is_given_back_whatever_happens(house: House) -> None:
    await house.connect(FIRST, life=DEAD)
    with pytest.raises(DiskFull):
        await staffed(house, store=Mute(house.store, Use.REFRESHED)).tokens.fresh(FIRST)
    began = house.clock.now()

    assert isinstance(await house.staff().tokens.fresh(FIRST), Secret)
    assert began == house.clock.now()


# ------------------------------------------------------------------------------------ long troubles


async def test_an_hour_without_the_token_endpoint_is_one_warning_and_costs_no_account(house: House) -> None:
    await house.connect(FIRST, life=25 * MINUTE)
    present = await house.staff().tokens.fresh(FIRST)
    staff = house.staff()
    house.google.trouble(TOKEN, Reply(503), times=10_000)

    for minute in range(0, 60, 5):
        asked_ahead = await staff.renewal.round()
        token = await staff.tokens.fresh(FIRST)
        if minute < 25:
            assert ({FIRST: None}, present) == (asked_ahead, token)
        else:
            assert isinstance(token, Fault)
            assert ("tokenEndpoint", Remedy.RETRY, Scope.SERVICE) == (token.code, token.remedy, token.scope)
        assert "active" == (await house.account())[0]
        house.clock.advance(ROUND)
    assert [str(Kind.TOKEN_UNREACHABLE)] == await told(house)

    house.google._script.clear()
    assert {FIRST: None} == await staff.renewal.round()
    assert isinstance(await staff.tokens.fresh(FIRST), Secret)
    assert [str(Kind.TOKEN_UNREACHABLE), str(Kind.TOKEN_ANSWERED)] == await told(house)


async def test_an_hour_with_a_token_that_outlives_it_hinders_no_upload(house: House) -> None:
    await house.connect(FIRST, life=2 * timedelta(hours=1))
    staff = house.staff()
    house.google.trouble(TOKEN, Reply(503), times=10_000)
    accepted = [await house.submit(f"video {n}") for n in range(3)]

    for _ in range(12):
        await staff.renewal.of([FIRST], timedelta(days=1))
        house.clock.advance(ROUND)
    await house.work()

    assert {"published"} == {str((await house.now(each.id)).state) for each in accepted}
    assert [str(Kind.TOKEN_UNREACHABLE)] == (await told(house))[:1]
    assert 1 == (await told(house)).count(str(Kind.TOKEN_UNREACHABLE))


async def test_a_client_that_is_refused_is_told_once_and_when_it_is_over(house: House) -> None:
    await house.connect(FIRST, life=DEAD)
    staff = house.staff()
    house.google.trouble(TOKEN, Reply(401, {}, b'{"error": "deleted_client"}'), times=3)

    for _ in range(3):
        fault = await staff.tokens.fresh(FIRST)
        assert isinstance(fault, Fault)
        assert ("oauthClient", Remedy.CONFIGURE) == (fault.code, fault.remedy)
    await staff.tokens.fresh(FIRST)

    assert [str(Kind.CLIENT_REFUSED), str(Kind.TOKEN_ANSWERED)] == await told(house)
    (refused,) = await house.events(Kind.CLIENT_REFUSED)
    assert ("critical", house.accounts[0].project) == (refused.level, refused.project)


async def test_trouble_that_one_process_told_of_is_over_for_the_next_one_too(house: House) -> None:
    await house.connect(FIRST, life=DEAD)
    house.google.trouble(TOKEN, Reply(503), times=4)
    for _ in range(4):
        assert isinstance(await house.staff().tokens.fresh(FIRST), Fault)

    assert isinstance(await house.staff().tokens.fresh(FIRST), Secret)

    assert [str(Kind.TOKEN_UNREACHABLE), str(Kind.TOKEN_ANSWERED)] == await told(house)


async def test_fifteen_accounts_in_trouble_at_once_are_one_warning_for_their_project() -> None:
    names = [AccountId(f"account_{number:02}") for number in range(15)]
    house = await a_house(*map(rules, names))
    for name in names:
        await house.connect(name, life=MINUTE)
    house.google.trouble(TOKEN, Reply(503), times=15)
    renewal = house.staff().renewal

    assert dict.fromkeys(names) == await renewal.round()
    assert [str(Kind.TOKEN_UNREACHABLE)] == await told(house)
    assert dict.fromkeys(names) == await renewal.round()
    assert [str(Kind.TOKEN_UNREACHABLE), str(Kind.TOKEN_ANSWERED)] == await told(house)


async def test_silence_that_turns_into_a_refusal_of_the_client_is_told_too(house: House) -> None:
    await house.connect(FIRST, life=DEAD)
    tokens = house.staff().tokens
    for answer in (Reply(503), Reply(401, {}, b'{"error": "invalid_client"}')):
        house.google.trouble(TOKEN, answer)
        assert isinstance(await tokens.fresh(FIRST), Fault)

    assert [str(Kind.TOKEN_UNREACHABLE), str(Kind.CLIENT_REFUSED)] == await told(house)


async def test_a_grant_that_died_is_an_answer_too(house: House) -> None:
    await house.connect(FIRST, life=DEAD)
    staff = house.staff()
    house.google.trouble(TOKEN, Reply(503))
    await staff.tokens.fresh(FIRST)
    house.channel().dead = True

    await staff.tokens.fresh(FIRST)

    expected = [Kind.TOKEN_UNREACHABLE, Kind.TOKEN_ANSWERED, Kind.TOKEN_FAILED]
    assert [str(kind) for kind in expected] == await told(house)


# ------------------------------------------------------------------------- others write at the same time


async def exchange_keys(house: House) -> None:
    """Seals everything with a new key and retires the one before."""
    house.vault.add_key("second")
    await house.store.register_keys({"second": "check"}, house.clock.now())
    rotation = house.staff().rotation
    await rotation.reseal()
    assert 0 == await rotation.retire("memory")


class Rotating(Around):
    """A store whose keys are exchanged between the sealing of a grant and its saving."""

    def __init__(self, house: House, times: int = 1) -> None:
        super().__init__(house.store)
        self.house, self.times = house, times

    async def save_grant(
        self,
        grant: SealedGrant,
        seen: int | None,
        events: tuple[Event, ...],
        change: AccountChange | None = None,
    ) -> bool:
        if self.times:
            self.times -= 1
            await exchange_keys(self.house)
        return await self.house.store.save_grant(grant, seen, events, change)


async def test_a_key_that_is_retired_during_the_save_loses_no_token(house: House) -> None:
    await house.connect(FIRST, life=DEAD)

    token = await staffed(house, store=Rotating(house)).tokens.fresh(FIRST)

    stored = await held(house)
    assert ("second", 2) == (stored.key, stored.revision - 1)
    assert token == await house.staff().tokens.fresh(FIRST)
    assert 1 == house.google.count(TOKEN)
    assert 1 == len(await house.events(Kind.TOKEN_REFRESHED))


async def test_a_save_that_never_succeeds_is_not_tried_for_ever(house: House) -> None:
    await house.connect(FIRST, life=DEAD)
    tries: list[int | None] = []

    class Stubborn(Around):
        async def save_grant(self, grant: SealedGrant, seen: int | None, *args: Any) -> bool:
            tries.append(seen)
            return False

    token = await staffed(house, store=Stubborn(house.store)).tokens.fresh(FIRST)

    assert isinstance(token, Secret)
    assert [2] * 3 == tries


async def test_a_disconnect_during_a_refresh_is_not_undone(house: House) -> None:
    await house.connect(FIRST, life=DEAD)

    class Meanwhile(Around):
        async def post(self, form: Form) -> Answer:
            answer: Answer = await self.port.post(form)
            if "grant_type" in form.fields:
                account = (await house.store.accounts(house.clock.now()))[0]
                await house.staff().disconnecting.disconnect(account, "done")
            return answer

    await staffed(house, google=Meanwhile(house.google)).tokens.fresh(FIRST)

    assert (None, None) == (await house.store.grant(FIRST), await house.store.grant(FIRST, Slot.BACKUP))
    assert "disconnected" == (await house.account())[0]


async def test_while_the_keys_are_gone_nothing_is_lost(house: House) -> None:
    await house.connect(FIRST, life=DEAD)
    before = await held(house)
    house.vault.lose_keys()

    fault = await house.staff().tokens.fresh(FIRST)

    assert isinstance(fault, Fault)
    assert ("keyMissing", Remedy.RETRY, 0) == (fault.code, fault.remedy, house.google.count(TOKEN))
    assert "bring them back" in fault.detail
    assert before == await held(house)
    assert {} == house.store._tables.leases


async def test_an_account_that_is_no_longer_configured_is_not_renewed(house: House) -> None:
    await house.connect(FIRST, life=DEAD)
    house.accounts = ()

    fault = await house.staff().tokens.fresh(FIRST)

    assert isinstance(fault, Fault)
    assert ("accountUnknown", Remedy.CONFIGURE, 0) == (fault.code, fault.remedy, house.google.count(TOKEN))
