"""A house for calling chains, for commands and for programs."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from ytempire.adapters.system import MachineClock
from ytempire.bootstrap import rules
from ytempire.bootstrap.chains import Chained, chained
from ytempire.bootstrap.checklist import checklist
from ytempire.bootstrap.house import Reading, reading
from ytempire.services.report import Reports
from ytempire.settings import Settings


@asynccontextmanager
async def chain_house(
    settings: Settings, *, actor: str = "command", make: bool = True
) -> AsyncIterator[Chained]:
    """The chains of an installation, on its store. Raises `BadSettings` with everything that is wrong with them.

    They need no set-up, so the home may be new. Without `make` it has to be there: who names one may misspell it.
    """
    async with _chained_on(reading(settings, make=make), actor) as services:
        yield services


@asynccontextmanager
async def chain_view(settings: Settings) -> AsyncIterator[Chained]:
    """The chains for looking at them: a home that is not there is not made, and shows what is configured, and that
    nothing was ever called.
    """
    bare = not settings.database.url and not settings.home.exists()
    async with _chained_on(_bare(settings) if bare else reading(settings), "command") as services:
        yield services


@asynccontextmanager
async def _chained_on(opening: AbstractAsyncContextManager[Reading], actor: str) -> AsyncIterator[Chained]:
    async with opening as house:
        upload = checklist(house.settings, house.store, house.clock, actor=actor).upload_links
        async with chained(house.settings, house.store, house.clock, upload, actor=actor) as services:
            yield services


@asynccontextmanager
async def _bare(settings: Settings) -> AsyncIterator[Reading]:
    """A house for looking that leaves nothing behind."""
    from ytempire.adapters.memory.store import MemoryStore

    store, clock = MemoryStore(), MachineClock()
    await store.configure(rules.project_rules(settings), rules.account_rules(settings), clock.now())
    yield Reading(settings, store, clock, Reports(store, clock, rules.profiles(settings)))
