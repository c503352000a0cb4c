"""A house for calling chains, for commands and for programs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

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

    They need no set-up, so the home may be new. Without `make` one that is not there is not made: whoever only looks
    sees what is configured, and that nothing was ever called.
    """
    bare = not make and not settings.database.url and not settings.home.exists()
    async with _bare(settings) if bare else reading(settings, make=make) as house:
        upload = checklist(settings, house.store, house.clock, actor=actor).upload_links
        async with chained(settings, house.store, house.clock, upload, actor=actor) as services:
            yield services


@asynccontextmanager
async def _bare(settings: Settings) -> AsyncIterator[Reading]:
    """A house for looking that leaves nothing behind."""
    from ytempire.adapters.memory.store import MemoryStore

    store, clock = MemoryStore(), MachineClock()
    await store.configure(rules.project_rules(settings), rules.account_rules(settings), clock.now())
    yield Reading(settings, store, clock, Reports(store, clock, rules.profiles(settings)))
