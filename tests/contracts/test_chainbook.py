"""What the book of chains promises: versions are exact, calls are counted, drills are the newest."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import NOW, an_event
from tests.contracts.chains import (
    SCRIPT,
    SECOND,
    UNWRITABLE,
    VOICE,
    a_breaker,
    a_call,
    a_drill,
    told,
)
from ytempire.domain.chain import UNCOUNTED, Usage
from ytempire.domain.events import Kind
from ytempire.domain.vitals import Vital
from ytempire.ports import Store

CHANGED = (an_event(Kind.BREAKER_CHANGED, data={"provider": "polly"}),)


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


# -------------------------------------------------------------------------------------------------- calls


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


async def test_usage_leaves_out_drills_the_caller_s_own_faults_and_what_was_broken_off(store: Store) -> None:
    for n, outcome in enumerate(("served", "failed", "caller")):
        await store.note_call(a_call(f"drill {n}", outcome=outcome, forced=True, degraded=True), ())
    for outcome in UNCOUNTED:
        await store.note_call(a_call(outcome, outcome=outcome, degraded=True), ())

    assert {} == await store.usage(NOW)
    assert 5 == len(await store.chain_calls())


async def test_usage_begins_with_its_moment(store: Store) -> None:
    for late in range(-2, 2):
        await store.note_call(a_call(f"{late}", at=NOW + late * timedelta(microseconds=1)), ())

    assert {VOICE: Usage(2, by_provider={"polly": 2})} == await store.usage(NOW)
    assert {} == await store.usage(NOW + SECOND)


# ----------------------------------------------------------------------------------------- health and drills


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
