"""Patterns in what went wrong: which faults, where and when, and whether there are more of them than before.

Pure counting over events of the kinds `events.FAULTS`. What an event holds under `data` may be of an older version,
so it is read with care and never raises.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ytempire.domain.events import FAULTS, Event, Kind
from ytempire.domain.faults import Level
from ytempire.domain.grouping import By
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import AccountId, PublicationId

NOBODY = "none"
"""The name of what no account can be named for."""

_LOUDNESS = {level: loudness for loudness, level in enumerate(Level)}
_CODES = {Kind.TOKEN_FAILED: "invalidGrant", Kind.DUPLICATE: "duplicateUpload"}
"""Codes of events that do not carry one."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One fault as it was written down. Texts are empty where nothing was told; `why` holds no secret."""

    at: datetime
    code: str
    level: Level
    account: AccountId | None = None
    publication: PublicationId | None = None
    step: str = ""
    status: int | None = None
    reason: str = ""
    domain: str = ""
    why: str = ""
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """What faults have in common, and how many they are; `before`: how many in the span of equal length before.

    `others` counts the accounts of a reason, and the reasons of an account or an hour. `first_at` and `last_at` are
    None when all of them are of before.
    """

    name: str
    count: int
    before: int
    others: int
    level: Level
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A combination that the table has no remedy for, as often as it was met since a person dismissed it."""

    key: str
    count: int
    first_at: datetime
    newest: Trouble
    accounts: tuple[AccountId, ...]


def trouble_of(event: Event) -> Trouble | None:
    """The fault that an event tells of; None when it tells of none."""
    found_by_us = event.kind is Kind.DUPLICATE and event.level is Level.INFO
    if event.kind not in FAULTS or event.kind is Kind.FAULT_DISMISSED or found_by_us:
        return None
    status = event.data.get("status")
    return Trouble(
        event.at,
        _text(event, "code") or _CODES.get(event.kind, str(event.kind)),
        event.level,
        event.account,
        event.publication,
        _text(event, "step"),
        status if isinstance(status, int) else None,
        _text(event, "reason"),
        _text(event, "domain"),
        _text(event, "why"),
        unknown=event.kind is Kind.FAULT_UNKNOWN,
    )


def troubles(events: Iterable[Event]) -> tuple[Trouble, ...]:
    """The faults that events tell of, in their order."""
    return tuple(found for event in events if (found := trouble_of(event)) is not None)


def patterns(found: Sequence[Trouble], by: By, since: datetime, span: timedelta) -> tuple[Pattern, ...]:
    """Faults from `since` on, put together and compared with those of the `span` before it.

    Reasons and accounts come with the most frequent first, hours in order. An hour is compared with the one that
    is a span before it.
    """
    groups: defaultdict[str, list[Trouble]] = defaultdict(list)
    for each in found:
        groups[_name(each, by, each.at if each.at >= since else each.at + span)].append(each)
    counted = [_pattern(name, group, by, since) for name, group in groups.items()]
    if by is By.HOUR:
        return tuple(sorted(counted, key=lambda each: each.name))
    return tuple(sorted(counted, key=lambda each: (-each.count, -each.before, each.name)))


def _name(trouble: Trouble, by: By, at: datetime) -> str:
    names = {By.REASON: trouble.code, By.ACCOUNT: trouble.account or NOBODY}
    return names.get(by) or at.strftime("%Y-%m-%dT%H:00:00Z")


def _pattern(name: str, group: Sequence[Trouble], by: By, since: datetime) -> Pattern:
    now = [each for each in group if each.at >= since]
    moments = [each.at for each in now]
    others = {each.account if by is By.REASON else each.code for each in now}
    loudest = max((each.level for each in group), key=_LOUDNESS.__getitem__)
    return Pattern(
        name,
        len(now),
        len(group) - len(now),
        len(others - {None}),
        loudest,
        min(moments, default=None),
        max(moments, default=None),
    )


def trend(count: int, before: int) -> str:
    """How two counts compare, in a word: `new`, `gone`, `more`, `less`, `same`. A fifth either way is the same."""
    if not before or not count:
        return "same" if count == before else "new" if count else "gone"
    if abs(count - before) * 5 <= before:
        return "same"
    return "more" if count > before else "less"


def quota_day_of(hour: str) -> QuotaDay:
    """The quota day in which an hour of `By.HOUR` begins."""
    return QuotaDay.of(datetime.fromisoformat(hour))


def key_of(trouble: Trouble) -> str:
    """The name of a combination: status, reason, domain and step, with a dash for what was not told."""
    parts = (trouble.status, trouble.reason, trouble.domain, trouble.step)
    return ":".join("-" if part in (None, "") else "_".join(str(part).split()) for part in parts)


def unknowns(events: Iterable[Event]) -> tuple[Unknown, ...]:
    """Combinations without a remedy that nobody has dismissed since, the newest first. `events` in order."""
    groups: defaultdict[str, list[Trouble]] = defaultdict(list)
    for event in events:
        if event.kind is Kind.FAULT_DISMISSED:
            groups.pop(_text(event, "key"), None)
        elif event.kind is Kind.FAULT_UNKNOWN and (found := trouble_of(event)) is not None:
            groups[key_of(found)].append(found)
    listed = [
        Unknown(
            key,
            len(group),
            group[0].at,
            group[-1],
            tuple(sorted({each.account for each in group if each.account is not None})),
        )
        for key, group in groups.items()
    ]
    return tuple(sorted(listed, key=lambda each: (each.newest.at, each.key), reverse=True))


def _text(event: Event, name: str) -> str:
    found = event.data.get(name)
    return found if isinstance(found, str) else ""
