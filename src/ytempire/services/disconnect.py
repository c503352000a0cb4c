"""Letting an account go: its grants are revoked at Google and erased here at once; its history stays."""

from dataclasses import dataclass

from ytempire.domain.accounts import Account
from ytempire.domain.audit import Use
from ytempire.domain.conditions import Act, after
from ytempire.domain.consent import revoke_request
from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Fault, Level
from ytempire.domain.oauth import Slot
from ytempire.domain.values import AccountId
from ytempire.domain.wire import NoReply, Reply, storable
from ytempire.ports import AccountChange, SealedGrant
from ytempire.services.context import Context
from ytempire.services.safe import UNOPENED, Safe

_ALREADY_GONE = "invalid_token"


@dataclass(frozen=True, slots=True)
class Disconnected:
    """What became of an account's grants: how many were erased here, and why any still stands at Google."""

    account: AccountId
    erased: int
    still_standing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Disconnecting:
    """Disconnects accounts."""

    context: Context
    safe: Safe

    async def disconnect(self, account: Account, why: str) -> Disconnected:
        """Revokes every grant of an account and erases them, also those that Google could not be told of.

        Google ends all grants of the same person to this client (facts 5.1), so other channels of that
        person may need a new consent; only Google knows which.
        """
        standing = []
        for slot in Slot:
            stored = await self.context.store.grant(account.id, slot)
            problem = None if stored is None else await self._revoke(account, stored)
            if problem is not None:
                standing.append(f"{slot}: {problem}")
        await self.safe.note(Use.ERASED, account.id, why)
        now = self.context.clock.now()
        level = Level.WARNING if standing else Level.INFO
        data = {"why": why, "by": self.context.actor, "still_standing": standing}
        event = Event(Kind.ACCOUNT_DISCONNECTED, now, level, account=account.id, data=data)
        gone = after(account.condition, Act.DISCONNECTED, account.kind, grant=True)
        change = AccountChange(account.id, why, self.context.actor, gone)
        erased = await self.context.store.erase_grants(change, now, (event,))
        return Disconnected(account.id, erased, tuple(standing))

    async def _revoke(self, account: Account, stored: SealedGrant) -> str | None:
        """Why a grant still stands at Google; None when it does not, or did not any more."""
        grant = await self.safe.opened(stored)
        if isinstance(grant, Fault):
            gone = stored.unusable is not None and not stored.unusable.startswith(UNOPENED)
            return None if gone else grant.detail
        await self.safe.note(Use.REVOKED, account.id, str(stored.slot))
        client = self.context.clients[account.project]
        answer = await self.context.google.post(revoke_request(client, grant.refresh_token))
        return _why_standing(answer)


def _why_standing(answer: Reply | NoReply) -> str | None:
    if isinstance(answer, NoReply):
        return f"Google could not be asked to revoke it: {answer.why}"
    if answer.status < 300 or answer.json().get("error") == _ALREADY_GONE:
        return None
    said = storable(str(answer.json().get("error", "")), 100)
    return f"Google did not revoke it: HTTP {answer.status} {said}".rstrip()
