"""A house for calling chains, for commands and for programs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ytempire.bootstrap.chains import Chained, chained
from ytempire.bootstrap.checklist import checklist
from ytempire.bootstrap.house import reading
from ytempire.settings import Settings


@asynccontextmanager
async def chain_house(settings: Settings, *, actor: str = "command") -> AsyncIterator[Chained]:
    """The chains of an installation, on its store. Raises `BadSettings` with everything that is wrong with them."""
    async with reading(settings) as house:
        upload = checklist(settings, house.store, house.clock, actor=actor).upload_links
        async with chained(settings, house.store, house.clock, upload, actor=actor) as services:
            yield services
