"""Chores: each at its own pace, on a grid of moments, and the trouble of one ends none."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import count

import pytest
from structlog.testing import capture_logs

from tests.breaker_storm import until
from ytempire.adapters.memory.clock import FakeClock
from ytempire.services.chores import Chore, Chores

MINUTE = timedelta(minutes=1)


class Book:
    """When each chore was done, in virtual seconds."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.done: dict[str, list[float]] = {}

    def write(self, name: str) -> None:
        self.done.setdefault(name, []).append(self.clock.monotonic())


async def worked(clock: FakeClock, end: float, *chores: Chore) -> None:
    """Runs chores until so many virtual seconds have passed."""

    async def call_it_a_day() -> None:
        running.cancel()

    evening = Chore("evening", timedelta(seconds=end), _from_the_second_time(call_it_a_day))
    running = asyncio.ensure_future(Chores(clock, (*chores, evening)).run())
    with pytest.raises(asyncio.CancelledError):
        await running


def _from_the_second_time(do: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    times = count()

    async def perhaps() -> None:
        if next(times):
            await do()

    return perhaps


def a_chore(book: Book, name: str, every: timedelta, takes: float = 0.0) -> Chore:
    async def do() -> None:
        book.write(name)
        if takes:
            await book.clock.sleep(takes)

    return Chore(name, every, do)


async def test_a_chore_is_done_at_once_and_then_at_its_pace() -> None:
    clock = FakeClock()
    book = Book(clock)

    await worked(clock, 600, a_chore(book, "renewal", 2 * MINUTE))

    assert [0, 120, 240, 360, 480] == book.done["renewal"][:5]


async def test_the_time_that_a_chore_takes_does_not_add_up() -> None:
    clock = FakeClock()
    book = Book(clock)

    await worked(clock, 600, a_chore(book, "slow", 2 * MINUTE, takes=50))

    assert [0, 120, 240, 360, 480] == book.done["slow"][:5]


async def test_a_chore_that_takes_longer_than_its_pace_is_done_one_at_a_time() -> None:
    clock = FakeClock()
    book = Book(clock)

    await worked(clock, 600, a_chore(book, "late", MINUTE, takes=150))

    assert [0, 150, 300, 450] == book.done["late"][:4]


async def test_no_chore_waits_for_another() -> None:
    clock = FakeClock()
    book = Book(clock)

    await worked(
        clock, 600, a_chore(book, "endless", MINUTE, takes=10_000), a_chore(book, "quick", 2 * MINUTE)
    )

    assert [0] == book.done["endless"]
    assert [0, 120, 240, 360, 480] == book.done["quick"][:5]


def failing(book: Book, times: int) -> Callable[[], Awaitable[object]]:
    async def do() -> None:
        book.write("failing")
        if len(book.done["failing"]) <= times:
            raise OSError("the disk is full")

    return do


async def test_trouble_is_told_each_time_and_the_chore_is_done_again() -> None:
    clock = FakeClock()
    book = Book(clock)

    with capture_logs() as logs:
        await worked(clock, 600, Chore("failing", MINUTE, failing(book, 3)), a_chore(book, "other", MINUTE))

    assert [0, 60, 120, 180, 240] == book.done["failing"][:5]
    assert book.done["failing"][:9] == book.done["other"][:9]
    assert [("error", "failing", 60.0)] * 3 == [
        (each["log_level"], each["chore"], each["seconds"]) for each in logs
    ]


async def test_no_chores_are_done_by_nobody() -> None:
    await Chores(FakeClock(), ()).run()


async def test_what_is_done_at_the_end_is_done_once_more_after_what_is_under_way() -> None:
    done, begun, go_on = list[str](), asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        done.append("begun")
        begun.set()
        await go_on.wait()
        done.append("ended")

    chores = Chores(FakeClock(), (Chore("slow", MINUTE, slow, at_the_end=True),))
    running = asyncio.ensure_future(chores.run())
    await begun.wait()
    ending = asyncio.ensure_future(chores.end())
    await asyncio.sleep(0)
    go_on.set()

    await ending

    running.cancel()
    await asyncio.wait({running})
    assert ["begun", "ended", "begun", "ended"] == done[:4]


async def test_nothing_is_waited_for_at_the_end_when_nothing_is_to_be_done_then() -> None:
    async def never() -> None:
        raise AssertionError

    await Chores(FakeClock(), (Chore("never", MINUTE, never),)).end()


async def test_a_whole_chore_is_busy_until_its_time_is_over_and_another_never_is() -> None:
    clock, go = FakeClock(), asyncio.Event()

    async def drill() -> None:
        await go.wait()

    async def nothing() -> None:
        await asyncio.sleep(0)

    chores = Chores(clock, (Chore("drill", 10 * MINUTE, drill, whole=True), Chore("other", MINUTE, nothing)))
    assert not chores.busy()
    running = chores.start()
    assert chores.busy()
    for _ in range(10):
        await asyncio.sleep(0)
        assert chores.busy()

    go.set()
    await until(lambda: not chores.busy())
    go.clear()
    await until(chores.busy)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert not chores.busy()
    assert 600 == clock.monotonic()


async def test_a_whole_chore_that_failed_keeps_nobody_waiting() -> None:
    async def broken() -> None:
        raise OSError("the store is gone")

    chores = Chores(FakeClock(), (Chore("drill", MINUTE, broken, whole=True),))
    running = chores.start()
    with capture_logs():
        await until(lambda: not chores.busy())
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
