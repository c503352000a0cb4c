"""Dispatching passes, alone and together, and what becomes of them."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.adapters.engine.database import passes, text
from ytempire.adapters.engine import DbosEngine, EngineBusy
from ytempire.domain.values import PublicationId

Make = Callable[[], DbosEngine]
Until = Callable[[Callable[[], bool]], Awaitable[None]]

ONE = PublicationId("pub_1")
TWO = PublicationId("pub_2")


class Work:
    """Passes that note what they were asked to do and last until they are let go."""

    def __init__(self, *, held: bool = False) -> None:
        self.begun: list[PublicationId] = []
        self.ended: list[PublicationId] = []
        self.loops: set[asyncio.AbstractEventLoop] = set()
        self.let_go = asyncio.Event()
        if not held:
            self.let_go.set()

    async def __call__(self, which: PublicationId) -> None:
        self.begun.append(which)
        self.loops.add(asyncio.get_running_loop())
        await self.let_go.wait()
        self.ended.append(which)


async def test_a_dispatched_pass_runs_on_the_loop_that_started_the_engine(
    make_engine: Make, until: Until
) -> None:
    engine, work = make_engine(), Work()
    await engine.start(work)

    assert await engine.dispatch(ONE)
    await until(lambda: engine.active() == 0)

    assert [ONE] == work.ended
    assert {asyncio.get_running_loop()} == work.loops


async def test_a_publication_never_has_two_passes_at_once(make_engine: Make, until: Until) -> None:
    engine, work = make_engine(), Work(held=True)
    await engine.start(work)

    answers = await asyncio.gather(*(engine.dispatch(ONE) for _ in range(5)))
    await until(lambda: bool(work.begun))

    assert [False] * 4 + [True] == sorted(answers)
    assert not await engine.dispatch(ONE)
    assert [ONE] == work.begun
    assert 1 == engine.active()
    work.let_go.set()


async def test_a_publication_is_dispatched_again_when_its_pass_has_ended(
    make_engine: Make, until: Until
) -> None:
    engine, work = make_engine(), Work()
    await engine.start(work)

    for _ in range(3):
        assert await engine.dispatch(ONE)
        await until(lambda: engine.active() == 0)

    assert [ONE] * 3 == work.ended


async def test_twelve_run_at_once_and_the_thirteenth_waits(make_engine: Make, until: Until) -> None:
    engine, work = make_engine(), Work(held=True)
    await engine.start(work)
    all_of_them = [PublicationId(f"pub_{n}") for n in range(13)]

    for which in all_of_them:
        assert await engine.dispatch(which)
    await until(lambda: len(work.begun) == 12)

    assert 13 == engine.active()
    assert all_of_them[:12] == sorted(work.begun, key=all_of_them.index)
    work.let_go.set()
    await until(lambda: len(work.ended) == 13)


async def test_a_pass_may_dispatch_another(make_engine: Make, until: Until) -> None:
    engine, seen = make_engine(), list[PublicationId]()

    async def work(which: PublicationId) -> None:
        seen.append(which)
        if which == ONE:
            assert await engine.dispatch(TWO)

    await engine.start(work)
    await engine.dispatch(ONE)
    await until(lambda: len(seen) == 2 and engine.active() == 0)

    assert [ONE, TWO] == seen


async def test_a_pass_that_raises_is_logged_and_others_go_on(
    make_engine: Make, until: Until, file: Path
) -> None:
    engine, seen = make_engine(), list[PublicationId]()

    async def work(which: PublicationId) -> None:
        if which == ONE:
            raise ValueError("the secret is 1234")
        seen.append(which)

    await engine.start(work)
    with capture_logs() as logged:
        await engine.dispatch(ONE)
        await until(lambda: engine.active() == 0)
        await engine.dispatch(TWO)
        await until(lambda: engine.active() == 0)
        assert await engine.dispatch(ONE)
        await until(lambda: engine.active() == 0)
        await engine.stop()

    assert [TWO] == seen
    assert ["pass failed"] * 2 == [entry["event"] for entry in logged]
    assert {ONE} == {entry["publication"] for entry in logged}
    assert ["ERROR", "ERROR", "SUCCESS"] == sorted(status for _, status in passes(file))
    assert b"1234" not in text(file)


async def test_stopping_waits_for_what_runs_and_leaves_the_rest_for_the_next_start(
    make_engine: Make, until: Until, file: Path
) -> None:
    engine, work = make_engine(), Work(held=True)
    await engine.start(work)
    for n in range(15):
        await engine.dispatch(PublicationId(f"pub_{n}"))
    await until(lambda: len(work.begun) == 12)

    stopping = asyncio.create_task(engine.stop())
    await asyncio.sleep(0)

    assert not await engine.dispatch(PublicationId("pub_late"))
    assert not stopping.done()
    work.let_go.set()
    await stopping

    assert 12 == len(work.ended)
    assert 0 == engine.active()
    left = [which for which, status in passes(file) if status != "SUCCESS"]
    assert 3 == len(left)

    again, later = make_engine(), Work()
    await again.start(later)
    await until(lambda: len(later.ended) == 3)
    assert left == sorted(later.ended)


async def test_a_second_engine_in_the_same_process_works_after_the_first_has_stopped(
    make_engine: Make, until: Until
) -> None:
    first, second, work = make_engine(), make_engine(), Work()
    await first.start(work)
    with pytest.raises(EngineBusy):
        await second.start(work)
    await first.dispatch(ONE)
    await first.stop()

    await second.start(work)
    assert await second.dispatch(TWO)
    await until(lambda: TWO in work.ended)

    assert not await first.dispatch(ONE)


async def test_an_engine_that_cannot_open_its_file_leaves_room_for_one_that_can(
    make_engine: Make, file: Path
) -> None:
    engine = make_engine()
    file.mkdir()
    with pytest.raises(IsADirectoryError):
        await engine.start(Work())

    file.rmdir()
    await engine.start(Work())
    assert await engine.dispatch(ONE)


async def test_an_engine_leaves_nothing_behind_in_the_process(make_engine: Make, until: Until) -> None:
    import dbos  # the import itself is not what is measured

    assert dbos is not None
    path, environment, threads = list(sys.path), dict(os.environ), set(threading.enumerate())
    signals = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    engine, work = make_engine(), Work()

    await engine.start(work)
    await engine.dispatch(ONE)
    await until(lambda: engine.active() == 0)
    await engine.stop()

    assert path == sys.path
    assert environment == dict(os.environ)
    assert signals == {number: signal.getsignal(number) for number in signals}
    await until(lambda: threads >= set(threading.enumerate()))
