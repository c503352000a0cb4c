"""The vault itself: AES-256-GCM sealing bound to owner, field and key, with a ring of keys.

A sealed text is ASCII, `yt1.<key id>.<base64url of nonce, ciphertext and tag>`. Its associated data are the
format, owner, field and key id, each with its length before it, so that no two places share them. Nonces are
96 random bits; NIST SP 800-38D 8.3 allows 2^32 of them per key: hourly refreshes of 1,000 accounts for 490
years.
"""

import base64
import os
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ytempire.adapters.vault.errors import KeyMissing, KeyUnknown, KeyWrong, Tampered
from ytempire.adapters.vault.files import create_private, read_private, rewrite_private
from ytempire.adapters.vault.keys import (
    Key,
    KeyRing,
    absent,
    ring_from_environment,
    ring_from_file,
    ring_to_file,
    same_check,
)
from ytempire.domain.values import Secret

ENVIRONMENT_NAME = "YTEMPIRE_KEY"
_FORMAT = "yt1"
_NONCE_BYTES = 12
_TAG_BYTES = 16
_SEALED = re.compile(r"yt1\.([0-9a-f]{12})\.([A-Za-z0-9_-]+)", re.ASCII)
_NO_CHECKS: Mapping[str, str] = MappingProxyType({})


class Vault:
    """Seals with the first key of its ring and opens with any of them. Safe to share between threads."""

    __slots__ = ("_ring",)

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    @classmethod
    def create(cls, path: Path) -> "Vault":
        """A vault with a new key in a new key file (0600, folders 0700), durable when this returns.

        Raises `KeyFileExists` (of several processes one wins; `load` then), `KeyFileExposed` or
        `KeyFileUnwritable`.
        """
        ring = KeyRing((_new_key(),), _file(path))
        create_private(path, ring_to_file(ring))
        return cls(ring)

    @classmethod
    def load(cls, source: Path | Secret, checks: Mapping[str, str] = _NO_CHECKS) -> "Vault":
        """The vault whose keys are in a file, or in the value of YTEMPIRE_KEY given as a `Secret`.

        `checks` are the fingerprints by key id of whatever is still sealed, as the database remembers them;
        every one of them must be on the ring. Raises the `KeyUnavailable` and `KeyUnsafe` errors.
        """
        if isinstance(source, Secret):
            ring = ring_from_environment(source.reveal(), f"the environment value {ENVIRONMENT_NAME}")
        else:
            ring = _ring_of_file(source, checks)
        vault = cls(ring)
        vault.prove(checks)
        return vault

    @classmethod
    def add_key(cls, path: Path) -> "Vault":
        """Puts a new key first in a key file; the others stay readable. Gives the vault that writes with it.

        Safe against a crash and against a second process doing the same. Raises what `load` and `create` do.
        """
        source, key = _file(path), _new_key()
        data = rewrite_private(path, lambda old: ring_to_file(ring_from_file(old, source).with_first(key)))
        return cls(ring_from_file(data, source))

    def prove(self, checks: Mapping[str, str]) -> None:
        """Makes sure that everything sealed with these keys can be opened.

        Raises `KeyUnknown` for a key that is not on the ring and `KeyWrong` for one with another fingerprint.
        """
        missing = absent(checks, self._ring)
        if missing:
            raise KeyUnknown(
                f"what is stored was sealed with key {', '.join(missing)}, but {self._ring.source} holds "
                f"only {', '.join(self.key_ids)}; bring back the key used before, for no other can open it"
            )
        wrong = [name for name, check in checks.items() if not same_check(check, self.fingerprint(name))]
        if wrong:
            raise KeyWrong(
                f"key {', '.join(sorted(wrong))} of {self._ring.source} is not the one that sealed what is "
                "stored; restore the key and the database from the same backup"
            )

    def seal(self, owner: str, field: str, plain: bytes) -> str:
        """The sealed text of `plain`, which opens only for this owner and field; each call gives another."""
        key = self._ring.writing
        nonce = os.urandom(_NONCE_BYTES)
        body = nonce + AESGCM(key.material).encrypt(nonce, plain, _associated(owner, field, key.id))
        return f"{_FORMAT}.{key.id}.{base64.urlsafe_b64encode(body).rstrip(b'=').decode()}"

    def open(self, owner: str, field: str, sealed: str) -> bytes:
        """What was sealed for this owner and field.

        Raises `KeyUnknown` when its key is not on the ring, and `Tampered` when `seal` did not make it so.
        """
        key_id, body = _parts(sealed, owner, field)
        key = self._ring.find(key_id)
        nonce, ciphertext = body[:_NONCE_BYTES], body[_NONCE_BYTES:]
        try:
            return AESGCM(key.material).decrypt(nonce, ciphertext, _associated(owner, field, key_id))
        except InvalidTag:
            raise _tampered(owner, field) from None

    def key_of(self, sealed: str) -> str:
        """The id of the key that a sealed text names. Raises `Tampered` when `seal` did not make it."""
        found = _SEALED.fullmatch(sealed)
        if found is None:
            raise Tampered("this is no sealed text of ours, or it was changed")
        return found[1]

    def is_current(self, sealed: str) -> bool:
        """Whether a sealed text names the key that writes now; if not, it is due to be sealed again."""
        return sealed.startswith(f"{_FORMAT}.{self._ring.writing.id}.")

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The ids of the ring; the first one writes."""
        return tuple(key.id for key in self._ring.keys)

    def fingerprint(self, key_id: str) -> str:
        """The check value of a key, to be stored beside what it seals; the key cannot be computed from it.

        Raises `KeyUnknown`.
        """
        return self._ring.find(key_id).fingerprint

    def __repr__(self) -> str:
        return f"Vault({self._ring.source}: {', '.join(self.key_ids)})"


def _new_key() -> Key:
    return Key(AESGCM.generate_key(bit_length=256))


def _file(path: Path) -> str:
    return f"the key file {path}"


def _ring_of_file(path: Path, checks: Mapping[str, str]) -> KeyRing:
    try:
        return ring_from_file(read_private(path), _file(path))
    except KeyMissing as error:
        remedy = "create one with `ytempire init`"
        if checks:
            sealed = f"what is stored was sealed with key {', '.join(sorted(checks))}"
            remedy = (
                f"{sealed}: put that file back from the backup; do not create a new one, it cannot open it"
            )
        raise KeyMissing(f"{error}; {remedy}") from None


def _associated(owner: str, field: str, key_id: str) -> bytes:
    parts = [part.encode() for part in (_FORMAT, owner, field, key_id)]
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def _parts(sealed: str, owner: str, field: str) -> tuple[str, bytes]:
    """The key id and the body of a sealed text in its one and only spelling."""
    found = _SEALED.fullmatch(sealed)
    if found is None or len(found[2]) % 4 == 1:
        raise _tampered(owner, field)
    body = base64.urlsafe_b64decode(found[2] + "=" * (-len(found[2]) % 4))
    # Base64 leaves spare bits in the last character; a text that uses them is not one that we wrote.
    canonical = base64.urlsafe_b64encode(body).rstrip(b"=").decode()
    if canonical != found[2] or len(body) < _NONCE_BYTES + _TAG_BYTES:
        raise _tampered(owner, field)
    return found[1], body


def _tampered(owner: str, field: str) -> Tampered:
    return Tampered(
        f"the sealed {field} of {owner} was changed, cut or taken from another place, and is not used; "
        f"connect {owner} again"
    )
