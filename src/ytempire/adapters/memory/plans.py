"""Plans in memory: `ports.Plans` over the shared tables."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from ytempire.adapters.memory.tables import OnTables
from ytempire.domain.events import Event
from ytempire.ports import StoredPlan


class MemoryPlans(OnTables):
    """Plans, in a dict."""

    async def save_plan(self, plan: StoredPlan, events: Sequence[Event]) -> None:
        kept = replace(plan, document=json.loads(json.dumps(dict(plan.document))))
        plans = self._tables.plans
        for each in [old for old in plans.values() if old.day == plan.day and _age(old) < _age(plan)]:
            del plans[each.id]
        plans.setdefault(plan.id, kept)
        self._tables.record(events)

    async def latest_plan(self, day: date) -> StoredPlan | None:
        of_day = [plan for plan in self._tables.plans.values() if plan.day == day]
        return max(of_day, key=_age, default=None)


def _age(plan: StoredPlan) -> tuple[datetime, str]:
    return plan.made_at, plan.id
