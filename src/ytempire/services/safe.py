"""The safe: opens and seals grants, and writes down each use of one before it happens.

Nothing else in the house opens a grant. When the trail cannot be written, the use does not take place: the
error of the store goes up and nothing was opened or sent.
"""

import json
from dataclasses import dataclass, field, replace

from ytempire.domain.audit import Entry, Use
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Fault, Level, Remedy, Scope
from ytempire.domain.oauth import Grant, Slot
from ytempire.domain.values import AccountId, Altered, Mendable, ProjectId, Secret
from ytempire.ports import SealedField, SealedGrant
from ytempire.services.context import Context


def sealed_document(grant: Grant, client: str | None = None) -> bytes:
    """The secrets of a grant as they are sealed, with the OAuth client that its access token was given to."""
    access = grant.access_token.reveal() if grant.access_token else None
    document = {"refresh_token": grant.refresh_token.reveal(), "access_token": access, "client": client}
    return json.dumps(document).encode()


_PATIENT = 20

UNOPENED = "the stored grant cannot be opened"
"""How the reason begins for which a grant was put in quarantine: it may well be alive at Google."""


@dataclass(frozen=True, slots=True)
class Safe:
    """Opens each stored grant once and remembers it until it changes; safe to share."""

    context: Context
    _opened: dict[tuple[AccountId, Slot], tuple[str, Grant]] = field(default_factory=dict)

    async def opened(self, stored: SealedGrant) -> Grant | Fault:
        """The grant itself, with the revision and the times of the stored one; or why it cannot be had.

        One that was changed or moved is put in quarantine, once, with an event; the others go on.
        """
        if stored.unusable is not None:
            return reconnect("invalidGrant", stored.unusable)
        known = self._opened.get((stored.account, stored.slot))
        if known is not None and known[0] == stored.sealed:
            grant = _dated(known[1], stored)
            self._opened[stored.account, stored.slot] = (stored.sealed, grant)
            return grant
        await self.note(Use.OPENED, stored.account, str(stored.slot))
        try:
            plain = self.context.vault.open(stored.account, SealedField.GRANT, stored.sealed)
        except Altered as changed:
            return await self._quarantine(stored, str(changed))
        except Mendable as missing:
            return await self._keyless(stored, str(missing))
        secrets = json.loads(plain)
        # What is done with a token is charged to the project of its client, which may not be the account's any more.
        ours = secrets.get("client") in (None, self._client(stored.account))
        access = secrets["access_token"] if ours else None
        grant = Grant(Secret(secrets["refresh_token"]), Secret(access) if access else None)
        self._opened[stored.account, stored.slot] = (stored.sealed, grant)
        return _dated(grant, stored)

    def sealed(self, stored: SealedGrant, grant: Grant) -> SealedGrant:
        """The next revision of a stored grant, with these secrets and their times."""
        plain = sealed_document(grant, self._client(stored.account))
        text = self.context.vault.seal(stored.account, SealedField.GRANT, plain)
        return replace(
            stored,
            sealed=text,
            key=self.context.vault.key_of(text),
            revision=stored.revision + 1,
            expires_at=grant.expires_at,
            scopes=grant.scopes,
        )

    def keyless(self) -> Fault | None:
        """Why nothing can be sealed now; None when it can. The key may be back at any time."""
        try:
            self.context.vault.writing_key  # noqa: B018  asked for whether it can be had
        except Mendable as gone:
            return Fault("keyMissing", Remedy.RETRY, Scope.SERVICE, Level.CRITICAL, _PATIENT, str(gone))
        return None

    def _client(self, account: AccountId) -> str | None:
        """The OAuth client that acts for an account; None when it is not configured."""
        client = self.context.clients.get(self.context.projects.get(account, ProjectId("")))
        return client.client_id if client is not None else None

    async def note(self, use: Use, account: AccountId | None, detail: str = "") -> None:
        """Writes down a use that is about to happen."""
        context = self.context
        await context.store.audit(Entry(context.clock.now(), context.actor, use, account, detail))

    async def _keyless(self, stored: SealedGrant, why: str) -> Fault:
        """A key that we know of can come back; one that never was ours is the mark of a changed text.

        What the text itself names counts, and it must be what was noted beside it.
        """
        named = self.context.vault.key_of(stored.sealed)
        if named != stored.key or all(key.id != named for key in await self.context.store.keys()):
            return await self._quarantine(stored, why)
        return Fault("keyMissing", Remedy.CONFIGURE, Scope.ACCOUNT, Level.CRITICAL, 0, why)

    async def _quarantine(self, stored: SealedGrant, why: str) -> Fault:
        message = f"{UNOPENED}: {why}"
        await self.note(Use.QUARANTINED, stored.account, str(stored.slot))
        data = {"why": message, "slot": stored.slot}
        at = self.context.clock.now()
        event = Event(Kind.GRANT_QUARANTINED, at, Level.CRITICAL, account=stored.account, data=data)
        await self.context.store.condemn_grant(stored, message, (event,))
        return reconnect("invalidGrant", message)


def reconnect(code: str, message: str) -> Fault:
    """The fault that only a new consent puts right."""
    return Fault(code, Remedy.REAUTHORISE, Scope.ACCOUNT, Level.HIGH, 0, message)


def _dated(grant: Grant, stored: SealedGrant) -> Grant:
    if (grant.expires_at, grant.scopes, grant.revision) == (
        stored.expires_at,
        stored.scopes,
        stored.revision,
    ):
        return grant
    return replace(grant, expires_at=stored.expires_at, scopes=stored.scopes, revision=stored.revision)
