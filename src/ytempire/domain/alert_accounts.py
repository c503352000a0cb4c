"""Which events about accounts, grants, tokens and keys begin or end which alert. The table is in alert_rules.py."""

from ytempire.domain.accounts import Condition
from ytempire.domain.alert_parts import Change, at_least, moment_of, notice, said
from ytempire.domain.alerts import Raise, Resolve, loudness
from ytempire.domain.events import Event
from ytempire.domain.faults import Level

_PRIMARY = "primary"
_OUT_OF_SERVICE = {
    Condition.NEEDS_REAUTH: ("must be connected again", Level.HIGH, "run `ytempire connect {account}`"),
    Condition.SUSPENDED: (
        "is out of service",
        Level.CRITICAL,
        "look at the channel in YouTube Studio; when it is given back, run `ytempire accounts resume {account}`",
    ),
}


def changed(event: Event) -> tuple[Change, ...]:
    """It went out of service, came back, or YouTube takes no more of it for a while.

    One that needs a new consent is suspended no longer: a suspension outlasts whatever befalls the grant.
    """
    named = event.data.get("condition", event.data.get("to"))
    condition = next((each for each in Condition if each == named), None)
    if condition in _OUT_OF_SERVICE:
        over = [Condition.SUSPENDED] if condition is Condition.NEEDS_REAUTH else []
        return (*(Resolve(_account(event, each)) for each in over), _out_of_service(event, condition))
    if condition is not None:
        uncapped = ("parked",) if event.data.get("from") == Condition.CAPPED else ()
        return tuple(Resolve(_account(event, each)) for each in (*_OUT_OF_SERVICE, *uncapped))
    parked = moment_of(event.data.get("parked_until"))
    if parked is None:
        return ()
    title = f"YouTube takes no more uploads from {event.account} for a while"
    level = at_least(Level.WARNING, event)
    return (Raise(_account(event, "parked"), level, title, said(event, "why"), "", parked),)


def _out_of_service(event: Event, condition: Condition) -> Raise:
    matter, level, remedy = _OUT_OF_SERVICE[condition]
    return Raise(
        _account(event, condition),
        at_least(level, event),
        f"{event.account} {matter}",
        said(event, "why"),
        remedy.format(account=event.account),
    )


def promoted(event: Event) -> tuple[Change, ...]:
    """A reserve does production's work; where reserves work every day that is no news."""
    if loudness(event.level) < loudness(Level.WARNING):
        return ()
    title = f"the reserve {event.account} has stepped in"
    remedy = "bring production back: see `ytempire accounts list`"
    until = moment_of(event.data.get("until"))
    return (Raise(_account(event, "promoted"), Level.WARNING, title, said(event, "why"), remedy, until),)


def returned(event: Event) -> tuple[Change, ...]:
    """It stands by again."""
    return (Resolve(_account(event, "promoted")),)


def token_failed(event: Event) -> tuple[Change, ...]:
    """Nothing is left but a new consent: the same as an account that says so."""
    return (_out_of_service(event, Condition.NEEDS_REAUTH),)


def connected(event: Event) -> tuple[Change, ...]:
    """A backup that is connected mends nothing but the backup, and no consent ends a suspension."""
    slot = said(event, "slot", _PRIMARY)
    mended = (Resolve(_account(event, Condition.NEEDS_REAUTH)),) if slot == _PRIMARY else ()
    return (*mended, Resolve(_account(event, f"grant:{slot}")), Resolve(_account(event, "standing")))


def disconnected(event: Event) -> tuple[Change, ...]:
    """Nothing more is to be told of it, but that Google did not revoke what it had."""
    over = Resolve(f"account:{event.account}:", prefix=True)
    if not event.data.get("still_standing"):
        return (over,)
    title = f"Google still honours a grant of {event.account}"
    remedy = "remove the access by hand at myaccount.google.com/permissions"
    return over, notice(event, _account(event, "standing"), Level.HIGH, title, remedy)


def quarantined(event: Event) -> tuple[Change, ...]:
    """Somebody changed what is stored, or it is damaged."""
    slot = said(event, "slot", _PRIMARY)
    title = f"the stored {slot} grant of {event.account} cannot be opened"
    remedy = f"find out who changed the database; run `ytempire connect {event.account}`"
    return (Raise(_account(event, f"grant:{slot}"), Level.CRITICAL, title, said(event, "why"), remedy),)


def backup_promoted(event: Event) -> tuple[Change, ...]:
    """It works again, and has no backup any more."""
    title = f"the backup grant of {event.account} has stepped in"
    remedy = "connect another backup"
    mended = (_account(event, Condition.NEEDS_REAUTH), _account(event, f"grant:{_PRIMARY}"))
    told = notice(event, _account(event, "backup"), Level.WARNING, title, remedy)
    return (*map(Resolve, mended), told)


def backup_lost(event: Event) -> tuple[Change, ...]:
    """The account works, with nothing to fall back on."""
    title = f"Google no longer accepts the backup grant of {event.account}"
    remedy = f"run `ytempire connect {event.account} --backup`"
    key, level = _account(event, "grant:backup"), at_least(Level.WARNING, event)
    return (Raise(key, level, title, said(event, "why"), remedy),)


def unreachable(event: Event) -> tuple[Change, ...]:
    """No token can be renewed for a project."""
    title = f"Google's token endpoint does not answer for {event.project}"
    remedy = "nothing, if status pages tell of an outage; tokens that live are used meanwhile"
    key, level = f"token:{event.project}:unreachable", at_least(Level.WARNING, event)
    return (Raise(key, level, title, said(event, "why"), remedy),)


def client_refused(event: Event) -> tuple[Change, ...]:
    """No token of a project can be renewed until a person mends its client."""
    title = f"Google refuses the OAuth client of {event.project}"
    remedy = "check the client secrets file of the project in the Cloud console"
    key = f"token:{event.project}:client"
    return (Raise(key, Level.CRITICAL, title, said(event, "why"), remedy),)


def endpoint_answered(event: Event) -> tuple[Change, ...]:
    """The token endpoint works again, with our client."""
    return (Resolve(f"token:{event.project}:", prefix=True),)


def rotated(event: Event) -> tuple[Change, ...]:
    """A rotation that could not open everything."""
    unreadable, key = event.data.get("unreadable"), said(event, "key", "unknown")
    if not unreadable:
        return ()
    title = f"{unreadable} stored secrets could not be opened, and so not sealed anew"
    return (
        notice(event, f"keys:{key}:unreadable", Level.HIGH, title, "keep the old key until they are gone"),
    )


def _account(event: Event, matter: str) -> str:
    return f"account:{event.account}:{matter}"
