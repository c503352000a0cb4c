"""The alerting of a worker: it reads with every round, and delivers beside, so that no target slows the work."""

import asyncio

import structlog

from ytempire.services.alerting import Alerting

_log = structlog.get_logger(__name__)
GRACE = 5.0
"""Seconds that deliveries have to end in when the worker stops; what is not sent then waits in the store."""


class AlertDuty:
    """Alerting in rounds. At most one task delivers at a time."""

    def __init__(self, alerting: Alerting, *, grace: float = GRACE) -> None:
        self._alerting = alerting
        self._grace = grace
        self._delivering: asyncio.Task[None] | None = None

    async def round(self) -> None:
        """Reads what is new, and sees to it that what is due is being delivered."""
        news = await self._alerting.follow()
        if news.due and (self._delivering is None or self._delivering.done()):
            self._delivering = asyncio.create_task(self._deliver())

    async def end(self) -> None:
        """A last round, and a little time for what it has to say."""
        await self.round()
        if self._delivering is None:
            return
        await asyncio.wait({self._delivering}, timeout=self._grace)
        self._delivering.cancel()
        await asyncio.gather(self._delivering, return_exceptions=True)

    async def _deliver(self) -> None:
        try:
            await self._alerting.deliver()
        except Exception:  # noqa: BLE001  the outermost loop of this task; what was not sent is due again
            _log.exception("alerts could not be delivered; it is tried again")
