"""Known secrets, and every place in which they must not be found: as they are, in hexadecimal, or in base64."""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from ytempire.emulator import Emulator

_LONG = 16


def known_to(google: Emulator) -> set[bytes]:
    """Every code and token that this Google handed out, and the secrets of its clients."""
    clients = {project.client_secret for project in google.world.projects.values()}
    return {_core(secret) for secret in {*google.secrets(), *clients}}


def keys_in(key_file: Path) -> set[bytes]:
    """The keys of an unprotected key file, as text and as bytes."""
    ring = json.loads(key_file.read_text())
    texts = {str(key["key"]).encode() for key in ring["keys"]} if "keys" in ring else set()
    return texts | {base64.b64decode(text) for text in texts}


def _core(secret: str) -> bytes:
    """The part that no encoding of an address or of JSON changes."""
    longest = max(re.findall(r"[A-Za-z0-9]+", secret), key=len, default="")
    return (longest if len(longest) >= _LONG else secret).encode()


def _shapes(secret: bytes) -> Iterator[bytes]:
    yield secret
    yield secret.hex().encode()
    for shift in range(3):  # in base64 the letters around it decide how it begins and ends
        coded = base64.b64encode(b"-" * shift + secret)
        yield coded[4 if shift else 0 : -4].rstrip(b"=")


def leaks(home: Path, said: Iterable[str], secrets: Iterable[bytes], *, but: Path | None = None) -> list[str]:
    """Every file below a home, and every text that was said, with one of the secrets in it.

    `but`, a file or a folder, is left out.
    """
    shapes = tuple({shape for secret in secrets for shape in _shapes(secret)})
    found = []
    for path in sorted(
        each for each in home.rglob("*") if each.is_file() and but not in (each, *each.parents)
    ):
        content = path.read_bytes()
        found += [f"{path.name}: {shape!r}" for shape in shapes if shape in content]
    for text in said:
        found += [f"{text!r}: {shape!r}" for shape in shapes if shape in text.encode()]
    return found
