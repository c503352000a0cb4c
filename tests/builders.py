"""Values for tests: each builder gives a sound one, and takes by name whatever the test cares about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ytempire.domain.accounts import Account, Condition, Kind
from ytempire.domain.events import Event
from ytempire.domain.events import Kind as EventKind
from ytempire.domain.files import FileIdentity, StoredFile
from ytempire.domain.lifecycle import State
from ytempire.domain.oauth import Slot
from ytempire.domain.publication import Metadata, Publication, Request, Session, SessionState
from ytempire.domain.quota import BUCKETS_2026, Bucket, LedgerLine, Profile
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import AccountId, ProjectId, PublicationId, SessionId
from ytempire.ports import AccountChange, AccountRules, Consent, ProjectRules, SealedGrant, Store

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
"""Ten in the morning in Pacific time: far from any reset."""

TODAY = QuotaDay.of(NOW)
MAIN = ProjectId("main")
FIRST = AccountId("account_01")
SECOND = AccountId("account_02")
KEY = "0123456789ab"
"""The key of the vault that is in use once a store is set up."""


def a_file(path: str = "/videos/one.mp4", *, size: int = 1_000_000, sha256: str = "ab" * 32) -> StoredFile:
    return StoredFile(path, sha256, FileIdentity(1, 2, size, 3, 4))


def a_request(**changes: Any) -> Request:
    request = Request(a_file(), "video/mp4", Metadata("A title"))
    return replace(request, **changes)


def a_publication(which: str = "pub_1", **changes: Any) -> Publication:
    """Queued and due now."""
    publication = Publication(PublicationId(which), a_request(), State.QUEUED, NOW, NOW, due=NOW)
    return replace(publication, **changes)


def uploading(publication: Publication, **changes: Any) -> Publication:
    """The value with which a service would reserve: on the first account, today."""
    started = replace(
        publication, state=State.UPLOADING, account=FIRST, project=MAIN, day=TODAY, updated_at=NOW
    )
    return replace(started, **changes)


def a_session(state: SessionState = SessionState.OPEN, **changes: Any) -> Session:
    session = Session(SessionId("session_1"), FIRST, MAIN, state, 1_000_000, NOW, sealed_uri="sealed")
    return replace(session, **changes)


def an_account(which: str = FIRST, **changes: Any) -> Account:
    """Active, in production, a month old."""
    account = Account(
        AccountId(which), MAIN, Kind.PRODUCTION, Condition.ACTIVE, 5, added_at=NOW - timedelta(days=30)
    )
    return replace(account, **changes)


def a_line(bucket: Bucket = Bucket.UNITS, limit: int = 10_000, **changes: Any) -> LedgerLine:
    return replace(LedgerLine(MAIN, bucket, TODAY, limit), **changes)


def an_event(kind: EventKind = EventKind.STARTED, **changes: Any) -> Event:
    return replace(Event(kind, NOW), **changes)


def a_grant(account: AccountId = FIRST, **changes: Any) -> SealedGrant:
    grant = SealedGrant(account, "sealed", KEY, 1, NOW + timedelta(hours=1), ("scope",), NOW)
    return replace(grant, **changes)


def a_consent(state_hash: str = "ab" * 32, account: AccountId = FIRST, **changes: Any) -> Consent:
    """Begun now, for ten minutes, by nobody in particular."""
    end = NOW + timedelta(minutes=10)
    address = "http://localhost:8000/callback"
    consent = Consent(state_hash, account, Slot.PRIMARY, address, "verifier", KEY, NOW, end)
    return replace(consent, **changes)


def a_project(which: ProjectId = MAIN, profile: Profile = BUCKETS_2026, **limits: int) -> ProjectRules:
    """A project with the limits of its profile, and on top of them those named by bucket."""
    named = {Bucket(name): limit for name, limit in limits.items()}
    return ProjectRules(which, profile.name, dict(profile.limits) | named)


def rules(which: AccountId = FIRST, **changes: Any) -> AccountRules:
    """An account with room for everything, so that only what a test names is scarce."""
    return replace(
        AccountRules(which, MAIN, Kind.PRODUCTION, daily_uploads=1_000, concurrency=1_000), **changes
    )


async def activate(store: Store, *accounts: AccountId) -> None:
    """Makes accounts active, as connecting them would."""
    for account in accounts:
        change = AccountChange(account, "connected", "test", Condition.ACTIVE)
        await store.change_account(change, NOW, ())


async def set_up(
    store: Store, *accounts: AccountRules, project: ProjectRules | None = None, now: datetime = NOW
) -> None:
    """One project and its accounts (one roomy account unless named), all active, and a key in use."""
    named = accounts or (rules(),)
    await store.configure([project or a_project()], named, now)
    await store.register_keys({KEY: "check"}, now)
    await activate(store, *(each.id for each in named))


async def submitted(store: Store, which: str = "pub_1", **changes: Any) -> Publication:
    """A publication that is stored."""
    publication = a_publication(which, **changes)
    await store.submit(publication, which, ())
    return publication


async def line_of(
    store: Store, bucket: Bucket, day: QuotaDay = TODAY, project: ProjectId = MAIN
) -> LedgerLine:
    """One line of the stored ledger."""
    lines = {(line.project, line.bucket): line for line in await store.ledger(day)}
    return lines[project, bucket]


async def account_of(store: Store, which: AccountId = FIRST, now: datetime = NOW) -> Account:
    """One account as the store sees it."""
    everyone = {account.id: account for account in await store.accounts(now)}
    assert everyone[which] == await store.account(which, now)
    return everyone[which]
