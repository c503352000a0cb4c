"""What can have happened, as frozen records. An event is written in the same transaction as the change.

Alerts, metrics, pages and the history of a publication only read them; nothing is told in any other way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ytempire.domain.faults import Level
from ytempire.domain.values import AccountId, ProjectId, PublicationId


class Kind(StrEnum):
    """Every kind of event there is; docs/reference/events.md explains each."""

    SUBMITTED = "publication.submitted"
    STARTED = "publication.started"
    RETURNED = "publication.returned"
    DEFERRED = "publication.deferred"
    RETRYING = "publication.retrying"
    SESSION_OPENING = "session.opening"
    SESSION_OPENED = "session.opened"
    SESSION_GONE = "session.gone"
    RESUMED = "session.resumed"
    OUTCOME_UNKNOWN = "session.outcome_unknown"
    UPLOADED = "publication.uploaded"
    ADOPTED = "publication.adopted"
    EXTRA_DONE = "extra.done"
    EXTRA_RETRYING = "extra.retrying"
    EXTRA_FAILED = "extra.failed"
    PUBLISHED = "publication.published"
    VISIBILITY_DIFFERS = "publication.visibility_differs"
    PROCESSING_FAILED = "publication.processing_failed"
    HELD = "publication.held"
    REFUSED = "publication.refused"
    DUPLICATE = "publication.duplicate"
    CANCEL_REQUESTED = "publication.cancel_requested"
    CANCELLED = "publication.cancelled"
    RELEASED = "publication.released"
    AMENDED = "publication.amended"
    BUCKET_CLOSED = "quota.bucket_closed"
    QUOTA_THRESHOLD = "quota.threshold"
    FAULT_SEEN = "fault.seen"
    FAULT_UNKNOWN = "fault.unknown"
    FAULT_DISMISSED = "fault.dismissed"
    ACCOUNT_CHANGED = "account.changed"
    ACCOUNT_PROMOTED = "account.promoted"
    ACCOUNT_RETURNED = "account.returned"
    ACCOUNT_LEARNED = "account.learned"
    ACCOUNT_CONNECTED = "account.connected"
    ACCOUNT_DISCONNECTED = "account.disconnected"
    CONSENT_STARTED = "consent.started"
    CONSENT_REFUSED = "consent.refused"
    TOKEN_REFRESHED = "token.refreshed"
    TOKEN_FAILED = "token.failed"
    TOKEN_UNREACHABLE = "token.unreachable"
    TOKEN_ANSWERED = "token.answered"
    CLIENT_REFUSED = "token.client_refused"
    BACKUP_PROMOTED = "grant.backup_promoted"
    BACKUP_LOST = "grant.backup_lost"
    GRANT_QUARANTINED = "grant.quarantined"
    KEY_ADDED = "key.added"
    KEY_RETIRED = "key.retired"
    KEYS_ROTATED = "keys.rotated"
    DELIVERY_FAILED = "alert.delivery_failed"
    DELIVERY_RESTORED = "alert.delivery_restored"
    ALERTS_MUTED = "alert.muted"
    ALERTS_UNMUTED = "alert.unmuted"
    SUBJECT_GONE = "alert.subject_gone"
    SUBJECT_BACK = "alert.subject_back"
    PLAN_MADE = "plan.made"
    CHECKLIST_PASSED = "checklist.passed"
    CHECKLIST_FAILED = "checklist.failed"
    WEBHOOK_ADDED = "webhook.added"
    WEBHOOK_ROTATED = "webhook.rotated"
    WEBHOOK_REMOVED = "webhook.removed"
    WEBHOOK_FAILING = "webhook.failing"
    WEBHOOK_DEAD = "webhook.dead"
    WEBHOOK_RESTORED = "webhook.restored"
    WEBHOOK_DISABLED = "webhook.disabled"
    WEBHOOK_ENABLED = "webhook.enabled"
    WEBHOOK_REPLAYED = "webhook.replayed"
    CHAIN_FELL_BACK = "chain.fell_back"
    CHAIN_FAILED = "chain.failed"
    CHAIN_SERVED = "chain.served"
    BREAKER_CHANGED = "breaker.changed"
    SERVICE_CHANGED = "service.changed"
    DRILL_DONE = "drill.done"
    API_TOKEN_CREATED = "api.token_created"
    API_TOKEN_REVOKED = "api.token_revoked"


FAULTS = frozenset(
    {
        Kind.FAULT_SEEN,
        Kind.FAULT_UNKNOWN,
        Kind.FAULT_DISMISSED,
        Kind.TOKEN_FAILED,
        Kind.PROCESSING_FAILED,
        Kind.DUPLICATE,
    }
)
"""The kinds that patterns of errors are made of (`domain/patterns.py`); the store finds them along an index."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, at an aware UTC moment. `data` holds plain JSON values and no secret."""

    kind: Kind
    at: datetime
    level: Level = Level.INFO
    publication: PublicationId | None = None
    account: AccountId | None = None
    project: ProjectId | None = None
    data: Mapping[str, object] = field(default_factory=dict)
