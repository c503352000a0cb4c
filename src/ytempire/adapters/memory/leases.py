"""Leases in memory: `ports.Leases` over the shared tables."""

from datetime import datetime

from ytempire.adapters.memory.tables import OnTables


class MemoryLeases(OnTables):
    """Leases, in a dict of holder and end."""

    async def take_lease(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        held = self._tables.leases.get(name)
        if held is not None and held[0] != holder and held[1] > now:
            return False
        self._tables.leases[name] = (holder, until)
        return True

    async def drop_lease(self, name: str, holder: str) -> None:
        held = self._tables.leases.get(name)
        if held is not None and held[0] == holder:
            del self._tables.leases[name]
