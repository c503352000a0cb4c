"""A name for every request: in the answer's `X-Request-Id`, in every line logged meanwhile, in every problem.

The outermost layer: whatever nobody expected ends here, is logged whole, and is told without its insides.
"""

import re

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ytempire.bootstrap.serving import Serving
from ytempire.entrypoints.http.problems import Problem, answer

_log = structlog.get_logger(__name__)
_GIVEN = re.compile(rb"[A-Za-z0-9._-]{8,64}")


class Correlation:
    """Names requests. A name that the caller gives is taken when it is harmless."""

    def __init__(self, app: ASGIApp, serving: Serving) -> None:
        self._app = app
        self._clock = serving.acting.context.clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        name = given.decode() if _GIVEN.fullmatch(given) else self._clock.new_id("req")
        scope["ytempire.correlation"] = name
        started = []

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.append(True)
                message = {**message, "headers": [*message["headers"], (b"x-request-id", name.encode())]}
            await send(message)

        with structlog.contextvars.bound_contextvars(request=name):
            try:
                await self._app(scope, receive, named)
            except Exception:  # noqa: BLE001  the outermost layer: logged whole, told without its insides
                _log.exception("a request failed in a way that nobody expected")
                if scope["type"] == "http" and not started:
                    problem = Problem(
                        500, "unexpected", "this should not have happened; see the log of the server"
                    )
                    await answer(problem, name)(scope, receive, named)
