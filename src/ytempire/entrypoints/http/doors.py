"""Who may come in where. Every route says its least role here, or it cannot be built.

A file of routes looks like this, for the API and for pages alike:

    router = guarded("/api/v1/accounts", tags=["accounts"])

    @router.get("", operation_id="listAccounts", openapi_extra=needs(Role.VIEWER))
    async def list_accounts(serving: Here, caller: Who) -> Response:
        ...

`needs(role)` is the least role; `needs(role, whole=True)` keeps out tokens that are for some accounts only,
because the answer is about the whole installation. `Role.ANYBODY` is for those who have shown nothing. A page adds
`include_in_schema=False`. The role is checked before the body is read. `Here` is the house, `Who` the caller.

Do not use `include_router` or `Mount`: `app.build` takes the routes of each router as they are.
"""

from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.routing import APIRoute, APIWebSocketRoute

from ytempire.bootstrap.serving import Serving
from ytempire.domain.callers import NOBODY, Caller, Role
from ytempire.domain.consent import CALLBACK_PATH
from ytempire.domain.values import Refusal, Refused
from ytempire.entrypoints.http.answers import conditional
from ytempire.entrypoints.http.front import Front
from ytempire.entrypoints.http.problems import Problem

_LEAST, _WHOLE = "x-least-role", "x-whole-installation"
_MOST_TOLD = 10


class NoRole(Exception):
    """A route that does not say who may use it."""


@dataclass(frozen=True, slots=True)
class Door:
    """One way in: method and path, and who may use it."""

    method: str
    path: str
    role: Role
    whole: bool


def needs(role: Role, *, whole: bool = False) -> dict[str, Any]:
    """What a route says of who may use it; see above."""
    return {_LEAST: str(role), _WHOLE: whole}


def admit(caller: Caller, role: Role, *, whole: bool = False) -> None:
    """Raises `Problem` unless this caller may come in."""
    if caller.role.covers(role) and not (whole and caller.accounts is not None):
        return
    if caller.role is Role.ANYBODY:
        raise Problem(401, "unauthenticated", "show a token", {"WWW-Authenticate": "Bearer"})
    if not caller.role.covers(role):
        raise Problem(403, "role_too_low", f"{caller.name} is {caller.role}; this needs {role}")
    theirs = sorted(caller.accounts or ())
    named = ", ".join(theirs[:_MOST_TOLD]) + (" and others" if len(theirs) > _MOST_TOLD else "")
    message = f"the token {caller.name} is for {named} only, and this is about the whole installation"
    raise Problem(403, "accounts_only", message)


class GuardedRoute(APIRoute):
    """A route that lets in who it says. Raises `NoRole` when it is made without saying so."""

    def _admitting(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers requests."""
        answer = super().get_route_handler()
        role, whole = _said(self)
        known = _parameters(self)

        async def guarded(request: Request) -> Response:
            admit(caller_of(request), role, whole=whole)
            if known is not None:
                _only(known, request)
            return conditional(request, await answer(request))

        return guarded

    get_route_handler = _admitting  # the framework's name for it


def _parameters(route: APIRoute) -> frozenset[str] | None:
    """What a route may be asked with after the `?`; None where somebody else writes that, or it is a page's."""
    if not route.path.startswith("/api/") or route.path == CALLBACK_PATH:
        return None
    return frozenset(each.alias for each in route.dependant.query_params)


def _only(known: frozenset[str], request: Request) -> None:
    """Raises `Refused` for parameters that are not known, which would else be taken as if not there."""
    remedy = f"known here: {', '.join(sorted(known))}" if known else "leave it out: this takes none"
    wrong = sorted(set(request.query_params) - known)[:_MOST_TOLD]
    if wrong:
        raise Refused(
            *(
                Refusal(each[:100], "parameter_unknown", "there is no such parameter", remedy)
                for each in wrong
            )
        )


def guarded(prefix: str = "", *, tags: list[str] | None = None) -> APIRouter:
    """A router whose routes say who may use them."""
    return APIRouter(prefix=prefix, tags=list(tags or ()), route_class=GuardedRoute, redirect_slashes=False)


def caller_of(request: Request) -> Caller:
    """Whoever asks, as found out on the way in."""
    found = request.scope.get("ytempire.caller", NOBODY)
    return found if isinstance(found, Caller) else NOBODY


def serving_of(request: Request) -> Serving:
    """The house that the application was built on."""
    found = request.app.state.serving
    if not isinstance(found, Serving):
        raise TypeError("the application was built without a house")
    return found


def front_of(request: Request) -> Front:
    """How the house is reached."""
    found = request.scope.get("ytempire.front")
    if not isinstance(found, Front):
        raise TypeError("the application was built without a front")
    return found


# Not the plain functions above: what is no coroutine the framework calls in a thread, and each way there and back
# waits for its turn behind the threads of uploads.
async def _here(request: Request) -> Serving:
    return serving_of(request)


async def _who(request: Request) -> Caller:
    return caller_of(request)


Here = Annotated[Serving, Depends(_here)]
Who = Annotated[Caller, Depends(_who)]


def doors(app: FastAPI, sockets: dict[str, Role]) -> Iterator[Door]:
    """Every way into the application. Raises `NoRole` for one that does not say who may use it."""
    for route in app.router.routes:
        if isinstance(route, APIRoute):
            role, whole = _said(route)
            yield from (Door(method, route.path, role, whole) for method in sorted(route.methods or ()))
        elif isinstance(route, APIWebSocketRoute) and route.path in sockets:
            yield Door("WEBSOCKET", route.path, sockets[route.path], False)
        else:
            raise NoRole(f"{route!r} does not say who may use it; see entrypoints/http/doors.py")


def _said(route: APIRoute) -> tuple[Role, bool]:
    extra = route.openapi_extra or {}
    if _LEAST not in extra:
        raise NoRole(f"{route.path} does not say who may use it; add openapi_extra=needs(...)")
    return Role(extra[_LEAST]), bool(extra.get(_WHOLE))
