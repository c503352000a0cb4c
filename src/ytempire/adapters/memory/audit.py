"""The trail of credential use in memory: `ports.Audit` over the shared tables. A link's number is its place."""

from ytempire.adapters.memory.tables import OnTables
from ytempire.domain.audit import Entry, Link, linked


class MemoryAudit(OnTables):
    """The trail, in a list."""

    async def audit(self, entry: Entry) -> None:
        number, before = await self.audit_head()
        self._tables.trail.append(linked(entry, number + 1, before))

    async def audit_trail(self, after: int = 0, limit: int = 1000) -> tuple[Link, ...]:
        return tuple(self._tables.trail[after : after + limit])

    async def audit_head(self) -> tuple[int, str]:
        trail = self._tables.trail
        return (trail[-1].number, trail[-1].hash) if trail else (0, "")
