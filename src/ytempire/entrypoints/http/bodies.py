"""Bodies on their way in: how long they may be, of which kind, how deep, and of which letters.

Files are not read here: they go on as they come (`routes/files.py`). Everything else is at most one megabyte and is
read whole, so that what is behind this sees only bodies that can be read.
"""

import asyncio
import json
import math
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ytempire.entrypoints.http.problems import Problem

MOST_BYTES = 1_048_576
DEEPEST = 32
FILES = "/api/v1/files"
_SECONDS = 30.0
_MOST_DIGITS = 30


class Bodies:
    """Reads bodies whole and judges them before anybody uses them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (scope["method"], scope["path"]) == ("PUT", FILES):
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        declared = headers.get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > MOST_BYTES:
            raise _too_long()
        body = await _read(receive)
        if body and scope["path"].startswith("/api/"):
            judge(body, headers.get(b"content-type", b"").decode("latin-1"))
        scope["ytempire.body"] = body
        await self._app(scope, _again(body, receive), send)


async def _read(receive: Receive) -> bytes:
    found = bytearray()
    try:
        async with asyncio.timeout(_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Problem(400, "broken_off", "the body ended before its end")
                found += message.get("body", b"")
                if len(found) > MOST_BYTES:
                    raise _too_long()
                if not message.get("more_body", False):
                    return bytes(found)
    except TimeoutError:
        raise Problem(408, "too_slow", f"the body took longer than {_SECONDS:.0f} seconds") from None


def _again(body: bytes, receive: Receive) -> Receive:
    """Gives the body once more, then whatever else there is to be heard."""
    given: list[bool] = []

    async def heard() -> Message:
        if given:
            return await receive()
        given.append(True)
        return {"type": "http.request", "body": body, "more_body": False}

    return heard


def judge(body: bytes, content_type: str) -> None:
    """Raises `Problem` for a body that is no JSON that could be meant here."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem(415, "not_json", "send JSON, with Content-Type: application/json")
    try:
        found = json.loads(body.decode(), parse_constant=_no_constant, parse_int=_number, parse_float=_finite)
        json.dumps(found, ensure_ascii=False).encode()  # half of a pair of surrogates is no letter
    except RecursionError:
        raise _too_deep() from None
    except ValueError:
        raise Problem(400, "malformed_json", "the body is not JSON, or holds what is no letter") from None
    if _depth(found) > DEEPEST:
        raise _too_deep()


def _depth(value: Any) -> int:
    deepest, level = 0, [value]
    while level:
        nested = [each for each in level if isinstance(each, dict | list)]
        level = [part for each in nested for part in (each.values() if isinstance(each, dict) else each)]
        deepest += bool(nested)
    return deepest


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is no JSON")


def _number(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError("a number of that many digits means nothing here")
    return int(text)


def _finite(text: str) -> float:
    found = float(text)
    if not math.isfinite(found):
        raise ValueError("a number of that size means nothing here")
    return found


def _too_long() -> Problem:
    return Problem(413, "body_too_long", f"a body has at most {MOST_BYTES:,} bytes; send files to {FILES}")


def _too_deep() -> Problem:
    return Problem(400, "too_deep", f"JSON is at most {DEEPEST} deep here")
