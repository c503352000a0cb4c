"""What the store in memory holds: one value with all its tables, and the two lookups that everyone needs."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from ytempire.adapters.memory.shelf import Outcomes, Shelf
from ytempire.domain.accounts import Account, Condition
from ytempire.domain.alerts import Alert, Delivery, Mute
from ytempire.domain.audit import Link
from ytempire.domain.breaker import Breaker
from ytempire.domain.callers import ApiToken
from ytempire.domain.chain import ChainCall
from ytempire.domain.events import Event
from ytempire.domain.lessons import Lesson
from ytempire.domain.oauth import Slot
from ytempire.domain.pace import Pace
from ytempire.domain.quota import Bucket, LedgerLine, Purpose
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import AccountId, ChannelId, PlaylistId, ProjectId, PublicationId, SessionId
from ytempire.domain.vitals import Vital
from ytempire.domain.webhooks import Letter
from ytempire.ports import (
    AccountRules,
    Browser,
    Consent,
    DrillReport,
    Hook,
    KeptAnswer,
    ProjectRules,
    ReceivedFile,
    SealedGrant,
    Spending,
    StoredPlan,
)


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a publication was promised: units left per bucket, a place on the account, a daily upload; and `part` of
    what its account has of its own, None where it has nothing of its own.
    """

    project: ProjectId
    account: AccountId
    day: QuotaDay
    left: dict[Bucket, int]
    part: dict[Purpose, int] | None = None
    placed: bool = True
    counted: bool = True


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account as the store knows it: its rules and its history. Unless `configured` it is not shown."""

    rules: AccountRules
    added_at: datetime
    configured: bool = True
    condition: Condition = Condition.DISCONNECTED
    in_flight: int = 0
    last_upload_at: datetime | None = None
    parked_until: datetime | None = None
    why: str | None = None
    changed_by: str | None = None
    changed_at: datetime | None = None
    channel: ChannelId | None = None
    promoted_until: datetime | None = None


class Parts(NamedTuple):
    """What an account is put together from, besides the moment: its rows, and how many outcomes there are."""

    row: AccountRow
    grant: SealedGrant | None
    uploads: int
    taken: Mapping[Purpose, int] | None
    lessons: tuple[Lesson, ...]
    outcomes: int


@dataclass(frozen=True, slots=True)
class Seen:
    """An account as it was put together for the moments from `since` until before `until`."""

    parts: Parts
    since: datetime
    until: datetime
    account: Account


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed text and the id of its key."""

    text: str
    key: str


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """A consent, and whether it was taken."""

    consent: Consent
    taken: bool = False


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key of the vault as the store knows it."""

    check: str
    added_at: datetime
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """Money of one try: what was held for it, and what it took as far as is known."""

    held: Spending
    amount: int
    settled: bool = False
    certain: bool = False


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """A request with a key: who answers it, until when that holds, and the answer once there is one."""

    fingerprint: str
    holder: str
    until: datetime
    answer: KeptAnswer | None = None


@dataclass(slots=True)
class Tables:
    """All tables. Rows are frozen values that are replaced as a whole, as a database would."""

    publications: Shelf = field(default_factory=Shelf)
    keys: dict[str, tuple[PublicationId, str]] = field(default_factory=dict)
    reservations: dict[PublicationId, Reservation] = field(default_factory=dict)
    lines: dict[tuple[ProjectId, Bucket, QuotaDay], LedgerLine] = field(default_factory=dict)
    told: dict[tuple[ProjectId, Bucket, QuotaDay], int] = field(default_factory=dict)
    paces: dict[tuple[ProjectId, Bucket, QuotaDay], Pace] = field(default_factory=dict)
    spent: dict[tuple[AccountId, QuotaDay], int] = field(default_factory=dict)
    parts: dict[tuple[AccountId, QuotaDay], Mapping[Purpose, int]] = field(default_factory=dict)
    projects: dict[ProjectId, ProjectRules] = field(default_factory=dict)
    accounts: dict[AccountId, AccountRow] = field(default_factory=dict)
    seen: dict[AccountId, Seen] = field(default_factory=dict)
    uploads: dict[tuple[AccountId, QuotaDay], int] = field(default_factory=dict)
    outcomes: Outcomes = field(default_factory=Outcomes)
    playlists: dict[tuple[AccountId, str], PlaylistId] = field(default_factory=dict)
    grants: dict[tuple[AccountId, Slot], SealedGrant] = field(default_factory=dict)
    addresses: dict[tuple[PublicationId, SessionId], Sealed] = field(default_factory=dict)
    consents: dict[str, ConsentRow] = field(default_factory=dict)
    vault_keys: dict[str, KeyRow] = field(default_factory=dict)
    leases: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    trail: list[Link] = field(default_factory=list)
    lessons: dict[AccountId, tuple[Lesson, ...]] = field(default_factory=dict)
    events: list[Event | None] = field(default_factory=list)
    forgotten: int = 0
    facts: dict[str, str] = field(default_factory=dict)
    followed: int = 0
    alerts: dict[int, Alert] = field(default_factory=dict)
    deliveries: dict[int, Delivery] = field(default_factory=dict)
    mutes: list[Mute] = field(default_factory=list)
    plans: dict[str, StoredPlan] = field(default_factory=dict)
    breakers: dict[str, Breaker] = field(default_factory=dict)
    spend: dict[str, Spent] = field(default_factory=dict)
    chain_calls: dict[str, ChainCall] = field(default_factory=dict)
    vitals: dict[str, Vital] = field(default_factory=dict)
    drills: dict[str, DrillReport] = field(default_factory=dict)
    api_tokens: dict[str, ApiToken] = field(default_factory=dict)
    browsers: dict[str, Browser] = field(default_factory=dict)
    answers: dict[tuple[str, str], AnswerRow] = field(default_factory=dict)
    received: dict[str, ReceivedFile] = field(default_factory=dict)
    hooks: dict[str, Hook] = field(default_factory=dict)
    letters: dict[int, Letter] = field(default_factory=dict)
    lettered: int = 0

    def line(self, project: ProjectId, bucket: Bucket, day: QuotaDay) -> LedgerLine | None:
        """One line of the ledger, fresh when untouched; None when the project or its limit is not known."""
        rules = self.projects.get(project)
        if rules is None or bucket not in rules.limits:
            return None
        return self.lines.get((project, bucket, day)) or LedgerLine(
            project, bucket, day, rules.limits[bucket]
        )

    def put_line(self, line: LedgerLine) -> None:
        """Stores a line of the ledger."""
        self.lines[line.project, line.bucket, line.day] = line

    def in_use(self, key: str) -> bool:
        """May something be stored that is sealed with this key?"""
        row = self.vault_keys.get(key)
        return row is not None and row.retired_at is None

    def numbered(self, after: int = 0) -> Iterator[tuple[int, Event]]:
        """Events with their numbers, which are their places from 1; where one was forgotten there is none."""
        places = enumerate(self.events[after:], start=after + 1)
        return ((number, event) for number, event in places if event is not None)

    def record(self, events: Sequence[Event]) -> None:
        """Appends events; their data is taken through JSON, so that what JSON cannot hold fails here too."""
        self.events.extend(
            event if _is_plain(event.data) else replace(event, data=json.loads(json.dumps(dict(event.data))))
            for event in events
        )


_PLAIN = (str, int, bool, type(None))
"""What comes out of JSON as it went in. Exactly these: a StrEnum would come out as a text."""


def _is_plain(data: Mapping[str, object]) -> bool:
    return all(type(each) in _PLAIN for each in data.values())


class OnTables:
    """What every part of the store in memory is: an answer to one narrow port over the shared tables."""

    def __init__(self, tables: Tables | None = None) -> None:
        self._tables = tables or Tables()
