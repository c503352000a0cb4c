"""Consents under way in memory: `ports.Consents` over the shared tables."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ytempire.adapters.memory.tables import ConsentRow, OnTables
from ytempire.domain.events import Event
from ytempire.domain.values import AccountId
from ytempire.ports import Consent, Miss

_KEPT = timedelta(days=1)


class MemoryConsents(OnTables):
    """Consents, in a dict by the hash of their state."""

    async def add_consent(self, consent: Consent, events: Sequence[Event]) -> bool:
        ended = consent.created_at - _KEPT
        kept = {state: row for state, row in self._tables.consents.items() if row.consent.expires_at >= ended}
        if consent.state_hash in kept:
            raise ValueError("this state was used for another consent; make a new one")
        if not self._tables.in_use(consent.key):
            return False
        self._tables.record(events)
        self._tables.consents = kept | {consent.state_hash: ConsentRow(consent)}
        return True

    async def take_consent(
        self, state_hash: str, now: datetime, *, account: AccountId | None = None, browser: str | None = None
    ) -> Consent | Miss:
        row = self._tables.consents.get(state_hash)
        if row is None:
            return Miss.UNKNOWN
        if row.taken:
            return Miss.USED
        if row.consent.expires_at <= now:
            return Miss.EXPIRED
        if account is not None and account != row.consent.account:
            return Miss.FOREIGN
        if row.consent.browser is not None and browser != row.consent.browser:
            return Miss.FOREIGN
        emptied = replace(row.consent, sealed_verifier="", key="")
        self._tables.consents[state_hash] = ConsentRow(emptied, taken=True)
        return row.consent
