"""The page to sign in on, for people; `session` is the same for programs."""

from urllib.parse import parse_qs

from fastapi import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from ytempire.domain.callers import Role
from ytempire.entrypoints.http import plain
from ytempire.entrypoints.http.doors import Here, guarded, needs
from ytempire.entrypoints.http.routes.session import signed_in, signed_out

router = guarded()
_MOST_FIELDS = 10


@router.get("/plain.css", include_in_schema=False, openapi_extra=needs(Role.ANYBODY))
async def style() -> Response:
    """How the plain pages look."""
    return PlainTextResponse(plain.STYLE, media_type="text/css")


@router.get("/login", include_in_schema=False, openapi_extra=needs(Role.ANYBODY))
async def login() -> Response:
    """The page."""
    return plain.login()


@router.post("/login", include_in_schema=False, openapi_extra=needs(Role.ANYBODY))
async def log_in(request: Request, serving: Here) -> Response:
    """Signs a browser in, and sends it home."""
    try:
        fields = parse_qs((await request.body()).decode(), max_num_fields=_MOST_FIELDS)
    except ValueError:
        fields = {}
    response = RedirectResponse("/", 303)
    if await signed_in(request, serving, fields.get("token", [""])[0].strip(), response) is None:
        return plain.login("This token is unknown, expired or revoked.", 401)
    return response


@router.post("/logout", include_in_schema=False, openapi_extra=needs(Role.ANYBODY))
async def log_out(request: Request, serving: Here) -> Response:
    """Signs a browser out, and sends it to the page to sign in on."""
    response = RedirectResponse("/login", 303)
    await signed_out(request, serving, response)
    return response
