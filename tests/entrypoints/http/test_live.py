"""The live feed: a snapshot, then changes, for all who listen, and nothing for those who may not."""

import asyncio
import json
import socket
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.entrypoints.http.conftest import PLENTY, House, Listen, Listening
from ytempire.bootstrap.alerts import alerting
from ytempire.domain.allowance import Rate
from ytempire.domain.callers import Caller, Role
from ytempire.domain.events import Kind
from ytempire.entrypoints.http.limits import Limits
from ytempire.services.live import MOST_LISTENERS, MOST_OF_ONE, Busy


async def told(heard: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(await asyncio.wait_for(heard.recv(), 10))
    return message


async def test_the_first_word_is_a_snapshot_and_then_come_changes(listening: Listen) -> None:
    async with listening() as house, house.socket() as heard:
        first = await told(heard)
        await house.happen(Kind.ACCOUNT_CHANGED, "channel_1")
        second = await told(heard)

    assert ("snapshot", {}) == (first["type"], first["counts"])
    assert ("changed", ["accounts"]) == (
        second["type"],
        [each for each in second["topics"] if each != "alerts"],
    )
    assert ["account.changed"] == [each["kind"] for each in second["events"]]
    assert first["rev"] < second["rev"]


async def test_an_alert_is_told_although_nothing_else_happens_with_it(listening: Listen) -> None:
    async with listening() as house, house.socket() as heard:
        await told(heard)
        await house.happen(Kind.HELD, "channel_1")
        while "publications" not in (await told(heard))["topics"]:
            continue
        acting = house.serving.acting
        context = acting.context

        await alerting(acting.reading.settings, context.store, context.clock).follow()
        later = await told(heard)

    assert (["alerts"], []) == (later["topics"], later["events"])


async def test_nothing_is_said_while_nothing_changes(listening: Listen) -> None:
    async with listening() as house, house.socket() as heard:
        await told(heard)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(heard.recv(), 1.3)


async def test_everybody_hears_the_same_and_each_change_once(listening: Listen) -> None:
    async with listening() as house, asyncio.TaskGroup() as group:

        async def listen() -> list[int]:
            numbers: list[int] = []
            async with house.socket() as heard:
                await told(heard)
                begun.release()
                while len(numbers) < 30:
                    numbers += [each["number"] for each in (await told(heard))["events"]]
            return numbers

        begun = asyncio.Semaphore(0)
        tasks = [group.create_task(listen()) for _ in range(20)]
        for _ in tasks:
            await begun.acquire()
        for _ in range(30):
            await house.happen()

    heard = {tuple(each.result()) for each in tasks}
    assert 1 == len(heard)
    assert sorted(set(next(iter(heard)))) == list(next(iter(heard)))


async def test_nobody_misses_what_happens_while_others_come_in(listening: Listen) -> None:
    async with listening() as house, asyncio.TaskGroup() as group:

        async def listen() -> list[int]:
            async with house.socket() as heard:
                first = (await told(heard))["last"]
                numbers: list[int] = []
                while not numbers or numbers[-1] < last:
                    numbers += [each["number"] for each in (await told(heard))["events"]]
            assert list(range(first + 1, numbers[-1] + 1)) == numbers
            return numbers

        (start,) = [number for number, _ in (await house.serving.acting.context.store.events())[-1:]]
        last = start + 60
        for each in range(60):
            if each % 3 == 0 and each < 45:
                group.create_task(listen())
            await house.happen()
            await asyncio.sleep(0.02)


async def test_who_may_not_listen_hears_nothing(listening: Listen) -> None:
    async with listening(local="none") as house:
        expired = "yte_" + "x" * 43
        with pytest.raises(InvalidStatus):
            async with house.socket(token=expired):
                pass
        for word in (json.dumps({"token": expired}), "{", "[]", json.dumps({"token": None})):
            async with house.socket() as heard:
                await heard.send(word)
                with pytest.raises(ConnectionClosed) as closed:
                    await told(heard)
                assert closed.value.rcvd is not None
                assert (1008, "token_refused") == (closed.value.rcvd.code, closed.value.rcvd.reason)


async def test_other_sites_cannot_listen(listening: Listen) -> None:
    async with listening() as house:
        for origin in ("http://evil.example", "null", f"https://{house.host}"):
            with pytest.raises(InvalidStatus) as refused:
                async with house.socket(origin=origin):
                    pass
            assert 403 == refused.value.response.status_code
        async with house.socket(origin=f"http://{house.host}") as heard:
            assert "snapshot" == (await told(heard))["type"]


async def test_a_token_is_the_first_word_or_a_header_or_the_cookie_of_a_browser(listening: Listen) -> None:
    async with listening(local="none") as house:
        token = await house.token("one", Role.VIEWER)
        signed = await house.ask(
            "POST", "/api/v1/session", given={"token": token}, headers={"host": house.host}
        )
        cookie = signed.cookies[0].partition(";")[0]
        for way in ({}, {"token": token}, {"cookie": cookie}):
            async with house.socket(**way) as heard:
                if not way:
                    await heard.send(json.dumps({"token": token}))
                assert "snapshot" == (await told(heard))["type"]


async def test_a_token_that_is_no_good_is_refused_also_where_none_is_needed(listening: Listen) -> None:
    async with listening() as house, house.socket() as heard:
        await told(heard)
        await heard.send(json.dumps({"token": "yte_wrong"}))
        with pytest.raises(ConnectionClosed) as closed:
            await told(heard)

    assert closed.value.rcvd is not None
    assert (1008, "token_refused") == (closed.value.rcvd.code, closed.value.rcvd.reason)


async def test_who_shows_a_token_where_none_is_needed_hears_what_the_token_may(listening: Listen) -> None:
    async with listening() as house:
        token = await house.token("one", Role.VIEWER, "channel_1")
        async with house.socket() as heard:
            assert "counts" in await told(heard)
            await heard.send(json.dumps({"token": token}))
            anew = await told(heard)
            (listener,) = house.serving.live.listeners()

    assert ("snapshot", False, "one") == (anew["type"], "counts" in anew, listener.caller.name)


@pytest.mark.parametrize("how", ["header", "cookie"])
async def test_who_is_revoked_is_let_go_within_five_seconds(listening: Listen, how: str) -> None:
    async with listening(local="none") as house:
        token = await house.token("one", Role.VIEWER)
        signed = await house.ask(
            "POST", "/api/v1/session", given={"token": token}, headers={"host": house.host}
        )
        way = {"token": token} if how == "header" else {"cookie": signed.cookies[0].partition(";")[0]}
        async with (
            house.socket(**way) as heard,
            house.socket(token=await house.token("two", Role.VIEWER)) as other,
        ):
            await told(heard)
            await told(other)
            await house.serving.tokens.revoke("one", "test")  # as another process would
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(heard.recv(), 5)
            await house.happen()
            assert "changed" == (await told(other))["type"]


async def test_a_token_for_one_account_hears_of_that_one_alone(listening: Listen) -> None:
    async with listening(local="none") as house:
        token = await house.token("one", Role.VIEWER, "channel_1")
        async with house.socket(token=token) as heard:
            assert "counts" not in await told(heard)
            await house.happen(Kind.ACCOUNT_CHANGED, "channel_2")
            await house.happen(Kind.ACCOUNT_CHANGED, "channel_1")
            seen: list[str] = []
            while not seen:
                seen += [each["account"] for each in (await told(heard))["events"]]

    assert ["channel_1"] == seen


async def test_who_does_not_read_is_dropped_and_hurts_nobody(listening: Listen) -> None:
    async with listening() as house:
        deaf = [await _deaf(house) for _ in range(5)]
        async with house.socket() as heard:
            await told(heard)
            live = house.serving.live
            assert 6 == len(live.listeners())
            heard_of = 0
            for _ in range(200):
                text = json.dumps({"events": [], "padding": "x" * 60_000})
                for each in live.listeners():
                    if not each.offer(0, text):
                        each.end()
                        live.leave(each)
                heard_of += bool(await told(heard))
            assert (200, 1) == (heard_of, len(live.listeners()))
        for ear in deaf:
            ear.close()


async def test_who_does_not_read_server_sent_events_is_dropped_too(listening: Listen) -> None:
    async with listening() as house:
        ear = socket.socket()
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        ear.connect(("127.0.0.1", house.port))
        ear.sendall(f"GET /api/v1/events/stream HTTP/1.1\r\nHost: {house.host}\r\n\r\n".encode())
        ear.settimeout(10)
        seen = b""
        while b"snapshot" not in seen:
            seen += await asyncio.to_thread(ear.recv, 64)
        async with house.socket() as heard:
            await told(heard)
            live, text = house.serving.live, json.dumps({"type": "changed", "padding": "x" * 60_000})
            for _ in range(200):
                for each in live.listeners():
                    if not each.offer(0, text):
                        each.end()
                        live.leave(each)
                await told(heard)
            assert 1 == len(live.listeners())
        ear.close()


async def _deaf(house: Listening) -> socket.socket:
    """Somebody who asks for the feed and reads no more than its first word."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.connect(("127.0.0.1", house.port))
    request = (
        f"GET /api/v1/live HTTP/1.1\r\nHost: {house.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    made.sendall(request.encode())
    made.settimeout(10)
    seen = b""
    while b"snapshot" not in seen:
        seen += await asyncio.to_thread(made.recv, 64)
    return made


async def test_who_says_too_much_is_let_go(listening: Listen) -> None:
    async with listening() as house, house.socket() as heard:
        await told(heard)
        for _ in range(30):
            await heard.send("word")
        with pytest.raises(ConnectionClosed):
            await told(heard)


async def test_the_feed_can_be_had_as_server_sent_events_and_goes_on_where_it_ended(
    listening: Listen,
) -> None:
    import httpx2

    async with listening() as house, httpx2.AsyncClient(base_url=f"http://{house.host}") as client:

        async def first(headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
            async with client.stream("GET", "/api/v1/events/stream", headers=headers) as answer:
                assert "text/event-stream" == answer.headers["content-type"].partition(";")[0]
                number = 0
                async for line in answer.aiter_lines():
                    if line.startswith("id: "):
                        number = int(line.removeprefix("id: "))
                    if line.startswith("data: "):
                        return number, json.loads(line.removeprefix("data: "))
            raise AssertionError("it ended")

        number, snapshot = await first({})
        async with house.socket() as heard:
            await told(heard)
            await house.happen(Kind.ACCOUNT_CHANGED, "channel_2")
            await told(heard)
        _, missed = await first({"last-event-id": str(number)})
        _, fresh = await first({"last-event-id": "nonsense"})

    assert ("snapshot", "changed", "snapshot") == (snapshot["type"], missed["type"], fresh["type"])
    assert ["account.changed"] == [each["kind"] for each in missed["events"]]


async def test_nobody_takes_every_place(house: House) -> None:
    live, one = house.serving.live, Caller("one", Role.VIEWER)
    for _ in range(MOST_OF_ONE):
        await live.listen(one)

    with pytest.raises(Busy):
        await live.listen(one)
    assert await live.listen(Caller("two", Role.VIEWER)) in live.listeners()


async def test_who_guesses_tokens_as_first_words_must_wait_and_a_good_one_need_not(listening: Listen) -> None:
    few = Limits(PLENTY, PLENTY, Rate(1 / 3600, 2))
    async with listening(limits=few, local="none") as house:
        token, codes = await house.token("one", Role.VIEWER), []
        for word in ("yte_" + "x" * 43, "yte_" + "y" * 43, "yte_" + "z" * 43):
            async with house.socket() as heard:
                await heard.send(json.dumps({"token": word}))
                with pytest.raises(ConnectionClosed) as closed:
                    await told(heard)
                codes.append(closed.value.rcvd.reason if closed.value.rcvd else "")
        async with house.socket() as heard:
            await heard.send(json.dumps({"token": token}))
            assert "snapshot" == (await told(heard))["type"]

    assert ["token_refused", "token_refused", "too_many_logins"] == codes


async def test_more_than_so_many_are_not_let_in(listening: Listen) -> None:
    async with listening() as house:
        live, caller = house.serving.live, (await house.serving.tokens.listed()) or None
        assert caller is None
        for number in range(MOST_LISTENERS):
            await live.listen(Caller(f"x{number % 2}", Role.VIEWER))
        async with house.socket() as heard:
            with pytest.raises(ConnectionClosed) as closed:
                await told(heard)
        full = await house.ask("GET", "/api/v1/events/stream", headers={"host": house.host})

    assert closed.value.rcvd is not None
    assert 1013 == closed.value.rcvd.code
    assert (503, "too_many_listeners") == (full.status, full.code)
