"""The ledger against a plain model of it: reserving, charging, releasing, closing, midnights in any order."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.builders import MAIN, NOW, a_project, account_of, rules, set_up, submitted, uploading
from ytempire.domain.publication import Publication
from ytempire.domain.quota import Bucket, Cost, LedgerLine, Price
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import PublicationId
from ytempire.ports import Closing, Settlement, Store

LIMITS = {Bucket.UNITS: 100, Bucket.UPLOADS: 20}
DAILY_UPLOADS = 6
CONCURRENCY = 4

Key = tuple[Bucket, QuotaDay]
T = TypeVar("T")


@dataclass
class Row:
    """A line as the model keeps it; `extra` is work that no reservation had paid for."""

    used: int = 0
    overhead: int = 0
    extra: int = 0
    closed: str | None = None


@dataclass
class Promise:
    """A live reservation as the model keeps it."""

    day: QuotaDay
    left: dict[Bucket, int]
    counted: bool = True


@dataclass
class Model:
    """What the ledger should say, written down as simply as can be."""

    rows: dict[Key, Row] = field(default_factory=dict)
    promises: dict[PublicationId, Promise] = field(default_factory=dict)
    uploads: dict[QuotaDay, int] = field(default_factory=dict)

    def row(self, bucket: Bucket, day: QuotaDay) -> Row:
        return self.rows.setdefault((bucket, day), Row())

    def reserved(self, bucket: Bucket, day: QuotaDay) -> int:
        return sum(each.left.get(bucket, 0) for each in self.promises.values() if each.day == day)

    def total(self, bucket: Bucket, day: QuotaDay) -> int:
        row = self.row(bucket, day)
        return row.used + row.overhead + self.reserved(bucket, day)

    def has_room(self, bucket: Bucket, day: QuotaDay, units: int) -> bool:
        row, limit = self.row(bucket, day), LIMITS[bucket]
        planned = row.used + self.reserved(bucket, day) + units
        below = 100 * planned <= 80 * limit and 100 * (self.total(bucket, day) + units) <= 90 * limit
        return row.closed is None and below


class LedgerMachine(RuleBasedStateMachine):
    """Does the same to a store and to the model, and compares."""

    publications = Bundle("publications")
    open_store: Callable[[], AbstractAsyncContextManager[Store]]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.context = self.open_store()
        self.store = self.run(self.context.__aenter__())
        self.model = Model()
        self.now = NOW
        self.values: dict[PublicationId, Publication] = {}
        self.run(
            set_up(
                self.store,
                rules(daily_uploads=DAILY_UPLOADS, concurrency=CONCURRENCY),
                project=a_project(units=LIMITS[Bucket.UNITS], uploads=LIMITS[Bucket.UPLOADS]),
            )
        )

    def teardown(self) -> None:
        self.run(self.context.__aexit__(None, None, None))
        self.runner.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @property
    def today(self) -> QuotaDay:
        return QuotaDay.of(self.now)

    @rule(target=publications)
    def submit(self) -> PublicationId:
        publication = self.run(submitted(self.store, f"pub_{len(self.values):03}"))
        self.values[publication.id] = publication
        return publication.id

    @rule(which=publications, units=st.integers(0, 45), uploads=st.integers(0, 2))
    def reserve(self, which: PublicationId, units: int, uploads: int) -> None:
        cost = Cost({Bucket.UNITS: units, Bucket.UPLOADS: uploads})
        wanted = uploading(self.values[which], day=self.today, updated_at=self.now)
        before = self.model.promises.pop(which, None)
        fits = all(self.model.has_room(bucket, self.today, cost.of(bucket)) for bucket in cost.units)
        uploaded = self.model.uploads.get(self.today, 0)
        expected = fits and uploaded < DAILY_UPLOADS and len(self.model.promises) < CONCURRENCY
        if expected:
            self.model.promises[which] = Promise(self.today, dict(cost.units))
            self.model.uploads[self.today] = uploaded + 1
        elif before is not None:
            self.model.promises[which] = before

        granted = self.run(self.store.reserve(wanted, cost, ()))

        assert expected == (granted is not None)
        self.values[which] = granted or self.values[which]

    @rule(
        which=publications | st.none(),
        price=st.builds(Price, st.sampled_from(list(LIMITS)), st.integers(1, 30), st.booleans()),
        days_ago=st.integers(0, 1),
    )
    def charge(self, which: PublicationId | None, price: Price, days_ago: int) -> None:
        day = QuotaDay.of(self.now - timedelta(days=days_ago))
        promise = self.model.promises.get(which) if which else None
        paid = 0
        if promise is not None and promise.day == day and not price.overhead:
            paid = min(promise.left.get(price.bucket, 0), price.units)
        row = self.model.row(price.bucket, day)
        rest = price.units - paid
        expected = row.closed is None and (
            100 * (self.model.total(price.bucket, day) + rest) <= 90 * LIMITS[price.bucket]
        )
        if expected and price.overhead:
            row.overhead += price.units
        elif expected:
            row.used += price.units
            row.extra += rest
            if promise is not None and paid:
                promise.left[price.bucket] -= paid

        assert expected == self.run(self.store.charge(MAIN, price, day, which, at=NOW))

    @rule(which=publications, uncount=st.booleans(), release=st.booleans())
    def settle(self, which: PublicationId, *, uncount: bool, release: bool) -> None:
        promise = self.model.promises.get(which)
        if promise is not None and uncount and promise.counted:
            promise.counted = False
            self.model.uploads[promise.day] -= 1
        if release:
            self.model.promises.pop(which, None)
        settlement = Settlement(self.values[which], uncount=uncount, release=release)

        settled = self.run(self.store.settle(settlement))

        assert settled is not None
        self.values[which] = settled

    @rule(which=consumes(publications))
    def settle_with_an_old_version(self, which: PublicationId) -> None:
        stale = replace(self.values[which], version=self.values[which].version - 1)

        assert self.run(self.store.settle(Settlement(stale, release=True, uncount=True))) is None

    @rule(bucket=st.sampled_from(list(LIMITS)), why=st.sampled_from(["quotaExceeded", "again"]))
    def close(self, bucket: Bucket, why: str) -> None:
        row = self.model.row(bucket, self.today)
        row.closed = row.closed or why

        self.run(self.store.close_bucket(Closing(MAIN, bucket, self.today, why), ()))

    @rule()
    def midnight_passes(self) -> None:
        self.now += timedelta(days=1)

    @invariant()
    def the_store_says_what_the_model_says(self) -> None:
        for day in {self.today, *(day for _, day in self.model.rows)}:
            for line in self.run(self.store.ledger(day)):
                if line.bucket in LIMITS:
                    self._compare(line)
            moment = day.starts
            account = self.run(account_of(self.store, now=moment))
            assert self.model.uploads.get(day, 0) == account.uploads_today
            assert len(self.model.promises) == account.in_flight

    def _compare(self, line: LedgerLine) -> None:
        row = self.model.row(line.bucket, line.day)
        reserved = self.model.reserved(line.bucket, line.day)
        assert (row.used, row.overhead, reserved) == (line.used, line.overhead, line.reserved)
        assert row.closed == line.closed
        assert min(line.used, line.overhead, line.reserved) >= 0
        assert line.used + line.reserved - row.extra <= line.ceiling
        assert line.total <= line.hard_stop


@pytest.mark.unmeasured
@pytest.mark.timeout(180)
def test_the_ledger_agrees_with_its_model_in_any_order_of_events(
    open_store: Callable[[], AbstractAsyncContextManager[Store]], examples: int
) -> None:
    class Machine(LedgerMachine):
        pass

    Machine.open_store = staticmethod(open_store)
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
