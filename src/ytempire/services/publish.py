"""One pass of work on one publication: from wherever it is at rest to wherever it comes to rest again.

A pass may be run twice, or die anywhere: it begins by reading the store and writes before and after each
thing it does. What is left to do later is a due time in the store, never a waiting task.
"""

from datetime import timedelta

from structlog.contextvars import bound_contextvars

from ytempire.domain.decision import KEY_GONE, Hold, Wait, in_time, out_of_time, poison
from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Publication, Reason, SessionState
from ytempire.domain.values import Mendable, PublicationId
from ytempire.services.context import Context
from ytempire.services.courier import Halted
from ytempire.services.extras import Extras
from ytempire.services.gate import Gate
from ytempire.services.gateway import Gateway
from ytempire.services.place import place
from ytempire.services.playlists import Playlists
from ytempire.services.reconcile import Reconciling
from ytempire.services.settle import settlement
from ytempire.services.source import reading_seconds
from ytempire.services.tokens import Tokens
from ytempire.services.upload import Uploading

_KEYLESS = timedelta(minutes=1)


class Publishing:
    """Passes of work on publications."""

    def __init__(
        self,
        context: Context,
        tokens: Tokens,
        gateway: Gateway,
        halted: Halted,
        gate: Gate | None = None,
    ) -> None:
        self._context = context
        self._gate = gate
        self._uploading = Uploading(context, tokens, gateway, halted)
        self._extras = Extras(context, gateway, Playlists(context, gateway))
        self._reconciling = Reconciling(context, gateway)

    async def advance(self, which: PublicationId) -> None:
        """Works on a publication if it is due; returns when it is at rest. What is logged meanwhile names it."""
        with bound_contextvars(publication=which):
            await self._advance(which)

    async def _advance(self, which: PublicationId) -> None:
        publication = await self._context.store.begin(which, self._context.clock.now())
        if publication is None:
            return
        hopeless, keyless = poison(publication), self._keyless(publication)
        if hopeless is not None and publication.state is State.PUBLISHED:
            await self._extras.give_up(publication, hopeless.reason)
        elif hopeless is not None:
            await self._settle(publication, hopeless)
        elif keyless is not None:
            await self._settle(publication, in_time(keyless, publication))
        elif publication.state in (State.PROCESSING, State.PUBLISHED):
            with bound_contextvars(account=publication.account):
                await self._extras.run(publication)
        elif publication.state is State.UPLOADING:
            await self._upload(publication)
        elif self._gate is None:
            await self._begin(publication)
        else:
            await self._begin_at(self._gate, publication)

    def _keyless(self, publication: Publication) -> Wait | None:
        """A wait for what is still to open an upload while nothing can be sealed: its address could not be kept, and
        each that is opened costs an insert.
        """
        if publication.state in (State.PROCESSING, State.PUBLISHED) or publication.live_session is not None:
            return None
        try:
            self._context.vault.writing_key  # noqa: B018  asked for whether it can be had
        except Mendable as gone:
            reason = Reason(KEY_GONE, str(gone), ("put the key back in its place",))
            return Wait(self._context.clock.now() + _KEYLESS, reason)
        return None

    async def _begin(self, publication: Publication) -> None:
        placed = await place(self._context, publication)
        if placed is not None:
            await self._upload(placed)

    async def _begin_at(self, gate: Gate, publication: Publication) -> None:
        """Nothing is begun, and no try used up, while YouTube does not work."""
        untimely = out_of_time(publication, self._context.clock.now())
        if untimely is not None:
            await self._settle(publication, untimely)
            return
        wait = await gate.enter(await reading_seconds(self._context.media, publication.request.video))
        if wait is not None:
            await self._settle(publication, in_time(wait, publication))
            return
        try:
            await self._begin(publication)
        finally:
            await gate.leave()

    async def _upload(self, publication: Publication) -> None:
        with bound_contextvars(account=publication.account):
            await self._converse(publication)

    async def _converse(self, publication: Publication) -> None:
        session = publication.session
        if session is not None and session.state is SessionState.FINISHING and session.asked:
            await self._reconciling.run(publication, session)
            return
        arrived = await self._uploading.run(publication)
        if arrived is not None and arrived.state is State.PROCESSING and arrived.due is not None:
            await self._extras.run(arrived)

    async def _settle(self, publication: Publication, decision: Hold | Wait) -> None:
        await self._context.store.settle(settlement(publication, decision, self._context.clock.now()))
