"""The API under load while uploads run: how long each of many mixed requests takes, as a caller sees it.

`ytempire serve` runs as a process of its own, with its worker, and sends a film through each of its accounts to the
emulator, which is a process too. A third process asks, at a steady rate that does not wait for answers: a late answer
makes the following ones late as well, and each is timed from the moment when it should have been asked.

    python -m benchmarks requests [--rate 300] [--seconds 20] [--uploads 12]
"""

import argparse
import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.campaign.films import film
from ytempire.emulator import Emulator

if TYPE_CHECKING:
    from tests.entrypoints.program import Installation

RESULT = Path(".cache/bench/requests.json")
GOAL_MS = 100.0
WARM = 3
"""Seconds at the beginning that are not counted: pages are compiled and libraries loaded when they are first used."""
A_TOKENS_RATE = 8  # a second; it may ask ten times
MIB = 1_048_576
BANDWIDTH = 2 * MIB
"""Bytes a second for each upload: a line of 200 Mbit/s for twelve."""

MIX = (
    ("GET", "/api/v1/publications", 30), ("GET", "/api/v1/publications/{publication}", 20),
    ("GET", "/api/v1/publications?state=uploading", 10), ("GET", "/api/v1/accounts", 10),
    ("GET", "/api/v1/accounts/channel_1", 5), ("GET", "/api/v1/quota", 5), ("GET", "/api/v1/events", 5),
    ("GET", "/api/v1/alerts", 5), ("GET", "/api/v1/services", 3), ("GET", "/api/v1/whoami", 2), ("GET", "/", 1),
    ("POST", "/api/v1/publications/check", 2), ("POST", "/api/v1/accounts/channel_1/pause", 1),
    ("POST", "/api/v1/accounts/channel_1/resume", 1),
)  # fmt: skip
"""What is asked, and how often in a hundred."""
_BODIES = {
    "check": b'{"title": "a <b> title", "tags": ["x"]}',
    "pause": b'{"why": "to see how long it takes"}',
    "resume": b'{"why": "seen"}',
}


@dataclass(frozen=True, slots=True)
class Found:
    """Milliseconds from when a request was due until its answer was whole, and how it went."""

    rate: float
    uploads: int
    moving: int
    p50: float
    p99: float
    worst: float
    statuses: dict[str, int]
    slowest: dict[str, float]


class Caller:
    """One connection that is kept, with a token of its own. Its requests wait for each other."""

    def __init__(self, port: int, token: str) -> None:
        self._port, self._token = port, token
        self._turn = asyncio.Lock()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, target: str, body: bytes = b"") -> tuple[int, bytes]:
        """The status and the body of the answer."""
        async with self._turn:
            if self._streams is None:
                self._streams = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._streams
            writer.write(
                f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n"
                f"Authorization: Bearer {self._token}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
            return int(head.split()[1]), await reader.readexactly(length)

    def close(self) -> None:
        """Hangs up."""
        if self._streams is not None:
            self._streams[1].close()


def ask(port: int, tokens: Sequence[str], rate: int, seconds: int, uploads: int) -> Found:
    """Asks in a process of its own."""
    return asyncio.run(_ask(port, tokens, rate, seconds, uploads))


async def _ask(port: int, tokens: Sequence[str], rate: int, seconds: int, uploads: int) -> Found:
    """Asks at this rate for so long."""
    callers = [Caller(port, token) for token in tokens]
    first = json.loads((await callers[0].ask("GET", "/api/v1/publications"))[1])["publications"]
    drawn, number = random.Random(1), rate * (WARM + seconds)
    mix = drawn.choices([each[:2] for each in MIX], [each[2] for each in MIX], k=number)
    late: dict[str, list[float]] = {}
    statuses: Counter[str] = Counter()
    began = time.monotonic() + 0.5

    async def one(turn: int, method: str, path: str) -> None:
        due = began + turn / rate
        await asyncio.sleep(due - time.monotonic())
        body = _BODIES.get(path.rpartition("/")[2], b"")
        target = path.replace("{publication}", str(drawn.choice(first)["id"]))
        status, _ = await callers[turn % len(callers)].ask(method, target, body)
        if turn >= WARM * rate:
            late.setdefault(f"{method} {path}", []).append((time.monotonic() - due) * 1000)
        statuses[str(status)] += 1

    async with asyncio.TaskGroup() as group:
        for turn, (method, path) in enumerate(mix):
            group.create_task(one(turn, method, path))
    took = time.monotonic() - began
    last = json.loads((await callers[0].ask("GET", "/api/v1/publications?state=uploading"))[1])[
        "publications"
    ]
    for each in callers:
        each.close()
    every = sorted(each for some in late.values() for each in some)
    cut = statistics.quantiles(every, n=100)
    slowest = {name: round(max(some), 1) for name, some in late.items()}
    return Found(
        round(number / took, 1), uploads, len(last), round(cut[49], 1), round(cut[98], 1), round(every[-1], 1),
        dict(statuses), dict(sorted(slowest.items(), key=lambda each: -each[1])),
    )  # fmt: skip


def prepared(folder: Path, google: Emulator, uploads: int) -> "Installation":
    """An installation with as many accounts as uploads, one to spare, and a line that is so wide and not wider."""
    from tests.entrypoints.conftest import installation  # it needs pytest

    made = installation(folder, google, uploads + 1)
    limited = f"[google]\nbandwidth_bytes_per_second = {BANDWIDTH * uploads}\n"
    text = made.config.read_text().replace("[google]\n", limited)
    made.config.write_text(text.replace("beat_seconds = 0.05\n", ""))
    return made


@contextmanager
def serving(made: "Installation", uploads: int, seconds: int) -> Iterator[int]:
    """A server that sends so many films for longer than the seconds, and its port."""
    films = [film(number, BANDWIDTH * (seconds + 15)) for number in range(uploads)]
    with made.started("serve", "--port", "0") as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        if not address:
            raise RuntimeError(process.communicate()[1])
        ended = made.run("publish", *films)
        if ended.code:
            raise RuntimeError(ended.err)
        yield int(address.rstrip("/").rpartition(":")[2])


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the figures and keeps them; 1 when the goal was missed."""
    parser = argparse.ArgumentParser(prog="benchmarks requests", description=__doc__)
    parser.add_argument("--rate", type=int, default=300)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--uploads", type=int, default=12)
    arguments = parser.parse_args(argv)
    rate, seconds, uploads = arguments.rate, arguments.seconds, arguments.uploads
    with tempfile.TemporaryDirectory() as folder, Emulator.in_thread() as google:
        made = prepared(Path(folder), google, uploads)
        names = [f"caller_{number}" for number in range(-(-rate // A_TOKENS_RATE))]
        tokens = [made.run("token", "create", name, "--role", "operator").out.strip() for name in names]
        with (
            serving(made, uploads, seconds) as port,
            ProcessPoolExecutor(1, get_context("spawn")) as client,
        ):
            found = client.submit(ask, port, tokens, rate, seconds, uploads).result()
    good = (
        found.p99 < GOAL_MS and found.moving == found.uploads and set(found.statuses) <= {"200", "409"}
    )  # who is paused is not paused again
    print(
        f"{found.rate} requests a second while {found.moving} of {found.uploads} uploads run: "
        f"p50 {found.p50} ms, p99 {found.p99} ms, worst {found.worst} ms; {found.statuses}"
    )
    for name, worst in found.slowest.items():
        print(f"  {worst:8.1f} ms at worst  {name}")
    print(f"goal (p99 below {GOAL_MS:.0f} ms): {'met' if good else 'MISSED'}")
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(asdict(found), indent=1) + "\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
