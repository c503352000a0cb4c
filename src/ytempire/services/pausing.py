"""What a person orders of an account: to pause, and to go on."""

from dataclasses import dataclass

from ytempire.domain.accounts import Account, Condition
from ytempire.domain.conditions import Act, NotPossible
from ytempire.domain.events import Event, Kind
from ytempire.domain.values import Refusal, Refused
from ytempire.services.context import Context
from ytempire.services.standing import account_named, change_of
from ytempire.services.waking import wake


@dataclass(frozen=True, slots=True)
class Ordering:
    """Pauses accounts and lets them go on. Raises `Refused` for what cannot happen to an account now."""

    context: Context

    async def pause(self, account: Account, why: str) -> Account:
        """No new upload is started on it; those that run are finished."""
        return await self._order(account, Act.PAUSED, why)

    async def resume(self, account: Account, why: str) -> Account:
        """It takes uploads again, or waits for a new consent when its grant died in the meantime."""
        resumed = await self._order(account, Act.RESUMED, why)
        await wake(self.context, resumed.id)
        return resumed

    async def _order(self, account: Account, act: Act, why: str) -> Account:
        account = await account_named(self.context, account.id) or account
        try:
            change = await change_of(self.context, account.id, act, why)
        except NotPossible as impossible:
            remedy = f"see `ytempire accounts show {account.id}`"
            raise Refused(Refusal("account", "not_possible", str(impossible), remedy)) from None
        if change is not None:
            now = self.context.clock.now()
            to = change.condition or Condition.ACTIVE
            data = {"why": why, "by": change.by, "from": account.condition, "to": to}
            event = Event(Kind.ACCOUNT_CHANGED, now, account=account.id, data=data)
            await self.context.store.change_account(change, now, (event,))
        return await account_named(self.context, account.id) or account
