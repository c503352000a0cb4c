"""What every vault promises, whether its keys are in memory, in a file, or in a file under a passphrase."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ytempire.adapters.memory.vault import MemoryVault
from ytempire.adapters.vault import Cost, Vault
from ytempire.domain.values import Mendable, Secret
from ytempire.ports import Vault as VaultPort

PHRASE = Secret("four words by dice")


@dataclass(frozen=True, slots=True)
class Place:
    """A vault that runs, and what somebody else may do to its keys meanwhile."""

    vault: VaultPort
    add: Callable[[], object]
    retire: Callable[[str], object]
    take_away: Callable[[], object]


def in_memory(_: Path) -> Place:
    vault = MemoryVault()
    return Place(vault, lambda: vault.add_key(f"key{len(vault.key_ids)}"), vault.retire_key, vault.lose_keys)


def in_a_file(folder: Path, passphrase: Secret | None = None) -> Place:
    path = folder / "keys" / "ring.json"
    return Place(
        vault=Vault.create(path, passphrase=passphrase, cost=Cost(n=2, r=1, p=1)),
        add=lambda: Vault.add_key(path, passphrase=passphrase),
        retire=lambda key_id: Vault.retire_key(path, key_id, passphrase=passphrase),
        take_away=path.unlink,
    )


def under_a_passphrase(folder: Path) -> Place:
    return in_a_file(folder, PHRASE)


@pytest.fixture(params=[in_memory, in_a_file, under_a_passphrase], ids=lambda make: make.__name__)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    made: Place = request.param(tmp_path)
    return made


def test_what_is_sealed_opens_for_its_owner_and_field_alone(place: Place) -> None:
    sealed = place.vault.seal("one", "grant", b"secret")
    assert b"secret" == place.vault.open("one", "grant", sealed)
    for owner, field, text in (
        ("two", "grant", sealed),
        ("one", "uri", sealed),
        ("one", "grant", sealed[:-4]),
    ):
        with pytest.raises(Mendable):
            place.vault.open(owner, field, text)


def test_a_key_that_is_added_seals_from_then_on_and_the_old_ones_open(place: Place) -> None:
    vault = place.vault
    old, before = vault.seal("one", "grant", b"secret"), vault.writing_key
    assert vault.is_current(old)
    place.add()
    new = vault.seal("one", "grant", b"secret")
    assert before == vault.key_of(old) != vault.key_of(new) == vault.writing_key
    assert (False, True) == (vault.is_current(old), vault.is_current(new))
    assert b"secret" == vault.open("one", "grant", old) == vault.open("one", "grant", new)


def test_what_a_retired_key_sealed_says_which_key_that_was_and_opens_no_more(place: Place) -> None:
    vault = place.vault
    old, before = vault.seal("one", "grant", b"secret"), vault.writing_key
    with pytest.raises(Mendable):
        place.retire(before)
    place.add()
    place.retire(before)
    new = vault.seal("one", "grant", b"secret")
    assert (before, b"secret") == (vault.key_of(old), vault.open("one", "grant", new))
    with pytest.raises(Mendable, match=before):
        vault.open("one", "grant", old)


def test_when_the_keys_are_taken_away_nothing_is_sealed_and_what_was_still_opens(place: Place) -> None:
    vault = place.vault
    sealed = vault.seal("one", "grant", b"secret")
    place.take_away()
    for ask in (
        lambda: vault.seal("one", "grant", b"x"),
        lambda: vault.writing_key,
        lambda: vault.is_current(""),
    ):
        with pytest.raises(Mendable):
            ask()
    assert b"secret" == vault.open("one", "grant", sealed)


@pytest.mark.parametrize("rubbish", ["", "x", "yt1.0123456789ab.AAAA", "marked.memory.e30="])
def test_rubbish_was_sealed_by_no_key(place: Place, rubbish: str) -> None:
    assert not place.vault.is_current(rubbish)
    with pytest.raises(Mendable):
        place.vault.key_of(rubbish)
    with pytest.raises(Mendable):
        place.vault.open("one", "grant", rubbish)
