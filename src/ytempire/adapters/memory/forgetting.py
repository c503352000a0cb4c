"""Forgetting in memory: `ports.Forgetting` over the shared tables."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from ytempire.adapters.memory.tables import OnTables
from ytempire.domain.events import Event
from ytempire.domain.lifecycle import FINAL
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.webhooks import LetterState


class MemoryForgetting(OnTables):
    """Takes rows out of the tables; the place of an event stays, for its number is that of nobody else."""

    async def forget_events(self, after: int, upto: int, before: datetime, limit: int) -> int:
        end = min(upto, len(self._tables.events) - 1)
        waiting = {
            each.event for each in self._tables.letters.values() if each.state is not LetterState.DELIVERED
        }
        gone = [
            number
            for number, event in self._tables.numbered(after)
            if number <= end and event.at < before and number not in waiting and self._is_over(event, before)
        ][:limit]
        for number in gone:
            self._tables.events[number - 1] = None
        self._tables.forgotten = max([self._tables.forgotten, *gone])
        return max(gone, default=0)

    async def events_forgotten(self) -> int:
        return self._tables.forgotten

    async def forget_alerts(self, before: datetime, limit: int) -> int:
        alerts, deliveries = self._tables.alerts, self._tables.deliveries
        told = {each.alert for each in deliveries.values() if each.due is not None}
        gone = {
            each.number
            for each in alerts.values()
            if each.resolved_at is not None and each.resolved_at < before and each.number not in told
        }
        some = sorted(gone - {max(alerts, default=0)})[:limit]
        for number in some:
            del alerts[number]
        for each in [each for each in deliveries.values() if each.alert in some]:
            del deliveries[each.number]
        return len(some)

    async def forget_mutes(self, before: datetime, limit: int) -> int:
        gone = [each for each in self._tables.mutes if each.until < before][:limit]
        self._tables.mutes = [each for each in self._tables.mutes if each not in gone]
        return len(gone)

    async def forget_letters(self, before: datetime, limit: int) -> int:
        letters = self._tables.letters
        dead = [each for each in letters.values() if each.state is LetterState.DEAD]
        old = [each.number for each in dead if each.ended_at is not None and each.ended_at < before]
        return _drop(letters, old, limit)

    async def forget_outcomes(self, before: datetime, limit: int) -> int:
        return self._tables.outcomes.forget(before, limit)

    async def forget_quota(self, day: QuotaDay, limit: int) -> int:
        it = self._tables
        lines = [_drop(rows, _of_days(rows, day), limit) for rows in (it.lines, it.told, it.paces)]
        days = [_drop(rows, _of_days(rows, day), limit) for rows in (it.spent, it.parts, it.uploads)]
        return max(*lines, *days)

    async def forget_plans(self, day: date, limit: int) -> int:
        plans = self._tables.plans
        return _drop(plans, [each.id for each in plans.values() if each.day < day], limit)

    async def forget_facts(self, prefix: str, below: str, limit: int) -> int:
        facts = self._tables.facts
        old = [each for each in facts if each.startswith(prefix) and each.removeprefix(prefix) < below]
        return _drop(facts, sorted(old), limit)

    def _is_over(self, event: Event, before: datetime) -> bool:
        """Is it about no publication, or about one that ended before?"""
        if event.publication is None:
            return True
        found = self._tables.publications.get(event.publication)
        return found is None or (found.state in FINAL and found.updated_at < before)


def _of_days(rows: dict[Any, Any], day: QuotaDay) -> list[Any]:
    """The keys, whose last part is a quota day, of the days before this one."""
    return sorted((key for key in rows if key[-1] < day), key=lambda key: key[-1])


def _drop(rows: dict[Any, Any], keys: Iterable[Any], limit: int) -> int:
    some = list(keys)[:limit]
    for each in some:
        del rows[each]
    return len(some)
