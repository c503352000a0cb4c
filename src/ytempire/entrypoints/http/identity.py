"""Who asks: a token in the `Authorization` header, a browser that signed in, or somebody on this machine.

A token that is no good is refused, and after some such from one address with when to come back; a good one is
always let in, whoever else guesses at that address: tokens are too long for guessing to get anywhere. A browser that
is not signed in any more is whoever has shown nothing.
"""

from http.cookies import CookieError, SimpleCookie

from starlette.types import ASGIApp, Receive, Scope, Send

from ytempire.bootstrap.serving import Serving
from ytempire.domain.callers import LOCAL, NOBODY, ApiToken, Caller, Role
from ytempire.entrypoints.http.front import Front
from ytempire.entrypoints.http.limits import Counter, Limits
from ytempire.entrypoints.http.problems import Problem

_LONGEST_COOKIE = 4096


class Identity:
    """Finds out who asks, and leaves it in the scope for the doors."""

    def __init__(self, app: ASGIApp, serving: Serving, front: Front, limits: Limits) -> None:
        self._app = app
        self._tokens = serving.tokens
        self._clock = serving.acting.context.clock
        self._front = front
        role = serving.settings.api.local_role
        self._local = NOBODY if role == "none" or not front.local else Caller(LOCAL, Role(role))
        self._failed = Counter(limits.failed_logins, "too_many_logins")
        self._calls = Counter(limits.calls, "too_many_requests")
        self._local_calls = Counter(limits.local_calls, "too_many_requests")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            scope["ytempire.failed_login"] = lambda: self._fail(scope)
            scope["ytempire.front"] = self._front
            caller = await self._caller(scope)
            scope["ytempire.caller"] = caller
            counter = self._local_calls if caller == self._local else self._calls
            key = caller.key if caller.role is not Role.ANYBODY else f"from {_address(scope)}"
            counter.count(key, self._clock.monotonic())
        await self._app(scope, receive, send)

    async def _caller(self, scope: Scope) -> Caller:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        shown = headers.get("authorization")
        if shown is not None:
            scheme, _, text = shown.partition(" ")
            token = await self._tokens.recognised(text.strip()) if scheme.lower() == "bearer" else None
            return self._holder(scope, token)
        session = cookie(headers.get("cookie", ""), self._front.cookie)
        if session:
            token = await self._tokens.signed_in(session)
            if token is not None:
                scope["ytempire.session"] = session
                return token.caller()
        return self._local

    def _holder(self, scope: Scope, token: ApiToken | None) -> Caller:
        if token is not None:
            return token.caller()
        self._fail(scope)
        challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        raise Problem(401, "token_refused", "this token is unknown, expired or revoked", challenge)

    def _fail(self, scope: Scope) -> None:
        self._failed.count(_address(scope), self._clock.monotonic())


def cookie(header: str, name: str) -> str | None:
    """The value of a cookie, or None."""
    if len(header) > _LONGEST_COOKIE:
        return None
    try:
        found = SimpleCookie(header).get(name)
    except CookieError:
        return None
    return found.value if found is not None else None


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else "nowhere"
