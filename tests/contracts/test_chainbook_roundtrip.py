"""Whatever a breaker, a health, a call or a drill holds, the book gives it back the same."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.contracts.test_store_roundtrip import NUMBERS, TEXTS, built, enum, fresh_id, relaxed, some
from ytempire.domain.breaker import Breaker, Permit, Phase, Tally
from ytempire.domain.chain import Attempt, Blame, ChainCall, Charged, Quality, Step
from ytempire.domain.vitals import Health, Source, Vital
from ytempire.ports import DrillReport, Store

NAMES = st.text("abcdefgh_-.0123456789", min_size=1, max_size=12)
"""Names are of the configuration, so they hold no strange text."""

BREAKERS = built(
    Breaker,
    name=NAMES,
    phase=enum(Phase),
    tallies=some(st.builds(Tally, NUMBERS, NUMBERS, NUMBERS)),
    permits=some(built(Permit, limit=st.none() | st.timedeltas())),
    version=st.just(0),
)
VITALS = built(
    Vital,
    service=NAMES,
    health=enum(Health),
    candidate=enum(Health),
    source=st.none() | enum(Source),
    latencies=some(NUMBERS),
    notes=some(TEXTS),
    version=st.just(0),
)
ATTEMPTS = built(
    Attempt,
    quality=enum(Quality),
    step=enum(Step),
    blame=st.none() | enum(Blame),
    charged=enum(Charged),
    cost=NUMBERS,
    seconds=st.floats(0, 1e9),
)
CALLS = built(
    ChainCall,
    id=st.just(""),
    chain=NAMES,
    outcome=st.sampled_from(["served", "failed", "caller", "broken_off"]),
    provider=NAMES,
    quality=st.none() | enum(Quality),
    cost=NUMBERS,
    trail=some(ATTEMPTS),
)
DRILLS = built(DrillReport, chain=NAMES, links=some(st.tuples(TEXTS, TEXTS, TEXTS)))


@relaxed
@given(life=BREAKERS)
async def test_a_breaker_comes_back_as_it_was(store: Store, life: Breaker) -> None:
    there = await store.breaker(life.name)
    wanted = replace(life, version=there.version if there else 0)

    assert await store.swap_breaker(wanted, ())

    stored = replace(wanted, version=wanted.version + 1)
    assert stored == await store.breaker(life.name)
    assert stored in await store.breakers()


@relaxed
@given(life=VITALS)
async def test_the_health_of_a_service_comes_back_as_it_was(store: Store, life: Vital) -> None:
    there = await store.vital(life.service)
    wanted = replace(life, version=there.version if there else 0)

    assert await store.swap_vital(wanted, ())

    stored = replace(wanted, version=wanted.version + 1)
    assert stored == await store.vital(life.service)
    assert stored in await store.vitals()


@relaxed
@given(call=CALLS)
async def test_a_call_comes_back_as_it_was_with_its_trail(store: Store, call: ChainCall) -> None:
    noted = replace(call, id=fresh_id())

    await store.note_call(noted, ())

    assert noted in await store.chain_calls(chain=noted.chain, since=noted.at)


@relaxed
@given(report=DRILLS)
async def test_a_drill_comes_back_as_it_was(store: Store, report: DrillReport) -> None:
    there = {each.chain: each for each in await store.drills()}.get(report.chain)

    await store.note_drill(report, ())

    newest = report if there is None or report.at >= there.at else there
    assert newest in await store.drills()
