"""Sealed grants in memory: `ports.Grants` over the shared tables."""

from collections.abc import Sequence

from ytempire.adapters.memory.tables import OnTables
from ytempire.domain.events import Event
from ytempire.domain.values import AccountId
from ytempire.ports import SealedGrant


class MemoryGrants(OnTables):
    """Grants, in a dict; the revision guards against two writers."""

    async def grant(self, account: AccountId) -> SealedGrant | None:
        return self._tables.grants.get(account)

    async def grants(self) -> tuple[SealedGrant, ...]:
        return tuple(grant for _, grant in sorted(self._tables.grants.items()))

    async def save_grant(self, grant: SealedGrant, seen: int | None, events: Sequence[Event]) -> bool:
        stored = self._tables.grants.get(grant.account)
        if (stored.revision if stored else None) != seen:
            return False
        self._tables.grants[grant.account] = grant
        self._tables.record(events)
        return True
