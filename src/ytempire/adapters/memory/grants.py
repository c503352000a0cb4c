"""Sealed grants in memory: `ports.Grants` over the shared tables."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ytempire.adapters.memory.accounts import apply_change, told
from ytempire.adapters.memory.tables import OnTables
from ytempire.domain.events import Event
from ytempire.domain.oauth import Slot
from ytempire.domain.values import AccountId
from ytempire.ports import AccountChange, SealedGrant


class MemoryGrants(OnTables):
    """Grants, in a dict by account and slot; the revision guards against two writers."""

    async def grant(self, account: AccountId, slot: Slot = Slot.PRIMARY) -> SealedGrant | None:
        return self._tables.grants.get((account, slot))

    async def grants(self) -> tuple[SealedGrant, ...]:
        found = self._tables.grants.values()
        return tuple(sorted(found, key=lambda it: (it.account, it.slot is not Slot.PRIMARY)))

    async def save_grant(
        self,
        grant: SealedGrant,
        seen: int | None,
        events: Sequence[Event],
        change: AccountChange | None = None,
    ) -> bool:
        if self._revision(grant.account, grant.slot) != seen or not self._tables.in_use(grant.key):
            return False
        self._told(events, change)
        self._store_grant(grant)
        return True

    async def condemn_grant(
        self, grant: SealedGrant, why: str, events: Sequence[Event], change: AccountChange | None = None
    ) -> bool:
        where = (grant.account, grant.slot)
        stored = self._tables.grants.get(where)
        if stored is None or stored.revision != grant.revision:
            return False
        self._told(events, change)
        self._tables.grants[where] = replace(stored, unusable=why, revision=stored.revision + 1)
        return True

    async def promote_backup(
        self,
        grant: SealedGrant,
        seen: tuple[int, int],
        events: Sequence[Event],
        change: AccountChange | None = None,
    ) -> bool:
        stored = (self._revision(grant.account, Slot.PRIMARY), self._revision(grant.account, Slot.BACKUP))
        if stored != seen or not self._tables.in_use(grant.key):
            return False
        self._told(events, change)
        self._store_grant(replace(grant, slot=Slot.PRIMARY))
        del self._tables.grants[grant.account, Slot.BACKUP]
        return True

    async def erase_grants(self, change: AccountChange, now: datetime, events: Sequence[Event]) -> int:
        tables, account = self._tables, change.account
        tables.record(events)
        kept = {where: grant for where, grant in tables.grants.items() if grant.account != account}
        erased = len(tables.grants) - len(kept)
        tables.grants = kept
        tables.consents = {
            state: row
            for state, row in tables.consents.items()
            if row.taken or row.consent.account != account
        }
        if apply_change(tables, change, now):
            tables.record(told(change))
        return erased

    def _told(self, events: Sequence[Event], change: AccountChange | None) -> None:
        """What goes with a grant: the events, and a change of its account at the moment of the first."""
        if change is not None and not events:
            raise ValueError(f"a change of {change.account} with a grant needs an event that says when")
        self._tables.record(events)
        if change is not None and apply_change(self._tables, change, events[0].at):
            self._tables.record(told(change))

    def _revision(self, account: AccountId, slot: Slot) -> int | None:
        stored = self._tables.grants.get((account, slot))
        return stored.revision if stored else None

    def _store_grant(self, grant: SealedGrant) -> None:
        """Stores a grant; the channel of a primary one is the account's from now on."""
        self._tables.grants[grant.account, grant.slot] = grant
        row = self._tables.accounts.get(grant.account)
        if row is not None and grant.channel is not None and grant.slot is Slot.PRIMARY:
            self._tables.accounts[grant.account] = replace(row, channel=grant.channel)
