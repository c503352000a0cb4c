"""Reserves at work: they step in when something waits that nobody else can take, and go back at the reset."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ytempire.domain.accounts import Account, Condition, Kind, Obstacle, World
from ytempire.domain.conditions import Act, moved_by
from ytempire.domain.decision import OUT_OF_QUOTA
from ytempire.domain.events import Event
from ytempire.domain.events import Kind as EventKind
from ytempire.domain.faults import Level
from ytempire.domain.lifecycle import State
from ytempire.domain.reserves import Demand, Policy, Promotion, is_ready, to_promote, to_return
from ytempire.domain.values import PublicationId
from ytempire.ports import AccountChange, Filter
from ytempire.services.context import Context
from ytempire.services.waking import wake
from ytempire.services.world import costs, world

_LOOKED_AT = 500
"""More waiting publications than reserves could take in a day."""

_CODES = (OUT_OF_QUOTA, Obstacle.CONDITION, Obstacle.PARKED)


@dataclass(frozen=True, slots=True)
class Reserves:
    """Looks after the reserves of a house, again and again."""

    context: Context

    async def look(self) -> None:
        """Takes back the reserves whose day is over, and promotes those that are needed."""
        now = self.context.clock.now()
        await _take_back(self.context, await self.context.store.accounts(now), now)
        seen = await world(self.context, now)
        if any(map(is_ready, seen.accounts)):
            await step_in(self.context, await self._waiting(), seen, now)

    async def _waiting(self) -> list[Demand]:
        """What waits for an account, not for a moment that a person named, of which there may be far more."""
        found: list[Demand] = []
        wanted = Filter(frozenset({State.DEFERRED}), limit=_LOOKED_AT)
        while len(found) < _LOOKED_AT:
            page = await self.context.store.publications(wanted)
            found += [
                Demand(each, costs(self.context, each))
                for each in page
                if each.reason is not None and each.reason.code in _CODES
            ]
            if len(page) < _LOOKED_AT:
                break
            wanted = replace(wanted, before=page[-1].id)
        return found


async def step_in(
    context: Context,
    demands: Sequence[Demand],
    seen: World,
    now: datetime,
    *,
    placing: PublicationId | None = None,
) -> bool:
    """Promotes the reserves that these need, and wakes what waited for them, besides the one that is being placed.

    True when there were any, by whomever they were promoted.
    """
    promotions = to_promote(demands, seen, context.manners.reserves, now)
    if promotions:
        await _take_back(context, seen.accounts, now)
    for promotion in promotions:
        if await _promote(context, promotion, seen, now):
            await wake(context, promotion.account, besides=placing)
    return bool(promotions)


async def _promote(context: Context, promotion: Promotion, seen: World, now: datetime) -> bool:
    """One of many workers promotes; the others find it done."""
    daily = context.manners.reserves is Policy.DAILY
    until = None if daily else seen.resets_at
    data = {
        "why": promotion.why,
        "by": context.actor,
        "policy": str(context.manners.reserves),
        "until": until and until.isoformat(),
        "publication": promotion.publication and promotion.publication.id,
    }
    level = Level.INFO if daily else Level.WARNING
    event = Event(EventKind.ACCOUNT_PROMOTED, now, level, account=promotion.account, data=data)
    change = AccountChange(
        promotion.account,
        promotion.why,
        context.actor,
        Condition.ACTIVE,
        promoted_until=until,
        among=moved_by(Act.PROMOTED, Kind.RESERVE),
    )
    return await context.store.change_account(change, now, (event,))


async def _take_back(context: Context, accounts: Sequence[Account], now: datetime) -> None:
    """Standing by again. What they have started they finish.

    One whose day is over is taken back only while it still is: another worker may have promoted it anew since.
    """
    for account in to_return(accounts, context.manners.reserves):
        over = account.promoted_until is not None
        among = frozenset({Condition.STANDBY}) if over else moved_by(Act.RETURNED, Kind.RESERVE)
        why = "the day it stood in for is over" if over else "reserves stand by"
        data = {"why": why, "by": context.actor}
        event = Event(EventKind.ACCOUNT_RETURNED, now, account=account.id, data=data)
        change = AccountChange(account.id, why, context.actor, Condition.STANDBY, among=among)
        await context.store.change_account(change, now, (event,))
