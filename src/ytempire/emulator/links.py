"""Open connections, and how to break them: the HTTP protocol class that remembers its transport.

uvicorn hides the socket from the application. This subclass of its h11 protocol keeps one `Link` per
connection, found by the peer's address, so that a fault can reset the connection, and bytes that came just
before a break are not lost.
"""

import asyncio
import contextlib
import socket
import struct
from typing import cast

from uvicorn.protocols.http.h11_impl import H11Protocol

Address = tuple[str, int]
_NO_LINGER = struct.pack("ii", 1, 0)


class Link:
    """One connection: whether it is still open, and what its last packet brought."""

    def __init__(self, transport: asyncio.Transport) -> None:
        """Watch this transport."""
        self._transport = transport
        self.closed = asyncio.Event()
        self.leftover = b""

    async def reset(self) -> None:
        """Break the connection with a TCP reset; returns when it is gone."""
        sock = self._transport.get_extra_info("socket")
        if sock is not None:
            with contextlib.suppress(OSError):  # the peer may have left first
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self._transport.abort()
        await self.closed.wait()

    async def close(self) -> None:
        """Send what is waiting, then end the connection as one side may; returns when it is gone."""
        self._transport.close()
        await self.closed.wait()

    async def pause(self, seconds: float) -> None:
        """Wait that long, or until the peer is gone."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.closed.wait(), seconds)


class Links:
    """All open connections by the peer's address."""

    def __init__(self) -> None:
        """Start with none."""
        self._open: dict[Address, Link] = {}

    def add(self, address: Address, link: Link) -> None:
        """Remember a new connection."""
        self._open[address] = link

    def remove(self, address: Address) -> None:
        """Forget a connection that is gone."""
        del self._open[address]

    def at(self, address: Address) -> Link:
        """The connection whose peer has this address.

        Raises:
            KeyError: There is none: the request did not come through this server's own sockets.
        """
        return self._open[address]

    async def reset_all(self) -> None:
        """Break every connection."""
        await asyncio.gather(*(link.reset() for link in list(self._open.values())))


def protocol_class(links: Links) -> type[H11Protocol]:
    """uvicorn's HTTP/1.1 protocol, keeping its connections in `links`."""

    class LinkedProtocol(H11Protocol):
        """An HTTP/1.1 connection that can be found and broken."""

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            """Remember the connection."""
            stream = cast("asyncio.Transport", transport)
            super().connection_made(stream)
            if self.client is None:  # the peer was gone before it was let in: nobody to answer
                stream.abort()
            else:
                links.add(self.client, Link(stream))

        def connection_lost(self, exc: Exception | None) -> None:
            """Keep what the peer sent last, which uvicorn would drop, and wake whoever waits."""
            if self.client is not None:
                link = links.at(self.client)
                # uvicorn types the cycle as always there, yet it is None before the first request
                if getattr(self, "cycle", None) and not self.cycle.response_complete:
                    link.leftover = bytes(self.cycle.body)
                links.remove(self.client)
                link.closed.set()
            super().connection_lost(exc)

    return LinkedProtocol
