"""Access tokens: fresh before use, refreshed once for all who wait, and never lost to somebody else's trouble."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import FIRST, SECOND, rules
from tests.services.house import CLIENT, House, a_house, two_accounts
from ytempire.adapters.memory.google import TOKEN
from ytempire.domain.events import Kind
from ytempire.domain.faults import Fault, Remedy, Scope
from ytempire.domain.lifecycle import State
from ytempire.domain.values import AccountId, Secret
from ytempire.domain.wire import Answer, Form, NoReply, Reply

STALE = timedelta(minutes=4)
DEAD = timedelta(0)


class SecondWriter:
    """A Google that lets somebody else store a grant while a refresh is on its way."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.call, self.ask, self.send = house.google.call, house.google.ask, house.google.send

    async def post(self, form: Form) -> Answer:
        answer = await self.house.google.post(form)
        await self.house.connect(FIRST)
        return answer


async def secrets(house: House) -> dict[str, str]:
    stored = await house.store.grant(FIRST)
    assert stored is not None
    document: dict[str, str] = json.loads(house.vault.open(FIRST, "grant", stored.sealed))
    return document


async def test_a_fresh_token_is_used_as_it_is(house: House) -> None:
    token = await house.staff().tokens.fresh(FIRST)

    assert Secret((await secrets(house))["access_token"]) == token
    assert 0 == house.google.count(TOKEN)


async def test_a_stale_token_is_refreshed_and_stored_sealed(house: House) -> None:
    before = await house.connect(FIRST, life=STALE)

    token = await house.staff().tokens.fresh(FIRST)

    after = await house.store.grant(FIRST)
    assert after is not None
    assert isinstance(token, Secret)
    assert {
        "refresh_token": house.channel().refresh_token,
        "access_token": token.reveal(),
        "client": CLIENT.client_id,
    } == await secrets(house)
    assert before.revision + 1 == after.revision
    assert (house.clock.now(), house.clock.now() + timedelta(seconds=3599)) == (
        after.refreshed_at,
        after.expires_at,
    )
    assert [FIRST] == [event.account for event in await house.events(Kind.TOKEN_REFRESHED)]


async def test_a_hundred_who_wait_share_one_refresh(house: House) -> None:
    await house.connect(FIRST, life=DEAD)
    tokens = house.staff().tokens

    found = await asyncio.gather(*(tokens.fresh(FIRST) for _ in range(100)))

    assert 1 == house.google.count(TOKEN)
    assert 1 == len({token.reveal() for token in found if isinstance(token, Secret)})
    assert 100 == len(found)


async def test_a_hundred_who_wait_for_a_dead_grant_ask_once_and_tell_once(house: House) -> None:
    await house.connect(FIRST, life=DEAD)
    house.channel().dead = True
    tokens = house.staff().tokens

    found = await asyncio.gather(*(tokens.fresh(FIRST) for _ in range(100)))

    assert 1 == house.google.count(TOKEN)
    assert {("invalidGrant", Remedy.REAUTHORISE)} == {
        (each.code, each.remedy) for each in found if isinstance(each, Fault)
    }
    assert 100 == len(found)
    assert 1 == len(await house.events(Kind.TOKEN_FAILED))
    assert "needs_reauth" == (await house.account())[0]


async def test_a_new_consent_brings_a_dead_grant_back(house: House) -> None:
    await house.connect(FIRST, life=DEAD)
    house.channel().dead = True
    tokens = house.staff().tokens
    assert isinstance(await tokens.fresh(FIRST), Fault)

    house.channel().dead = False
    await house.connect(FIRST, life=DEAD)

    assert isinstance(await tokens.fresh(FIRST), Secret)


async def test_accounts_do_not_wait_for_each_other() -> None:
    house = await two_accounts()
    for account in (FIRST, SECOND):
        await house.connect(account, life=DEAD)
    tokens = house.staff().tokens

    found = await asyncio.gather(*(tokens.fresh(each) for each in (FIRST, SECOND) * 50))

    assert 2 == house.google.count(TOKEN)
    assert 2 == len({token.reveal() for token in found if isinstance(token, Secret)})


async def test_a_refresh_without_a_new_refresh_token_keeps_the_one_we_have(house: House) -> None:
    await house.connect(FIRST, life=DEAD)
    house.google.trouble(TOKEN, Reply(200, {}, b'{"access_token": "new", "expires_in": 60}'))

    await house.staff().tokens.fresh(FIRST)

    assert {
        "refresh_token": house.channel().refresh_token,
        "access_token": "new",
        "client": CLIENT.client_id,
    } == await secrets(house)


async def test_a_refresh_token_that_google_renewed_is_kept(house: House) -> None:
    await house.connect(FIRST, life=DEAD)
    body = b'{"access_token": "new", "refresh_token": "renewed", "expires_in": 60}'
    house.google.trouble(TOKEN, Reply(200, {}, body))

    await house.staff().tokens.fresh(FIRST)

    assert {"refresh_token": "renewed", "access_token": "new", "client": CLIENT.client_id} == await secrets(
        house
    )


@pytest.mark.parametrize("answer", [NoReply("no route"), Reply(503), Reply(200, {}, b"<html>")], ids=str)
async def test_an_unreachable_token_endpoint_keeps_a_token_that_still_lives(
    house: House, answer: Answer
) -> None:
    await house.connect(FIRST, life=STALE)
    before = await secrets(house)
    house.google.trouble(TOKEN, answer)

    token = await house.staff().tokens.fresh(FIRST)

    assert Secret(before["access_token"]) == token
    assert before == await secrets(house)
    assert "active" == (await house.account())[0]


@pytest.mark.parametrize("answer", [NoReply("no route"), Reply(503), Reply(200, {}, b"<html>")], ids=str)
async def test_an_unreachable_token_endpoint_and_no_living_token_is_nobody_s_fault(
    house: House, answer: Answer
) -> None:
    await house.connect(FIRST, life=DEAD)
    before = await secrets(house)
    house.google.trouble(TOKEN, answer)

    fault = await house.staff().tokens.fresh(FIRST)

    assert isinstance(fault, Fault)
    assert ("tokenEndpoint", Remedy.RETRY, Scope.SERVICE) == (fault.code, fault.remedy, fault.scope)
    assert before == await secrets(house)
    assert "active" == (await house.account())[0]


async def test_a_client_that_google_refuses_is_a_matter_of_configuration(house: House) -> None:
    await house.connect(FIRST, life=DEAD)
    house.google.trouble(TOKEN, Reply(401, {}, b'{"error": "invalid_client"}'))

    fault = await house.staff().tokens.fresh(FIRST)

    assert isinstance(fault, Fault)
    assert ("oauthClient", Remedy.CONFIGURE, Scope.PROJECT) == (fault.code, fault.remedy, fault.scope)
    assert "active" == (await house.account())[0]


async def test_an_account_without_a_grant_must_be_connected() -> None:
    house = await a_house(rules(FIRST))

    fault = await house.staff().tokens.fresh(AccountId("never_connected"))

    assert isinstance(fault, Fault)
    assert ("notConnected", Remedy.REAUTHORISE) == (fault.code, fault.remedy)


async def test_a_refused_token_is_forgotten_and_the_next_use_refreshes(house: House) -> None:
    tokens = house.staff().tokens
    refused = await tokens.fresh(FIRST)
    assert isinstance(refused, Secret)

    await tokens.refused(FIRST, refused)

    assert {
        "refresh_token": house.channel().refresh_token,
        "access_token": None,
        "client": CLIENT.client_id,
    } == await secrets(house)
    assert refused != await tokens.fresh(FIRST)
    assert 1 == house.google.count(TOKEN)


async def test_a_refused_token_that_was_replaced_meanwhile_is_left_alone(house: House) -> None:
    tokens = house.staff().tokens
    refused = await tokens.fresh(FIRST)
    assert isinstance(refused, Secret)
    await house.connect(FIRST)
    stored = await house.store.grant(FIRST)

    await tokens.refused(FIRST, refused)

    assert stored == await house.store.grant(FIRST)


async def test_a_hundred_refusals_of_one_token_lead_to_one_refresh(house: House) -> None:
    tokens = house.staff().tokens
    refused = await tokens.fresh(FIRST)
    assert isinstance(refused, Secret)

    async def again(token: Secret) -> object:
        await tokens.refused(FIRST, token)
        return await tokens.fresh(FIRST)

    await asyncio.gather(*(again(refused) for _ in range(100)))

    assert 1 == house.google.count(TOKEN)


async def test_who_loses_the_race_to_store_uses_what_it_got_and_overwrites_nothing(house: House) -> None:
    await house.connect(FIRST, life=DEAD)
    ports = house.ports()
    raced = type(ports)(ports.store, SecondWriter(house), ports.vault, ports.media, ports.clock)

    token = await house.staff(raced).tokens.fresh(FIRST)

    assert isinstance(token, Secret)
    assert house.channel() is house.youtube.channel_of(token.reveal())
    assert token.reveal() != (await secrets(house))["access_token"]
    assert [] == await house.events(Kind.TOKEN_REFRESHED)


async def test_the_refresh_names_the_client_and_no_secret_is_shown(house: House) -> None:
    await house.connect(FIRST, life=DEAD)
    seen: list[Form] = []

    class Listening(SecondWriter):
        async def post(self, form: Form) -> Answer:
            seen.append(form)
            return await self.house.google.post(form)

    ports = house.ports()
    staff = house.staff(type(ports)(ports.store, Listening(house), ports.vault, ports.media, ports.clock))
    token = await staff.tokens.fresh(FIRST)

    assert [CLIENT.token_uri] == [form.url for form in seen]
    assert CLIENT.client_secret.reveal() not in repr(seen) + repr(token)
    assert "refresh-UC" not in repr(seen)


async def test_a_grant_that_was_changed_or_swapped_is_a_matter_of_its_account_alone() -> None:
    house = await two_accounts()
    mine, theirs = await house.store.grant(FIRST), await house.store.grant(SECOND)
    assert mine is not None
    assert theirs is not None
    swapped = replace(mine, sealed=theirs.sealed, revision=mine.revision + 1)
    assert await house.store.save_grant(swapped, mine.revision, ())
    accepted = [await house.submit(f"video {n}") for n in range(2)]

    await house.work()

    published = [await house.now(each.id) for each in accepted]
    assert [(State.PUBLISHED, SECOND)] * 2 == [(each.state, each.account) for each in published]
    assert "needs_reauth" == (await house.account(FIRST))[0]
