"""What counts as progress of an upload, for its budgets of tries and of deaths."""

from dataclasses import replace
from typing import Any

import pytest

from tests.services.death import Death
from tests.services.house import House, code_of
from ytempire.adapters.memory.google import ASK, SEND
from ytempire.domain.decision import MAX_PASSES
from ytempire.domain.lifecycle import State
from ytempire.domain.quota import Method
from ytempire.domain.upload import GRANULE
from ytempire.domain.values import Secret
from ytempire.domain.wire import Answer, NoReply, Piece, Reply, Stopped
from ytempire.ports import Courier

START = str(Method.VIDEOS_INSERT)


async def test_a_server_that_gives_and_takes_comes_to_an_end(house: House) -> None:
    accepted = await house.submit()
    there, nowhere = Reply(308, {"range": f"bytes=0-{GRANULE - 1}"}), Reply(308)
    for _ in range(200):
        house.google.trouble(SEND, there)
        house.google.trouble(SEND, nowhere)
    house.google.trouble(ASK, nowhere, times=200)

    held = await house.finish(accepted.id)

    assert (State.HELD, "gave_up") == (held.state, code_of(held))


class Faltering:
    """Google as a process sees it that dies whenever it has sent another thousand bytes."""

    def __init__(self, house: House) -> None:
        self.house = house

    def __getattr__(self, name: str) -> Any:
        return getattr(self.house.google, name)

    async def send(self, piece: Piece, token: Secret, courier: Courier) -> Answer | Stopped:
        del token, courier
        self.house.youtube.uploads[piece.uri].stored += 1_000
        raise Death


async def test_a_moving_offset_gives_every_try_back(house: House) -> None:
    accepted = await house.submit()
    for number in range(1, 31):
        house.google.trouble(SEND, NoReply("reset"), stored=number * 1_000)

    published = await house.finish(accepted.id)

    assert (State.PUBLISHED, 1) == (published.state, published.attempts)
    assert (31, 1) == (house.google.count(SEND), house.google.count(START))


async def test_an_offset_that_stands_still_uses_its_tries_up(house: House) -> None:
    accepted = await house.submit()
    house.google.trouble(SEND, NoReply("reset"), stored=1_000, times=200)

    held = await house.finish(accepted.id)

    assert (State.HELD, "gave_up") == (held.state, code_of(held))


async def test_deaths_with_progress_between_them_are_no_poison(house: House) -> None:
    accepted = await house.submit()
    for _ in range(2 * MAX_PASSES):
        staff = house.staff(replace(house.ports(), google=Faltering(house)))
        with pytest.raises(Death):
            await staff.publishing.advance(accepted.id)

    assert State.PUBLISHED is (await house.finish(accepted.id)).state
    assert 1 == house.google.count(START)
