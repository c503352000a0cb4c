"""Webhooks out: which events a receiver wants, what it is sent and how that is signed, and how patiently.

The form is that of Standard Webhooks 1.0 (standardwebhooks.com): three headers, a signature by HMAC-SHA256 over
id, moment and body, and receivers who may get a message twice and know it by its id.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase

from ytempire.domain.events import Event, Kind
from ytempire.domain.retry import wished_delay
from ytempire.domain.values import Secret, utc

SPANS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""The wait before each further try, as Standard Webhooks proposes: ten tries within about three days."""

PATIENCE = sum(SPANS, timedelta()) * 1.1
"""The longest that a message is tried, about three and a half days."""

WORRY = 4
"""After so many tries (about half an hour) a person is told that a receiver takes nothing."""

OVERLAP = timedelta(hours=24)
"""So long the secret before a rotation signs beside the new one."""

KEPT = timedelta(days=30)
"""So long messages that arrived are listed."""

SECRET_BYTES = 32
"""Within the 24 to 64 bytes that Standard Webhooks asks for."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
"""What a webhook may be called."""

TEST = "webhook.test"
"""The type of a test message. No event has it."""

_SECRET_PREFIX = "whsec_"
_OF_OUR_OWN = "webhook."
GONE = 410
_BUSY = frozenset({429, 503})


class LetterState(StrEnum):
    """How far a message has come; `failed`: it is tried again, `dead`: it is not."""

    PENDING = "pending"
    FAILED = "failed"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Letter:
    """One event for one webhook. `id` is what the receiver knows it by, however often it is sent.

    `event` and `kind` are the number and the kind of the event, `made_at` is since when it waits. `due` is when
    it is tried (again); None when nothing more is done. `status` and `error` are of the last try.
    """

    number: int
    webhook: str
    event: int
    id: str
    kind: str
    state: LetterState
    tries: int
    made_at: datetime
    due: datetime | None = None
    ended_at: datetime | None = None
    status: int | None = None
    error: str | None = None


def wants(patterns: Iterable[str], kind: Kind) -> bool:
    """Does a receiver of these patterns (`publication.*`) get events of this kind?

    Those about webhooks are sent to nobody: trouble on the way would make more to send on it. Alerts tell them.
    """
    return not kind.startswith(_OF_OUR_OWN) and any(fnmatchcase(kind, each) for each in patterns)


def means_something(pattern: str) -> bool:
    """Is there any kind of event that a pattern stands for?"""
    return any(wants((pattern,), kind) for kind in Kind)


def message_id(webhook: str, number: int, event: Event) -> str:
    """The id of an event for a webhook: always the same one, and of no other installation."""
    parts = [webhook, number, utc(event.at).isoformat(), str(event.kind), event.publication]
    return f"msg_{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]}"


def body(kind: str, at: datetime, data: Mapping[str, object]) -> bytes:
    """What a receiver is sent: `type`, `timestamp` (of what happened) and `data`, as JSON."""
    timestamp = utc(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    told = {"type": kind, "timestamp": timestamp, "data": data}
    # Half a character, as in the name of a file in another coding, is no text that every receiver takes.
    letters = json.loads(json.dumps(told, ensure_ascii=False).encode(errors="replace"))
    return json.dumps(letters, separators=(",", ":")).encode()


def headers(message: str, at: datetime, content: bytes, secrets: Sequence[Secret]) -> dict[str, str]:
    """The three headers of a try at a moment, signed with each secret. Receivers refuse moments that are long ago."""
    moment = str(int(utc(at).timestamp()))
    signed = b".".join((message.encode(), moment.encode(), content))
    signatures = [_signature(each, signed) for each in secrets]
    return {
        "webhook-id": message,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(signatures),
    }


def secret_text(chance: Secret) -> Secret:
    """The secret made of random bytes as base64url, in the spelling of Standard Webhooks."""
    raw = _decoded(chance.reveal().replace("-", "+").replace("_", "/"))
    return Secret(_SECRET_PREFIX + base64.b64encode(raw).decode())


def next_try(letter: Letter, now: datetime, dice: float, wish: timedelta = timedelta()) -> datetime | None:
    """When to try a message again, a tenth sooner or later by chance (`dice`), but not before the receiver's own
    `wish` is over; None to give up.

    One that has waited behind others for as long as all tries take is not tried on: what a receiver that never
    comes back has missed does not grow without end.
    """
    if letter.tries > len(SPANS) or now - letter.made_at >= PATIENCE:
        return None
    return now + max(SPANS[letter.tries - 1] * (0.9 + 0.2 * dice), wish)


def wish_of(status: int | None, retry_after: str | None, now: datetime) -> timedelta:
    """How long a receiver that has too much to do (429), or is out of service (503), asks to be left alone with
    `Retry-After`, as Standard Webhooks has it; at most the longest wait there is anyway, whatever it says.
    """
    if status not in _BUSY:
        return timedelta()
    return wished_delay(retry_after, now, longest=SPANS[-1]) or timedelta()


def arrived(status: int | None) -> bool:
    """Is this the answer of a receiver who has it?"""
    return status is not None and 200 <= status < 300


def why_not(status: int) -> str:
    """A sentence for an answer that is no success."""
    if 300 <= status < 400:
        return f"it answered {status}, and redirects are not followed"
    return f"it answered {status}"


def _signature(secret: Secret, signed: bytes) -> str:
    key = _decoded(secret.reveal().removeprefix(_SECRET_PREFIX))
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4))
