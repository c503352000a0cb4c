"""How values are written on the pages: numbers, sizes, moments, and states as shape, word and colour.

A state is never told by colour alone: `Mark` has a shape and a word, and a tone that the style sheet gives a colour.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ytempire.domain.events import Kind
from ytempire.domain.money import usd
from ytempire.domain.quota_day import PACIFIC

NOTHING = "\N{EN DASH}"
"""In place of a value that there is not."""

_SIZES = ("B", "kB", "MB", "GB", "TB")
_STEP = 1000
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


@dataclass(frozen=True, slots=True)
class Mark:
    """A state as it is shown. `shape`: dot, ring, diamond, triangle or square; `tone` names a colour."""

    shape: str
    word: str
    tone: str


_GOOD, _BUSY, _IDLE = ("dot", "good"), ("diamond", "busy"), ("ring", "idle")
_WAIT, _WARN, _HIGH, _BAD = ("ring", "wait"), ("triangle", "warn"), ("triangle", "high"), ("square", "bad")
_OVER = ("square", "idle")

LOOKS: Mapping[str, tuple[str, str]] = {
    # publications
    "queued": _IDLE, "planned": _IDLE, "uploading": _BUSY, "processing": _BUSY, "published": _GOOD,
    "deferred": _WAIT, "held": _HIGH, "refused": _BAD, "duplicate": _OVER, "cancelled": _OVER, "failed": _BAD,
    # accounts
    "active": _GOOD, "standby": _IDLE, "paused": _WAIT, "capped": _WARN, "needs_reauth": _BAD,
    "suspended": _BAD, "disconnected": _BAD,
    # shares of a bucket
    "green": _GOOD, "yellow": ("diamond", "note"), "orange": _WARN, "red": _BAD,
    # levels
    "info": _IDLE, "warning": _WARN, "high": _HIGH, "critical": _BAD,
    # extras and deliveries
    "pending": _IDLE, "sent": _BUSY, "done": _GOOD, "given_up": _BAD, "superseded": _OVER,
    # of tokens
    "valid": _GOOD, "to be renewed": _BUSY, "unusable": _BAD, "not connected": _BAD,
    # of services and breakers:
    "up": _GOOD, "healthy": _GOOD, "well": _GOOD, "ok": _GOOD, "down": _BAD, "unhealthy": _BAD, "ill": _BAD,
    "degraded": _WARN, "unknown": _IDLE, "closed": _GOOD, "open": _BAD, "half_open": _WARN, "isolated": _OVER,
    "disabled": _WARN, "passed": _GOOD, "skipped": _IDLE,
    # of webhooks
    "no_secret": _WARN, "not_configured": _OVER, "dead": _BAD,
}  # fmt: skip
"""The shape and the tone of every state that has one."""

_WORDS: Mapping[str, str] = {
    "needs_reauth": "needs reconnecting",
    "disconnected": "not connected",
    "given_up": "given up",
    "half_open": "half open",
}


def mark(state: object) -> Mark:
    """A state as it is shown; one that nobody foresaw is a ring with its own word."""
    text = str(state)
    shape, tone = LOOKS.get(text, _IDLE)
    return Mark(shape, _WORDS.get(text, text.replace("_", " ")), tone)


def number(value: object) -> str:
    """A whole number with commas, or a dash for none."""
    return NOTHING if value is None else f"{value:,.0f}" if isinstance(value, int | float) else str(value)


def counted(number: int, one: str, many: str = "") -> str:
    """So many of something: 1 call, 2 calls."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def size(octets: int | None) -> str:
    """Bytes as people say them: 12.4 MB."""
    if octets is None:
        return NOTHING
    amount, unit = float(octets), 0
    while amount >= _STEP and unit < len(_SIZES) - 1:
        amount, unit = amount / _STEP, unit + 1
    return f"{octets} B" if not unit else f"{amount:.1f} {_SIZES[unit]}"


def percent(part: float | None) -> str:
    """A share of 1 in percent."""
    return NOTHING if part is None else f"{100 * part:.0f} %"


def seconds(length: float) -> str:
    """A span as people say it, in its largest two parts: 2 h 5 min."""
    whole = max(0, round(length))
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"


def ago(moment: object, now: datetime) -> str:
    """How long ago, or in how long."""
    found = moment_of(moment)
    if found is None:
        return NOTHING
    gone = (now - found).total_seconds()
    if abs(gone) < 1:
        return "now"
    return f"{seconds(gone)} ago" if gone > 0 else f"in {seconds(-gone)}"


def ahead(moment: object, now: datetime) -> str:
    """In how long something comes; what should have come already is due now."""
    found = moment_of(moment)
    return "due now" if found is not None and found <= now else ago(moment, now)


def moment_of(value: object) -> datetime | None:
    """A moment from a document or as it is; None for what is none."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not value:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def pacific(value: object, form: str = "%d %b %H:%M") -> str:
    """A moment in Pacific time, by whose midnight quota resets."""
    found = moment_of(value)
    return NOTHING if found is None else found.astimezone(PACIFIC).strftime(form)


def clock(value: object, *, now: datetime, exact: bool = False) -> str:
    """A moment in Pacific time, with its date when that is not today's; `exact` has the seconds too."""
    found = moment_of(value)
    if found is None:
        return NOTHING
    near = abs(found - now) < timedelta(hours=20)
    time = "%H:%M:%S PT" if exact else "%H:%M PT"
    return pacific(found, time if near else f"%d %b {time}")


def iso(value: object) -> str:
    """A moment for machines, in UTC."""
    found = moment_of(value)
    return found.isoformat().replace("+00:00", "Z") if found is not None else ""


EVENTS: Mapping[str, str] = {
    Kind.SUBMITTED: "Submitted",
    Kind.STARTED: "Account chosen, upload started",
    Kind.RETURNED: "Put back into the queue",
    Kind.DEFERRED: "Deferred",
    Kind.RETRYING: "Tried again soon",
    Kind.SESSION_OPENING: "Upload session asked for",
    Kind.SESSION_OPENED: "Upload session opened",
    Kind.SESSION_GONE: "Upload session gone",
    Kind.RESUMED: "Upload resumed",
    Kind.OUTCOME_UNKNOWN: "Outcome unknown, being looked for",
    Kind.UPLOADED: "All bytes arrived",
    Kind.ADOPTED: "Video adopted",
    Kind.EXTRA_DONE: "Extra done",
    Kind.EXTRA_RETRYING: "Extra tried again later",
    Kind.EXTRA_FAILED: "Extra failed",
    Kind.PUBLISHED: "Published",
    Kind.VISIBILITY_DIFFERS: "Visibility differs from what was asked",
    Kind.PROCESSING_FAILED: "YouTube could not process it",
    Kind.HELD: "Held: a person is needed",
    Kind.REFUSED: "Refused",
    Kind.DUPLICATE: "Duplicate",
    Kind.CANCEL_REQUESTED: "Cancelling asked for",
    Kind.CANCELLED: "Cancelled",
    Kind.RELEASED: "Released by a person",
    Kind.AMENDED: "Changed at YouTube",
    Kind.BUCKET_CLOSED: "YouTube closed a bucket",
    Kind.QUOTA_THRESHOLD: "Quota threshold crossed",
    Kind.FAULT_SEEN: "Fault met",
    Kind.FAULT_UNKNOWN: "Fault without a remedy met",
    Kind.FAULT_DISMISSED: "Fault struck off the list",
    Kind.ACCOUNT_CHANGED: "Account changed",
    Kind.ACCOUNT_PROMOTED: "Reserve promoted",
    Kind.ACCOUNT_RETURNED: "Reserve stands by again",
    Kind.ACCOUNT_LEARNED: "Learned about an account",
    Kind.ACCOUNT_CONNECTED: "Account connected",
    Kind.ACCOUNT_DISCONNECTED: "Account disconnected",
    Kind.CONSENT_STARTED: "Somebody was sent to Google",
    Kind.CONSENT_REFUSED: "Consent came to nothing",
    Kind.TOKEN_REFRESHED: "Token renewed",
    Kind.TOKEN_FAILED: "Google accepts the grant no more",
    Kind.TOKEN_UNREACHABLE: "Token endpoint silent",
    Kind.TOKEN_ANSWERED: "Token endpoint answers again",
    Kind.CLIENT_REFUSED: "Google refuses our client",
    Kind.BACKUP_PROMOTED: "Backup grant took over",
    Kind.BACKUP_LOST: "Backup grant lost",
    Kind.GRANT_QUARANTINED: "Grant put in quarantine",
    Kind.KEY_ADDED: "Key added",
    Kind.KEY_RETIRED: "Key retired",
    Kind.KEYS_ROTATED: "Keys rotated",
    Kind.DELIVERY_FAILED: "An alert reached nobody",
    Kind.DELIVERY_RESTORED: "Alerts are delivered again",
    Kind.ALERTS_MUTED: "Alerts muted",
    Kind.ALERTS_UNMUTED: "Mute ended",
    Kind.SUBJECT_GONE: "Alert over: no longer configured",
    Kind.SUBJECT_BACK: "Alert again: configured again",
    Kind.PLAN_MADE: "Day planned",
    Kind.CHECKLIST_PASSED: "Checklist passed",
    Kind.CHECKLIST_FAILED: "Checklist failed",
    Kind.API_TOKEN_CREATED: "API token created",
    Kind.API_TOKEN_REVOKED: "API token revoked",
    Kind.WEBHOOK_ADDED: "Webhook added",
    Kind.WEBHOOK_ROTATED: "Webhook secret exchanged",
    Kind.WEBHOOK_REMOVED: "Webhook removed",
    Kind.WEBHOOK_FAILING: "Webhook takes no messages",
    Kind.WEBHOOK_DEAD: "Webhook message given up",
    Kind.WEBHOOK_RESTORED: "Webhook takes messages again",
    Kind.WEBHOOK_DISABLED: "Webhook disabled",
    Kind.WEBHOOK_ENABLED: "Webhook enabled",
    Kind.WEBHOOK_REPLAYED: "Webhook messages sent again",
    "chain.fell_back": "A chain fell back",
    "chain.failed": "Every link of a chain failed",
    "chain.served": "A chain served",
    "breaker.changed": "A breaker changed",
    "service.changed": "A service changed",
    "drill.done": "Drill done",
}
"""What each kind of event is called on the pages."""

_HIDDEN = frozenset({"candidates"})


_BEGIN, _END = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
_BEGINNINGS = frozenset({"LRI", "RLI", "FSI"})
_TURNING = _BEGINNINGS | {"R", "AL", "LRE", "RLE", "LRO", "RLO", "PDF", "PDI"}


def event_name(kind: object) -> str:
    """What a kind of event is called; one without a name of its own goes by its kind."""
    return EVENTS.get(str(kind), str(kind))


def details(data: Mapping[str, object]) -> str:
    """The data of an event on one line."""
    told = {
        name: each for name, each in data.items() if name not in _HIDDEN and each not in (None, "", [], {})
    }
    if isinstance(cost := told.get("cost"), int):  # of a chain; that of an upload is by buckets
        told["cost"] = f"{usd(cost)} USD"
    return " · ".join(f"{name.replace('_', ' ')}: {_plain(each)}" for name, each in told.items())


def _plain(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={_plain(each)}" for name, each in value.items() if each is not None)
    if isinstance(value, bool):
        return "yes" if value else "no"
    moment = moment_of(value)
    return apart(str(value)) if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def apart(text: str) -> str:
    """A text from outside, to stand within one of ours: the direction of its letters turns nothing around it.

    It is isolated (Unicode Annex 9); whatever it opens or closes itself is made up for, and every letter of it stays.
    """
    if text.isascii() or _TURNING.isdisjoint(map(unicodedata.bidirectional, text)):
        return text
    begun = 1 + text.count(_END)
    ended = begun + sum(unicodedata.bidirectional(letter) in _BEGINNINGS for letter in text)
    return _BEGIN * begun + text + _END * ended
