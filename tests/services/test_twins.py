"""Two videos alike on one channel: whose a video is that was found there, while the other is still in doubt."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from tests.builders import FIRST, rules
from tests.services.house import House, a_house
from tests.services.test_reconcile import GONE, LOST, in_doubt
from ytempire.adapters.memory.google import ASK, SEND, MemoryGoogle
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Publication
from ytempire.domain.values import Refused, Secret
from ytempire.domain.wire import Answer, Call


async def two_in_doubt() -> tuple[House, Publication, Publication]:
    """Two of the same title and size: the first became no video and its session is gone; the second is one, which
    nobody heard of yet.
    """
    house = await a_house(rules(FIRST, concurrency=2))
    first, second = await house.submit("twin"), await house.submit("twin", again=True)
    for each in (first, second):
        house.google.trouble(SEND, LOST, done=True)
        await house.advance(each.id)
    stillborn = next(iter(house.youtube.videos))
    del house.youtube.videos[stillborn]
    house.google.trouble(ASK, GONE)
    return house, first, second


async def test_what_may_be_the_video_of_a_twin_is_not_adopted_before_that_knows_its_own() -> None:
    house, first, second = await two_in_doubt()
    waiting = await house.now(first.id)
    for _ in range(2):
        assert waiting.due is not None
        house.clock.set(max(house.clock.now(), waiting.due))
        waiting = await house.advance(first.id)
    assert (State.UPLOADING, None) == (waiting.state, waiting.video_id)

    ended = await house.finish(second.id)
    left = await house.now(first.id)

    (video,) = house.youtube.videos
    assert (State.PUBLISHED, video) == (ended.state, ended.video_id)
    assert (State.HELD, None) == (left.state, left.video_id)
    assert left.reason is not None
    assert "no such video is on the channel" in left.reason.message


async def test_of_two_twins_that_know_nothing_neither_takes_the_only_video() -> None:
    house, first, second = await two_in_doubt()
    house.google.trouble(ASK, GONE, times=9)

    await house.work()

    staff = house.staff()
    (video,) = house.youtube.videos
    for each in (first, second):
        held = await house.now(each.id)
        assert (State.HELD, None) == (held.state, held.video_id)
        assert held.reason is not None
        assert video in held.reason.message
        with pytest.raises(Refused, match=f"may be on the channel already as {video}"):
            await staff.operating.reupload(each.id, staff.reconciling)


async def test_what_is_cancelled_in_doubt_says_so_and_its_file_is_not_queued_again_by_chance(
    house: House,
) -> None:
    waiting = await house.finish((await in_doubt(house, made=False)).id)

    cancelled = await house.staff().operating.cancel(waiting.id)
    again = await house.submit()

    assert cancelled.reason is not None
    assert "it may be a video" in cancelled.reason.message
    assert (State.CANCELLED, State.DUPLICATE) == (cancelled.state, again.state)


class Meanwhile(MemoryGoogle):
    """Google in memory, where something is done before a list of uploads is answered."""

    def __init__(self, house: House, deed: Callable[[], Awaitable[object]]) -> None:
        super().__init__(house.youtube)
        self._deed = deed

    async def call(self, call: Call, token: Secret) -> Answer:
        if call.path.endswith("playlistItems"):
            await self._deed()
        return await super().call(call, token)


async def test_the_video_that_a_twin_learns_of_while_it_is_looked_for_is_left_to_the_twin() -> None:
    house, first, second = await two_in_doubt()
    house.clock.advance(timedelta(hours=1))
    await house.advance(first.id)
    there = house.google

    async def the_other_ends() -> None:
        house.google = there
        await house.advance(second.id)

    house.google = Meanwhile(house, the_other_ends)
    house.clock.advance(timedelta(hours=1))
    await house.advance(first.id)

    videos = [(await house.now(each.id)).video_id for each in (first, second)]
    assert [None, *house.youtube.videos] == videos
