"""Style sheets, scripts and pictures: read once, named with their sum, so that browsers may keep them for ever."""

import hashlib
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path

from starlette.responses import Response

from ytempire.domain.callers import Role
from ytempire.entrypoints.http.doors import guarded, needs

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


def _given_out(name: str) -> Callable[[], Awaitable[Response]]:
    async def asset() -> Response:
        kind = _KINDS[Path(name).suffix]
        return Response(files()[name], media_type=kind, headers=_FOR_EVER)

    return asset


# Each file has a door of its own, so that no path from outside ever names a file.
for _name in sorted(files()):
    router.add_api_route(
        f"/static/{_name}", _given_out(_name), include_in_schema=False, openapi_extra=needs(Role.ANYBODY)
    )
