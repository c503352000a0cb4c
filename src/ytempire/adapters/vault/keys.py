"""Keys and the ring that holds them: ids, check values, and their forms as file and environment value.

A key's id is derived from the key itself, so the same key has the same id wherever it is kept.
"""

import base64
import binascii
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from ytempire.adapters.vault.errors import KeyMalformed, KeyUnknown, KeyWrong

KEY_BYTES = 32
MAX_KEYS = 100  # keeps the key file well below what `read_private` reads
FORMAT = "ytempire-keys-1"
_REMEDY = "restore it from the backup"
_ENVIRONMENT_REMEDY = f"set it to the base64 of {KEY_BYTES} bytes, for example with `openssl rand -base64 32`"


@dataclass(frozen=True, slots=True)
class Key:
    """One AES-256 key of 32 bytes. Neither its id nor its fingerprint allows to compute it."""

    material: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """Twelve hexadecimal characters that name this key in every text it seals."""
        return self._digest(b"ytempire key id 1")[:12]

    @property
    def fingerprint(self) -> str:
        """The check value: HMAC-SHA-256 of a constant under this key, in hexadecimal."""
        return self._digest(b"ytempire key check 1")

    def _digest(self, constant: bytes) -> str:
        return hmac.digest(self.material, constant, "sha256").hex()


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys at hand: the first one writes, all can read. `source` names their place for messages."""

    keys: tuple[Key, ...]
    source: str

    def __post_init__(self) -> None:
        if len(self.keys) > MAX_KEYS:
            raise KeyMalformed(
                f"{self.source} would hold more than {MAX_KEYS} keys; retire the old ones first"
            )
        if not self.keys:
            raise KeyMalformed(f"{self.source} holds no key; {_REMEDY}")
        if len({key.id for key in self.keys}) < len(self.keys):
            raise KeyMalformed(f"{self.source} holds the same key twice; remove one of the two")

    @property
    def writing(self) -> Key:
        """The key that seals."""
        return self.keys[0]

    def find(self, key_id: str) -> Key:
        """The key with this id. Raises `KeyUnknown`."""
        for key in self.keys:
            if key.id == key_id:
                return key
        at_hand = ", ".join(key.id for key in self.keys)
        raise KeyUnknown(
            f"this was sealed with key {key_id}, but {self.source} holds only {at_hand}; "
            "add the missing key from the backup behind the first one"
        )

    def with_first(self, key: Key) -> "KeyRing":
        """The ring with one more key, which writes from now on."""
        return KeyRing((key, *self.keys), self.source)


def ring_to_file(ring: KeyRing) -> bytes:
    """The ring as the bytes of a key file (JSON)."""
    keys = [
        {"id": key.id, "check": key.fingerprint, "key": base64.b64encode(key.material).decode()}
        for key in ring.keys
    ]
    return (json.dumps({"format": FORMAT, "keys": keys}, indent=2) + "\n").encode()


def ring_from_file(data: bytes, source: str) -> KeyRing:
    """The ring in the bytes of a key file.

    Raises `KeyMalformed`, or `KeyWrong` when a check value disagrees.
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        # `from None`: the error of the parser carries the whole text, keys included.
        raise KeyMalformed(f"{source} is not a key file; {_REMEDY}") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        problem = f"{source} is not a key file of the format {FORMAT}"
        raise KeyMalformed(f"{problem}; {_REMEDY}, or use the ytempire that wrote it")
    entries = document.get("keys")
    if not isinstance(entries, list):
        raise KeyMalformed(f"{source} has no list of keys; {_REMEDY}")
    return KeyRing(tuple(_entry(entry, source) for entry in entries), source)


def ring_from_environment(text: str, source: str) -> KeyRing:
    """The ring in an environment value: keys in base64, commas between them. Raises `KeyMalformed`."""
    parts = text.split(",")
    return KeyRing(tuple(_from_base64(part.strip(), source, _ENVIRONMENT_REMEDY) for part in parts), source)


def _entry(entry: object, source: str) -> Key:
    if not isinstance(entry, dict) or not all(
        isinstance(entry.get(name), str) for name in ("id", "check", "key")
    ):
        raise KeyMalformed(f"{source} has a key without id, check or key; {_REMEDY}")
    key = _from_base64(entry["key"], source, _REMEDY)
    if entry["id"] != key.id or not same_check(entry["check"], key.fingerprint):
        raise KeyWrong(f"a key in {source} does not match its check value, so it was changed; {_REMEDY}")
    return key


def _from_base64(text: str, source: str, remedy: str) -> Key:
    altchars = b"-_" if {"-", "_"} & set(text) else None
    try:
        material = base64.b64decode(_padded(text), altchars=altchars, validate=True)
    except (binascii.Error, ValueError):
        raise KeyMalformed(f"{source} does not hold a key in base64; {remedy}") from None
    if len(material) != KEY_BYTES:
        raise KeyMalformed(f"{source} holds {len(material)} bytes instead of {KEY_BYTES}; {remedy}")
    return Key(material)


def _padded(text: str) -> str:
    bare = text.rstrip("=")
    return bare + "=" * (-len(bare) % 4)


def same_check(one: str, other: str) -> bool:
    """Whether two check values agree, told without leaking where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def absent(needed: Iterable[str], ring: KeyRing) -> list[str]:
    """The ids among `needed` that are not on the ring."""
    at_hand = {key.id for key in ring.keys}
    return sorted(set(needed) - at_hand)
