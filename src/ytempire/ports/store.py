"""Work and what it needs at rest, as intents: what happened is written in the same transaction as the change.

Every implementation passes one behaviour suite (tests/contracts). Moments are aware UTC.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from ytempire.domain.accounts import Account, Condition, Kind
from ytempire.domain.events import Event
from ytempire.domain.lessons import Lesson
from ytempire.domain.lifecycle import State
from ytempire.domain.pace import Pace
from ytempire.domain.publication import Publication
from ytempire.domain.quota import Allotment, Bucket, Cost, LedgerLine, Price, Purpose
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import (
    AccountId,
    PlaylistId,
    ProjectId,
    PublicationId,
    VideoId,
)


@dataclass(frozen=True, slots=True)
class Added:
    """The publication is stored and will not be lost."""

    publication: Publication


@dataclass(frozen=True, slots=True)
class Known:
    """The idempotency key was used before with the same content: this is that publication."""

    publication: Publication


@dataclass(frozen=True, slots=True)
class KeyConflict:
    """The idempotency key was used before for something else; nothing was stored."""

    publication: PublicationId


@dataclass(frozen=True, slots=True)
class Repeats:
    """This publication, which may still become a video or did, has the same content; nothing was stored."""

    publication: PublicationId


Submitted = Added | Known | KeyConflict | Repeats


@dataclass(frozen=True, slots=True)
class AccountChange:
    """A new condition or parking of an account; None leaves a part as it is.

    With a new condition a promotion is over, unless `promoted_until` says how long a new one lasts. `among`: only
    an account that is in one of these conditions at that moment (`conditions.seen`) is changed, and only if the
    change is one; None: whatever it is in. `event` is told with the change, and only if it is made.
    """

    account: AccountId
    why: str
    by: str
    condition: Condition | None = None
    parked_until: datetime | None = None
    promoted_until: datetime | None = None
    among: frozenset[Condition] | None = None
    event: Event | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """YouTube refuses more from this bucket today, whatever our ledger says.

    `event` is written when this closes the bucket, and not when it was closed already; what our ledger said
    at that moment is added to it as `used`, `limit` and `drift`.
    """

    project: ProjectId
    bucket: Bucket
    day: QuotaDay
    why: str
    event: Event | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an upload went, for the success rate of its account."""

    account: AccountId
    succeeded: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Settlement:
    """One change of one publication and everything that goes with it, in one transaction.

    `publication` is the new value, carrying the version it was read at; its session and extras are stored
    with it (a sealed address that is stored for the session stays as it is stored), its request and
    `created_at` never change. Its place on the account is given back as soon as it
    is no longer uploading. `release` gives back what is left of its quota reservation, and its place;
    `uncount` also takes back the day's upload, because no insert was started. Each happens at most once for
    each reservation, on the day it was made for, and does nothing without one. A change to uploading is made
    by `reserve` only. `accounts` are changed at the publication's `updated_at`; `lessons` are about its account.
    """

    publication: Publication
    events: tuple[Event, ...] = ()
    release: bool = False
    uncount: bool = False
    outcome: Outcome | None = None
    accounts: tuple[AccountChange, ...] = ()
    closings: tuple[Closing, ...] = ()
    lessons: tuple[Lesson, ...] = ()


@dataclass(frozen=True, slots=True)
class Queue:
    """Publications that could be started and were not yet: how many, and since when the first of them could be."""

    depth: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which publications to list: any of these states (empty: all), of this account, newest first.

    `before` is a publication id: only older ones (for paging); an id that is not known gives none. Age is
    `created_at`, then id.
    """

    states: frozenset[State] = frozenset()
    account: AccountId | None = None
    before: PublicationId | None = None
    limit: int = 100


class Publications(Protocol):
    """Publications at rest."""

    async def submit(
        self, publication: Publication, fingerprint: str, events: Sequence[Event], *, once: bool = False
    ) -> Submitted:
        """Stores a new publication. Durable when it returns. `fingerprint` identifies the whole request.

        `once`: only if it repeats no other (`duplicates.first_duplicate`), looked up in the same transaction.
        The idempotency key of the request, if it has one, is unique for ever, whatever becomes of its
        publication. Events are written only when the answer is `Added`.
        """
        ...

    async def key_holder(self, key: str) -> tuple[PublicationId, str] | None:
        """The publication that an idempotency key belongs to, and the fingerprint it came with; or None."""
        ...

    async def same_content(self, sha256: str) -> tuple[Publication, ...]:
        """Publications with these bytes, oldest first, but those refused, cancelled, failed or duplicates.

        One that was cancelled after its last bytes were let go is among them: it may have become a video.
        """
        ...

    async def publication(self, which: PublicationId) -> Publication | None:
        """One publication, or None."""
        ...

    async def publications(self, wanted: Filter) -> tuple[Publication, ...]:
        """Publications that pass the filter, newest first."""
        ...

    async def counts(self, account: AccountId | None = None) -> dict[State, int]:
        """How many publications (of this account) are in each state; states without any are left out."""
        ...

    async def due(self, now: datetime, limit: int) -> tuple[PublicationId, ...]:
        """Publications in an attended state whose `due` has come: by priority, then due time, then age."""
        ...

    async def next_due(self) -> datetime | None:
        """The earliest moment at which anything has something to do; None when nothing ever has.

        That is the `due` of a publication in an attended state, or the `look_at` of one in processing.
        """
        ...

    async def queue(self, now: datetime) -> Queue:
        """The queued, planned and deferred publications whose `due` has come."""
        ...

    async def to_look_at(self, now: datetime, limit: int) -> tuple[Publication, ...]:
        """Publications in processing whose `look_at` has come, longest waiting first."""
        ...

    async def begin(self, which: PublicationId, now: datetime) -> Publication | None:
        """Counts a pass of work on a publication that is attended and due; None when it is not.

        `passes` and `version` grow by one; nothing else changes.
        """
        ...

    async def reserve(
        self,
        publication: Publication,
        cost: Cost,
        events: Sequence[Event],
        *,
        cap: int | None = None,
        allotment: Allotment | None = None,
    ) -> Publication | None:
        """Takes an account's place, a daily upload and the quota of the whole job, all or nothing.

        `publication` is what was read, as it is once it is started: its state (uploading), account, project and
        day (`ValueError` without them), attempts and `updated_at` are stored and its reason ends; the rest must be
        as it was read and is not written. `updated_at` is the moment that parking is judged by and becomes the
        account's last upload. `cap` is how many uploads its account may start on that day when that is less than
        configured.
        With an `allotment` the job must also fit what that leaves of the account's own part of that day; what of it
        was not spent is given back with the rest. The answer carries the next version. None, and nothing changed,
        when any of them is no longer free, the bucket is closed or has no limit, the account is not active,
        parked, a reserve whose promotion is over, not configured or of another project, or someone else changed
        the publication: decide again. What is left of an
        earlier reservation of it is released first; the upload that one counted stays counted.
        """
        ...

    async def settle(self, settlement: Settlement) -> Publication | None:
        """Writes a settlement and gives the value stored, with the next version.

        None, and nothing written, when someone else changed the publication in the meantime. A stop that
        was asked for stays asked for, whatever `cancel_requested` the value carries, until a publication
        that was held is settled anew: then the value's own counts, for a person has decided.
        """
        ...

    async def finishing(self, publication: Publication) -> Publication | None:
        """Marks its session as finishing, the last moment to turn back; None when cancelled or changed.

        Writes the mark and the next version, nothing else of the value. None also when it is not uploading
        or has no session.
        """
        ...

    async def wake(self, code: str, now: datetime) -> int:
        """Has what is deferred for the reason of that code look again at `now`, if it would only later: how many."""
        ...

    async def flag_cancel(self, which: PublicationId, events: Sequence[Event]) -> bool:
        """Asks the worker to stop an upload; False when it is not uploading or already finishing.

        The version stays, so that the worker can still write down how far it came. A session that is done
        counts as finishing. Events are written only when the answer is True.
        """
        ...

    async def cancel_flagged(self, which: PublicationId) -> bool:
        """Was a stop asked for? False also for a publication that is not known."""
        ...

    async def videos_of(self, account: AccountId) -> frozenset[VideoId]:
        """The videos that publications of this account have become."""
        ...


class Ledger(Protocol):
    """The quota ledger."""

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
        """Charges one request just before it is sent, at the moment `at`.

        Work of a publication is taken from its reservation of that project and day as far as it reaches;
        the rest, and overhead, must fit within the hard stop. False, and nothing charged, when it does not,
        or when the bucket is closed (even to what is reserved: Google said no) or has no limit.
        A charge that crosses a threshold (`thresholds.crossing`) is written with the event that says so, one
        for each crossing of a day however many charge at once; a changed limit is judged anew. Units of work
        count for the `account` too, and for its own part of the quota what its reservation did not hold of it.
        """
        ...

    async def refund(
        self,
        project: ProjectId,
        price: Price,
        day: QuotaDay,
        publication: PublicationId | None = None,
        *,
        account: AccountId | None = None,
    ) -> None:
        """Takes back the charge of a request that provably never left this machine.

        Work goes back to the publication's reservation of that day while there is one. What was told of a
        crossing stays told.
        """
        ...

    async def ledger(self, day: QuotaDay) -> tuple[LedgerLine, ...]:
        """Every bucket of every configured project on a day, also untouched ones, by project and bucket."""
        ...

    async def ledger_since(self, day: QuotaDay) -> tuple[LedgerLine, ...]:
        """Every line of a configured project that was touched on that day or later, by day, project, bucket."""
        ...

    async def paces(self, day: QuotaDay) -> dict[tuple[ProjectId, Bucket], Pace]:
        """How fast the buckets of a day are used; those never charged are left out."""
        ...

    async def spent(self, day: QuotaDay) -> dict[AccountId, int]:
        """Units of work charged for each account on a day (`Bucket.UNITS`); accounts without any are left out."""
        ...

    async def close_bucket(self, closing: Closing, events: Sequence[Event]) -> None:
        """Closes a bucket until the day ends. The first reason given stays."""
        ...


@dataclass(frozen=True, slots=True)
class ProjectRules:
    """A project as configured: its daily limits by bucket."""

    id: ProjectId
    profile: str
    limits: dict[Bucket, int]


@dataclass(frozen=True, slots=True)
class AccountRules:
    """An account as configured; its condition and history are the store's."""

    id: AccountId
    project: ProjectId
    kind: Kind
    daily_uploads: int
    concurrency: int = 1
    groups: frozenset[str] = frozenset()
    allocation: Mapping[Purpose, int] = field(default_factory=dict)


class Accounts(Protocol):
    """Accounts and projects."""

    async def configure(
        self, projects: Sequence[ProjectRules], accounts: Sequence[AccountRules], now: datetime
    ) -> None:
        """Brings the store in line with the configuration.

        New accounts start disconnected; accounts no longer configured are left out of every answer but keep
        their history and have it again when they come back. A changed limit holds for the current day too,
        not for days before it.
        """
        ...

    async def accounts(self, now: datetime) -> tuple[Account, ...]:
        """All configured accounts with the counts of the quota day of `now`, in the order of their ids.

        Their condition is the one of that moment (`conditions.seen`). `successes` and `trials` are of the
        outcomes of the last 30 days, at most the newest 50, failures in a row of all those 30 days. The channel
        is that of the last primary grant stored that had one, also after it was erased; its title is that of
        the primary grant as it is stored.
        """
        ...

    async def account(self, which: AccountId, now: datetime) -> Account | None:
        """One account as `accounts` gives it; None when it is not configured."""
        ...

    async def change_account(self, change: AccountChange, now: datetime, events: Sequence[Event]) -> bool:
        """Changes the condition of an account, with who and why; False, and nothing is written, when the account
        is not known or not in a condition that the change is for.
        """
        ...

    async def learn(self, account: AccountId, lessons: Sequence[Lesson], events: Sequence[Event]) -> None:
        """Keeps lessons about an account in place of earlier ones; an empty value forgets."""
        ...

    async def playlist(self, account: AccountId, name: str) -> PlaylistId | None:
        """The playlist of that name on the account's channel, if we know one."""
        ...

    async def remember_playlist(self, account: AccountId, name: str, playlist: PlaylistId) -> None:
        """Remembers a playlist; the last one remembered under a name counts."""
        ...
