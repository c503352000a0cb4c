"""Sealing: AES-256-GCM in two small functions, the chance they need, and the form of a sealed text.

A sealed text is ASCII, `yt1.<key id>.<base64url of nonce, ciphertext and tag>`. Its associated data are the
format, owner, field and key id, each with its length before it, so that no two places share them. Nonces are
96 random bits; NIST SP 800-38D 8.3 allows 2^32 of them per key: hourly refreshes of 1,000 accounts for 490
years.
"""

import base64
import os
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ytempire.adapters.vault.errors import Tampered
from ytempire.adapters.vault.keys import KEY_BYTES, Key

NONCE_BYTES = 12
TAG_BYTES = 16
_FORMAT = "yt1"
_SEALED = re.compile(r"yt1\.([0-9a-f]{12})\.([A-Za-z0-9_-]+)", re.ASCII)


def chance(count: int) -> bytes:
    """As many unpredictable bytes from the kernel, for keys, nonces and salts."""
    return os.urandom(count)


def encrypt(key: bytes, nonce: bytes, plain: bytes, associated: bytes) -> bytes:
    """The nonce, the ciphertext and its tag of 16 bytes.

    A nonce must never serve twice under one key. Raises `ValueError` unless the key has 32 bytes and the
    nonce 12.
    """
    if len(nonce) != NONCE_BYTES:
        raise ValueError(f"a nonce has {NONCE_BYTES} bytes, not {len(nonce)}")
    return nonce + _cipher(key).encrypt(nonce, plain, associated)


def decrypt(key: bytes, body: bytes, associated: bytes) -> bytes:
    """What `encrypt` was given, from what it returned.

    Raises `InvalidTag` when key, body or associated data are not the same, `ValueError` unless the key has
    32 bytes.
    """
    cipher = _cipher(key)
    if len(body) < NONCE_BYTES + TAG_BYTES:
        raise InvalidTag
    return cipher.decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], associated)


def _cipher(key: bytes) -> AESGCM:
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(key)}")
    return AESGCM(key)


def seal_text(key: Key, owner: str, field: str, plain: bytes) -> str:
    """The sealed text of `plain`, which opens only for this owner and field; each call gives another."""
    body = encrypt(key.material, chance(NONCE_BYTES), plain, _associated(owner, field, key.id))
    return f"{_FORMAT}.{key.id}.{base64.urlsafe_b64encode(body).rstrip(b'=').decode()}"


def open_body(key: Key, owner: str, field: str, body: bytes) -> bytes:
    """What `seal_text` sealed with this key for this owner and field, from the body that `split` gives.

    Raises `Tampered` when it was not sealed so.
    """
    try:
        return decrypt(key.material, body, _associated(owner, field, key.id))
    except InvalidTag:
        raise tampered(owner, field) from None


def split(sealed: str) -> tuple[str, bytes] | None:
    """The key id and the body of a sealed text in its one and only spelling; None for any other text."""
    found = _SEALED.fullmatch(sealed)
    if found is None or len(found[2]) % 4 == 1:
        return None
    body = base64.urlsafe_b64decode(found[2] + "=" * (-len(found[2]) % 4))
    # Base64 leaves spare bits in the last character; a text that uses them is not one that we wrote.
    canonical = base64.urlsafe_b64encode(body).rstrip(b"=").decode()
    if canonical != found[2] or len(body) < NONCE_BYTES + TAG_BYTES:
        return None
    return found[1], body


def is_sealed_with(key: Key, sealed: str) -> bool:
    """Whether a sealed text names this key."""
    return sealed.startswith(f"{_FORMAT}.{key.id}.")


def tampered(owner: str, field: str) -> Tampered:
    """The error about a text that is not what was sealed there."""
    return Tampered(
        f"the sealed {field} of {owner} was changed, cut or taken from another place, and is not used; "
        f"connect {owner} again"
    )


def _associated(owner: str, field: str, key_id: str) -> bytes:
    parts = [part.encode() for part in (_FORMAT, owner, field, key_id)]
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
