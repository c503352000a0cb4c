"""Accounts and projects in memory: `ports.Accounts` over the shared tables."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile

from ytempire.adapters.memory.tables import AccountRow, OnTables, Parts, Seen, Tables
from ytempire.domain.accounts import Account, Condition
from ytempire.domain.conditions import seen
from ytempire.domain.events import Event
from ytempire.domain.lessons import DAY, Lesson
from ytempire.domain.oauth import Slot
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import AccountId, PlaylistId
from ytempire.ports import AccountChange, AccountRules, Outcome, ProjectRules

_WINDOW = timedelta(days=30)
_WINDOW_OUTCOMES = 50


class MemoryAccounts(OnTables):
    """Accounts, in a dict of rows."""

    async def configure(
        self, projects: Sequence[ProjectRules], accounts: Sequence[AccountRules], now: datetime
    ) -> None:
        self._tables.projects = {each.id: replace(each, limits=dict(each.limits)) for each in projects}
        _renew_limits(self._tables, QuotaDay.of(now))
        rows = {name: replace(row, configured=False) for name, row in self._tables.accounts.items()}
        for rules in accounts:
            before = rows.get(rules.id)
            row = AccountRow(rules, now) if before is None else before
            rows[rules.id] = replace(row, rules=rules, configured=True)
        self._tables.accounts = rows

    async def accounts(self, now: datetime) -> tuple[Account, ...]:
        rows, today = sorted(self._tables.accounts.items()), QuotaDay.of(now)
        return tuple(_seen(self._tables, row, now, today) for _, row in rows if row.configured)

    async def account(self, which: AccountId, now: datetime) -> Account | None:
        row = self._tables.accounts.get(which)
        return _seen(self._tables, row, now, QuotaDay.of(now)) if row is not None and row.configured else None

    async def change_account(self, change: AccountChange, now: datetime, events: Sequence[Event]) -> bool:
        if not apply_change(self._tables, change, now):
            return False
        self._tables.record((*events, *told(change)))
        return True

    async def learn(self, account: AccountId, lessons: Sequence[Lesson], events: Sequence[Event]) -> None:
        write_lessons(self._tables, account, lessons)
        self._tables.record(events)

    async def playlist(self, account: AccountId, name: str) -> PlaylistId | None:
        return self._tables.playlists.get((account, name))

    async def remember_playlist(self, account: AccountId, name: str, playlist: PlaylistId) -> None:
        self._tables.playlists[account, name] = playlist


def _renew_limits(tables: Tables, today: QuotaDay) -> None:
    """Lines already begun take over a changed limit, from today on."""
    for (project, bucket, day), line in list(tables.lines.items()):
        rules = tables.projects.get(project)
        if day >= today and rules is not None and line.limit != rules.limits.get(bucket, line.limit):
            tables.put_line(replace(line, limit=rules.limits[bucket]))
            tables.told.pop((project, bucket, day), None)


def apply_change(tables: Tables, change: AccountChange, now: datetime) -> bool:
    """Changes what a change names of an account, and who did it and why; its event is left to the caller."""
    row = tables.accounts.get(change.account)
    if row is None or not _is_for(change, row, now):
        return False
    tables.accounts[change.account] = replace(
        row,
        condition=change.condition or row.condition,
        parked_until=change.parked_until or row.parked_until,
        promoted_until=row.promoted_until if change.condition is None else change.promoted_until,
        why=change.why,
        changed_by=change.by,
        changed_at=now,
    )
    return True


def _is_for(change: AccountChange, row: AccountRow, now: datetime) -> bool:
    """Is the account in a condition that the change is for, and does it change anything?"""
    if change.among is None:
        return True
    before = (row.condition, row.promoted_until, row.parked_until)
    same = before == (change.condition, change.promoted_until, change.parked_until or row.parked_until)
    return _condition(row, now) in change.among and not same


def told(change: AccountChange) -> tuple[Event, ...]:
    """What is told of a change that was made."""
    return (change.event,) if change.event is not None else ()


def write_lessons(tables: Tables, account: AccountId, lessons: Sequence[Lesson]) -> None:
    """Keeps lessons about an account in place of earlier ones; forgets those without a value."""
    if lessons:
        known = {each.topic: each for each in (*tables.lessons.get(account, ()), *lessons)}
        kept = (each for each in known.values() if each.value)
        tables.lessons[account] = tuple(sorted(kept, key=lambda lesson: lesson.topic))


def _condition(row: AccountRow, now: datetime) -> Condition:
    return seen(row.condition, parked_until=row.parked_until, promoted_until=row.promoted_until, now=now)


def _seen(tables: Tables, row: AccountRow, now: datetime, today: QuotaDay) -> Account:
    """An account as the world sees it at `now`; made anew only when something of it is not as it was."""
    account = row.rules.id
    parts = Parts(
        row,
        tables.grants.get((account, Slot.PRIMARY)),
        tables.uploads.get((account, today), 0),
        tables.parts.get((account, today)) if row.rules.allocation else None,
        tables.lessons.get(account, ()),
        len(tables.outcomes.of(account)),
    )
    known = tables.seen.get(account)
    if known is not None and known.since <= now < known.until and parts == known.parts:
        return known.account
    record = _record_of(tables.outcomes.of(account), now)
    ends = [end for end in (row.parked_until, row.promoted_until) if end is not None and end > now]
    until = min(today.resets, record.holds_until, *ends)
    tables.seen[account] = Seen(parts, now, until, _account(parts, record, now))
    return tables.seen[account].account


def _account(parts: Parts, record: "_Record", now: datetime) -> Account:
    row, grant, rules = parts.row, parts.grant, parts.row.rules
    return Account(
        id=rules.id,
        project=rules.project,
        kind=rules.kind,
        condition=_condition(row, now),
        daily_uploads=rules.daily_uploads,
        added_at=row.added_at,
        concurrency=rules.concurrency,
        groups=rules.groups,
        channel=row.channel,
        channel_title=grant.channel_title if grant else None,
        uploads_today=parts.uploads,
        in_flight=row.in_flight,
        last_upload_at=row.last_upload_at,
        parked_until=row.parked_until,
        successes=record.successes,
        trials=record.trials,
        why=row.why,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
        failures_in_a_row=record.in_a_row,
        arrived_lately=record.lately,
        promoted_until=row.promoted_until,
        grant_dead=grant.unusable if grant else None,
        grant_ends_at=grant.ends_at if grant else None,
        lessons=parts.lessons,
        allocation=rules.allocation,
        taken={each: units for each, units in sorted((parts.taken or {}).items()) if units > 0},
    )


@dataclass(frozen=True, slots=True)
class _Record:
    """Successes and trials in the sliding window, failures since the last success, successes of 24 hours; and the
    moment from which the first of them may count no more.
    """

    successes: int
    trials: int
    in_a_row: int
    lately: int
    holds_until: datetime


def _record_of(known: Sequence[Outcome], now: datetime) -> _Record:
    since = now - _WINDOW
    newest = known[-_WINDOW_OUTCOMES:]
    if newest and newest[0].at < since:
        newest = [each for each in newest if each.at >= since]
    lately = list(takewhile(lambda each: each.at > now - DAY, reversed(known)))
    failures = _in_a_row(known, since)
    ends = [some[0].at + _WINDOW for some in (newest, failures) if some]
    ends += [each.at + DAY for each in lately[-1:]]
    return _Record(
        successes=sum(each.succeeded for each in newest),
        trials=len(newest),
        in_a_row=len(failures),
        lately=sum(each.succeeded for each in lately),
        holds_until=min(ends, default=now + _WINDOW),
    )


def _in_a_row(known: Sequence[Outcome], since: datetime) -> Sequence[Outcome]:
    """The failures that are not older than the last success, or than the window when there was none; oldest first."""
    failures, back_to = [], since
    for each in reversed(known):
        if each.at < back_to:
            break
        if each.succeeded:
            back_to = each.at
        else:
            failures.append(each)
    return failures[::-1]
