"""`HEAD`: what monitors ask with. It is answered as `GET` would be, without the body.

Outermost, so that everything else sees a `GET`. Where a `GET` goes on for ever or does something, it stays refused.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ytempire.domain.consent import CALLBACK_PATH

_NOT_HERE = frozenset({"/api/v1/events/stream", "/api/v1/auth/youtube/start", CALLBACK_PATH})


class Heads:
    """Answers `HEAD` with the head of the answer to `GET`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD" or scope["path"] in _NOT_HERE:
            await self._app(scope, receive, send)
            return

        async def bodiless(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self._app({**scope, "method": "GET"}, receive, bodiless)
