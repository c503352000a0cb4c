"""The listener that a browser comes back to, tried with plain sockets: who gets through, and who is turned away."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

import pytest

from ytempire.adapters.landing import LoopbackDesk, PortTaken, listening
from ytempire.domain.consent import CALLBACK_PATH, Landing

ANYWHERE = Landing("127.0.0.1", 0, "/")
QUERY = "state=a&code=b"


@dataclass(frozen=True)
class Page:
    """What a visitor was shown."""

    status: int
    headers: dict[str, str]
    body: str


def port_of(desk: LoopbackDesk) -> int:
    return int(desk.uri.rpartition(":")[2].partition("/")[0])


def head(
    desk: LoopbackDesk, target: str = f"/?{QUERY}", method: str = "GET", host: str | None = None
) -> bytes:
    return f"{method} {target} HTTP/1.1\r\nHost: {host or f'127.0.0.1:{port_of(desk)}'}\r\n\r\n".encode()


async def send(desk: LoopbackDesk, *parts: bytes, to: str = "127.0.0.1") -> Page | None:
    """Sends these bytes and reads the answer; None when the connection ended without one."""
    reader, writer = await asyncio.open_connection(to, port_of(desk))
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        answer = await reader.read()
    finally:
        writer.close()
    return parsed(answer.decode()) if answer else None


def parsed(answer: str) -> Page:
    top, _, body = answer.partition("\r\n\r\n")
    line, *fields = top.split("\r\n")
    headers = {name.lower(): value for name, _, value in (field.partition(": ") for field in fields)}
    return Page(int(line.split()[1]), headers, body)


async def answered(
    desk: LoopbackDesk, visitor: Coroutine[Any, Any, Page | None], *, good: bool = True
) -> Page:
    """Lets a visitor come, takes the visit, and shows a page for it."""
    coming = asyncio.create_task(visitor)
    visit = await desk.visit()
    assert QUERY == visit.query
    await visit.show(good, "Done", "You can go.")
    page = await coming
    assert page is not None
    return page


async def turned_away(desk: LoopbackDesk, *parts: bytes) -> int:
    page = await send(desk, *parts)
    assert page is not None
    with pytest.raises(TimeoutError):  # nobody got through
        async with asyncio.timeout(0.02):
            await desk.visit()
    return page.status


async def test_the_query_of_a_visit_is_handed_over_and_the_visitor_shown_a_page() -> None:
    async with listening(ANYWHERE) as desk:
        page = await answered(desk, send(desk, head(desk)))

    assert 200 == page.status
    assert "You can go." in page.body
    assert str(len(page.body.encode())) == page.headers["content-length"]


async def test_what_did_not_work_is_shown_as_an_error() -> None:
    async with listening(ANYWHERE) as desk:
        page = await answered(desk, send(desk, head(desk)), good=False)

    assert 400 == page.status


async def test_a_page_may_load_nothing_be_kept_nowhere_and_tell_nobody_where_it_was() -> None:
    async with listening(ANYWHERE) as desk:
        page = await answered(desk, send(desk, head(desk)))

    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "no-store" == page.headers["cache-control"]
    assert "no-referrer" == page.headers["referrer-policy"]
    assert "nosniff" == page.headers["x-content-type-options"]
    assert "server" not in page.headers


async def test_text_that_looks_like_markup_is_shown_as_text() -> None:
    async with listening(ANYWHERE) as desk:
        coming = asyncio.create_task(send(desk, head(desk)))
        visit = await desk.visit()
        await visit.show(True, "<b>{title}</b>", "\"><script>alert('1')</script>")
        page = await coming

    assert page is not None
    assert "<script" not in page.body
    assert "<b>" not in page.body
    assert "&lt;b&gt;{title}&lt;/b&gt;" in page.body


@pytest.mark.parametrize("target", ["/favicon.ico", "//", "/?", "/a?state=a&code=b", "/%2f?state=a", "*", ""])
async def test_another_path_is_not_found_and_one_without_a_query_is_an_empty_visit(target: str) -> None:
    async with listening(ANYWHERE) as desk:
        if target == "/?":
            coming = asyncio.create_task(send(desk, head(desk, target)))
            visit = await desk.visit()
            assert "" == visit.query
            await visit.show(False, "Nothing", "")
            await coming
        else:
            assert 404 == await turned_away(desk, head(desk, target))


@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT", "OPTIONS", "get"])
async def test_another_method_is_not_allowed(method: str) -> None:
    async with listening(ANYWHERE) as desk:
        assert 405 == await turned_away(desk, head(desk, method=method))


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1",
        "127.0.0.1:1",
        "localhost.evil.example:{port}",
        "0.0.0.0:{port}",
    ],
)
async def test_a_page_elsewhere_whose_name_was_pointed_at_this_machine_is_turned_away(host: str) -> None:
    async with listening(ANYWHERE) as desk:
        named = host.format(port=port_of(desk))

        assert 421 == await turned_away(desk, head(desk, host=named))


async def test_a_request_with_two_hosts_or_none_is_turned_away() -> None:
    async with listening(ANYWHERE) as desk:
        host = f"Host: 127.0.0.1:{port_of(desk)}\r\n"
        for hosts in ("", host * 2, host + "Host: evil.example\r\n"):
            assert 421 == await turned_away(desk, f"GET /?{QUERY} HTTP/1.1\r\n{hosts}\r\n".encode())


async def test_a_host_may_be_written_in_capitals_and_by_the_name_of_this_machine() -> None:
    async with listening(ANYWHERE) as desk:
        named = head(desk, host=f"LocalHost:{port_of(desk)}").replace(b"Host:", b"HOST:")

        assert 200 == (await answered(desk, send(desk, named))).status


@pytest.mark.parametrize(
    "rubbish", [b"\r\n\r\n", b"\x00\xff\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\r\n\r\n"]
)
async def test_rubbish_is_turned_away(rubbish: bytes) -> None:
    async with listening(ANYWHERE) as desk:
        assert await turned_away(desk, rubbish) in (400, 421)


async def test_a_head_that_comes_in_pieces_is_read_whole() -> None:
    async with listening(ANYWHERE) as desk:
        whole = head(desk)

        page = await answered(desk, send(desk, whole[:9], whole[9:40], whole[40:]))

    assert 200 == page.status


async def test_a_head_without_an_end_is_not_read_into_memory() -> None:
    async with listening(ANYWHERE) as desk:
        start = head(desk).removesuffix(b"\r\n") + b"X: "
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(desk))
        writer.write(start + b"x" * 100_000)

        try:
            answer = await reader.read()
        except ConnectionResetError:
            answer = b""
        writer.close()

        assert answer[:12] in (b"", b"HTTP/1.1 400")
        assert 200 == (await answered(desk, send(desk, head(desk)))).status


async def test_a_visitor_who_never_ends_the_head_keeps_nobody_else_waiting() -> None:
    async with listening(ANYWHERE) as desk:
        slow = [await asyncio.open_connection("127.0.0.1", port_of(desk)) for _ in range(50)]
        for _, writer in slow:
            writer.write(b"GET /?st")

        page = await answered(desk, send(desk, head(desk)))

        for _, writer in slow:
            writer.close()
    assert 200 == page.status


async def test_a_visitor_who_left_before_the_page_came_is_no_fault() -> None:
    async with listening(ANYWHERE) as desk:
        _, writer = await asyncio.open_connection("127.0.0.1", port_of(desk))
        writer.write(head(desk))
        visit = await desk.visit()
        writer.transport.abort()
        await visit.show(True, "Done", "x" * 1_000_000)

        assert 200 == (await answered(desk, send(desk, head(desk)))).status


async def test_a_visitor_who_is_known_to_have_left_before_the_page_came_is_no_fault_either() -> None:
    async with listening(ANYWHERE) as desk:
        with socket.create_connection(("127.0.0.1", port_of(desk))) as leaving:
            leaving.sendall(head(desk))
            visit = await desk.visit()
            leaving.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # Whoever was let in after it is served after its leaving was noticed.
        assert 404 == await turned_away(desk, head(desk, "/favicon.ico"))

        await visit.show(False, "This did not work", "")

        assert 200 == (await answered(desk, send(desk, head(desk)))).status


async def test_more_connections_than_a_browser_makes_are_dropped_and_later_ones_served() -> None:
    async with listening(ANYWHERE) as desk:
        idle = [await asyncio.open_connection("127.0.0.1", port_of(desk)) for _ in range(128)]
        with contextlib.suppress(ConnectionResetError):
            assert await send(desk, head(desk)) is None
        for _, writer in idle:
            writer.write(b"\r\n\r\n")
        for reader, writer in idle:
            assert (await reader.read()).startswith(b"HTTP/1.1 421")
            writer.close()

        assert 200 == (await answered(desk, send(desk, head(desk)))).status


async def test_a_browser_asks_for_the_root_of_an_address_without_a_path() -> None:
    async with listening(Landing("localhost", _free_port(), "")) as desk:
        asked = head(desk, host=f"localhost:{port_of(desk)}")

        assert f"http://localhost:{port_of(desk)}" == desk.uri
        assert 200 == (await answered(desk, send(desk, asked))).status


async def test_more_visitors_than_anybody_looks_at_are_told_to_try_again() -> None:
    async with listening(ANYWHERE) as desk:
        coming = [asyncio.create_task(send(desk, head(desk))) for _ in range(40)]
        done, waiting = await asyncio.wait(coming, return_when=asyncio.FIRST_COMPLETED)
        while len(done) < 24:
            more, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            done |= more

        assert {429} == {page.status for page in (each.result() for each in done) if page}
        assert 16 == len(waiting)
        for _ in waiting:
            await (await desk.visit()).show(True, "Done", "")
        assert {200} == {page.status for page in await asyncio.gather(*waiting) if page}


async def test_visitors_that_nobody_looked_at_are_let_go_when_the_listening_ends() -> None:
    async with listening(ANYWHERE) as desk:
        first, second = (asyncio.create_task(send(desk, head(desk))) for _ in range(2))
        await (await desk.visit()).show(True, "Done", "")
        await asyncio.wait([first, second], return_when=asyncio.FIRST_COMPLETED)
        idle = await asyncio.open_connection("127.0.0.1", port_of(desk))

    async with asyncio.timeout(5):
        await asyncio.wait([first, second])
        assert b"" == await idle[0].read()
    idle[1].close()


async def test_nobody_listens_any_more_afterwards() -> None:
    async with listening(ANYWHERE) as desk:
        port = port_of(desk)

    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_a_taken_port_is_said_with_the_remedy() -> None:
    async with listening(ANYWHERE) as desk:
        with pytest.raises(PortTaken, match=rf"port {port_of(desk)} cannot be listened on.*--port"):
            async with listening(Landing("127.0.0.1", port_of(desk), "/")):
                pass


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as tried:
            tried.bind(("::1", 0))
    except OSError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


async def test_a_browser_that_takes_localhost_for_either_family_finds_us() -> None:
    async with listening(Landing("localhost", _free_port(), CALLBACK_PATH)) as desk:
        asked = head(desk, f"{CALLBACK_PATH}?{QUERY}", host=f"localhost:{port_of(desk)}")
        addresses = ["127.0.0.1", "::1"] if _has_ipv6() else ["127.0.0.1"]

        pages = [await answered(desk, send(desk, asked, to=address)) for address in addresses]

    assert {200} == {page.status for page in pages}
    assert desk.uri.startswith("http://localhost:")


async def test_a_port_that_somebody_else_has_on_the_other_family_is_taken() -> None:
    if not _has_ipv6():
        return  # then nobody else has it either
    with socket.socket(socket.AF_INET6) as other:
        other.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        other.bind(("::1", 0))
        other.listen()
        with pytest.raises(PortTaken):
            async with listening(Landing("localhost", other.getsockname()[1], "/")):
                pass


async def test_only_this_machine_is_listened_to() -> None:
    async with listening(ANYWHERE) as desk:
        ours = {str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
        for address in ours - {"127.0.0.1", "127.0.1.1"}:
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection(address, port_of(desk))
