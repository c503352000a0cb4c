"""What the store promises about grants: two slots, one winner, a channel that outlives them, no retired key."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import (
    FIRST,
    KEY,
    NOW,
    SECOND,
    a_consent,
    a_grant,
    account_of,
    an_event,
    rules,
    set_up,
)
from ytempire.domain.accounts import Condition
from ytempire.domain.events import Kind
from ytempire.domain.oauth import Slot
from ytempire.domain.values import AccountId, ChannelId
from ytempire.ports import AccountChange, Consent, Miss, Store

LATER = NOW + timedelta(hours=1)
CHANNEL = ChannelId("UC1")
GONE = AccountChange(FIRST, "asked for", "anna", Condition.DISCONNECTED)


async def both_slots(store: Store) -> None:
    """A primary at revision 3 and a backup at revision 5."""
    await set_up(store)
    assert await store.save_grant(a_grant(revision=3, channel=CHANNEL), None, ())
    backup = a_grant(revision=5, slot=Slot.BACKUP, sealed="backup", channel=CHANNEL)
    assert await store.save_grant(backup, None, ())


async def kinds(store: Store) -> list[Kind]:
    return [event.kind for _, event in await store.events()]


# --------------------------------------------------------------------------------------------------- slots


async def test_an_account_has_a_primary_and_a_backup_that_do_not_touch_each_other(store: Store) -> None:
    await set_up(store, rules(), rules(SECOND))
    primary = a_grant(ends_at=LATER)
    backup = a_grant(slot=Slot.BACKUP, sealed="backup", unusable="it cannot be opened")
    other = a_grant(SECOND)

    for grant in (backup, other, primary):
        assert await store.save_grant(grant, None, ())

    assert (primary, backup, other) == await store.grants()
    assert primary == await store.grant(FIRST)
    assert backup == await store.grant(FIRST, Slot.BACKUP)
    assert await store.grant(SECOND, Slot.BACKUP) is None


async def test_each_slot_has_a_revision_of_its_own(store: Store) -> None:
    await both_slots(store)

    assert not await store.save_grant(a_grant(revision=6), 5, ())
    assert not await store.save_grant(a_grant(revision=4, slot=Slot.BACKUP), 3, ())
    assert await store.save_grant(a_grant(revision=6, slot=Slot.BACKUP, sealed="newer"), 5, ())

    assert [(3, "sealed"), (6, "newer")] == [(each.revision, each.sealed) for each in await store.grants()]


# ------------------------------------------------------------------------------------------- with a change


async def test_a_change_of_the_account_is_written_with_its_grant(store: Store) -> None:
    await set_up(store)
    change = AccountChange(FIRST, "expired", "refresh", Condition.NEEDS_REAUTH)
    event = an_event(Kind.TOKEN_FAILED, at=LATER)

    assert await store.save_grant(a_grant(), None, [event], change)

    account = await account_of(store)
    assert (Condition.NEEDS_REAUTH, "expired", "refresh", LATER) == (
        account.condition,
        account.why,
        account.changed_by,
        account.changed_at,
    )
    assert [Kind.TOKEN_FAILED] == await kinds(store)


async def test_a_grant_that_lost_leaves_its_account_alone(store: Store) -> None:
    await both_slots(store)
    before = await account_of(store)

    assert not await store.save_grant(a_grant(), 2, [an_event()], GONE)

    assert before == await account_of(store)
    assert [] == await kinds(store)


async def test_a_change_without_an_event_is_a_mistake(store: Store) -> None:
    await set_up(store)

    with pytest.raises(ValueError, match="needs an event"):
        await store.save_grant(a_grant(), None, (), GONE)

    assert () == await store.grants()


# ------------------------------------------------------------------------------------------------ promotion


async def test_a_promoted_backup_is_the_primary_and_no_backup_is_left(store: Store) -> None:
    await both_slots(store)
    promoted = a_grant(revision=6, sealed="backup", slot=Slot.BACKUP, channel=CHANNEL)

    assert await store.promote_backup(promoted, (3, 5), [an_event(Kind.ACCOUNT_CHANGED)])

    assert (replace(promoted, slot=Slot.PRIMARY),) == await store.grants()
    assert [Kind.ACCOUNT_CHANGED] == await kinds(store)
    assert CHANNEL == (await account_of(store)).channel


@pytest.mark.parametrize("seen", [(2, 5), (4, 5), (3, 4), (3, 6), (5, 3)])
async def test_a_backup_is_not_promoted_over_what_was_not_seen(store: Store, seen: tuple[int, int]) -> None:
    await both_slots(store)
    before = await store.grants()

    assert not await store.promote_backup(a_grant(revision=6), seen, [an_event()])

    assert before == await store.grants()
    assert [] == await kinds(store)


@pytest.mark.parametrize("slot", list(Slot))
async def test_nothing_is_promoted_unless_both_slots_are_taken(store: Store, slot: Slot) -> None:
    await set_up(store)
    await store.save_grant(a_grant(slot=slot), None, ())
    before = await store.grants()

    assert not await store.promote_backup(a_grant(revision=2), (1, 1), ())
    assert before == await store.grants()


async def test_of_many_promotions_and_refreshes_at_once_one_wins(store: Store) -> None:
    await both_slots(store)
    promoted, refreshed = a_grant(revision=6, sealed="promoted"), a_grant(revision=4, sealed="refreshed")

    answers = await asyncio.gather(
        *(store.promote_backup(promoted, (3, 5), [an_event()]) for _ in range(8)),
        *(store.save_grant(refreshed, 3, [an_event()]) for _ in range(8)),
    )

    assert 1 == sum(answers)
    assert 1 == len(await store.events())
    expected = promoted if any(answers[:8]) else refreshed
    assert expected == await store.grant(FIRST)
    assert (await store.grant(FIRST, Slot.BACKUP) is None) == any(answers[:8])


@pytest.mark.parametrize("slot", list(Slot))
async def test_of_two_who_saw_the_same_revision_one_stores(store: Store, slot: Slot) -> None:
    await both_slots(store)
    seen = 3 if slot is Slot.PRIMARY else 5
    rivals = [a_grant(slot=slot, revision=seen + 1, sealed=f"writer {n}") for n in range(2)]

    answers = await asyncio.gather(*(store.save_grant(rival, seen, [an_event()]) for rival in rivals))

    assert [False, True] == sorted(answers)
    assert rivals[answers.index(True)] == await store.grant(FIRST, slot)
    assert 1 == len(await store.events())


# -------------------------------------------------------------------------------------------------- channel


async def test_the_channel_of_an_account_is_that_of_its_last_primary_grant(store: Store) -> None:
    await set_up(store)

    await store.save_grant(a_grant(channel=CHANNEL, channel_title="One"), None, ())
    await store.save_grant(a_grant(slot=Slot.BACKUP, channel=ChannelId("UC2"), channel_title="Two"), None, ())
    account = await account_of(store)
    assert (CHANNEL, "One") == (account.channel, account.channel_title)

    await store.save_grant(a_grant(revision=2, channel=None), 1, ())
    account = await account_of(store)
    assert (CHANNEL, None) == (account.channel, account.channel_title)

    await store.save_grant(a_grant(revision=3, channel=ChannelId("UC3")), 2, ())
    assert "UC3" == (await account_of(store)).channel


# -------------------------------------------------------------------------------------------------- erasing


async def test_erasing_forgets_both_grants_and_keeps_the_channel(store: Store) -> None:
    await both_slots(store)
    await set_up(store, rules(), rules(SECOND))
    others = a_grant(SECOND)
    await store.save_grant(others, None, ())

    assert 2 == await store.erase_grants(GONE, LATER, [an_event(Kind.ACCOUNT_CHANGED)])

    assert (others,) == await store.grants()
    account = await account_of(store)
    assert (CHANNEL, None) == (account.channel, account.channel_title)
    assert (Condition.DISCONNECTED, "asked for", "anna", LATER) == (
        account.condition,
        account.why,
        account.changed_by,
        account.changed_at,
    )
    assert [Kind.ACCOUNT_CHANGED] == await kinds(store)
    assert [(KEY, 1)] == [(key.id, key.sealed) for key in await store.keys()]


async def test_erasing_an_account_without_grants_still_changes_it(store: Store) -> None:
    await set_up(store)

    assert 0 == await store.erase_grants(GONE, LATER, [an_event()])
    assert Condition.DISCONNECTED is (await account_of(store)).condition
    assert 1 == len(await store.events())


async def test_erasing_forgets_the_consents_under_way_of_that_account(store: Store) -> None:
    await set_up(store, rules(), rules(SECOND))
    mine, taken, others = a_consent("aa"), a_consent("bb"), a_consent("cc", SECOND)
    for consent in (mine, taken, others):
        assert await store.add_consent(consent, ())
    assert taken == await store.take_consent("bb", NOW)

    await store.erase_grants(GONE, NOW, ())

    assert Miss.UNKNOWN is await store.take_consent("aa", NOW)
    assert Miss.USED is await store.take_consent("bb", NOW)
    assert others == await store.take_consent("cc", NOW)


async def test_an_account_can_be_connected_again_after_it_was_erased(store: Store) -> None:
    await both_slots(store)
    await store.erase_grants(GONE, NOW, ())

    assert await store.save_grant(a_grant(sealed="anew"), None, ())
    assert "anew" == (await store.grants())[0].sealed


# ---------------------------------------------------------------------------------------------- retired keys


Write = Callable[[Store, str], Awaitable[bool]]


async def first_grant(store: Store, key: str) -> bool:
    return await store.save_grant(a_grant(AccountId("account_03"), key=key), None, [an_event()], GONE)


async def next_grant(store: Store, key: str) -> bool:
    return await store.save_grant(a_grant(revision=4, key=key), 3, [an_event()], GONE)


async def promotion(store: Store, key: str) -> bool:
    return await store.promote_backup(a_grant(revision=6, key=key), (3, 5), [an_event()])


async def consent(store: Store, key: str) -> bool:
    return await store.add_consent(a_consent("new", key=key), [an_event()])


async def resealing(store: Store, key: str) -> bool:
    place = next(each for each in await store.sealed_otherwise("", 10) if each.table == "grants")
    return await store.reseal(place, "sealed anew", key)


@pytest.mark.parametrize("write", [first_grant, next_grant, promotion, consent, resealing])
@pytest.mark.parametrize("key", ["retired", "never heard of"])
async def test_nothing_is_stored_that_was_sealed_with_a_key_not_in_use(
    store: Store, write: Write, key: str
) -> None:
    await both_slots(store)
    await store.register_keys({"retired": "check"}, NOW)
    assert 0 == await store.retire_key("retired", NOW, ())
    before = await store.grants(), await store.keys(), await account_of(store)

    assert not await write(store, key)

    assert before == (await store.grants(), await store.keys(), await account_of(store))
    assert [] == await kinds(store)
    assert Miss.UNKNOWN is await store.take_consent("new", NOW)


@pytest.mark.parametrize("write", [first_grant, next_grant, promotion, consent, resealing])
async def test_the_same_is_stored_when_its_key_is_back_in_use(store: Store, write: Write) -> None:
    await both_slots(store)
    await store.register_keys({"retired": "check"}, NOW)
    await store.retire_key("retired", NOW, ())
    await store.register_keys({"retired": "check"}, LATER)

    assert await write(store, "retired")
    assert "retired" in {key.id for key in await store.keys() if key.sealed}


async def test_a_consent_is_read_as_it_was_written(store: Store) -> None:
    await set_up(store)
    written: Consent = a_consent(slot=Slot.BACKUP, browser="browser", redirect_uri="http://127.0.0.1:1/é")

    assert await store.add_consent(written, [an_event(Kind.ACCOUNT_CHANGED)])
    assert [Kind.ACCOUNT_CHANGED] == await kinds(store)
    assert written == await store.take_consent(written.state_hash, NOW, account=FIRST, browser="browser")
