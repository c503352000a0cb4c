"""Project Wycheproof's AES-GCM vectors, through the two functions that everything sealed goes through."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag

from ytempire.adapters.vault.sealing import decrypt, encrypt

VECTORS: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("wycheproof_aes_gcm.json").read_text(encoding="utf-8")
)["tests"]
VALID = [vector for vector in VECTORS if vector["result"] == "valid"]
INVALID = [vector for vector in VECTORS if vector["result"] == "invalid"]


def raw(vector: dict[str, Any], *names: str) -> list[bytes]:
    return [bytes.fromhex(vector[name]) for name in names]


def test_all_vectors_of_our_sizes_are_here() -> None:
    assert (39, 27, 66) == (len(VALID), len(INVALID), len(VECTORS))


@pytest.mark.parametrize("vector", VALID, ids=lambda vector: f"tc{vector['tcId']}")
def test_a_valid_vector_is_sealed_and_opened_to_the_letter(vector: dict[str, Any]) -> None:
    key, nonce, associated, plain, ciphertext, tag = raw(vector, "key", "iv", "aad", "msg", "ct", "tag")
    assert nonce + ciphertext + tag == encrypt(key, nonce, plain, associated)
    assert plain == decrypt(key, nonce + ciphertext + tag, associated)


@pytest.mark.parametrize("vector", INVALID, ids=lambda vector: f"tc{vector['tcId']}")
def test_an_invalid_vector_is_refused(vector: dict[str, Any]) -> None:
    key, nonce, associated, ciphertext, tag = raw(vector, "key", "iv", "aad", "ct", "tag")
    with pytest.raises(InvalidTag):
        decrypt(key, nonce + ciphertext + tag, associated)


@pytest.mark.parametrize("size", [0, 1, 15, 16, 24, 31, 33, 64])
def test_no_key_of_another_size_is_used(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        encrypt(bytes(size), bytes(12), b"x", b"")
    with pytest.raises(ValueError, match="32 bytes"):
        decrypt(bytes(size), bytes(29), b"")


@pytest.mark.parametrize("size", [0, 1, 8, 11, 13, 16, 128])
def test_no_nonce_of_another_size_is_used(size: int) -> None:
    with pytest.raises(ValueError, match="12 bytes"):
        encrypt(bytes(32), bytes(size), b"x", b"")


@pytest.mark.parametrize("size", [*range(28)])
def test_what_is_too_short_for_nonce_and_tag_is_refused(size: int) -> None:
    with pytest.raises(InvalidTag):
        decrypt(bytes(32), bytes(size), b"")
