"""Keys and the ring that holds them: ids, check values, and their forms as file and environment value.

A key's id is derived from the key itself, so the same key has the same id wherever it is kept.
"""

import base64
import binascii
import hmac
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ytempire.adapters.vault.errors import KeyMalformed, KeyUnknown, KeyWrites, KeyWrong

KEY_BYTES = 32
MAX_KEYS = 100  # keeps the key file well below what `read_private` reads
FORMAT = "ytempire-keys-1"
_REMEDY = "restore it from the backup"
_ENVIRONMENT_REMEDY = f"set it to the base64 of {KEY_BYTES} bytes, for example with `openssl rand -base64 32`"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|\+00:00)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Key:
    """One AES-256 key of 32 bytes. Neither its id nor its fingerprint allows to compute it.

    `added` is the moment it came on the ring, ISO 8601 in UTC; empty when nobody said. Raises `KeyMalformed`
    for any other text.
    """

    material: bytes = field(repr=False)
    added: str = ""

    def __post_init__(self) -> None:
        if self.added and not _MOMENT.fullmatch(self.added):
            raise KeyMalformed("the moment a key was added is not a time in UTC like 2026-01-31T12:00:00Z")

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
class KeyFacts:
    """What may be shown of a key. `added` is ISO 8601 in UTC, or empty when it is not known."""

    id: str
    fingerprint: str
    writes: bool
    added: str


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
        raise KeyUnknown(
            f"this was sealed with key {key_id}, but {self.source} holds only {', '.join(self.ids)}; "
            "add the missing key from the backup behind the first one"
        )

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the keys; the first one writes."""
        return tuple(key.id for key in self.keys)

    def facts(self) -> tuple[KeyFacts, ...]:
        """What may be shown of each key; the first one writes."""
        return tuple(
            KeyFacts(key.id, key.fingerprint, key is self.writing, added=key.added) for key in self.keys
        )

    def with_first(self, key: Key) -> "KeyRing":
        """The ring with one more key, which writes from now on. Raises `KeyMalformed` when it is full."""
        return KeyRing((key, *self.keys), self.source)

    def without(self, key_id: str) -> "KeyRing":
        """The ring without one of its reading keys. Raises `KeyUnknown`, or `KeyWrites` for the first one."""
        if key_id not in self.ids:
            at_hand = ", ".join(self.ids)
            raise KeyUnknown(f"there is no key {key_id} to retire; {self.source} holds {at_hand}")
        if key_id == self.writing.id:
            raise KeyWrites(f"key {key_id} is the one that seals; add another first, then retire this one")
        return KeyRing(tuple(key for key in self.keys if key.id != key_id), self.source)


def ring_to_file(ring: KeyRing) -> bytes:
    """The ring as the bytes of a key file (JSON)."""
    keys = [
        {
            "id": key.id,
            "check": key.fingerprint,
            "key": base64.b64encode(key.material).decode(),
            **({"added": key.added} if key.added else {}),
        }
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
    return KeyRing(
        tuple(Key(_from_base64(part.strip(), source, _ENVIRONMENT_REMEDY)) for part in parts), source
    )


def _entry(entry: object, source: str) -> Key:
    if not isinstance(entry, dict) or not all(
        isinstance(entry.get(name), str) for name in ("id", "check", "key")
    ):
        raise KeyMalformed(f"{source} has a key without id, check or key; {_REMEDY}")
    added = entry.get("added", "")
    if not isinstance(added, str) or (added and not _MOMENT.fullmatch(added)):
        raise KeyMalformed(f"{source} has a key with a moment that is no time in UTC; {_REMEDY}")
    key = Key(_from_base64(entry["key"], source, _REMEDY), added)
    if entry["id"] != key.id or not same_check(entry["check"], key.fingerprint):
        raise KeyWrong(f"a key in {source} does not match its check value, so it was changed; {_REMEDY}")
    return key


def _from_base64(text: str, source: str, remedy: str) -> bytes:
    altchars = b"-_" if {"-", "_"} & set(text) else None
    try:
        material = base64.b64decode(_padded(text), altchars=altchars, validate=True)
    except (binascii.Error, ValueError):
        raise KeyMalformed(f"{source} does not hold a key in base64; {remedy}") from None
    if len(material) != KEY_BYTES:
        raise KeyMalformed(f"{source} holds {len(material)} bytes instead of {KEY_BYTES}; {remedy}")
    return material


def _padded(text: str) -> str:
    bare = text.rstrip("=")
    return bare + "=" * (-len(bare) % 4)


def same_check(one: str, other: str) -> bool:
    """Whether two check values agree, told without leaking where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def absent(needed: Iterable[str], ring: KeyRing) -> list[str]:
    """The ids among `needed` that are not on the ring."""
    return sorted(set(needed) - set(ring.ids))
