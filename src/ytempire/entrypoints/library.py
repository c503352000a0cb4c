"""The face for Python programs: the chains of an installation, for operations of the program's own.

The names that a program needs are here, whatever floor they live on; docs/reference/library.md tells of them.
What a person can put right is raised as a `Mendable`, whose text says what happened, why and what to do:

* `BadSettings`: the configuration is wrong; it names every problem.
* `CallerFault`: a provider says that the request itself is wrong; it carries the trail.
* `ChainFailed` (an `Unanswered`): nobody served; it names each provider and why, and carries the trail.
* `Mendable` itself: there is no such chain or provider, or the store cannot be used.

What an operation raises by itself, but for `ProviderFailed`, a time-out and a broken connection, comes out as it is.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from ytempire import settings
from ytempire.bootstrap.chain_house import chain_house
from ytempire.domain.chain import (
    Attempt,
    Blame,
    Budget,
    CallerFault,
    ChainFailed,
    Charged,
    Link,
    Made,
    ProviderFault,
    Quality,
    Quote,
    Served,
)
from ytempire.domain.values import Mendable, Unanswered
from ytempire.services.chains import Chains, ProviderFailed
from ytempire.settings import BadSettings

__all__ = [
    "Attempt",
    "BadSettings",
    "Blame",
    "Budget",
    "CallerFault",
    "ChainFailed",
    "Chains",
    "Charged",
    "Link",
    "Made",
    "Mendable",
    "ProviderFailed",
    "ProviderFault",
    "Quality",
    "Quote",
    "Served",
    "Unanswered",
    "open_chains",
]


@asynccontextmanager
async def open_chains(config: Path | None = None, home: Path | None = None) -> AsyncIterator[Chains]:
    """The chains of an installation, found as the commands find it. Works without a configuration. What it
    gives says itself what a call raises.

    Raises `BadSettings` with everything that is wrong with the configuration or the home, and another `Mendable` when
    the store cannot be opened.
    """
    async with chain_house(settings.load(config, home, needed=False), actor="program") as house:
        yield house.chains
