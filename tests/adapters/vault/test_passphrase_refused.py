"""A wrapped key ring that is asked with a wrong passphrase, was damaged, or means harm, on machines in need."""

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

from ytempire.adapters.vault import (
    Cost,
    KeyFileExposed,
    KeyFileUnwritable,
    KeyMalformed,
    KeyMissing,
    KeyUnknown,
    KeyWrong,
    PassphraseUnfit,
    Vault,
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
