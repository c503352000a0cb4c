"""Exchanging the key: everything is sealed anew, broken off anywhere and begun again, beside other work."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.builders import FIRST, SECOND, rules
from tests.services.around import (
    THIRD,
    Around,
    a_yes,
    account_of,
    backed_up,
    held,
    staffed,
    tamper,
    uses,
)
from tests.services.death import Death, Fate, mortal
from tests.services.house import House, a_house
from ytempire.adapters.memory.google import SEND
from ytempire.domain.audit import Use
from ytempire.domain.events import Kind
from ytempire.domain.lifecycle import State
from ytempire.domain.oauth import Slot
from ytempire.domain.publication import Target
from ytempire.domain.values import AccountId, Mendable, Secret
from ytempire.domain.wire import NoReply
from ytempire.ports import SealedPlace
from ytempire.services.consent import Begun
from ytempire.services.rotation import Rotated

REDIRECT = "http://127.0.0.1:8123/"
ALL = 6
"""Three grants, a backup, the address of a session and a verifier."""


async def a_full_house() -> House:
    """Something of everything that is sealed."""
    house = await a_house(rules(FIRST), rules(SECOND), rules(THIRD))
    await backed_up(house)
    accepted = await house.submit(target=Target(account=SECOND))
    house.google.trouble(SEND, NoReply("cut off"), stored=10)
    await house.advance(accepted.id)
    await begun(house)
    return house


async def begun(house: House, account: AccountId = THIRD) -> Begun:
    return await house.staff().consenting.begin(await account_of(house, account), REDIRECT)


async def new_key(house: House, key: str = "second") -> None:
    house.vault.add_key(key)
    await house.store.register_keys({key: "check"}, house.clock.now())


async def sealed_with(house: House) -> dict[str, int]:
    return {key.id: key.sealed for key in await house.store.keys()}


async def test_everything_is_sealed_with_the_new_key_and_opens_with_it_alone() -> None:
    house = await a_full_house()
    consent = await begun(house)
    assert {"memory": ALL + 1} == await sealed_with(house)
    before = {(it.account, it.slot): it for it in await house.store.grants()}
    await new_key(house)

    rotated = await house.staff().rotation.reseal()

    assert Rotated("second", ALL + 1, ()) == rotated
    assert {"memory": 0, "second": ALL + 1} == await sealed_with(house)
    assert 0 == await house.staff().rotation.retire("memory")
    house.vault.retire_key("memory")
    for stored in await house.store.grants():
        old = before[stored.account, stored.slot]
        assert replace(old, sealed=stored.sealed, key="second") == stored
    tokens = [await house.staff().tokens.fresh(each) for each in (FIRST, SECOND, THIRD)]
    assert all(isinstance(token, Secret) for token in tokens)
    assert THIRD == (await house.staff().consenting.finish(a_yes(consent, house))).account
    await house.work()
    assert {"published"} == {str(each.state) for each in house.store._tables.publications.values()}
    (event,) = await house.events(Kind.KEYS_ROTATED)
    assert {"key": "second", "resealed": ALL + 1, "unreadable": 0, "by": "ytempire"} == event.data


async def test_the_backup_steps_in_also_after_the_key_was_exchanged() -> None:
    house = await a_full_house()
    await new_key(house)
    await house.staff().rotation.reseal()
    assert 0 == await house.staff().rotation.retire("memory")
    house.vault.retire_key("memory")
    tamper(house, replace(await held(house), unusable="Google no longer accepts it"))

    assert isinstance(await house.staff().tokens.fresh(FIRST), Secret)
    assert (None, "second") == ((await held(house)).unusable, (await held(house)).key)


async def test_when_all_is_done_there_is_nothing_to_do() -> None:
    house = await a_full_house()

    assert Rotated("memory", 0, ()) == await house.staff().rotation.reseal()


class MortalVault(Around):
    """A vault whose calls pass by a fate; the key that writes is a property, not a call."""

    def __init__(self, port: Any, fate: Fate) -> None:
        super().__init__(port)
        self.fate = fate

    @property
    def writing_key(self) -> str:
        key: str = self.port.writing_key
        return key

    def seal(self, owner: str, field: str, plain: bytes) -> str:
        self.fate.pass_by("before seal")
        text: str = self.port.seal(owner, field, plain)
        self.fate.pass_by("after seal")
        return text

    def open(self, owner: str, field: str, sealed: str) -> bytes:
        self.fate.pass_by("before open")
        plain: bytes = self.port.open(owner, field, sealed)
        return plain


async def rotate_under(house: House, fate: Fate) -> None:
    ports = mortal(house.ports(), fate, everything=False)
    await house.staff(replace(ports, vault=MortalVault(house.vault, fate))).rotation.reseal()


async def test_broken_off_anywhere_all_is_readable_and_the_next_run_ends_it() -> None:
    calm, house = Fate(), await a_full_house()
    await new_key(house)
    await rotate_under(house, calm)
    assert calm.moments > 5 * ALL

    for fatal in range(calm.moments):
        house = await a_full_house()
        await new_key(house)
        with pytest.raises(Death):
            await rotate_under(house, Fate(fatal))
        assert ALL == sum((await sealed_with(house)).values()), fatal
        for each in (FIRST, SECOND, THIRD):
            assert isinstance(await house.staff().tokens.fresh(each), Secret), fatal
        rotated = await house.staff().rotation.reseal()
        assert ("second", ()) == (rotated.key, rotated.unreadable), fatal
        assert {"memory": 0, "second": ALL} == await sealed_with(house), fatal
        assert 0 == await house.staff().rotation.retire("memory"), fatal


async def test_what_cannot_be_opened_is_told_and_stays_as_it_is() -> None:
    house = await a_full_house()
    rubbish = replace(await held(house, SECOND), sealed="rubbish")
    tamper(house, rubbish)
    await new_key(house)

    rotated = await house.staff().rotation.reseal()

    assert Rotated("second", ALL - 1, (f"grant of {SECOND}",)) == rotated
    assert rubbish == await held(house, SECOND)
    assert 1 == await house.staff().rotation.retire("memory")
    assert Rotated("second", 0, (f"grant of {SECOND}",)) == await house.staff().rotation.reseal()


async def test_when_the_keys_are_gone_nothing_is_called_unreadable() -> None:
    house = await a_full_house()
    await new_key(house)

    class Losing(MortalVault):
        def seal(self, owner: str, field: str, plain: bytes) -> str:
            house.vault.lose_keys()
            return super().seal(owner, field, plain)

    with pytest.raises(Mendable, match="bring them back"):
        await staffed(house, vault=Losing(house.vault, Fate())).rotation.reseal()
    assert [] == await house.events(Kind.KEYS_ROTATED)
    assert {"memory": ALL, "second": 0} == await sealed_with(house)


async def test_more_than_one_batch_is_sealed_anew() -> None:
    names = [AccountId(f"account_{number:03}") for number in range(250)]
    house = await a_house(*map(rules, names))
    for name in names[::50]:
        tamper(house, replace(await held(house, name), sealed=f"rubbish of {name}"))
    await new_key(house)

    rotated = await house.staff().rotation.reseal()

    assert (245, 5) == (rotated.resealed, len(rotated.unreadable))


@pytest.mark.parametrize("key", ["memory", "second"])
async def test_a_key_is_not_retired_while_it_is_needed(key: str) -> None:
    house = await a_full_house()
    await new_key(house)
    grant = await held(house, SECOND)
    tamper(house, replace(grant, sealed=house.vault.seal(SECOND, "grant", b"{}"), key="second"))

    left = await house.staff().rotation.retire(key)

    assert {"memory": ALL - 1, "second": 1}[key] == left
    assert [] == await house.events(Kind.KEY_RETIRED)
    assert [None, None] == [each.retired_at for each in await house.store.keys()]


async def test_a_key_is_retired_once() -> None:
    house = await a_full_house()
    await new_key(house)
    await house.staff().rotation.reseal()

    assert [0, 0] == [await house.staff().rotation.retire("memory") for _ in range(2)]

    (event,) = await house.events(Kind.KEY_RETIRED)
    assert {"key": "memory", "by": "ytempire"} == event.data
    assert [Use.RESEALED, Use.KEY_RETIRED, Use.KEY_RETIRED] == (await uses(house))[-3:]


class Busy(Around):
    """A store on which a worker renews a token each time before a text is exchanged."""

    def __init__(self, house: House) -> None:
        super().__init__(house.store)
        self.house = house
        self.renewed: list[str] = []

    async def reseal(self, place: SealedPlace, sealed: str, key: str) -> bool:
        if place.table == "grants" and place.owner not in self.renewed:
            self.renewed.append(place.owner)
            await self.house.staff().renewal.of([AccountId(place.owner)], timedelta(days=1))
        return await self.house.store.reseal(place, sealed, key)


async def test_a_worker_that_renews_at_the_same_time_loses_nothing() -> None:
    house = await a_full_house()
    await new_key(house)
    busy = Busy(house)

    rotated = await staffed(house, store=busy).rotation.reseal()

    assert [FIRST, SECOND, THIRD] == busy.renewed
    assert () == rotated.unreadable
    assert {"memory": 0, "second": ALL} == await sealed_with(house)
    for each in (FIRST, SECOND, THIRD):
        stored = await held(house, each)
        assert house.clock.now() == stored.refreshed_at
        assert isinstance(await house.staff().tokens.fresh(each), Secret)
    assert 3 == len(await house.events(Kind.TOKEN_REFRESHED))


async def test_others_that_keep_writing_with_the_old_key_do_not_make_it_run_for_ever() -> None:
    house = await a_full_house()
    await new_key(house)

    class Contrary(Around):
        async def reseal(self, place: SealedPlace, sealed: str, key: str) -> bool:
            return False

    with pytest.raises(Mendable, match="others keep writing"):
        await staffed(house, store=Contrary(house.store)).rotation.reseal()


async def test_an_upload_goes_on_at_the_address_that_was_sealed_anew() -> None:
    house = await a_full_house()
    (publication,) = house.store._tables.publications.values()
    assert publication.session is not None
    await new_key(house)
    await house.staff().rotation.reseal()
    await house.staff().rotation.retire("memory")
    house.vault.retire_key("memory")

    done = await house.finish(publication.id)

    assert (State.PUBLISHED, 1) == (done.state, len(house.youtube.videos))
    assert Slot.BACKUP is (await held(house, slot=Slot.BACKUP)).slot
