"""The standing of accounts: what happens to one becomes a change of its condition, by the table of the domain."""

from ytempire.domain.accounts import Account, Condition
from ytempire.domain.conditions import Act, after
from ytempire.domain.oauth import Slot
from ytempire.domain.values import AccountId
from ytempire.ports import AccountChange
from ytempire.services.context import Context


async def account_named(context: Context, account: AccountId) -> Account | None:
    """An account as it is now; None when it is not configured."""
    return await context.store.account(account, context.clock.now())


async def change_of(context: Context, account: AccountId, act: Act, why: str) -> AccountChange | None:
    """The change that an act makes of an account; None when it leaves the account as it is.

    It holds for the account as it was seen now: whoever changes it in the meantime, wins. Raises `NotPossible`
    when the act cannot happen to it now.
    """
    found = await account_named(context, account)
    if found is None:
        return None
    grant = await context.store.grant(account, Slot.PRIMARY)
    usable = grant is not None and grant.unusable is None
    condition = after(found.condition, act, found.kind, grant=usable)
    if condition is found.condition:
        return None
    among = frozenset({found.condition})
    if found.condition is Condition.CAPPED and condition is Condition.ACTIVE:
        # Capped is active for a while: to end it early is to end that while.
        now = context.clock.now()
        return AccountChange(
            account,
            why,
            context.actor,
            condition,
            parked_until=now,
            promoted_until=found.promoted_until,
            among=among,
        )
    return AccountChange(account, why, context.actor, condition, among=among)
