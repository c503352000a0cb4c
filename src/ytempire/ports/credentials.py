"""Credentials at rest, as intents: grants, consents under way, keys in use, leases, and the trail of use.

Every implementation passes one behaviour suite (tests/contracts). Moments are aware UTC. Nothing here can be
read without the vault.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from ytempire.domain.audit import Entry, Link
from ytempire.domain.events import Event
from ytempire.domain.oauth import Slot
from ytempire.domain.values import AccountId, ChannelId
from ytempire.ports.store import AccountChange


@dataclass(frozen=True, slots=True)
class SealedGrant:
    """A grant as stored. `sealed` is unreadable without the vault; the rest may be shown.

    `key` names the key that sealed it. `ends_at` is when Google said that the refresh token itself ends
    (None: it said nothing). `unusable` says why nobody tries it any more: Google no longer accepts it, or
    it could not be opened.
    """

    account: AccountId
    sealed: str
    key: str
    revision: int
    expires_at: datetime | None
    scopes: tuple[str, ...]
    connected_at: datetime
    refreshed_at: datetime | None = None
    channel: ChannelId | None = None
    channel_title: str | None = None
    slot: Slot = Slot.PRIMARY
    ends_at: datetime | None = None
    unusable: str | None = None


class Grants(Protocol):
    """Sealed grants: one primary for each account, and perhaps a backup for the same channel.

    No writing method stores anything sealed with a key that was retired or never registered; it answers as
    if it had lost a race. That holds for `Publications` too, where an address of a session is stored.
    """

    async def grant(self, account: AccountId, slot: Slot = Slot.PRIMARY) -> SealedGrant | None:
        """The grant of an account, or None."""
        ...

    async def grants(self) -> tuple[SealedGrant, ...]:
        """All grants, in the order of their accounts, the primary before the backup."""
        ...

    async def save_grant(
        self,
        grant: SealedGrant,
        seen: int | None,
        events: Sequence[Event],
        change: AccountChange | None = None,
    ) -> bool:
        """Stores a grant if the stored revision of its slot is still `seen` (None: none stored).

        False when it is not. It is stored as given: the new revision is the caller's to count. The events
        and the change of the account (at the moment of the first event) are written only when the answer is
        True, in the same transaction; `ValueError` for a change without an event.
        """
        ...

    async def condemn_grant(
        self, grant: SealedGrant, why: str, events: Sequence[Event], change: AccountChange | None = None
    ) -> bool:
        """Puts a grant out of use, whatever key it claims to be sealed with, and says why.

        Its revision grows. False, and nothing written, when the stored revision is no longer that of `grant`.
        Events and change as with `save_grant`, except that there may be neither.
        """
        ...

    async def promote_backup(
        self,
        grant: SealedGrant,
        seen: tuple[int, int],
        events: Sequence[Event],
        change: AccountChange | None = None,
    ) -> bool:
        """Stores a primary grant that was the backup until now, and forgets the backup.

        `seen` are the revisions of the primary and of the backup; False, and nothing changed, when either is
        another by now. It is the primary from now on, whatever its `slot` says. Events and change as with
        `save_grant`.
        """
        ...

    async def erase_grants(self, change: AccountChange, now: datetime, events: Sequence[Event]) -> int:
        """Forgets every grant and every consent under way of an account and changes its condition.

        How many grants there were. The channel stays known (`Account.channel`), so that a later connect of
        another channel is still noticed.
        """
        ...


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent that was begun: the person was sent to Google and has not come back yet.

    `state_hash` is the SHA-256 of the state in hexadecimal; the state itself is stored nowhere. The PKCE
    verifier is sealed. `browser` is the hash of the browser session that began it (None: not bound to one).
    """

    state_hash: str
    account: AccountId
    slot: Slot
    redirect_uri: str
    sealed_verifier: str
    key: str
    created_at: datetime
    expires_at: datetime
    browser: str | None = None


class Miss(StrEnum):
    """Why a state that came back cannot be used."""

    UNKNOWN = "unknown"
    USED = "used"
    EXPIRED = "expired"
    FOREIGN = "foreign"


class Consents(Protocol):
    """Consents under way; each can be taken once."""

    async def add_consent(self, consent: Consent, events: Sequence[Event]) -> bool:
        """Remembers a consent. False when its key is not in use; `ValueError` when the state hash is known.

        Those that ended more than a day before it are forgotten on this occasion.
        """
        ...

    async def take_consent(
        self, state_hash: str, now: datetime, *, account: AccountId | None = None, browser: str | None = None
    ) -> Consent | Miss:
        """Takes the consent of a state, exactly once whoever asks at the same time.

        `account`, when given, must be the one it was begun for; a consent bound to a browser needs that
        browser. One that expires at `now` has expired. A miss changes nothing. A consent that was taken
        leaves its state hash behind and nothing sealed.
        """
        ...


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key of the vault as the store knows it: its id, its check value, and how much is sealed with it."""

    id: str
    check: str
    added_at: datetime
    retired_at: datetime | None
    sealed: int


class SealedField(StrEnum):
    """The fields under which the vault seals what is stored.

    A grant and a verifier belong to their account, the address of a session to its publication, the secret of a
    webhook to that.
    """

    GRANT = "grant"
    SESSION = "session"
    VERIFIER = "verifier"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class SealedPlace:
    """One sealed text and where it stands: what the vault needs to open and seal it, and the store to find it.

    `table` is for the store alone.
    """

    table: str
    owner: str
    field: SealedField
    sealed: str


class Keys(Protocol):
    """Which keys seal what is stored. Sealed are grants, addresses of sessions, verifiers of consents, secrets of
    webhooks.

    Addresses of sessions tell their key themselves (`values.sealed_by`); one that tells none needs none.
    """

    async def keys(self) -> tuple[StoredKey, ...]:
        """Every key ever registered, oldest first."""
        ...

    async def register_keys(self, checks: Mapping[str, str], now: datetime) -> None:
        """Makes keys known by their check values; one that was retired is back in use.

        Known ones keep their check value and the moment they were added.
        """
        ...

    async def retire_key(self, key: str, now: datetime, events: Sequence[Event]) -> int:
        """Retires a key unless something is still sealed with it: how much is; 0 when it is retired now.

        Events are written only when this call retired it, so not for one retired before or never registered.
        """
        ...

    async def forget_key(self, key: str, now: datetime, events: Sequence[Event]) -> int:
        """Forgets every text that is sealed with a key, which is lost for ever, and retires it: how many there were.

        Sessions stay as they are, without an address. Nothing can be stored under it any more.
        """
        ...

    async def sealed_otherwise(self, key: str, limit: int) -> tuple[SealedPlace, ...]:
        """Texts sealed with any other key than this one, or telling none, in a fixed order."""
        ...

    async def reseal(self, place: SealedPlace, sealed: str, key: str) -> bool:
        """Exchanges a sealed text for another of the same content; False when it was changed in the meantime.

        No revision and no version grows, for nobody else needs to notice. Whoever settles a publication
        with the address of its session as it was leaves the new text alone.
        """
        ...


class Leases(Protocol):
    """Short exclusive rights by name, across all processes on one store."""

    async def take_lease(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """Takes a lease that is free, has run out at `now`, or is the holder's own already (it is prolonged)."""
        ...

    async def drop_lease(self, name: str, holder: str) -> None:
        """Gives a lease back; does nothing when somebody else holds it by now."""
        ...


class Audit(Protocol):
    """The trail of every use of a credential, each entry chained to the one before."""

    async def audit(self, entry: Entry) -> None:
        """Appends an entry, durable when it returns. Whoever cannot append must not use the credential."""
        ...

    async def audit_trail(self, after: int = 0, limit: int = 1000) -> tuple[Link, ...]:
        """Entries numbered above `after`, in order. Numbers start at 1 and have no gaps."""
        ...

    async def audit_head(self) -> tuple[int, str]:
        """The number and hash of the last link; (0, "") before the first."""
        ...


class Credentials(Grants, Consents, Keys, Leases, Audit, Protocol):
    """Everything about credentials that the store keeps."""
