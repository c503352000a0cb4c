"""A span around every request."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ytempire.ports import SpanKind, Tracer

_FAILED = 500


class Traced:
    """Opens a span for each request; the route is known when it was answered."""

    def __init__(self, app: ASGIApp, tracer: Tracer) -> None:
        self._app = app
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        told = {
            "http.request.method": scope["method"],
            "ytempire.request": scope.get("ytempire.correlation", ""),
        }
        with self._tracer.span(f"http {scope['method']}", SpanKind.SERVER, told, headers) as span:

            async def seen(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.tell("http.response.status_code", message["status"])
                    if message["status"] >= _FAILED:
                        span.failed(f"status {message['status']}")
                await send(message)

            try:
                await self._app(scope, receive, seen)
            finally:
                route = getattr(scope.get("route"), "path", None)
                if route is not None:
                    span.tell("http.route", route)
