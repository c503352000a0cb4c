"""A name for every request, and the headers of every answer. The outermost layer: what nobody expected ends here.

The name is in the answer's `X-Request-Id`, in every line logged meanwhile, and in every problem. The unexpected is
logged whole and told without its insides.
"""

import re

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ytempire.domain.values import Mendable
from ytempire.entrypoints.http.front import Front
from ytempire.entrypoints.http.problems import Problem, problem_of, told
from ytempire.ports import Clock

_log = structlog.get_logger(__name__)
_GIVEN = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; "
    "base-uri 'none'"
)
_ALWAYS = {
    b"content-security-policy": _POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"x-frame-options": b"DENY",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=(), payment=()",
    b"cache-control": b"no-store",
}
_YEAR = b"max-age=31536000; includeSubDomains"


class Correlation:
    """Names requests. A name that the caller gives is taken when it is harmless."""

    def __init__(self, app: ASGIApp, clock: Clock, front: Front) -> None:
        self._app = app
        self._clock = clock
        self._headers = _ALWAYS | ({b"strict-transport-security": _YEAR} if front.tls else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        name = given.decode() if _GIVEN.fullmatch(given) else self._clock.new_id("req")
        scope["ytempire.correlation"] = name
        started: list[bool] = []

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.append(True)
                message = {**message, "headers": self._with_ours(message["headers"], name)}
            await send(message)

        with structlog.contextvars.bound_contextvars(request=name):
            problem = await self._problem(scope, receive, named)
            if problem is not None and not started:
                await self._tell(problem, scope, receive, named)

    def _with_ours(self, headers: list[tuple[bytes, bytes]], name: str) -> list[tuple[bytes, bytes]]:
        there = {each.lower() for each, _ in headers}
        more = [(each, value) for each, value in self._headers.items() if each not in there]
        return [*headers, *more, (b"x-request-id", name.encode())]

    async def _problem(self, scope: Scope, receive: Receive, send: Send) -> Problem | None:
        try:
            await self._app(scope, receive, send)
        except (Problem, Mendable) as found:
            return problem_of(found)
        except Exception:  # noqa: BLE001  the outermost layer: logged whole, told without its insides
            _log.exception("a request failed in a way that nobody expected")
            return Problem(500, "unexpected", "this should not have happened; see the log of the server")
        return None

    async def _tell(self, problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await told(problem, scope)(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": problem.code})
