"""The files that pages are made of besides HTML: what there is, and where it is to be had."""

import hashlib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@cache
def files() -> dict[str, bytes]:
    """Every file that is given out, by its path below the folder."""
    found = (each for each in FOLDER.rglob("*") if each.suffix in KINDS)
    return {each.relative_to(FOLDER).as_posix(): each.read_bytes() for each in found}


@cache
def address(name: str) -> str:
    """Where a file is to be had, as it is now. Raises `KeyError` for one that is not there."""
    return f"/static/{name}?v={hashlib.sha256(files()[name]).hexdigest()[:12]}"
