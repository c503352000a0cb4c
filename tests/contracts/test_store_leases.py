"""What the store promises about leases: one holder at a time, and none for ever."""

import asyncio
from datetime import timedelta

import pytest

from tests.builders import NOW
from ytempire.ports import Store

MINUTE = timedelta(minutes=1)
TICK = timedelta(microseconds=1)


async def test_a_free_lease_is_taken_and_then_nobody_elses(store: Store) -> None:
    assert await store.take_lease("refresh", "one", NOW, NOW + MINUTE)

    assert not await store.take_lease("refresh", "two", NOW, NOW + MINUTE)
    assert await store.take_lease("other", "two", NOW, NOW + MINUTE)


@pytest.mark.parametrize(("after", "free"), [(-TICK, False), (timedelta(0), True), (TICK, True)])
async def test_a_lease_runs_out_at_its_moment(store: Store, after: timedelta, free: bool) -> None:
    end = NOW + MINUTE
    await store.take_lease("refresh", "one", NOW, end)

    assert free == await store.take_lease("refresh", "two", end + after, end + MINUTE)


async def test_a_holder_prolongs_its_lease(store: Store) -> None:
    await store.take_lease("refresh", "one", NOW, NOW + MINUTE)

    assert await store.take_lease("refresh", "one", NOW, NOW + 2 * MINUTE)

    assert not await store.take_lease("refresh", "two", NOW + MINUTE, NOW + 3 * MINUTE)
    assert await store.take_lease("refresh", "two", NOW + 2 * MINUTE, NOW + 3 * MINUTE)
    assert not await store.take_lease("refresh", "one", NOW + 2 * MINUTE, NOW + 3 * MINUTE)


async def test_a_lease_given_back_is_free(store: Store) -> None:
    await store.take_lease("refresh", "one", NOW, NOW + MINUTE)

    await store.drop_lease("refresh", "one")

    assert await store.take_lease("refresh", "two", NOW, NOW + MINUTE)


async def test_nobody_gives_back_the_lease_of_another(store: Store) -> None:
    await store.take_lease("refresh", "one", NOW, NOW + MINUTE)
    await store.take_lease("refresh", "two", NOW + MINUTE, NOW + 2 * MINUTE)

    await store.drop_lease("refresh", "one")
    await store.drop_lease("never taken", "one")

    assert not await store.take_lease("refresh", "one", NOW + MINUTE, NOW + 2 * MINUTE)


@pytest.mark.parametrize("before", ["free", "run out"])
async def test_of_50_who_want_a_lease_one_has_it(store: Store, before: str) -> None:
    if before == "run out":
        await store.take_lease("refresh", "long gone", NOW - MINUTE, NOW)

    answers = await asyncio.gather(
        *(store.take_lease("refresh", f"holder {n}", NOW, NOW + MINUTE) for n in range(50))
    )

    assert 1 == sum(answers)
    assert await store.take_lease("refresh", f"holder {answers.index(True)}", NOW, NOW + MINUTE)
