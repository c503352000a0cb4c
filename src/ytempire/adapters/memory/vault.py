"""A vault that hides nothing: it marks texts with key, owner and field, and notices when those are wrong."""

import base64
import binascii
import json
import zlib

from ytempire.domain.values import Altered, Mendable


class NotSealedHere(Altered):
    """The text was sealed for another owner or field, or was changed since."""


class NoSuchKey(Mendable):
    """The ring holds no such key, or none that seals."""


class MemoryVault:
    """`ports.Vault` with names instead of keys. For tests: anyone can read what it seals.

    The first key writes, all can read. A name has no full stop, so that a text tells its key
    (`domain.values.sealed_by`).
    """

    def __init__(self, keys: tuple[str, ...] = ("memory",)) -> None:
        self.key_ids = keys
        self._lost = False

    def add_key(self, key_id: str) -> None:
        """Puts a key first: it seals from now on, the others still open."""
        self.key_ids = (key_id, *self.key_ids)

    def retire_key(self, key_id: str) -> None:
        """Takes a key away for ever. Raises `NoSuchKey` for the one that writes and for an unknown one."""
        if key_id not in self.key_ids[1:]:
            raise NoSuchKey(f"there is no key {key_id} that may be retired; the first one writes")
        self.key_ids = tuple(key for key in self.key_ids if key != key_id)

    def lose_keys(self) -> None:
        """From now on nothing is sealed, as when the key file was taken away; opening goes on."""
        self._lost = True

    def find_keys(self) -> None:
        """The keys are back."""
        self._lost = False

    @property
    def writing_key(self) -> str:
        """The key that seals now. Raises `NoSuchKey` after `lose_keys`."""
        if self._lost:
            raise NoSuchKey("the keys were taken away; bring them back")
        return self.key_ids[0]

    def seal(self, owner: str, field: str, plain: bytes) -> str:
        """Marks and encodes. Raises `NoSuchKey` after `lose_keys`."""
        key, text = self.writing_key, base64.b64encode(plain).decode()
        marked = json.dumps([key, owner, field, text, _sum(key, owner, field, text)])
        return f"marked.{key}.{base64.urlsafe_b64encode(marked.encode()).decode()}"

    def open(self, owner: str, field: str, sealed: str) -> bytes:
        """Decodes. Raises `NotSealedHere` when the mark is not this owner's and field's, or does not fit, and
        `NoSuchKey` when its key is not on the ring.
        """
        parts = _parts(sealed)
        if parts is None or parts[1:3] != [owner, field]:
            raise NotSealedHere(f"this is not a sealed {field} of {owner}")
        if parts[0] not in self.key_ids:
            raise NoSuchKey(f"this was sealed with key {parts[0]}, which is not on the ring")
        return base64.b64decode(parts[3])

    def key_of(self, sealed: str) -> str:
        """The key that a sealed text names. Raises `NotSealedHere` for any other text."""
        parts = _parts(sealed)
        if parts is None:
            raise NotSealedHere("this is not a sealed text")
        return parts[0]

    def is_current(self, sealed: str) -> bool:
        """Whether the key that writes now sealed it. Raises `NoSuchKey` after `lose_keys`."""
        parts, writing = _parts(sealed), self.writing_key
        return parts is not None and parts[0] == writing


def _parts(sealed: str) -> list[str] | None:
    """Key, owner, field and text in base64; None when this is not a text that was marked so."""
    try:
        form, named, body = sealed.split(".")
        key, owner, field, text, found = json.loads(base64.urlsafe_b64decode(body))
        if (form, named, found) != ("marked", key, _sum(key, owner, field, text)):
            return None
        base64.b64decode(text)
    except (ValueError, binascii.Error, TypeError):
        return None
    return [key, owner, field, text]


def _sum(*parts: str) -> int:
    return zlib.crc32("\n".join(parts).encode())
