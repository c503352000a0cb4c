"""Access tokens by account: from the safe while they are fresh, else renewed, once whoever asks.

One process asks the token endpoint for an account at a time (a lock), and one of all processes (a lease).
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from ytempire.domain.audit import Use
from ytempire.domain.conditions import Act
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Fault, Level, Remedy, Scope
from ytempire.domain.oauth import (
    STALE,
    ClientRefused,
    Grant,
    GrantDead,
    Refreshed,
    RefreshOutcome,
    Slot,
    Unreachable,
    merged,
    read_refresh,
    refresh_request,
)
from ytempire.domain.values import AccountId, ProjectId, Secret
from ytempire.domain.wire import NoReply
from ytempire.ports import SealedGrant
from ytempire.services.context import Context
from ytempire.services.safe import Safe, reconnect
from ytempire.services.standing import change_of

_PATIENCE = 15.0
"""Seconds that the token endpoint is given; it answers in a fraction of one."""

_LEASE = timedelta(seconds=35)
"""Longer than two requests may take: for the grant, then for its backup. After a crash others wait so long."""

_LOOK = 0.1
_USABLE = timedelta(seconds=30)
"""A token with this much life is still good for whoever would otherwise wait for somebody else's renewal."""

_RACES = 3


class Tokens:
    """Tokens of all accounts; callers of one account share one renewal, and a dead grant is asked for once."""

    def __init__(self, context: Context, safe: Safe) -> None:
        self._context = context
        self._safe = safe
        self._turns: defaultdict[AccountId, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._telling = asyncio.Lock()

    async def fresh(self, account: AccountId, *, margin: timedelta = STALE) -> Secret | Fault:
        """An access token with more life left than `margin`, or the fault that keeps us from having one.

        When the token endpoint gives no answer, or is busy with the same for somebody else, a token that is
        still valid is given whatever the margin.
        """
        held = await self._held(account)
        if account not in self._context.projects:
            if isinstance(held, Fault):
                return held
            message = f"{account} is no longer configured; put it back to let its videos be finished"
            return Fault("accountUnknown", Remedy.CONFIGURE, Scope.ACCOUNT, Level.HIGH, 0, message)
        if isinstance(held, Fault):
            if not await self._may_recover(account, held):
                return held
        elif held[1].fresh(self._now(), margin=margin):
            return _token(held[1])
        async with self._turns[account]:
            return await self._renewed(account, margin)

    async def keep_backup(self, account: AccountId) -> Fault | None:
        """Uses the backup grant of an account once, so that it does not end for want of use; the fault, if any.

        A backup that died is put out of use and told of; there is nothing to do without one.
        """
        async with self._turns[account], self._alone(account) as alone:
            held = await self._held(account, Slot.BACKUP)
            if isinstance(held, Fault) or not alone or account not in self._context.projects:
                return None
            match await self._outcome(*held):
                case Refreshed() as fresh:
                    await self._store(*held, fresh)
                    return None
                case GrantDead(why):
                    await self._backup_lost(held[0], why)
                    return reconnect("invalidGrant", f"Google no longer accepts the backup grant: {why}")
                case ClientRefused(why) | Unreachable(why):
                    return Fault("tokenEndpoint", Remedy.RETRY, Scope.SERVICE, Level.WARNING, 0, why)

    async def refused(self, account: AccountId, token: Secret) -> None:
        """YouTube refused this token: forget it, unless another one has taken its place by now."""
        async with self._turns[account]:
            held = await self._held(account)
            if not isinstance(held, Fault) and held[1].access_token == token:
                blank = replace(held[1], access_token=None, expires_at=None)
                await self._context.store.save_grant(self._safe.sealed(held[0], blank), held[0].revision, ())

    def _now(self) -> datetime:
        return self._context.clock.now()

    async def _held(self, account: AccountId, slot: Slot = Slot.PRIMARY) -> tuple[SealedGrant, Grant] | Fault:
        stored = await self._context.store.grant(account, slot)
        if stored is None:
            return reconnect("notConnected", f"{account} is not connected")
        grant = await self._safe.opened(stored)
        return grant if isinstance(grant, Fault) else (stored, grant)

    async def _may_recover(self, account: AccountId, fault: Fault) -> bool:
        """Is there more to be done about a grant that cannot be used: a backup to try, or somebody to tell?"""
        if fault.code != "invalidGrant":
            return False
        if await change_of(self._context, account, Act.GRANT_DIED, fault.detail) is not None:
            return True
        backup = await self._context.store.grant(account, Slot.BACKUP)
        return backup is not None and backup.unusable is None

    async def _renewed(self, account: AccountId, margin: timedelta) -> Secret | Fault:
        """Asks for a new token, unless somebody else did while we waited for our turn."""
        async with self._alone(account) as alone:
            held = await self._held(account)
            if isinstance(held, Fault):
                return await self._unusable(account, held) if alone else held
            if held[1].fresh(self._now(), margin=margin):
                return _token(held[1])
            if not alone:
                return self._meanwhile(held[1], "another process has been renewing it for long")
            return await self._ask(*held)

    @asynccontextmanager
    async def _alone(self, account: AccountId) -> AsyncIterator[bool]:
        """Waits until nobody else renews this account's token; False when that takes longer than a lease."""
        store, clock = self._context.store, self._context.clock
        name, holder = f"token:{account}", clock.new_id("turn")
        last = self._now() + _LEASE
        while not await store.take_lease(name, holder, self._now(), self._now() + _LEASE):
            held = await self._held(account)
            usable = not isinstance(held, Fault) and held[1].fresh(self._now(), margin=_USABLE)
            if usable or self._now() > last:
                yield False
                return
            await clock.sleep(_LOOK)
        try:
            yield True
        finally:
            await store.drop_lease(name, holder)

    async def _ask(self, stored: SealedGrant, grant: Grant) -> Secret | Fault:
        keyless = self._safe.keyless()
        if keyless is not None:
            # What Google gives now could not be kept, and it may be a new refresh token.
            return _token(grant) if grant.fresh(self._now(), margin=timedelta(0)) else keyless
        outcome = await self._outcome(stored, grant)
        match outcome:
            case Refreshed():
                await self._store(stored, grant, outcome)
                return outcome.access_token
            case GrantDead(why):
                return await self._dead(stored, why)
            case ClientRefused(why):
                return Fault("oauthClient", Remedy.CONFIGURE, Scope.PROJECT, Level.CRITICAL, 0, why)
            case Unreachable(why):
                return self._meanwhile(grant, why)

    async def _outcome(self, stored: SealedGrant, grant: Grant) -> RefreshOutcome:
        """One request to the token endpoint."""
        project = self._context.projects[stored.account]
        await self._safe.note(Use.REFRESHED, stored.account, str(stored.slot))
        request = refresh_request(self._context.clients[project], grant.refresh_token)
        asked_at = self._now()
        try:
            async with asyncio.timeout(_PATIENCE):
                answer = await self._context.google.post(request)
        except TimeoutError:
            answer = NoReply(f"no answer within {_PATIENCE:.0f} seconds")
        outcome = read_refresh(answer, asked_at)
        await self._tell(project, outcome)
        return outcome

    async def _tell(self, project: ProjectId, outcome: RefreshOutcome) -> None:
        """Trouble with the token endpoint of a project is told when it begins, and when it is over.

        What was told is kept in the store: who sees the end may be another process than who saw the beginning.
        """
        fact, now = f"token:{project}:trouble", self._now()
        async with self._telling:
            told = await self._context.store.fact(fact)
            if isinstance(outcome, Refreshed | GrantDead):
                trouble = ""
                event = Event(Kind.TOKEN_ANSWERED, now, project=project)
            else:
                silence, data = isinstance(outcome, Unreachable), {"why": outcome.why}
                trouble = Kind.TOKEN_UNREACHABLE if silence else Kind.CLIENT_REFUSED
                level = Level.WARNING if silence else Level.CRITICAL
                event = Event(trouble, now, level, project=project, data=data)
            if trouble != (told or ""):
                await self._context.store.record((event,))
                await self._context.store.put_fact(fact, trouble)

    async def _store(self, stored: SealedGrant, grant: Grant, fresh: Refreshed) -> None:
        """Stores a new token. Whoever wrote another grant in the meantime is newer, and stays."""
        at = self._now()
        event = Event(Kind.TOKEN_REFRESHED, at, account=stored.account, data={"slot": stored.slot})
        for _ in range(_RACES):
            dated = replace(stored, refreshed_at=at, ends_at=fresh.ends_at or stored.ends_at)
            renewed = self._safe.sealed(dated, merged(grant, fresh))
            if await self._context.store.save_grant(renewed, stored.revision, (event,)):
                return
            # Its key was retired at this moment, or its old access token was refused elsewhere and forgotten:
            # then it is the same grant still, and a refresh token that Google renewed must not be lost.
            held = await self._held(stored.account, stored.slot)
            if isinstance(held, Fault) or not _still(grant, held[1], fresh):
                return
            stored, grant = held

    async def _dead(self, stored: SealedGrant, why: str) -> Secret | Fault:
        """Google no longer knows the grant: perhaps somebody connected anew, perhaps there is a backup."""
        now = await self._held(stored.account)
        if not isinstance(now, Fault) and now[0].revision != stored.revision:
            if now[1].fresh(self._now()):
                return _token(now[1])
            return _RACED
        fault = reconnect("invalidGrant", f"Google no longer accepts the grant: {why}")
        return await self._second(stored, fault)

    async def _unusable(self, account: AccountId, fault: Fault) -> Secret | Fault:
        """What is left for an account whose grant cannot be had."""
        primary = await self._context.store.grant(account)
        if primary is None or fault.remedy is not Remedy.REAUTHORISE:
            return fault
        return _RACED if primary.unusable is None else await self._second(primary, fault)

    async def _second(self, primary: SealedGrant, fault: Fault) -> Secret | Fault:
        """The backup grant takes the place of one that cannot be used; without one, a person is needed."""
        account = primary.account
        backup = await self._held(account, Slot.BACKUP)
        if isinstance(backup, Fault):
            return await self._lost(primary, fault)
        outcome = await self._outcome(*backup)
        match outcome:
            case Refreshed():
                return await self._promoted(primary, backup, outcome, fault)
            case GrantDead(why):
                await self._backup_lost(backup[0], why)
                return await self._lost(primary, fault)
            case ClientRefused(why):
                return Fault("oauthClient", Remedy.CONFIGURE, Scope.PROJECT, Level.CRITICAL, 0, why)
            case Unreachable(why):
                return self._meanwhile(backup[1], why)

    async def _promoted(
        self, primary: SealedGrant, held: tuple[SealedGrant, Grant], fresh: Refreshed, fault: Fault
    ) -> Secret | Fault:
        """Unless the primary is another by now: whoever connected anew meanwhile knows better."""
        (backup, grant), account, at = held, primary.account, self._now()
        await self._safe.note(Use.PROMOTED, account)
        data = {"why": fault.detail}
        event = Event(Kind.BACKUP_PROMOTED, at, Level.WARNING, account=account, data=data)
        stepped_in = replace(
            backup,
            slot=Slot.PRIMARY,
            revision=primary.revision,
            refreshed_at=at,
            ends_at=fresh.ends_at or backup.ends_at,
        )
        sealed = self._safe.sealed(stepped_in, merged(grant, fresh))
        seen = (primary.revision, backup.revision)
        change = await change_of(self._context, account, Act.CONNECTED, "the backup grant stepped in")
        if not await self._context.store.promote_backup(sealed, seen, (event,), change):
            return _RACED
        return fresh.access_token

    async def _backup_lost(self, backup: SealedGrant, why: str) -> None:
        message = f"Google no longer accepts the backup grant: {why}"
        data = {"why": message}
        event = Event(Kind.BACKUP_LOST, self._now(), Level.WARNING, account=backup.account, data=data)
        await self._context.store.condemn_grant(backup, message, (event,))

    async def _lost(self, primary: SealedGrant, fault: Fault) -> Fault:
        """Nothing is left but a new consent; told once, and only of the grant that was found dead.

        Whoever connected anew while its backup was asked for has another one, which stays.
        """
        account = primary.account
        change = await change_of(self._context, account, Act.GRANT_DIED, fault.detail)
        if primary.unusable is not None and change is None:
            return fault
        event = Event(Kind.TOKEN_FAILED, self._now(), Level.HIGH, account=account, data={"why": fault.detail})
        why = primary.unusable or fault.detail
        condemned = await self._context.store.condemn_grant(primary, why, (event,), change)
        return fault if condemned else _RACED

    def _meanwhile(self, grant: Grant, why: str) -> Secret | Fault:
        """A renewal that could not be asked for costs nothing while the present token still lives."""
        if grant.fresh(self._now(), margin=timedelta(0)):
            return _token(grant)
        detail = f"the token endpoint gave no answer: {why}"
        return Fault("tokenEndpoint", Remedy.RETRY, Scope.SERVICE, Level.WARNING, 20, detail)


_RACED = Fault("tokenRaced", Remedy.RETRY, Scope.SERVICE, Level.WARNING, 20, "connected anew just now")


def _still(before: Grant, now: Grant, fresh: Refreshed) -> bool:
    """Is it the grant that was renewed, and nobody else's token newer than what we got for it?"""
    older = now.access_token in (None, before.access_token)
    return now.refresh_token == before.refresh_token and (older or fresh.refresh_token is not None)


def _token(grant: Grant) -> Secret:
    if grant.access_token is None:
        raise TypeError("a fresh grant has an access token")
    return grant.access_token
