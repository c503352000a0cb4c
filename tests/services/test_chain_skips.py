"""Who is left out of a call and why: limits, deadlines, breakers, health; and drills, which are counted apart."""

from datetime import timedelta

import pytest

from tests.services.troupe import (
    AT_ONCE,
    BRONZE,
    CHAIN,
    GOLD,
    NAMES,
    SILVER,
    TIN,
    Troupe,
    a_fault,
)
from ytempire.adapters.memory.vendor import Late
from ytempire.domain.breaker import Phase
from ytempire.domain.chain import (
    Blame,
    Budget,
    ChainFailed,
    Link,
    Made,
    ProviderFault,
    Quality,
    Quote,
    Usage,
)
from ytempire.domain.events import Kind
from ytempire.domain.faults import Level
from ytempire.domain.values import Mendable
from ytempire.domain.vitals import Health, Observation, Source


@pytest.fixture
def troupe() -> Troupe:
    return Troupe()


def _seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def _ill(service: str, troupe: Troupe) -> Observation:
    return Observation(service, troupe.clock.now(), well=False, source=Source.CALL, error="it is down")


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
        await troupe.chains().known_provider("lead")

    await troupe.chains().known_provider(TIN)
    assert 0 == troupe.asked()
    assert () == await troupe.store.chain_calls()


async def test_an_order_about_a_provider_that_is_not_there_any_more_can_be_taken_back(troupe: Troupe) -> None:
    await troupe.breakers.isolate("lead", by="ana", why="the bill is wrong")

    await troupe.chains().known_provider("lead")
    await troupe.breakers.reset("lead", by="ana")

    with pytest.raises(Mendable, match="there is no provider lead"):
        await troupe.chains().known_provider("lead")


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
