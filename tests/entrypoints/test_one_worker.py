"""One worker for each PostgreSQL database, whatever homes there are."""

import asyncio
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.entrypoints.conftest import Install
from tests.entrypoints.program import PATIENCE, Installation, eventually, read_until, stopped
from tests.entrypoints.relay import relay_to
from tests.fixtures.postgres import PostgresServer
from ytempire.adapters.sql.worker_lock import KEY
from ytempire.bootstrap.seat import Seat, kept
from ytempire.domain.values import WorkerBusy
from ytempire.emulator import Emulator

CUT_OFF = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'ytempire worker %'"
)
Two = tuple[Installation, dict[str, str]]


@pytest.fixture
def two(install: Install, postgres_url: str) -> Two:
    """An installation on a server, and the variables of a second home with the same key."""
    made = install(1, more=f'\n[database]\nurl = "{postgres_url}"\n')
    shutil.copytree(made.home, made.folder / "second")
    return made, {"YTEMPIRE_HOME": str(made.folder / "second")}


def test_a_place_that_is_lost_while_the_house_is_built_ends_the_worker_too() -> None:
    seat, ended = Seat(lambda: False), list[str]()

    seat.displaced(WorkerBusy("another has it"))
    seat.at_loss(lambda: ended.append("halted"))

    assert ["halted"] == ended


class Unkept:
    """A lock whose keeper meets what nobody thought of."""

    async def take(self) -> None: ...

    def is_held(self) -> bool:
        return True

    async def keep(self, displaced: Callable[[WorkerBusy], None]) -> None:
        raise LookupError("nobody thought of it")

    async def leave(self) -> None: ...


async def test_a_place_that_nobody_looks_after_any_more_ends_the_worker_with_the_fault() -> None:
    ended = asyncio.Event()

    async with kept(Unkept()) as seat:
        seat.at_loss(ended.set)
        await asyncio.wait_for(ended.wait(), PATIENCE)
        assert not seat.held()

    assert ["nobody thought of it"] == [str(each) for each in seat.by]


def test_a_second_worker_on_one_database_is_refused_and_a_killed_one_leaves_its_place(two: Two) -> None:
    made, second = two
    with made.started("worker") as first:
        read_until(first, "working")

        refused = made.run("worker", variables=second)
        served = made.run("serve", "--port", 0, variables=second)
        first.send_signal(signal.SIGKILL)
        first.wait(PATIENCE)

    for each in (refused, served):
        (line,) = [said for said in each.lines() if said.startswith("ytempire: ")]
        assert (2, "") == (each.code, each.out)
        assert f"is already worked on by ytempire worker {first.pid} on " in line
        assert "stop it first" in line
    assert 0 == made.run("worker", "--until-idle", variables=second).code


def test_publish_with_wait_looks_on_while_a_worker_with_another_home_works(two: Two, films: Path) -> None:
    made, second = two
    with made.started("worker") as first:
        read_until(first, "working")
        done = made.run("publish", films / "film1.mp4", "--wait", "--json", variables=second)

    assert 0 == done.code, done.err
    assert ["published"] == [each["state"] for each in done.json()["publications"]]
    assert "a worker with another home works on this database; looking on" in done.err


def test_a_worker_that_loses_the_lock_for_a_moment_says_so_and_goes_on(
    two: Two, films: Path, postgres_url: str
) -> None:
    made, _ = two
    with made.started("worker") as worker:
        read_until(worker, "working")
        with psycopg.connect(postgres_url, autocommit=True) as other:
            other.execute(CUT_OFF)
        assert 0 == made.run("publish", films / "film1.mp4").code
        eventually(lambda: made.state()["counts"] == {"published": 1}, "the publication")
        ended = stopped(worker)

    assert 0 == ended.code
    assert "the connection with the lock of the worker is lost; nothing is begun without it" in ended.err
    assert "the lock of the worker is taken anew" in ended.err


def test_a_worker_whose_place_another_has_taken_ends_and_says_so(two: Two, postgres_url: str) -> None:
    made, second = two
    with made.started("worker") as first:
        read_until(first, "working")
        with psycopg.connect(postgres_url, autocommit=True) as other:
            other.execute(CUT_OFF)
            other.execute("SELECT pg_advisory_lock(%s)", (KEY,))
            _, err = first.communicate(timeout=PATIENCE)

    assert 2 == first.returncode
    assert "the connection with the lock of the worker is lost" in err
    assert "is already worked on by another worker" in err
    assert "Traceback" not in err
    assert 0 == made.run("worker", "--until-idle", variables=second).code


def test_no_key_is_forgotten_while_a_worker_with_another_home_may_have_it(two: Two) -> None:
    made, second = two
    shutil.rmtree(made.folder / "second" / "keys")
    with made.started("worker") as first:
        read_until(first, "working")
        refused = made.run("keys", "forget", "--yes", variables=second)

    assert (2, "") == (refused.code, refused.out)
    assert f"is already worked on by ytempire worker {first.pid} on " in refused.err
    assert not (made.folder / "second" / "keys").exists()
    assert 0 == made.run("worker", "--until-idle").code


def test_a_worker_whose_database_goes_away_says_what_to_do_and_goes_on_at_the_next_start(
    install: Install, films: Path, postgres_server: PostgresServer, postgres_url: str, google: Emulator
) -> None:
    made = install(1, more=f'\n[database]\nurl = "{postgres_url}"\n')
    assert 0 == made.run("publish", films / "large.mp4").code
    with relay_to(postgres_server.port) as wire:
        address = postgres_url.replace(f":{postgres_server.port}/", f":{wire.port}/")
        slow = {
            "YTEMPIRE_DATABASE__URL": address,
            "YTEMPIRE_GOOGLE__BANDWIDTH_BYTES_PER_SECOND": "4000000",
        }
        with made.started("worker", variables=slow) as worker:
            read_until(worker, "uploading")
            wire.cut()
            _, err = worker.communicate(timeout=PATIENCE)
        again = made.run("worker", "--until-idle", variables=slow)
    last = err.splitlines()[-1]
    assert (6, 6) == (worker.returncode, again.code)
    assert last.startswith("ytempire: PostgreSQL went away: ")
    assert "when it is back, run the command again: what was accepted is kept and goes on" in last
    assert "Traceback" not in err
    assert [] == [line for line in err.splitlines() if "exception" in line and "a library says" not in line]
    (line,) = again.lines()
    assert "PostgreSQL cannot be reached: " in line
    assert 0 == made.run("worker", "--until-idle").code
    assert {"published": 1} == made.state()["counts"]
    assert 1 == len(google.world.videos)
