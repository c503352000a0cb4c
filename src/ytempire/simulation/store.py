"""The store in memory, which remembers when something comes due: a worker on virtual time sleeps till then."""

import heapq
from collections.abc import Sequence
from datetime import datetime

from ytempire.adapters.memory.store import MemoryStore
from ytempire.domain.events import Event
from ytempire.domain.publication import Publication
from ytempire.ports import Settlement, Submitted


class RingingStore(MemoryStore):
    """`ports.Store`; `next_moment` is when to look at the queue again if nothing else happens."""

    def __init__(self) -> None:
        super().__init__()
        self._moments: list[datetime] = []

    async def submit(
        self, publication: Publication, fingerprint: str, events: Sequence[Event], *, once: bool = False
    ) -> Submitted:
        """As the port says."""
        self._note(publication)
        return await super().submit(publication, fingerprint, events, once=once)

    async def settle(self, settlement: Settlement) -> Publication | None:
        """As the port says."""
        self._note(settlement.publication)
        return await super().settle(settlement)

    def next_moment(self, now: datetime) -> datetime | None:
        """The first moment after `now` at which something comes due; perhaps by then it no longer will."""
        while self._moments and self._moments[0] <= now:
            heapq.heappop(self._moments)
        return self._moments[0] if self._moments else None

    def _note(self, publication: Publication) -> None:
        for moment in (publication.due, publication.look_at):
            if moment is not None:
                heapq.heappush(self._moments, moment)
