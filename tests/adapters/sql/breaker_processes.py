"""What child processes of the tests of breakers do; a module of its own, so that a new process can import it."""

import asyncio
from datetime import datetime
from typing import Any

from ytempire.adapters.memory.clock import FakeClock
from ytempire.adapters.sql.store import SqlStore
from ytempire.domain.breaker import Report, Result, Ticket
from ytempire.services.breakers import Breakers

NAME = "polly"


def ask_all(where: str, times: int, now: datetime, gate: Any) -> list[int]:
    """Asks so many times at once, from as many tasks; the numbers of the probes that were let through."""

    async def work() -> list[int]:
        store = await SqlStore.open(where)
        breakers = Breakers(store, FakeClock(now))
        await asyncio.to_thread(gate.wait)
        answers = await asyncio.gather(*(breakers.admit(NAME) for _ in range(times)))
        await store.close()
        return [answer.number for answer in answers if isinstance(answer, Ticket)]

    return asyncio.run(work())


def fail_all(where: str, times: int, now: datetime, gate: Any) -> int:
    """Calls so many times, one after the other, and fails each time; how many calls were made."""

    async def work() -> int:
        store = await SqlStore.open(where)
        breakers = Breakers(store, FakeClock(now))
        await asyncio.to_thread(gate.wait)
        made = 0
        for _ in range(times):
            ticket = await breakers.admit(NAME)
            if isinstance(ticket, Ticket):
                made += 1
                await breakers.report(NAME, ticket, Report(Result.FAILURE, "503"))
        await store.close()
        return made

    return asyncio.run(work())
