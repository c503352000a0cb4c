"""Events and facts in memory: `ports.Log` over the shared tables. An event's number is its place, from 1."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from ytempire.adapters.memory.tables import OnTables
from ytempire.domain.events import FAULTS, Event, Kind
from ytempire.domain.values import AccountId, PublicationId


class MemoryLog(OnTables):
    """Events, in a list."""

    async def record(self, events: Sequence[Event]) -> None:
        self._tables.record(events)

    async def events(
        self, *, publication: PublicationId | None = None, after: int = 0, limit: int = 1000
    ) -> tuple[tuple[int, Event], ...]:
        numbered = self._tables.numbered(after)
        wanted = (each for each in numbered if publication is None or each[1].publication == publication)
        return tuple(islice(wanted, limit))

    async def story(
        self, publication: PublicationId, *, before: int | None = None, limit: int = 1000
    ) -> tuple[tuple[tuple[int, Event], ...], int]:
        mine = [each for each in self._tables.numbered() if each[1].publication == publication]
        found = tuple(each for each in mine if before is None or each[0] < before)
        start = max(0, len(found) - limit)
        return found[start:], start

    async def faults(
        self, since: datetime, until: datetime, *, kinds: frozenset[Kind] = FAULTS
    ) -> tuple[tuple[int, Event], ...]:
        numbered = self._tables.numbered()
        found = [each for each in numbered if each[1].kind in kinds & FAULTS and since <= each[1].at < until]
        return tuple(sorted(found, key=lambda each: (each[1].at, each[0])))

    async def account_history(self, account: AccountId, limit: int) -> tuple[tuple[int, Event], ...]:
        numbered = self._tables.numbered()
        mine = [(n, each) for n, each in numbered if each.account == account and each.publication is None]
        return tuple([each for each in mine if each[1].kind is not Kind.TOKEN_REFRESHED][-limit:])

    async def fact(self, name: str) -> str | None:
        return self._tables.facts.get(name)

    async def put_fact(self, name: str, value: str) -> None:
        self._tables.facts[name] = value
