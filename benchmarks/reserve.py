"""Reservations of quota beside the bare statement that they cannot do without.

Five ways take turns, each on a new store with the same durability: the bare conditional update in a
transaction of its own, straight through the database's library; the same through our driver, in a commit of
its own and then sharing commits; the reservation (place, daily upload, quota and the row that remembers them,
all or nothing); and the whole `Store.reserve`, which writes the start of the publication and its event with
it. The bucket has room for all but the last twentieth of what is asked, and in every row the grants must be
exact. Ratios are taken within each round and their median is told, so that a busy machine bends them less.

On SQLite "straight" runs in the thread of the event loop and stops it for as long as the disk takes, which no
program that also answers people may do. "Driver alone" is the same statement asked for from the loop and run in
a thread; with one task, who has nobody to share a commit with, it is the most that any reservation could reach,
and the goal for one task is beside it. For more the goal is beside "straight".

    python -m benchmarks.reserve [--postgres postgresql://...] [--asks 500] [--rounds 7]
"""

import argparse
import asyncio
import json
import multiprocessing
import sqlite3
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks.databases import empty_database
from ytempire.adapters.sql.postgres import compiled
from ytempire.adapters.sql.program import Driver, Program, Statement
from ytempire.adapters.sql.reservations import claim_of, take
from ytempire.adapters.sql.sqlite import SqliteDriver, connect
from ytempire.adapters.sql.store import SqlStore, open_driver
from ytempire.domain.accounts import Condition, Kind
from ytempire.domain.events import Event
from ytempire.domain.events import Kind as EventKind
from ytempire.domain.files import FileIdentity, StoredFile
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Metadata, Publication, Request
from ytempire.domain.quota import Bucket, Cost, Price
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import AccountId, ProjectId, PublicationId
from ytempire.ports import AccountChange, AccountRules, ProjectRules

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
TODAY = QuotaDay.of(NOW)
PROJECT = ProjectId("bench")
ACCOUNTS = tuple(AccountId(f"account_{number:02}") for number in range(15))
COST = Cost({Bucket.UPLOADS: 1})
RESULT = Path(".cache/bench/reserve.json")
GOAL = 0.8
STRAIGHT, ALONE = PEERS = ("bare, straight", "bare, driver alone")
SETTINGS = {"1 task": (1, 1), "8 tasks": (1, 8), "64 tasks": (1, 64), "8 processes": (8, 8)}
"""By name: how many processes, and how many tasks in each."""

LINE: dict[str, str | int | None] = {"project": PROJECT, "day": str(TODAY), "bucket": "uploads", "units": 1}
BARE = """
UPDATE ledger SET reserved = reserved + :units
WHERE project = :project AND day = :day AND bucket = :bucket AND closed IS NULL
  AND used + reserved + :units <= ceiling AND used + overhead + reserved + :units <= hard_stop
"""
Ask = Callable[[Publication], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Run:
    """One way at one setting, once: asks per second, milliseconds per ask, and what was granted."""

    rate: float
    p50: float
    p99: float
    granted: int


# ------------------------------------------------------------------------------------------- the four ways


@asynccontextmanager
async def straight(where: str) -> AsyncIterator[Ask]:
    """The bare statement through the database's own library."""
    if where.startswith("postgresql"):
        sql, names = compiled(BARE)
        async with asyncpg.create_pool(where, min_size=10, max_size=10) as pool:
            yield lambda _publication: _remote(pool, sql, [LINE[name] for name in names])
        return
    connection = connect(Path(where))
    connection.execute("PRAGMA busy_timeout = 60000")
    try:
        yield lambda _publication: _inline(connection)
    finally:
        connection.close()


async def _remote(pool: "asyncpg.Pool[Any]", sql: str, values: Sequence[object]) -> object:
    return True if await pool.execute(sql, *values) == "UPDATE 1" else None


async def _inline(connection: sqlite3.Connection) -> object:
    connection.execute("BEGIN IMMEDIATE")
    changed = connection.execute(BARE, LINE).rowcount
    connection.execute("COMMIT")
    await asyncio.sleep(0)
    return changed or None


@asynccontextmanager
async def grouped(where: str) -> AsyncIterator[Ask]:
    """The bare statement as a program of its own through our driver."""
    async with _through(await open_driver(where), _bare) as ask:
        yield ask


@asynccontextmanager
async def alone(where: str) -> AsyncIterator[Ask]:
    """The same, each in a commit of its own; PostgreSQL does no other."""
    sqlite = SqliteDriver(Path(where), together=1)
    async with _through(await open_driver(where) if where.startswith("postgresql") else sqlite, _bare) as ask:
        yield ask


@asynccontextmanager
async def taking(where: str) -> AsyncIterator[Ask]:
    """What a reservation takes, without the publication's new state and its event."""
    async with _through(await open_driver(where), _taken) as ask:
        yield ask


@asynccontextmanager
async def _through(driver: Driver, program: Callable[[Publication], Program[object]]) -> AsyncIterator[Ask]:
    try:
        yield lambda publication: driver.write(lambda: program(publication))
    finally:
        await driver.close()


def _bare(_publication: Publication) -> Program[object]:
    changed = yield Statement(BARE, LINE)
    return changed or None


def _taken(publication: Publication) -> Program[object]:
    yield from take(claim_of(publication, COST, None, None))
    return True


@asynccontextmanager
async def ours(where: str) -> AsyncIterator[Ask]:
    """The whole reservation."""
    store = await SqlStore.open(where)

    def ask(publication: Publication) -> Awaitable[object]:
        started = Event(EventKind.STARTED, NOW, publication=publication.id, account=publication.account)
        return store.reserve(publication, COST, (started,))

    try:
        yield ask
    finally:
        await store.close()


WAYS = {
    STRAIGHT: straight,
    ALONE: alone,
    "bare, driver": grouped,
    "reservation": taking,
    "reserve, whole": ours,
}


# ----------------------------------------------------------------------------------------------- measuring


async def prepared(where: str, asks: int) -> tuple[list[Publication], int]:
    """Fills an empty store; gives publications that want a reservation, and how many have room."""
    limit = asks * 95 // 80
    store = await SqlStore.open(where)
    rules = [AccountRules(each, PROJECT, Kind.PRODUCTION, asks, asks) for each in ACCOUNTS]
    await store.configure([ProjectRules(PROJECT, "bench", {Bucket.UPLOADS: limit})], rules, NOW)
    for each in ACCOUNTS:
        await store.change_account(AccountChange(each, "bench", "bench", Condition.ACTIVE), NOW, ())
    file = StoredFile("video.mp4", "0" * 64, FileIdentity(1, 2, 3, 4, 5))
    request = Request(file, "video/mp4", Metadata("A title", "A line of the description.\n" * 20))
    new = [
        Publication(PublicationId(f"pub_{number:06}"), request, State.QUEUED, NOW, NOW, due=NOW)
        for number in range(asks)
    ]
    await asyncio.gather(*(store.submit(each, each.id, ()) for each in new))
    await store.charge(PROJECT, Price(Bucket.UPLOADS, 0), TODAY, at=NOW)
    (line,) = await store.ledger(TODAY)
    await store.close()
    wanted = [
        replace(each, state=State.UPLOADING, account=ACCOUNTS[number % 15], project=PROJECT, day=TODAY)
        for number, each in enumerate(new)
    ]
    return wanted, line.ceiling


async def asked(ask: Ask, wanted: Sequence[Publication], tasks: int) -> tuple[list[float], int]:
    """Asks for everything from so many tasks; seconds for each ask, and how many were granted."""
    seconds: list[float] = []
    granted = 0
    left = iter(wanted)

    async def work() -> None:
        nonlocal granted
        for publication in left:
            start = time.perf_counter()
            answer = await ask(publication)
            seconds.append(time.perf_counter() - start)
            granted += answer is not None

    await asyncio.gather(*(work() for _ in range(tasks)))
    return seconds, granted


async def read_by_a_worker(where: str, wanted: Sequence[Publication]) -> None:
    """Reads publications, as a worker does with each before it reserves: requests are then known to it."""
    store = await SqlStore.open(where)
    for publication in wanted:
        await store.publication(publication.id)
    await store.close()


def process(way: str, where: str, wanted: Sequence[Publication], tasks: int, gate: Any, answers: Any) -> None:
    """One process's share: opens, waits for the others, asks, reports."""

    async def work() -> tuple[list[float], int, float, float]:
        await read_by_a_worker(where, wanted)
        async with WAYS[way](where) as ask:
            await asyncio.to_thread(gate.wait)
            start = time.monotonic()
            seconds, granted = await asked(ask, wanted, tasks)
            return seconds, granted, start, time.monotonic()

    answers.put(asyncio.run(work()))


def run_once(way: str, where: str, asks: int, setting: tuple[int, int]) -> tuple[Run, int]:
    """One way once, on a new store at `where`; and how many grants are right."""
    wanted, room = asyncio.run(prepared(where, asks))
    processes, tasks = setting
    spawn = multiprocessing.get_context("spawn")
    gate, answers = spawn.Barrier(processes), spawn.Queue()
    children = [
        spawn.Process(target=process, args=(way, where, wanted[n::processes], tasks, gate, answers))
        for n in range(processes)
    ]
    for child in children:
        child.start()
    reports = [answers.get(timeout=120) for _ in children]
    for child in children:
        child.join()
    seconds = sorted(each for report in reports for each in report[0])
    wall = max(report[3] for report in reports) - min(report[2] for report in reports)
    granted = sum(report[1] for report in reports)
    quantiles = statistics.quantiles(seconds, n=100)
    return Run(asks / wall, quantiles[49] * 1000, quantiles[98] * 1000, granted), room


@contextmanager
def new_store(postgres: str | None) -> Iterator[str]:
    """The address of an empty store: a file on this disk, or a database on a server."""
    if postgres is None:
        with tempfile.TemporaryDirectory() as folder:
            yield str(Path(folder) / "store.db")
        return
    with empty_database(postgres, "bench_reserve") as address:
        yield address


def measured(asks: int, rounds: int, postgres: str | None) -> list[dict[str, Any]]:
    """Every setting: each way in turn, several rounds, medians."""
    rows = []
    for name, setting in SETTINGS.items():
        runs: dict[str, list[Run]] = {way: [] for way in WAYS}
        exact = True
        for _ in range(rounds):
            for way in WAYS:
                with new_store(postgres) as where:
                    run_of_it, room = run_once(way, where, asks, setting)
                runs[way].append(run_of_it)
                exact = exact and run_of_it.granted == room
        medians = {way: sorted(each, key=lambda it: it.rate)[rounds // 2] for way, each in runs.items()}
        rows.append(
            {
                "store": "sqlite" if postgres is None else "postgresql",
                "setting": name,
                "ways": {way: asdict(median) for way, median in medians.items()},
                "ratios": {
                    way: {peer: beside(each, runs[peer]) for peer in PEERS} for way, each in runs.items()
                },
                "exact": exact,
            }
        )
    return rows


def beside(ours: Sequence[Run], peers: Sequence[Run]) -> float:
    """Our rate beside a peer's: the median of the rounds."""
    return statistics.median(our.rate / peer.rate for our, peer in zip(ours, peers, strict=True))


def run(asks: int = 500, rounds: int = 7, postgres: str | None = None) -> dict[str, Any]:
    """Measures, writes the result down and gives it."""
    rows = measured(asks, rounds, None)
    if postgres is not None:
        rows += measured(asks, rounds, postgres)
    result = {"asks": asks, "rounds": rounds, "goal": GOAL, "rows": rows}
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    return result


def table(result: dict[str, Any]) -> Iterator[str]:
    """The result for a person."""
    yield f"{'':<24}{'':<20}{'':>8}{'':>9}{'':>9}{'beside bare,':>17}"
    titles = "".join(f"{peer.removeprefix('bare, '):>15}" for peer in PEERS)
    yield f"{'store':<11}{'setting':<13}{'way':<20}{'per s':>8}{'p50 ms':>9}{'p99 ms':>9}{titles}"
    for row in result["rows"]:
        for way, it in row["ways"].items():
            ratios = "".join(f"{row['ratios'][way][peer]:>14.2f}x" for peer in PEERS)
            yield (
                f"{row['store']:<11}{row['setting']:<13}{way:<20}"
                f"{it['rate']:>8.0f}{it['p50']:>9.2f}{it['p99']:>9.2f}{ratios}"
            )
        yield f"{'':<24}grants {'exact' if row['exact'] else 'WRONG'}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the command line and prints the table."""
    words = argparse.ArgumentParser(description="Reservations beside the bare statement.")
    words.add_argument("--asks", type=int, default=500)
    words.add_argument("--rounds", type=int, default=7)
    words.add_argument(
        "--postgres", metavar="URL", help="a server to measure too, as postgresql://user@host/db"
    )
    chosen = words.parse_args(arguments)
    for line in table(run(chosen.asks, chosen.rounds, chosen.postgres)):
        print(line)


if __name__ == "__main__":
    main()
