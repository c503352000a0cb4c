"""The commands about keys, on a real key file: a rotation is ended before another is begun."""

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from tests.builders import FIRST, SECOND
from tests.services.around import held, tamper
from tests.services.house import House, two_accounts
from ytempire.adapters.memory.vault import MemoryVault
from ytempire.adapters.vault import Vault
from ytempire.bootstrap.ring import KEY, PASSPHRASE, Ring, register
from ytempire.domain.events import Kind
from ytempire.domain.values import Mendable, Secret
from ytempire.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home, and no keys in the environment."""
    for name in (KEY, PASSPHRASE):
        monkeypatch.delenv(name, raising=False)
    return Settings(home=tmp_path, source=tmp_path / "ytempire.toml")


async def a_real_house(settings: Settings) -> House:
    """Two accounts, their grants sealed with the key of a file."""
    house = await two_accounts()
    vault = Vault.create(settings.at_home(settings.vault.key_file))
    house.vault = cast(MemoryVault, vault)
    await register(house.store, vault, set(), house.clock.now())
    for each in (FIRST, SECOND):
        await house.connect(each)
    return house


def ring_of(house: House, settings: Settings) -> Ring:
    staff = house.staff()
    vault = cast(Vault, house.vault)
    return Ring(settings, staff.context, vault, staff.safe, staff.rotation)


async def test_a_rotation_makes_a_new_key_and_the_old_one_can_be_retired(settings: Settings) -> None:
    house = await a_real_house(settings)
    ring = ring_of(house, settings)
    (old, memory) = await ring.lines()

    rotated = await ring.rotate()

    assert (2, (), True) == (rotated.resealed, rotated.unreadable, rotated.key != old.id)
    await ring.retire(old.id)
    lines = {line.id: (line.writes, line.on_ring, line.sealed) for line in await ring.lines()}
    assert {
        rotated.key: (True, True, 2),
        memory.id: (False, False, 0),
        old.id: (False, False, 0),
    } == lines
    assert isinstance(await house.staff().tokens.fresh(FIRST), Secret)
    assert 1 == len(await house.events(Kind.KEYS_ROTATED))


async def test_a_rotation_that_was_broken_off_is_ended(settings: Settings) -> None:
    house = await a_real_house(settings)
    added = await ring_of(house, settings).add()

    rotated = await ring_of(house, settings).rotate()

    assert (added, 2) == (rotated.key, rotated.resealed)
    assert 1 == len(await house.events(Kind.KEY_ADDED))


async def test_a_grant_that_nobody_can_open_does_not_stand_in_the_way_of_a_new_key(
    settings: Settings,
) -> None:
    house = await a_real_house(settings)
    ring = ring_of(house, settings)
    first = await ring.rotate()
    stored = await held(house, FIRST)
    tamper(house, replace(stored, sealed=stored.sealed[:-4] + "AAAA"))
    second = await ring.rotate()

    third = await ring.rotate()

    assert 3 == len({first.key, second.key, third.key})
    assert [(1, (f"grant of {FIRST}",))] * 2 == [(it.resealed, it.unreadable) for it in (second, third)]
    with pytest.raises(Mendable, match="1 texts are still sealed"):
        await ring.retire(first.key)


async def test_the_key_that_writes_and_one_that_is_not_there_are_not_retired(settings: Settings) -> None:
    house = await a_real_house(settings)
    ring = ring_of(house, settings)
    (line, _) = await ring.lines()

    with pytest.raises(Mendable, match="is the one that writes"):
        await ring.retire(line.id)
    with pytest.raises(Mendable, match="there is no key"):
        await ring.retire("nobody")
