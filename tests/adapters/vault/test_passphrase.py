"""A key ring wrapped with a passphrase: it opens for that passphrase alone and stays wrapped when it changes."""

import base64
import json
import os
import resource
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from ytempire.adapters.vault import (
    Cost,
    KeyFileExposed,
    KeyFileUnwritable,
    KeyGone,
    KeyMalformed,
    KeyMissing,
    KeyUnknown,
    KeyWrites,
    KeyWrong,
    PassphraseUnfit,
    Vault,
    VaultError,
)
from ytempire.adapters.vault.files import read_private
from ytempire.adapters.vault.sources import from_file
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


def rewritten(path: Path, **changes: Any) -> Path:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    return path


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


# --- wrong and hostile ---


def test_a_missing_passphrase_is_asked_for_by_its_name(path: Path) -> None:
    protected(path)
    with pytest.raises(KeyMissing, match=r"ring\.json is protected by a passphrase.*YTEMPIRE_PASSPHRASE"):
        Vault.load(path)


@pytest.mark.parametrize(
    "wrong", ["", "x", PHRASE.reveal() + " ", PHRASE.reveal().lower(), "\ud800" * 12, "\0" * 99]
)
def test_a_wrong_passphrase_is_told_as_that_or_damage_and_not_repeated(path: Path, wrong: str) -> None:
    protected(path)
    with pytest.raises(KeyWrong, match="not the one, or the file was damaged") as caught:
        Vault.load(path, passphrase=Secret(wrong))
    assert "four words" not in str(caught.value)


def test_the_same_letters_are_the_same_passphrase_however_the_keyboard_spells_them(path: Path) -> None:
    composed = unicodedata.normalize("NFC", "Zürich çà et là")
    apart = unicodedata.normalize("NFD", composed)
    Vault.create(path, passphrase=Secret(composed), cost=CHEAP)
    assert composed != apart
    assert Vault.load(path, passphrase=Secret(apart)).protected


@pytest.mark.parametrize("short", ["", "elevenchars", " " * 40, "  short  \n\n\n\n"])
def test_a_passphrase_that_is_too_short_is_refused_before_anything_is_written(path: Path, short: str) -> None:
    with pytest.raises(PassphraseUnfit, match="12 characters"):
        Vault.create(path, passphrase=Secret(short), cost=CHEAP)
    assert not path.exists()
    Vault.create(path)
    before = path.read_bytes()
    with pytest.raises(PassphraseUnfit):
        Vault.protect(path, Secret(short), cost=CHEAP)
    assert before == path.read_bytes()


def test_every_single_flipped_bit_of_a_protected_file_is_refused(path: Path) -> None:
    Vault.create(path, passphrase=PHRASE, cost=Cost(n=2, r=1, p=1))
    whole = path.read_bytes()
    for place in range(len(whole)):
        for bit in range(8):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ (1 << bit)]) + whole[place + 1 :])
            with pytest.raises((KeyWrong, KeyMalformed)):
                Vault.load(path, passphrase=PHRASE)


def test_every_cut_of_a_protected_file_is_refused(path: Path) -> None:
    protected(path)
    whole = path.read_bytes()
    for end in range(len(whole.rstrip())):
        path.write_bytes(whole[:end])
        with pytest.raises(KeyMalformed):
            Vault.load(path, passphrase=PHRASE)


KDF = {"name": "scrypt", "salt": base64.b64encode(bytes(16)).decode(), "n": 16, "r": 1, "p": 1}


@pytest.mark.parametrize(
    "kdf",
    [
        None,
        [],
        {},
        {**KDF, "more": 1},
        {**KDF, "name": "argon2id"},
        {**KDF, "salt": 5},
        {**KDF, "salt": "!"},
        {**KDF, "salt": "é"},
        {**KDF, "salt": base64.b64encode(bytes(15)).decode()},
        {**KDF, "salt": base64.b64encode(bytes(17)).decode()},
        {**KDF, "n": "16"},
        {**KDF, "n": True},
        {**KDF, "n": 16.0},
        *({**KDF, "n": n} for n in (-16, 0, 1, 15, 17, 2**21, 2**63, 10**30)),
        *({**KDF, "r": r} for r in (-1, 0, 17, 2**30)),
        *({**KDF, "p": p} for p in (-1, 0, 5, 2**30)),
        {**KDF, "n": 2**20, "r": 16},
    ],
)
def test_a_hostile_or_unknown_recipe_is_refused_before_it_costs_anything(path: Path, kdf: object) -> None:
    protected(path)
    with pytest.raises(KeyMalformed, match="restore it from the backup"):
        Vault.load(rewritten(path, kdf=kdf), passphrase=PHRASE)


@pytest.mark.parametrize("changes", [{"sealed": None}, {"sealed": "!"}, {"sealed": "QQ"}, {"more": 1}])
def test_a_protected_file_with_a_wrong_form_is_refused(path: Path, changes: dict[str, object]) -> None:
    protected(path)
    with pytest.raises(KeyMalformed):
        Vault.load(rewritten(path, **changes), passphrase=PHRASE)


@pytest.mark.parametrize("sealed", ["", base64.b64encode(bytes(27)).decode()])
def test_a_protected_file_with_too_little_in_it_does_not_open(path: Path, sealed: str) -> None:
    protected(path)
    with pytest.raises(KeyWrong):
        Vault.load(rewritten(path, sealed=sealed), passphrase=PHRASE)


def test_a_header_is_not_exchanged_for_that_of_another_file(path: Path) -> None:
    protected(path)
    one = json.loads(path.read_text())
    Vault.protect(path, PHRASE, passphrase=PHRASE, cost=CHEAP)
    with pytest.raises(KeyWrong):
        Vault.load(rewritten(path, kdf=one["kdf"]), passphrase=PHRASE)


def test_a_wrapped_ring_is_checked_like_a_plain_one(path: Path) -> None:
    made = protected(path)
    checks = {made.writing_key: made.fingerprint(made.writing_key)}
    assert made.key_ids == Vault.load(path, checks, passphrase=PHRASE).key_ids
    with pytest.raises(KeyUnknown, match="bring back the key used before"):
        Vault.load(path, {"0" * 12: "00"}, passphrase=PHRASE)
    path.chmod(0o640)
    with pytest.raises(KeyFileExposed):
        Vault.load(path, passphrase=PHRASE)


NEEDS_A_GIBIBYTE = """
import resource, sys
from pathlib import Path
from ytempire.adapters.vault import Vault, VaultError
from ytempire.domain.values import Secret
resource.setrlimit(resource.RLIMIT_AS, (400 * 2**20, 400 * 2**20))
try:
    Vault.load(Path(sys.argv[1]), passphrase=Secret("four words by dice"))
except VaultError as error:
    print(error)
"""


def test_a_machine_with_too_little_memory_says_so(path: Path) -> None:
    protected(path)
    rewritten(path, kdf={**KDF, "n": 2**20, "r": 8})
    done = subprocess.run(
        [sys.executable, "-c", NEEDS_A_GIBIBYTE, str(path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert "the passphrase needs 1024 MiB of memory to be checked; make room and try again\n" == done.stdout


def test_a_full_disk_leaves_a_ring_as_it_was_plain_or_wrapped(path: Path) -> None:
    made = protected(path)
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        with pytest.raises(KeyFileUnwritable):
            Vault.unprotect(path, PHRASE)
        with pytest.raises(KeyFileUnwritable):
            Vault.protect(path, OTHER, passphrase=PHRASE, cost=CHEAP)
        with pytest.raises(KeyFileUnwritable):
            Vault.add_key(path, passphrase=PHRASE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert before == path.read_bytes()
    assert made.key_ids == Vault.load(path, passphrase=PHRASE).key_ids


def test_a_full_protected_ring_still_fits_in_a_file(path: Path) -> None:
    protected(path)
    last = [
        Vault.add_key(path, added="2026-07-01T00:00:00.123456+00:00", passphrase=PHRASE) for _ in range(99)
    ][-1]
    with pytest.raises(KeyMalformed, match="retire"):
        Vault.add_key(path, passphrase=PHRASE)
    assert (100, last.key_ids) == (len(last.key_ids), Vault.load(path, passphrase=PHRASE).key_ids)


def test_nothing_printed_shows_the_passphrase_or_what_it_gave(path: Path) -> None:
    Vault.create(path)
    key = json.loads(path.read_text())["keys"][0]["key"]
    vault = Vault.protect(path, PHRASE, cost=CHEAP)
    keys = from_file(path, PHRASE)
    lock = keys.lock
    assert lock
    things = [vault, keys, keys._seen, lock, lock.recipe, read_private(path)]
    for text in (repr(things), *map(str, things)):
        assert "CANARY" not in text
        for secret in (lock.key, base64.b64decode(key)):
            assert repr(secret) not in text
            assert secret.hex() not in text
            assert base64.b64encode(secret).decode() not in text
    assert not [thing for thing in things if hasattr(thing, "__dict__")]
