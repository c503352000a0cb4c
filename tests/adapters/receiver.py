"""A local server that takes messages, or does not: it can refuse, be silent, or go away."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    """What was taken, and how to answer. While `silent` is set nobody is answered."""

    port: int = 0
    status: int = 200
    statuses: list[int] = field(default_factory=list)
    """How to answer the next ones, in place of `status`."""
    says: dict[str, str] = field(default_factory=dict)
    """Headers of each answer."""
    bodies: list[str] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    silent: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def taken(self) -> list[dict[str, Any]]:
        """The JSON documents that were taken."""
        return [json.loads(body) for body in self.bodies]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver while it listens."""
    state = Receiver()

    class Answer(BaseHTTPRequestHandler):
        """Takes one message."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            state.paths.append(self.path)
            if state.silent.is_set():
                state.done.wait(30)
                return
            status = state.statuses.pop(0) if state.statuses else state.status
            if status == 200:
                state.bodies.append(body.decode())
                state.heads.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(status)
            for name, value in state.says.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        state.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield state
        finally:
            state.done.set()
            server.shutdown()
            thread.join()
