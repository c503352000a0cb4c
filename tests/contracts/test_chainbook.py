"""What the book of chains promises: versions are exact, money adds up, calls are counted, drills are the newest."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW, an_event
from tests.contracts.test_store_roundtrip import NUMBERS, TEXTS, built, enum, fresh_id, relaxed, some
from ytempire.domain.breaker import Breaker, Permit, Phase, Tally
from ytempire.domain.chain import Attempt, Blame, ChainCall, Charged, Quality, Step, Usage
from ytempire.domain.events import Kind
from ytempire.domain.vitals import Health, Source, Vital
from ytempire.ports import DrillReport, Spending, SpendLine, Store

TODAY = date(2026, 11, 20)
VOICE, SCRIPT = "voice_synthesis", "script_generation"
SECOND = timedelta(seconds=1)
CHANGED = (an_event(Kind.BREAKER_CHANGED, data={"provider": "polly"}),)
UNWRITABLE = (an_event(data={"at": NOW}),)
"""Events whose data no document can hold."""


def a_breaker(name: str = "polly", **changes: object) -> Breaker:
    return replace(Breaker(name, NOW), **changes)  # type: ignore[arg-type]  # any field of it


def a_try(which: str, amount: int = 10, **changes: object) -> Spending:
    spending = Spending(which, "call_1", VOICE, "polly", TODAY, NOW, amount)
    return replace(spending, **changes)  # type: ignore[arg-type]  # any field of it


def a_call(which: str, **changes: object) -> ChainCall:
    return replace(ChainCall(which, VOICE, NOW, "served", "polly"), **changes)  # type: ignore[arg-type]  # any field


def a_drill(chain: str = VOICE, **changes: object) -> DrillReport:
    report = DrillReport(chain, NOW, "worker", passed=True, links=(("polly", "ok", "0.4 s"),))
    return replace(report, **changes)  # type: ignore[arg-type]  # any field of it


async def told(store: Store) -> list[Kind]:
    return [event.kind for _, event in await store.events()]


async def room(store: Store, sum_of_day: int, **which: object) -> bool:
    """Is the sum of a chain's day exactly this, as its ceiling sees it?"""
    over = await store.hold_money(a_try(fresh_id(), 1, **which), sum_of_day)
    free = await store.hold_money(a_try(fresh_id(), 0, **which), sum_of_day)
    return free and not over


# ------------------------------------------------------------------------------------- breakers by version


async def test_a_breaker_that_was_never_recorded_is_none(store: Store) -> None:
    assert None is await store.breaker("polly")
    assert () == await store.breakers()


async def test_a_swapped_breaker_is_the_next_version_and_told(store: Store) -> None:
    assert await store.swap_breaker(a_breaker(failures=1), CHANGED)
    assert await store.swap_breaker(a_breaker(failures=2, version=1), CHANGED)

    assert a_breaker(failures=2, version=2) == await store.breaker("polly")
    assert [Kind.BREAKER_CHANGED] * 2 == await told(store)


@pytest.mark.parametrize("version", [0, 1, 3])
async def test_another_version_than_the_stored_one_changes_and_tells_nothing(
    store: Store, version: int
) -> None:
    await store.swap_breaker(a_breaker(), ())
    await store.swap_breaker(a_breaker(version=1), ())

    assert not await store.swap_breaker(a_breaker(failures=9, version=version), CHANGED)

    assert a_breaker(version=2) == await store.breaker("polly")
    assert [] == await told(store)


async def test_a_version_of_a_breaker_that_is_not_there_is_not_swapped(store: Store) -> None:
    assert not await store.swap_breaker(a_breaker(version=1), CHANGED)

    assert None is await store.breaker("polly")


async def test_breakers_come_by_name(store: Store) -> None:
    names = ("polly", "Elevenlabs", "elevenlabs", "google-tts", "google_tts")
    for name in names:
        await store.swap_breaker(a_breaker(name), ())

    assert sorted(names) == [each.name for each in await store.breakers()]


async def test_a_swap_whose_event_cannot_be_written_did_not_happen(store: Store) -> None:
    with pytest.raises(TypeError):
        await store.swap_breaker(a_breaker(), UNWRITABLE)

    assert None is await store.breaker("polly")


# ---------------------------------------------------------------------------------------------------- money


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


# ---------------------------------------------------------------------------------------------------- calls


async def test_calls_come_newest_first_and_of_one_moment_the_last_stored_first(store: Store) -> None:
    for which, late in (("a", 1), ("c", 0), ("b", 0), ("d", 2)):
        await store.note_call(a_call(which, at=NOW + late * SECOND), ())

    assert ["d", "a", "b", "c"] == [each.id for each in await store.chain_calls()]
    assert ["d", "a"] == [each.id for each in await store.chain_calls(limit=2)]


async def test_calls_are_found_by_chain_and_since_a_moment(store: Store) -> None:
    for n in range(6):
        chain = (VOICE, SCRIPT)[n % 2]
        await store.note_call(a_call(f"{n}", chain=chain, at=NOW + n * SECOND), ())

    assert ["4", "2", "0"] == [each.id for each in await store.chain_calls(chain=VOICE)]
    assert ["5", "4", "3"] == [each.id for each in await store.chain_calls(since=NOW + 3 * SECOND)]
    found = await store.chain_calls(chain=SCRIPT, since=NOW + 3 * SECOND, limit=1)
    assert ["5"] == [each.id for each in found]
    assert () == await store.chain_calls(chain="video_upload")


async def test_a_call_is_noted_and_told_once(store: Store) -> None:
    for cost in (1, 2):
        await store.note_call(a_call("1", cost=cost), (an_event(Kind.CHAIN_FELL_BACK),))

    assert (a_call("1", cost=1),) == await store.chain_calls()
    assert [Kind.CHAIN_FELL_BACK] == await told(store)


async def test_a_call_whose_event_cannot_be_written_was_not_noted(store: Store) -> None:
    with pytest.raises(TypeError):
        await store.note_call(a_call("1"), UNWRITABLE)

    assert () == await store.chain_calls()


async def test_usage_counts_calls_fallbacks_and_failures_by_chain_and_provider(store: Store) -> None:
    calls = [
        *[a_call("", provider="elevenlabs")] * 5,
        *[a_call("", degraded=True)] * 2,
        a_call(""),
        *[a_call("", outcome="failed", provider="")] * 3,
        a_call("", chain=SCRIPT, provider="template", degraded=True),
        a_call("", chain="video_upload", outcome="failed", provider=""),
    ]
    for n, call in enumerate(calls):
        await store.note_call(replace(call, id=f"{n}"), ())

    voice = Usage(11, fallbacks=2, failures=3, by_provider={"elevenlabs": 5, "polly": 3})
    script = Usage(1, fallbacks=1, by_provider={"template": 1})
    assert {VOICE: voice, SCRIPT: script, "video_upload": Usage(1, failures=1)} == await store.usage(NOW)


async def test_usage_leaves_out_drills_and_the_caller_s_own_faults(store: Store) -> None:
    for n, outcome in enumerate(("served", "failed", "caller")):
        await store.note_call(a_call(f"drill {n}", outcome=outcome, forced=True, degraded=True), ())
    await store.note_call(a_call("caller", outcome="caller"), ())

    assert {} == await store.usage(NOW)
    assert 4 == len(await store.chain_calls())


async def test_usage_begins_with_its_moment(store: Store) -> None:
    for late in range(-2, 2):
        await store.note_call(a_call(f"{late}", at=NOW + late * timedelta(microseconds=1)), ())

    assert {VOICE: Usage(2, by_provider={"polly": 2})} == await store.usage(NOW)
    assert {} == await store.usage(NOW + SECOND)


# ------------------------------------------------------------------------------------------ health and drills


async def test_the_health_of_a_service_is_swapped_like_a_breaker(store: Store) -> None:
    first = Vital("stripe", latencies=(80,))
    assert await store.swap_vital(first, (an_event(Kind.SERVICE_CHANGED),))
    assert not await store.swap_vital(replace(first, seen=3), (an_event(Kind.SERVICE_CHANGED),))
    assert not await store.swap_vital(replace(first, seen=3, version=2), ())
    assert await store.swap_vital(replace(first, seen=2, version=1), ())

    assert replace(first, seen=2, version=2) == await store.vital("stripe")
    assert [Kind.SERVICE_CHANGED] == await told(store)


async def test_a_service_that_was_never_seen_is_none_and_the_others_come_by_name(store: Store) -> None:
    for service in ("youtube", "Stripe", "openai"):
        await store.swap_vital(Vital(service), ())

    assert None is await store.vital("polly")
    assert ["Stripe", "openai", "youtube"] == [each.service for each in await store.vitals()]


async def test_a_health_whose_event_cannot_be_written_is_not_stored(store: Store) -> None:
    with pytest.raises(TypeError):
        await store.swap_vital(Vital("stripe"), UNWRITABLE)

    assert None is await store.vital("stripe")


async def test_the_newest_drill_of_each_chain_is_told_by_name(store: Store) -> None:
    before, after = a_drill(at=NOW - SECOND, passed=False), a_drill(by="anna")
    other = a_drill(SCRIPT, at=NOW - 9 * SECOND)
    for report in (after, before, other):
        await store.note_drill(report, (an_event(Kind.DRILL_DONE),))

    assert (other, after) == await store.drills()
    assert [Kind.DRILL_DONE] * 3 == await told(store)


async def test_of_two_drills_of_one_moment_the_one_stored_last_counts(store: Store) -> None:
    for by in ("anna", "bert"):
        await store.note_drill(a_drill(by=by), ())

    assert (a_drill(by="bert"),) == await store.drills()


# ------------------------------------------------------------------------------------------------ round trips

NAMES = st.text("abcdefgh_-.0123456789", min_size=1, max_size=12)
"""Names are of the configuration, so they hold no strange text."""

BREAKERS = built(
    Breaker,
    name=NAMES,
    phase=enum(Phase),
    tallies=some(st.builds(Tally, NUMBERS, NUMBERS, NUMBERS)),
    permits=some(built(Permit)),
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
    outcome=st.sampled_from(["served", "failed", "caller"]),
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
