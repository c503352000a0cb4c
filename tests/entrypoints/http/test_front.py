"""What is turned away at the front: other names, other sites; and what every answer carries."""

import asyncio
import contextlib

import httpx2
import pytest

from tests.entrypoints.http.asking import HOST, Answer
from tests.entrypoints.http.conftest import House, Listen, Listening, Open
from ytempire.domain.allowance import Rate
from ytempire.domain.callers import Role
from ytempire.domain.consent import CALLBACK_PATH
from ytempire.entrypoints.http.app import routed, ways_in
from ytempire.entrypoints.http.front import front
from ytempire.entrypoints.http.limits import Limits
from ytempire.entrypoints.http.server import place_of
from ytempire.entrypoints.http.standing import Way

HOSTILE_HOSTS = (
    "", "evil.example", "evil.example:8000", "127.0.0.1", "127.0.0.1:80", "127.0.0.1:8001",
    "127.0.0.1:8000.evil.example",
    "127.0.0.1.nip.io:8000", "localhost.evil.example:8000", "localhost:8000@evil.example", "evil@localhost:8000",
    "localhost:08000", "localhost:8000:8000", "localhost.:8000", "[::1]", "[::1]:8001", "::1:8000", "0.0.0.0:8000",
    "[::ffff:127.0.0.1]:8000", "2130706433:8000", "0x7f000001:8000", "127.1:8000", "localhost:8000\t",
    "localhost:8000/",
    "localhost:8000,evil.example", "localhost%3a8000",
    "l\u043ecalhost:8000".encode().decode("latin-1"), "*", "null", "::",
)  # fmt: skip
HOSTILE_ORIGINS = (
    "null", "", "http://evil.example", "http://evil.example:8000", "https://127.0.0.1:8000", "http://127.0.0.1",
    "http://127.0.0.1:80", "http://127.0.0.1:8001", "http://127.0.0.1:8000.evil.example", "http://localhost",
    "http://localhost.evil.example:8000", "http://evil.example/http://localhost:8000", "http://localhost:8000@evil.example",
    "http://a@localhost:8000", "//localhost:8000", "localhost:8000", "http:localhost:8000", "http://localhost:8000/",
    "http://localhost:8000/x", "http://localhost:8000 http://evil.example", "file://", "chrome-extension://abc",
    "http://[::1]", "http://[::ffff:127.0.0.1]:8000", "http://0.0.0.0:8000", "http://127.1:8000", "ws://localhost:8000",
    "http://localhost:8000?x", "http://localhost:8000#x", "data:text/html,x",
)  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_names_that_are_not_ours_are_turned_away(house: House, method: str) -> None:
    found = {
        host: (await house.ask(method, "/api/v1/whoami", headers={"host": host})).status
        for host in HOSTILE_HOSTS
    }

    assert 30 == len(found)
    assert {421} == set(found.values()), found


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_other_sites_are_turned_away(house: House, method: str) -> None:
    found = {
        origin: (await house.ask(method, "/api/v1/whoami", headers={"origin": origin})).code
        for origin in HOSTILE_ORIGINS
    }

    assert 30 == len(found)
    assert {"wrong_origin"} == set(found.values()), found


@pytest.mark.parametrize("host", ["localhost:8000", "LOCALHOST:8000", "127.0.0.1:8000", "[::1]:8000"])
async def test_this_machine_is_reached_under_its_names(house: House, host: str) -> None:
    headers = {"host": host, "origin": f"http://{host}", "sec-fetch-site": "same-origin"}

    assert 200 == (await house.ask("GET", "/api/v1/whoami", headers=headers)).status


@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
async def test_what_a_page_elsewhere_fetches_is_turned_away(house: House, site: str) -> None:
    for path in ("/api/v1/whoami", "/docs", CALLBACK_PATH):
        for mode in ("cors", "no-cors", "websocket"):
            headers = {"sec-fetch-site": site, "sec-fetch-mode": mode}
            assert "cross_site" == (await house.ask("GET", path, headers=headers)).code


async def test_a_person_may_follow_a_link_to_a_page_and_come_back_from_google(house: House) -> None:
    visit = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}

    assert 200 == (await house.ask("GET", "/docs", headers=visit)).status
    assert 400 == (await house.ask("GET", f"{CALLBACK_PATH}?state=x&code=y", headers=visit)).status


async def test_no_link_elsewhere_begins_a_consent_or_shows_us_in_a_frame(house: House) -> None:
    visit = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    start = "/api/v1/auth/youtube/start?account=channel_1"

    assert "cross_site" == (await house.ask("GET", start, headers=visit)).code
    assert "cross_site" == (await house.ask("POST", "/login", headers=visit)).code
    assert (
        "cross_site" == (await house.ask("GET", "/docs", headers=visit | {"sec-fetch-dest": "iframe"})).code
    )


async def test_two_hosts_in_one_request_are_turned_away(house: House) -> None:
    answer = await house.ask("GET", "/healthz", headers={"Host": "evil.example"})

    assert 421 == answer.status


def test_further_names_are_taken_with_their_port_or_with_ours() -> None:
    open_to_others = front(8443, ["Videos.example.org", "other.example:444"], loopback=False, tls=True)

    assert {"videos.example.org", "videos.example.org:8443", "other.example:444"} == open_to_others.hosts
    assert {f"https://{host}" for host in open_to_others.hosts} == open_to_others.origins
    assert "__Host-ytempire" == open_to_others.cookie
    assert "localhost" in front(80).hosts
    assert "localhost" not in front(8000).hosts


async def test_every_answer_carries_the_headers_that_keep_a_browser_safe(house: House) -> None:
    for door in ways_in(routed(house.serving)):
        path = door.path.format(publication="x", account="x", token="x", provider="x", webhook="x")
        answer = await house.ask(door.method.replace("WEBSOCKET", "GET"), path)
        policy = answer.headers["content-security-policy"]

        assert "default-src 'none'" in policy, path
        assert "unsafe" not in policy
        assert {"nosniff", "same-origin"} <= set(answer.headers.values()), path
        assert path.startswith("/static/") or "no-store" == answer.headers["cache-control"]
        # A page with a form tells our own server where the form comes from; nothing tells anybody else.
        of_api = path.startswith(("/api/", "/static/"))
        assert answer.headers["referrer-policy"] in {"no-referrer", *(() if of_api else ("same-origin",))}, (
            path
        )
        assert answer.headers["x-request-id"]


@pytest.mark.parametrize(
    "path", ["/healthz", "/login", "/static/icon.svg", "/api/v1/publications", "/nowhere"]
)
async def test_a_head_is_answered_as_the_whole_would_be(listening: Listen, path: str) -> None:
    async with listening() as house, httpx2.AsyncClient(base_url=f"http://{house.host}") as client:
        whole, head = await client.get(path), await client.head(path)

    assert (whole.status_code, b"") == (head.status_code, head.content)
    assert whole.headers["content-type"] == head.headers["content-type"]
    assert whole.headers["content-length"] == head.headers["content-length"]


@pytest.mark.parametrize(
    "path", ["/api/v1/events/stream", "/api/v1/auth/youtube/start?account=channel_1", CALLBACK_PATH]
)
async def test_a_head_begins_nothing_that_goes_on_or_does_something(house: House, path: str) -> None:
    assert 405 == (await house.ask("HEAD", path)).status


async def test_a_problem_names_its_request_and_tells_nothing_of_our_insides(house: House) -> None:
    answer = await house.ask("GET", "/nowhere", headers={"x-request-id": "mine-1234"})

    assert (404, "mine-1234") == (answer.status, answer.headers["x-request-id"])
    assert {"type", "title", "status", "detail", "code", "correlation_id"} == set(answer.json())
    assert "mine-1234" == answer.json()["correlation_id"]
    assert "application/problem+json" == answer.headers["content-type"]


@pytest.mark.parametrize("name", ["short", "with space 1", "x" * 65, "a\nb-12345678", "<script>x</script>"])
async def test_a_name_for_a_request_that_could_do_harm_is_not_taken(house: House, name: str) -> None:
    answer = await house.ask("GET", "/healthz", headers={"x-request-id": name})

    assert answer.headers["x-request-id"].startswith("req_")


async def test_a_browser_signs_in_with_a_token_and_out_again(opened: Open) -> None:
    async with opened(local="none") as house:
        token = await house.token("one", Role.VIEWER)
        signed = await house.ask("POST", "/api/v1/session", given={"token": token})
        cookie = signed.cookies[0].partition(";")[0]
        inside = await house.ask("GET", "/api/v1/whoami", headers={"cookie": f"a=b; {cookie}"})
        await house.ask("DELETE", "/api/v1/session", headers={"cookie": cookie})
        outside = await house.ask("GET", "/api/v1/whoami", headers={"cookie": cookie})

    assert (200, "one") == (signed.status, signed.json()["name"])
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(signed.cookies[0].split("; "))
    assert token not in signed.cookies[0] + signed.body.decode()
    assert (200, "one") == (inside.status, inside.json()["name"])
    assert 401 == outside.status


async def test_a_browser_is_out_as_soon_as_its_token_is_revoked(opened: Open) -> None:
    async with opened(local="none") as house:
        token = await house.token("one", Role.VIEWER)
        cookie = (
            (await house.ask("POST", "/api/v1/session", given={"token": token})).cookies[0].partition(";")[0]
        )
        await house.serving.tokens.revoke("one", "test")

        assert 401 == (await house.ask("GET", "/api/v1/whoami", headers={"cookie": cookie})).status
        assert 401 == (await house.ask("GET", "/api/v1/whoami", token=token)).status


async def test_a_person_signs_in_on_a_page(opened: Open) -> None:
    async with opened(local="none") as house:
        token = await house.token("one", Role.VIEWER)
        form = {"content-type": "application/x-www-form-urlencoded", "origin": f"http://{HOST}"}
        page = await house.ask("GET", "/login")
        wrong = await house.ask("POST", "/login", body=b"token=yte_x", headers=form)
        right = await house.ask("POST", "/login", body=f"token={token}".encode(), headers=form)

    assert b"<form method=post action=/login>" in page.body
    assert (401, []) == (wrong.status, wrong.cookies)
    assert (303, "/") == (right.status, right.headers["location"])
    assert "HttpOnly" in right.cookies[0]


async def test_after_five_bad_tokens_an_address_must_wait_and_a_good_token_need_not(opened: Open) -> None:
    async with opened(local="none", limits=Limits()) as house:
        token = await house.token("one", Role.VIEWER)
        found = [(await house.ask("GET", "/api/v1/whoami", token="yte_" + "x" * 43)).status for _ in range(7)]
        late = await house.ask("POST", "/api/v1/session", given={"token": "yte_" + "x" * 43})
        good = await house.ask("GET", "/api/v1/whoami", token=token)
        signing_in = await house.ask("POST", "/api/v1/session", given={"token": token})
        other = await house.ask("GET", "/api/v1/whoami", token="yte_" + "x" * 43, address="127.0.0.2")

    assert [401] * 5 + [429] * 2 == found
    assert (429, "too_many_logins") == (late.status, late.code)
    assert 0 < int(late.headers["retry-after"]) <= 12
    assert (200, 200) == (good.status, signing_in.status)
    assert 401 == other.status


async def test_who_sends_a_head_too_slowly_is_hung_up_on_and_others_are_not(listening: Listen) -> None:
    async with listening(way=Way(head_seconds=0.3)) as house:
        slow, slower = [await asyncio.open_connection("127.0.0.1", house.port) for _ in range(2)]
        request = f"GET /healthz HTTP/1.1\r\nHost: {house.host}\r\n".encode()
        slow[1].write(request)
        assert b"" == await asyncio.wait_for(slow[0].read(), 10)
        assert b"" == await asyncio.wait_for(slower[0].read(), 10)
        quick = await asyncio.open_connection("127.0.0.1", house.port)
        quick[1].write(request + b"\r\n")
        assert b"HTTP/1.1 200 OK" == (await quick[0].readline()).strip()
        for _, writer in (slow, slower, quick):
            writer.close()


@pytest.mark.parametrize("size", [17_000, 60_000, 500_000])
async def test_a_head_that_is_too_long_is_told_so_however_it_comes(listening: Listen, size: int) -> None:
    async with listening() as house:
        answer = await said(
            house, f"GET /healthz HTTP/1.1\r\nHost: {house.host}\r\nX-A: {'a' * size}\r\n\r\n"
        )
        line = await said(house, f"GET /healthz?{'a' * size} HTTP/1.1\r\nHost: {house.host}\r\n\r\n")

    assert (431, "headers_too_long") == (answer.status, answer.code) == (line.status, line.code)
    assert "application/problem+json" == answer.headers["content-type"] == line.headers["content-type"]


async def test_a_head_of_the_length_that_is_told_is_taken(listening: Listen) -> None:
    async with listening() as house:
        given = f"GET /healthz HTTP/1.1\r\nHost: {house.host}\r\nX-A: {'a' * 16_000}\r\n\r\n"

        assert 200 == (await said(house, given)).status


@pytest.mark.parametrize("line", ["Content-Length: abc", "no header", "Transfer-Encoding: unknown"])
async def test_what_is_no_request_is_told_as_a_problem(listening: Listen, line: str) -> None:
    async with listening() as house:
        answer = await said(house, f"POST /login HTTP/1.1\r\nHost: {house.host}\r\n{line}\r\n\r\n")

    assert answer.status in (400, 501)
    assert ("malformed_request", "no-store") == (answer.code, answer.headers["cache-control"])
    assert "application/problem+json" == answer.headers["content-type"]


async def test_a_request_with_two_lengths_is_refused_and_nothing_behind_it_is_heard(
    listening: Listen,
) -> None:
    async with listening() as house:
        lines = (f"Host: {house.host}", "Content-Length: 4", "Transfer-Encoding: chunked")
        smuggled = f"GET /healthz HTTP/1.1\r\nHost: {house.host}\r\n\r\n"
        request = "\r\n".join(("POST /login HTTP/1.1", *lines, "", "0\r\n\r\n"))
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
        writer.write((request + smuggled).encode())
        answers = (await asyncio.wait_for(reader.read(), 10)).decode()
        writer.close()

    assert answers.startswith("HTTP/1.1 400 ")
    assert '"two_lengths"' in answers
    assert 1 == answers.count("HTTP/1.1")


async def said(house: Listening, request: str) -> Answer:
    """The answer to a request as it is on the wire."""
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    with contextlib.suppress(ConnectionError):
        writer.write(request.encode())
        await writer.drain()
    first, *lines = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).decode().split("\r\n")[:-2]
    headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)}
    body = await asyncio.wait_for(reader.readexactly(int(headers["content-length"])), 10)
    writer.close()
    return Answer(int(first.split()[1]), headers, body)


async def test_a_caller_has_a_burst_and_must_then_wait(opened: Open) -> None:
    slow = Rate(each_second=0.001, burst=50)  # however long the asking takes, it earns nothing
    async with opened(limits=Limits(calls=slow)) as house:
        token = await house.token("one", Role.VIEWER)
        found = [(await house.ask("GET", "/healthz", token=token)).status for _ in range(70)]
        other = await house.ask("GET", "/healthz", token=await house.token("two", Role.VIEWER))

    assert [200] * 50 + [429] * 20 == found
    assert 200 == other.status


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("a socket", "a socket"),
    ],
)
def test_an_address_stands_for_whoever_it_was_given_to(address: str, place: str) -> None:
    assert place == place_of(address)


async def test_one_address_takes_half_of_the_places_and_others_are_served(listening: Listen) -> None:
    async def asked(house: Listening, source: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", house.port, local_addr=(source, 0))

    async with listening(way=Way(most=4)) as house:
        request = f"GET /healthz HTTP/1.1\r\nHost: {house.host}\r\nConnection: close\r\n\r\n".encode()
        flood = [await asked(house, "127.0.0.1") for _ in range(3)]
        with contextlib.suppress(ConnectionError):
            assert b"" == await asyncio.wait_for(flood[2][0].read(), 10)

        other = await asked(house, "127.0.0.2")
        for reader, writer in (flood[1], other):
            writer.write(request)
            assert b"200 OK" in await asyncio.wait_for(reader.read(), 10)
        for _, writer in (*flood, other):
            writer.close()


async def test_a_flood_of_connections_leaves_room_for_the_rest_of_the_house(listening: Listen) -> None:
    async with listening(way=Way(most=2, proxies=("127.0.0.1",))) as house:
        request = f"GET /healthz HTTP/1.1\r\nHost: {house.host}\r\nConnection: close\r\n\r\n".encode()
        first, second, third = [await asyncio.open_connection("127.0.0.1", house.port) for _ in range(3)]
        with contextlib.suppress(ConnectionError):
            assert b"" == await asyncio.wait_for(third[0].read(), 10)

        second[1].write(request)
        assert b"200 OK" in await asyncio.wait_for(second[0].read(), 10)
        later = await asyncio.open_connection("127.0.0.1", house.port)
        later[1].write(request)
        assert b"200 OK" in await asyncio.wait_for(later[0].read(), 10)
        for _, writer in (first, second, third, later):
            writer.close()
