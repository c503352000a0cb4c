"""The escort of one piece: it watches for a cancel, and keeps the gate before the last block."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta

import structlog

from ytempire.domain.faults import Fault
from ytempire.domain.files import FileIdentity
from ytempire.domain.publication import Publication
from ytempire.domain.quota import Method
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import Secret
from ytempire.domain.wire import Answer, Piece, Stopped
from ytempire.ports import Courier
from ytempire.services.context import Context
from ytempire.services.gateway import MIDNIGHT, Gateway

_log = structlog.get_logger(__name__)

LAST_BLOCK = timedelta(minutes=10)
"""Longer than the last block can be under way before the transfer is given up as stalled."""

LOOK_SECONDS = 1.0
"""How often a running transfer looks whether it was cancelled."""

Halted = Callable[[], bool]
"""Is the house closing? Asked from sending threads."""


class Escort:
    """Accompanies one piece and remembers why it was stopped, and the publication as stored last.

    `source` is who the file was when its bytes were proven; `spoilt` tells that it is no longer.
    """

    def __init__(
        self,
        context: Context,
        gateway: Gateway,
        publication: Publication,
        source: FileIdentity,
        halted: Halted,
    ) -> None:
        self.publication = publication
        self.spoilt = False
        self.cancelled = False
        self.fault: Fault | None = None
        self._context = context
        self._gateway = gateway
        self._source = source
        self._halted = halted
        self._looked_at = context.clock.monotonic()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._look: Future[bool] | None = None

    async def send(self, piece: Piece, token: Secret) -> Answer | Stopped:
        """Sends the piece."""
        which = self.publication.id
        self._loop = asyncio.get_running_loop()

        def progress(offset: int) -> None:
            self._context.progress(which, offset, piece.total)

        courier = Courier(self._gate, self._stop, progress)
        try:
            return await self._context.google.send(replace(piece, source=self._source), token, courier)
        finally:
            await self._look_over()

    async def differs(self) -> bool:
        """Is the file another one than when its bytes were proven?"""
        return await self._context.media.identity(self.publication.request.video.path) != self._source

    def _stop(self) -> bool:
        """Asked often, from the sending thread: once a second it has the loop look for a cancel.

        One look at a time: a store that is slow to answer is not asked again meanwhile.
        """
        now = self._context.clock.monotonic()
        if self._loop is not None and self._seen() and now - self._looked_at >= LOOK_SECONDS:
            self._looked_at = now
            look = self._context.store.cancel_flagged(self.publication.id)
            self._look = asyncio.run_coroutine_threadsafe(look, self._loop)
        return self.cancelled or self._halted()

    def _seen(self) -> bool:
        """Takes in what the last look found; False while it is under way. One that failed is told: the next one,
        or the gate at the latest, will see what it did not.
        """
        look = self._look
        if look is None:
            return True
        if not look.done():
            return False
        self._look = None
        if look.cancelled():
            return True
        trouble = look.exception()
        if trouble is None:
            self.cancelled = self.cancelled or look.result()
        else:
            _log.warning("a look for a cancel failed; it is repeated", publication=self.publication.id,
                         error=type(trouble).__name__)  # fmt: skip
        return True

    async def _look_over(self) -> None:
        """No look outlives its piece, for the store may be closed after it."""
        if self._look is not None:
            await asyncio.gather(asyncio.wrap_future(self._look), return_exceptions=True)
            self._seen()

    async def _gate(self) -> bool:
        """The last moment to turn back: the file, the charge of a new day, a cancel, another writer."""
        if await self.differs():
            self.spoilt = True
            return False
        if not await self._paid():
            return False
        finishing = await self._context.store.finishing(self.publication)
        if finishing is None:
            self.cancelled = await self._context.store.cancel_flagged(self.publication.id)
            return False
        self.publication = finishing
        return True

    async def _paid(self) -> bool:
        """Nobody knows whether YouTube charges an insert at its start or its end, so one that ends on
        another quota day than it started is charged on both (facts 1.3).
        """
        session = self.publication.session
        account = self.publication.account
        if session is None or account is None:
            return False
        now = self._context.clock.now()
        started = (session.opened_at, session.opened_at + MIDNIGHT)
        days = {QuotaDay.of(now), QuotaDay.of(now + LAST_BLOCK)} - set(map(QuotaDay.of, started))
        if self._context.profiles[session.project].inserts_charged_twice:
            days.add(QuotaDay.of(now))
        for day in sorted(days):
            self.fault = await self._gateway.charge_on(
                day, account, Method.VIDEOS_INSERT, self.publication.id
            )
            if self.fault is not None:
                return False
        return True
