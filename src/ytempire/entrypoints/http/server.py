"""The server under the application: uvicorn, whose own signals are off because we end in our own order."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from ytempire.domain.values import Mendable

MOST_HEADERS = 16_384
_GRACE = 3
"""Seconds that answers under way may still take at the end."""


class Server(uvicorn.Server):
    """A server that leaves signals to the program."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Takes none."""
        yield


class PortTaken(Mendable):
    """Nobody can be listened to there."""


def listened(host: str, port: int) -> socket.socket:
    """A socket at this address; port 0 takes any free one. Raises `PortTaken`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as taken:
        message = f"{host} port {port} cannot be listened on ({taken.strerror or taken})"
        remedy = "end the program that uses it, or give another with --port"
        raise PortTaken(f"{message}; {remedy}") from taken


def server(app: ASGIApp) -> Server:
    """A server for an application; `serve(sockets=[...])` runs until `should_exit` is set."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="websockets-sansio",
        ws_max_size=65_536,
        ws_per_message_deflate=False,
        proxy_headers=False,
        h11_max_incomplete_event_size=MOST_HEADERS,
        timeout_graceful_shutdown=_GRACE,
    )
    return Server(config)
