"""What a fault means for others than the publication it struck: its bucket, its account."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from ytempire.domain.accounts import Account, Kind
from ytempire.domain.conditions import Act, after, moved_by
from ytempire.domain.decision import CHANNEL_PARKED
from ytempire.domain.events import Event
from ytempire.domain.events import Kind as EventKind
from ytempire.domain.faults import HARD_STOP, Fault, Remedy
from ytempire.domain.lessons import Lesson, Topic, cap_refused
from ytempire.domain.quota import Method, Profile
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import AccountId, ProjectId
from ytempire.ports import AccountChange, Closing, Settlement

BY = "YouTube's answer"


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
    event = Event(EventKind.BUCKET_CLOSED, now, fault.level, project=project, data=data)
    return (Closing(project, bucket, day, why, event),)


def account_changes(fault: Fault, account: AccountId, now: datetime) -> tuple[AccountChange, ...]:
    """What happens to the account, by the table of conditions: parked, in need of a new consent, or out of
    service. It is told only if it changes something.
    """
    match fault.remedy:
        case Remedy.PARK_CHANNEL:
            until = now + CHANNEL_PARKED
            event = _changed(fault, account, now, {"parked_until": until.isoformat()})
            return (AccountChange(account, fault.detail, BY, parked_until=until, event=event),)
        case Remedy.REAUTHORISE | Remedy.REFRESH:
            return (_moved(fault, account, Act.GRANT_DIED, now),)
        case Remedy.DISABLE_ACCOUNT:
            return (_moved(fault, account, Act.SUSPENDED, now),)
        case _:
            return ()


def _moved(fault: Fault, account: AccountId, act: Act, now: datetime) -> AccountChange:
    among = moved_by(act)
    (condition,) = {after(each, act, Kind.PRODUCTION, grant=True) for each in among}
    event = _changed(fault, account, now, {"condition": str(condition)})
    return AccountChange(account, fault.detail, BY, condition, among=among, event=event)


def _changed(fault: Fault, account: AccountId, now: datetime, data: Mapping[str, object]) -> Event:
    told = {"condition": None, "parked_until": None, **data, "why": fault.detail, "by": BY}
    return Event(EventKind.ACCOUNT_CHANGED, now, fault.level, account=account, data=told)


def lessons(fault: Fault, account: Account | None, now: datetime) -> tuple[Lesson, ...]:
    """What a fault teaches about its account: how much goes through in a day, that it was taken out of service."""
    if account is not None and fault.remedy is Remedy.PARK_CHANNEL:
        return cap_refused(account.arrived_lately, now, fault.detail)
    if fault.remedy is Remedy.DISABLE_ACCOUNT:
        return (Lesson(Topic.STRIKE, fault.code, now, fault.detail),)
    return ()


def learned(account: AccountId, taught: tuple[Lesson, ...], now: datetime) -> tuple[Event, ...]:
    """One event for each lesson."""
    return tuple(
        Event(
            EventKind.ACCOUNT_LEARNED,
            now,
            account=account,
            data={"topic": str(each.topic), "value": each.value, "why": each.why, "by": BY},
        )
        for each in taught
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
    taught = (*settled.lessons, *(lessons(fault, None, now) if unusable else ()))
    told = (*settled.events, *learned(account, taught, now))
    return replace(settled, events=told, accounts=changes, closings=closed, lessons=taught)
