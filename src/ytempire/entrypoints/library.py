"""The face for Python programs: the chains of an installation, for operations of the program's own.

The names that a program needs are here, whatever floor they live on.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from ytempire import settings
from ytempire.bootstrap.chain_house import chain_house
from ytempire.domain.chain import (
    Blame,
    Budget,
    CallerFault,
    ChainFailed,
    Charged,
    Link,
    Made,
    ProviderFault,
    Quality,
    Served,
)
from ytempire.services.chains import Chains, ProviderFailed

__all__ = [
    "Blame",
    "Budget",
    "CallerFault",
    "ChainFailed",
    "Chains",
    "Charged",
    "Link",
    "Made",
    "ProviderFailed",
    "ProviderFault",
    "Quality",
    "Served",
    "open_chains",
]


@asynccontextmanager
async def open_chains(config: Path | None = None, home: Path | None = None) -> AsyncIterator[Chains]:
    """The chains of an installation, found as the commands find it. Works without a configuration.

    Raises `ytempire.settings.BadSettings` with everything that is wrong with it.
    """
    async with chain_house(settings.load(config, home, needed=False), actor="program") as house:
        yield house.chains
