"""Which event begins or ends which alert: one table with a decision for every kind of event.

A rule is a plain function from an event to what it means; `told_by_others` says that a kind means nothing by
itself. A rule never raises, whatever the data of an event holds. Those about accounts are in alert_accounts.py,
those about chains of providers in alert_chains.py, those about receivers of events in alert_webhooks.py.

Keys are read from left to right, from what is concerned to what is the matter with it: `publication:ID:held`,
`account:ID:needs_reauth`, `quota:PROJECT:BUCKET`, `fault:CODE`, `chain:NAME`, `youtube:unavailable`.
"""

from collections.abc import Mapping

from ytempire.domain import alert_accounts, alert_chains, alert_checklist, alert_subjects, alert_webhooks
from ytempire.domain.alert_parts import Change, Rule, at_least, day_of, notice, said, told_by_others
from ytempire.domain.alerts import Raise, Resolve, loudness
from ytempire.domain.decision import KEY_GONE
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.vitals import Health

UNAVAILABLE = "youtube:unavailable"
KEYLESS = "vault:key_gone"
_UPSTREAM = frozenset(
    {
        "backendError",
        "noReply",
        "tokenEndpoint",
        "rateLimitExceeded",
        "sessionLost",
        "unprovenSuccess",
        "noSession",
        "noProgress",
    }
)
"""Codes of deferrals that say that Google, or the way to it, is down."""


def changes(event: Event) -> tuple[Change, ...]:
    """What an event means, in order."""
    return RULES[event.kind](event)


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
            at_least(Level.HIGH, event),
            f"{event.publication} needs a person: {said(event, 'code', 'held')}",
            said(event, "why"),
            f"{listed}; see {look}" if listed else f"see {look}",
        ),
    )


def _no_more_doubt(event: Event) -> tuple[Change, ...]:
    """It moved on: whatever it was held for, or in doubt about, is over."""
    return Resolve(_publication(event, "held")), Resolve(_publication(event, "outcome"))


def _opened(_event: Event) -> tuple[Change, ...]:
    """Its address was sealed, so that the key is there."""
    return (Resolve(KEYLESS),)


def _arrived(event: Event) -> tuple[Change, ...]:
    return (*_no_more_doubt(event), Resolve(UNAVAILABLE))


def _looked_after(event: Event) -> tuple[Change, ...]:
    """A person has decided about it: nothing about it needs to be told any longer."""
    return (Resolve(f"publication:{event.publication}:", prefix=True),)


def _submitted(event: Event) -> tuple[Change, ...]:
    before = event.data.get("instead_of")
    return (Resolve(f"publication:{before}:", prefix=True),) if before else ()


def _deferred(event: Event) -> tuple[Change, ...]:
    """Waiting is everyday work, unless for Google to come back or for the key; quota and accounts have events of
    their own.
    """
    if str(event.data.get("code")) == KEY_GONE:
        title, remedy = (
            "The key that seals secrets cannot be read; no upload is begun",
            "put the key back in its place",
        )
        return (Raise(KEYLESS, Level.CRITICAL, title, said(event, "why"), remedy),)
    if str(event.data.get("code")) not in _UPSTREAM:
        return ()
    remedy = "nothing, if status pages tell of an outage; else look at the network of this machine"
    title = "Google does not answer; publications wait"
    return (Raise(UNAVAILABLE, at_least(Level.WARNING, event), title, said(event, "why"), remedy),)


def _service_changed(event: Event) -> tuple[Change, ...]:
    """That YouTube is well again, as a look at it showed, also ends the waiting for it."""
    back = said(event, "service") == "youtube" and said(event, "health") == Health.HEALTHY
    return (*alert_chains.service_changed(event), *([Resolve(UNAVAILABLE)] if back else []))


def _in_doubt(event: Event) -> tuple[Change, ...]:
    title = f"{event.publication} may have arrived or not; it is looked for"
    remedy = "nothing yet; a person is asked when it cannot be found out"
    key = _publication(event, "outcome")
    return (Raise(key, at_least(Level.WARNING, event), title, said(event, "why"), remedy),)


def _refused(event: Event) -> tuple[Change, ...]:
    title = f"{event.publication} is refused: {said(event, 'code', 'refused')}"
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
    title = f"YouTube could not process {event.publication}: {said(event, 'code', 'failed')}"
    remedy = f"look at it in YouTube Studio; `ytempire jobs retry {event.publication}` uploads it anew"
    return (*_no_more_doubt(event), _passing(event, "failed", Level.HIGH, title, remedy))


def _visibility(event: Event) -> tuple[Change, ...]:
    title = f"{event.publication} is seen by others than was asked"
    return (_passing(event, "visibility", Level.HIGH, title, "set the visibility in YouTube Studio"),)


def _extra_failed(event: Event) -> tuple[Change, ...]:
    extra = said(event, "extra", "extra")
    title = f"the {extra} of {event.publication} cannot be done; the video is published"
    remedy = f"add it in YouTube Studio, or mend it and `ytempire jobs retry {event.publication} --extras`"
    return (_passing(event, f"{extra}:{said(event, 'index', '0')}", Level.WARNING, title, remedy),)


def _extra_done(event: Event) -> tuple[Change, ...]:
    key = f"{said(event, 'extra', 'extra')}:{said(event, 'index', '0')}"
    return (Resolve(_publication(event, key)),)


def _unknown(event: Event) -> tuple[Change, ...]:
    """One alert for each code, however often it is met; a person dismisses what is understood."""
    code = said(event, "code", "unknown")
    title = f"Google answered {code} to {said(event, 'step', 'a request')}, and no remedy is known"
    return (notice(event, f"fault:{code}", Level.WARNING, title, "see `ytempire errors review`"),)


def _dismissed(event: Event) -> tuple[Change, ...]:
    return (Resolve(f"fault:{said(event, 'code', 'unknown')}"),)


def _bucket_closed(event: Event) -> tuple[Change, ...]:
    bucket = said(event, "bucket", "unknown")
    return (
        Raise(
            f"quota:{event.project}:{bucket}:closed",
            Level.CRITICAL,
            f"Google gives {event.project} no more {bucket} today",
            said(event, "why"),
            "publications wait for the reset; see `ytempire quota`",
            day_of(event).resets,
        ),
    )


def _threshold(event: Event) -> tuple[Change, ...]:
    bucket, percent = said(event, "bucket", "unknown"), said(event, "percent", "?")
    return (
        Raise(
            f"quota:{event.project}:{bucket}",
            event.level,
            f"{percent} % of the {bucket} of {event.project} are used",
            said(event, "why", f"the quota day is {day_of(event)}"),
            "see `ytempire quota`; new work stops at 80 %, everything at 90 %",
            day_of(event).resets,
        ),
    )


def _delivery_failed(event: Event) -> tuple[Change, ...]:
    target = said(event, "target", "unknown")
    title = f"alerts cannot be delivered to {target}"
    remedy = f"look at the address; try it with `ytempire alerts test {target}`"
    return (Raise(trouble(target), Level.HIGH, title, said(event, "why"), remedy, spared=target),)


def _delivery_restored(event: Event) -> tuple[Change, ...]:
    return (Resolve(trouble(said(event, "target", "unknown"))),)


def _passing(event: Event, matter: str, level: Level, title: str, remedy: str) -> Raise:
    return notice(event, _publication(event, matter), level, title, remedy)


def _publication(event: Event, matter: str) -> str:
    return f"publication:{event.publication}:{matter}"


RULES: Mapping[Kind, Rule] = {
    Kind.SUBMITTED: _submitted,
    Kind.STARTED: told_by_others,
    Kind.RETURNED: told_by_others,
    Kind.DEFERRED: _deferred,
    Kind.RETRYING: told_by_others,
    Kind.SESSION_OPENING: told_by_others,
    Kind.SESSION_OPENED: _opened,
    Kind.SESSION_GONE: told_by_others,
    Kind.RESUMED: told_by_others,
    Kind.OUTCOME_UNKNOWN: _in_doubt,
    Kind.UPLOADED: _arrived,
    Kind.ADOPTED: _arrived,
    Kind.EXTRA_DONE: _extra_done,
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
    Kind.AMENDED: told_by_others,
    Kind.BUCKET_CLOSED: _bucket_closed,
    Kind.QUOTA_THRESHOLD: _threshold,
    Kind.FAULT_SEEN: told_by_others,
    Kind.FAULT_UNKNOWN: _unknown,
    Kind.FAULT_DISMISSED: _dismissed,
    Kind.ACCOUNT_CHANGED: alert_accounts.changed,
    Kind.ACCOUNT_PROMOTED: alert_accounts.promoted,
    Kind.ACCOUNT_RETURNED: alert_accounts.returned,
    Kind.ACCOUNT_LEARNED: told_by_others,
    Kind.ACCOUNT_CONNECTED: alert_accounts.connected,
    Kind.ACCOUNT_DISCONNECTED: alert_accounts.disconnected,
    Kind.CONSENT_STARTED: told_by_others,
    Kind.CONSENT_REFUSED: told_by_others,
    Kind.TOKEN_REFRESHED: told_by_others,
    Kind.TOKEN_FAILED: alert_accounts.token_failed,
    Kind.TOKEN_UNREACHABLE: alert_accounts.unreachable,
    Kind.TOKEN_ANSWERED: alert_accounts.endpoint_answered,
    Kind.CLIENT_REFUSED: alert_accounts.client_refused,
    Kind.BACKUP_PROMOTED: alert_accounts.backup_promoted,
    Kind.BACKUP_LOST: alert_accounts.backup_lost,
    Kind.GRANT_QUARANTINED: alert_accounts.quarantined,
    Kind.PLAN_MADE: told_by_others,
    Kind.API_TOKEN_CREATED: told_by_others,
    Kind.API_TOKEN_REVOKED: told_by_others,
    Kind.WEBHOOK_ADDED: told_by_others,
    Kind.WEBHOOK_ROTATED: told_by_others,
    Kind.WEBHOOK_REMOVED: alert_webhooks.removed,
    Kind.WEBHOOK_FAILING: alert_webhooks.failing,
    Kind.WEBHOOK_DEAD: alert_webhooks.dead,
    Kind.WEBHOOK_RESTORED: alert_webhooks.restored,
    Kind.WEBHOOK_DISABLED: alert_webhooks.disabled,
    Kind.WEBHOOK_ENABLED: alert_webhooks.enabled,
    Kind.WEBHOOK_REPLAYED: told_by_others,
    Kind.CHECKLIST_PASSED: alert_checklist.made,
    Kind.CHECKLIST_FAILED: alert_checklist.made,
    Kind.CHAIN_FELL_BACK: alert_chains.served,
    Kind.CHAIN_FAILED: alert_chains.failed,
    Kind.CHAIN_SERVED: alert_chains.served,
    Kind.BREAKER_CHANGED: alert_chains.breaker_changed,
    Kind.SERVICE_CHANGED: _service_changed,
    Kind.DRILL_DONE: alert_chains.drilled,
    Kind.KEY_ADDED: told_by_others,
    Kind.KEY_RETIRED: told_by_others,
    Kind.KEYS_ROTATED: alert_accounts.rotated,
    Kind.DELIVERY_FAILED: _delivery_failed,
    Kind.DELIVERY_RESTORED: _delivery_restored,
    Kind.ALERTS_MUTED: told_by_others,
    Kind.ALERTS_UNMUTED: told_by_others,
    Kind.SUBJECT_GONE: alert_subjects.gone,
    Kind.SUBJECT_BACK: alert_subjects.back,
}
