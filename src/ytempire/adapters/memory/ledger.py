"""The quota ledger in memory: `ports.Ledger` over the shared tables."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ytempire.adapters.memory import reservations
from ytempire.adapters.memory.tables import OnTables, Tables
from ytempire.domain.events import Event
from ytempire.domain.pace import Pace
from ytempire.domain.quota import Bucket, LedgerLine, Price
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.thresholds import with_drift
from ytempire.domain.values import AccountId, ProjectId, PublicationId
from ytempire.ports import Closing


class MemoryLedger(OnTables):
    """The ledger, in a dict of lines."""

    async def charge(
        self,
        project: ProjectId,
        price: Price,
        day: QuotaDay,
        publication: PublicationId | None = None,
        *,
        at: datetime,
        account: AccountId | None = None,
    ) -> bool:
        line = self._tables.line(project, price.bucket, day)
        return reservations.charge(self._tables, line, price, which=publication, account=account, at=at)

    async def refund(
        self,
        project: ProjectId,
        price: Price,
        day: QuotaDay,
        publication: PublicationId | None = None,
        *,
        account: AccountId | None = None,
    ) -> None:
        line = self._tables.line(project, price.bucket, day)
        reservations.refund(self._tables, line, price, which=publication, account=account)

    async def ledger(self, day: QuotaDay) -> tuple[LedgerLine, ...]:
        names = sorted(
            (rules.id, bucket) for rules in self._tables.projects.values() for bucket in rules.limits
        )
        return tuple(filter(None, (self._tables.line(project, bucket, day) for project, bucket in names)))

    async def ledger_since(self, day: QuotaDay) -> tuple[LedgerLine, ...]:
        touched = [each for each in self._tables.lines if each[2] >= day]
        lines = filter(None, (self._tables.line(*each) for each in touched))
        return tuple(sorted(lines, key=lambda line: (line.day, line.project, line.bucket)))

    async def paces(self, day: QuotaDay) -> dict[tuple[ProjectId, Bucket], Pace]:
        return {
            (project, bucket): pace
            for (project, bucket, on), pace in self._tables.paces.items()
            if on == day and self._tables.line(project, bucket, day) is not None
        }

    async def spent(self, day: QuotaDay) -> dict[AccountId, int]:
        return {
            account: units
            for (account, on), units in sorted(self._tables.spent.items())
            if on == day and units > 0
        }

    async def close_bucket(self, closing: Closing, events: Sequence[Event]) -> None:
        self._tables.record((*events, *close(self._tables, closing)))


def close(tables: Tables, closing: Closing) -> tuple[Event, ...]:
    """Closes a line, unless it is closed already: the first reason stays. Gives what is to be recorded of it."""
    line = tables.line(closing.project, closing.bucket, closing.day)
    if line is None or line.closed is not None:
        return ()
    tables.put_line(replace(line, closed=closing.why))
    return () if closing.event is None else (with_drift(closing.event, sent=line.sent, limit=line.limit),)
