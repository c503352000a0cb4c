"""Waiting for the one who was sent to Google: whoever else comes is turned away and ends nothing."""

import asyncio
from collections.abc import Sequence

import pytest

from tests.builders import FIRST
from tests.services.around import THIRD, a_house_with_a_new_account, a_no, a_yes, account_of
from tests.services.house import House, Staff
from ytempire.adapters.memory.google import TOKEN
from ytempire.domain.consent import LIFE
from ytempire.domain.values import Refused, Unanswered
from ytempire.domain.wire import Reply
from ytempire.ports import Visit
from ytempire.services.connect import Connected
from ytempire.services.consent import Begun

REDIRECT = "http://127.0.0.1:8123/"
LONG = 50.0
"""Seconds that no test waits for."""


class MemoryDesk:
    """`ports.Desk` at which visitors stand in a row; `shown` is what each was told."""

    def __init__(self, *queries: str) -> None:
        self.shown: list[tuple[bool, str, str]] = []
        self._row: asyncio.Queue[str] = asyncio.Queue()
        for query in queries:
            self._row.put_nowait(query)

    def come(self, query: str) -> None:
        self._row.put_nowait(query)

    async def visit(self) -> Visit:
        return Visit(await self._row.get(), self._show)

    async def _show(self, good: bool, title: str, text: str) -> None:
        self.shown.append((good, title, text))


async def begun_by(staff: Staff, house: House) -> Begun:
    return await staff.consenting.begin(await account_of(house, THIRD), REDIRECT)


async def welcome(staff: Staff, desks: Sequence[MemoryDesk], seconds: float = LONG) -> Connected:
    return await staff.consenting.welcome(desks, THIRD, seconds)


async def test_who_comes_back_is_told_that_it_went_well() -> None:
    house = await a_house_with_a_new_account()
    staff = house.staff()
    desk = MemoryDesk(a_yes(await begun_by(staff, house), house))

    connected = await welcome(staff, [desk])

    assert THIRD == connected.account
    text = f"{THIRD} is connected to {house.channel(THIRD).title}. You can close this page."
    assert [(True, "Connected", text)] == desk.shown


async def test_visitors_with_rubbish_end_nothing() -> None:
    house = await a_house_with_a_new_account()
    staff = house.staff()
    theirs = await staff.consenting.begin(await account_of(house, FIRST), REDIRECT)
    old = await begun_by(staff, house)
    house.clock.advance(LIFE)
    used = await begun_by(staff, house)
    with pytest.raises(Refused):
        await staff.consenting.finish(a_no(used))
    begun = await begun_by(staff, house)
    rubbish = [
        "",
        "favicon",
        "state=guess&code=a",
        "state=&code=a",
        "\ud800=\ud800",
        a_yes(theirs, house, FIRST),
        a_yes(old, house),
        a_yes(used, house),
    ]
    desk = MemoryDesk(*rubbish, a_yes(begun, house), "too late")

    connected = await welcome(staff, [desk])

    assert THIRD == connected.account
    assert [False] * len(rubbish) + [True] == [good for good, _, _ in desk.shown]
    assert 1 == house.google.count(TOKEN)


async def test_the_person_may_come_to_either_desk() -> None:
    house = await a_house_with_a_new_account()
    for first in (True, False):
        staff = house.staff()
        query = a_yes(await begun_by(staff, house), house)
        desks = [MemoryDesk(query), MemoryDesk()] if first else [MemoryDesk(), MemoryDesk(query)]

        assert THIRD == (await welcome(staff, desks)).account


async def test_a_visitor_of_one_desk_is_not_lost_while_another_is_looked_at() -> None:
    house = await a_house_with_a_new_account()
    staff = house.staff()
    query = a_yes(await begun_by(staff, house), house)
    desks = [MemoryDesk("rubbish"), MemoryDesk(query)]

    assert THIRD == (await welcome(staff, desks)).account
    assert [[False], [True]] == [[good for good, _, _ in desk.shown] for desk in desks]


async def test_who_comes_later_is_waited_for() -> None:
    house = await a_house_with_a_new_account()
    staff = house.staff()
    desk = MemoryDesk()
    waiting = asyncio.ensure_future(welcome(staff, [desk]))
    await asyncio.sleep(0)

    desk.come("rubbish")
    await asyncio.sleep(0)
    desk.come(a_yes(await begun_by(staff, house), house))

    assert THIRD == (await waiting).account


async def test_a_denial_ends_the_waiting() -> None:
    house = await a_house_with_a_new_account()
    staff = house.staff()
    desk = MemoryDesk(a_no(await begun_by(staff, house)))

    with pytest.raises(Refused, match="denied on Google's page"):
        await welcome(staff, [desk])
    assert [(False, "This did not work")] == [(good, title) for good, title, _ in desk.shown]


async def test_an_answer_of_another_issuer_has_used_up_the_state_and_ends_the_waiting() -> None:
    house = await a_house_with_a_new_account()
    staff = house.staff()
    desk = MemoryDesk(a_yes(await begun_by(staff, house), house, iss="https://evil.test"))

    with pytest.raises(Refused, match="another server"):
        await welcome(staff, [desk])


async def test_a_silent_google_ends_the_waiting() -> None:
    house = await a_house_with_a_new_account()
    staff = house.staff()
    house.google.trouble(TOKEN, Reply(503))
    desk = MemoryDesk(a_yes(await begun_by(staff, house), house))

    with pytest.raises(Unanswered, match="no useful answer"):
        await welcome(staff, [desk])
    assert [False] == [good for good, _, _ in desk.shown]


async def test_when_nobody_comes_in_time_it_says_so_and_what_to_do() -> None:
    house = await a_house_with_a_new_account()
    staff = house.staff()
    begun = await begun_by(staff, house)

    with pytest.raises(Unanswered, match="within 0 seconds; run the command again"):
        await welcome(staff, [MemoryDesk()], seconds=0)
    assert THIRD == (await staff.consenting.finish(a_yes(begun, house))).account


async def test_the_time_is_up_also_for_those_who_only_knock() -> None:
    house = await a_house_with_a_new_account()
    staff = house.staff()
    desk = MemoryDesk(*["rubbish"] * 3)

    with pytest.raises(Unanswered, match="nobody came back"):
        await welcome(staff, [desk], seconds=0.02)
