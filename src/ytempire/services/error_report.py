"""What went wrong and how often, and the answers nobody has a remedy for: read models for people who look."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ytempire.domain.events import Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.grouping import By
from ytempire.domain.patterns import (
    NOBODY,
    Pattern,
    Trouble,
    Unknown,
    patterns,
    quota_day_of,
    trend,
    troubles,
    unknowns,
)
from ytempire.domain.values import Refusal, Refused
from ytempire.ports import Clock, Store
from ytempire.services.documents import Document, moment

_SAMPLES = 10
_REVIEWED = frozenset({Kind.FAULT_UNKNOWN, Kind.FAULT_DISMISSED})
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
_SOON = timedelta(days=1)
"""Beyond now, so that an event by a clock that is a little ahead is seen."""


@dataclass(frozen=True, slots=True)
class ErrorReports:
    """Answers about errors. `actor` is who dismisses."""

    store: Store
    clock: Clock
    actor: str = "command"

    async def errors(self, days: int) -> Document:
        """The faults of the last so many days (from 1), put together in three ways, beside as many days before."""
        now, span = self.clock.now(), timedelta(days=days)
        since = now - span
        found = troubles(event for _, event in await self.store.faults(since - span, now + _SOON))
        recent = [each for each in found if each.at >= since]
        before = len(found) - len(recent)
        return {
            "since": moment(since),
            "until": moment(now),
            "days": days,
            "count": len(recent),
            "before": before,
            "trend": trend(len(recent), before),
            "by_reason": _documents(patterns(found, By.REASON, since, span), By.REASON),
            "by_account": _documents(patterns(found, By.ACCOUNT, since, span), By.ACCOUNT),
            "by_hour": _documents(patterns(found, By.HOUR, since, span), By.HOUR),
            "samples": [trouble_document(each) for each in reversed(recent[-_SAMPLES:])],
        }

    async def review(self) -> list[Document]:
        """Every combination without a remedy that was not dismissed since it was met, newest first."""
        return [_unknown_document(each) for each in await self._unknowns()]

    async def dismiss(self, key: str) -> list[Document]:
        """Strikes a combination off the list until it is met again. Raises `Refused` when it is not on it."""
        found = next((each for each in await self._unknowns() if each.key == key), None)
        if found is None:
            remedy = "see `ytempire errors review`"
            raise Refused(Refusal("key", "unknown_unknown", f"{key!r} is not on the list", remedy))
        data = {"key": key, "code": found.newest.code, "by": self.actor}
        await self.store.record((Event(Kind.FAULT_DISMISSED, self.clock.now(), Level.INFO, data=data),))
        return await self.review()

    async def _unknowns(self) -> Sequence[Unknown]:
        told = await self.store.faults(_BEGINNING, self.clock.now() + _SOON, kinds=_REVIEWED)
        return unknowns(event for _, event in told)


def trouble_document(trouble: Trouble) -> Document:
    """One fault as it was met, redacted."""
    return {
        "at": moment(trouble.at),
        "code": trouble.code,
        "level": str(trouble.level),
        "account": trouble.account,
        "publication": trouble.publication,
        "step": trouble.step or None,
        "status": trouble.status,
        "reason": trouble.reason or None,
        "domain": trouble.domain or None,
        "why": trouble.why,
    }


def _documents(found: Iterable[Pattern], by: By) -> list[Document]:
    return [_pattern_document(each, by) for each in found]


def _pattern_document(pattern: Pattern, by: By) -> Document:
    document: Document = {
        str(by): pattern.name if pattern.name != NOBODY else None,
        "count": pattern.count,
        "before": pattern.before,
        "trend": trend(pattern.count, pattern.before),
        "level": str(pattern.level),
        "accounts" if by is By.REASON else "reasons": pattern.others,
        "first_at": moment(pattern.first_at),
        "last_at": moment(pattern.last_at),
    }
    if by is By.HOUR:
        document["quota_day"] = str(quota_day_of(pattern.name))
    return document


def _unknown_document(unknown: Unknown) -> Document:
    return {
        "key": unknown.key,
        "count": unknown.count,
        "first_at": moment(unknown.first_at),
        "last_at": moment(unknown.newest.at),
        "accounts": list(unknown.accounts),
        "sample": trouble_document(unknown.newest),
    }
