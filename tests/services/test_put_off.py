"""A clock that leaps ahead and comes back leaves nothing behind that nobody attends to any more."""

from datetime import timedelta

import pytest

from tests.services.house import SIZE, House
from ytempire.adapters.memory.google import SEND
from ytempire.domain.lifecycle import State
from ytempire.domain.wire import NoReply
from ytempire.services.put_off import PutOff

YEARS = timedelta(days=400)


async def round_of(house: House) -> None:
    await PutOff(house.staff().context).round()


@pytest.mark.parametrize("state", [State.UPLOADING, State.PROCESSING, State.DEFERRED])
async def test_what_was_put_off_by_years_goes_on_now(house: House, state: State) -> None:
    began = house.clock.now()
    accepted = await house.submit()
    house.clock.set(began + YEARS)
    await house.connect(next(iter(house.accounts)).id)
    if state is State.UPLOADING:
        house.google.trouble(SEND, NoReply("reset"), stored=SIZE - 5)
    if state is State.DEFERRED:
        house.vault.lose_keys()
    left = await house.advance(accepted.id)
    assert state is left.state
    house.clock.set(began)
    house.vault.find_keys()
    await house.connect(next(iter(house.accounts)).id)

    await round_of(house)

    assert began == await house.store.next_due()
    done = await house.finish(accepted.id)
    assert (State.PUBLISHED, 1) == (done.state, len(house.youtube.videos))
    assert house.clock.now() < began + timedelta(days=1)


async def test_what_a_person_asked_to_wait_waits(house: House) -> None:
    start = house.clock.now() + YEARS
    accepted = await house.submit(not_before=start)
    waiting = await house.advance(accepted.id)

    await round_of(house)

    assert (State.DEFERRED, start, waiting) == (waiting.state, waiting.due, await house.now(accepted.id))


async def test_a_wait_of_ours_is_left_alone(house: House) -> None:
    accepted = await house.submit()
    done = await house.advance(accepted.id)

    await round_of(house)

    assert done == await house.now(accepted.id)


async def test_what_came_into_the_queue_at_a_wrong_time_is_started_now(house: House) -> None:
    began = house.clock.now()
    house.clock.set(began + YEARS)
    accepted = await house.submit()
    house.clock.set(began)
    await house.connect(next(iter(house.accounts)).id)

    await round_of(house)

    assert began == await house.store.next_due()
    assert State.PUBLISHED is (await house.finish(accepted.id)).state
