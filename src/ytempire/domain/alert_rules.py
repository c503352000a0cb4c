"""Which event begins or ends which alert: one table with a decision for every kind of event.

A rule is a plain function from an event to what it means; `told_by_others` says that a kind means nothing by
itself, and why may stand beside it. A rule never raises, whatever the data of an event holds.

Keys are read from left to right, from what is concerned to what is the matter with it: `publication:ID:held`,
`account:ID:needs_reauth`, `quota:PROJECT:BUCKET`, `youtube:unavailable`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from ytempire.domain.accounts import Condition
from ytempire.domain.alerts import Raise, Resolve, loudness
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import utc

Change = Raise | Resolve
Rule = Callable[[Event], tuple[Change, ...]]

LISTED = timedelta(days=7)
"""So long an alert about something that cannot be undone stays among the open ones."""

UNAVAILABLE = "youtube:unavailable"
_UPSTREAM = frozenset(
    {
        "backendError",
        "noReply",
        "tokenEndpoint",
        "rateLimitExceeded",
        "sessionLost",
        "unprovenSuccess",
        "noSession",
    }
)
"""Codes of deferrals that say that Google, or the way to it, is down."""

_PRIMARY = "primary"
_OUT_OF_SERVICE = {
    Condition.NEEDS_REAUTH: ("must be connected again", Level.HIGH, "run `ytempire connect {account}`"),
    Condition.SUSPENDED: ("is out of service", Level.CRITICAL, "look at the channel in YouTube Studio"),
}


def changes(event: Event) -> tuple[Change, ...]:
    """What an event means, in order."""
    return RULES[event.kind](event)


def told_by_others(event: Event) -> tuple[Change, ...]:
    """Nothing: it is everyday work, or the step after it will tell."""
    del event
    return ()


def trouble(target: str) -> str:
    """The key of the alert that a target cannot be reached."""
    return f"alerts:{target}:delivery"


def _held(event: Event) -> tuple[Change, ...]:
    remedies = event.data.get("remedies")
    listed = ", ".join(map(str, remedies)) if isinstance(remedies, list | tuple) else ""
    look = f"`ytempire jobs show {event.publication}`"
    return (
        Resolve(_publication(event, "outcome")),
        Raise(
            _publication(event, "held"),
            _at_least(Level.HIGH, event),
            f"{event.publication} needs a person: {_said(event, 'code', 'held')}",
            _said(event, "why"),
            f"{listed}; see {look}" if listed else f"see {look}",
        ),
    )


def _no_more_doubt(event: Event) -> tuple[Change, ...]:
    """It moved on: whatever it was held for, or in doubt about, is over."""
    return Resolve(_publication(event, "held")), Resolve(_publication(event, "outcome"))


def _arrived(event: Event) -> tuple[Change, ...]:
    return (*_no_more_doubt(event), Resolve(UNAVAILABLE))


def _looked_after(event: Event) -> tuple[Change, ...]:
    """A person has decided about it: nothing about it needs to be told any longer."""
    return (Resolve(f"publication:{event.publication}:", prefix=True),)


def _submitted(event: Event) -> tuple[Change, ...]:
    before = event.data.get("instead_of")
    return (Resolve(f"publication:{before}:", prefix=True),) if before else ()


def _deferred(event: Event) -> tuple[Change, ...]:
    """Waiting is everyday work, unless for Google to come back; quota and accounts have events of their own."""
    if event.data.get("code") not in _UPSTREAM:
        return ()
    remedy = "nothing, if status pages tell of an outage; else look at the network of this machine"
    title = "Google does not answer; publications wait"
    return (Raise(UNAVAILABLE, _at_least(Level.WARNING, event), title, _said(event, "why"), remedy),)


def _in_doubt(event: Event) -> tuple[Change, ...]:
    title = f"{event.publication} may have arrived or not; it is looked for"
    remedy = "nothing yet; a person is asked when it cannot be found out"
    key = _publication(event, "outcome")
    return (Raise(key, _at_least(Level.WARNING, event), title, _said(event, "why"), remedy),)


def _refused(event: Event) -> tuple[Change, ...]:
    title = f"{event.publication} is refused: {_said(event, 'code', 'refused')}"
    remedy = "mend what is refused and submit it anew"
    return (*_no_more_doubt(event), _passing(event, "refused", Level.WARNING, title, remedy))


def _duplicate(event: Event) -> tuple[Change, ...]:
    """Our own finding before an upload is no trouble; YouTube's own after one is."""
    if loudness(event.level) < loudness(Level.WARNING):
        return _no_more_doubt(event)
    title = f"YouTube calls {event.publication} a duplicate"
    remedy = "look for the other video at YouTube"
    return (*_no_more_doubt(event), _passing(event, "duplicate", Level.WARNING, title, remedy))


def _processing_failed(event: Event) -> tuple[Change, ...]:
    title = f"YouTube could not process {event.publication}: {_said(event, 'code', 'failed')}"
    remedy = f"look at it in YouTube Studio; `ytempire jobs retry {event.publication}` uploads it anew"
    return (*_no_more_doubt(event), _passing(event, "failed", Level.HIGH, title, remedy))


def _visibility(event: Event) -> tuple[Change, ...]:
    title = f"{event.publication} is seen by others than was asked"
    return (_passing(event, "visibility", Level.HIGH, title, "set the visibility in YouTube Studio"),)


def _extra_failed(event: Event) -> tuple[Change, ...]:
    extra = _said(event, "extra", "extra")
    title = f"the {extra} of {event.publication} cannot be done; the video is published"
    remedy = "add it in YouTube Studio"
    return (_passing(event, f"{extra}:{_said(event, 'index', '0')}", Level.WARNING, title, remedy),)


def _bucket_closed(event: Event) -> tuple[Change, ...]:
    bucket = _said(event, "bucket", "unknown")
    return (
        Raise(
            f"quota:{event.project}:{bucket}:closed",
            Level.CRITICAL,
            f"Google gives {event.project} no more {bucket} today",
            _said(event, "why"),
            "publications wait for the reset; see `ytempire quota`",
            _day(event).resets,
        ),
    )


def _threshold(event: Event) -> tuple[Change, ...]:
    bucket, percent = _said(event, "bucket", "unknown"), _said(event, "percent", "?")
    return (
        Raise(
            f"quota:{event.project}:{bucket}",
            event.level,
            f"{percent} % of the {bucket} of {event.project} are used",
            _said(event, "why", f"the quota day is {_day(event)}"),
            "see `ytempire quota`; new work stops at 80 %, everything at 90 %",
            _day(event).resets,
        ),
    )


def _account_changed(event: Event) -> tuple[Change, ...]:
    named = event.data.get("condition", event.data.get("to"))
    condition = next((each for each in Condition if each == named), None)
    if condition in _OUT_OF_SERVICE:
        return (_out_of_service(event, condition),)
    if condition is not None:
        return tuple(Resolve(_account(event, each)) for each in _OUT_OF_SERVICE)
    parked = _moment(event.data.get("parked_until"))
    if parked is None:
        return ()
    title = f"YouTube takes no more uploads from {event.account} for a while"
    level = _at_least(Level.WARNING, event)
    return (Raise(_account(event, "parked"), level, title, _said(event, "why"), "", parked),)


def _out_of_service(event: Event, condition: Condition) -> Raise:
    matter, level, remedy = _OUT_OF_SERVICE[condition]
    return Raise(
        _account(event, condition),
        _at_least(level, event),
        f"{event.account} {matter}",
        _said(event, "why"),
        remedy.format(account=event.account),
    )


def _token_failed(event: Event) -> tuple[Change, ...]:
    return (_out_of_service(event, Condition.NEEDS_REAUTH),)


def _connected(event: Event) -> tuple[Change, ...]:
    """A backup that is connected mends nothing but the backup."""
    slot = _said(event, "slot", _PRIMARY)
    mended = tuple(Resolve(_account(event, each)) for each in _OUT_OF_SERVICE) if slot == _PRIMARY else ()
    return (*mended, Resolve(_account(event, f"grant:{slot}")))


def _disconnected(event: Event) -> tuple[Change, ...]:
    over = Resolve(f"account:{event.account}:", prefix=True)
    if not event.data.get("still_standing"):
        return (over,)
    title = f"Google still honours a grant of {event.account}"
    remedy = "remove the access by hand at myaccount.google.com/connections"
    return over, _notice(event, _account(event, "standing"), Level.HIGH, title, remedy)


def _quarantined(event: Event) -> tuple[Change, ...]:
    slot = _said(event, "slot", _PRIMARY)
    title = f"the stored {slot} grant of {event.account} cannot be opened"
    remedy = f"find out who changed the database; run `ytempire connect {event.account}`"
    return (Raise(_account(event, f"grant:{slot}"), Level.CRITICAL, title, _said(event, "why"), remedy),)


def _backup_promoted(event: Event) -> tuple[Change, ...]:
    title = f"the backup grant of {event.account} has stepped in"
    remedy = "connect another backup"
    mended = (_account(event, Condition.NEEDS_REAUTH), _account(event, f"grant:{_PRIMARY}"))
    told = _notice(event, _account(event, "backup"), Level.WARNING, title, remedy)
    return (*map(Resolve, mended), told)


def _unreachable(event: Event) -> tuple[Change, ...]:
    title = f"Google's token endpoint does not answer for {event.project}"
    remedy = "nothing, if status pages tell of an outage; tokens that live are used meanwhile"
    key, level = f"token:{event.project}:unreachable", _at_least(Level.WARNING, event)
    return (Raise(key, level, title, _said(event, "why"), remedy),)


def _client_refused(event: Event) -> tuple[Change, ...]:
    title = f"Google refuses the OAuth client of {event.project}"
    remedy = "check the client secrets file of the project in the Cloud console"
    key = f"token:{event.project}:client"
    return (Raise(key, Level.CRITICAL, title, _said(event, "why"), remedy),)


def _endpoint_answered(event: Event) -> tuple[Change, ...]:
    return (Resolve(f"token:{event.project}:", prefix=True),)


def _rotated(event: Event) -> tuple[Change, ...]:
    unreadable, key = event.data.get("unreadable"), _said(event, "key", "unknown")
    if not unreadable:
        return ()
    title = f"{unreadable} stored secrets could not be opened, and so not sealed anew"
    return (
        _notice(event, f"keys:{key}:unreadable", Level.HIGH, title, "keep the old key until they are gone"),
    )


def _delivery_failed(event: Event) -> tuple[Change, ...]:
    target = _said(event, "target", "unknown")
    title = f"alerts cannot be delivered to {target}"
    remedy = f"look at the address; try it with `ytempire alerts test {target}`"
    return (Raise(trouble(target), Level.HIGH, title, _said(event, "why"), remedy, spared=target),)


def _delivery_restored(event: Event) -> tuple[Change, ...]:
    return (Resolve(trouble(_said(event, "target", "unknown"))),)


RULES: Mapping[Kind, Rule] = {
    Kind.SUBMITTED: _submitted,
    Kind.STARTED: told_by_others,
    Kind.RETURNED: told_by_others,
    Kind.DEFERRED: _deferred,
    Kind.RETRYING: told_by_others,
    Kind.SESSION_OPENING: told_by_others,
    Kind.SESSION_OPENED: told_by_others,
    Kind.SESSION_GONE: told_by_others,
    Kind.RESUMED: told_by_others,
    Kind.OUTCOME_UNKNOWN: _in_doubt,
    Kind.UPLOADED: _arrived,
    Kind.ADOPTED: _arrived,
    Kind.EXTRA_DONE: told_by_others,
    Kind.EXTRA_RETRYING: told_by_others,
    Kind.EXTRA_FAILED: _extra_failed,
    Kind.PUBLISHED: _arrived,
    Kind.VISIBILITY_DIFFERS: _visibility,
    Kind.PROCESSING_FAILED: _processing_failed,
    Kind.HELD: _held,
    Kind.REFUSED: _refused,
    Kind.DUPLICATE: _duplicate,
    Kind.CANCEL_REQUESTED: told_by_others,
    Kind.CANCELLED: _looked_after,
    Kind.RELEASED: _looked_after,
    Kind.BUCKET_CLOSED: _bucket_closed,
    Kind.QUOTA_THRESHOLD: _threshold,
    Kind.ACCOUNT_CHANGED: _account_changed,
    Kind.ACCOUNT_CONNECTED: _connected,
    Kind.ACCOUNT_DISCONNECTED: _disconnected,
    Kind.CONSENT_STARTED: told_by_others,
    Kind.CONSENT_REFUSED: told_by_others,
    Kind.TOKEN_REFRESHED: told_by_others,
    Kind.TOKEN_FAILED: _token_failed,
    Kind.TOKEN_UNREACHABLE: _unreachable,
    Kind.TOKEN_ANSWERED: _endpoint_answered,
    Kind.CLIENT_REFUSED: _client_refused,
    Kind.BACKUP_PROMOTED: _backup_promoted,
    Kind.GRANT_QUARANTINED: _quarantined,
    Kind.KEY_ADDED: told_by_others,
    Kind.KEY_RETIRED: told_by_others,
    Kind.KEYS_ROTATED: _rotated,
    Kind.DELIVERY_FAILED: _delivery_failed,
    Kind.DELIVERY_RESTORED: _delivery_restored,
}


def _passing(event: Event, matter: str, level: Level, title: str, remedy: str) -> Raise:
    return _notice(event, _publication(event, matter), level, title, remedy)


def _notice(event: Event, key: str, level: Level, title: str, remedy: str) -> Raise:
    """Something that is done and cannot be undone: told once, listed for a week."""
    until = event.at + LISTED
    return Raise(key, _at_least(level, event), title, _said(event, "why"), remedy, until, passing=True)


def _publication(event: Event, matter: str) -> str:
    return f"publication:{event.publication}:{matter}"


def _account(event: Event, matter: str) -> str:
    return f"account:{event.account}:{matter}"


def _at_least(level: Level, event: Event) -> Level:
    return max(level, event.level, key=loudness)


def _said(event: Event, name: str, otherwise: str = "") -> str:
    said = event.data.get(name)
    return otherwise if said is None else str(said)


def _day(event: Event) -> QuotaDay:
    """The quota day an event is about; the one it happened on when it does not say."""
    try:
        return QuotaDay.parse(_said(event, "day"))
    except ValueError:
        return QuotaDay.of(event.at)


def _moment(text: object) -> datetime | None:
    try:
        return utc(datetime.fromisoformat(text)) if isinstance(text, str) else None
    except ValueError:
        return None
