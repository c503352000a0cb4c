"""Bytes of files on their way: what arrives, when the gate is asked, and how a transfer is stopped."""

import asyncio
import hashlib
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.adapters.google.conftest import QUICK, TOKEN, Connect, Serve, whole
from tests.adapters.google.raw_server import Peer, reply, wait_until
from ytempire.adapters.google.sending import LAST_BLOCK
from ytempire.adapters.system import MachineClock
from ytempire.domain.wire import NoReply, Piece, Reply, Stopped
from ytempire.ports import Courier

MIB = 1_048_576
BYTES = 5 * MIB + 12_345
Video = Callable[[int], Path]


async def opened() -> bool:
    return True


async def closed() -> bool:
    return False


def takes_all(peer: Peer) -> None:
    peer.take_all().say(reply("200 OK", b'{"id": "v1"}', "Content-Type: application/json"))


class Gate:
    """A gate that counts, and remembers how far the transfer had come when it was asked."""

    def __init__(self, answer: bool = True) -> None:
        self.answer = answer
        self.reached = 0
        self.seen: list[int] = []
        self.offsets: list[int] = []

    async def __call__(self) -> bool:
        self.seen.append(self.reached)
        return self.answer

    def progress(self, offset: int) -> None:
        self.offsets.append(offset)
        self.reached = offset

    @property
    def courier(self) -> Courier:
        return Courier(self, progress=self.progress)


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_the_bytes_arrive_as_they_are(serve: Serve, connect: Connect, video: Video, tls: bool) -> None:
    server, path = serve(takes_all, tls=tls), video(BYTES)

    answer = await connect(server.root).send(whole(server.root, path), TOKEN, Courier(opened))

    expected = hashlib.sha256(path.read_bytes()).hexdigest()
    headers = {"content-length": "12", "content-type": "application/json"}
    assert Reply(200, headers, b'{"id": "v1"}') == answer
    assert expected == server.peer.sha256.hexdigest()
    sent = server.peer.headers
    assert "PUT /session?upload_id=abc HTTP/1.1" == server.peer.line
    assert (f"bytes 0-{BYTES - 1}/{BYTES}", str(BYTES)) == (sent["content-range"], sent["content-length"])
    assert ("video/mp4", "Bearer ya29.a-token") == (sent["content-type"], sent["authorization"])


async def test_a_piece_from_the_middle_carries_its_place(
    serve: Serve, connect: Connect, video: Video
) -> None:
    server = serve(lambda peer: peer.take_all().say(reply("308 Resume", b"", "Range: bytes=0-2097151")))
    path = video(BYTES)
    gate = Gate()

    piece = replace(whole(server.root, path), start=MIB, end=2 * MIB)
    answer = await connect(server.root).send(piece, TOKEN, gate.courier)

    assert Reply(308, {"content-length": "0", "range": "bytes=0-2097151"}) == answer
    assert hashlib.sha256(path.read_bytes()[MIB : 2 * MIB]).digest() == server.peer.sha256.digest()
    assert f"bytes {MIB}-{2 * MIB - 1}/{BYTES}" == server.peer.headers["content-range"]
    assert [] == gate.seen, "only the last byte needs a gate"


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_the_gate_is_asked_once_before_the_last_block(
    serve: Serve, connect: Connect, video: Video, tls: bool
) -> None:
    server, gate = serve(takes_all, tls=tls), Gate()

    answer = await connect(server.root).send(whole(server.root, video(BYTES)), TOKEN, gate.courier)

    assert isinstance(answer, Reply)
    assert [BYTES - LAST_BLOCK] == gate.seen
    assert sorted(gate.offsets) == gate.offsets
    assert (BYTES - LAST_BLOCK, BYTES) == tuple(gate.offsets[-2:])


async def test_what_is_written_after_the_gate_has_looked_is_not_sent(
    serve: Serve, connect: Connect, video: Video
) -> None:
    server, path = serve(takes_all), video(LAST_BLOCK + 5)
    expected = hashlib.sha256(path.read_bytes()).hexdigest()

    async def opened_and_rewritten() -> bool:
        path.write_bytes(bytes(LAST_BLOCK + 5))
        return True

    # Slow enough that the last 256 KiB go in several blocks.
    google = connect(server.root, max_bandwidth=4 * LAST_BLOCK)
    answer = await google.send(whole(server.root, path), TOKEN, Courier(opened_and_rewritten))

    assert isinstance(answer, Reply)
    assert expected == server.peer.sha256.hexdigest()


async def test_a_small_file_passes_the_gate_before_its_first_byte(
    serve: Serve, connect: Connect, video: Video
) -> None:
    server, gate = serve(takes_all), Gate()

    await connect(server.root).send(whole(server.root, video(LAST_BLOCK)), TOKEN, gate.courier)

    assert ([0], [LAST_BLOCK]) == (gate.seen, gate.offsets)


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_a_closed_gate_keeps_the_last_block_back(
    serve: Serve, connect: Connect, video: Video, tls: bool
) -> None:
    server, gate = serve(takes_all, tls=tls), Gate(answer=False)

    answer = await connect(server.root).send(whole(server.root, video(BYTES)), TOKEN, gate.courier)

    assert Stopped("the gate is closed") == answer
    assert server.ended.wait(5)
    assert server.peer.received <= BYTES - LAST_BLOCK


async def test_an_error_of_the_gate_comes_out_and_nothing_more_is_sent(
    serve: Serve, connect: Connect, video: Video
) -> None:
    server = serve(takes_all)

    async def broken() -> bool:
        raise LookupError("the store is gone")

    with pytest.raises(LookupError):
        await connect(server.root).send(whole(server.root, video(BYTES)), TOKEN, Courier(broken))

    assert server.ended.wait(5)
    assert server.peer.received <= BYTES - LAST_BLOCK


async def test_a_halt_stops_before_the_next_block(serve: Serve, connect: Connect, video: Video) -> None:
    server, gate = serve(takes_all), Gate()
    courier = Courier(gate, halted=lambda: gate.reached >= 2 * MIB, progress=gate.progress)

    answer = await connect(server.root).send(whole(server.root, video(BYTES)), TOKEN, courier)

    assert Stopped("it was asked to stop") == answer
    assert [MIB, 2 * MIB] == gate.offsets
    assert server.ended.wait(5)
    assert server.peer.received <= 2 * MIB


async def test_a_halt_ends_a_transfer_that_does_not_move(
    serve: Serve, connect: Connect, video: Video
) -> None:
    asked = threading.Event()
    server = serve(lambda peer: peer.read_head().hold())
    google = connect(server.root, replace(QUICK, stall=30.0))
    courier = Courier(opened, halted=asked.is_set)

    sending = asyncio.create_task(google.send(whole(server.root, video(40 * MIB)), TOKEN, courier))
    await asyncio.to_thread(wait_until, lambda: len(server.peers) == 1)
    asked.set()

    assert Stopped("it was asked to stop") == await asyncio.wait_for(sending, 5)


async def test_after_the_gate_there_is_no_turning_back(serve: Serve, connect: Connect, video: Video) -> None:
    server, gate = serve(takes_all), Gate()
    courier = Courier(gate, halted=lambda: bool(gate.seen), progress=gate.progress)

    answer = await connect(server.root).send(whole(server.root, video(BYTES)), TOKEN, courier)

    assert isinstance(answer, Reply)
    assert BYTES == server.peer.received


async def test_a_file_that_is_shorter_than_promised_is_not_sent(
    serve: Serve, connect: Connect, video: Video
) -> None:
    server, path = serve(takes_all), video(BYTES)
    piece = replace(whole(server.root, path), end=BYTES + 1, total=BYTES + 1)

    assert Stopped("the file became shorter") == await connect(server.root).send(
        piece, TOKEN, Courier(opened)
    )
    assert [] == server.peers


async def test_a_file_cut_on_its_way_never_passes_the_gate(
    serve: Serve, connect: Connect, video: Video
) -> None:
    server, path, gate = serve(takes_all), video(BYTES), Gate()

    def cut(offset: int) -> None:
        gate.progress(offset)
        os.truncate(path, BYTES - 1)

    answer = await connect(server.root).send(whole(server.root, path), TOKEN, Courier(gate, progress=cut))

    assert Stopped("the file became shorter") == answer
    assert [] == gate.seen
    assert server.ended.wait(5)
    assert server.peer.received <= BYTES - LAST_BLOCK


@pytest.mark.parametrize("kind", ["gone", "link", "pipe"])
async def test_only_a_regular_file_in_its_own_place_is_sent(
    serve: Serve, connect: Connect, video: Video, kind: str
) -> None:
    server, path = serve(takes_all), video(BYTES)
    piece = whole(server.root, path)
    moved = path.rename(path.with_name("moved.mp4"))
    if kind == "link":
        path.symlink_to(moved)
    elif kind == "pipe":
        os.mkfifo(path)

    answer = await connect(server.root).send(piece, TOKEN, Courier(opened))

    assert isinstance(answer, Stopped)
    assert [] == server.peers


async def test_bandwidth_is_capped(serve: Serve, connect: Connect, video: Video) -> None:
    server, path, clock = serve(takes_all), video(4 * MIB), MachineClock()
    google = connect(server.root, max_bandwidth=8 * MIB)

    begun = clock.monotonic()
    await asyncio.gather(*(google.send(whole(server.root, path), TOKEN, Courier(opened)) for _ in range(3)))
    took = clock.monotonic() - begun

    # How much later it ends than the line allows says how busy the machine is.
    assert took > 1.5 * 0.85


async def cancelled(sending: "asyncio.Task[Reply | NoReply | Stopped]") -> float:
    """Cancels; how long it took to end, in seconds."""
    clock = MachineClock()
    begun = clock.monotonic()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    return clock.monotonic() - begun


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("where", ["body", "reply"])
async def test_a_cancelled_transfer_ends_at_once(
    serve: Serve, connect: Connect, video: Video, where: str, tls: bool
) -> None:
    reached = threading.Event()

    def script(peer: Peer) -> None:
        peer.read_head() if where == "body" else peer.take_all()
        reached.set()
        peer.hold()

    server = serve(script, tls=tls)
    google = connect(server.root, replace(QUICK, stall=30.0))
    piece = whole(server.root, video(40 * MIB if where == "body" else BYTES))
    sending = asyncio.create_task(google.send(piece, TOKEN, Courier(opened)))
    await asyncio.to_thread(reached.wait, 10)

    assert await cancelled(sending) < 1
    assert {} == google._busy


async def test_a_transfer_cancelled_at_the_gate_sends_nothing_more(
    serve: Serve, connect: Connect, video: Video
) -> None:
    server, waiting, ended = serve(takes_all), asyncio.Event(), []

    async def slow() -> bool:
        waiting.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("gate")
        return True

    sending = asyncio.create_task(
        connect(server.root).send(whole(server.root, video(BYTES)), TOKEN, Courier(slow))
    )
    await waiting.wait()

    assert await cancelled(sending) < 1
    assert ["gate"] == ended
    assert server.ended.wait(5)
    assert server.peer.received <= BYTES - LAST_BLOCK


async def test_closing_ends_what_is_under_way(serve: Serve, connect: Connect, video: Video) -> None:
    server = serve(lambda peer: peer.read_head().hold())
    google = connect(server.root, replace(QUICK, stall=30.0))
    piece = whole(server.root, video(40 * MIB))
    sending = asyncio.create_task(google.send(piece, TOKEN, Courier(opened)))
    await asyncio.to_thread(wait_until, lambda: len(server.peers) == 1)

    await asyncio.wait_for(google.aclose(), 3)

    assert Stopped("the transfer was given up") == await sending
    assert NoReply("the connection to Google is closed", sent=False) == await google.send(
        piece, TOKEN, Courier(opened)
    )
    assert [] == [thread.name for thread in threading.enumerate() if thread.name.startswith("google")]


async def test_a_transfer_that_we_hang_up_on_after_its_last_bytes_says_nothing_of_the_server(
    serve: Serve, connect: Connect, video: Video
) -> None:
    server = serve(lambda peer: peer.take_all().hold())
    google = connect(server.root, replace(QUICK, stall=30.0))
    gate = Gate()
    sending = asyncio.create_task(google.send(whole(server.root, video(BYTES)), TOKEN, gate.courier))
    await asyncio.to_thread(wait_until, lambda: gate.reached == BYTES)

    await asyncio.wait_for(google.aclose(), 3)

    answer = await sending
    assert NoReply("the transfer was given up") == answer
    assert isinstance(answer, NoReply)
    assert answer.ours


@pytest.mark.parametrize(
    "uri", ["http://192.0.2.1/session", "https://evil.example/session", "http://a@localhost/session"]
)
async def test_a_session_elsewhere_is_not_given_the_token(
    serve: Serve, connect: Connect, video: Video, uri: str
) -> None:
    server = serve(takes_all)
    piece: Piece = replace(whole(server.root, video(10)), uri=uri)

    answer = await connect(server.root).send(piece, TOKEN, Courier(opened))

    assert isinstance(answer, NoReply)
    assert not answer.sent
    assert "session's address" in answer.why
