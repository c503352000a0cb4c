"""One worker for each database of a server, in this process and in others; what happens when the lock is lost."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest

from ytempire.adapters.sql.program import StoreError
from ytempire.adapters.sql.worker_lock import DatabaseBusy, DatabaseLock
from ytempire.domain.values import WorkerBusy

HOLDS = """
import asyncio, sys
from ytempire.adapters.sql.worker_lock import DatabaseLock

async def main():
    lock = DatabaseLock(sys.argv[1])
    await lock.take()
    print("held", flush=True)
    await asyncio.to_thread(sys.stdin.read)

asyncio.run(main())
"""
QUICK = 0.05
BACKENDS = (
    "FROM pg_stat_activity WHERE application_name LIKE 'ytempire worker %' AND datname = current_database()"
)


@pytest.fixture
async def lock(postgres_url: str) -> AsyncIterator[DatabaseLock]:
    made = DatabaseLock(postgres_url, pulse=QUICK)
    yield made
    await made.leave()


@contextmanager
def another_worker(url: str) -> Iterator[subprocess.Popen[str]]:
    """A process that has the lock, ended with the block."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as other:
        assert other.stdout is not None
        assert "held\n" == other.stdout.readline()
        yield other
        other.kill()


async def cut_off(url: str) -> int:
    """Ends the sessions of workers, as a restart of the server does; how many there were."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        found = await (await connection.execute(f"SELECT pg_terminate_backend(pid) {BACKENDS}")).fetchall()
        return len(found)


async def sessions(url: str) -> int:
    """How many sessions of workers there are."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        return len(await (await connection.execute(f"SELECT 1 {BACKENDS}")).fetchall())


async def until(question: Callable[[], bool]) -> None:
    """Waits until it is so; the answer comes when it is there, not after a time."""
    async with asyncio.timeout(30):
        while not question():  # noqa: ASYNC110  who changes it knows of nobody that waits
            await asyncio.sleep(QUICK / 5)


async def test_a_second_process_is_refused_and_told_who_works_until_that_one_is_killed(
    postgres_url: str, lock: DatabaseLock
) -> None:
    with another_worker(postgres_url) as other:
        with pytest.raises(
            DatabaseBusy, match=f"by ytempire worker {other.pid} on .*stop it first"
        ) as refused:
            await lock.take()
        assert refused.value.elsewhere
        assert not lock.is_held()
        other.send_signal(signal.SIGKILL)
        other.wait()

    await lock.take()
    assert lock.is_held()


async def test_given_back_it_is_for_the_next_and_each_database_has_its_own(
    postgres_url: str, lock: DatabaseLock, request: pytest.FixtureRequest
) -> None:
    server = request.getfixturevalue("postgres_server")
    neighbour = server.create_database()
    others = DatabaseLock(server.url(neighbour)), DatabaseLock(postgres_url)
    await lock.take()
    await others[0].take()
    await lock.leave()
    await others[1].take()

    assert [False, True, True] == [each.is_held() for each in (lock, *others)]
    for each in others:
        await each.leave()
    server.drop_database(neighbour)


async def test_a_lost_connection_is_known_and_the_lock_is_taken_anew(
    postgres_url: str, lock: DatabaseLock
) -> None:
    taken: list[WorkerBusy] = []
    await lock.take()
    keeping = asyncio.create_task(lock.keep(taken.append))

    assert 1 == await cut_off(postgres_url)
    await until(lambda: not lock.is_held())
    await until(lock.is_held)
    with pytest.raises(DatabaseBusy):
        await DatabaseLock(postgres_url).take()

    assert ([], False) == (taken, keeping.done())
    keeping.cancel()


async def test_where_another_worker_was_faster_the_place_is_left_to_it(
    postgres_url: str, lock: DatabaseLock
) -> None:
    taken: list[WorkerBusy] = []
    await lock.take()
    assert 1 == await cut_off(postgres_url)
    with another_worker(postgres_url) as other:
        await lock.keep(taken.append)

        assert f"ytempire worker {other.pid} on" in str(taken[0])
        assert not lock.is_held()


async def test_a_session_that_the_server_does_not_know_to_be_gone_is_no_other_worker(
    postgres_url: str,
) -> None:
    ghost, here = DatabaseLock(postgres_url), DatabaseLock(postgres_url, pulse=QUICK)
    taken: list[WorkerBusy] = []
    await ghost.take()
    keeping = asyncio.create_task(here.keep(taken.append))
    while await sessions(postgres_url) < 2:  # noqa: ASYNC110  the server knows of nobody that waits
        await asyncio.sleep(0)
    assert not here.is_held()

    await ghost.leave()

    await until(here.is_held)
    assert [] == taken
    keeping.cancel()
    await here.leave()


@pytest.mark.parametrize("url", ["postgresql://postgres@127.0.0.1:1/none", "postgresql://a:b@c:port:@/x"])
async def test_a_server_that_cannot_be_reached_is_told_as_that_without_a_password(url: str) -> None:
    with pytest.raises(StoreError) as refused:
        await DatabaseLock(url).take()

    assert "address" in str(refused.value)
    assert ":b@" not in str(refused.value)
