"""One at a time, across all processes on one store: for what is looked at first and written down after."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from ytempire.domain.values import Unanswered
from ytempire.services.context import Context

_LEASE = timedelta(seconds=30)
"""Much longer than what is done alone takes: some questions to the store. After a crash others wait so long."""

_LOOK = 0.05


@asynccontextmanager
async def alone(context: Context, what: str) -> AsyncIterator[None]:
    """Waits until nobody else does `what`, and keeps others from it. Raises `Unanswered` when that takes too long."""
    store, clock = context.store, context.clock
    holder, began = clock.new_id("turn"), clock.monotonic()
    while not await store.take_lease(what, holder, clock.now(), clock.now() + _LEASE):
        if clock.monotonic() - began > 2 * _LEASE.total_seconds():
            raise Unanswered(f"another process has been {what} for long; try again when it is done")
        await clock.sleep(_LOOK)
    try:
        yield
    finally:
        await store.drop_lease(what, holder)
