"""Style sheets, scripts and pictures: read once, named with their sum, so that browsers may keep them for ever."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.responses import Response

from ytempire.domain.callers import Role
from ytempire.entrypoints.http.doors import guarded, needs
from ytempire.entrypoints.http.static_files import KINDS, files

_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}

router = guarded()


def _given_out(name: str) -> Callable[[], Awaitable[Response]]:
    async def asset() -> Response:
        kind = KINDS[Path(name).suffix]
        return Response(files()[name], media_type=kind, headers=_FOR_EVER)

    return asset


# Each file has a door of its own, so that no path from outside ever names a file.
for _name in sorted(files()):
    router.add_api_route(
        f"/static/{_name}", _given_out(_name), include_in_schema=False, openapi_extra=needs(Role.ANYBODY)
    )
