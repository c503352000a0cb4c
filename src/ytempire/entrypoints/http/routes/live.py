"""The live feed: a WebSocket, and the same as server-sent events for whoever cannot have one.

The first message is a snapshot; then one comes with every change, at most two a second. A token is shown in a header,
by the cookie of a browser, or as the first message `{"token": "..."}`; never in the address.
"""

import asyncio
import json
from collections.abc import Awaitable
from contextlib import suppress

from fastapi import Request
from fastapi.websockets import WebSocket, WebSocketDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ytempire.bootstrap.serving import Serving
from ytempire.domain.callers import NOBODY, Caller, Role
from ytempire.entrypoints.http.answers import may
from ytempire.entrypoints.http.doors import Here, Who, admit, guarded, needs
from ytempire.entrypoints.http.problems import Problem
from ytempire.services.live import Busy, Listener, Live

router = guarded("/api/v1", tags=["live"])
SOCKETS = {"/api/v1/live": Role.VIEWER}
"""Every WebSocket with its least role; `doors` refuses an application with another."""

_FIRST_WORD_SECONDS = 5.0
_MOST_WORDS = 20
_QUIET_SECONDS = 15.0
_NUMBER_DIGITS = 16
REFUSED, FULL, GOING = 1008, 1013, 1001


@router.websocket("/live")
async def live(websocket: WebSocket) -> None:
    """The feed as a WebSocket. What is said to it after the token is not listened to."""
    serving: Serving = websocket.app.state.serving
    await websocket.accept()
    try:
        caller = await _introduced(websocket, serving)
        while (token := await _fed(websocket, serving, caller)) is not None:
            caller = await _holder(websocket, serving, token)
    except Problem as refused:
        await websocket.close(REFUSED, refused.code)
    except Busy:
        await websocket.close(FULL, "too_many_listeners")
    except (WebSocketDisconnect, RuntimeError):  # it went away before it said who it is
        return


async def _fed(websocket: WebSocket, serving: Serving, caller: Caller) -> str | None:
    """Feeds a caller until it is over, or until somebody on this machine, who need not, shows a token after all: that
    token. Raises `Problem` for who may not listen, and `Busy`.
    """
    admit(caller, SOCKETS["/api/v1/live"])
    session, push = websocket.scope.get("ytempire.session"), websocket.scope.get("ytempire.push")
    listener = await serving.live.listen(caller, session, push=push)
    shown: list[str] = []
    hearing = _hear(websocket, shown if caller.token is None else None)
    await _until_over(serving.live, listener, _speak(websocket, listener), hearing)
    if shown:
        return shown[0]
    if listener.ended.is_set():
        # Whoever does not read would not read a farewell either.
        with suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
            async with asyncio.timeout(1.0):
                await websocket.close(GOING, "see_you_later")
                return None
        websocket.scope.get("ytempire.abort", lambda: None)()
    return None


@router.get(
    "/events/stream", operation_id="streamEvents", openapi_extra=needs(Role.VIEWER), responses=may(None)
)
async def stream(request: Request, serving: Here, caller: Who) -> Response:
    """The feed as server-sent events. With `Last-Event-ID` it begins with what happened since then."""
    last = request.headers.get("last-event-id", "")
    after = int(last) if last.isascii() and last.isdigit() and len(last) < _NUMBER_DIGITS else None
    try:
        listener = await serving.live.listen(caller, request.scope.get("ytempire.session"), after=after)
    except Busy:
        raise Problem(503, "too_many_listeners", "too many listen already", {"Retry-After": "30"}) from None
    return Feed(serving.live, listener)


class Feed(Response):
    """An answer that goes on until the listener goes away, or is let go."""

    media_type = "text/event-stream"

    def __init__(self, live: Live, listener: Listener) -> None:
        super().__init__(headers={"X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._live = live
        self._listener = listener

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _until_over(self._live, self._listener, self._speak(send), _disconnected(receive))
        if not self._listener.ended.is_set():
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _speak(self, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        while True:
            body = b": nothing new\n\n"
            with suppress(TimeoutError):
                async with asyncio.timeout(_QUIET_SECONDS):
                    told = await self._listener.next()
                    if told is None:
                        return
                    number, text = told
                    body = f"id: {number}\nevent: {json.loads(text)['type']}\ndata: {text}\n\n".encode()
            await send({"type": "http.response.body", "body": body, "more_body": True})


async def _introduced(websocket: WebSocket, serving: Serving) -> Caller:
    """Who it is: known from its headers, or by its first word. Raises `Problem`."""
    caller = websocket.scope.get("ytempire.caller", NOBODY)
    if isinstance(caller, Caller) and caller.role is not Role.ANYBODY:
        return caller
    word = ""
    with suppress(TimeoutError, KeyError):  # the latter: bytes instead of a text
        async with asyncio.timeout(_FIRST_WORD_SECONDS):
            word = await websocket.receive_text()
    return await _holder(websocket, serving, _token_in(word) or "")


async def _holder(websocket: WebSocket, serving: Serving, token: str) -> Caller:
    """Whose token it is. Raises `Problem` for one that is no good."""
    found = await serving.tokens.recognised(token)
    if found is None:
        websocket.scope["ytempire.failed_login"]()
        raise Problem(401, "token_refused", "this token is unknown, expired or revoked")
    return found.caller()


def _token_in(word: str) -> str | None:
    """The token that a word shows; None when it shows none."""
    try:
        return str(json.loads(word)["token"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


async def _until_over(
    live: Live, listener: Listener, speaking: Awaitable[None], hearing: Awaitable[None]
) -> None:
    """Until it goes away, says too much, or is let go."""
    tasks = {asyncio.ensure_future(each) for each in (speaking, hearing, listener.ended.wait())}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        live.leave(listener)
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _speak(websocket: WebSocket, listener: Listener) -> None:
    while (told := await listener.next()) is not None:
        await websocket.send_text(told[1])


async def _hear(websocket: WebSocket, shown: list[str] | None) -> None:
    """Until it goes away, has said more than there is to say, or its first word is a token, which then is `shown`."""
    for number in range(_MOST_WORDS):
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        token = _token_in(message.get("text") or "") if number == 0 and shown is not None else None
        if token is not None and shown is not None:
            shown.append(token)
            return
    await websocket.close(REFUSED, "too_many_words")


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
