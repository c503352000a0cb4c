"""Breakers that workers share: one opens for all, a restart changes nothing, and probes are exactly three."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.builders import NOW
from tests.services.around import Around
from tests.services.desk import Desk
from tests.services.troupe import DOWN, GOLD, SILVER, TIN, Troupe
from ytempire.adapters.memory.vendor import Hang
from ytempire.adapters.sql.store import SqlStore
from ytempire.domain.breaker import Breaker, Phase, Refusal, Report, Result, Ticket
from ytempire.domain.breaker_rules import BreakerRules, Rules
from ytempire.domain.chain import Quote
from ytempire.domain.events import Kind
from ytempire.domain.faults import Level

GOOD = Report(Result.SUCCESS)


@pytest.fixture
def troupe() -> Troupe:
    return Troupe()


async def phases(troupe: Troupe) -> list[tuple[object, object]]:
    """The changes that were told."""
    return [(each.data["was"], each.data["phase"]) for each in await troupe.events(Kind.BREAKER_CHANGED)]


async def leave(troupe: Troupe, name: str = GOLD) -> Ticket:
    ticket = await troupe.breakers.admit(name)
    assert isinstance(ticket, Ticket)
    return ticket


async def test_a_breaker_that_was_never_seen_is_closed_and_asking_writes_nothing(troupe: Troupe) -> None:
    assert Ticket(1) == await troupe.breakers.admit(GOLD)
    assert () == await troupe.store.breakers()


async def test_the_fifth_failure_in_a_row_opens_it_and_is_told_once(troupe: Troupe) -> None:
    for _ in range(4):
        await troupe.breakers.report(GOLD, await leave(troupe), DOWN)
    assert [] == await phases(troupe)

    await troupe.breakers.report(GOLD, await leave(troupe), DOWN)

    (event,) = await troupe.events(Kind.BREAKER_CHANGED)
    assert (Level.WARNING, GOLD, "it is down") == (event.level, event.data["provider"], event.data["why"])
    assert [("closed", "open")] == await phases(troupe)
    refused = await troupe.breakers.admit(GOLD)
    assert Refusal("open after: it is down", timedelta(seconds=60)) == refused


async def test_two_workers_on_one_store_share_an_open_breaker_and_the_second_never_calls(
    troupe: Troupe,
) -> None:
    troupe.fails("busy", GOLD)
    second = replace(troupe.beside(), rows={})
    for _ in range(5):
        await troupe.call()

    told = await second.call()

    assert {GOLD: "skipped", SILVER: "served"} == told.steps
    assert (5, 0) == (troupe.asked(GOLD), second.asked(GOLD))


async def test_failures_are_counted_over_all_workers(troupe: Troupe) -> None:
    troupe.fails("busy", GOLD)
    for _ in range(5):
        await troupe.beside().call()

    assert Phase.OPEN is (await troupe.breaker(GOLD)).phase


async def test_a_restart_keeps_it_open_until_its_time(tmp_path: Path) -> None:
    troupe = Troupe()
    place = tmp_path / "store.db"
    store = await SqlStore.open(place)
    await troupe.beside(store).opened(GOLD)
    until = (await troupe.beside(store).breaker(GOLD)).until
    assert until is not None
    await store.close()

    store = await SqlStore.open(place)
    restarted = troupe.beside(store)
    restarted.clock.set(until - timedelta(seconds=1))
    assert {GOLD: "skipped", SILVER: "served"} == (await restarted.call()).steps
    restarted.clock.set(until)
    assert {GOLD: "served"} == (await restarted.call()).steps
    await store.close()


async def test_three_probes_pass_at_a_time_and_three_that_go_well_close_it(troupe: Troupe) -> None:
    await troupe.opened(GOLD)
    troupe.later(seconds=60)

    answers = await asyncio.gather(*(troupe.breakers.admit(GOLD) for _ in range(200)))
    tickets = [each for each in answers if isinstance(each, Ticket)]
    assert [1, 2, 3] == sorted(each.number for each in tickets)

    for ticket in tickets:
        await troupe.breakers.report(GOLD, ticket, GOOD)
    assert [("closed", "open"), ("open", "half_open"), ("half_open", "closed")] == await phases(troupe)


async def test_half_open_many_calls_at_once_reach_the_provider_three_times(troupe: Troupe) -> None:
    await troupe.opened(GOLD)
    troupe.later(seconds=60)
    gate = asyncio.Event()
    troupe.rows[GOLD].reached = gate

    told = await asyncio.gather(*(troupe.beside().call() for _ in range(100)))

    assert 3 == troupe.asked(GOLD)
    assert 3 == sum(each.steps[GOLD] == "served" for each in told)
    assert Phase.CLOSED is (await troupe.breaker(GOLD)).phase


async def test_a_result_of_an_older_time_changes_nothing(troupe: Troupe) -> None:
    late = await leave(troupe)
    await troupe.opened(GOLD)
    troupe.later(seconds=60)
    await leave(troupe)
    before = await troupe.breaker(GOLD)

    for report in (GOOD, DOWN, Report(Result.IGNORED)):
        await troupe.breakers.report(GOLD, late, report)

    assert before == await troupe.breaker(GOLD)


async def test_a_probe_that_fails_opens_it_for_longer(troupe: Troupe) -> None:
    await troupe.opened(GOLD)
    for seconds in (60, 120, 240, 480, 900, 900):
        opened = await troupe.breaker(GOLD)
        assert opened.until == troupe.clock.now() + timedelta(seconds=seconds)
        troupe.later(seconds=seconds)
        await troupe.breakers.report(GOLD, await leave(troupe), DOWN)


async def test_an_isolated_breaker_lets_nobody_pass_until_it_is_reset(troupe: Troupe) -> None:
    await troupe.breakers.isolate(GOLD, by="ana", why="the bill is wrong")
    troupe.later(days=400)

    told = await troupe.call()
    assert "its breaker is isolated by ana: the bill is wrong" == told.why(GOLD)

    await troupe.breakers.reset(GOLD, by="ana")
    assert {GOLD: "served"} == (await troupe.call()).steps
    assert [("closed", "isolated"), ("isolated", "closed")] == await phases(troupe)


async def test_a_second_isolation_changes_nothing_and_the_first_reason_stays(troupe: Troupe) -> None:
    first = await troupe.breakers.isolate(GOLD, by="ana", why="the bill is wrong")
    troupe.later(hours=1)

    second = await troupe.breakers.isolate(GOLD, by="bea", why="no idea")

    assert ("ana", "the bill is wrong", first.since) == (second.by, second.why, second.since)
    assert [("closed", "isolated")] == await phases(troupe)


async def test_a_breaker_closes_when_its_provider_is_taken_out_of_the_configuration(troupe: Troupe) -> None:
    for name in (GOLD, SILVER):
        await troupe.opened(name)
    before = len(await troupe.events())

    for _ in range(2):
        await troupe.breakers.retire([SILVER])

    assert before + 1 == len(await troupe.events())
    assert (Phase.CLOSED, "configuration") == ((it := await troupe.breaker(GOLD)).phase, it.by)
    assert Phase.OPEN is (await troupe.breaker(SILVER)).phase


async def test_what_a_person_ordered_holds_when_the_provider_comes_back(troupe: Troupe) -> None:
    await troupe.breakers.isolate(TIN, by="ana", why="the bill is wrong")
    await troupe.breakers.disable(GOLD, by="ana", why="it counts wrongly")

    await troupe.breakers.retire([])

    refused = await troupe.breakers.admit(TIN)
    assert Refusal("isolated by ana: the bill is wrong") == refused
    assert Phase.DISABLED is (await troupe.breaker(GOLD)).phase


async def test_what_a_person_says_is_kept_as_letters_and_no_longer_than_needed(troupe: Troupe) -> None:
    await troupe.breakers.isolate(TIN, by="ana", why="caf\udce9 " * 100)
    await troupe.breakers.disable(GOLD, by="ana", why="caf\udce9 " * 100)

    assert "caf? " * 60 == (await troupe.breaker(TIN)).why == (await troupe.breaker(GOLD)).why


async def test_a_call_under_way_does_not_undo_an_isolation(troupe: Troupe) -> None:
    ticket = await leave(troupe)
    await troupe.breakers.isolate(GOLD, by="ana", why="the bill is wrong")

    await troupe.breakers.report(GOLD, ticket, GOOD)

    assert Phase.ISOLATED is (await troupe.breaker(GOLD)).phase


async def test_words_from_outside_are_cut_and_made_storable(troupe: Troupe) -> None:
    await troupe.breakers.report(
        GOLD, await leave(troupe), Report(Result.FAILURE, "\ud800" + "x" * 1000, NOW + timedelta(hours=1))
    )
    opened = await troupe.breaker(GOLD)
    isolated = await troupe.breakers.isolate(TIN, by="ana", why="\ud800" + "x" * 1000)

    for why in (opened.why, isolated.why):
        assert 300 == len(why)
        why.encode()


async def test_one_alert_for_an_opening_and_none_when_it_closed(troupe: Troupe) -> None:
    desk = Desk(clock=troupe.clock, store=troupe.store)
    await troupe.opened(GOLD)
    await desk.round()
    assert ["breaker:gold"] == [each.key for each in await desk.open()]

    troupe.later(seconds=60)
    for _ in range(3):
        await troupe.breakers.report(GOLD, await leave(troupe), GOOD)
    await desk.round()

    assert [] == await desk.open()


class Crowd(Around):
    """A store in which somebody else is faster, so many times."""

    def __init__(self, port: Any, times: int) -> None:
        super().__init__(port)
        self.times = times

    async def swap_breaker(self, breaker: Breaker, events: Any) -> bool:
        if self.times:
            self.times -= 1
            seen = await self.port.breaker(breaker.name) or Breaker(breaker.name, NOW)
            await self.port.swap_breaker(replace(seen, failures=seen.failures + 1), ())
        return bool(await self.port.swap_breaker(breaker, events))


async def test_a_change_that_somebody_else_was_faster_with_is_made_on_top_of_theirs(troupe: Troupe) -> None:
    ticket = await leave(troupe)

    await troupe.beside(Crowd(troupe.store, 3)).breakers.report(GOLD, ticket, DOWN)

    assert 4 == (await troupe.breaker(GOLD)).failures


async def test_many_failures_at_once_are_all_counted() -> None:
    troupe = Troupe(rules=BreakerRules(Rules(threshold=10**6, minimum_calls=10**6)))
    ticket = await leave(troupe)

    await asyncio.gather(*(troupe.beside().breakers.report(GOLD, ticket, DOWN) for _ in range(300)))

    assert 300 == (await troupe.breaker(GOLD)).failures


async def test_each_provider_may_have_rules_of_its_own() -> None:
    troupe = Troupe(rules=BreakerRules(own={GOLD: Rules(threshold=1)}))
    for name in (GOLD, SILVER):
        await troupe.breakers.report(name, await leave(troupe, name), DOWN)

    assert [Phase.OPEN, Phase.CLOSED] == [(await troupe.breaker(name)).phase for name in (GOLD, SILVER)]


async def test_calls_that_asked_for_no_leave_count_while_it_is_closed_and_only_then(troupe: Troupe) -> None:
    for _ in range(5):
        await troupe.breakers.pulse(GOLD, DOWN)
    opened = await troupe.breaker(GOLD)
    assert Phase.OPEN is opened.phase

    await troupe.breakers.pulse(GOLD, GOOD)

    assert opened == await troupe.breaker(GOLD)


async def test_a_call_of_many_pieces_keeps_its_probe_s_place_until_its_last_one(troupe: Troupe) -> None:
    await troupe.opened(GOLD)
    troupe.later(minutes=2)
    troupe.rows[GOLD].always = Hang()
    call = asyncio.create_task(troupe.call(quotes={GOLD: Quote(500_000, requests=40)}))
    await troupe.rows[GOLD].reached.wait()

    troupe.later(seconds=40 * 60)

    assert [1, 2] == [(await leave(troupe)).number - 1 for _ in range(2)]
    assert isinstance(await troupe.breakers.admit(GOLD), Refusal)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
