"""Breakers under very many calls at once: of all that ask a half-open one, exactly its probes reach the service."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from tests.breaker_storm import ENDS, LATER, NAME, FarStore, Storm, Wave, storm, until
from ytempire.adapters.memory.store import MemoryStore
from ytempire.adapters.sql.store import SqlStore
from ytempire.domain.breaker import Phase, Refusal, Report, Result, Ticket
from ytempire.domain.breaker_rules import BreakerRules, Rules
from ytempire.domain.chain import Chain, ChainFailed, Link, Made, Quality
from ytempire.domain.events import Kind
from ytempire.services.breakers import Breakers
from ytempire.services.chains import Chains
from ytempire.services.vitality import Vitality


@pytest.mark.unmeasured
async def test_of_10_000_calls_at_once_three_reach_the_service_and_no_more_whatever_becomes_of_them() -> None:
    assert [] == await storm(FarStore(), calls=10_000, rounds=1)
    assert [] == await storm(FarStore(), calls=500, rounds=2 * len(ENDS))


@pytest.mark.unmeasured
async def test_of_200_calls_at_once_on_a_database_three_reach_the_service(tmp_path: Path) -> None:
    store = await SqlStore.open(tmp_path / "store.db")
    try:
        assert [] == await storm(store, calls=200, rounds=len(ENDS))
    finally:
        await store.close()


async def test_a_storm_is_told_as_few_changes_and_not_as_many() -> None:
    store = FarStore()
    found = Storm(store, 1_000)

    await found.round("well")

    told = [event.data["phase"] for _, event in await store.events() if event.kind is Kind.BREAKER_CHANGED]
    assert ["open", "half_open", "closed"] == told


async def test_a_breaker_that_is_open_is_open_for_whoever_opens_the_store_again(tmp_path: Path) -> None:
    where = tmp_path / "store.db"
    first = await SqlStore.open(where)
    found = Storm(first, 1)
    for _ in range(5):
        ticket = await found.breakers.admit(NAME)
        assert isinstance(ticket, Ticket)
        await found.breakers.report(NAME, ticket, Report(Result.FAILURE, "503"))
    await first.close()

    second = await SqlStore.open(where)
    try:
        again = Breakers(second, found.clock)
        refusal = await again.admit(NAME)
        found.clock.advance(LATER)
        probe = await again.admit(NAME)
    finally:
        await second.close()

    assert isinstance(refusal, Refusal)
    assert refusal.retry_after is not None
    assert timedelta(seconds=60) <= refusal.retry_after <= timedelta(seconds=66)
    assert isinstance(probe, Ticket)
    assert 1 == probe.number


async def test_late_results_of_a_storm_change_nothing_when_it_has_closed_again() -> None:
    store = MemoryStore()
    found = Storm(store, 10)
    before = await Wave(found.breakers).rise(50)
    await found.round("well")

    await before.end(*[Result.FAILURE] * 50)

    breaker = await store.breaker(NAME)
    assert breaker is not None
    assert (Phase.CLOSED, 0) == (breaker.phase, breaker.failures)


async def test_a_clock_that_was_set_back_is_written_down_once_and_then_runs() -> None:
    store = MemoryStore()
    found = Storm(store, 1)
    breakers = Breakers(store, found.clock, BreakerRules(Rules(threshold=1, jitter=0)))
    ticket = await breakers.admit(NAME)
    assert isinstance(ticket, Ticket)
    await breakers.report(NAME, ticket, Report(Result.FAILURE, "503"))
    found.clock.advance(timedelta(days=-1))

    assert isinstance(await breakers.admit(NAME), Refusal)
    written = await store.breaker(NAME)
    assert isinstance(await breakers.admit(NAME), Refusal)
    assert written is await store.breaker(NAME)
    found.clock.advance(timedelta(seconds=60))
    assert isinstance(await breakers.admit(NAME), Ticket)


async def test_calls_through_a_chain_that_are_broken_off_give_the_places_of_their_probes_back() -> None:
    store = FarStore()
    found = Storm(store, 10)
    await found.round("failed")
    found.clock.advance(LATER)
    chain = Chain("voice", (Link(NAME, Quality.BASIC, paid=False),))
    chains = Chains(store, found.clock, {"voice": chain}, found.breakers, Vitality(store, found.clock))
    at_work, forever = 0, asyncio.Event()

    async def operation(link: Link) -> Made[str]:
        nonlocal at_work
        at_work += 1
        await forever.wait()
        return Made("never")

    tasks: list[asyncio.Task[object]] = []

    async def wave() -> list[asyncio.Task[object]]:
        nonlocal at_work
        at_work = 0
        tasks[:] = [asyncio.create_task(chains.execute("voice", operation)) for _ in range(50)]
        await until(lambda: sum(task.done() for task in tasks) + at_work == 50)
        return [task for task in tasks if not task.done()]

    for _ in range(3):
        probes = await wave()
        assert 3 == at_work == len(probes)
        for task in probes:
            task.cancel()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert 3 == sum(isinstance(each, asyncio.CancelledError) for each in answers)
        assert 47 == sum(isinstance(each, ChainFailed) for each in answers)

    at_work = 0
    probes = await wave()
    with pytest.raises(ChainFailed, match=r"polly skipped: its breaker is half open"):
        await chains.execute("voice", operation)
    for task in probes:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
