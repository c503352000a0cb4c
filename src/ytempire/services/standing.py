"""The standing of accounts: what happens to one becomes a change of its condition, by the table of the domain."""

from ytempire.domain.accounts import Account
from ytempire.domain.conditions import Act, after
from ytempire.domain.oauth import Slot
from ytempire.domain.values import AccountId
from ytempire.ports import AccountChange
from ytempire.services.context import Context


async def account_named(context: Context, account: AccountId) -> Account | None:
    """An account as it is now; None when it is not configured."""
    everyone = await context.store.accounts(context.clock.now())
    return next((each for each in everyone if each.id == account), None)


async def change_of(context: Context, account: AccountId, act: Act, why: str) -> AccountChange | None:
    """The change that an act makes of an account; None when it leaves the account as it is.

    Raises `NotPossible` when it cannot happen to it now.
    """
    found = await account_named(context, account)
    if found is None:
        return None
    grant = await context.store.grant(account, Slot.PRIMARY)
    usable = grant is not None and grant.unusable is None
    condition = after(found.condition, act, found.kind, grant=usable)
    return None if condition is found.condition else AccountChange(account, why, context.actor, condition)
