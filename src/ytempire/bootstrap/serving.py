"""The house that is served: one that acts, with the worker and the schedulers in it or beside it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ytempire.bootstrap.house import Acting, Working, acting, working
from ytempire.settings import Settings

if TYPE_CHECKING:
    from ytempire.services.context import Progress


class Part(StrEnum):
    """What one process may do."""

    API = "api"
    WORKER = "worker"
    SCHEDULER = "scheduler"


@dataclass(frozen=True, slots=True)
class Serving:
    """A house as the HTTP face sees it. `working` is None when the worker is elsewhere or nowhere."""

    settings: Settings
    parts: frozenset[Part]
    acting: Acting
    working: Working | None


@asynccontextmanager
async def serving(
    settings: Settings, parts: frozenset[Part], progress: "Progress | None" = None
) -> AsyncIterator[Serving]:
    """A house for these parts. Raises `HomeBusy` when it is to work and another process does already."""
    async with AsyncExitStack() as closers:
        if Part.WORKER in parts:
            house = await closers.enter_async_context(working(settings, progress))
            yield Serving(settings, parts, house.acting, house)
        else:
            alone = await closers.enter_async_context(acting(settings, progress, actor="serve"))
            yield Serving(settings, parts, alone, None)
