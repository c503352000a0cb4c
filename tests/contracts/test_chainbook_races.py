"""What the book of chains promises when many ask at once: no version twice, no ceiling exceeded."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from tests.builders import NOW, an_event
from tests.contracts.chains import TODAY, VOICE, a_breaker, a_call, a_try, told
from ytempire.domain.breaker import Phase, Refusal, Ticket, admit
from ytempire.domain.breaker_rules import Rules
from ytempire.domain.events import Kind
from ytempire.domain.vitals import Vital
from ytempire.ports import Store


async def test_of_64_tasks_that_swap_one_version_one_succeeds(store: Store) -> None:
    for version in range(3):
        rivals = [a_breaker(version=version, failures=n) for n in range(64)]

        answers = await asyncio.gather(*(store.swap_breaker(each, (an_event(),)) for each in rivals))

        (winner,) = [rival for rival, won in zip(rivals, answers, strict=True) if won]
        assert replace(winner, version=version + 1) == await store.breaker("polly")
    assert 3 == len(await told(store))


async def test_64_tasks_that_count_with_one_breaker_lose_no_count(store: Store) -> None:
    async def count() -> None:
        while True:
            there = await store.breaker("polly") or a_breaker()
            if await store.swap_breaker(replace(there, failures=there.failures + 1), ()):
                return

    await asyncio.gather(*(count() for _ in range(64)))

    assert a_breaker(failures=64, version=64) == await store.breaker("polly")


async def test_64_tasks_at_an_open_breaker_are_given_exactly_three_probes(store: Store) -> None:
    rules, over = Rules(probes=3), NOW + timedelta(minutes=5)
    await store.swap_breaker(replace(a_breaker(), phase=Phase.OPEN, until=NOW + timedelta(minutes=1)), ())

    async def ask() -> bool:
        while True:
            there = await store.breaker("polly")
            assert there is not None
            after, answer = admit(there, rules, over)
            if isinstance(answer, Refusal):
                return False
            if await store.swap_breaker(after, ()):
                return isinstance(answer, Ticket)

    assert 3 == sum(await asyncio.gather(*(ask() for _ in range(64))))


async def test_the_health_of_a_service_is_swapped_by_one_of_many(store: Store) -> None:
    answers = await asyncio.gather(*(store.swap_vital(Vital("polly", seen=n), ()) for n in range(64)))

    assert [answers.index(True)] == [each.seen for each in await store.vitals()]
    assert 1 == sum(answers)


async def test_200_tasks_hold_exactly_what_the_ceiling_allows(store: Store) -> None:
    tries = [a_try(f"{n:03}", 7, provider=f"provider_{n % 3}") for n in range(200)]

    answers = await asyncio.gather(*(store.hold_money(each, 700) for each in tries))

    assert 100 == sum(answers)
    assert 700 == sum(line.amount for line in await store.spending(TODAY))
    assert not await store.hold_money(a_try("one more", 1), 700)


async def test_200_tasks_that_hold_and_settle_less_never_pass_the_ceiling(store: Store) -> None:
    highest = 0

    async def call(n: int) -> bool:
        nonlocal highest
        if not await store.hold_money(a_try(f"{n:03}", 10), 100):
            return False
        highest = max(highest, sum(line.amount for line in await store.spending(TODAY)))
        await store.settle_money(f"{n:03}", n % 10, certain=True)
        return True

    answers = await asyncio.gather(*(call(n) for n in range(200)))

    assert highest <= 100
    assert sum(n % 10 for n, held in enumerate(answers) if held) == sum(
        line.amount for line in await store.spending(TODAY)
    )


async def test_of_many_who_settle_one_try_the_first_counts(store: Store) -> None:
    await store.hold_money(a_try("1", 10), None)

    await asyncio.gather(*(store.settle_money("1", n, certain=True) for n in range(20, 60)))

    (line,) = await store.spending(TODAY)
    assert await store.hold_money(a_try("2", 0), line.amount)
    assert not await store.hold_money(a_try("3", 1), line.amount)
    assert 20 <= line.amount < 60


async def test_of_many_who_hold_with_one_id_one_does(store: Store) -> None:
    answers = await asyncio.gather(*(store.hold_money(a_try("1", 10), 1_000) for _ in range(40)))

    assert 1 == sum(answers)
    assert [10] == [line.amount for line in await store.spending(TODAY)]


async def test_a_call_that_many_note_is_told_once(store: Store) -> None:
    event = an_event(Kind.CHAIN_FAILED, data={"chain": VOICE})

    await asyncio.gather(*(store.note_call(a_call("1"), (event,)) for _ in range(20)))

    assert [Kind.CHAIN_FAILED] == await told(store)
    assert 1 == len(await store.chain_calls())
