"""Where a browser comes back to after consent: a listener on this machine for one kind of visit.

It knows nothing of OAuth: it hands over the query of each visit to its one path, and shows the page that it is
told to. Everything else is turned away: other paths, methods, hosts (a page elsewhere whose name was pointed at
this machine), long or slow heads.
"""

import asyncio
import contextlib
import errno
import html
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus

from ytempire.domain.consent import Landing
from ytempire.domain.values import Mendable
from ytempire.ports import Visit

_MAX_HEAD = 16_384
_HEAD_SECONDS = 10.0
_WAITING = 16
"""More visits than this at a time are turned away, so that nobody can fill the memory."""

_CONNECTIONS = 128
"""More than this at a time are dropped unheard, so that nobody can use up what this process may open."""

_HEADERS = (
    "Content-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\nConnection: close\r\n"
)
_PAGE = (
    "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    "<title>{title}</title><style>:root{{color-scheme:light dark}}body{{font:16px/1.5 system-ui,sans-serif;"
    "max-width:34rem;margin:20vh auto;padding:0 1.5rem}}h1{{font-size:1.4rem}}</style>"
    "<h1>{title}</h1><p>{text}</p></html>"
)


class PortTaken(Mendable):
    """Somebody else listens there."""


class LoopbackDesk:
    """`ports.Desk` for browsers that come to `uri`."""

    def __init__(self, uri: str, hosts: frozenset[str], path: str) -> None:
        self.uri = uri
        self._hosts = hosts
        self._path = path
        self._visits: asyncio.Queue[Visit] = asyncio.Queue(_WAITING)

    async def visit(self) -> Visit:
        """The next visit."""
        return await self._visits.get()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        shown = asyncio.Event()

        async def show(good: bool, title: str, text: str) -> None:  # noqa: FBT001  read aloud it is clear
            status = HTTPStatus.OK if good else HTTPStatus.BAD_REQUEST
            # Who went away misses a page; what became of the consent is not theirs to end.
            with contextlib.suppress(ConnectionError):
                await _write(writer, status, title, text)
            shown.set()

        try:
            status, query = await self._read(reader)
            if status is not HTTPStatus.OK:
                await _write(writer, status, status.phrase, "There is nothing here but the end of a consent.")
                return
            self._visits.put_nowait(Visit(query, show))
            await shown.wait()
        except asyncio.QueueFull:
            await _write(writer, HTTPStatus.TOO_MANY_REQUESTS, "Busy", "Too many visits; try again.")
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> tuple[HTTPStatus, str]:
        try:
            async with asyncio.timeout(_HEAD_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            return HTTPStatus.BAD_REQUEST, ""
        first, *rest = head.decode("latin-1").split("\r\n")
        method, _, target = first.partition(" ")
        path, _, query = target.rpartition(" ")[0].partition("?")
        fields = [line.partition(":") for line in rest if line]
        hosts = [value.strip().lower() for name, _, value in fields if name.strip().lower() == "host"]
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return HTTPStatus.MISDIRECTED_REQUEST, ""
        if path != self._path:
            return HTTPStatus.NOT_FOUND, ""
        return (HTTPStatus.OK, query) if method == "GET" else (HTTPStatus.METHOD_NOT_ALLOWED, "")


@asynccontextmanager
async def listening(landing: Landing) -> AsyncIterator[LoopbackDesk]:
    """Listens on this machine only, from now until the block ends. Raises `PortTaken`."""
    hosts = ["127.0.0.1", "::1"] if landing.host == "localhost" else [landing.host]
    desks: list[LoopbackDesk] = []
    serving: set[asyncio.Task[None] | None] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(serving) >= _CONNECTIONS:
            writer.transport.abort()
            return
        serving.add(asyncio.current_task())
        try:
            await desks[0].serve(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            writer.transport.abort()  # it went away, or we do: a page is missed, and nothing else
        finally:
            serving.discard(asyncio.current_task())

    try:
        server = await _bound(serve, hosts, landing.port)
    except OSError as taken:
        message = f"port {landing.port} cannot be listened on ({taken.strerror})"
        raise PortTaken(f"{message}; end the program that uses it, or give another with --port") from taken
    port = server.sockets[0].getsockname()[1]
    names = {landing.host, "127.0.0.1", "localhost"}
    allowed = frozenset(f"[{name}]:{port}" if ":" in name else f"{name}:{port}" for name in names)
    # A registered address may have no path; the browser then asks for the root.
    desks.append(LoopbackDesk(landing.uri(port), allowed, landing.path or "/"))
    async with server:
        try:
            yield desks[0]
        finally:
            # A browser opens connections that it may never use: nobody is waited for at the end.
            for each in filter(None, tuple(serving)):
                each.cancel()


async def _bound(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    hosts: list[str],
    port: int,
) -> asyncio.Server:
    """All of the hosts that this machine has; at least one.

    A port that is taken on one of them is taken: the browser would bring the answer to whoever is there.
    """
    try:
        return await asyncio.start_server(serve, hosts, port, limit=_MAX_HEAD)
    except OSError as error:
        if len(hosts) == 1 or error.errno in (errno.EADDRINUSE, errno.EACCES):
            raise
        return await asyncio.start_server(serve, hosts[:1], port, limit=_MAX_HEAD)


async def _write(writer: asyncio.StreamWriter, status: HTTPStatus, title: str, text: str) -> None:
    page = _PAGE.format(title=html.escape(title), text=html.escape(text)).encode()
    head = f"HTTP/1.1 {status.value} {status.phrase}\r\n{_HEADERS}Content-Length: {len(page)}\r\n\r\n"
    writer.write(head.encode("latin-1") + page)
    await writer.drain()
