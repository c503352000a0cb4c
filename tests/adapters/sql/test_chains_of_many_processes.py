"""Several processes on one book of chains: one ceiling, one breaker, and one that dies with money in hand."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from tests.adapters.sql.chain_processes import TODAY, a_try, count_all, hold_all, hold_and_die
from tests.adapters.sql.processes import FORKS, at_once
from ytempire.adapters.sql.store import SqlStore
from ytempire.ports import Store

T = TypeVar("T")


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store that is not there yet."""
    if request.param == "sqlite":
        return str(tmp_path / "store.db")
    return str(request.getfixturevalue("postgres_url"))


def asked(where: str, question: Callable[[Store], Awaitable[T]]) -> T:
    async def work() -> T:
        store = await SqlStore.open(where)
        try:
            return await question(store)
        finally:
            await store.close()

    return asyncio.run(work())


def test_four_processes_hold_exactly_what_the_ceiling_allows(where: str) -> None:
    ceiling = 500

    taken = at_once(hold_all, [(where, f"process {n}", 50, ceiling) for n in range(4)])

    assert ceiling == sum(taken)
    assert [ceiling] == [line.amount for line in asked(where, lambda store: store.spending(TODAY))]
    assert not asked(where, lambda store: store.hold_money(a_try("one more", 1), ceiling))


def test_processes_that_count_with_one_breaker_make_each_version_once(where: str) -> None:
    made = at_once(count_all, [(where, 16)] * 4)

    assert list(range(1, 65)) == sorted(version for versions in made for version in versions)
    breaker = asked(where, lambda store: store.breaker("polly"))
    assert breaker is not None
    assert (64, 64) == (breaker.failures, breaker.version)


def test_money_that_a_dead_process_held_counts_as_spent(where: str) -> None:
    child = FORKS.Process(target=hold_and_die, args=(where, 70))
    child.start()
    child.join(50)

    assert 9 == child.exitcode
    (line,) = asked(where, lambda store: store.spending(TODAY))
    assert (1, 70, 70) == (line.tries, line.amount, line.unsettled)
    assert not asked(where, lambda store: store.hold_money(a_try("next", 31), 100))
    assert asked(where, lambda store: store.hold_money(a_try("next", 30), 100))
