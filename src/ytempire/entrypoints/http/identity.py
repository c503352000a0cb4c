"""Who asks: a token in the `Authorization` header, a browser that signed in, or somebody on this machine."""

from starlette.types import ASGIApp, Receive, Scope, Send

from ytempire.bootstrap.serving import Serving
from ytempire.domain.callers import LOCAL, NOBODY, Caller, Role


class Identity:
    """Finds out who asks, and leaves it in the scope for the doors."""

    def __init__(self, app: ASGIApp, serving: Serving) -> None:
        self._app = app
        self._serving = serving

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            scope["ytempire.caller"] = self._local()
        await self._app(scope, receive, send)

    def _local(self) -> Caller:
        role = self._serving.settings.api.local_role
        return NOBODY if role == "none" else Caller(LOCAL, Role(role))
