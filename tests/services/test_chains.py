"""A call goes down its chain: who is asked, who is left out and why, what is told. Every provider fails in turn."""

from datetime import timedelta
from itertools import combinations

import pytest

from tests.services.desk import Desk
from tests.services.troupe import (
    AT_ONCE,
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
from ytempire.adapters.memory.vendor import Late
from ytempire.domain.alerts import Alert
from ytempire.domain.breaker import Phase
from ytempire.domain.chain import (
    Blame,
    Budget,
    CallerFault,
    ChainFailed,
    Charged,
    Link,
    Made,
    ProviderFault,
    Quality,
    Quote,
    Step,
    Usage,
)
from ytempire.domain.events import Kind
from ytempire.domain.faults import Level
from ytempire.domain.values import Mendable
from ytempire.domain.vitals import Health, Observation, Source

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


def _seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def _ill(service: str, troupe: Troupe) -> Observation:
    return Observation(service, troupe.clock.now(), well=False, source=Source.CALL, error="it is down")


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


@pytest.mark.parametrize("trouble", TROUBLES)
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
    troupe.fails("unfit", *NAMES)
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


@pytest.mark.parametrize("blame", [Blame.CALLER, Blame.UNFIT, Blame.CROWDED])
async def test_who_is_only_unfit_or_crowded_is_not_ill(blame: Blame, troupe: Troupe) -> None:
    troupe.rows[GOLD].always = a_fault(blame)

    for _ in range(30):
        await troupe.call()

    assert 30 == troupe.asked(GOLD)
    assert [] == await troupe.events(Kind.BREAKER_CHANGED, Kind.SERVICE_CHANGED)
    assert Health.UNKNOWN is (await troupe.vitality.health("mint"))[0]


# -------------------------------------------------------------------------------------------- skips


async def test_a_floor_of_quality_leaves_out_what_is_below_it_and_nothing_is_degraded(troupe: Troupe) -> None:
    troupe.fails("down", GOLD)

    told = await troupe.call(Budget(floor=Quality.STANDARD))
    assert {GOLD: "failed", SILVER: "served"} == told.steps

    troupe.fails("down", SILVER)
    told = await troupe.call(Budget(floor=Quality.STANDARD))
    assert {GOLD: "failed", SILVER: "failed", BRONZE: "skipped", TIN: "skipped"} == told.steps
    assert "its quality is basic, and at least standard is asked for" == told.why(BRONZE)


async def test_who_was_never_set_up_is_left_out_and_the_next_is_no_fallback(troupe: Troupe) -> None:
    troupe.unready(GOLD, "it has no key")

    told = await troupe.call()

    assert told.served is not None
    assert (SILVER, False) == (told.served.provider, told.served.degraded)
    assert "it has no key" == told.why(GOLD)
    assert [Kind.CHAIN_SERVED] == [each.kind for each in await troupe.events()]


async def test_a_fallback_is_told_with_what_came_before(troupe: Troupe) -> None:
    troupe.fails("wrong key", GOLD)

    told = await troupe.call()

    assert told.served is not None
    assert told.served.degraded
    (event,) = await troupe.events(Kind.CHAIN_FELL_BACK)
    assert (Level.INFO, SILVER, "gold failed: credential: in its own words") == (
        event.level,
        event.data["provider"],
        event.data["why"],
    )
    assert {CHAIN: Usage(1, 1, 0, {SILVER: 1})} == await troupe.store.usage(troupe.clock.now())


async def test_the_whole_call_has_a_deadline(troupe: Troupe) -> None:
    troupe.rows[GOLD].add(Late(_seconds(40), a_fault()))
    troupe.rows[SILVER].add(Late(_seconds(40), a_fault()))

    told = await troupe.call(Budget(seconds=75))

    assert {GOLD: "failed", SILVER: "failed", BRONZE: "skipped", TIN: "skipped"} == told.steps
    assert "the time for this call is over" == told.why(BRONZE)
    assert [40, 40, 0, 0] == [each.seconds for each in told.trail]


async def test_nobody_may_take_longer_than_what_is_left_of_the_deadline(troupe: Troupe) -> None:
    troupe.fails("slow", SILVER)
    troupe.links = tuple(Troupe().links)
    troupe.rows[GOLD].add(Late(_seconds(10), a_fault()))

    told = await troupe.call(Budget(seconds=10 + AT_ONCE))

    assert {GOLD: "failed", SILVER: "failed", BRONZE: "skipped", TIN: "served"} == told.steps
    assert told.why(SILVER).startswith("timeout: no answer within 0.00")


async def test_many_requests_in_one_call_have_as_much_time_each(troupe: Troupe) -> None:
    seen: list[Link] = []

    async def operation(link: Link) -> Made[str] | ProviderFault:
        seen.append(link)
        return Made("hello")

    await troupe.chains().execute(CHAIN, operation, quotes={GOLD: Quote(7, requests=40)})

    assert [(7, 2400.0)] == [(link.cost, link.seconds) for link in seen]


async def test_one_provider_may_be_asked_alone(troupe: Troupe) -> None:
    told = await troupe.call(only=BRONZE)
    assert {BRONZE: "served"} == told.steps

    troupe.fails("down", BRONZE)
    told = await troupe.call(only=BRONZE)
    assert {BRONZE: "failed"} == told.steps
    assert isinstance(told.error, ChainFailed)


async def test_a_chain_or_provider_that_is_not_there_is_told_with_those_that_are(troupe: Troupe) -> None:
    with pytest.raises(Mendable, match="there is no chain grunting; known are greeting"):
        await troupe.chains().execute("grunting", troupe.operation)
    with pytest.raises(Mendable, match="greeting has no provider lead; it has gold, silver, bronze, tin"):
        await troupe.call(only="lead")
    with pytest.raises(Mendable, match="there is no provider lead; known are bronze, gold, silver, tin"):
        troupe.chains().known_provider("lead")

    troupe.chains().known_provider(TIN)
    assert 0 == troupe.asked()
    assert () == await troupe.store.chain_calls()


# ---------------------------------------------------------------------------------------- ill providers


async def test_quota_that_is_gone_rests_for_an_hour(troupe: Troupe) -> None:
    troupe.fails("quota gone", GOLD)
    await troupe.call()

    troupe.works()
    troupe.later(minutes=59, seconds=59)
    told = await troupe.call()
    assert {GOLD: "skipped", SILVER: "served"} == told.steps
    assert "its breaker is open after: exhausted: in its own words; the next try is in 1 s" == told.why(GOLD)

    troupe.later(seconds=1)
    assert {GOLD: "served"} == (await troupe.call()).steps


async def test_a_provider_rests_until_the_date_it_named(troupe: Troupe) -> None:
    back = troupe.clock.now() + _seconds(7 * 86_400)
    troupe.rows[GOLD].add(a_fault(Blame.EXHAUSTED, rest_until=back))
    await troupe.call()

    troupe.clock.set(back - _seconds(1))
    assert {GOLD: "skipped", SILVER: "served"} == (await troupe.call()).steps
    assert 1 == troupe.asked(GOLD)

    troupe.clock.set(back)
    assert {GOLD: "served"} == (await troupe.call()).steps


async def test_a_call_that_falls_back_because_of_a_breaker_is_a_fallback(troupe: Troupe) -> None:
    await troupe.opened(GOLD)

    told = await troupe.call()

    assert told.served is not None
    assert told.served.degraded
    assert 0 == troupe.asked(GOLD)


async def test_a_service_found_ill_is_left_out_by_all_that_are_its_own(troupe: Troupe) -> None:
    troupe.links = tuple(
        Link(each.provider, each.quality, "mint" if each.paid else "", each.cost, each.paid)
        for each in troupe.links
    )
    troupe.fails("down", GOLD)
    for _ in range(3):
        await troupe.vitality.saw(_ill("mint", troupe))

    told = await troupe.call()

    assert {GOLD: "skipped", SILVER: "skipped", BRONZE: "skipped", TIN: "served"} == told.steps
    assert "mint is unhealthy: it is down" == told.why(GOLD)


async def test_a_service_that_was_ill_and_silent_since_is_tried_again(troupe: Troupe) -> None:
    for _ in range(3):
        await troupe.vitality.saw(_ill("mint", troupe))
    assert {GOLD: "skipped", SILVER: "served"} == (await troupe.call()).steps

    troupe.later(seconds=121)

    assert {GOLD: "served"} == (await troupe.call()).steps
    assert (Health.HEALTHY, "it is down") == await troupe.vitality.health("mint")


@pytest.mark.parametrize(
    ("trouble", "phase"),
    [
        ("down", Phase.OPEN),
        ("slow", Phase.OPEN),
        ("wrong key", Phase.OPEN),
        ("busy", Phase.OPEN),
        ("wrong content", Phase.OPEN),
        ("unfit", Phase.CLOSED),
        ("crowded", Phase.CLOSED),
    ],
)
async def test_five_faults_in_a_row_open_a_breaker_if_they_say_that_it_is_ill(
    trouble: str, phase: Phase, troupe: Troupe
) -> None:
    troupe.links = tuple(Link(each.provider, each.quality, "", each.cost, each.paid) for each in troupe.links)
    troupe.fails(trouble, GOLD)

    for _ in range(6):
        await troupe.call()

    found = await troupe.store.breaker(GOLD)
    assert phase is (found.phase if found else Phase.CLOSED)
    assert (5 if phase is Phase.OPEN else 6) == troupe.asked(GOLD)


# ------------------------------------------------------------------------------------------------------- drills


async def test_drills_are_counted_apart_and_told_to_nobody(troupe: Troupe) -> None:
    await troupe.call(forced=True)
    troupe.fails("unfit", *NAMES)
    await troupe.call(forced=True)

    assert {} == await troupe.store.usage(troupe.clock.now())
    assert [] == await troupe.events(Kind.CHAIN_SERVED, Kind.CHAIN_FELL_BACK, Kind.CHAIN_FAILED)
    assert [True, True] == [call.forced for call in await troupe.store.chain_calls()]
    assert 500_000 == await troupe.spent() == await troupe.trails()


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
