"""The safe: what was altered is put aside once, and no grant is used before the use was written down."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.builders import FIRST, MAIN, SECOND, rules
from tests.services.around import (
    THIRD,
    Around,
    DiskFull,
    Mute,
    a_house_with_a_new_account,
    a_yes,
    account_of,
    backed_up,
    held,
    staffed,
    tamper,
    uses,
)
from tests.services.house import CLIENT, House, Staff, a_house
from ytempire.adapters.memory.google import REVOKE, TOKEN
from ytempire.adapters.memory.vault import MemoryVault
from ytempire.domain.audit import Entry, Use
from ytempire.domain.events import Kind
from ytempire.domain.faults import Fault, Remedy, Scope
from ytempire.domain.oauth import OAuthClient, Slot
from ytempire.domain.values import AccountId, Secret
from ytempire.domain.wire import Answer, Form
from ytempire.ports import SealedField, SealedGrant
from ytempire.services.safe import Safe
from ytempire.services.tokens import Tokens

DEAD = timedelta(0)


async def three_accounts() -> House:
    return await a_house(rules(FIRST), rules(SECOND), rules(THIRD))


async def quarantined(house: House) -> list[AccountId | None]:
    return [event.account for event in await house.events(Kind.GRANT_QUARANTINED)]


def faults(found: list[Any]) -> set[tuple[str, Remedy, Scope] | None]:
    return {(each.code, each.remedy, each.scope) if isinstance(each, Fault) else None for each in found}


# ----------------------------------------------------------------------------------- what was altered


async def test_swapped_rows_are_put_aside_once_and_the_others_go_on() -> None:
    house = await three_accounts()
    first, second = await held(house, FIRST), await held(house, SECOND)
    tamper(house, replace(first, sealed=second.sealed))
    tamper(house, replace(second, sealed=first.sealed))
    staffs = [house.staff(), house.staff()]

    found = [await staff.tokens.fresh(each) for staff in staffs for each in (FIRST, SECOND) for _ in range(3)]

    assert {("invalidGrant", Remedy.REAUTHORISE, Scope.ACCOUNT)} == faults(found)
    assert [FIRST, SECOND] == await quarantined(house)
    assert ["needs_reauth"] * 2 == [(await house.account(each))[0] for each in (FIRST, SECOND)]
    assert isinstance(await staffs[0].tokens.fresh(THIRD), Secret)
    assert "active" == (await house.account(THIRD))[0]
    assert 0 == house.google.count(TOKEN)


async def test_all_swaps_of_fifteen_accounts_are_noticed() -> None:
    names = [AccountId(f"account_{number:02}") for number in range(1, 16)]
    house = await a_house(*map(rules, names))
    rows = {name: await held(house, name) for name in names}
    noticed = 0

    for mine in names:
        for theirs in names:
            if mine != theirs:
                tamper(house, replace(rows[mine], sealed=rows[theirs].sealed))
                noticed += isinstance(await house.staff().tokens.fresh(mine), Fault)
                tamper(house, rows[mine])

    assert 15 * 14 == noticed


def _cut(grant: SealedGrant) -> SealedGrant:
    return replace(grant, sealed=grant.sealed[:-9])


def _other_text(grant: SealedGrant) -> SealedGrant:
    return replace(grant, sealed="not sealed at all")


def _of_the_session(grant: SealedGrant) -> SealedGrant:
    return replace(grant, sealed=MemoryVault().seal(FIRST, SealedField.SESSION, b"{}"))


def _other_key_in_the_text(grant: SealedGrant) -> SealedGrant:
    return replace(grant, sealed=MemoryVault(("memorz",)).seal(FIRST, SealedField.GRANT, b"{}"))


def _other_key_in_both(grant: SealedGrant) -> SealedGrant:
    return replace(_other_key_in_the_text(grant), key="memorz")


def _other_key_beside(grant: SealedGrant) -> SealedGrant:
    known = replace(_other_key_in_the_text(grant), key="memory")
    return replace(known, sealed=MemoryVault(("gone",)).seal(FIRST, SealedField.GRANT, b"{}"))


@pytest.mark.parametrize(
    "alter",
    [_cut, _other_text, _of_the_session, _other_key_in_the_text, _other_key_in_both, _other_key_beside],
)
async def test_whatever_is_altered_is_put_aside(
    house: House, alter: Callable[[SealedGrant], SealedGrant]
) -> None:
    await house.store.register_keys({"gone": "check"}, house.clock.now())
    tamper(house, alter(await held(house)))

    found = [await house.staff().tokens.fresh(FIRST) for _ in range(3)]

    assert {("invalidGrant", Remedy.REAUTHORISE, Scope.ACCOUNT)} == faults(found)
    assert [FIRST] == await quarantined(house)
    assert "cannot be opened" in str((await held(house)).unusable)


async def test_a_grant_that_was_put_aside_is_told_once_to_a_hundred(house: House) -> None:
    tamper(house, _cut(await held(house)))
    tokens = house.staff().tokens

    found = await asyncio.gather(*(tokens.fresh(FIRST) for _ in range(100)))

    assert {("invalidGrant", Remedy.REAUTHORISE, Scope.ACCOUNT)} == faults(list(found))
    assert [FIRST] == await quarantined(house)


async def test_a_backup_steps_in_for_a_grant_that_was_put_aside(house: House) -> None:
    await backed_up(house)
    tamper(house, _cut(await held(house)))

    assert isinstance(await house.staff().tokens.fresh(FIRST), Secret)
    assert (None, "active") == ((await held(house)).unusable, (await house.account())[0])


async def test_a_new_consent_brings_back_an_account_whose_grant_was_put_aside(house: House) -> None:
    tamper(house, _cut(await held(house)))
    assert isinstance(await house.staff().tokens.fresh(FIRST), Fault)

    await house.connect(FIRST)

    assert isinstance(await house.staff().tokens.fresh(FIRST), Secret)


async def test_a_key_that_we_know_of_can_come_back(house: House) -> None:
    vault, house.vault = house.vault, MemoryVault(("another",))
    await house.store.register_keys({"another": "check"}, house.clock.now())
    before = await held(house)

    found = [await house.staff().tokens.fresh(FIRST) for _ in range(3)]

    assert {("keyMissing", Remedy.CONFIGURE, Scope.ACCOUNT)} == faults(found)
    assert ([], before) == (await quarantined(house), await held(house))
    assert "active" == (await house.account())[0]
    house.vault = vault
    assert isinstance(await house.staff().tokens.fresh(FIRST), Secret)


async def test_an_opened_grant_is_remembered_until_it_changes(house: House) -> None:
    staff = house.staff()
    for _ in range(3):
        await staff.tokens.fresh(FIRST)
    assert [Use.OPENED] == await uses(house)

    await house.connect(FIRST)

    assert isinstance(await staff.tokens.fresh(FIRST), Secret)
    assert [Use.OPENED] * 2 == await uses(house)


# ------------------------------------------------------------------- what cannot be written is not done


class Watched:
    """Writes down in one row what the trail and the ports were asked for."""

    def __init__(self, house: House) -> None:
        self.row: list[str] = []
        watched = self

        class Store(Around):
            async def audit(self, entry: Entry) -> None:
                watched.row.append(f"wrote {entry.use}")
                await self.port.audit(entry)

            async def save_grant(self, *args: Any) -> bool:
                watched.row.append("save")
                saved: bool = await self.port.save_grant(*args)
                return saved

            async def erase_grants(self, *args: Any) -> int:
                watched.row.append("erase")
                erased: int = await self.port.erase_grants(*args)
                return erased

        class Vault(Around):
            def open(self, owner: str, field: str, sealed: str) -> bytes:
                watched.row.append(f"open {field}")
                plain: bytes = self.port.open(owner, field, sealed)
                return plain

        class Google(Around):
            async def post(self, form: Form) -> Answer:
                watched.row.append(form.fields.get("grant_type", "revoke"))
                answer: Answer = await self.port.post(form)
                return answer

        self.staff = staffed(
            house, store=Store(house.store), vault=Vault(house.vault), google=Google(house.google)
        )


async def test_each_use_is_written_down_before_it_happens() -> None:
    house = await a_house_with_a_new_account()
    account = await account_of(house, THIRD)
    watched = Watched(house)
    staff = watched.staff

    begun = await staff.consenting.begin(account, "http://127.0.0.1:1/")
    await staff.consenting.finish(a_yes(begun, house))
    house.clock.advance(timedelta(hours=1))
    await staff.tokens.fresh(THIRD)
    await staff.disconnecting.disconnect(account, "done")

    expected = [
        "open verifier", "wrote exchanged", "authorization_code", "wrote stored", "save",
        "wrote opened", "open grant", "wrote refreshed", "refresh_token", "save",
        "wrote opened", "open grant", "wrote revoked", "revoke", "wrote erased", "erase",
    ]  # fmt: skip
    assert expected == watched.row


async def _fresh(house: House, staff: Staff) -> None:
    await house.connect(FIRST, life=DEAD)
    await staff.tokens.fresh(FIRST)


async def _promote(house: House, staff: Staff) -> None:
    await backed_up(house)
    tamper(house, replace(await held(house), unusable="Google no longer accepts it"))
    await staff.tokens.fresh(FIRST)


async def _finish(house: House, staff: Staff) -> None:
    begun = await staff.consenting.begin(await account_of(house, FIRST), "http://127.0.0.1:1/")
    await staff.consenting.finish(a_yes(begun, house, FIRST))


async def _disconnect(house: House, staff: Staff) -> None:
    await staff.disconnecting.disconnect(await account_of(house), "done")


async def _pack(house: House, staff: Staff) -> None:
    await staff.keepsake.pack()


async def _restore(house: House, staff: Staff) -> None:
    packed = await house.staff().keepsake.pack()
    await staff.keepsake.unpack(packed.document, replace_all=True)


async def _reseal(house: House, staff: Staff) -> None:
    house.vault.add_key("second")
    await house.store.register_keys({"second": "check"}, house.clock.now())
    await staff.rotation.reseal()


async def _retire(house: House, staff: Staff) -> None:
    await house.store.register_keys({"unused": "check"}, house.clock.now())
    await staff.rotation.retire("unused")


@pytest.mark.parametrize(
    ("use", "do", "asked"),
    [
        (Use.OPENED, _fresh, 0),
        (Use.REFRESHED, _fresh, 0),
        (Use.PROMOTED, _promote, 1),
        (Use.EXCHANGED, _finish, 0),
        (Use.STORED, _finish, 1),
        (Use.REVOKED, _disconnect, 0),
        (Use.ERASED, _disconnect, 0),
        (Use.BACKED_UP, _pack, 0),
        (Use.RESTORED, _restore, 0),
        (Use.RESEALED, _reseal, 0),
        (Use.KEY_RETIRED, _retire, 0),
    ],
)
async def test_a_use_that_cannot_be_written_down_does_not_take_place(
    house: House, use: Use, do: Callable[[House, Staff], Awaitable[None]], asked: int
) -> None:
    staff = staffed(house, store=Mute(house.store, use))

    with pytest.raises(DiskFull):
        await do(house, staff)

    assert asked == house.google.count(TOKEN)
    assert use is Use.ERASED or 0 == house.google.count(REVOKE)
    stored = await held(house)
    assert (1, "memory") == (min(stored.revision, 1), stored.key)
    assert stored.connected_at == house.clock.now()
    assert use not in await uses(house)
    assert [] == [key for key in await house.store.keys() if key.retired_at is not None]
    assert {} == house.store._tables.leases


async def test_a_grant_that_cannot_be_written_down_is_not_even_opened(house: House) -> None:
    opened: list[str] = []

    class Vault(Around):
        def open(self, owner: str, field: str, sealed: str) -> bytes:
            opened.append(owner)
            plain: bytes = self.port.open(owner, field, sealed)
            return plain

    mute = staffed(house, store=Mute(house.store), vault=Vault(house.vault))

    with pytest.raises(DiskFull):
        await mute.tokens.fresh(FIRST)
    with pytest.raises(DiskFull):
        await mute.renewal.of([FIRST], timedelta(days=1))
    assert [] == opened
    assert isinstance(await house.staff().tokens.fresh(FIRST), Secret)


async def test_the_slot_of_a_use_is_told(house: House) -> None:
    await backed_up(house)
    await house.staff().keepsake.pack()

    trail = await house.store.audit_trail()
    assert [("backed_up", ""), ("opened", "primary"), ("opened", "backup")] == [
        (str(link.entry.use), link.entry.detail) for link in trail
    ]
    assert [None, FIRST, FIRST] == [link.entry.account for link in trail]
    assert {"ytempire"} == {link.entry.actor for link in trail}
    assert Slot.BACKUP is (await held(house, slot=Slot.BACKUP)).slot


# --------------------------------------------------------------------------------- of another client


async def test_a_token_that_another_client_was_given_is_not_used_for_it_spends_that_ones_quota(
    house: House,
) -> None:
    await house.staff().renewal.by_hand([FIRST])
    mine, moved = house.staff(), house.staff()
    other = OAuthClient("another-client", Secret("s"), CLIENT.auth_uri, CLIENT.token_uri)
    theirs = replace(moved.context, clients={MAIN: other})

    before = await mine.tokens.fresh(FIRST)
    again = await mine.tokens.fresh(FIRST)
    anew = await Tokens(theirs, Safe(theirs)).fresh(FIRST)

    assert before == again
    assert isinstance(anew, Secret)
    assert before != anew
    assert 2 == house.google.count(TOKEN)
