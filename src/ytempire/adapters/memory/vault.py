"""A vault that hides nothing: it marks texts with their owner and field, and notices when those are wrong."""

import base64
import binascii
import json
import zlib

from ytempire.domain.values import Mendable


class NotSealedHere(Mendable):
    """The text was sealed for another owner or field, or was changed since."""


class MemoryVault:
    """`ports.Vault` without a key. For tests: anyone can read what it seals."""

    def seal(self, owner: str, field: str, plain: bytes) -> str:
        """Marks and encodes."""
        text = base64.b64encode(plain).decode()
        marked = json.dumps([owner, field, text, _sum(owner, field, text)])
        return "marked:" + base64.urlsafe_b64encode(marked.encode()).decode()

    def open(self, owner: str, field: str, sealed: str) -> bytes:
        """Decodes. Raises `NotSealedHere` when the mark is not this owner's and field's, or does not fit."""
        try:
            found = json.loads(base64.urlsafe_b64decode(sealed.removeprefix("marked:")))
            plain = base64.b64decode(found[2])
        except (ValueError, binascii.Error, LookupError, TypeError):
            raise NotSealedHere(f"this is not a sealed {field} of {owner}") from None
        if found != [owner, field, found[2], _sum(owner, field, found[2])]:
            raise NotSealedHere(f"this is not a sealed {field} of {owner}")
        return plain

    def key_of(self, sealed: str) -> str:
        """Always the same one. Raises `NotSealedHere` for a text without its mark."""
        if not sealed.startswith("marked:"):
            raise NotSealedHere("this is not a sealed text")
        return "memory"


def _sum(*parts: str) -> int:
    return zlib.crc32("\n".join(parts).encode())
