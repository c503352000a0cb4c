"""What the book of chains promises of money: held up to a ceiling, settled once, never forgotten."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contracts.chains import SCRIPT, TODAY, VOICE, a_try
from tests.contracts.test_store_roundtrip import fresh_id, relaxed
from ytempire.ports import SpendLine, Store


async def room(store: Store, sum_of_day: int, **which: object) -> bool:
    """Is the sum of a chain's day exactly this, as its ceiling sees it?"""
    over = await store.hold_money(a_try(fresh_id(), 1, **which), sum_of_day)
    free = await store.hold_money(a_try(fresh_id(), 0, **which), sum_of_day)
    return free and not over


async def test_money_is_held_up_to_the_ceiling_and_not_beyond(store: Store) -> None:
    assert await store.hold_money(a_try("1", 60), 100)
    assert not await store.hold_money(a_try("2", 41), 100)
    assert await store.hold_money(a_try("3", 40), 100)
    assert not await store.hold_money(a_try("4", 1), 100)

    assert (SpendLine(TODAY, VOICE, "polly", 2, 100, 100),) == await store.spending(TODAY)


async def test_a_first_try_that_is_dearer_than_the_ceiling_is_not_held(store: Store) -> None:
    assert not await store.hold_money(a_try("1", 101), 100)

    assert () == await store.spending(TODAY)


async def test_without_a_ceiling_everything_is_held_and_counts_for_one_that_comes_later(store: Store) -> None:
    for which in ("1", "2"):
        assert await store.hold_money(a_try(which, 10**15), None)

    assert await room(store, 2 * 10**15)


async def test_a_ceiling_is_of_one_chain_and_day_over_all_its_providers(store: Store) -> None:
    assert await store.hold_money(a_try("1", 100), 100)

    assert not await store.hold_money(a_try("2", 1, provider="elevenlabs"), 100)
    assert await store.hold_money(a_try("3", 100, chain=SCRIPT), 100)
    assert await store.hold_money(a_try("4", 100, day=TODAY + timedelta(days=1)), 100)


async def test_a_try_that_is_refused_may_be_asked_for_again_when_there_is_room(store: Store) -> None:
    await store.hold_money(a_try("1", 100), 100)
    assert not await store.hold_money(a_try("2", 50), 100)

    await store.settle_money("1", 50, certain=True)

    assert await store.hold_money(a_try("2", 50), 100)


async def test_an_id_stands_for_one_try(store: Store) -> None:
    assert await store.hold_money(a_try("1", 10), None)
    assert not await store.hold_money(a_try("1", 10), None)
    await store.settle_money("1", 10, certain=True)
    assert not await store.hold_money(a_try("1", 10), None)

    assert (SpendLine(TODAY, VOICE, "polly", 1, 10, 0),) == await store.spending(TODAY)


@pytest.mark.parametrize("amount", [0, 9, 10, 11, 10**12])
async def test_what_was_held_becomes_what_it_cost_be_it_less_or_more(store: Store, amount: int) -> None:
    await store.hold_money(a_try("1", 10), 10)

    await store.settle_money("1", amount, certain=True)

    assert (SpendLine(TODAY, VOICE, "polly", 1, amount, 0),) == await store.spending(TODAY)
    assert await room(store, amount)


async def test_it_is_settled_once(store: Store) -> None:
    await store.hold_money(a_try("1", 10), None)

    await store.settle_money("1", 7, certain=False)
    await store.settle_money("1", 3, certain=True)

    assert (SpendLine(TODAY, VOICE, "polly", 1, 7, 7),) == await store.spending(TODAY)
    assert await room(store, 7)


async def test_settling_what_was_never_held_does_nothing(store: Store) -> None:
    await store.settle_money("nothing", 7, certain=True)

    assert () == await store.spending(date.min)


async def test_what_is_not_certain_counts_and_is_marked(store: Store) -> None:
    for which in ("1", "2", "3"):
        await store.hold_money(a_try(which, 10), None)
    await store.settle_money("1", 4, certain=True)
    await store.settle_money("2", 5, certain=False)

    assert (SpendLine(TODAY, VOICE, "polly", 3, 19, 15),) == await store.spending(TODAY)


async def test_what_is_never_settled_counts_as_spent(store: Store) -> None:
    await store.hold_money(a_try("1", 10), 10)

    assert not await store.hold_money(a_try("2", 1), 10)
    assert (SpendLine(TODAY, VOICE, "polly", 1, 10, 10),) == await store.spending(TODAY)


async def test_spending_is_told_by_day_chain_and_provider_since_a_day(store: Store) -> None:
    days = [TODAY + timedelta(days=n) for n in (1, -1, 0)]
    places = [(day, chain, provider) for day in days for chain in (VOICE, SCRIPT) for provider in "ba"]
    for n, (day, chain, provider) in enumerate(places):
        await store.hold_money(a_try(f"{n}", 5, day=day, chain=chain, provider=provider), None)

    expected = sorted(place for place in places if place[0] >= TODAY)
    assert [SpendLine(*place, 1, 5, 5) for place in expected] == list(await store.spending(TODAY))
    assert len(places) == len(await store.spending(date.min))


STEPS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 30), st.none() | st.integers(0, 60), st.booleans()),
    max_size=14,
)


@relaxed
@given(steps=STEPS)
async def test_the_sum_of_the_day_is_that_of_its_tries_whatever_happens(
    store: Store, steps: list[tuple[int, int, int | None, bool]]
) -> None:
    chain, sums, settled = fresh_id(), dict[str, int](), set[str]()
    for number, amount, ceiling, certain in steps:
        which = f"{chain} {number}"
        if which in sums:
            await store.settle_money(which, amount, certain=certain)
            sums[which] = sums[which] if which in settled else amount
            settled.add(which)
        else:
            fits = ceiling is None or sum(sums.values()) + amount <= ceiling
            assert fits is await store.hold_money(a_try(which, amount, chain=chain), ceiling)
            sums |= {which: amount} if fits else {}

    lines = [line for line in await store.spending(TODAY) if line.chain == chain]
    assert [(len(sums), sum(sums.values()))] == [(line.tries, line.amount) for line in lines] or not sums
    assert await room(store, sum(sums.values()), chain=chain)
