"""A key ring wrapped with a passphrase: it opens for that passphrase alone and stays wrapped when it changes."""

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from ytempire.adapters.vault import (
    Cost,
    KeyGone,
    KeyMissing,
    KeyWrites,
    KeyWrong,
    Vault,
    VaultError,
)
from ytempire.domain.values import Secret

CHEAP = Cost(n=16, r=1, p=1)
PHRASE, OTHER = Secret("CANARY four words by dice"), Secret("CANARY another four words")
ADDED = "2026-07-01T00:00:00Z"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "ring.json"


def protected(path: Path) -> Vault:
    Vault.create(path, added=ADDED)
    return Vault.protect(path, PHRASE, cost=CHEAP)


# --- wrapping and unwrapping ---


def test_a_protected_ring_opens_with_its_passphrase_and_is_the_same_ring(path: Path) -> None:
    made = Vault.create(path, added=ADDED)
    sealed, listed = made.seal("a", "f", b"x"), made.listing()
    wrapped = Vault.protect(path, PHRASE, cost=CHEAP)
    loaded = Vault.load(path, passphrase=PHRASE)
    assert (False, True, True) == (made.protected, wrapped.protected, loaded.protected)
    assert listed == wrapped.listing() == loaded.listing()
    assert (ADDED, b"x") == (loaded.listing()[0].added, loaded.open("a", "f", sealed))


def test_a_protected_file_holds_no_key_in_clear_and_is_ours_alone(path: Path) -> None:
    Vault.create(path)
    key = json.loads(path.read_text())["keys"][0]["key"]
    Vault.protect(path, PHRASE, cost=CHEAP)
    content = path.read_bytes()
    for secret in (key.encode(), base64.b64decode(key), PHRASE.reveal().encode()):
        assert secret not in content
    assert "0600" == f"{path.stat().st_mode & 0o7777:04o}"
    assert [path] == list(path.parent.iterdir())


def test_a_new_file_may_be_protected_from_its_first_byte(path: Path) -> None:
    made = Vault.create(path, passphrase=PHRASE, cost=CHEAP)
    assert b"ytempire-keys-2" in path.read_bytes()
    assert made.key_ids == Vault.load(path, passphrase=PHRASE).key_ids
    with pytest.raises(KeyMissing):
        Vault.load(path)


def test_the_wrapped_form_is_the_declared_one(path: Path) -> None:
    Vault.create(path)
    plain = path.read_bytes()
    Vault.protect(path, PHRASE, cost=CHEAP)
    document = json.loads(path.read_text())
    salt, sealed = base64.b64decode(document["kdf"]["salt"]), base64.b64decode(document["sealed"])
    kdf = '{"n":16,"name":"scrypt","p":1,"r":1,"salt":"' + document["kdf"]["salt"] + '"}'
    associated = f'{{"format":"ytempire-keys-2","kdf":{kdf}}}'
    key = Scrypt(salt=salt, length=32, n=16, r=1, p=1).derive(PHRASE.reveal().encode())
    assert {"format", "kdf", "sealed"} == set(document)
    assert plain == AESGCM(key).decrypt(sealed[:12], sealed[12:], associated.encode())


def test_the_cost_is_by_default_what_owasp_recommends_first(path: Path) -> None:
    Vault.create(path, passphrase=PHRASE)
    kdf = json.loads(path.read_text())["kdf"]
    assert {"name": "scrypt", "salt": kdf["salt"], "n": 131_072, "r": 8, "p": 1} == kdf
    assert Vault.load(path, passphrase=PHRASE).protected


def test_two_wrappings_of_one_ring_share_neither_salt_nor_nonce(path: Path) -> None:
    protected(path)
    first = json.loads(path.read_text())
    Vault.protect(path, PHRASE, passphrase=PHRASE, cost=CHEAP)
    second = json.loads(path.read_text())
    assert first["kdf"]["salt"] != second["kdf"]["salt"]
    assert first["sealed"][:16] != second["sealed"][:16]


def test_a_ring_is_wrapped_again_with_another_passphrase_which_then_is_the_only_one(path: Path) -> None:
    made = protected(path)
    Vault.protect(path, OTHER, passphrase=PHRASE, cost=CHEAP)
    assert made.key_ids == Vault.load(path, passphrase=OTHER).key_ids
    with pytest.raises(KeyWrong):
        Vault.load(path, passphrase=PHRASE)


@pytest.mark.parametrize(("given", "kind"), [(None, KeyMissing), (OTHER, KeyWrong)])
def test_a_protected_ring_is_not_wrapped_again_without_its_passphrase(
    path: Path, given: Secret | None, kind: type[VaultError]
) -> None:
    protected(path)
    before = path.read_bytes()
    with pytest.raises(kind):
        Vault.protect(path, OTHER, passphrase=given, cost=CHEAP)
    with pytest.raises(KeyWrong):
        Vault.unprotect(path, OTHER)
    assert before == path.read_bytes()


def test_a_ring_is_unprotected_and_then_needs_no_passphrase(path: Path) -> None:
    made = protected(path)
    for _ in range(2):
        bare = Vault.unprotect(path, PHRASE)
        assert not bare.protected
        assert made.listing() == bare.listing() == Vault.load(path).listing()
    assert b"ytempire-keys-1" in path.read_bytes()


def test_a_passphrase_given_for_a_plain_ring_is_not_needed_and_does_not_wrap_it(path: Path) -> None:
    made = Vault.create(path)
    assert made.key_ids == Vault.load(path, passphrase=PHRASE).key_ids
    assert not Vault.add_key(path, passphrase=PHRASE).protected


# --- the ring's life goes on under a passphrase ---


def test_keys_are_added_and_retired_in_a_protected_ring_which_stays_protected(path: Path) -> None:
    made = protected(path)
    sealed = made.seal("a", "f", b"x")
    added = Vault.add_key(path, added=ADDED, passphrase=PHRASE)
    assert (True, b"x") == (added.protected, added.open("a", "f", sealed))
    retired = Vault.retire_key(path, made.key_ids[-1], passphrase=PHRASE)
    assert (True, added.key_ids[:1]) == (retired.protected, retired.key_ids)
    assert b"ytempire-keys-2" in path.read_bytes()
    assert retired.listing() == Vault.load(path, passphrase=PHRASE).listing()


@pytest.mark.parametrize(("given", "kind"), [(None, KeyMissing), (OTHER, KeyWrong)])
def test_a_protected_ring_is_not_changed_without_its_passphrase(
    path: Path, given: Secret | None, kind: type[VaultError]
) -> None:
    made = protected(path)
    before = path.read_bytes()
    with pytest.raises(kind):
        Vault.add_key(path, passphrase=given)
    with pytest.raises(kind):
        Vault.retire_key(path, made.writing_key, passphrase=given)
    with pytest.raises(KeyWrites):
        Vault.retire_key(path, made.writing_key, passphrase=PHRASE)
    assert before == path.read_bytes()


def test_a_running_vault_follows_a_protected_ring_without_deriving_its_key_again(path: Path) -> None:
    running = protected(path)
    sealed = running.seal("a", "f", b"x")
    Vault.add_key(path, passphrase=PHRASE)
    assert not running.is_current(sealed)
    # The same salt: what the running vault derived still serves.
    assert running.writing_key == Vault.load(path, passphrase=PHRASE).writing_key
    salts = {json.loads(path.read_text())["kdf"]["salt"]}
    Vault.add_key(path, passphrase=PHRASE)
    assert salts == {json.loads(path.read_text())["kdf"]["salt"]}


def test_a_running_vault_follows_a_ring_that_is_wrapped_or_unwrapped_when_it_can(path: Path) -> None:
    made = Vault.create(path)
    knows, knows_not = Vault.load(path, passphrase=PHRASE), Vault.load(path)
    Vault.protect(path, PHRASE, cost=CHEAP)
    assert made.key_ids == (knows.writing_key,)
    sealed = knows.seal("a", "f", b"x")
    with pytest.raises(KeyGone, match="YTEMPIRE_PASSPHRASE"):
        knows_not.seal("a", "f", b"x")
    assert b"x" == knows_not.open("a", "f", sealed)
    Vault.protect(path, OTHER, passphrase=PHRASE, cost=CHEAP)
    with pytest.raises(KeyGone, match="cannot be told apart"):
        knows.seal("a", "f", b"x")
    assert b"x" == knows.open("a", "f", sealed)
    Vault.unprotect(path, OTHER)
    assert (knows.writing_key,) == knows_not.key_ids == (knows_not.writing_key,)


def test_a_running_vault_follows_a_ring_wrapped_again_with_the_same_passphrase_and_another_salt(
    path: Path,
) -> None:
    running = protected(path)
    Vault.protect(path, PHRASE, passphrase=PHRASE, cost=CHEAP)
    added = Vault.add_key(path, passphrase=PHRASE)
    assert added.writing_key == running.writing_key
