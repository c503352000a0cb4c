"""Small calls on the event loop, over httpx2. Importing it costs 0.14 s, so only the first call does."""

import asyncio
import http.cookiejar
import json
import logging
import ssl
import threading
import zlib
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass

import httpx2

from ytempire.adapters.google.connection import plain
from ytempire.adapters.google.mishaps import Timeouts, no_reply
from ytempire.adapters.google.source_file import SourceFile, Unreadable
from ytempire.domain.wire import MAX_REPLY_BYTES, SLOWEST, Answer, Call, Form, NoReply, Reply

_BLOCK = 262_144
_UNSENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.InvalidURL,
)
"""What can only go wrong before the first byte of a request has left."""


@dataclass(frozen=True, slots=True)
class _Body:
    """A request body whose length is known: `before`, then a file, then `after`."""

    mime: str
    before: bytes
    file: SourceFile | None = None
    after: bytes = b""

    @property
    def length(self) -> int:
        return len(self.before) + (self.file.size if self.file else 0) + len(self.after)


class SmallCalls:
    """One client per event loop, made when a loop first calls. No redirects, no proxies, no cookies."""

    def __init__(self, tls: ssl.SSLContext, timeouts: Timeouts, agent: str) -> None:
        self._tls = tls
        self._timeouts = timeouts
        self._agent = agent
        self._clients: dict[asyncio.AbstractEventLoop, httpx2.AsyncClient] = {}
        self._lock = threading.Lock()
        # Told to be talkative, these would write session addresses and cookies into the log.
        for library in ("httpx2", "httpcore2"):
            logging.getLogger(library).setLevel(logging.WARNING)

    async def call(
        self, url: str, call: Call, *, headers: Mapping[str, str], boundary: str, reader: Executor
    ) -> Answer:
        """Sends a call; its file is read by `reader`."""
        try:
            file = SourceFile(call.media.path) if call.media else None
        except Unreadable as error:
            return NoReply(str(error), sent=False, ours=True)
        try:
            body = _body(call, file, boundary)
            return await self._exchange(call.http, url, {**headers, **call.headers}, call.query, body, reader)
        finally:
            if file:
                file.close()

    async def post(self, form: Form, headers: Mapping[str, str]) -> Answer:
        """Posts a form."""
        encoded = str(httpx2.QueryParams(dict(form.fields))).encode()
        body = _Body("application/x-www-form-urlencoded", encoded)
        return await self._exchange("POST", form.url, headers, {}, body, None)

    async def _exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        query: Mapping[str, str],
        body: _Body | None,
        reader: Executor | None,
    ) -> Answer:
        length = body.length if body else 0
        lengths = {"Content-Length": str(length), "Content-Type": body.mime} if body else {}
        content = _stream(body, reader) if body else None
        try:
            async with asyncio.timeout(self._timeouts.call + length / SLOWEST):
                async with self._client().stream(
                    method, url, params=query or None, headers={**lengths, **headers}, content=content
                ) as response:
                    return await _read(response)
        except Unreadable as error:
            # Its file failed us on the way: the head was sent before the first byte of it was read.
            return NoReply(str(error), ours=True)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, zlib.error) as error:
            return no_reply(error, sent=not isinstance(error, _UNSENT))

    def _client(self) -> httpx2.AsyncClient:
        loop = asyncio.get_running_loop()
        with self._lock:
            for dead in [other for other in self._clients if other.is_closed()]:
                del self._clients[dead]
            if loop not in self._clients:
                self._clients[loop] = self._new_client()
            return self._clients[loop]

    def _new_client(self) -> httpx2.AsyncClient:
        # One client serves all channels: what Google sets for one must not come back with another's token.
        no_cookies = http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
        return httpx2.AsyncClient(
            verify=self._tls,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx2.Timeout(
                self._timeouts.call, connect=min(self._timeouts.connect, self._timeouts.call)
            ),
            headers={"User-Agent": self._agent, "Accept": "application/json", "Accept-Encoding": "gzip"},
            cookies=no_cookies,
        )

    async def aclose(self) -> None:
        """Closes the clients of every loop that still runs."""
        with self._lock:
            clients, self._clients = self._clients, {}
        here = asyncio.get_running_loop()
        for loop, client in clients.items():
            if loop is here:
                await client.aclose()
            elif loop.is_running():
                await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(client.aclose(), loop))


async def _read(response: httpx2.Response) -> Reply:
    """The reply, its body unpacked and cut.

    The library would unpack each part it hears wholly, and a megabyte can hold a thousand.
    """
    body = bytearray()
    async for part in response.aiter_raw():
        body += part
        if len(body) >= MAX_REPLY_BYTES:
            break
    headers = {name.lower(): value for name, value in response.headers.items()}
    told = plain(bytes(body[:MAX_REPLY_BYTES]), headers.get("content-encoding", ""))
    return Reply(response.status_code, headers, told)


def _body(call: Call, file: SourceFile | None, boundary: str) -> _Body | None:
    told = None if call.body is None else json.dumps(call.body).encode()
    if call.media is None or file is None:
        return None if told is None else _Body("application/json; charset=UTF-8", told)
    if told is None:
        return _Body(call.media.mime, b"", file)
    edge = boundary.encode()
    before = (
        b"--%b\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n%b\r\n--%b\r\nContent-Type: %b\r\n\r\n"
        % (edge, told, edge, call.media.mime.encode())
    )
    return _Body(f"multipart/related; boundary={boundary}", before, file, b"\r\n--%b--\r\n" % edge)


async def _stream(body: _Body, reader: Executor | None) -> AsyncIterator[bytes]:
    if body.before:
        yield body.before
    if body.file:
        loop, left = asyncio.get_running_loop(), body.file.size
        while left:
            view = memoryview(bytearray(min(left, _BLOCK)))
            await loop.run_in_executor(reader, body.file.fill, view)
            yield bytes(view)
            left -= len(view)
    if body.after:
        yield body.after
