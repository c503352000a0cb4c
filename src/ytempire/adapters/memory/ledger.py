"""The quota ledger in memory: `ports.Ledger` over the shared tables."""

from collections.abc import Sequence
from dataclasses import replace

from ytempire.adapters.memory import reservations
from ytempire.adapters.memory.tables import OnTables, Tables
from ytempire.domain.events import Event
from ytempire.domain.quota import LedgerLine, Price
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import ProjectId, PublicationId
from ytempire.ports import Closing


class MemoryLedger(OnTables):
    """The ledger, in a dict of lines."""

    async def charge(
        self, project: ProjectId, price: Price, day: QuotaDay, publication: PublicationId | None = None
    ) -> bool:
        return reservations.charge(self._tables, project, price, day=day, which=publication)

    async def refund(
        self, project: ProjectId, price: Price, day: QuotaDay, publication: PublicationId | None = None
    ) -> None:
        reservations.refund(self._tables, project, price, day=day, which=publication)

    async def ledger(self, day: QuotaDay) -> tuple[LedgerLine, ...]:
        names = sorted(
            (rules.id, bucket) for rules in self._tables.projects.values() for bucket in rules.limits
        )
        return tuple(filter(None, (self._tables.line(project, bucket, day) for project, bucket in names)))

    async def close_bucket(self, closing: Closing, events: Sequence[Event]) -> None:
        close(self._tables, closing)
        self._tables.record(events)


def close(tables: Tables, closing: Closing) -> None:
    """Closes a line, unless it is closed already: the first reason stays."""
    line = tables.line(closing.project, closing.bucket, closing.day)
    if line is not None and line.closed is None:
        tables.put_line(replace(line, closed=closing.why))
