"""Sealing: what is sealed opens for its owner, field and key, and for nothing else."""

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from ytempire import ports
from ytempire.adapters.vault import KeyUnknown, KeyWrong, Tampered, Vault, VaultError
from ytempire.adapters.vault.keys import ring_from_file
from ytempire.domain.values import Secret

KEY = bytes(range(32))
CANARY = b"1//CANARY-refresh-token"
ACCOUNTS = [f"ytempire_prod_{number:02}" for number in range(1, 16)]


def vault_with(*keys: bytes) -> Vault:
    return Vault.load(Secret(",".join(base64.b64encode(key).decode() for key in keys)))


@settings(deadline=None)
@given(owner=st.text(), field=st.text(), plain=st.binary())
def test_what_was_sealed_opens_again(owner: str, field: str, plain: bytes) -> None:
    vault = vault_with(KEY)
    sealed = vault.seal(owner, field, plain)
    assert plain == vault.open(owner, field, sealed)
    assert sealed.isascii()


@given(places=st.lists(st.tuples(st.text(), st.text()), min_size=2, max_size=2, unique=True))
def test_no_other_pair_of_owner_and_field_opens_it(places: list[tuple[str, str]]) -> None:
    vault = vault_with(KEY)
    here, there = places
    sealed = vault.seal(*here, CANARY)
    with pytest.raises(Tampered):
        vault.open(*there, sealed)


def test_the_boundary_between_owner_and_field_cannot_be_moved() -> None:
    vault = vault_with(KEY)
    sealed = vault.seal("ab", "c", CANARY)
    for owner, field in (("a", "bc"), ("abc", ""), ("", "abc"), ("c", "ab")):
        with pytest.raises(Tampered):
            vault.open(owner, field, sealed)


def test_all_swaps_among_fifteen_accounts_are_refused() -> None:
    vault = vault_with(KEY)
    rows = {account: vault.seal(account, "refresh_token", account.encode()) for account in ACCOUNTS}
    refused = 0
    for account in ACCOUNTS:
        for other in ACCOUNTS:
            if account == other:
                assert account.encode() == vault.open(account, "refresh_token", rows[account])
            else:
                with pytest.raises(Tampered):
                    vault.open(account, "refresh_token", rows[other])
                refused += 1
    assert 210 == refused


@pytest.mark.parametrize("plain", [b"", b"x", b"xy", CANARY], ids=len)
def test_every_single_flipped_bit_is_refused(plain: bytes) -> None:
    vault = vault_with(KEY)
    sealed = vault.seal("a", "refresh_token", plain)
    for place in range(len(sealed)):
        for bit in range(8):
            flipped = sealed[:place] + chr(ord(sealed[place]) ^ (1 << bit)) + sealed[place + 1 :]
            with pytest.raises((Tampered, KeyUnknown)):
                vault.open("a", "refresh_token", flipped)


def test_every_cut_and_every_addition_is_refused() -> None:
    vault = vault_with(KEY)
    sealed = vault.seal("a", "refresh_token", CANARY)
    changed = [sealed[:end] for end in range(len(sealed))] + [
        sealed[start:] for start in range(1, len(sealed))
    ]
    changed += [sealed + tail for tail in ("=", "==", "A", "AAAA", "\n", " ", ".", "\x00", "é")]
    changed += ["\n" + sealed, " " + sealed, sealed.upper(), sealed + sealed]
    for text in changed:
        with pytest.raises(Tampered):
            vault.open("a", "refresh_token", text)


@given(st.text())
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(Tampered):
        vault_with(KEY).open("a", "refresh_token", text)


def test_a_text_relabelled_with_another_key_of_the_ring_is_refused() -> None:
    vault = vault_with(KEY, KEY[::-1])
    first, second = vault.key_ids
    sealed = vault.seal("a", "refresh_token", CANARY)
    with pytest.raises(Tampered):
        vault.open("a", "refresh_token", sealed.replace(first, second))


def test_the_vault_is_what_the_services_ask_for() -> None:
    asked: ports.Vault = vault_with(KEY)
    sealed = asked.seal("a", "refresh_token", CANARY)
    assert CANARY == asked.open("a", "refresh_token", sealed)
    assert (asked.writing_key, True) == (asked.key_of(sealed), asked.is_current(sealed))


def test_the_same_plain_is_sealed_differently_each_time() -> None:
    vault = vault_with(KEY)
    assert 500 == len({vault.seal("a", "refresh_token", CANARY) for _ in range(500)})


def test_the_sealed_form_is_the_declared_one() -> None:
    vault = vault_with(KEY)
    version, key_id, body = vault.seal("acc", "refresh_token", CANARY).split(".")
    raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    associated = b"\0\0\0\3yt1\0\0\0\3acc\0\0\0\x0drefresh_token\0\0\0\x0c" + key_id.encode()
    assert ("yt1", vault.key_ids[0]) == (version, key_id)
    assert CANARY == AESGCM(KEY).decrypt(raw[:12], raw[12:], associated)


def test_a_text_sealed_by_the_first_release_still_opens() -> None:
    # Fixed bytes: whoever changes the format by accident loses every stored grant.
    sealed = "yt1.8ae155617963.TlQzUrqLBvvEbKVOGUP_uOWL8essF2rxRQgYfHV6pTOJKw"
    assert b"golden" == vault_with(KEY).open("ytempire_prod_01", "refresh_token", sealed)


def test_an_old_key_reads_while_the_first_one_writes() -> None:
    old, new = vault_with(KEY), vault_with(KEY[::-1])
    both = vault_with(KEY[::-1], KEY)
    sealed = old.seal("a", "refresh_token", CANARY)
    again = both.seal("a", "refresh_token", both.open("a", "refresh_token", sealed))
    assert (False, True) == (both.is_current(sealed), both.is_current(again))
    assert CANARY == new.open("a", "refresh_token", again)
    with pytest.raises(KeyUnknown, match=old.key_ids[0]):
        new.open("a", "refresh_token", sealed)


def test_fingerprints_prove_that_the_right_keys_are_there() -> None:
    one, two = vault_with(KEY), vault_with(KEY[::-1])
    both = vault_with(KEY[::-1], KEY)
    (old_id,), (new_id,) = one.key_ids, two.key_ids
    checks = {old_id: one.fingerprint(old_id), new_id: two.fingerprint(new_id)}
    both.prove(checks)
    both.prove({})
    with pytest.raises(
        KeyUnknown, match=f"sealed with key {old_id}, but .* only {new_id}; bring back the key"
    ):
        two.prove(checks)
    with pytest.raises(KeyWrong, match="same backup"):
        one.prove({old_id: two.fingerprint(new_id)})
    with pytest.raises(KeyUnknown):
        one.fingerprint(new_id)


def test_nothing_that_can_be_printed_or_raised_shows_a_key_or_a_secret(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    made = Vault.create(path)
    material = [entry["key"] for entry in json.loads(path.read_text())["keys"]]
    shown = [repr(made), str(made), made.fingerprint(made.key_ids[0])]
    ring = ring_from_file(path.read_bytes(), "the file")
    shown += [repr(ring), str(ring), repr(ring.writing), str(ring.writing)]
    sealed = made.seal("a", "refresh_token", CANARY)
    for owner, text in (("b", sealed), ("a", sealed[:-1]), ("a", sealed.replace(made.key_ids[0], "0" * 12))):
        with pytest.raises(VaultError) as caught:
            made.open(owner, "refresh_token", text)
        shown += [str(caught.value), repr(caught.value), repr(caught.value.__cause__)]
    assert not hasattr(made, "__dict__")
    for text in shown:
        assert "CANARY" not in text
        for key in material:
            assert key not in text
            assert base64.b64decode(key).hex() not in text
            assert repr(base64.b64decode(key)) not in text


def test_a_refused_text_says_which_account_to_connect_again() -> None:
    with pytest.raises(
        Tampered, match=r"refresh_token of ytempire_prod_03 .* connect ytempire_prod_03 again"
    ):
        vault_with(KEY).open("ytempire_prod_03", "refresh_token", "yt1.x")
