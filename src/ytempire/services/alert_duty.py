"""The alerting of a worker: it reads with every round, and delivers beside, so that no target slows the work."""

import asyncio
from collections.abc import Sequence

import structlog

from ytempire.services.alerting import Alerting

_log = structlog.get_logger(__name__)
GRACE = 5.0
"""Seconds that deliveries have to end in when the worker stops; what is not sent then waits in the store."""


class AlertDuty:
    """Alerting in rounds. Each target has a task of its own, at most one at a time: none waits for another."""

    def __init__(self, alerting: Alerting, *, grace: float = GRACE) -> None:
        self._alerting = alerting
        self._grace = grace
        self._delivering: dict[str, asyncio.Task[None]] = {}

    async def round(self) -> None:
        """Reads what is new, and sees to it that what is due is being delivered."""
        news = await self._alerting.follow()
        self._delivering = {target: task for target, task in self._delivering.items() if not task.done()}
        for target, numbers in (await self._alerting.due()).items() if news.due else ():
            if target not in self._delivering:
                self._delivering[target] = asyncio.create_task(self._deliver(target, numbers))

    async def end(self) -> None:
        """A last round, and a little time for what it has to say."""
        await self.round()
        tasks = list(self._delivering.values())
        if not tasks:
            return
        await asyncio.wait(tasks, timeout=self._grace)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _deliver(self, target: str, numbers: Sequence[int]) -> None:
        try:
            await self._alerting.deliver_to(target, numbers)
        except Exception:  # noqa: BLE001  the outermost loop of this task; what was not sent is due again
            _log.exception("alerts could not be delivered; it is tried again")
