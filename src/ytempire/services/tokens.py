"""A usable access token for an account: from the vault while it is fresh, else refreshed, once at a time."""

import asyncio
import json
from collections import defaultdict
from dataclasses import replace
from datetime import datetime

from ytempire.domain.accounts import Condition
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Fault, Level, Remedy, Scope
from ytempire.domain.oauth import (
    ClientRefused,
    Grant,
    GrantDead,
    Refreshed,
    Unreachable,
    merged,
    read_refresh,
    refresh_request,
)
from ytempire.domain.values import AccountId, Mendable, Secret
from ytempire.ports import AccountChange, SealedField, SealedGrant
from ytempire.services.context import Context

FIELD = SealedField.GRANT
"""The field under which a grant is sealed; the owner is the account."""


def sealed_document(grant: Grant) -> bytes:
    """The secrets of a grant as they are sealed."""
    access = grant.access_token.reveal() if grant.access_token else None
    return json.dumps({"refresh_token": grant.refresh_token.reveal(), "access_token": access}).encode()


class Tokens:
    """Tokens of all accounts; callers of one account share one refresh, and a dead grant is asked for once."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._turns: defaultdict[AccountId, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._dead: dict[AccountId, tuple[int, Fault]] = {}

    async def fresh(self, account: AccountId) -> Secret | Fault:
        """An access token with some life left, or the fault that keeps us from having one."""
        stored = await self._read(account)
        if isinstance(stored, Fault):
            return stored
        if account not in self._context.projects:
            message = f"{account} is no longer configured; put it back to let its videos be finished"
            return Fault("accountUnknown", Remedy.CONFIGURE, Scope.ACCOUNT, Level.HIGH, 0, message)
        now = self._context.clock.now()
        if stored[1].fresh(now) and stored[1].access_token is not None:
            return stored[1].access_token
        async with self._turns[account]:
            return await self._refresh(account)

    async def refused(self, account: AccountId, token: Secret) -> None:
        """YouTube refused this token: forget it, unless another one has taken its place by now."""
        async with self._turns[account]:
            stored = await self._read(account)
            if not isinstance(stored, Fault) and stored[1].access_token == token:
                await self._save(stored[0], replace(stored[1], access_token=None, expires_at=None), ())

    async def _read(self, account: AccountId) -> tuple[SealedGrant, Grant] | Fault:
        stored = await self._context.store.grant(account)
        if stored is None:
            return _reconnect("notConnected", f"{account} is not connected")
        try:
            secrets = json.loads(self._context.vault.open(account, FIELD, stored.sealed))
        except Mendable as sealed_wrong:
            return _reconnect("invalidGrant", f"the stored grant cannot be opened: {sealed_wrong}")
        access = secrets["access_token"]
        grant = Grant(
            Secret(secrets["refresh_token"]),
            Secret(access) if access else None,
            stored.expires_at,
            stored.scopes,
            stored.revision,
        )
        return stored, grant

    async def _refresh(self, account: AccountId) -> Secret | Fault:
        stored = await self._read(account)
        if isinstance(stored, Fault):
            return stored
        now = self._context.clock.now()
        if stored[1].fresh(now) and stored[1].access_token is not None:
            return stored[1].access_token
        dead = self._dead.get(account)
        if dead is not None and dead[0] == stored[1].revision:
            return dead[1]
        client = self._context.clients[self._context.projects[account]]
        answer = await self._context.google.post(refresh_request(client, stored[1].refresh_token))
        match read_refresh(answer, now):
            case Refreshed() as fresh:
                return await self._renewed(stored[0], merged(stored[1], fresh), fresh)
            case GrantDead(why):
                fault = await self._mourn(account, why, now)
                self._dead[account] = (stored[1].revision, fault)
                return fault
            case ClientRefused(why):
                return Fault("oauthClient", Remedy.CONFIGURE, Scope.PROJECT, Level.CRITICAL, 0, why)
            case Unreachable(why):
                return await self._unreachable(stored[1], why, now)

    async def _renewed(self, stored: SealedGrant, grant: Grant, fresh: Refreshed) -> Secret:
        """Stores the new token; when another process stored one first, ours is still good for this call."""
        event = Event(Kind.TOKEN_REFRESHED, self._context.clock.now(), account=stored.account)
        await self._save(replace(stored, refreshed_at=event.at), grant, (event,))
        return fresh.access_token

    async def _save(self, stored: SealedGrant, grant: Grant, events: tuple[Event, ...]) -> None:
        sealed = self._context.vault.seal(stored.account, FIELD, sealed_document(grant))
        renewed = replace(
            stored,
            sealed=sealed,
            key=self._context.vault.key_of(sealed),
            revision=stored.revision + 1,
            expires_at=grant.expires_at,
            scopes=grant.scopes,
        )
        await self._context.store.save_grant(renewed, stored.revision, events)

    async def _mourn(self, account: AccountId, why: str, now: datetime) -> Fault:
        message = f"Google no longer accepts the grant: {why}"
        change = AccountChange(account, message, "token refresh", Condition.NEEDS_REAUTH)
        event = Event(Kind.TOKEN_FAILED, now, Level.HIGH, account=account, data={"why": why})
        await self._context.store.change_account(change, now, (event,))
        return _reconnect("invalidGrant", message)

    async def _unreachable(self, grant: Grant, why: str, now: datetime) -> Secret | Fault:
        """A refresh that could not be asked for costs nothing while the present token still lives."""
        if grant.access_token is not None and grant.expires_at is not None and grant.expires_at > now:
            return grant.access_token
        detail = f"the token endpoint gave no answer: {why}"
        return Fault("tokenEndpoint", Remedy.RETRY, Scope.SERVICE, Level.WARNING, 20, detail)


def _reconnect(code: str, message: str) -> Fault:
    return Fault(code, Remedy.REAUTHORISE, Scope.ACCOUNT, Level.HIGH, 0, message)
