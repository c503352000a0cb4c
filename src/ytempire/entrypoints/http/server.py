"""The server under the application: uvicorn, whose own signals are off because we end in our own order."""

import asyncio
import ipaddress
import math
import resource
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from http import HTTPStatus
from typing import Any, ClassVar, cast

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode

from ytempire.domain.values import Mendable
from ytempire.entrypoints.http.front import MOST_HEADERS, heads_too_long
from ytempire.entrypoints.http.problems import Problem, answer
from ytempire.entrypoints.http.standing import Way

_BACKLOG = 2048
_UNREADABLE = (
    "this is no HTTP request that could be read; look at its first line, its headers and its lengths"
)
_TOO_LONG = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
_SILENT_MS = 30_000
_FILES = 8_192
_PLACES = 16_384
_MOST_WAITING = 131_072
"""Bytes that may wait for somebody who does not read, before they are dropped."""
_GRACE = 3
"""Seconds that answers under way may still take at the end."""


class Server(uvicorn.Server):
    """A server that leaves signals to the program."""

    def leave(self) -> None:
        """Takes no more requests, and returns from `serve` when those under way are answered."""
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Takes none."""
        yield


class Socket(WebSocketsSansIOProtocol):
    """A WebSocket that takes a text at once, and can be torn down when whoever is at its end does not read."""

    last: ClassVar[tuple[str, bytes]] = ("", b"")
    """The text that was sent last, and its frame: the same text goes to many."""

    async def run_asgi(self) -> None:
        """Runs the application, which finds in its scope how to hand a text over and how to tear it down."""
        self.transport.set_write_buffer_limits(high=_MOST_WAITING)
        scope = cast("dict[str, object]", self.scope)
        scope["ytempire.abort"], scope["ytempire.push"] = self.transport.abort, self.push
        await super().run_asgi()

    def push(self, text: str) -> bool:
        """Writes a text without waiting; False when too much waits already. For a connection without extensions."""
        if self.close_sent or self.transport.is_closing() or not self.handshake_complete:
            return True  # its end is on its way
        if not self.writable.is_set():
            return False
        if Socket.last[0] is not text:
            Socket.last = (text, Frame(Opcode.TEXT, text.encode()).serialize(mask=False))
        self.transport.write(Socket.last[1])
        return True


class Http(H11Protocol):
    """Requests whose heads come in time, on no more connections than there is room for, nor from one place than its
    share of them: who sends a head slower than this, or is one too many, is hung up on.
    """

    def __init__(self, *given: Any, head_seconds: float, most: int, share: int, **named: Any) -> None:
        super().__init__(*given, **named)
        self._head_seconds = head_seconds
        self._most = most
        self._share = share
        self._deadline: asyncio.TimerHandle | None = None
        self._refused = False
        """Was it told that it makes no sense? What it still sends is not looked at, only taken: were it left where it
        is, hanging up would tear down the answer with it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begins to wait for the first head."""
        super().connection_made(transport)
        if len(self.connections) > self._most or self._has_its_share():
            transport.abort()
        else:
            self._wait()

    def _has_its_share(self) -> bool:
        """Are there more from the same place than its share?"""
        if len(self.connections) <= self._share:  # then nobody can have more, and nothing is counted
            return False
        here = _place(self)
        return sum(_place(each) == here for each in self.connections) > self._share

    def data_received(self, data: bytes) -> None:
        """Goes on waiting for the end of a head, however many parts it comes in."""
        if not self._refused:
            super().data_received(data)
        if self._refused or self.conn.their_state is h11.IDLE:
            self._wait()
        else:
            self._wait_no_more()

    def send_400_response(self, msg: str) -> None:
        """Tells as a problem what the parser refuses; it has no name, because it never was a request."""
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):  # an answer is under way
            self.transport.close()
            return
        found = sys.exception()  # this is called where it is caught
        too_long = isinstance(found, h11.RemoteProtocolError) and found.error_status_hint == _TOO_LONG
        told = answer(heads_too_long() if too_long else Problem(400, "malformed_request", _UNREADABLE), "")
        headers = [
            *told.raw_headers,
            (b"x-content-type-options", b"nosniff"),
            (b"cache-control", b"no-store"),
        ]
        head = h11.Response(
            status_code=told.status_code,
            headers=[*headers, (b"connection", b"close")],
            reason=HTTPStatus(told.status_code).phrase.encode(),
        )
        for event in (head, h11.Data(data=bytes(told.body)), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        if self.transport.can_write_eof():
            self._refused = True
            self.transport.write_eof()
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._wait_no_more()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self._head_seconds, self.transport.close)

    def _wait_no_more(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def _place(connection: Any) -> str:
    """Where a connection comes from, WebSockets too."""
    return place_of(connection.client[0] if connection.client else "")


@lru_cache(_PLACES)
def place_of(host: str) -> str:
    """The place that an address stands for: itself, and of IPv6 its network of 64 bits, which is given to one."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address) or address.ipv4_mapped:
        return str(getattr(address, "ipv4_mapped", None) or address)
    return str(ipaddress.ip_network((address, 64), strict=False))


class PortTaken(Mendable):
    """Nobody can be listened to there."""


class NoTls(Mendable):
    """The certificate or its key cannot be used."""


def listened(host: str, port: int) -> socket.socket:
    """A socket at this address; port 0 takes any free one. Raises `PortTaken`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        made = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as taken:
        message = f"{host} port {port} cannot be listened on ({taken.strerror or taken})"
        remedy = "end the program that uses it, or give another with --port"
        raise PortTaken(f"{message}; {remedy}") from taken
    if hasattr(
        socket, "TCP_USER_TIMEOUT"
    ):  # also for those accepted on it: who takes nothing for so long is gone
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _SILENT_MS)
    return made


def take_files() -> None:
    """Lets this process open as many files and connections as it may: every listener is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _room() -> int:
    """How many connections leave a quarter of what this process may open to the store, to uploads and to files."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return (_FILES if soft == resource.RLIM_INFINITY else min(soft, _FILES)) * 3 // 4


def server(app: ASGIApp, way: Way = Way()) -> Server:  # noqa: B008  frozen
    """A server for an application; `serve(sockets=[...])` runs until `should_exit` is set. Raises `NoTls`."""
    most = way.most or _room()
    # Behind a proxy everybody comes from its place.
    share = most if way.proxies else math.ceil(most / 2)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        http=cast("type[Http]", partial(Http, head_seconds=way.head_seconds, most=most, share=share)),
        ws=Socket,
        ws_max_size=65_536,
        ws_per_message_deflate=False,
        proxy_headers=bool(way.proxies),
        forwarded_allow_ips=list(way.proxies),
        ssl_certfile=way.certificate,
        ssl_keyfile=way.key,
        h11_max_incomplete_event_size=MOST_HEADERS,
        timeout_graceful_shutdown=_GRACE,
    )
    try:
        config.load()
    except (OSError, ValueError) as problem:  # an SSLError is an OSError
        remedy = "give the certificate with its chain, and its key without a passphrase, as PEM files"
        why = problem.strerror if isinstance(problem, OSError) else None
        raise NoTls(f"the certificate or its key cannot be used ({why or problem}); {remedy}") from problem
    return Server(config)
