"""The store: every intent of `ports.Store` as a program run by a driver. How to open one is here too."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Self

from ytempire.adapters.sql import (
    accounts,
    audit,
    consents,
    grants,
    leases,
    ledger,
    listings,
    log,
    migrate,
    plans,
    publications,
    vault_keys,
)
from ytempire.adapters.sql.alert_store import SqlAlerts
from ytempire.adapters.sql.caller_store import SqlCallers
from ytempire.adapters.sql.chain_store import SqlChains
from ytempire.adapters.sql.program import Driver, StoreError
from ytempire.adapters.sql.retention_store import SqlForgetting
from ytempire.adapters.sql.webhook_store import SqlWebhooks
from ytempire.domain.accounts import Account
from ytempire.domain.audit import Entry, Link
from ytempire.domain.events import FAULTS, Event, Kind
from ytempire.domain.installed import lacks_extra
from ytempire.domain.lessons import Lesson
from ytempire.domain.lifecycle import State
from ytempire.domain.oauth import Slot
from ytempire.domain.pace import Pace
from ytempire.domain.publication import Publication
from ytempire.domain.quota import Allotment, Bucket, Cost, LedgerLine, Price
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import AccountId, PlaylistId, ProjectId, PublicationId, VideoId
from ytempire.ports import (
    AccountChange,
    AccountRules,
    Closing,
    Consent,
    Filter,
    Miss,
    ProjectRules,
    Queue,
    SealedGrant,
    SealedPlace,
    Settlement,
    StoredKey,
    StoredPlan,
    Submitted,
)

_SQLITE = "sqlite:///"
_POSTGRES = "postgresql://"


async def open_driver(where: str | Path) -> Driver:
    """A driver for a database whose schema is ours, made or brought up to date when it is not.

    `where` is a path, `sqlite:///path` or `postgresql://...`. Raises `StoreError` when it cannot be used.
    """
    address = str(where)
    if address.startswith(_POSTGRES):
        return await _open_postgres(address)
    if "://" in address.removeprefix(_SQLITE):
        raise StoreError(f"{address.partition(':')[0]} is no kind of store; use a path or postgresql://")
    from ytempire.adapters.sql import sqlite  # noqa: PLC0415  beside its twin below

    path = Path(address.removeprefix(_SQLITE))
    sqlite.create(path)
    await migrate.ready_sqlite(path)
    return sqlite.SqliteDriver(path)


async def _open_postgres(url: str) -> Driver:
    try:
        from ytempire.adapters.sql import postgres  # noqa: PLC0415  an extra that need not be installed
    except ModuleNotFoundError as missing:
        raise StoreError(lacks_extra("PostgreSQL", "postgres")) from missing
    driver = await postgres.PostgresDriver.open(url)
    try:
        if not migrate.is_current(await driver.stored_revision()):
            await migrate.upgrade_postgres(url)
    except BaseException:
        await driver.close()
        raise
    return driver


class SqlStore(SqlAlerts, SqlChains, SqlCallers, SqlWebhooks, SqlForgetting):
    """`ports.Store` on a database. Every method is one transaction, durable when it returns."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    @classmethod
    async def open(cls, where: str | Path) -> Self:
        """Opens a store; see `open_driver`."""
        return cls(await open_driver(where))

    async def close(self) -> None:
        """Ends what is running and lets go of the database."""
        await self._driver.close()

    async def submit(
        self, publication: Publication, fingerprint: str, events: Sequence[Event], *, once: bool = False
    ) -> Submitted:
        return await self._driver.write(
            lambda: publications.submit(publication, fingerprint, events, once=once)
        )

    async def key_holder(self, key: str) -> tuple[PublicationId, str] | None:
        return await self._driver.read(lambda: listings.key_holder(key))

    async def same_content(self, sha256: str) -> tuple[Publication, ...]:
        return await self._driver.read(lambda: listings.same_content(sha256))

    async def publication(self, which: PublicationId) -> Publication | None:
        return await self._driver.read(lambda: listings.publication(which))

    async def publications(self, wanted: Filter) -> tuple[Publication, ...]:
        return await self._driver.read(lambda: listings.publications(wanted))

    async def counts(self, account: AccountId | None = None) -> dict[State, int]:
        return await self._driver.read(lambda: listings.counts(account))

    async def due(self, now: datetime, limit: int) -> tuple[PublicationId, ...]:
        return await self._driver.read(lambda: listings.due(now, limit))

    async def next_due(self) -> datetime | None:
        return await self._driver.read(listings.next_due)

    async def queue(self, now: datetime) -> Queue:
        return await self._driver.read(lambda: listings.queue(now))

    async def to_look_at(self, now: datetime, limit: int) -> tuple[Publication, ...]:
        return await self._driver.read(lambda: listings.to_look_at(now, limit))

    async def begin(self, which: PublicationId, now: datetime) -> Publication | None:
        return await self._driver.write(lambda: publications.begin(which, now))

    async def reserve(
        self,
        publication: Publication,
        cost: Cost,
        events: Sequence[Event],
        *,
        cap: int | None = None,
        allotment: Allotment | None = None,
    ) -> Publication | None:
        return await self._driver.write(
            lambda: publications.reserve(publication, cost, events, cap, allotment)
        )

    async def settle(self, settlement: Settlement) -> Publication | None:
        return await self._driver.write(lambda: publications.settle(settlement))

    async def finishing(self, publication: Publication) -> Publication | None:
        return await self._driver.write(lambda: publications.finishing(publication))

    async def wake(self, code: str, now: datetime) -> int:
        return await self._driver.write(lambda: publications.wake(code, now))

    async def flag_cancel(self, which: PublicationId, events: Sequence[Event]) -> bool:
        return await self._driver.write(lambda: publications.flag_cancel(which, events))

    async def cancel_flagged(self, which: PublicationId) -> bool:
        return await self._driver.read(lambda: listings.cancel_flagged(which))

    async def videos_of(self, account: AccountId) -> frozenset[VideoId]:
        return await self._driver.read(lambda: listings.videos_of(account))

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
        return await self._driver.write(
            lambda: ledger.charge(project, price, day, publication, at=at, account=account)
        )

    async def refund(
        self,
        project: ProjectId,
        price: Price,
        day: QuotaDay,
        publication: PublicationId | None = None,
        *,
        account: AccountId | None = None,
    ) -> None:
        await self._driver.write(lambda: ledger.refund(project, price, day, publication, account))

    async def ledger(self, day: QuotaDay) -> tuple[LedgerLine, ...]:
        return await self._driver.read(lambda: ledger.lines(day))

    async def ledger_since(self, day: QuotaDay) -> tuple[LedgerLine, ...]:
        return await self._driver.read(lambda: ledger.lines_since(day))

    async def paces(self, day: QuotaDay) -> dict[tuple[ProjectId, Bucket], Pace]:
        return await self._driver.read(lambda: ledger.paces(day))

    async def spent(self, day: QuotaDay) -> dict[AccountId, int]:
        return await self._driver.read(lambda: ledger.spent(day))

    async def close_bucket(self, closing: Closing, events: Sequence[Event]) -> None:
        await self._driver.write(lambda: ledger.close_bucket(closing, events))

    async def configure(
        self, projects: Sequence[ProjectRules], rules: Sequence[AccountRules], now: datetime
    ) -> None:
        await self._driver.write(lambda: accounts.configure(projects, rules, now))

    async def accounts(self, now: datetime) -> tuple[Account, ...]:
        return await self._driver.read(lambda: accounts.accounts(now))

    async def account(self, which: AccountId, now: datetime) -> Account | None:
        return await self._driver.read(lambda: accounts.account(which, now))

    async def change_account(self, change: AccountChange, now: datetime, events: Sequence[Event]) -> bool:
        return await self._driver.write(lambda: accounts.change_account(change, now, events))

    async def learn(self, account: AccountId, lessons: Sequence[Lesson], events: Sequence[Event]) -> None:
        await self._driver.write(lambda: accounts.learn(account, lessons, events))

    async def playlist(self, account: AccountId, name: str) -> PlaylistId | None:
        return await self._driver.read(lambda: accounts.playlist(account, name))

    async def remember_playlist(self, account: AccountId, name: str, playlist: PlaylistId) -> None:
        await self._driver.write(lambda: accounts.remember_playlist(account, name, playlist))

    async def grant(self, account: AccountId, slot: Slot = Slot.PRIMARY) -> SealedGrant | None:
        return await self._driver.read(lambda: grants.grant(account, slot))

    async def grants(self) -> tuple[SealedGrant, ...]:
        return await self._driver.read(grants.grants)

    async def save_grant(
        self,
        grant: SealedGrant,
        seen: int | None,
        events: Sequence[Event],
        change: AccountChange | None = None,
    ) -> bool:
        return await self._driver.write(lambda: grants.save_grant(grant, seen, events, change))

    async def condemn_grant(
        self, grant: SealedGrant, why: str, events: Sequence[Event], change: AccountChange | None = None
    ) -> bool:
        return await self._driver.write(lambda: grants.condemn_grant(grant, why, events, change))

    async def promote_backup(
        self,
        grant: SealedGrant,
        seen: tuple[int, int],
        events: Sequence[Event],
        change: AccountChange | None = None,
    ) -> bool:
        return await self._driver.write(lambda: grants.promote_backup(grant, seen, events, change))

    async def erase_grants(self, change: AccountChange, now: datetime, events: Sequence[Event]) -> int:
        return await self._driver.write(lambda: grants.erase_grants(change, now, events))

    async def add_consent(self, consent: Consent, events: Sequence[Event]) -> bool:
        return await self._driver.write(lambda: consents.add_consent(consent, events))

    async def take_consent(
        self, state_hash: str, now: datetime, *, account: AccountId | None = None, browser: str | None = None
    ) -> Consent | Miss:
        return await self._driver.write(
            lambda: consents.take_consent(state_hash, now, account=account, browser=browser)
        )

    async def keys(self) -> tuple[StoredKey, ...]:
        return await self._driver.read(vault_keys.keys)

    async def register_keys(self, checks: Mapping[str, str], now: datetime) -> None:
        await self._driver.write(lambda: vault_keys.register_keys(checks, now))

    async def retire_key(self, key: str, now: datetime, events: Sequence[Event]) -> int:
        return await self._driver.write(lambda: vault_keys.retire_key(key, now, events))

    async def forget_key(self, key: str, now: datetime, events: Sequence[Event]) -> int:
        return await self._driver.write(lambda: vault_keys.forget_key(key, now, events))

    async def sealed_otherwise(self, key: str, limit: int) -> tuple[SealedPlace, ...]:
        return await self._driver.read(lambda: vault_keys.sealed_otherwise(key, limit))

    async def reseal(self, place: SealedPlace, sealed: str, key: str) -> bool:
        return await self._driver.write(lambda: vault_keys.reseal(place, sealed, key))

    async def take_lease(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        return await self._driver.write(lambda: leases.take_lease(name, holder, now, until))

    async def drop_lease(self, name: str, holder: str) -> None:
        await self._driver.write(lambda: leases.drop_lease(name, holder))

    async def audit(self, entry: Entry) -> None:
        await self._driver.write(lambda: audit.append(entry))

    async def audit_trail(self, after: int = 0, limit: int = 1000) -> tuple[Link, ...]:
        return await self._driver.read(lambda: audit.trail(after, limit))

    async def audit_head(self) -> tuple[int, str]:
        return await self._driver.read(audit.head)

    async def record(self, events: Sequence[Event]) -> None:
        await self._driver.write(lambda: log.record(events))

    async def events(
        self, *, publication: PublicationId | None = None, after: int = 0, limit: int = 1000
    ) -> tuple[tuple[int, Event], ...]:
        return await self._driver.read(lambda: log.read_events(publication, after, limit))

    async def story(
        self, publication: PublicationId, *, before: int | None = None, limit: int = 1000
    ) -> tuple[tuple[tuple[int, Event], ...], int]:
        return await self._driver.read(lambda: log.story(publication, before, limit))

    async def faults(
        self, since: datetime, until: datetime, *, kinds: frozenset[Kind] = FAULTS
    ) -> tuple[tuple[int, Event], ...]:
        return await self._driver.read(lambda: log.faults(since, until, kinds))

    async def account_history(self, account: AccountId, limit: int) -> tuple[tuple[int, Event], ...]:
        return await self._driver.read(lambda: log.account_history(account, limit))

    async def fact(self, name: str) -> str | None:
        return await self._driver.read(lambda: log.fact(name))

    async def put_fact(self, name: str, value: str) -> None:
        await self._driver.write(lambda: log.put_fact(name, value))

    async def save_plan(self, plan: StoredPlan, events: Sequence[Event]) -> None:
        await self._driver.write(lambda: plans.save(plan, events))

    async def latest_plan(self, day: date) -> StoredPlan | None:
        return await self._driver.read(lambda: plans.latest(day))
