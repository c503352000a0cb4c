"""Renewing tokens ahead of their end, round by round, so that no upload ever has to wait for one."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from ytempire.domain.faults import Fault
from ytempire.domain.oauth import Slot
from ytempire.domain.renewal import AHEAD, BACKUP_EVERY, is_due
from ytempire.domain.values import AccountId
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
        usable = [
            stored
            for stored in await self.context.store.grants()
            if stored.unusable is None and stored.account in self.context.projects
        ]
        backups = [stored for stored in usable if stored.slot is Slot.BACKUP]
        for stored in backups:
            if now - (stored.refreshed_at or stored.connected_at) >= BACKUP_EVERY:
                await self.tokens.keep_backup(stored.account)
        primary = [stored for stored in usable if stored.slot is Slot.PRIMARY]
        return await self.of([each.account for each in primary if is_due(each.expires_at, now)], AHEAD)

    async def of(self, accounts: list[AccountId], margin: timedelta) -> dict[AccountId, Fault | None]:
        """Renews the tokens of these accounts that have no more life than `margin`."""
        some = asyncio.Semaphore(_AT_ONCE)

        async def one(account: AccountId) -> Fault | None:
            async with some:
                found = await self.tokens.fresh(account, margin=margin)
                return found if isinstance(found, Fault) else None

        faults = await asyncio.gather(*(one(account) for account in accounts))
        return dict(zip(accounts, faults, strict=True))

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
