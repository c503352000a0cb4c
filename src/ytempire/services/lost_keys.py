"""Starting over when a key of the vault is lost for ever: what only it opens is forgotten, and nothing else.

It can be broken off anywhere and begun again. Accounts stay the channels they are, publications what they have
become: an upload whose address nobody can open any more counts as one whose session is gone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ytempire.domain.audit import Use
from ytempire.domain.conditions import Act, after
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.oauth import Slot
from ytempire.domain.values import AccountId, Mendable
from ytempire.ports import AccountChange, SealedGrant
from ytempire.services.context import Context
from ytempire.services.safe import Safe
from ytempire.services.standing import change_of

_LOST = "the key that sealed its {what} is lost"


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was forgotten: how many texts, the accounts that are disconnected for want of a grant, and the webhooks
    that are disabled for want of a secret.
    """

    texts: int
    accounts: tuple[AccountId, ...]
    webhooks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LostKeys:
    """Forgets what was sealed with keys that are lost."""

    context: Context
    safe: Safe

    async def forget(self, keys: Iterable[str]) -> Forgotten:
        """Disconnects accounts of which these keys sealed every grant, and lets the others go on with the one that is
        left; disables webhooks whose secret they sealed, forgets the rest and retires the keys.
        """
        lost = frozenset(keys)
        store, now = self.context.store, self.context.clock.now()
        sealed = {key.id: key.sealed for key in await store.keys()}
        every = await store.grants()
        grants, accounts = [each for each in every if each.key in lost], cut_off(every, lost)
        for account in accounts:
            await self._erase(account, [str(each.slot) for each in grants if each.account == account])
        for each in grants:
            if each.account not in accounts:
                (other,) = (it for it in every if it.account == each.account and it.slot is not each.slot)
                await self._goes_on(each, other)
        webhooks = [
            hook.name for hook in await store.webhooks(now) if any(each.key in lost for each in hook.secrets)
        ]
        for name in webhooks:
            await self._disable(name)
        for key in sorted(lost):
            await self.safe.note(Use.KEY_RETIRED, None, f"{key}, which is lost")
            data = {"key": key, "forgotten": sealed.get(key, 0), "by": self.context.actor}
            await store.forget_key(key, now, (Event(Kind.KEY_RETIRED, now, Level.WARNING, data=data),))
        return Forgotten(sum(sealed.get(key, 0) for key in lost), accounts, tuple(webhooks))

    async def _erase(self, account: AccountId, slots: Sequence[str]) -> None:
        """Its grants are gone here. They still stand at Google, which nobody can ask to revoke them."""
        context, why = self.context, _LOST.format(what="grant")
        now = context.clock.now()
        found = await context.store.account(account, now)
        if found is None:
            return
        await self.safe.note(Use.ERASED, account, why)
        data = {"why": why, "by": context.actor, "still_standing": [f"{slot}: {why}" for slot in slots]}
        event = Event(Kind.ACCOUNT_DISCONNECTED, now, Level.WARNING, account=account, data=data)
        gone = after(found.condition, Act.DISCONNECTED, found.kind, grant=True)
        await context.store.erase_grants(AccountChange(account, why, context.actor, gone), now, (event,))

    async def _goes_on(self, lost: SealedGrant, other: SealedGrant) -> None:
        """Of two grants one is lost: the account goes on with the other, as its primary."""
        context, account, why = self.context, lost.account, _LOST.format(what=f"{lost.slot} grant")
        now = context.clock.now()
        if lost.slot is Slot.BACKUP:
            event = Event(Kind.BACKUP_LOST, now, Level.WARNING, account=account, data={"why": why})
            await context.store.condemn_grant(lost, why, (event,))
            return
        await self.safe.note(Use.PROMOTED, account)
        event = Event(Kind.BACKUP_PROMOTED, now, Level.WARNING, account=account, data={"why": why})
        stepped_in = replace(other, slot=Slot.PRIMARY, revision=lost.revision + 1)
        seen = (lost.revision, other.revision)
        change = await change_of(context, account, Act.CONNECTED, "the backup grant stepped in")
        if not await context.store.promote_backup(stepped_in, seen, (event,), change):
            raise Mendable(f"the grants of {account} were changed at this moment; do it again")

    async def _disable(self, name: str) -> None:
        now, why = self.context.clock.now(), _LOST.format(what="secret")
        event = Event(Kind.WEBHOOK_DISABLED, now, Level.HIGH, data={"webhook": name, "why": why})
        await self.context.store.disable_webhook(name, why, now, (event,))


def cut_off(grants: Sequence[SealedGrant], lost: frozenset[str]) -> tuple[AccountId, ...]:
    """The accounts that have no grant left to go on with when these keys are lost, of those that lose one."""
    left = {each.account for each in grants if each.key not in lost and each.unusable is None}
    return tuple(
        dict.fromkeys(each.account for each in grants if each.key in lost and each.account not in left)
    )
