"""Servers and networks that misbehave under a transfer or a question: each mishap is told as what it was."""

import asyncio
import gzip
import resource
import socket
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.adapters.google.conftest import QUICK, TOKEN, Connect, Serve, whole
from tests.adapters.google.raw_server import Peer, Script, reply, wait_until
from ytempire.adapters.google import HttpGoogle
from ytempire.adapters.google.sending import LAST_BLOCK
from ytempire.adapters.system import MachineClock
from ytempire.domain.wire import MAX_REPLY_BYTES, Answer, Ask, Call, NoReply, Reply, Stopped
from ytempire.ports import Courier

MIB = 1_048_576
Video = Callable[[int], Path]
DENIED = reply("401 Unauthorized", b'{"error": {"code": 401}}')


async def opened() -> bool:
    return True


async def question(google: HttpGoogle, root: str, total: int = 1000) -> Answer:
    return await google.ask(Ask(root + "session", total), TOKEN)


async def sent(google: HttpGoogle, root: str, path: Path) -> Answer | Stopped:
    return await google.send(whole(root, path), TOKEN, Courier(opened))


async def test_a_question_has_no_body_and_an_open_range(serve: Serve, connect: Connect) -> None:
    server = serve(lambda peer: peer.take_all().say(reply("308 Resume Incomplete", b"", "Range: bytes=0-41")))

    answer = await question(connect(server.root), server.root)

    assert Reply(308, {"content-length": "0", "range": "bytes=0-41"}) == answer
    assert ("0", "bytes */1000") == tuple(
        server.peer.headers[name] for name in ("content-length", "content-range")
    )


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("then", ["waits", "drains", "resets"])
async def test_a_reply_that_comes_early_is_read(
    serve: Serve, connect: Connect, video: Video, then: str, tls: bool
) -> None:
    def script(peer: Peer) -> None:
        peer.read_head().take(3 * MIB).say(DENIED)
        if then == "waits":
            peer.hold()
        elif then == "drains":
            peer.wait_for_end()
        else:
            peer.sock.close()

    server, path = serve(script, tls=tls), video(60 * MIB)
    offsets: list[int] = []
    courier = Courier(opened, progress=offsets.append)

    answer = await connect(server.root, replace(QUICK, stall=10.0)).send(
        whole(server.root, path), TOKEN, courier
    )

    if then == "resets":  # The reset may overtake the reply: then we know nothing, and ask.
        assert answer in (
            Reply(401, {"content-length": "24"}, b'{"error": {"code": 401}}'),
            NoReply("the connection was reset"),
            NoReply("the secure connection failed"),
        )
    else:
        assert Reply(401, {"content-length": "24"}, b'{"error": {"code": 401}}') == answer
    assert offsets[-1] < 60 * MIB - LAST_BLOCK


async def test_an_interim_reply_does_not_stop_the_bytes(serve: Serve, connect: Connect, video: Video) -> None:
    def script(peer: Peer) -> None:
        peer.read_head().say(b"HTTP/1.1 100 Continue\r\n\r\n")
        peer.take(8 * MIB).say(reply("200 OK", b"{}"))

    server, path = serve(script), video(8 * MIB)

    assert Reply(200, {"content-length": "2"}, b"{}") == await connect(server.root).send(
        whole(server.root, path), TOKEN, Courier(opened)
    )
    assert 8 * MIB == server.peer.received


def resets_in_the_body(peer: Peer) -> None:
    peer.read_head().take(2 * MIB)
    peer.reset()


def hangs_up_in_the_body(peer: Peer) -> None:
    peer.read_head().take(2 * MIB)


def stops_reading(peer: Peer) -> None:
    peer.read_head().hold()


def never_replies(peer: Peer) -> None:
    peer.take_all().hold()


def hangs_up(peer: Peer) -> None:
    peer.take_all()


def promises_more(peer: Peer) -> None:
    peer.take_all().say(b'HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"id": "v')


def breaks_a_chunk(peer: Peer) -> None:
    peer.take_all().say(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{"id"')


def speaks_something_else(peer: Peer) -> None:
    peer.take_all().say(b"220 mail.example ESMTP\r\n\r\n")


def trickles(peer: Peer) -> None:
    peer.take_all().say(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
    while not peer.hold(0.1):
        peer.say(b" ")


MISHAPS: list[tuple[Script, set[str]]] = [
    (resets_in_the_body, {"the connection was reset"}),
    (hangs_up_in_the_body, {"the connection was reset", "the server closed the connection without a reply"}),
    (stops_reading, {"the server was silent for too long"}),
    (never_replies, {"the server was silent for too long"}),
    (hangs_up, {"the server closed the connection without a reply", "the connection was reset"}),
    (promises_more, {"the reply broke off"}),
    (breaks_a_chunk, {"the reply broke off"}),
    (speaks_something_else, {"the reply was not HTTP"}),
    (trickles, {"the server was silent for too long"}),
]


@pytest.mark.parametrize(("script", "words"), MISHAPS, ids=[script.__name__ for script, _ in MISHAPS])
async def test_a_mishap_while_sending_is_no_reply_to_something_sent(
    serve: Serve, connect: Connect, video: Video, script: Script, words: set[str]
) -> None:
    server, path = serve(script), video(40 * MIB)

    answer = await connect(server.root).send(whole(server.root, path), TOKEN, Courier(opened))

    assert isinstance(answer, NoReply)
    assert answer.sent
    assert answer.why in words


@pytest.mark.parametrize(("script", "words"), MISHAPS[3:], ids=[script.__name__ for script, _ in MISHAPS[3:]])
async def test_a_mishap_while_asking_is_no_reply_to_something_sent(
    serve: Serve, connect: Connect, script: Script, words: set[str]
) -> None:
    server = serve(script)

    answer = await question(connect(server.root), server.root)

    assert isinstance(answer, NoReply)
    assert answer.sent
    assert answer.why in words


async def test_a_huge_reply_is_cut(serve: Serve, connect: Connect) -> None:
    size = 8 * MIB
    server = serve(lambda peer: peer.take_all().say(reply("500 Oops", b"x" * size)))

    answer = await question(connect(server.root), server.root)

    assert isinstance(answer, Reply)
    assert (500, MAX_REPLY_BYTES) == (answer.status, len(answer.body))


async def test_a_packed_reply_is_unpacked_but_not_for_ever(serve: Serve, connect: Connect) -> None:
    packed = gzip.compress(bytes(64 * MIB), compresslevel=1)
    bomb = reply("503 Oops", packed, "Content-Encoding: gzip")
    server = serve(lambda peer: peer.take_all().say(bomb))

    answer = await question(connect(server.root), server.root)

    assert isinstance(answer, Reply)
    assert (503, MAX_REPLY_BYTES) == (answer.status, len(answer.body))


async def test_a_reply_packed_twice_takes_no_memory(serve: Serve, connect: Connect) -> None:
    inner = zlib.compressobj(9, wbits=31)
    packed = b"".join(inner.compress(bytes(MIB)) for _ in range(512)) + inner.flush()
    bomb = reply("503 Oops", gzip.compress(packed), "Content-Encoding: gzip, gzip")
    server = serve(lambda peer: peer.take_all().say(bomb))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    answer = await connect(server.root, replace(QUICK, call=10.0)).call(Call("GET", "videos"), TOKEN)

    assert isinstance(answer, Reply)
    assert (503, MAX_REPLY_BYTES) == (answer.status, len(answer.body))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


async def test_a_server_that_floods_while_we_send_is_cut_off(
    serve: Serve, connect: Connect, video: Video
) -> None:
    flooded: list[int] = []

    def script(peer: Peer) -> None:
        peer.read_head().say(b"HTTP/1.1 500 Oops\r\nContent-Length: 99999999999\r\n\r\n")
        for _ in range(400):
            peer.say(bytes(MIB))
            flooded.append(MIB)

    server = serve(script)

    answer = await sent(connect(server.root), server.root, video(30 * MIB))

    assert isinstance(answer, Reply)
    assert (500, MAX_REPLY_BYTES) == (answer.status, len(answer.body))
    assert sum(flooded) < 100 * MIB


@pytest.mark.parametrize("length", [b"-5", b"zz", b"f" * 5000, b""])
async def test_a_chunk_of_an_odd_length_is_no_reply(serve: Serve, connect: Connect, length: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server = serve(lambda peer: peer.take_all().say(head, length, b"\r\nxx"))

    answer = await question(connect(server.root), server.root)

    assert NoReply("the reply broke off", sent=True) == answer


async def test_a_redirect_is_handed_back_and_not_followed(serve: Serve, connect: Connect) -> None:
    server = serve(lambda peer: peer.take_all().say(reply("307 Go", b"", "Location: http://evil.example/")))

    answer = await question(connect(server.root), server.root)

    assert Reply(307, {"content-length": "0", "location": "http://evil.example/"}) == answer
    assert 1 == len(server.peers)


async def test_a_refused_connection_is_nothing_sent(connect: Connect, video: Video) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        root = f"http://127.0.0.1:{taken.getsockname()[1]}/"

    expected = NoReply("the connection was refused", sent=False)
    assert expected == await question(connect(root), root)
    assert expected == await sent(connect(root), root, video(10))


async def test_a_name_nobody_knows_is_nothing_sent(connect: Connect) -> None:
    root = "http://nobody.invalid.test/"

    expected = NoReply("the server's name could not be resolved", sent=False)
    assert expected == await question(connect(root), root)


async def test_a_certificate_nobody_vouches_for_ends_it(serve: Serve, connect: Connect, video: Video) -> None:
    server, path = serve(hangs_up, tls=True), video(10)
    google = connect(server.root, trusting=False)

    for answer in (await question(google, server.root), await sent(google, server.root, path)):
        assert isinstance(answer, NoReply)
        assert not answer.sent
        assert answer.why.startswith("the server's certificate is not trusted: self")
    assert [] == server.peers


async def test_a_certificate_for_another_name_ends_it(serve: Serve, connect: Connect) -> None:
    server = serve(hangs_up, tls=True)
    root = server.root.replace("localhost", "127.0.0.1")

    answer = await question(connect(root), root)

    assert isinstance(answer, NoReply)
    assert not answer.sent
    assert "not trusted" in answer.why


async def test_a_server_that_never_shakes_hands_is_nothing_sent(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        root = f"https://127.0.0.1:{deaf.getsockname()[1]}/"
        google = connect(root, replace(QUICK, connect=0.3))

        assert NoReply("the server was silent for too long", sent=False) == await question(google, root)


async def test_a_connection_that_never_comes_about_can_be_cancelled(connect: Connect) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        root = f"http://127.0.0.1:{full.getsockname()[1]}/"
        with socket.create_connection(full.getsockname()):
            clock, google = MachineClock(), connect(root, replace(QUICK, connect=30.0))
            asking = asyncio.create_task(question(google, root))
            await asyncio.to_thread(wait_until, lambda: any(busy._sock for busy in google._busy))
            begun = clock.monotonic()
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking

    assert clock.monotonic() - begun < 15  # it would have tried for 30
