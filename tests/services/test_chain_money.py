"""Money of chains: ceilings hold, and the book and the trails agree to the micro-dollar, whatever happened."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW
from tests.services.troupe import (
    BRONZE,
    CHAIN,
    COST,
    GOLD,
    NAMES,
    SILVER,
    TIN,
    TODAY,
    TROUBLES,
    WELL,
    Troupe,
    a_fault,
)
from ytempire.adapters.memory.vendor import Answer, Hang
from ytempire.domain.breaker_rules import BreakerRules, Rules
from ytempire.domain.chain import Blame, Budget, Charged, Link, Made, Quote
from ytempire.domain.events import Kind
from ytempire.domain.vitals import Manners

CALM = BreakerRules(Rules(threshold=10**6, minimum_calls=10**6))
"""Breakers that never open, where money alone is looked at."""

PATIENT = Manners(confirmations=10**6)


@pytest.fixture
def troupe() -> Troupe:
    return Troupe(rules=CALM, manners=PATIENT)


# ------------------------------------------------------------------------------------------------ for each call


@pytest.mark.parametrize(
    ("ceiling", "steps"),
    [
        (500_000, {GOLD: "served"}),
        (499_999, {GOLD: "skipped", SILVER: "served"}),
        (199_999, {GOLD: "skipped", SILVER: "skipped", BRONZE: "served"}),
        (149_999, {GOLD: "skipped", SILVER: "skipped", BRONZE: "skipped", TIN: "served"}),
        (0, {GOLD: "skipped", SILVER: "skipped", BRONZE: "skipped", TIN: "served"}),
    ],
)
async def test_a_ceiling_of_the_call_is_kept_to_the_micro_dollar(
    ceiling: int, steps: dict[str, str], troupe: Troupe
) -> None:
    told = await troupe.call(Budget(per_call=ceiling))

    assert steps == told.steps
    assert told.served is not None
    assert not told.served.degraded
    assert told.cost <= ceiling


async def test_what_was_wasted_counts_against_the_ceiling_of_the_call(troupe: Troupe) -> None:
    troupe.fails("wrong content", GOLD)

    told = await troupe.call(Budget(per_call=660_000))

    assert {GOLD: "rejected", SILVER: "skipped", BRONZE: "served"} == told.steps
    assert "it costs up to 0.20 USD, and 0.16 are left for this call" == told.why(SILVER)
    assert 650_000 == told.cost == await troupe.spent()


async def test_a_dearer_call_than_quoted_is_told_as_it_was(troupe: Troupe) -> None:
    troupe.rows[GOLD].add(Made("mumble", 900_000))

    told = await troupe.call(Budget(per_call=800_000))

    assert {GOLD: "rejected", SILVER: "skipped", BRONZE: "skipped", TIN: "served"} == told.steps
    assert "it costs up to 0.20 USD, and 0.00 are left for this call" == told.why(SILVER)
    assert 900_000 == told.cost == await troupe.spent()


async def test_what_is_known_of_this_call_goes_before_the_price_of_the_link(troupe: Troupe) -> None:
    told = await troupe.call(Budget(per_call=250_000), quotes={GOLD: Quote(250_000), TIN: Quote(9)})

    assert {GOLD: "served"} == told.steps
    assert 250_000 == told.cost == await troupe.spent()


async def test_a_cheaper_call_gives_back_what_it_did_not_take(troupe: Troupe) -> None:
    troupe.budget = Budget(per_day=600_000)
    troupe.rows[GOLD].add(Made("hello", 100_000))

    assert {GOLD: "served"} == (await troupe.call()).steps
    assert {GOLD: "served"} == (await troupe.call()).steps

    assert 600_000 == await troupe.spent() == await troupe.trails()


@pytest.mark.parametrize(
    ("charged", "exact"), [(Charged.NO, 0), (Charged.YES, 123_456), (Charged.MAYBE, 123_456)]
)
async def test_a_failed_call_whose_cost_is_known_counts_that(
    charged: Charged, exact: int, troupe: Troupe
) -> None:
    fault = a_fault(charged=charged, cost=None if charged is Charged.NO else 123_456)
    troupe.rows[GOLD].add(fault)

    told = await troupe.call(Budget(per_call=500_000), only=GOLD)

    assert exact == told.cost == await troupe.spent() == await troupe.trails()
    assert (exact if charged is Charged.MAYBE else 0) == await troupe.unsure()


# ----------------------------------------------------------------------------------------------- for each day


async def test_the_ceiling_of_a_day_is_kept_and_what_is_free_goes_on(troupe: Troupe) -> None:
    troupe.budget = Budget(per_day=850_000)

    told = [await troupe.call() for _ in range(4)]

    assert [GOLD, SILVER, BRONZE, TIN] == [each.served.provider for each in told if each.served]
    assert "it costs up to 0.50 USD, and the day's 0.85 do not reach for it" == told[-1].why(GOLD)
    assert [False] * 4 == [each.served.degraded for each in told if each.served]
    assert 850_000 == await troupe.spent()


async def test_a_new_utc_day_has_new_money(troupe: Troupe) -> None:
    troupe.budget = Budget(per_day=500_000)
    await troupe.call()
    troupe.clock.set(NOW.replace(hour=23, minute=59, second=59, microsecond=999_999))
    assert GOLD not in (await troupe.call()).steps or (await troupe.call()).steps[GOLD] == "skipped"

    troupe.clock.set(NOW.replace(hour=0) + timedelta(days=1))

    assert {GOLD: "served"} == (await troupe.call()).steps
    assert 500_000 == await troupe.spent(TODAY + timedelta(days=1))


async def test_a_day_s_ceiling_reached_is_no_fault_of_the_provider(troupe: Troupe) -> None:
    troupe.rules = BreakerRules()
    troupe.budget = Budget(per_day=0)

    for _ in range(10):
        assert TIN in (await troupe.call()).steps

    assert 0 == troupe.asked(GOLD, SILVER, BRONZE)
    assert [] == await troupe.events(Kind.BREAKER_CHANGED)


async def test_the_ceiling_of_a_day_holds_when_many_call_at_once(troupe: Troupe) -> None:
    troupe.budget = Budget(per_day=7 * 500_000 + 150_000)

    told = await asyncio.gather(*(troupe.beside().call() for _ in range(60)))

    by = [each.served.provider for each in told if each.served]
    assert {GOLD: 7, SILVER: 0, BRONZE: 1, TIN: 52} == {name: by.count(name) for name in NAMES}
    assert 7 * 500_000 + 150_000 == await troupe.spent() == sum(each.cost for each in told)


async def test_money_of_a_crashed_call_stays_held(troupe: Troupe) -> None:
    troupe.budget = Budget(per_day=500_000)
    troupe.rows[GOLD].always = Hang()
    dead = asyncio.create_task(troupe.call())
    await troupe.rows[GOLD].reached.wait()

    told = await troupe.beside().call()

    assert (TIN, 500_000, 500_000) == (list(told.steps)[-1], await troupe.spent(), await troupe.unsure())
    dead.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dead


# ------------------------------------------------------------------------------------------------- in every case

CLEAR = [name for name, trouble in TROUBLES.items() if name != "slow"]
ANSWERS: st.SearchStrategy[Answer[str]] = st.one_of(
    st.just(WELL),
    st.builds(Made, st.just("hello"), st.integers(0, 150_000)),
    st.builds(Made, st.just("mumble"), st.none() | st.integers(0, 150_000)),
    st.sampled_from([TROUBLES[name].answer for name in CLEAR]),
    st.builds(
        a_fault,
        st.sampled_from(Blame),
        st.sampled_from([Charged.YES, Charged.MAYBE]),
        cost=st.none() | st.integers(0, 150_000),
    ),
)


@given(st.data())
async def test_book_and_trails_agree_and_no_ceiling_breaks_whatever_vendors_do(data: Any) -> None:
    troupe = Troupe(rules=CALM, manners=PATIENT)
    per_call = data.draw(st.none() | st.integers(0, 1_000_000))
    per_day = data.draw(st.none() | st.integers(0, 3_000_000))
    troupe.budget = Budget(per_call, per_day)
    for name in NAMES:
        troupe.rows[name].add(*data.draw(st.lists(ANSWERS, max_size=6)))

    told = [await troupe.call() for _ in range(data.draw(st.integers(1, 6)))]

    total = sum(each.cost for each in told)
    assert total == await troupe.spent() == await troupe.trails()
    assert total == sum(call.cost for call in await troupe.store.chain_calls())
    assert sum(each.cost for one in told for each in one.trail if each.charged is Charged.MAYBE) == (
        await troupe.unsure()
    )
    for one in told:
        assert per_call is None or one.cost <= per_call
        paid = [each for each in one.trail if each.step.value != "skipped" and COST[each.provider]]
        assert [] == [each for each in paid[:-1] if each.charged is Charged.MAYBE]
    assert per_day is None or total <= per_day


# ---------------------------------------------------------------------------------- the user's own operation


class Bug(Exception):
    """A fault in the operation itself."""


@pytest.mark.parametrize("error", [Bug("no such name"), FileNotFoundError(2, "No such file", "notes.txt")])
async def test_a_fault_of_the_operation_itself_is_raised_and_its_money_is_in_doubt(
    error: Exception, troupe: Troupe
) -> None:
    troupe.rules = BreakerRules()
    troupe.fails("down", GOLD)
    troupe.rows[SILVER].always = error

    for times in range(1, 8):
        with pytest.raises(type(error)):
            await troupe.call()
        assert 200_000 * times == await troupe.spent() == await troupe.unsure()

    assert None is await troupe.store.breaker(SILVER)
    assert 0 == troupe.asked(BRONZE)


async def test_a_check_that_breaks_is_raised_and_money_is_settled(troupe: Troupe) -> None:
    def check(value: str) -> str:
        raise Bug(value)

    with pytest.raises(Bug):
        await troupe.chains().execute(CHAIN, troupe.operation, check=check)

    assert 500_000 == await troupe.spent()
    assert {} == {each.name: each.permits for each in await troupe.store.breakers() if each.permits}


async def test_a_free_operation_that_breaks_leaves_nothing_in_doubt(troupe: Troupe) -> None:
    async def operation(link: Link) -> Made[str]:
        raise Bug

    with pytest.raises(Bug):
        await troupe.chains().execute(CHAIN, operation, only=TIN)

    assert 0 == await troupe.spent() == await troupe.unsure()
