"""The one way to a small call: a fresh token, the charge, then the request; each request sent is charged."""

from datetime import timedelta

import pytest

from tests.builders import FIRST, MAIN, TODAY, a_project
from tests.services.house import House, a_house
from ytempire.adapters.memory.api import error
from ytempire.adapters.memory.google import TOKEN
from ytempire.domain.calls import make_playlist, my_channel
from ytempire.domain.faults import HARD_STOP, UNPROVEN, Fault, Remedy
from ytempire.domain.publication import Privacy
from ytempire.domain.quota import Bucket, Method
from ytempire.domain.wire import NoReply, Reply
from ytempire.ports import Closing

READ, WRITE = str(Method.CHANNELS_LIST), str(Method.PLAYLISTS_INSERT)


async def read(house: House) -> Reply | Fault:
    return await house.staff().gateway.call(FIRST, Method.CHANNELS_LIST, my_channel())


async def write(house: House) -> Reply | Fault:
    call = make_playlist("Shows", Privacy.PUBLIC)
    return await house.staff().gateway.call(FIRST, Method.PLAYLISTS_INSERT, call)


async def test_a_call_is_charged_and_answered(house: House) -> None:
    answer = await read(house)

    assert isinstance(answer, Reply)
    assert house.channel().id == answer.json()["items"][0]["id"]
    assert (1, 0) == await house.spent(Bucket.UNITS)


async def test_work_costs_its_price(house: House) -> None:
    assert isinstance(await write(house), Reply)

    assert (50, 0) == await house.spent(Bucket.UNITS)


@pytest.mark.parametrize("answer", [NoReply("reset"), Reply(503), error(403, "quotaExceeded")], ids=str)
async def test_a_call_that_failed_is_charged_too(house: House, answer: Reply | NoReply) -> None:
    house.google.trouble(WRITE, answer)

    assert isinstance(await write(house), Fault)
    assert (50, 0) == await house.spent(Bucket.UNITS)


async def test_a_refused_token_is_refreshed_once_and_both_calls_are_charged(house: House) -> None:
    house.google.trouble(READ, error(401, "authError"))

    assert isinstance(await read(house), Reply)
    assert (2, 1) == (house.google.count(READ), house.google.count(TOKEN))
    assert (2, 0) == await house.spent(Bucket.UNITS)


async def test_a_token_refused_twice_is_a_fault_and_no_third_call_is_made(house: House) -> None:
    house.google.trouble(READ, error(401, "authError"), times=2)

    fault = await read(house)

    assert isinstance(fault, Fault)
    assert Remedy.REFRESH is fault.remedy
    assert 2 == house.google.count(READ)


async def test_without_a_token_nothing_is_sent_or_charged(house: House) -> None:
    await house.connect(FIRST, life=timedelta(0))
    house.channel().dead = True

    fault = await read(house)

    assert isinstance(fault, Fault)
    assert "invalidGrant" == fault.code
    assert 0 == house.google.count(READ)
    assert (0, 0) == await house.spent(Bucket.UNITS)


async def test_beyond_the_hard_stop_nothing_is_sent() -> None:
    house = await a_house(projects=[a_project(units=2)])
    assert isinstance(await read(house), Reply)

    assert HARD_STOP == await read(house)
    assert 1 == house.google.count(READ)
    assert (1, 0) == await house.spent(Bucket.UNITS)


async def test_a_closed_bucket_stops_every_call_until_the_reset(house: House) -> None:
    await house.store.close_bucket(Closing(MAIN, Bucket.UNITS, TODAY, "quotaExceeded"), ())

    assert HARD_STOP == await read(house)
    assert 0 == house.google.count(READ)

    house.clock.set(TODAY.resets)
    assert isinstance(await read(house), Reply)


@pytest.mark.parametrize("body", [b"", b"<html>a proxy</html>", b"[]"], ids=str)
async def test_a_success_that_says_nothing_is_no_success(house: House, body: bytes) -> None:
    house.google.trouble(READ, Reply(200, {}, body))

    assert UNPROVEN == await read(house)


async def test_a_success_without_content_says_so(house: House) -> None:
    house.google.trouble(READ, Reply(204))

    assert Reply(204) == await read(house)


async def test_a_call_that_never_left_this_machine_costs_nothing(house: House) -> None:
    house.google.trouble("channels.list", NoReply("the connection was refused", sent=False))
    before = await house.store.ledger(TODAY)

    answer = await house.staff().gateway.call(FIRST, Method.CHANNELS_LIST, my_channel())

    assert isinstance(answer, Fault)
    assert before == await house.store.ledger(TODAY)
