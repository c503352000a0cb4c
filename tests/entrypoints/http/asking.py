"""Asking an application without a network: one request in, one answer out, also of answers that never end."""

import asyncio
import json
from collections.abc import AsyncIterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message

PORT = 8000
HOST = f"127.0.0.1:{PORT}"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes
    cookies: list[str] = field(default_factory=list)

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of a problem."""
        return str(self.json()["code"])


async def ask(
    app: ASGIApp,
    method: str,
    target: str,
    *,
    given: object = None,
    body: bytes | AsyncIterable[bytes] | None = None,
    headers: Mapping[str, str] | None = None,
    token: str | None = None,
    address: str = "127.0.0.1",
) -> Answer:
    """Sends a request; an answer that goes on is hung up on after its first piece."""
    path, _, query = target.partition("?")
    sent = {"host": HOST} | ({"content-type": "application/json"} if given is not None else {})
    sent |= {"authorization": f"Bearer {token}"} if token else {}
    sent |= {name.lower(): value for name, value in (headers or {}).items()}
    whole = json.dumps(given).encode() if given is not None else body or b""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in sent.items()],
        "client": (address, 50_000),
        "server": ("127.0.0.1", PORT),
    }
    wire = _Wire(whole)
    await asyncio.wait_for(app(scope, wire.receive, wire.send), 30)
    return wire.answer()


class _Wire:
    def __init__(self, body: bytes | AsyncIterable[bytes]) -> None:
        self._body = _one(body) if isinstance(body, bytes) else aiter(body)
        self._begun = asyncio.Event()
        self._messages: list[Message] = []
        self._given = False

    async def receive(self) -> Message:
        if not self._given:
            try:
                return {"type": "http.request", "body": await anext(self._body), "more_body": True}
            except StopAsyncIteration:
                self._given = True
                return {"type": "http.request", "body": b"", "more_body": False}
            except ConnectionError:
                return {"type": "http.disconnect"}
        await self._begun.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self._messages.append(message)
        if message["type"] == "http.response.body":
            self._begun.set()

    def answer(self) -> Answer:
        start, *parts = self._messages
        raw = [(name.decode().lower(), value.decode("latin-1")) for name, value in start["headers"]]
        cookies = [value for name, value in raw if name == "set-cookie"]
        return Answer(start["status"], dict(raw), b"".join(each.get("body", b"") for each in parts), cookies)


async def _one(body: bytes) -> Any:
    yield body
