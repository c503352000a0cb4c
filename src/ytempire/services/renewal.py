"""Renewing tokens ahead of their end, round by round, so that no upload ever has to wait for one."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ytempire.domain.faults import Fault
from ytempire.domain.oauth import Slot
from ytempire.domain.renewal import AHEAD, BACKUP_EVERY, is_due
from ytempire.domain.values import AccountId
from ytempire.ports import SealedGrant
from ytempire.services.context import Context
from ytempire.services.tokens import Tokens

_AT_ONCE = 8
_EVER = timedelta(days=366)
"""No token lives so long: everyone is due."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """Looks through all grants; to be asked for a round every `domain.renewal.ROUND`."""

    context: Context
    tokens: Tokens

    async def round(self) -> dict[AccountId, Fault | None]:
        """Renews whatever ends within half an hour; which accounts were tried, each with its fault or None."""
        now = self.context.clock.now()
        ours = [each for each in await self.context.store.grants() if each.account in self.context.projects]
        backups = [each for each in ours if each.slot is Slot.BACKUP and each.unusable is None]
        can_step_in = {each.account for each in backups}
        due = [
            each.account for each in ours if each.slot is Slot.PRIMARY and _to_renew(each, can_step_in, now)
        ]
        found = await self.of(due, AHEAD)
        # Nobody waits for these, so they come after what uploads live on.
        idle = [
            each.account for each in backups if now - (each.refreshed_at or each.connected_at) >= BACKUP_EVERY
        ]
        await _all(idle, self.tokens.keep_backup)
        return found

    async def of(self, accounts: list[AccountId], margin: timedelta) -> dict[AccountId, Fault | None]:
        """Renews the tokens of these accounts that have no more life than `margin`."""

        async def one(account: AccountId) -> Fault | None:
            found = await self.tokens.fresh(account, margin=margin)
            return found if isinstance(found, Fault) else None

        return await _all(accounts, one)

    async def by_hand(self, accounts: list[AccountId]) -> dict[AccountId, str | None]:
        """Renews these tokens whatever life they have left; for each account None, or why it was not renewed."""
        since = self.context.clock.now()
        faults = await self.of(accounts, _EVER)
        for account in accounts:
            await self.tokens.keep_backup(account)
        renewed = {
            stored.account
            for stored in await self.context.store.grants()
            if stored.slot is Slot.PRIMARY and stored.refreshed_at and stored.refreshed_at >= since
        }
        still = "the token endpoint did not renew it; the present token is still good"
        return {
            account: fault.detail if fault else None if account in renewed else still
            for account, fault in faults.items()
        }


def _to_renew(grant: SealedGrant, can_step_in: Collection[AccountId], now: datetime) -> bool:
    """Whether a first grant ends soon, or is gone while a backup that was given later can take its place."""
    if grant.unusable is not None:
        return grant.account in can_step_in
    return is_due(grant.expires_at, now)


async def _all(
    accounts: Sequence[AccountId], one: Callable[[AccountId], Awaitable[Fault | None]]
) -> dict[AccountId, Fault | None]:
    """Does one thing for each account, some at once. An error of one is raised when all the others are done."""
    some = asyncio.Semaphore(_AT_ONCE)

    async def in_turn(account: AccountId) -> Fault | None:
        async with some:
            return await one(account)

    ends = await asyncio.gather(*map(in_turn, accounts), return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException):
            raise end
    return {
        account: end
        for account, end in zip(accounts, ends, strict=True)
        if not isinstance(end, BaseException)
    }
