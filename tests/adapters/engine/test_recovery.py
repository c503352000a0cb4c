"""What a crash leaves, what it must not leave, and how long it is kept."""

import asyncio
import base64
import binascii
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

from tests.adapters.engine.database import age, cells, passes
from ytempire.adapters.engine import DbosEngine
from ytempire.adapters.system import MachineClock
from ytempire.domain.values import PublicationId

Make = Callable[[], DbosEngine]
Until = Callable[[Callable[[], bool]], Awaitable[None]]

ONE = PublicationId("pub_1")

HANGS_IN_MID_PASS = """
import asyncio, sys
from pathlib import Path
from ytempire.adapters.engine import DbosEngine
from ytempire.adapters.system import MachineClock

async def work(which):
    if which == "pub_0":
        return
    print(which, flush=True)
    await asyncio.Event().wait()

async def main():
    engine = DbosEngine(Path(sys.argv[1]), concurrency=2, clock=MachineClock())
    await engine.start(work)
    for n in range(4):
        await engine.dispatch(f"pub_{n}")
    print("dispatched", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


ENDS_WITHOUT_STOPPING = """
import asyncio, sys
from pathlib import Path
from ytempire.adapters.engine import DbosEngine
from ytempire.adapters.system import MachineClock

async def work(which):
    begun.set()
    await asyncio.Event().wait()

async def main():
    global begun
    begun = asyncio.Event()
    engine = DbosEngine(Path(sys.argv[1]), concurrency=1, clock=MachineClock())
    await engine.start(work)
    for n in range(2):
        await engine.dispatch(f"pub_{n}")
    await begun.wait()

asyncio.run(main())
"""


def kill_in_mid_pass(file: Path) -> None:
    """A process ends pub_0, is killed while pub_1 and pub_2 run and pub_3 waits."""
    with subprocess.Popen(
        [sys.executable, "-c", HANGS_IN_MID_PASS, str(file)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as child:
        assert child.stdout is not None
        said = sorted(child.stdout.readline().strip() for _ in range(3))
        child.send_signal(signal.SIGKILL)
        assert -signal.SIGKILL == child.wait()
    assert ["dispatched", "pub_1", "pub_2"] == said


async def test_passes_that_a_kill_cut_short_run_again_and_finished_ones_do_not(
    make_engine: Make, until: Until, file: Path
) -> None:
    kill_in_mid_pass(file)
    seen: list[PublicationId] = []
    let_go = asyncio.Event()

    async def work(which: PublicationId) -> None:
        seen.append(which)
        await let_go.wait()

    engine = make_engine()
    await engine.start(work)

    assert 3 == engine.active()
    assert not await engine.dispatch(ONE), "it is recovered already"
    await until(lambda: len(seen) == 3)
    let_go.set()
    await until(lambda: engine.active() == 0)
    await engine.stop()

    assert ["pub_1", "pub_2", "pub_3"] == sorted(seen)
    assert [(f"pub_{n}", "SUCCESS") for n in range(4)] == passes(file)


def test_a_process_that_forgets_to_stop_the_engine_ends_all_the_same_and_loses_nothing(file: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", ENDS_WITHOUT_STOPPING, str(file)],
        capture_output=True,
        check=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )

    assert "" == ended.stderr
    assert [("pub_0", "PENDING"), ("pub_1", "PENDING")] == passes(file)


async def test_a_pass_that_was_cancelled_from_inside_is_recovered_at_the_next_start(
    make_engine: Make, until: Until
) -> None:
    async def cancelled(which: PublicationId) -> None:
        raise asyncio.CancelledError

    first = make_engine()
    await first.start(cancelled)
    await first.dispatch(ONE)
    await until(lambda: first.active() == 0)
    await first.stop()
    seen: list[PublicationId] = []

    async def work(which: PublicationId) -> None:
        seen.append(which)

    await make_engine().start(work)
    await until(lambda: seen == [ONE])


async def test_two_unfinished_passes_of_one_publication_become_one(make_engine: Make, until: Until) -> None:
    async def cancelled(which: PublicationId) -> None:
        raise asyncio.CancelledError

    first = make_engine()
    await first.start(cancelled)
    for _ in range(2):
        await first.dispatch(ONE)
        await until(lambda: first.active() == 0)
    await first.stop()
    seen: list[PublicationId] = []

    async def work(which: PublicationId) -> None:
        seen.append(which)

    second = make_engine()
    await second.start(work)
    assert 1 == second.active()
    await until(lambda: seen == [ONE])


async def test_finished_passes_are_kept_for_a_week(make_engine: Make, until: Until, file: Path) -> None:
    async def work(which: PublicationId) -> None:
        if which == "pub_bad":
            raise ValueError(which)

    engine = make_engine()
    for name, days in (("pub_bad", 5), ("pub_old", 3), ("pub_new", 0)):
        await engine.start(work)
        await engine.dispatch(PublicationId(name))
        await until(lambda: engine.active() == 0)
        await engine.stop()
        age(file, days)
    await engine.start(work)
    await engine.stop()

    assert ["pub_new", "pub_old"] == [which for which, _ in passes(file)]


async def test_nothing_in_the_file_is_pickled(make_engine: Make, until: Until, file: Path) -> None:
    async def work(which: PublicationId) -> None:
        if which == ONE:
            raise ValueError(which)

    engine = make_engine()
    await engine.start(work)
    for n in range(2):
        await engine.dispatch(PublicationId(f"pub_{n}"))
    await until(lambda: engine.active() == 0)
    await engine.stop()
    stored = list(cells(file))

    assert {"portable_json"} == {value for _, column, value in stored if column == "serialization"} - {None}
    assert [] == [cell for cell in stored if is_pickled(cell[2])]


def test_a_pickle_would_be_seen() -> None:
    assert is_pickled(base64.b64encode(pickle.dumps({"args": ("pub_1",)})).decode())
    assert not is_pickled('{"args":["pub_1"]}')


def is_pickled(value: object) -> bool:
    raw = value.encode() if isinstance(value, str) else value
    if not isinstance(raw, bytes):
        return False
    try:
        decoded = base64.b64decode(raw, validate=True)
    except binascii.Error:
        decoded = b""
    return any(text.startswith(b"\x80") and text.endswith(b".") for text in (raw, decoded))


class Later(MachineClock):
    """The machine's clock, and as much later as a test says."""

    def __init__(self) -> None:
        self.by = timedelta()

    def now(self) -> datetime:
        return super().now() + self.by


async def test_an_engine_that_is_never_stopped_forgets_old_passes_too(until: Until, file: Path) -> None:
    clock = Later()

    async def work(which: PublicationId) -> None:
        assert which

    engine = DbosEngine(file, concurrency=2, clock=clock)
    await engine.start(work)
    try:
        for hours, which in ((0, "pub_1"), (0, "pub_2"), (7 * 24 + 1, "pub_3")):
            clock.by = timedelta(hours=hours)
            await engine.dispatch(PublicationId(which))
            await until(lambda: engine.active() == 0)
            await until(lambda: "PENDING" not in {status for _, status in passes(file)})
    finally:
        await engine.stop()

    assert [("pub_3", "SUCCESS")] == passes(file)
