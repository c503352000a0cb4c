"""The live feed with many who listen: how late each hears a message, and what that costs the server.

One process is the server, with the very application; another listens. A message a second, a kilobyte long. Some may
be deaf: they ask for the feed and never read it.

    python -m benchmarks fanout [--clients 1000] [--deaf 50] [--seconds 15]
"""

import argparse
import asyncio
import json
import multiprocessing
import re
import resource
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from ytempire.bootstrap.serving import Part, serving
from ytempire.domain.allowance import Rate
from ytempire.emulator import Emulator
from ytempire.entrypoints.http.app import build
from ytempire.entrypoints.http.front import front
from ytempire.entrypoints.http.limits import Limits
from ytempire.entrypoints.http.server import listened, server, take_files
from ytempire.settings import load

RESULT = Path(".cache/bench/fanout.json")
PADDING = "x" * 1000
SENT = re.compile(rb'"sent": ([0-9.]+),')
GOAL_MS, GOAL_CPU = 50.0, 5.0
PLENTY = Rate(1e9, 10**9)


@dataclass(frozen=True, slots=True)
class Found:
    """Milliseconds until a message was heard, per cent of a core, and who was still there in the end."""

    clients: int
    deaf: int
    p50: float
    p99: float
    worst: float
    cpu: float
    megabytes: float
    left: int


def clients(port: int, number: int, seconds: int, told: Connection) -> None:
    """Listens in a process of its own, and tells how late each message was."""
    take_files()
    told.send(asyncio.run(_clients(port, number, seconds, told)))


async def _clients(port: int, number: int, seconds: int, told: Connection) -> list[float]:
    loop, heard = asyncio.get_running_loop(), Heard(number, seconds)
    for _ in range(number):
        await loop.create_connection(lambda: Ear(port, heard), "127.0.0.1", port)
    await heard.begun.wait()
    told.send("ready")
    await heard.over.wait()
    return heard.late


class Heard:
    """What all of them heard."""

    def __init__(self, number: int, seconds: int) -> None:
        self.number, self.wanted = number, number * seconds
        self.snapshots = 0
        self.late: list[float] = []
        self.begun, self.over = asyncio.Event(), asyncio.Event()


class Ear(asyncio.Protocol):
    """One that listens, with no more than is needed to know when a message came: the server is to be measured."""

    def __init__(self, port: int, heard: Heard) -> None:
        self._port, self._heard = port, heard
        self._text = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            transport.write(_request(self._port))

    def data_received(self, data: bytes) -> None:
        heard, now = self._heard, time.monotonic()
        self._text += data
        if b'"snapshot"' in self._text and b"uploads" in self._text:
            self._text = b""
            heard.snapshots += 1
            if heard.snapshots == heard.number:
                heard.begun.set()
        while (found := SENT.search(self._text)) is not None:
            heard.late.append((now - float(found[1])) * 1000)
            self._text = self._text[found.end() :]
            if len(heard.late) == heard.wanted:
                heard.over.set()


def _request(port: int) -> bytes:
    return (
        f"GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ).encode()


def deaf(port: int) -> socket.socket:
    """Somebody who asks for the feed and never reads it."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    made.connect(("127.0.0.1", port))
    made.sendall(_request(port))
    return made


async def measured(folder: Path, number: int, silent: int, seconds: int) -> Found:
    """Serves, and sends a message a second to all who listen."""
    settings = load(folder / "ytempire.toml", folder / "home", {})
    async with serving(settings, frozenset({Part.API})) as house:
        made = listened("127.0.0.1", 0)
        port = int(made.getsockname()[1])
        running = server(build(house, front(port), Limits(PLENTY, PLENTY, PLENTY)))
        serve = asyncio.create_task(running.serve(sockets=[made]))
        here, there = multiprocessing.Pipe()
        listeners = multiprocessing.get_context("spawn").Process(
            target=clients, args=(port, number, seconds, there)
        )
        listeners.start()
        await asyncio.to_thread(here.recv)
        ears = [await asyncio.to_thread(deaf, port) for _ in range(silent)]
        live, began = house.live, time.monotonic()
        used = time.process_time()
        for _ in range(seconds):
            text = json.dumps({"type": "changed", "sent": time.monotonic(), "padding": PADDING})
            for each in live.listeners():
                if not each.offer(0, text):
                    each.end()
                    live.leave(each)
            await asyncio.sleep(1)
        cpu = 100 * (time.process_time() - used) / (time.monotonic() - began)
        late = sorted(await asyncio.to_thread(here.recv))
        left = len(live.listeners())
        running.leave()
        live.close()
        await serve
        await asyncio.to_thread(listeners.join)
        for ear in ears:
            ear.close()
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cut = statistics.quantiles(late, n=100)
    return Found(
        number,
        silent,
        round(cut[49], 1),
        round(cut[98], 1),
        round(late[-1], 1),
        round(cpu, 1),
        round(size),
        left,
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the figures and keeps them; 1 when a goal was missed."""
    from tests.entrypoints.conftest import installation  # it needs pytest

    parser = argparse.ArgumentParser(prog="benchmarks fanout", description=__doc__)
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--deaf", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=15)
    arguments = parser.parse_args(argv)
    take_files()
    with tempfile.TemporaryDirectory() as folder, Emulator.in_thread() as google:
        installation(Path(folder), google, 1)
        found = asyncio.run(measured(Path(folder), arguments.clients, arguments.deaf, arguments.seconds))
    good = found.p99 <= GOAL_MS and found.cpu <= GOAL_CPU
    print(
        f"{found.clients} listen, {found.deaf} are deaf: p50 {found.p50} ms, p99 {found.p99} ms, "
        f"worst {found.worst} ms; {found.cpu} % of a core, {found.megabytes} MB"
    )
    print(f"goal (p99 {GOAL_MS:.0f} ms, {GOAL_CPU:.0f} % of a core): {'met' if good else 'MISSED'}")
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(asdict(found), indent=1) + "\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
