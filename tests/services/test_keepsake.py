"""Backups of grants: what goes in comes out again, where it belongs, and rubbish changes nothing."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.builders import FIRST, SECOND, a_project, rules
from tests.services.around import THIRD, Around, account_of, backed_up, held, staffed, tamper, uses
from tests.services.house import House, a_house, two_accounts
from ytempire.adapters.memory.google import TOKEN
from ytempire.domain.audit import Use
from ytempire.domain.events import Kind
from ytempire.domain.faults import Fault
from ytempire.domain.lifecycle import State
from ytempire.domain.oauth import SCOPE, Slot
from ytempire.domain.publication import Target
from ytempire.domain.values import AccountId, Refused, Secret
from ytempire.services.keepsake import Packed, Restored


async def packed(house: House) -> Packed:
    return await house.staff().keepsake.pack()


async def unpack(house: House, document: bytes, *, replace_all: bool = False) -> Restored:
    return await house.staff().keepsake.unpack(document, replace_all=replace_all)


async def a_new_machine(old: House, *accounts: AccountId) -> House:
    """The same channels at Google; another store and another key, and nothing connected."""
    house = await a_house(*map(rules, accounts))
    await house.store.register_keys({"memory": "check"}, house.clock.now())
    house.store._tables.grants.clear()
    for account in accounts:
        row = house.store._tables.accounts[account]
        house.store._tables.accounts[account] = replace(row, channel=None)
        await house.staff().disconnecting.disconnect(await account_of(house, account), "new")
    house.youtube.channels = old.youtube.channels
    return house


def changed(document: bytes, **changes: Any) -> bytes:
    """A backup whose second grant says something else; a value of `...` takes the field out."""
    found = json.loads(document)
    entry = found["grants"][1] | changes
    found["grants"][1] = {name: value for name, value in entry.items() if value is not ...}
    return json.dumps(found).encode()


async def test_a_backup_holds_every_grant_that_can_be_used() -> None:
    house = await two_accounts()
    await backed_up(house)

    found = await packed(house)

    assert (("account_01", "account_01 (backup)", "account_02"), ()) == (found.grants, found.left_out)
    document = json.loads(found.document)
    assert house.clock.now().isoformat() == document["made_at"]
    assert {
        "account": FIRST,
        "slot": "primary",
        "refresh_token": house.channel(FIRST).refresh_token,
        "scopes": [SCOPE],
        "channel": house.channel(FIRST).id,
        "channel_title": None,
    } == document["grants"][0]
    assert house.channel(FIRST).refresh_token not in repr(found)


async def test_what_cannot_be_used_is_left_out_and_named() -> None:
    house = await a_house(rules(FIRST), rules(SECOND), rules(THIRD))
    tamper(house, replace(await held(house, FIRST), sealed="rubbish"))
    await house.store.condemn_grant(await held(house, THIRD), "Google no longer accepts it", ())

    found = await packed(house)

    assert (SECOND,) == found.grants
    assert [FIRST, THIRD] == [each.partition(":")[0] for each in found.left_out]
    assert "no longer accepts" in found.left_out[1]


async def test_a_new_machine_goes_on_with_a_backup() -> None:
    old = await two_accounts()
    await backed_up(old)
    document = (await packed(old)).document
    house = await a_new_machine(old, FIRST, SECOND)
    waiting = await house.submit(target=Target(account=FIRST))
    assert State.DEFERRED is (await house.advance(waiting.id)).state

    restored = await unpack(house, document)

    assert Restored(("account_01", "account_01 (backup)", "account_02"), (), ()) == restored
    assert (waiting.id,) == await house.store.due(house.clock.now(), 10)
    assert ["active"] * 2 == [(await house.account(each))[0] for each in (FIRST, SECOND)]
    token = await house.staff().tokens.fresh(FIRST)
    assert isinstance(token, Secret)
    assert house.channel(FIRST) is house.youtube.channel_of(token.reveal())
    assert Use.RESTORED in await uses(house, SECOND)
    told = await house.events(Kind.ACCOUNT_CONNECTED)
    assert ["a backup"] * 3 == [event.data["from"] for event in told]
    assert State.PUBLISHED is (await house.finish(waiting.id)).state


async def test_a_grant_that_can_be_used_is_kept_and_one_that_cannot_is_replaced() -> None:
    house = await two_accounts()
    document = (await packed(house)).document
    await house.store.condemn_grant(await held(house, FIRST), "lost", ())
    second = await held(house, SECOND)

    restored = await unpack(house, document)

    assert Restored((FIRST,), (SECOND,), ()) == restored
    assert (None, second) == ((await held(house, FIRST)).unusable, await held(house, SECOND))
    assert isinstance(await house.staff().tokens.fresh(FIRST), Secret)


async def test_all_are_replaced_when_that_is_asked_for() -> None:
    house = await two_accounts()
    before = await held(house, SECOND)

    restored = await unpack(house, (await packed(house)).document, replace_all=True)

    assert Restored((FIRST, SECOND), (), ()) == restored
    after = await held(house, SECOND)
    assert (before.revision + 1, None) == (after.revision, after.expires_at)


async def test_a_restored_grant_is_proven_by_the_next_round() -> None:
    house = await two_accounts()
    document = (await packed(house)).document
    house.channel(SECOND).dead = True
    await unpack(house, document, replace_all=True)

    found = await house.staff().renewal.round()

    assert (None, True) == (found[FIRST], isinstance(found[SECOND], Fault))
    assert 2 == house.google.count(TOKEN)
    assert "needs_reauth" == (await house.account(SECOND))[0]


async def test_an_account_that_is_not_configured_is_named_and_gets_nothing() -> None:
    house = await two_accounts()
    document = (await packed(house)).document
    await house.store.configure([a_project()], [rules(FIRST)], house.clock.now())

    assert Restored((), (FIRST,), (SECOND,)) == await unpack(house, document)


async def test_a_backup_does_not_bring_another_channel() -> None:
    old = await two_accounts()
    document = (await packed(old)).document
    elsewhere = changed(document, channel="UCelsewhere")
    taken = changed(document, channel=old.channel(FIRST).id)
    house = await a_new_machine(old, FIRST, SECOND)

    assert Restored((FIRST, SECOND), (), ()) == await unpack(house, elsewhere)
    assert Restored((FIRST,), (), (), (SECOND,)) == await unpack(house, document, replace_all=True)
    assert "UCelsewhere" == (await account_of(house, SECOND)).channel
    assert Restored((FIRST,), (), (), (SECOND,)) == await unpack(house, taken, replace_all=True)


async def test_a_channel_that_another_account_has_is_left_with_it() -> None:
    old = await two_accounts()
    taken = changed((await packed(old)).document, channel=old.channel(FIRST).id)
    house = await a_new_machine(old, FIRST, SECOND)

    assert Restored((FIRST,), (), (), (SECOND,)) == await unpack(house, taken)


async def test_a_grant_whose_channel_was_never_told_is_restored() -> None:
    old = await two_accounts()
    unknown = changed((await packed(old)).document, channel=None)
    house = await a_new_machine(old, FIRST, SECOND)

    assert Restored((FIRST, SECOND), (), ()) == await unpack(house, unknown)


async def test_a_paused_account_stays_paused() -> None:
    house = await two_accounts()
    await house.staff().ordering.pause(await account_of(house), "holidays")

    await unpack(house, (await packed(house)).document, replace_all=True)

    assert "paused" == (await house.account())[0]


GOOD = b'{"format": "ytempire-grants-1", "grants": '


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"rubbish",
        b"\xff\xfe",
        b"[]",
        b"7",
        b"{}",
        b'{"format": "ytempire-grants-2", "grants": []}',
        GOOD + b"7}",
        GOOD + b"null}",
        GOOD + b"[7]}",
        GOOD + b"[[]]}",
        GOOD + b"[{}]}",
    ],
)
async def test_what_is_no_backup_is_refused(house: House, document: bytes) -> None:
    before = await house.store.grants()

    with pytest.raises(Refused, match="not a backup of grants") as caught:
        await unpack(house, document)
    assert before == await house.store.grants()
    assert (None, True) == (caught.value.__cause__, caught.value.__suppress_context__)


@pytest.mark.parametrize(
    "changes",
    [
        {"account": 7},
        {"account": ...},
        {"slot": "third"},
        {"refresh_token": ...},
        {"refresh_token": None},
        {"scopes": 7},
        {"scopes": [7]},
        {"channel": 7},
        {"channel": ...},
        {"channel_title": []},
    ],
    ids=str,
)
async def test_a_backup_of_which_a_part_is_odd_changes_nothing_at_all(changes: dict[str, Any]) -> None:
    house = await two_accounts()
    document = changed((await packed(house)).document, **changes)
    before = await house.store.grants()

    with pytest.raises(Refused, match="not a backup of grants"):
        await unpack(house, document, replace_all=True)
    assert before == await house.store.grants()


async def test_who_connects_at_the_same_moment_is_not_overwritten(house: House) -> None:
    document = (await packed(house)).document

    class Racing(Around):
        """A store on which somebody else writes between a look and a save."""

        async def save_grant(self, *args: Any) -> bool:
            await house.connect(FIRST)
            saved: bool = await house.store.save_grant(*args)
            return saved

    with pytest.raises(Refused, match="at the same moment"):
        await staffed(house, store=Racing(house.store)).keepsake.unpack(document, replace_all=True)
    assert timedelta(hours=1) == ((await held(house)).expires_at or house.clock.now()) - house.clock.now()


async def test_a_second_grant_is_restored_in_its_place(house: House) -> None:
    await backed_up(house)
    document = (await packed(house)).document
    await house.store.condemn_grant(await held(house, slot=Slot.BACKUP), "lost", ())

    assert Restored(("account_01 (backup)",), ("account_01",), ()) == await unpack(house, document)
    assert (None, 3) == (
        (await held(house, slot=Slot.BACKUP)).unusable,
        (await held(house, slot=Slot.BACKUP)).revision,
    )


async def test_a_backup_grant_that_is_all_there_is_becomes_the_first() -> None:
    old = await two_accounts()
    await backed_up(old)
    await old.store.condemn_grant(await held(old), "lost", ())
    document = (await packed(old)).document
    house = await a_new_machine(old, FIRST, SECOND)

    assert Restored(("account_01 (backup)", "account_02"), (), ()) == await unpack(house, document)
    assert isinstance(await house.staff().tokens.fresh(FIRST), Secret)
    assert await house.store.grant(FIRST, Slot.BACKUP) is None
