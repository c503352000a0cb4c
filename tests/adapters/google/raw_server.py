"""A server made of bare sockets: it does exactly what a script says, and counts and hashes what arrives."""

import hashlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

_DEADLINE = 20.0


class Peer:
    """The server's side of one connection."""

    def __init__(self, sock: socket.socket, closing: threading.Event) -> None:
        self.sock = sock
        self._closing = closing
        self.line = ""
        self.headers: dict[str, str] = {}
        self.received = 0
        self.sha256 = hashlib.sha256()
        self.body = bytearray()
        self._ahead = b""

    def read_head(self) -> Self:
        """Reads the request line and headers."""
        data = b""
        while b"\r\n\r\n" not in data:
            part = self.sock.recv(65_536)
            if not part:
                raise ConnectionError
            data += part
        head, _, self._ahead = data.partition(b"\r\n\r\n")
        self.line, *lines = head.decode().split("\r\n")
        self.headers = {n.lower(): v for n, _, v in (line.partition(": ") for line in lines)}
        return self

    def take(self, count: int, *, keep: bool = False) -> Self:
        """Reads so many bytes of the body, or until the client is gone."""
        buffer = memoryview(bytearray(1_048_576))
        while count > 0:
            if self._ahead:
                part = memoryview(self._ahead[:count])
                self._ahead = self._ahead[count:]
            else:
                part = buffer[: self.sock.recv_into(buffer[: min(count, len(buffer))])]
            if not part:
                break
            self.received += len(part)
            self.sha256.update(part)
            if keep:
                self.body += part
            count -= len(part)
        return self

    def take_all(self, *, keep: bool = False) -> Self:
        """Reads the head and the whole body."""
        self.read_head()
        return self.take(int(self.headers.get("content-length", "0")), keep=keep)

    def say(self, *parts: bytes) -> None:
        """Sends bytes as they are."""
        self.sock.sendall(b"".join(parts))

    def reset(self) -> None:
        """Breaks the connection so that the client sees a reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def wait_for_end(self) -> None:
        """Reads and drops until the client is gone."""
        while self.sock.recv(65_536):
            self.received += 0

    def hold(self, seconds: float = _DEADLINE) -> bool:
        """Neither reads nor speaks for a while; True when the test is over."""
        return self._closing.wait(seconds)


def wait_until(true: Callable[[], bool]) -> None:
    """Looks again and again, for at most five seconds."""
    never = threading.Event()
    for _ in range(500):
        if true():
            return
        never.wait(0.01)


Script = Callable[[Peer], None]


def reply(status: str, body: bytes = b"", *headers: str) -> bytes:
    """A whole reply."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class RawServer:
    """Serves each connection on loopback in a thread of its own. Leaving the block ends everything."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None) -> None:
        self.peers: list[Peer] = []
        self.ended = threading.Event()
        self.closing = threading.Event()
        self.errors: list[BaseException] = []
        self._script = script
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]
        scheme = "https" if tls else "http"
        self.root = f"{scheme}://localhost:{self._listener.getsockname()[1]}/"

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(sock,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        sock.settimeout(_DEADLINE)
        peer = Peer(sock, self.closing)
        try:
            if self._tls:
                peer.sock = sock = self._tls.wrap_socket(sock, server_side=True)
            self.peers.append(peer)
            self._script(peer)
        except OSError:
            peer.line += ""  # The client is gone: what it got and sent is what the test looks at.
        except Exception as error:  # noqa: BLE001 - shown by the test when the block ends
            self.errors.append(error)
        finally:
            sock.close()
            self.ended.set()

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(_DEADLINE)
        assert [] == self.errors

    @property
    def peer(self) -> Peer:
        """The latest connection."""
        return self.peers[-1]
