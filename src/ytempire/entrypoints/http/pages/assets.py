"""Style sheets, scripts and pictures: read once, named with their sum, so that browsers may keep them for ever."""

import hashlib
from functools import cache
from pathlib import Path

from starlette.responses import Response

from ytempire.domain.callers import Role
from ytempire.entrypoints.http.doors import guarded, needs
from ytempire.entrypoints.http.problems import Problem

FOLDER = Path(__file__).parents[1] / "static"
_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}

router = guarded()


@cache
def files() -> dict[str, bytes]:
    """Every file that is given out, by its path below the folder."""
    found = (each for each in FOLDER.rglob("*") if each.suffix in _KINDS)
    return {each.relative_to(FOLDER).as_posix(): each.read_bytes() for each in found}


@cache
def address(name: str) -> str:
    """Where a file is to be had, as it is now. Raises `KeyError` for one that is not there."""
    return f"/static/{name}?v={hashlib.sha256(files()[name]).hexdigest()[:12]}"


@router.get("/static/{name:path}", include_in_schema=False, openapi_extra=needs(Role.ANYBODY))
async def asset(name: str) -> Response:
    """One file; also for those who have shown nothing, because they are to see where to sign in."""
    found = files().get(name)
    if found is None:
        raise Problem(404, "not_found", "there is no such file")
    kind = _KINDS[Path(name).suffix]
    return Response(found, media_type=kind, headers=_FOR_EVER)
