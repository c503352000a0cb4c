"""The playlist a name stands for on one channel: configured, remembered, found by its title, or made once."""

import asyncio
import json

import pytest

from tests.builders import FIRST, SECOND
from tests.services.house import House, two_accounts
from ytempire.adapters.memory.api import error
from ytempire.domain.faults import Fault, Remedy
from ytempire.domain.publication import Privacy
from ytempire.domain.quota import Bucket, Method
from ytempire.domain.values import PlaylistId
from ytempire.domain.wire import Answer, NoReply, Reply
from ytempire.services.context import PlaylistRules
from ytempire.services.playlists import Playlists

LIST, MAKE = str(Method.PLAYLISTS_LIST), str(Method.PLAYLISTS_INSERT)


def playlists(house: House) -> Playlists:
    staff = house.staff()
    return Playlists(staff.context, staff.gateway)


async def test_an_id_stands_for_itself(house: House) -> None:
    which = PlaylistId("PL0123456789abcdef")

    assert which == await playlists(house).find(FIRST, which)
    assert [] == house.google.journal


async def test_a_configured_id_is_taken(house: House) -> None:
    which = PlaylistId("PLconfigured")
    house.playlists["shows"] = PlaylistRules("All shows", Privacy.PUBLIC, {FIRST: which})

    assert which == await playlists(house).find(FIRST, "shows")
    assert [] == house.google.journal


async def test_one_that_is_there_is_found_by_its_title_and_remembered(house: House) -> None:
    house.youtube.add_playlist(house.channel(), "Something else")
    there = house.youtube.add_playlist(house.channel(), "All shows")

    assert there.id == await playlists(house).find(FIRST, "shows")
    assert there.id == await playlists(house).find(FIRST, "shows")
    assert (1, 0) == (house.google.count(LIST), house.google.count(MAKE))


def a_page(following: str = "more") -> Reply:
    items = [{"id": f"PL{n}", "snippet": {"title": f"Show {n}"}} for n in range(50)]
    return Reply(200, {}, json.dumps({"items": items, "nextPageToken": following}).encode())


async def test_one_beyond_the_first_fifty_is_found_and_not_made_again(house: House) -> None:
    there = house.youtube.add_playlist(house.channel(), "All shows")
    house.google.trouble(LIST, a_page(), times=3)

    assert there.id == await playlists(house).find(FIRST, "shows")
    assert (4, 0) == (house.google.count(LIST), house.google.count(MAKE))


async def test_a_list_without_an_end_makes_none(house: House) -> None:
    house.google.trouble(LIST, a_page(), times=100)

    fault = await playlists(house).find(FIRST, "shows")

    assert isinstance(fault, Fault)
    assert ("tooManyPlaylists", Remedy.SKIP_EXTRA) == (fault.code, fault.remedy)
    assert (20, 0) == (house.google.count(LIST), house.google.count(MAKE))


async def test_one_that_is_not_there_is_made_and_remembered(house: House) -> None:
    made = await playlists(house).find(FIRST, "shows")

    assert made == await playlists(house).find(FIRST, "shows")
    assert [(made, "All shows")] == [(each.id, each.title) for each in house.youtube.playlists.values()]
    assert (51, 0) == await house.spent(Bucket.UNITS)


async def test_fifty_who_need_it_at_once_make_it_once(house: House) -> None:
    shared = playlists(house)

    found = await asyncio.gather(*(shared.find(FIRST, "shows") for _ in range(50)))

    assert 1 == len(set(found))
    assert (1, 1) == (house.google.count(LIST), house.google.count(MAKE))


async def test_each_channel_has_its_own() -> None:
    house = await two_accounts()
    shared = playlists(house)

    found = [await shared.find(account, "shows") for account in (FIRST, SECOND)]

    assert 2 == len(set(found))
    assert {house.channel(FIRST).id, house.channel(SECOND).id} == {
        each.channel.id for each in house.youtube.playlists.values()
    }


async def test_a_name_that_is_no_longer_configured_is_skipped(house: House) -> None:
    fault = await playlists(house).find(FIRST, "forgotten")

    assert isinstance(fault, Fault)
    assert ("playlistUnknown", Remedy.SKIP_EXTRA) == (fault.code, fault.remedy)


@pytest.mark.parametrize("name", [LIST, MAKE])
@pytest.mark.parametrize("answer", [NoReply("reset"), Reply(503), error(403, "quotaExceeded")], ids=str)
async def test_a_fault_is_handed_on_and_nothing_is_remembered(
    house: House, name: str, answer: Answer
) -> None:
    house.google.trouble(name, answer)

    assert isinstance(await playlists(house).find(FIRST, "shows"), Fault)
    assert await house.store.playlist(FIRST, "shows") is None


async def test_one_whose_making_was_not_answered_is_found_and_not_made_again(house: House) -> None:
    house.google.trouble(MAKE, NoReply("reset"), done=True)
    shared = playlists(house)
    assert isinstance(await shared.find(FIRST, "shows"), Fault)

    found = await shared.find(FIRST, "shows")

    assert [found] == list(house.youtube.playlists)


@pytest.mark.parametrize("body", [b"<html>a proxy</html>", b'{"kind": "youtube#playlist"}'], ids=str)
async def test_an_answer_that_names_no_playlist_is_not_remembered(house: House, body: bytes) -> None:
    house.google.trouble(MAKE, Reply(200, {}, body))
    shared = playlists(house)

    assert isinstance(await shared.find(FIRST, "shows"), Fault)
    assert await house.store.playlist(FIRST, "shows") is None
