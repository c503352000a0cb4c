"""The one client: what it bounds, what it refuses to send, and what it says of a call without an answer."""

import asyncio
import contextlib
import logging
import os
import socket
import threading
from pathlib import Path

import pytest

from tests.adapters.providers.conftest import CANARY, Serve, answer
from tests.bare import serving
from ytempire.adapters.providers.web import Heard, Request, Web
from ytempire.adapters.system import MachineClock
from ytempire.domain.chain import Blame, Charged, ProviderFault


def fault(found: object) -> tuple[Blame, str, Charged]:
    assert isinstance(found, ProviderFault), found
    return found.blame, found.code, found.charged


async def test_a_reply_of_any_status_is_heard(web: Web, serve: Serve) -> None:
    server = await serve(answer("200 OK", b'{"a": 1}', "X-One: 1"), answer("418 Teapot", b"short"))

    good = await web.ask(Request(url=server.root, body=b"{}"), 5)
    odd = await web.ask(Request(url=server.root, method="GET"), 5)

    assert isinstance(good, Heard)
    assert (200, {"a": 1}, "1") == (good.status, good.document(), good.headers["x-one"])
    assert isinstance(odd, Heard)
    assert (418, b"short", None) == (odd.status, odd.body, odd.document())


async def test_nobody_there_is_provably_not_paid(web: Web) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = taken.getsockname()[1]

    found = await web.ask(Request(url=f"http://127.0.0.1:{free}/"), 5)

    assert (Blame.OUTAGE, "unreachable", Charged.NO) == fault(found)


async def test_a_host_that_nobody_knows_is_provably_not_paid(web: Web) -> None:
    found = await web.ask(Request(url="https://nobody.invalid/"), 10)

    assert (Blame.OUTAGE, "unreachable", Charged.NO) == fault(found)


async def test_a_silent_server_was_perhaps_paid(web: Web, serve: Serve) -> None:
    server = await serve(silent=True)

    found = await web.ask(Request(url=server.root, body=b"{}"), 1.0)

    assert (Blame.OUTAGE, "timeout", Charged.MAYBE) == fault(found)


async def test_a_server_that_hangs_up_was_perhaps_paid(web: Web, serve: Serve) -> None:
    server = await serve()

    found = await web.ask(Request(url=server.root, body=b"{}"), 5)

    assert (Blame.OUTAGE, "no_reply", Charged.MAYBE) == fault(found)


async def test_a_reply_that_breaks_off_was_paid(web: Web, serve: Serve) -> None:
    server = await serve(answer("200 OK", b"half", length=400))

    found = await web.ask(Request(url=server.root), 5)

    assert (Blame.OUTPUT, "cut_short", Charged.YES) == fault(found)


async def test_a_refusal_that_breaks_off_is_still_a_refusal(web: Web, serve: Serve) -> None:
    server = await serve(answer("402 Pay", b"half", length=400))

    found = await web.ask(Request(url=server.root), 5)

    assert isinstance(found, Heard)
    assert (402, b"half") == (found.status, found.body)


async def test_a_reply_that_is_too_long_is_not_taken(web: Web, serve: Serve) -> None:
    server = await serve(answer("200 OK", b"x" * 5000))

    found = await web.ask(Request(url=server.root), 5, longest=4999)

    assert (Blame.OUTPUT, "too_long", Charged.YES) == fault(found)


async def test_of_an_endless_refusal_only_the_beginning_is_read(web: Web, serve: Serve) -> None:
    server = await serve(answer("500 Oops", b"x" * 1_000_000))

    found = await web.ask(Request(url=server.root), 5)

    assert isinstance(found, Heard)
    assert 65_536 == len(found.body)


async def test_a_packed_bomb_is_not_unpacked(web: Web, serve: Serve) -> None:
    server = await serve(answer("200 OK", b"\x1f\x8b" + b"\0" * 100, "Content-Encoding: gzip"))

    found = await web.ask(Request(url=server.root), 5)

    assert isinstance(found, Heard)
    assert 102 == len(found.body)
    assert b"accept-encoding: identity" in server.heard[0].lower()


async def test_no_redirect_is_followed_and_no_cookie_kept(web: Web, serve: Serve) -> None:
    other = await serve(answer("200 OK"))
    server = await serve(
        answer("302 Found", b"", f"Location: {other.root}/", "Set-Cookie: taste=sweet"), answer("200 OK")
    )

    first = await web.ask(Request(url=server.root), 5)
    await web.ask(Request(url=server.root), 5)

    assert isinstance(first, Heard)
    assert 302 == first.status
    assert [] == other.heard
    assert b"taste" not in server.heard[1]


async def test_no_connection_serves_twice(web: Web, serve: Serve) -> None:
    kept = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    server = await serve(kept, kept)

    found = [await web.ask(Request(url=server.root, body=b"{}"), 5) for _ in range(2)]

    # A server that hangs up between two calls makes no doubtful one.
    assert [200, 200] == [each.status for each in found if isinstance(each, Heard)]
    assert 2 == len(server.heard)


async def test_no_proxy_of_the_surroundings_is_used(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy, server = await serve(answer("200 OK", b"proxy")), await serve(answer("200 OK", b"server"))
    monkeypatch.setenv("HTTP_PROXY", proxy.root)
    monkeypatch.setenv("ALL_PROXY", proxy.root)
    web = Web(MachineClock())

    found = await web.ask(Request(url=server.root), 5)
    await web.aclose()

    assert isinstance(found, Heard)
    assert b"server" == found.body


@pytest.mark.parametrize(
    ("url", "headers", "keyed"),
    [
        ("http://api.example.com/", {"Authorization": "Bearer x"}, True),
        ("http://[::2]/", {}, True),
        ("ftp://api.example.com/", {}, False),
        ("no address", {}, False),
        ("https://", {}, False),
        ("https://[broken/", {}, False),
        ("https://api.example.com:port/", {}, False),
        ("https://api.example.com/", {"X-Key": f"{CANARY}\n"}, True),
        ("https://api.example.com/", {"X-Key": f"{CANARY}\r\nHost: evil"}, True),
        ("https://api.example.com/", {"X-Key": f"\u201c{CANARY}\u201d"}, True),
    ],
)
async def test_what_must_not_be_sent_is_not(url: str, headers: dict[str, str], keyed: bool, web: Web) -> None:
    found = await web.ask(Request(url=url, headers=headers, keyed=keyed), 5)

    assert (Blame.CREDENTIAL, "not_sendable", Charged.NO) == fault(found)
    assert CANARY not in repr(found)


@pytest.mark.parametrize(
    "root", ["http://localhost:9", "http://127.0.0.1:9", "http://[::1]:9", "http://a.localhost:9"]
)
async def test_a_key_may_go_in_clear_to_this_machine_itself(root: str, web: Web) -> None:
    found = await web.ask(Request(url=root, headers={"X-Key": "k"}, keyed=True), 5)

    assert (Blame.OUTAGE, "unreachable", Charged.NO) == fault(found)


async def test_a_full_disk_ends_the_call_for_everybody(web: Web, serve: Serve) -> None:
    server = await serve(answer("200 OK", b"sound"))

    async def full(_: bytes) -> None:
        raise OSError(28, os.strerror(28))

    found = await web.save(Request(url=server.root), 5, full)

    assert (Blame.CALLER, "cannot_write", Charged.YES) == fault(found)


async def test_a_call_that_is_cancelled_leaves_nothing_running(web: Web, serve: Serve) -> None:
    server = await serve(silent=True)
    call = asyncio.create_task(web.ask(Request(url=server.root, body=b"{}"), 30))
    await server.came.wait()

    call.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await call

    assert call.cancelled()


def test_each_loop_has_a_client_of_its_own(tmp_path: Path) -> None:
    web = Web(MachineClock())
    found: list[object] = []

    async def call() -> None:
        async with serving(_answer) as port:
            found.extend([await web.ask(Request(url=f"http://127.0.0.1:{port}/"), 5) for _ in range(2)])
            await web.aclose()

    threads = [threading.Thread(target=asyncio.run, args=(call(),)) for _ in range(3)]
    for thread in threads:
        thread.start()
        thread.join(20)

    assert [200] * 6 == [each.status for each in found if isinstance(each, Heard)]


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(answer("200 OK", b"{}"))
    await writer.drain()


async def test_a_talkative_log_shows_no_header(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = await serve(answer("200 OK"))
    web = Web(MachineClock())

    request = Request(
        url=f"{server.root}/{CANARY}", headers={"X-Key": CANARY}, query={"key": "v"}, keyed=True
    )
    await web.ask(request, 5)
    await web.aclose()

    assert CANARY.encode() in server.heard[0]
    assert CANARY not in caplog.text + repr(request)
