"""Small calls: what leaves, what comes back, and what goes wrong on the way."""

import asyncio
import gzip
import json
import logging
import socket
import threading
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from tests.adapters.google.conftest import QUICK, TOKEN, Connect, Serve
from tests.adapters.google.raw_server import Peer, Script, reply
from tests.adapters.google.test_bad_manners import (
    breaks_a_chunk,
    hangs_up,
    never_replies,
    promises_more,
    speaks_something_else,
    trickles,
)
from ytempire.domain.values import Secret
from ytempire.domain.wire import MAX_REPLY_BYTES, Call, Form, Media, NoReply, Reply

LIST = Call("GET", "youtube/v3/videos", {"part": "id", "id": "a,b"})
INSERT = Call(
    "POST",
    "upload/x",
    {"uploadType": "resumable"},
    body={"title": "Ö"},
    headers={"X-Upload-Content-Length": "7"},
)


def agrees(peer: Peer) -> None:
    peer.take_all(keep=True).say(reply("200 OK", b'{"items": []}', "X-Thing: One"))


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_a_call_carries_token_query_and_headers(serve: Serve, connect: Connect, tls: bool) -> None:
    server = serve(agrees, tls=tls)

    answer = await connect(server.root).call(LIST, TOKEN)

    assert Reply(200, {"content-length": "13", "x-thing": "One"}, b'{"items": []}') == answer
    assert "GET /youtube/v3/videos?part=id&id=a%2Cb HTTP/1.1" == server.peer.line
    assert "Bearer ya29.a-token" == server.peer.headers["authorization"]
    assert "ytempire (gzip)" == server.peer.headers["user-agent"]


async def test_a_body_travels_as_json(serve: Serve, connect: Connect) -> None:
    server = serve(agrees)

    await connect(server.root).call(INSERT, TOKEN)

    assert {"title": "Ö"} == json.loads(server.peer.body)
    assert "application/json; charset=UTF-8" == server.peer.headers["content-type"]
    assert "7" == server.peer.headers["x-upload-content-length"]


async def test_a_file_alone_is_the_body(serve: Serve, connect: Connect, tmp_path: Path) -> None:
    server, path = serve(agrees), tmp_path / "thumbnail.png"
    path.write_bytes(bytes(range(256)) * 4096)

    await connect(server.root).call(Call("POST", "thumbnail", media=Media(str(path), "image/png")), TOKEN)

    assert path.read_bytes() == bytes(server.peer.body)
    assert ("image/png", "1048576") == tuple(
        server.peer.headers[name] for name in ("content-type", "content-length")
    )
    assert "transfer-encoding" not in server.peer.headers


async def test_a_body_and_a_file_travel_as_two_parts(serve: Serve, connect: Connect, tmp_path: Path) -> None:
    server, path = serve(agrees), tmp_path / "captions.srt"
    path.write_bytes(b"1\n00:00 --> 00:01\nHello\n")
    media = Media(str(path), "application/octet-stream")

    await connect(server.root).call(Call("POST", "captions", body={"a": 1}, media=media), TOKEN)

    kind, _, boundary = server.peer.headers["content-type"].partition("; boundary=")
    nothing, told, file, end = bytes(server.peer.body).split(b"--" + boundary.encode())
    assert ("multipart/related", b"", b"--\r\n") == (kind, nothing, end)
    assert b'\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{"a": 1}\r\n' == told
    head = b"\r\nContent-Type: application/octet-stream\r\n\r\n"
    assert head + path.read_bytes() + b"\r\n" == file
    assert len(server.peer.body) == int(server.peer.headers["content-length"])


async def test_a_missing_file_is_nothing_sent(serve: Serve, connect: Connect, tmp_path: Path) -> None:
    server = serve(agrees)
    media = Media(str(tmp_path / "gone.png"), "image/png")

    answer = await connect(server.root).call(Call("POST", "thumbnail", media=media), TOKEN)

    assert NoReply("the file cannot be opened: No such file or directory", sent=False) == answer
    assert [] == server.peers


async def test_a_file_that_shrinks_on_the_way_was_sent_for_the_server_may_have_charged_it(
    serve: Serve, connect: Connect, tmp_path: Path
) -> None:
    path = tmp_path / "captions.srt"
    path.write_bytes(bytes(100_000_000))

    def cuts_it(peer: Peer) -> None:
        peer.read_head()
        path.write_bytes(b"")
        peer.wait_for_end()

    server = serve(cuts_it)

    answer = await connect(server.root).call(Call("POST", "captions", media=Media(str(path), "x/y")), TOKEN)

    assert (NoReply("the file became shorter", sent=True), True) == (answer, getattr(answer, "ours", None))
    assert "POST /captions HTTP/1.1" == server.peer.line


async def test_a_form_carries_its_fields_and_no_token(serve: Serve, connect: Connect) -> None:
    server = serve(agrees)

    answer = await connect(server.root).post(Form(server.root + "token", {"code": "4/a b&c", "x": "ü"}))

    assert isinstance(answer, Reply)
    assert {"code": ["4/a b&c"], "x": ["ü"]} == parse_qs(server.peer.body.decode())
    assert "application/x-www-form-urlencoded" == server.peer.headers["content-type"]
    assert "authorization" not in server.peer.headers


async def test_a_form_does_not_travel_in_clear_to_strangers(connect: Connect) -> None:
    answer = await connect("https://youtube.googleapis.com/").post(
        Form("http://oauth.example/token", {"a": "b"})
    )

    assert (
        NoReply("the OAuth address is not https, and secrets must not travel in clear", sent=False) == answer
    )


@pytest.mark.parametrize("text", ["", "a\r\nX-Evil: 1", "a b", "é"])
async def test_a_token_that_is_none_goes_nowhere(serve: Serve, connect: Connect, text: str) -> None:
    server = serve(agrees)

    answer = await connect(server.root).call(LIST, Secret(text))

    assert isinstance(answer, NoReply)
    assert not answer.sent
    assert [] == server.peers


async def test_a_huge_reply_is_cut(serve: Serve, connect: Connect) -> None:
    server = serve(lambda peer: peer.take_all().say(reply("500 Oops", b"x" * (8 * MAX_REPLY_BYTES))))

    answer = await connect(server.root).call(LIST, TOKEN)

    assert isinstance(answer, Reply)
    assert (500, MAX_REPLY_BYTES) == (answer.status, len(answer.body))


@pytest.mark.parametrize("layers", [1, 2])
async def test_a_packed_reply_is_unpacked_but_not_for_ever(
    serve: Serve, connect: Connect, layers: int
) -> None:
    packed = bytes(64 * MAX_REPLY_BYTES)
    for _ in range(layers):
        packed = gzip.compress(packed, compresslevel=1)
    bomb = reply("503 Oops", packed, "Content-Encoding: " + ", ".join(["gzip"] * layers))
    server = serve(lambda peer: peer.take_all().say(bomb))

    answer = await connect(server.root).call(LIST, TOKEN)

    assert isinstance(answer, Reply)
    assert (503, MAX_REPLY_BYTES) == (answer.status, len(answer.body))


async def test_a_redirect_is_handed_back_and_not_followed(serve: Serve, connect: Connect) -> None:
    server = serve(lambda peer: peer.take_all().say(reply("302 Go", b"", "Location: /elsewhere")))

    assert Reply(302, {"content-length": "0", "location": "/elsewhere"}) == await connect(server.root).call(
        LIST, TOKEN
    )
    assert 1 == len(server.peers)


async def test_a_cookie_for_one_channel_is_not_shown_with_the_next(serve: Serve, connect: Connect) -> None:
    server = serve(lambda peer: peer.take_all().say(reply("200 OK", b"{}", "Set-Cookie: channel=1")))
    google = connect(server.root)

    await google.call(LIST, TOKEN)
    await google.call(LIST, TOKEN)

    assert [] == [peer for peer in server.peers if "cookie" in peer.headers]


def resets(peer: Peer) -> None:
    peer.take_all()
    peer.reset()


def packs_badly(peer: Peer) -> None:
    peer.take_all().say(reply("500 Oops", b"not gzip", "Content-Encoding: gzip"))


MISHAPS: list[tuple[Script, str]] = [
    (resets, "the connection was reset"),
    (hangs_up, "the reply broke off or was not HTTP"),
    (never_replies, "the server was silent for too long"),
    (promises_more, "the reply broke off or was not HTTP"),
    (breaks_a_chunk, "the reply broke off or was not HTTP"),
    (speaks_something_else, "the reply broke off or was not HTTP"),
    (trickles, "the server was silent for too long"),
    (packs_badly, "the reply could not be unpacked"),
]


@pytest.mark.parametrize(("script", "words"), MISHAPS, ids=[script.__name__ for script, _ in MISHAPS])
async def test_a_mishap_is_no_reply_to_something_sent(
    serve: Serve, connect: Connect, script: Script, words: str
) -> None:
    server = serve(script)

    assert NoReply(words, sent=True) == await connect(server.root, replace(QUICK, call=0.5)).call(
        INSERT, TOKEN
    )


async def test_a_refused_connection_is_nothing_sent(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        root = f"http://127.0.0.1:{taken.getsockname()[1]}/"

    assert NoReply("the connection was refused", sent=False) == await connect(root).call(LIST, TOKEN)


async def test_a_name_nobody_knows_is_nothing_sent(connect: Connect) -> None:
    answer = await connect("http://nobody.invalid.test/").call(LIST, TOKEN)

    assert NoReply("the server's name could not be resolved", sent=False) == answer


async def test_a_certificate_nobody_vouches_for_ends_it(serve: Serve, connect: Connect) -> None:
    server = serve(agrees, tls=True)

    answer = await connect(server.root, trusting=False).call(LIST, TOKEN)

    assert isinstance(answer, NoReply)
    assert not answer.sent
    assert answer.why.startswith("the server's certificate is not trusted: self")
    assert [] == server.peers


async def test_a_server_that_never_shakes_hands_is_nothing_sent(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        root = f"https://127.0.0.1:{deaf.getsockname()[1]}/"
        google = connect(root, replace(QUICK, connect=0.3))

        assert NoReply("the server was silent for too long", sent=False) == await google.call(LIST, TOKEN)


async def test_every_event_loop_has_its_own_connections(serve: Serve, connect: Connect) -> None:
    def agrees_and_goes(peer: Peer) -> None:
        # The second loop ends at once: whatever it left open nobody could close, but the garbage collector.
        last = () if peer is server.peers[0] else ("Connection: close",)
        peer.take_all().say(reply("200 OK", b'{"items": []}', *last))

    server = serve(agrees_and_goes)
    google = connect(server.root)
    answers = [await google.call(LIST, TOKEN)]

    other = threading.Thread(target=lambda: answers.append(asyncio.run(google.call(LIST, TOKEN))))
    other.start()
    await asyncio.to_thread(other.join)
    answers.append(await google.call(LIST, TOKEN))

    assert [200, 200, 200] == [answer.status for answer in answers if isinstance(answer, Reply)]


async def test_the_log_never_shows_a_session(
    serve: Serve, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = serve(lambda peer: peer.take_all().say(reply("200 OK", b"{}", "Location: /session-secret")))

    await connect(server.root).call(INSERT, TOKEN)

    assert "session-secret" not in caplog.text
    assert "ya29" not in caplog.text
