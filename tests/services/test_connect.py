"""Connecting an account with a token file: the grant and its channel are proven first, then stored sealed."""

import asyncio
import json
from datetime import timedelta

import pytest

from tests.builders import FIRST, MAIN, SECOND, TODAY, a_project, rules
from tests.services.around import Around, staffed
from tests.services.house import CLIENT, House, Ports, a_house, two_accounts
from ytempire.adapters.memory.google import TOKEN
from ytempire.domain.accounts import Account, Condition
from ytempire.domain.accounts import Kind as AccountKind
from ytempire.domain.events import Kind
from ytempire.domain.lifecycle import State
from ytempire.domain.oauth import SCOPE, Slot
from ytempire.domain.quota import Bucket, Method
from ytempire.domain.tokenfiles import ImportedGrant
from ytempire.domain.values import AccountId, ChannelId, Refused, Secret, Unanswered
from ytempire.domain.wire import Answer, Form, NoReply, Reply
from ytempire.ports import AccountChange, AccountRules, Closing
from ytempire.services.connect import Connected

THIRD = AccountId("account_03")
CHANNEL = str(Method.CHANNELS_LIST)


async def a_house_with_a_new_account(*, kind: AccountKind = AccountKind.PRODUCTION) -> House:
    """The first account is connected; the third is configured, and its channel waits."""
    house = await a_house(rules(FIRST))
    newcomer = AccountRules(THIRD, MAIN, kind, daily_uploads=5)
    house.accounts = (*house.accounts, newcomer)
    await house.store.configure([a_project()], house.accounts, house.clock.now())
    house.channel(THIRD)
    return house


def imported(house: House, account: AccountId = THIRD, **changes: object) -> ImportedGrant:
    fields: dict[str, object] = {
        "refresh_token": Secret(house.channel(account).refresh_token),
        "access_token": None,
        "expires_at": None,
        "client_id": CLIENT.client_id,
        "client_secret": None,
        "token_uri": None,
        "scopes": (),
    }
    return ImportedGrant(**(fields | changes))  # type: ignore[arg-type]  # what a test names


async def account_of(house: House, which: AccountId = THIRD) -> Account:
    return next(each for each in await house.store.accounts(house.clock.now()) if each.id == which)


async def connect(house: House, grant: ImportedGrant, which: AccountId = THIRD) -> Connected:
    return await house.staff().connecting.import_grant(await account_of(house, which), grant)


async def refused(house: House, grant: ImportedGrant, which: AccountId = THIRD) -> str:
    """The code of the refusal, after which everything is as it was."""
    before = await house.store.grants(), await house.store.accounts(house.clock.now())
    with pytest.raises(Refused) as caught:
        await connect(house, grant, which)
    assert before == (await house.store.grants(), await house.store.accounts(house.clock.now()))
    (refusal,) = caught.value.refusals
    assert refusal.remedy
    return refusal.code


async def test_a_proven_grant_is_stored_sealed_and_the_account_is_active() -> None:
    house = await a_house_with_a_new_account()

    connected = await connect(house, imported(house))

    channel = house.channel(THIRD)
    stored = await house.store.grant(THIRD)
    assert stored is not None
    assert Connected(THIRD, Slot.PRIMARY, ChannelId(channel.id), channel.title, (SCOPE,)) == connected
    secrets = json.loads(house.vault.open(THIRD, "grant", stored.sealed))
    assert channel.refresh_token == secrets["refresh_token"]
    assert channel is house.youtube.channel_of(secrets["access_token"])
    assert channel.refresh_token not in stored.sealed
    assert "active" == (await house.account(THIRD))[0]
    assert [THIRD] == [event.account for event in await house.events(Kind.ACCOUNT_CONNECTED)]
    assert (1, 0) == await house.spent(Bucket.UNITS)


async def test_a_reserve_stands_by() -> None:
    house = await a_house_with_a_new_account(kind=AccountKind.RESERVE)

    await connect(house, imported(house))

    assert "standby" == (await house.account(THIRD))[0]


async def test_a_connected_account_publishes() -> None:
    house = await a_house_with_a_new_account()
    await connect(house, imported(house))
    accepted = await house.submit(target=house_target(THIRD))

    assert THIRD == (await house.finish(accepted.id)).account


def house_target(account: AccountId) -> object:
    from ytempire.domain.publication import Target

    return Target(account=account)


async def test_a_token_file_of_another_client_is_refused_before_anything_is_sent() -> None:
    house = await a_house_with_a_new_account()

    assert "client_differs" == await refused(house, imported(house, client_id="another"))
    assert [] == house.google.journal


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Reply(400, {}, b'{"error": "invalid_grant"}'), "grant_refused"),
        (Reply(401, {}, b'{"error": "invalid_client"}'), "client_refused"),
    ],
    ids=str,
)
async def test_a_grant_that_is_not_renewed_is_refused(answer: Answer, code: str) -> None:
    house = await a_house_with_a_new_account()
    house.google.trouble(TOKEN, answer)

    assert code == await refused(house, imported(house))


@pytest.mark.parametrize("answer", [Reply(503), NoReply("no route")], ids=str)
async def test_a_token_endpoint_that_is_silent_says_nothing_about_the_grant(answer: Answer) -> None:
    house = await a_house_with_a_new_account()
    house.google.trouble(TOKEN, answer)

    with pytest.raises(Unanswered, match="try again later"):
        await connect(house, imported(house))
    assert await house.store.grant(THIRD) is None


async def test_a_grant_without_the_scope_is_refused() -> None:
    house = await a_house_with_a_new_account()
    house.google.trouble(TOKEN, Reply(200, {}, b'{"access_token": "a", "scope": "openid"}'))

    assert "scope_missing" == await refused(house, imported(house))


async def test_a_google_account_without_a_channel_is_refused() -> None:
    house = await a_house_with_a_new_account()
    house.google.trouble(CHANNEL, Reply(200, {}, b'{"kind": "youtube#channelListResponse"}'))

    assert "no_channel" == await refused(house, imported(house))


async def test_another_channel_than_before_is_refused() -> None:
    house = await two_accounts()

    assert "other_channel" == await refused(house, imported(house, SECOND), FIRST)


async def test_a_channel_that_another_account_has_is_refused() -> None:
    house = await a_house_with_a_new_account()

    assert "channel_taken" == await refused(house, imported(house, FIRST))


async def test_a_look_just_before_midnight_is_charged_on_both_days() -> None:
    house = await a_house_with_a_new_account()
    house.clock.set(TODAY.resets - timedelta(seconds=30))

    await connect(house, imported(house))

    assert [(1, 0), (1, 0)] == [
        await house.spent(Bucket.UNITS, moment) for moment in (TODAY.starts, TODAY.resets)
    ]


async def test_without_quota_for_the_look_it_is_refused() -> None:
    house = await a_house_with_a_new_account()
    await house.store.close_bucket(Closing(MAIN, Bucket.UNITS, TODAY, "quotaExceeded"), ())

    assert "hard_stop" == await refused(house, imported(house))


@pytest.mark.parametrize(
    "answer", [NoReply("no route"), Reply(503), Reply(429), Reply(403), Reply(200, {}, b"<html>")], ids=str
)
async def test_until_youtube_tells_which_channel_it_is_nothing_is_stored(answer: Answer) -> None:
    house = await a_house_with_a_new_account()
    house.google.trouble(CHANNEL, answer)

    with pytest.raises(Unanswered, match="which channel the token acts as cannot be told"):
        await connect(house, imported(house))

    assert await house.store.grant(THIRD) is None
    assert "disconnected" == (await house.account(THIRD))[0]
    assert house.channel(THIRD).id == (await connect(house, imported(house))).channel


@pytest.mark.parametrize("answer", [Reply(404), Reply(405), Reply(501), Reply(200, {}, b"{}")], ids=str)
async def test_a_server_that_knows_no_channels_leaves_a_warning(answer: Answer) -> None:
    house = await a_house_with_a_new_account()
    house.google.trouble(CHANNEL, answer)

    connected = await connect(house, imported(house))

    (warning,) = connected.warnings
    assert (None, True) == (connected.channel, "could not be looked up" in warning)
    assert "active" == (await house.account(THIRD))[0]


async def test_another_channel_cannot_slip_in_while_channels_cannot_be_looked_up() -> None:
    house = await a_house_with_a_new_account()
    await connect(house, imported(house))
    house.google.trouble(CHANNEL, NoReply("no route"))

    with pytest.raises(Unanswered, match="cannot be told"):
        await connect(house, imported(house))


async def test_connecting_anew_keeps_the_channel_and_brings_the_account_back() -> None:
    house = await a_house_with_a_new_account()
    first = await connect(house, imported(house))
    lost = AccountChange(THIRD, "revoked", "google", Condition.NEEDS_REAUTH)
    await house.store.change_account(lost, house.clock.now(), ())
    house.clock.advance(timedelta(days=1))

    again = await connect(house, imported(house))

    stored = await house.store.grant(THIRD)
    assert stored is not None
    assert (first.channel, 2, house.clock.now()) == (stored.channel, stored.revision, stored.connected_at)
    assert () == again.warnings
    assert "active" == (await house.account(THIRD))[0]


async def test_publications_that_waited_for_the_account_look_again_at_once() -> None:
    house = await a_house_with_a_new_account()
    waiting = await house.submit(target=house_target(THIRD))
    later = await house.submit("later", not_before=house.clock.now() + timedelta(hours=9))
    for each in (waiting, later):
        assert State.DEFERRED is (await house.advance(each.id)).state

    await connect(house, imported(house))

    assert (waiting.id,) == await house.store.due(house.clock.now(), 10)


async def test_two_who_connect_at_once_do_not_overwrite_each_other() -> None:
    house = await a_house_with_a_new_account()

    class Rival:
        """Somebody else's consent comes in while ours is proven."""

        call, ask, send = house.google.call, house.google.ask, house.google.send

        async def post(self, form: Form) -> Answer:
            return await house.google.post(form)

    class RivalStore:
        def __getattr__(self, name: str) -> object:
            return getattr(house.store, name)

        async def grant(self, account: AccountId, slot: Slot = Slot.PRIMARY) -> object:
            found = await house.store.grant(account, slot)
            if found is None:
                await house.connect(account)
            return found

    ports = house.ports()
    store: object = RivalStore()
    staff = house.staff(Ports(store, Rival(), ports.vault, ports.media, ports.clock))  # type: ignore[arg-type]  # a rival
    with pytest.raises(Refused, match="somebody else connected it"):
        await staff.connecting.import_grant(await account_of(house), imported(house))
    stored = await house.store.grant(THIRD)
    assert stored is not None
    assert 1 == stored.revision


async def test_of_two_accounts_that_take_one_channel_at_once_one_is_refused() -> None:
    house = await a_house_with_a_new_account()
    fourth = AccountRules(AccountId("account_04"), MAIN, AccountKind.PRODUCTION, daily_uploads=5)
    house.accounts = (*house.accounts, fourth)
    await house.store.configure([a_project()], house.accounts, house.clock.now())

    class Slow(Around):
        """A store whose trail takes its time, so that others get in between."""

        async def audit(self, entry: object) -> None:
            for _ in range(50):
                await asyncio.sleep(0)
            await self.port.audit(entry)

    connecting = staffed(house, store=Slow(house.store)).connecting
    accounts = [await account_of(house, which) for which in (THIRD, fourth.id)]
    ends = await asyncio.gather(
        *(connecting.import_grant(each, imported(house)) for each in accounts), return_exceptions=True
    )

    (refused,) = [end for end in ends if isinstance(end, Refused)]
    assert ["channel_taken"] == [each.code for each in refused.refusals]
    assert 1 == sum(each.channel == house.channel(THIRD).id for each in await house.store.grants())


async def test_of_two_channels_that_come_for_one_account_at_once_one_is_refused() -> None:
    house = await a_house_with_a_new_account()
    other = AccountId("somebody_else")
    house.channel(other)

    ends = await asyncio.gather(
        *(connect(house, imported(house, whose)) for whose in (THIRD, other)), return_exceptions=True
    )

    (refused,) = [end for end in ends if isinstance(end, Refused)]
    (connected,) = [end for end in ends if isinstance(end, Connected)]
    assert ["other_channel"] == [each.code for each in refused.refusals]
    stored = await house.store.grant(THIRD)
    assert stored is not None
    assert (connected.channel, 1) == (stored.channel, stored.revision)


async def test_a_process_that_died_while_it_connected_is_waited_out() -> None:
    house = await a_house_with_a_new_account()
    now = house.clock.now()
    await house.store.take_lease("connecting", "somebody", now, now + timedelta(seconds=30))

    await connect(house, imported(house))

    assert house.clock.now() >= now + timedelta(seconds=30)
