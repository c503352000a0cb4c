"""The trail of credential use: entries, and the chain of hashes that shows when one was changed or taken out.

The chain finds what was altered inside it. It cannot find that its end was cut off, or that all of it was
made anew: keep a copy of the head elsewhere for that.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ytempire.domain.values import AccountId, utc


class Use(StrEnum):
    """What is done with a credential. Written down before it is done."""

    OPENED = "opened"
    REFRESHED = "refreshed"
    EXCHANGED = "exchanged"
    STORED = "stored"
    PROMOTED = "promoted"
    REVOKED = "revoked"
    ERASED = "erased"
    QUARANTINED = "quarantined"
    RESEALED = "resealed"
    KEY_ADDED = "key_added"
    KEY_RETIRED = "key_retired"
    KEYS_PROTECTED = "keys_protected"
    KEYS_UNPROTECTED = "keys_unprotected"
    BACKED_UP = "backed_up"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Entry:
    """One use of a credential, at an aware UTC moment. `detail` is plain words and holds no secret.

    `use` is another text only where somebody changed what was written.
    """

    at: datetime
    actor: str
    use: Use | str
    account: AccountId | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """An entry in its place in the chain. Numbers start at 1; `before` is the hash of the link before, or ""."""

    number: int
    entry: Entry
    before: str
    hash: str


def linked(entry: Entry, number: int, before: str) -> Link:
    """An entry chained to the hash before it."""
    return Link(number, entry, before, _hash(entry, number, before))


def first_break(links: Iterable[Link], number: int = 0, before: str = "") -> int | None:
    """The number of the first link that does not follow from the one before; None when all do.

    `number` and `before` are those of the link before the first.
    """
    for link in links:
        number += 1
        if link != linked(link.entry, number, before):
            return number
        before = link.hash
    return None


def _hash(entry: Entry, number: int, before: str) -> str:
    at = utc(entry.at).isoformat(timespec="microseconds")
    parts = [number, before, at, entry.actor, entry.use, entry.account, entry.detail]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
