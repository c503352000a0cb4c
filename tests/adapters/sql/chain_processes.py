"""What child processes of the tests of chains do; a module of its own, so that a new process can import it."""

import asyncio
import os
from dataclasses import replace
from datetime import date
from typing import Any

from tests.builders import NOW
from ytempire.adapters.sql.store import SqlStore
from ytempire.domain.breaker import Breaker
from ytempire.ports import Spending

TODAY = date(2026, 11, 20)


def a_try(which: str, amount: int) -> Spending:
    """Money of one try of a chain that all processes share."""
    return Spending(which, "call", "voice_synthesis", "polly", TODAY, NOW, amount)


def hold_all(where: str, name: str, times: int, ceiling: int, gate: Any) -> int:
    """Holds one for each of many tries, from several tasks, and settles some; how much it holds or spent."""

    async def one(store: SqlStore, n: int) -> int:
        which = f"{name} {n}"
        if not await store.hold_money(a_try(which, 5), ceiling):
            return 0
        if n % 2:
            await store.settle_money(which, 5, certain=n % 3 == 0)
        return 5

    async def work() -> int:
        store = await SqlStore.open(where)
        await asyncio.to_thread(gate.wait)
        taken = await asyncio.gather(*(one(store, n) for n in range(times)))
        await store.close()
        return sum(taken)

    return asyncio.run(work())


def count_all(where: str, times: int, gate: Any) -> list[int]:
    """Counts with one breaker from several tasks; the versions that its own swaps made."""

    async def one(store: SqlStore) -> int:
        while True:
            there = await store.breaker("polly") or Breaker("polly", NOW)
            if await store.swap_breaker(replace(there, failures=there.failures + 1), ()):
                return there.version + 1

    async def work() -> list[int]:
        store = await SqlStore.open(where)
        await asyncio.to_thread(gate.wait)
        made = await asyncio.gather(*(one(store) for _ in range(times)))
        await store.close()
        return made

    return asyncio.run(work())


def hold_and_die(where: str, amount: int) -> None:
    """Holds money and is gone at once, as a killed process is: nothing is settled, nothing is closed."""

    async def work() -> None:
        store = await SqlStore.open(where)
        assert await store.hold_money(a_try("lost", amount), amount)
        os._exit(9)

    asyncio.run(work())
