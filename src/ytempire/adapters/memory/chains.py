"""Chains in memory: `ports.Chainbook` over the shared tables."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from ytempire.adapters.memory.tables import OnTables, Spent
from ytempire.domain.breaker import Breaker
from ytempire.domain.chain import UNCOUNTED, ChainCall, Usage
from ytempire.domain.events import Event
from ytempire.domain.vitals import Vital
from ytempire.ports import DrillReport, Spending, SpendLine


class MemoryChains(OnTables):
    """Breakers, money, calls, health and drills in tables of their own; the sum of a day is added up each time."""

    async def breakers(self) -> tuple[Breaker, ...]:
        return tuple(each for _, each in sorted(self._tables.breakers.items()))

    async def breaker(self, name: str) -> Breaker | None:
        return self._tables.breakers.get(name)

    async def swap_breaker(self, breaker: Breaker, events: Sequence[Event]) -> bool:
        there = self._tables.breakers.get(breaker.name)
        if breaker.version != (there.version if there else 0):
            return False
        self._tables.record(events)
        self._tables.breakers[breaker.name] = replace(breaker, version=breaker.version + 1)
        return True

    async def hold_money(self, spending: Spending, ceiling: int | None) -> bool:
        taken = sum(
            each.amount
            for each in self._tables.spend.values()
            if (each.held.chain, each.held.day) == (spending.chain, spending.day)
        )
        if spending.id in self._tables.spend or (ceiling is not None and taken + spending.amount > ceiling):
            return False
        self._tables.spend[spending.id] = Spent(spending, spending.amount)
        return True

    async def settle_money(self, spending: str, amount: int, *, certain: bool) -> None:
        there = self._tables.spend.get(spending)
        if there is not None and not there.settled:
            self._tables.spend[spending] = Spent(there.held, amount, settled=True, certain=certain)

    async def spending(self, since: date) -> tuple[SpendLine, ...]:
        lines: dict[tuple[date, str, str], list[Spent]] = {}
        for each in self._tables.spend.values():
            if each.held.day >= since:
                key = (each.held.day, each.held.chain, each.held.provider)
                lines.setdefault(key, []).append(each)
        return tuple(_line(*key, tries) for key, tries in sorted(lines.items(), key=lambda line: line[0]))

    async def note_call(self, call: ChainCall, events: Sequence[Event]) -> None:
        if call.id not in self._tables.chain_calls:
            self._tables.record(events)
            self._tables.chain_calls[call.id] = call

    async def chain_calls(
        self, *, chain: str | None = None, since: datetime | None = None, limit: int = 100
    ) -> tuple[ChainCall, ...]:
        found = [
            each
            for each in reversed(self._tables.chain_calls.values())
            if chain in (None, each.chain) and (since is None or each.at >= since)
        ]
        return tuple(sorted(found, key=lambda each: each.at, reverse=True)[:limit])

    async def usage(self, since: datetime) -> dict[str, Usage]:
        by_chain: dict[str, list[ChainCall]] = {}
        for each in self._tables.chain_calls.values():
            if each.at >= since and not each.forced and each.outcome not in UNCOUNTED:
                by_chain.setdefault(each.chain, []).append(each)
        return {chain: _usage(calls) for chain, calls in by_chain.items()}

    async def vitals(self) -> tuple[Vital, ...]:
        return tuple(each for _, each in sorted(self._tables.vitals.items()))

    async def vital(self, service: str) -> Vital | None:
        return self._tables.vitals.get(service)

    async def swap_vital(self, vital: Vital, events: Sequence[Event]) -> bool:
        there = self._tables.vitals.get(vital.service)
        if vital.version != (there.version if there else 0):
            return False
        self._tables.record(events)
        self._tables.vitals[vital.service] = replace(vital, version=vital.version + 1)
        return True

    async def note_drill(self, report: DrillReport, events: Sequence[Event]) -> None:
        self._tables.record(events)
        there = self._tables.drills.get(report.chain)
        if there is None or report.at >= there.at:
            self._tables.drills[report.chain] = report

    async def drills(self) -> tuple[DrillReport, ...]:
        return tuple(each for _, each in sorted(self._tables.drills.items()))

    async def forget_calls(self, before: datetime, limit: int) -> int:
        calls = self._tables.chain_calls
        old = sorted((each for each in calls.values() if each.at < before), key=lambda each: each.at)[:limit]
        for each in old:
            del calls[each.id]
        return len(old)

    async def forget_drills(self, before: datetime, limit: int) -> int:
        return 0  # only the newest of each chain is here

    async def forget_spending(self, before: date, limit: int) -> int:
        tries = sorted(self._tables.spend.items(), key=lambda item: item[1].held.day)
        old = [name for name, each in tries if each.held.day < before][:limit]
        for name in old:
            del self._tables.spend[name]
        return len(old)


def _line(day: date, chain: str, provider: str, tries: Sequence[Spent]) -> SpendLine:
    total = sum(each.amount for each in tries)
    sure = sum(each.amount for each in tries if each.settled and each.certain)
    return SpendLine(day, chain, provider, len(tries), total, total - sure)


def _usage(calls: Sequence[ChainCall]) -> Usage:
    served: Iterable[ChainCall] = [each for each in calls if each.outcome != "failed"]
    return Usage(
        calls=len(calls),
        fallbacks=sum(each.degraded for each in served),
        failures=sum(each.outcome == "failed" for each in calls),
        by_provider=dict(Counter(each.provider for each in served)),
    )
