"""The escort of one piece: it watches for a cancel, and keeps the gate before the last block."""

from collections.abc import Callable

from ytempire.domain.faults import Fault
from ytempire.domain.files import FileIdentity
from ytempire.domain.publication import Publication
from ytempire.domain.quota import Method
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import Secret
from ytempire.domain.wire import Answer, Piece, Stopped
from ytempire.ports import Courier
from ytempire.services.context import Context
from ytempire.services.gateway import Gateway

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

    async def send(self, piece: Piece, token: Secret) -> Answer | Stopped:
        """Sends the piece."""
        which = self.publication.id

        def progress(offset: int) -> None:
            self._context.progress(which, offset, piece.total)

        courier = Courier(self._gate, self._stop, progress)
        return await self._context.google.send(piece, token, courier)

    async def differs(self) -> bool:
        """Is the file another one than when its bytes were proven?"""
        return await self._context.media.identity(self.publication.request.video.path) != self._source

    def _stop(self) -> bool:
        return self.cancelled or self._halted()

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
        same_day = QuotaDay.of(session.opened_at) == QuotaDay.of(self._context.clock.now())
        if same_day and not self._context.profiles[session.project].inserts_charged_twice:
            return True
        self.fault = await self._gateway.charge(account, Method.VIDEOS_INSERT, self.publication.id)
        return self.fault is None
