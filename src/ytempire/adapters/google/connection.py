"""One request over one connection, from a worker thread, that another thread may break off at any moment.

The standard library's client writes the head of the request and reads the reply; in between the bytes go
straight to the socket, because only so can an early reply, a halt and a stall be noticed while a body is on
its way. Proxies are not used, and no connection serves twice.
"""

import http.client
import io
import selectors
import socket
import ssl
import struct
import threading
import zlib
from collections.abc import Mapping
from typing import IO, Any, cast
from urllib.parse import SplitResult, urlsplit

from ytempire.adapters.google.mishaps import Closed, Timeouts, Truncated
from ytempire.adapters.google.turns import Turns
from ytempire.domain.wire import MAX_REPLY_BYTES, Reply
from ytempire.ports import Clock

SLICE = 0.5
"""Seconds after which a transfer that does not move looks up: was there an early reply, or a halt?"""

_RUN = 262_144
"""Bytes handed over in one turn, and so between two looks at whether to stop."""

_AT_ONCE = struct.pack("ii", 1, 0)
"""Linger for no time: closing drops what was not yet sent and resets the connection."""

_PATIENCE = 4
"""A reply that keeps trickling must be complete after so many times the stall limit."""


class Connection:
    """A connection to the server of one address. Methods raise `OSError`, and `Closed` once broken off."""

    def __init__(
        self, uri: str, tls: ssl.SSLContext, timeouts: Timeouts, clock: Clock, *, turns: Turns
    ) -> None:
        self._address = urlsplit(uri)
        self._tls = tls
        self._timeouts = timeouts
        self._clock = clock
        self._turns = turns
        self._sock: socket.socket | None = None
        self._early = bytearray()
        self._ended = False
        self._ears = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self.broken = threading.Event()

    def open(self) -> None:
        """Connects, with TLS where the address says https. Nothing of the request has left when it raises."""
        host, port = self._address.hostname or "", _port(self._address)
        give_up = self._clock.monotonic() + self._timeouts.connect
        trouble: OSError = OSError("no address")
        for family, kind, protocol, _, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            sock = socket.socket(family, kind, protocol)
            self._adopt(sock)
            sock.settimeout(max(0.1, give_up - self._clock.monotonic()))
            try:
                sock.connect(where)
            except OSError as error:
                trouble = error
                sock.close()
                continue
            return self._secure(sock, host)
        raise trouble

    def _secure(self, sock: socket.socket, host: str) -> None:
        if self._address.scheme == "https":
            safe = self._tls.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
            self._adopt(safe)
            safe.do_handshake()
            sock = safe
        self._ears.register(sock, selectors.EVENT_READ)
        sock.settimeout(min(SLICE, self._timeouts.stall))

    def _adopt(self, sock: socket.socket) -> None:
        with self._lock:
            self._sock = sock
            if self.broken.is_set():
                sock.close()
                raise Closed

    def ask(self, method: str, headers: Mapping[str, str]) -> None:
        """Sends the head of the request; the body is the caller's. From then on only `read` waits in the socket."""
        head = http.client.HTTPConnection("server")  # it never connects: the socket is given
        head.sock = sock = self._socket
        target = self._address.path or "/"
        head.putrequest(
            method,
            f"{target}?{self._address.query}" if self._address.query else target,
            skip_host=True,
            skip_accept_encoding=True,
        )
        head.putheader("Host", self._address.netloc)
        for name, value in headers.items():
            head.putheader(name, value)
        head.putheader("Accept-Encoding", "identity")
        head.putheader("Connection", "close")
        head.endheaders()
        sock.settimeout(0)

    def send(self, view: memoryview) -> int:
        """Hands some bytes to the network; how many. None, when for a while there was no room for any.

        After that the same bytes must be offered again: TLS may have sealed them already.
        """
        taken, wanted = self._push(view)
        if not taken and self._comes(wanted):
            taken, _ = self._push(view)
        return taken

    def _push(self, view: memoryview) -> tuple[int, int]:
        """As many bytes as go without waiting, and what to wait for before more can go."""
        sock = self._socket
        send, taken, enough = sock.send, 0, min(len(view), _RUN)
        with self._turns:
            try:
                while taken < enough:  # TLS takes 16 KiB at a time
                    taken += send(view[taken:])
            except ssl.SSLWantReadError:
                return taken, selectors.EVENT_READ
            except (BlockingIOError, ssl.SSLWantWriteError):
                return taken, selectors.EVENT_WRITE
        return taken, selectors.EVENT_WRITE

    def _comes(self, wanted: int) -> bool:
        """Waits a while, without a turn, until the socket can go on."""
        with selectors.PollSelector() as line:
            line.register(self._socket, wanted)
            return bool(line.select(min(SLICE, self._timeouts.stall)))

    def replied(self) -> bool:
        """Has the server begun to reply, or hung up, before it was given everything?"""
        # No more than a whole reply can be: a server that floods must neither fill memory nor hold us here.
        while not self._ended and len(self._early) < MAX_REPLY_BYTES and self._ears.select(0):
            heard = self._overhear()
            if heard is None:
                break
            self._early += heard
            self._ended = not heard
        _drop_interim(self._early)
        return self._ended or bool(self._early)

    def last_words(self) -> bool:
        """The server hung up on what we send: did it say why first?"""
        self.replied()
        return bool(self._early)

    def _overhear(self) -> bytes | None:
        """What came, without waiting; None for nothing: TLS has news of its own that are not for us."""
        try:
            return self._socket.recv(65_536)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None

    def reply(self) -> Reply:
        """Waits for the reply and reads it. Raises also `HTTPException` and `Truncated`."""
        latest = self._clock.monotonic() + _PATIENCE * self._timeouts.stall
        source = _Ear(self, bytes(self._early), latest)
        # All that HTTPResponse wants of a socket is `makefile`.
        response = http.client.HTTPResponse(cast(socket.socket, source), method="PUT")
        response.begin()
        headers = {name.lower(): value for name, value in response.headers.items()}
        try:
            body = plain(_body(response), headers.get("content-encoding", ""))
        except (zlib.error, ValueError) as error:  # the library does not look for chunks of negative length
            raise Truncated from error
        return Reply(response.status, headers, body)

    def read(self, buffer: memoryview, latest: float) -> int:
        """Waits for bytes of the reply until the stall limit or the `latest` moment; 0 at their end."""
        left = latest - self._clock.monotonic()
        if left <= 0:
            raise TimeoutError
        sock = self._socket
        sock.settimeout(min(left, self._timeouts.stall))
        count = sock.recv_into(buffer)
        if self.broken.is_set():
            raise Closed
        return count

    @property
    def _socket(self) -> socket.socket:
        if self.broken.is_set() or self._sock is None:
            raise Closed
        return self._sock

    def break_off(self) -> None:
        """From any thread: all waiting for it ends at once; bytes not yet gone are dropped."""
        with self._lock:
            self.broken.set()
            if self._sock is not None:
                _reset(self._sock)

    def abort(self) -> None:
        """Makes closing a reset: the server gets no more, not even what this machine has in hand."""
        with self._lock:
            if self._sock is not None:
                self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)

    def close(self) -> None:
        """Lets go of everything; also when it was never opened."""
        with self._lock:
            self._ears.close()
            if self._sock is not None:
                self._sock.close()
                self._sock = None


class _Ear(io.RawIOBase):
    """The incoming side of a connection as a file, with what was overheard while sending put in front."""

    def __init__(self, connection: Connection, early: bytes, latest: float) -> None:
        self._connection = connection
        self._early = early
        self._latest = latest

    def makefile(self, mode: str) -> IO[bytes]:
        return io.BufferedReader(self, 65_536)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        if not self._early:
            return self._connection.read(view, self._latest)
        count = min(len(view), len(self._early))
        view[:count] = self._early[:count]
        self._early = self._early[count:]
        return count


def _port(address: SplitResult) -> int:
    return address.port or (443 if address.scheme == "https" else 80)


def _reset(sock: socket.socket) -> None:
    """Wakes whoever waits for the socket.

    Below TLS: an SSLSocket's own shutdown first forgets that it is one, and would for a moment send in clear.
    """
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return  # It is not connected, or no longer: there is nothing to end.


def _drop_interim(heard: bytearray) -> None:
    """Forgets a complete `100 Continue` and its like: the reply is still to come."""
    while heard[:7] == b"HTTP/1." and heard[9:10] == b"1" and b"\r\n\r\n" in heard:
        del heard[: heard.index(b"\r\n\r\n") + 4]


def _body(response: http.client.HTTPResponse) -> bytes:
    body = bytearray()
    while len(body) < MAX_REPLY_BYTES:
        part = response.read(MAX_REPLY_BYTES - len(body))
        if not part:
            break
        body += part
    if response.length and len(body) < MAX_REPLY_BYTES:
        raise Truncated
    return bytes(body)


def plain(body: bytes, encodings: str) -> bytes:
    """Unpacks the body of a reply, in no layer further than a reply may be long. Raises `zlib.error`."""
    for encoding in reversed(encodings.lower().split(",")):
        if encoding.strip() in ("gzip", "x-gzip"):
            body = zlib.decompressobj(wbits=31).decompress(body, MAX_REPLY_BYTES)
    return body
