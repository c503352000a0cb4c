"""A call goes down its chain: who is asked, who is left out and why, what is told. Every provider fails in turn."""

from itertools import combinations

import pytest

from tests.services.desk import Desk
from tests.services.troupe import (
    BRONZE,
    CHAIN,
    COST,
    GOLD,
    NAMES,
    SILVER,
    TIN,
    TROUBLES,
    Troupe,
    a_fault,
)
from ytempire.domain.alerts import Alert
from ytempire.domain.chain import (
    Blame,
    CallerFault,
    ChainFailed,
    Charged,
    Link,
    Made,
    Quality,
    Step,
)
from ytempire.domain.events import Kind
from ytempire.domain.vitals import Health

FIRST_OR_TWO = [down for size in (1, 2) for down in combinations(NAMES, size)]


@pytest.fixture
def troupe() -> Troupe:
    return Troupe()


def expected(troubles: dict[str, str]) -> dict[str, str]:
    """What becomes of each provider when these fail so: the rule of the chain, told once more."""
    steps: dict[str, str] = {}
    doubt = False
    for name in NAMES:
        trouble = TROUBLES.get(troubles.get(name, ""))
        if doubt and name != TIN:
            steps[name] = "skipped"
        elif trouble is None:
            return steps | {name: "served"}
        else:
            steps[name] = "rejected" if trouble.blame is Blame.OUTPUT else "failed"
            doubt = doubt or (trouble.charged is Charged.MAYBE and name != TIN)
    return steps


# ------------------------------------------------------------------------------------------- down, in every way


async def test_the_first_of_the_chain_serves_and_nobody_else_is_asked(troupe: Troupe) -> None:
    told = await troupe.call()

    assert told.served is not None
    assert ("hello", GOLD, Quality.PREMIUM, 500_000, False) == (
        told.served.value,
        told.served.provider,
        told.served.quality,
        told.served.cost,
        told.served.degraded,
    )
    assert {GOLD: "served"} == told.steps
    assert 1 == troupe.asked()
    assert [Kind.CHAIN_SERVED] == [each.kind for each in await troupe.events()]


@pytest.mark.parametrize("first", TROUBLES)
@pytest.mark.parametrize("down", FIRST_OR_TWO, ids="+".join)
async def test_every_provider_down_in_turn_and_in_pairs(down: tuple[str, ...], first: str) -> None:
    for second in TROUBLES if len(down) > 1 else [first]:
        troupe, troubles = Troupe(), dict(zip(down, (first, second), strict=False))
        for name, trouble in troubles.items():
            troupe.fails(trouble, name)

        told = await troupe.call()

        steps = expected(troubles)
        assert steps == told.steps
        assert {name: int(step != "skipped") for name, step in steps.items()} == {
            name: troupe.asked(name) for name in steps
        }
        spent = {name: TROUBLES[trouble].cost(name) for name, trouble in troubles.items()}
        exact = sum(spent.get(name, COST[name]) for name, step in steps.items() if step != "skipped")
        assert (exact, exact, exact) == (told.cost, await troupe.spent(), await troupe.trails())
        unsure = sum(
            each.cost
            for each in told.trail
            if each.charged is Charged.MAYBE and each.step is not Step.SKIPPED
        )
        assert unsure == await troupe.unsure()
        assert all(each.why for each in told.trail if each.step is not Step.SERVED)


@pytest.mark.parametrize("trouble", [each for each in TROUBLES if each != "unfit"])
async def test_all_down_is_one_error_that_names_each_and_one_alert(trouble: str, troupe: Troupe) -> None:
    troupe.fails(trouble, *NAMES)

    told = await troupe.call()

    assert isinstance(told.error, ChainFailed)
    assert [] == [name for name in NAMES if name not in str(told.error)]
    assert 1 == len(await troupe.events(Kind.CHAIN_FAILED))
    assert [] == await troupe.events(Kind.CHAIN_SERVED, Kind.CHAIN_FELL_BACK)
    assert ["no provider of greeting could serve"] == [
        each.title for each in await alerts(troupe) if each.key == "chain:greeting"
    ]


async def alerts(troupe: Troupe) -> list[Alert]:
    """The open alerts, when the alerting has read what happened."""
    desk = Desk(clock=troupe.clock, store=troupe.store)
    await desk.round()
    return await desk.open()


async def test_a_chain_that_stays_down_has_one_alert_and_that_ends_with_the_first_that_serves(
    troupe: Troupe,
) -> None:
    troupe.fails("crowded", *NAMES)
    for _ in range(4):
        await troupe.call()
        assert ["chain:greeting"] == [each.key for each in await alerts(troupe)]

    troupe.works(TIN)
    await troupe.call()

    assert [] == await alerts(troupe)
    assert 4 == len(await troupe.events(Kind.CHAIN_FAILED))


async def test_a_chain_without_providers_fails_and_says_so() -> None:
    told = await Troupe(links=()).call()

    assert "no provider of greeting could serve: the chain has no providers" == str(told.error)


# ---------------------------------------------------------------------------------------------- ambiguous, caller


@pytest.mark.parametrize("trouble", ["slow", "lost", "reset"])
async def test_what_may_have_been_paid_for_is_not_bought_again_but_the_free_go_on(
    trouble: str, troupe: Troupe
) -> None:
    troupe.fails(trouble, GOLD)

    told = await troupe.call()

    assert {GOLD: "failed", SILVER: "skipped", BRONZE: "skipped", TIN: "served"} == told.steps
    assert "gold may have been paid for this call already" == told.why(SILVER)
    assert 0 == troupe.asked(SILVER, BRONZE)
    assert 500_000 == await troupe.unsure() == await troupe.spent()


@pytest.mark.parametrize("trouble", ["slow", "lost", "reset"])
async def test_a_free_provider_that_is_lost_keeps_nobody_from_being_paid(trouble: str) -> None:
    troupe = Troupe()
    troupe.links = troupe.links[::-1]
    troupe.fails(trouble, TIN)

    told = await troupe.call()

    assert {TIN: "failed", BRONZE: "served"} == told.steps
    assert 150_000 == told.cost == await troupe.spent()
    assert 0 == await troupe.unsure()


async def test_a_free_provider_never_costs_whatever_it_says(troupe: Troupe) -> None:
    troupe.fails("down", GOLD, SILVER, BRONZE)
    for answer in (
        Made("hello", 7),
        a_fault(charged=Charged.YES, cost=7),
        a_fault(charged=Charged.MAYBE, cost=7),
        a_fault(Blame.OUTPUT, Charged.YES),
    ):
        troupe.rows[TIN].add(answer)
        told = await troupe.call(only=TIN)

        assert 0 == told.cost == await troupe.spent() == await troupe.unsure()
        assert {Charged.NO} == {each.charged for each in told.trail}


async def test_the_caller_s_own_fault_stops_at_once(troupe: Troupe) -> None:
    troupe.rows[SILVER].always = a_fault(Blame.CALLER)
    troupe.fails("down", GOLD)

    told = await troupe.call()

    assert isinstance(told.error, CallerFault)
    assert "greeting: silver refuses the request itself: caller: in its own words" == str(told.error)
    assert {GOLD: "failed", SILVER: "failed"} == told.steps
    assert 0 == troupe.asked(BRONZE, TIN)
    assert [] == await troupe.events(Kind.CHAIN_FAILED, Kind.CHAIN_FELL_BACK, Kind.CHAIN_SERVED)
    assert ["caller"] == [call.outcome for call in await troupe.store.chain_calls()]
    assert {} == await troupe.store.usage(troupe.clock.now())


async def test_what_no_provider_can_do_is_the_caller_s_to_mend_and_no_failure_of_the_chain(
    troupe: Troupe,
) -> None:
    troupe.unready(GOLD, "it has no key")
    troupe.fails("unfit", SILVER, BRONZE, TIN)

    told = await troupe.call()

    assert isinstance(told.error, ChainFailed)
    assert ["caller"] == [call.outcome for call in await troupe.store.chain_calls()]
    assert [] == await troupe.events(Kind.CHAIN_FAILED, Kind.CHAIN_FELL_BACK, Kind.CHAIN_SERVED)
    assert [] == await alerts(troupe)
    assert {} == await troupe.store.usage(troupe.clock.now())


async def test_one_provider_with_trouble_of_its_own_makes_it_a_failure_of_the_chain(troupe: Troupe) -> None:
    troupe.fails("unfit", *NAMES)
    troupe.fails("down", SILVER)

    await troupe.call()

    assert ["failed"] == [call.outcome for call in await troupe.store.chain_calls()]
    assert ["chain:greeting"] == [each.key for each in await alerts(troupe)]


@pytest.mark.parametrize("blame", [Blame.CALLER, Blame.UNFIT, Blame.CROWDED])
async def test_who_is_only_unfit_or_crowded_is_not_ill(blame: Blame, troupe: Troupe) -> None:
    troupe.rows[GOLD].always = a_fault(blame)

    for _ in range(30):
        await troupe.call()

    assert 30 == troupe.asked(GOLD)
    assert [] == await troupe.events(Kind.BREAKER_CHANGED, Kind.SERVICE_CHANGED)
    assert Health.UNKNOWN is (await troupe.vitality.health("mint"))[0]


# --------------------------------------------------------------------------------------- what is written down


async def test_the_words_of_a_vendor_are_cut_and_made_storable(troupe: Troupe) -> None:
    troupe.rows[GOLD].add(a_fault(message="\ud800" + "x" * 10_000))

    told = await troupe.call()

    assert 500 >= len(told.why(GOLD))
    told.why(GOLD).encode()


async def test_each_call_is_kept_with_its_whole_trail(troupe: Troupe) -> None:
    troupe.fails("down", GOLD)

    told = await troupe.call()

    (kept,) = await troupe.store.chain_calls()
    assert told.served is not None
    assert (told.served.call, CHAIN, "served", SILVER, Quality.STANDARD, 200_000, True, told.trail) == (
        kept.id,
        kept.chain,
        kept.outcome,
        kept.provider,
        kept.quality,
        kept.cost,
        kept.degraded,
        kept.trail,
    )


async def test_nothing_and_false_are_values_too(troupe: Troupe) -> None:
    async def nothing(link: Link) -> Made[None]:
        return Made(None)

    served = await troupe.chains().execute(CHAIN, nothing)

    assert (None, GOLD) == (served.value, served.provider)
