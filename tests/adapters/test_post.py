"""The post against real servers: bounded, pinned to the address that was judged, and never led elsewhere."""

import asyncio
import http.server
import logging
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack

import pytest

from tests.adapters.google.conftest import Certificate, certificate
from tests.adapters.receiver import Receiver, receiving
from tests.bare import serving
from ytempire.adapters.post import LONGEST_REPLY, HttpPost
from ytempire.ports import Parcel, Try

__all__ = ["certificate"]

CANARY = "canary-in-the-path"
Bare = Callable[..., Awaitable[int]]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def parcel(url: str, *, private: bool = True) -> Parcel:
    return Parcel(url, {"webhook-id": "msg_1", "content-type": "application/json"}, b'{"a":1}', private)


def at(receiver: Receiver, host: str = "127.0.0.1") -> str:
    return f"http://{host}:{receiver.port}/{CANARY}?key=value"


def answering(*addresses: str) -> tuple[HttpPost, list[tuple[str, int]]]:
    """A post whose names have these addresses, and what it looked up."""
    asked: list[tuple[str, int]] = []

    async def look_up(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return list(addresses)

    return HttpPost(look_up=look_up, seconds=5), asked


async def test_a_message_arrives_with_its_headers(receiver: Receiver) -> None:
    assert Try(200) == await HttpPost().send(parcel(at(receiver)))

    assert ['{"a":1}'] == receiver.bodies
    assert [f"/{CANARY}?key=value"] == receiver.paths
    (head,) = receiver.heads
    assert ("msg_1", "application/json", "ytempire") == (
        head["webhook-id"], head["content-type"], head["user-agent"],
    )  # fmt: skip
    assert {"authorization", "cookie"}.isdisjoint(head)


@pytest.mark.parametrize("status", [201, 400, 410, 503])
async def test_an_answer_is_its_status(receiver: Receiver, status: int) -> None:
    receiver.status = status

    assert Try(status) == await HttpPost().send(parcel(at(receiver)))


async def test_when_to_come_back_is_kept_as_it_was_said(receiver: Receiver) -> None:
    receiver.status, receiver.says = 429, {"retry-after": "120"}

    assert Try(429, retry_after="120") == await HttpPost().send(parcel(at(receiver)))


async def test_a_redirect_is_an_answer_and_not_followed(receiver: Receiver) -> None:
    receiver.status = 307
    receiver.says = {"location": at(receiver)}

    assert Try(307) == await HttpPost().send(parcel(at(receiver)))

    assert 1 == len(receiver.paths)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "0x7f.1", "2130706433", "017700000001", "[::1]", "0.0.0.0"]
)
async def test_without_leave_this_machine_is_not_reached_however_it_is_spelt(
    receiver: Receiver, host: str
) -> None:
    told = await HttpPost().send(parcel(f"https://{host}:{receiver.port}/{CANARY}", private=False))

    assert told.status is None
    assert (told.error or "").startswith(("its address is not used:", "its name has no address"))
    assert CANARY not in (told.error or "")
    assert [] == receiver.paths


@pytest.mark.parametrize("address", ["169.254.169.254", "0.0.0.0", "::ffff:169.254.169.254"])
async def test_with_leave_the_secrets_of_a_cloud_are_not_reached(address: str) -> None:
    post, _ = answering(address)

    told = await post.send(parcel("http://metadata.test/latest/"))

    assert f"its address is not used: {address} is an address that nobody on the internet has" == told.error


async def test_a_name_with_one_address_inside_is_not_used_at_all() -> None:
    post, _ = answering("93.184.215.14", "10.0.0.1")

    told = await post.send(parcel("https://both.test/", private=False))

    assert (
        "its address is not used: 10.0.0.1 is an address of this machine or of a private network"
        == told.error
    )


async def test_a_name_is_looked_up_once_and_what_was_judged_is_what_is_reached(receiver: Receiver) -> None:
    post, asked = answering("127.0.0.1")

    assert Try(200) == await post.send(parcel(at(receiver, "rebinding.test")))

    assert [("rebinding.test", receiver.port)] == asked
    assert f"rebinding.test:{receiver.port}" == receiver.heads[0]["host"]


async def test_plain_http_stays_on_the_own_network() -> None:
    post, _ = answering("93.184.215.14")

    told = await post.send(parcel("http://outside.test/"))

    assert "its address is not used: 93.184.215.14 is on the internet, http is not safe there" == told.error


async def test_the_second_address_is_tried_when_the_first_takes_no_connection(receiver: Receiver) -> None:
    post, _ = answering("127.0.0.2", "127.0.0.1")

    assert Try(200) == await post.send(parcel(at(receiver, "two.test")))


async def test_a_receiver_that_is_not_there_is_told_without_its_address() -> None:
    told = await HttpPost().send(parcel(f"http://127.0.0.1:1/{CANARY}"))

    assert Try(error="it cannot be reached: ConnectError") == told


async def test_a_name_that_nobody_has_is_told() -> None:
    told = await HttpPost().send(parcel("https://nobody.invalid/", private=False))

    assert Try(error="its name has no address") == told


async def test_one_who_is_silent_is_not_waited_for(receiver: Receiver) -> None:
    receiver.silent.set()

    told = await HttpPost(seconds=0.2).send(parcel(at(receiver)))

    assert Try(error="it did not answer within 0.2 s") == told


async def test_no_proxy_of_the_environment_is_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert Try(200) == await HttpPost().send(parcel(at(receiver)))


async def test_a_talkative_log_shows_no_address(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    await HttpPost().send(parcel(at(receiver)))

    assert CANARY not in caplog.text
    assert CANARY not in repr(parcel(at(receiver)))


# ------------------------------------------------------------------------------------------------- bare servers


@pytest.fixture
async def bare() -> AsyncIterator[Bare]:
    """Starts servers that say something and then perhaps go on, given what is said; their port."""
    async with AsyncExitStack() as servers:

        async def start(said: bytes, endless: bytes = b"") -> int:
            async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(said)
                while endless:
                    writer.write(endless)
                    await writer.drain()
                await asyncio.Event().wait()

            return await servers.enter_async_context(serving(talk))

        yield start


async def test_an_endless_reply_is_left(bare: Bare) -> None:
    port = await bare(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", b"x" * LONGEST_REPLY)

    assert Try(200) == await HttpPost(seconds=5).send(parcel(f"http://127.0.0.1:{port}/"))


async def test_a_reply_that_never_ends_counts_by_its_status(bare: Bare) -> None:
    port = await bare(b"HTTP/1.1 204 OK\r\nContent-Length: 10\r\n\r\nabc")

    assert Try(204) == await HttpPost(seconds=0.3).send(parcel(f"http://127.0.0.1:{port}/"))


async def test_what_is_no_http_is_no_answer(bare: Bare) -> None:
    port = await bare(b"220 smtp.test ESMTP\r\n\r\n")

    told = await HttpPost(seconds=2).send(parcel(f"http://127.0.0.1:{port}/"))

    assert Try(error="it cannot be reached: RemoteProtocolError") == told


class _Yes(http.server.BaseHTTPRequestHandler):
    """Takes everything."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def secure_port(certificate: Certificate) -> Iterator[int]:
    """The port of a receiver whose certificate is for `localhost`."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Yes) as server:
        server.socket = certificate.context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def trusting(certificate: Certificate) -> HttpPost:
    async def look_up(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    return HttpPost(tls=ssl.create_default_context(cafile=certificate.file), seconds=5, look_up=look_up)


async def test_a_certificate_is_held_against_the_name_and_not_the_address(
    certificate: Certificate, secure_port: int
) -> None:
    post = trusting(certificate)

    assert Try(200) == await post.send(parcel(f"https://localhost:{secure_port}/"))
    assert Try(error="it cannot be reached: ConnectError") == await post.send(
        parcel(f"https://other.test:{secure_port}/")
    )


async def test_a_certificate_that_nobody_vouches_for_ends_it(secure_port: int) -> None:
    told = await HttpPost(seconds=5).send(parcel(f"https://localhost:{secure_port}/"))

    assert Try(error="it cannot be reached: ConnectError") == told
