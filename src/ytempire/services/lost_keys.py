"""Starting over when a key of the vault is lost for ever: what only it opens is forgotten, and nothing else.

It can be broken off anywhere and begun again. Accounts stay the channels they are, publications what they have
become: an upload whose address nobody can open any more counts as one whose session is gone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ytempire.domain.audit import Use
from ytempire.domain.conditions import Act, after
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.values import AccountId
from ytempire.ports import AccountChange
from ytempire.services.context import Context
from ytempire.services.safe import Safe

_LOST = "the key that sealed its {what} is lost"


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was forgotten: how many texts, whose grants, and the webhooks that are disabled for want of a secret."""

    texts: int
    accounts: tuple[AccountId, ...]
    webhooks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LostKeys:
    """Forgets what was sealed with keys that are lost."""

    context: Context
    safe: Safe

    async def forget(self, keys: Iterable[str]) -> Forgotten:
        """Erases the grants that these keys sealed, disables webhooks whose secret they sealed, forgets the rest and
        retires the keys.
        """
        lost = frozenset(keys)
        store, now = self.context.store, self.context.clock.now()
        sealed = {key.id: key.sealed for key in await store.keys()}
        grants = [each for each in await store.grants() if each.key in lost]
        accounts = dict.fromkeys(each.account for each in grants)
        for account in accounts:
            await self._erase(account, [str(each.slot) for each in grants if each.account == account])
        webhooks = [
            hook.name for hook in await store.webhooks(now) if any(each.key in lost for each in hook.secrets)
        ]
        for name in webhooks:
            await self._disable(name)
        for key in sorted(lost):
            await self.safe.note(Use.KEY_RETIRED, None, f"{key}, which is lost")
            data = {"key": key, "forgotten": sealed.get(key, 0), "by": self.context.actor}
            await store.forget_key(key, now, (Event(Kind.KEY_RETIRED, now, Level.WARNING, data=data),))
        return Forgotten(sum(sealed.get(key, 0) for key in lost), tuple(accounts), tuple(webhooks))

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

    async def _disable(self, name: str) -> None:
        now, why = self.context.clock.now(), _LOST.format(what="secret")
        event = Event(Kind.WEBHOOK_DISABLED, now, Level.HIGH, data={"webhook": name, "why": why})
        await self.context.store.disable_webhook(name, why, now, (event,))
