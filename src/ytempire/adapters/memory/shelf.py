"""Publications and outcomes in memory, with what a database has as indexes: no question looks at all of them."""

from bisect import insort
from collections import defaultdict
from collections.abc import Iterator, Sequence
from operator import attrgetter

from ytempire.domain.lifecycle import State
from ytempire.domain.publication import Publication
from ytempire.domain.values import AccountId, PublicationId
from ytempire.ports import Outcome


class Shelf:
    """Publications by id. Like a dict, but a value is only ever put in place of the one before it."""

    def __init__(self) -> None:
        self._all: dict[PublicationId, Publication] = {}
        self._states: dict[State, dict[PublicationId, Publication]] = {state: {} for state in State}
        self._due: dict[PublicationId, Publication] = {}
        self._accounts: defaultdict[AccountId, set[PublicationId]] = defaultdict(set)
        self._contents: defaultdict[str, set[PublicationId]] = defaultdict(set)

    def __getitem__(self, which: PublicationId) -> Publication:
        return self._all[which]

    def __setitem__(self, which: PublicationId, publication: Publication) -> None:
        before = self._all.get(which)
        if before is not None and before.state is not publication.state:
            del self._states[before.state][which]
        if before is not None and before.account is not None:
            self._accounts[before.account].discard(which)
        if publication.account is not None:
            self._accounts[publication.account].add(which)
        self._states[publication.state][which] = publication
        self._due.pop(which, None)
        if publication.due is not None:
            self._due[which] = publication
        self._contents[publication.request.video.sha256].add(which)
        self._all[which] = publication

    def __iter__(self) -> Iterator[PublicationId]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def get(self, which: PublicationId) -> Publication | None:
        """One publication, or None."""
        return self._all.get(which)

    def values(self) -> Iterator[Publication]:
        """All of them, in no order that anyone may rely on."""
        return iter(self._all.values())

    def within(self, states: frozenset[State]) -> Iterator[Publication]:
        """Those in any of these states."""
        return (each for state in sorted(states) for each in self._states[state].values())

    def with_due(self) -> Iterator[Publication]:
        """Those with a moment at which there is something to do again."""
        return iter(self._due.values())

    def of_account(self, account: AccountId) -> Iterator[Publication]:
        """Those that are on an account, or were last."""
        return (self._all[which] for which in self._accounts.get(account, ()))

    def with_content(self, sha256: str) -> Iterator[Publication]:
        """Those whose file has these bytes."""
        return (self._all[which] for which in self._contents.get(sha256, ()))

    def counts(self) -> dict[State, int]:
        """How many are in each state; states without any are left out."""
        return {state: len(found) for state, found in self._states.items() if found}


class Outcomes:
    """How uploads went, by account and in the order of their moments."""

    def __init__(self) -> None:
        self._by_account: defaultdict[AccountId, list[Outcome]] = defaultdict(list)

    def append(self, outcome: Outcome) -> None:
        """Keeps one."""
        insort(self._by_account[outcome.account], outcome, key=_at)

    def of(self, account: AccountId) -> Sequence[Outcome]:
        """Those of one account, oldest first."""
        return self._by_account.get(account, ())


_at = attrgetter("at")
