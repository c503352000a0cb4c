"""What a fault means for others than the publication it struck: its bucket, its account."""

from dataclasses import replace
from datetime import datetime

from ytempire.domain.accounts import Condition
from ytempire.domain.decision import CHANNEL_PARKED
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import HARD_STOP, Fault, Remedy
from ytempire.domain.quota import Method, Profile
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import AccountId, ProjectId
from ytempire.ports import AccountChange, Closing, Settlement


def closings(
    fault: Fault, project: ProjectId, profile: Profile, method: Method, *, sent: datetime, now: datetime
) -> tuple[Closing, ...]:
    """The bucket that Google said is empty, on the day that the request was sent. Our own hard stop closes
    nothing: our ledger already says so.
    """
    if fault.remedy is not Remedy.CLOSE_BUCKET or fault == HARD_STOP:
        return ()
    bucket, day, why = profile.price(method).bucket, QuotaDay.of(sent), fault.detail or fault.code
    data = {"bucket": str(bucket), "day": str(day), "why": why}
    event = Event(Kind.BUCKET_CLOSED, now, fault.level, project=project, data=data)
    return (Closing(project, bucket, day, why, event),)


def account_changes(fault: Fault, account: AccountId, now: datetime) -> tuple[AccountChange, ...]:
    """What happens to the account: parked, in need of a new consent, or out of service."""
    by = "YouTube's answer"
    match fault.remedy:
        case Remedy.PARK_CHANNEL:
            return (AccountChange(account, fault.detail, by, parked_until=now + CHANNEL_PARKED),)
        case Remedy.REAUTHORISE | Remedy.REFRESH:
            return (AccountChange(account, fault.detail, by, Condition.NEEDS_REAUTH),)
        case Remedy.DISABLE_ACCOUNT:
            return (AccountChange(account, fault.detail, by, Condition.SUSPENDED),)
        case _:
            return ()


def events(changes: tuple[AccountChange, ...], fault: Fault, now: datetime) -> tuple[Event, ...]:
    """One event for each change of an account; a closing carries its own."""
    return tuple(
        Event(
            Kind.ACCOUNT_CHANGED,
            now,
            fault.level,
            account=change.account,
            data={
                "condition": change.condition and str(change.condition),
                "parked_until": change.parked_until and change.parked_until.isoformat(),
                "why": change.why,
                "by": change.by,
            },
        )
        for change in changes
    )


def applied(settled: Settlement, fault: Fault, profile: Profile | None, method: Method) -> Settlement:
    """The settlement of a step after the upload, with what its fault means for the bucket and the account.

    `profile` is None when the account's project is no longer configured: nobody is left to blame.
    """
    publication = settled.publication
    account, project, now = publication.account, publication.project, publication.updated_at
    if account is None or project is None or profile is None:
        return settled
    closed = closings(fault, project, profile, method, sent=now, now=now)
    unusable = fault.remedy in (Remedy.REAUTHORISE, Remedy.DISABLE_ACCOUNT)
    changes = account_changes(fault, account, now) if unusable else ()
    told = (*settled.events, *events(changes, fault, now))
    return replace(settled, events=told, accounts=changes, closings=closed)
