"""Several processes at one breaker: what one learns all know, and its probes are counted over all of them."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from tests.adapters.sql.breaker_processes import NAME, ask_all, fail_all
from tests.adapters.sql.processes import at_once
from tests.builders import NOW
from ytempire.adapters.sql.store import SqlStore
from ytempire.domain.breaker import Breaker, Phase


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store that is not there yet."""
    if request.param == "sqlite":
        return str(tmp_path / "store.db")
    return str(request.getfixturevalue("postgres_url"))


def the_breaker(where: str) -> Breaker | None:
    async def work() -> Breaker | None:
        store = await SqlStore.open(where)
        try:
            return await store.breaker(NAME)
        finally:
            await store.close()

    return asyncio.run(work())


def test_four_processes_give_three_probes_together(where: str) -> None:
    assert [5] == at_once(fail_all, [(where, 9, NOW)])

    passed = at_once(ask_all, [(where, 50, NOW + timedelta(minutes=5))] * 4)

    assert [1, 2, 3] == sorted(number for numbers in passed for number in numbers)


def test_what_one_process_learns_keeps_the_others_from_calling(where: str) -> None:
    at_once(fail_all, [(where, 5, NOW)])

    assert [0, 0] == at_once(fail_all, [(where, 20, NOW + timedelta(seconds=1))] * 2)


def test_failures_of_four_processes_open_one_breaker_once(where: str) -> None:
    made = at_once(fail_all, [(where, 20, NOW)] * 4)

    # Besides the five that open it, each other process may have had one call under way.
    assert 5 <= sum(made) <= 8
    breaker = the_breaker(where)
    assert breaker is not None
    assert (Phase.OPEN, 1, 2) == (breaker.phase, breaker.openings, breaker.generation)
