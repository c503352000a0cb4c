"""What child processes of these tests do; a module of its own, so that a new process can import it.

They are forks of one process that has imported what they need and has run nothing, so that eight of them
begin at once and none has to wait for its imports.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from multiprocessing import get_context
from typing import Any

from tests.builders import MAIN, NOW, TODAY, submitted, uploading
from ytempire.adapters.sql.store import SqlStore
from ytempire.domain.audit import Entry, Use
from ytempire.domain.events import Event, Kind
from ytempire.domain.quota import Bucket, Cost, Price
from ytempire.domain.values import AccountId, PublicationId
from ytempire.ports import Consent

JOB = Cost({Bucket.UPLOADS: 1, Bucket.UNITS: 50})
FORKS = get_context("forkserver")
FORKS.set_forkserver_preload([__name__, "alembic.command", "sqlalchemy.ext.asyncio", "asyncpg"])


def at_once(work: Callable[..., Any], arguments: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Runs `work(*arguments, gate)` in a process for each set of arguments; gives what they answered."""
    gate, answers = FORKS.Barrier(len(arguments)), FORKS.Queue()
    children = [FORKS.Process(target=_child, args=(work, each, gate, answers)) for each in arguments]
    for child in children:
        child.start()
    found = [answers.get(timeout=50) for _ in children]
    for child in children:
        child.join()
    return found


def _child(work: Callable[..., Any], arguments: tuple[Any, ...], gate: Any, answers: Any) -> None:
    try:
        answers.put(work(*arguments, gate))
    except Exception as fault:
        answers.put(repr(fault))
        raise


def open_and_write(where: str, name: str, gate: Any) -> str:
    """Opens a store that is not there yet together with others, and writes a fact."""

    async def work() -> str:
        await asyncio.to_thread(gate.wait)
        store = await SqlStore.open(where)
        await store.put_fact(name, "written")
        await store.close()
        return "done"

    return asyncio.run(work())


def reserve_all(where: str, ids: Sequence[str], accounts: Sequence[str], gate: Any) -> int:
    """Asks for a reservation for each of these new publications at once; how many were granted."""

    async def work() -> int:
        store = await SqlStore.open(where)
        found = [await submitted(store, which) for which in ids]
        await asyncio.to_thread(gate.wait)
        answers = await asyncio.gather(
            *(
                store.reserve(uploading(each, account=AccountId(accounts[n % len(accounts)])), JOB, ())
                for n, each in enumerate(found)
            )
        )
        await store.close()
        return sum(answer is not None for answer in answers)

    return asyncio.run(work())


def charge_all(where: str, times: int, gate: Any) -> int:
    """Charges single units as overhead; how many were allowed."""

    async def work() -> int:
        store = await SqlStore.open(where)
        await asyncio.to_thread(gate.wait)
        price = Price(Bucket.UNITS, 1, overhead=True)
        answers = await asyncio.gather(*(store.charge(MAIN, price, TODAY, at=NOW) for _ in range(times)))
        await store.close()
        return sum(answers)

    return asyncio.run(work())


def cross_all(where: str, times: int, gate: Any) -> tuple[int, int]:
    """Charges work and reads of one unit in turn, several at once; how many were allowed, and refused."""

    async def work() -> tuple[int, int]:
        store = await SqlStore.open(where)
        await asyncio.to_thread(gate.wait)
        prices = (Price(Bucket.UNITS, 1), Price(Bucket.UNITS, 1, overhead=True))
        answers = await asyncio.gather(
            *(store.charge(MAIN, prices[n % 2], TODAY, at=NOW) for n in range(times))
        )
        await store.close()
        return sum(answers), len(answers) - sum(answers)

    return asyncio.run(work())


def record_many(where: str, which: str, times: int, gate: Any) -> int:
    """Records events one by one from several tasks at once; how many."""

    async def work() -> int:
        store = await SqlStore.open(where)
        await asyncio.to_thread(gate.wait)
        event = Event(Kind.STARTED, TODAY.starts, publication=PublicationId(which))
        await asyncio.gather(*(store.record([event]) for _ in range(times)))
        await store.close()
        return times

    return asyncio.run(work())


def take_leases(where: str, holder: str, names: int, gate: Any) -> list[str]:
    """Asks for each of many leases once, from several tasks; the names of those it got."""

    async def work() -> list[str]:
        store = await SqlStore.open(where)
        await asyncio.to_thread(gate.wait)
        wanted = [f"lease {n}" for n in range(names)]
        now = TODAY.starts
        answers = await asyncio.gather(
            *(store.take_lease(name, holder, now, now + timedelta(minutes=1)) for name in wanted)
        )
        await store.close()
        return [name for name, got in zip(wanted, answers, strict=True) if got]

    return asyncio.run(work())


def take_consents(where: str, states: Sequence[str], gate: Any) -> list[str]:
    """Comes back with each of these states; those whose consent it took."""

    async def work() -> list[str]:
        store = await SqlStore.open(where)
        await asyncio.to_thread(gate.wait)
        answers = await asyncio.gather(*(store.take_consent(state, NOW) for state in states))
        await store.close()
        return [answer.state_hash for answer in answers if isinstance(answer, Consent)]

    return asyncio.run(work())


def append_many(where: str, actor: str, times: int, gate: Any) -> int:
    """Appends entries to the trail from several tasks; how many."""

    async def work() -> int:
        store = await SqlStore.open(where)
        await asyncio.to_thread(gate.wait)
        entry = Entry(NOW, actor, Use.OPENED)
        await asyncio.gather(*(store.audit(entry) for _ in range(times)))
        await store.close()
        return times

    return asyncio.run(work())
