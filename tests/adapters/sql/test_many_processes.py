"""Several processes on one store: starting at once, asking at once."""

import asyncio
from pathlib import Path

import pytest

from tests.adapters.sql.processes import (
    append_many,
    at_once,
    charge_all,
    cross_all,
    open_and_write,
    record_many,
    reserve_all,
    take_consents,
    take_leases,
)
from tests.builders import MAIN, NOW, TODAY, a_consent, a_project, line_of, rules, set_up
from ytempire.adapters.sql.store import SqlStore
from ytempire.domain.audit import first_break
from ytempire.domain.events import Kind
from ytempire.domain.quota import Bucket, Price
from ytempire.domain.values import AccountId

ACCOUNTS = [f"account_{n:02}" for n in range(8)]


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store that is not there yet."""
    if request.param == "sqlite":
        return str(tmp_path / "store.db")
    return str(request.getfixturevalue("postgres_url"))


def test_processes_that_open_a_new_store_at_once_all_succeed(where: str) -> None:
    names = ["one", "two", "three", "four"]

    assert ["done"] * 4 == at_once(open_and_write, [(where, name) for name in names])

    async def facts() -> list[str | None]:
        store = await SqlStore.open(where)
        found = [await store.fact(name) for name in names]
        await store.close()
        return found

    assert ["written"] * 4 == asyncio.run(facts())


def test_eight_processes_at_the_last_units_are_granted_exactly_what_fits(where: str) -> None:
    rooms = 21

    async def prepare() -> None:
        store = await SqlStore.open(where)
        accounts = [rules(AccountId(each), daily_uploads=100, concurrency=100) for each in ACCOUNTS]
        await set_up(store, *accounts, project=a_project())
        free = (await line_of(store, Bucket.UNITS)).free
        assert await store.charge(MAIN, Price(Bucket.UNITS, free - rooms * 50), TODAY, at=NOW)
        await store.close()

    asyncio.run(prepare())
    asks = [(where, [f"pub_{process}_{n}" for n in range(8)], ACCOUNTS) for process in range(8)]

    assert rooms == sum(at_once(reserve_all, asks))

    async def check() -> None:
        store = await SqlStore.open(where)
        units, uploads = await line_of(store, Bucket.UNITS), await line_of(store, Bucket.UPLOADS)
        in_flight = sum(each.in_flight for each in await store.accounts(TODAY.starts))
        await store.close()
        assert (rooms * 50, units.ceiling) == (units.reserved, units.used + units.reserved)
        assert (rooms, rooms) == (uploads.reserved, in_flight)

    asyncio.run(check())


def test_processes_that_touch_a_line_first_together_charge_exactly_up_to_the_hard_stop(where: str) -> None:
    async def prepare() -> None:
        store = await SqlStore.open(where)
        await set_up(store, project=a_project(units=100))
        await store.close()

    asyncio.run(prepare())

    assert 90 == sum(at_once(charge_all, [(where, 30)] * 4))


def test_eight_processes_over_the_lines_tell_each_once_and_charge_nothing_beyond_the_last(where: str) -> None:
    times, processes = (200 if "://" in where else 1_000), 8
    limit = times * processes

    async def prepare() -> None:
        store = await SqlStore.open(where)
        await set_up(store, project=a_project(units=limit))
        await store.close()

    asyncio.run(prepare())

    answers = at_once(cross_all, [(where, times)] * processes)

    assert (limit * 9 // 10, limit // 10) == tuple(map(sum, zip(*answers, strict=True)))

    async def told() -> list[tuple[object, object, str]]:
        store = await SqlStore.open(where)
        line = await line_of(store, Bucket.UNITS)
        found = [
            (event.data["percent"], event.data["used"], event.level.value)
            for _, event in await store.events()
            if event.kind is Kind.QUOTA_THRESHOLD
        ]
        await store.close()
        assert line.hard_stop == line.sent == line.total
        return found

    lines = ((70, "info"), (80, "warning"), (90, "critical"))
    assert [(each, limit * each // 100, level) for each, level in lines] == asyncio.run(told())


def test_a_reader_who_goes_by_number_misses_no_event(where: str) -> None:
    async def read_while_they_write() -> list[int]:
        store = await SqlStore.open(where)
        writing = asyncio.create_task(
            asyncio.to_thread(at_once, record_many, [(where, f"pub_{n}", 40) for n in range(3)])
        )
        seen: list[int] = []
        while True:
            ended = writing.done()
            found = await store.events(after=seen[-1] if seen else 0, limit=7)
            seen += [number for number, _ in found]
            if ended and not found:
                break
        await writing
        await store.close()
        return seen

    seen = asyncio.run(read_while_they_write())

    assert 120 == len(seen)
    assert sorted(set(seen)) == seen


def test_a_lease_is_held_by_one_process_and_a_consent_taken_by_one(where: str) -> None:
    states = [f"state {n}" for n in range(20)]

    async def prepare() -> None:
        store = await SqlStore.open(where)
        await set_up(store)
        for state in states:
            await store.add_consent(a_consent(state), ())
        await store.close()

    asyncio.run(prepare())

    leases = at_once(take_leases, [(where, f"process {n}", 20) for n in range(3)])
    consents = at_once(take_consents, [(where, states) for _ in range(3)])

    assert sorted(f"lease {n}" for n in range(20)) == sorted(name for got in leases for name in got)
    assert sorted(states) == sorted(state for got in consents for state in got)


def test_processes_that_write_the_trail_at_once_make_one_chain(where: str) -> None:
    assert [40] * 3 == at_once(append_many, [(where, f"process {n}", 40) for n in range(3)])

    async def check() -> None:
        store = await SqlStore.open(where)
        trail = await store.audit_trail()
        await store.close()
        assert list(range(1, 121)) == [link.number for link in trail]
        assert first_break(trail) is None

    asyncio.run(check())
