"""Everything that is measured, read at most once in five seconds, whoever asks and however often."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ytempire.domain import measures
from ytempire.domain import metrics as table
from ytempire.domain.metrics import Sample
from ytempire.domain.oauth import Slot
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.vitals import Manners
from ytempire.ports import Clock, Store
from ytempire.services.report import Reports
from ytempire.services.tallies import Lag, Sent, Tallies

FRESH = 5.0
"""Seconds for which what was read is told again."""

_PAGE = 1000
_PAGES = 20
"""So many pages of the log are read for one answer; what is behind them waits for the next."""


@dataclass(slots=True)
class _Kept:
    """What was read last, and how far the log was."""

    number: int = 0
    at: float = float("-inf")
    samples: tuple[Sample, ...] = ()


@dataclass(frozen=True, slots=True)
class Measuring:
    """Measures a house. `begin` before the first `read`."""

    reports: Reports
    store: Store
    clock: Clock
    sent: Sent
    lag: Lag
    manners_of: Callable[[str], Manners]
    worker_runs: Callable[[], bool]
    chains: tuple[str, ...]
    build: tuple[str, str]
    _tallies: Tallies = field(default_factory=Tallies)
    _kept: _Kept = field(default_factory=_Kept)
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def begin(self) -> None:
        """Counts from now on."""
        now = self.clock.now()
        self._kept.number = (await self.store.alert_news(now)).newest
        accounts = [each.id for each in await self.store.accounts(now)]
        self._tallies.begin(measures.from_nothing(accounts, self.chains))

    async def read(self) -> tuple[Sample, ...]:
        """Every value there is."""
        async with self._reading:
            started = self.clock.monotonic()
            if started - self._kept.at >= FRESH:
                samples = await self._read()
                took = Sample(table.READ_TOOK, self.clock.monotonic() - started)
                self._kept.samples, self._kept.at = (*samples, took), started
        return (*self._kept.samples, self.sent.sample(), self.lag.sample())

    async def _read(self) -> list[Sample]:
        store, now = self.store, self.clock.now()
        await self._follow()
        today, queue = QuotaDay.of(now), await store.queue(now)
        found = measures.of_publications(await store.counts(), queue.depth, queue.oldest, now)
        found += self._tallies.samples()
        found += measures.of_quota(await store.ledger(today), today.resets, now)
        for document in await self.reports.accounts():
            found += measures.of_account(document)
        found += await self._tokens(now)
        found += measures.of_alerts([each.level for each in await store.alerts()])
        found += await self._chains(now)
        found.append(Sample(table.WORKER, float(self.worker_runs())))
        found.append(Sample(table.READ_AT, now.timestamp()))
        return [*found, Sample(table.BUILD, 1, self.build)]

    async def _follow(self) -> None:
        """Counts what the log tells since last time."""
        for _ in range(_PAGES):
            page = await self.store.events(after=self._kept.number, limit=_PAGE)
            for number, event in page:
                self._tallies.note(event)
                self._kept.number = number
            if len(page) < _PAGE:
                return

    async def _tokens(self, now: datetime) -> list[Sample]:
        grants = {each.account: each for each in await self.store.grants() if each.slot is Slot.PRIMARY}
        found: list[Sample] = []
        for account in await self.store.accounts(now):
            grant = grants.get(account.id)
            expires = grant.expires_at if grant is not None else None
            usable = grant is not None and grant.unusable is None
            found += measures.of_token(account.id, expires, now, usable=usable)
        return found

    async def _chains(self, now: datetime) -> list[Sample]:
        store, found = self.store, list[Sample]()
        for breaker in await store.breakers():
            found += measures.of_breaker(breaker, now)
        for vital in await store.vitals():
            found += measures.of_service(vital, now, self.manners_of(vital.service))
        lines = await store.spending(now.astimezone(UTC).date())
        return found + [measures.of_spending(each.chain, each.provider, each.amount) for each in lines]
