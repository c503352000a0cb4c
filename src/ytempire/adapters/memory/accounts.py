"""Accounts and projects in memory: `ports.Accounts` over the shared tables."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ytempire.adapters.memory.tables import AccountRow, OnTables, Tables
from ytempire.domain.accounts import Account
from ytempire.domain.events import Event
from ytempire.domain.oauth import Slot
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import AccountId, PlaylistId
from ytempire.ports import AccountChange, AccountRules, ProjectRules

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

    async def change_account(self, change: AccountChange, now: datetime, events: Sequence[Event]) -> None:
        apply_change(self._tables, change, now)
        self._tables.record(events)

    async def playlist(self, account: AccountId, name: str) -> PlaylistId | None:
        return self._tables.playlists.get((account, name))

    async def remember_playlist(self, account: AccountId, name: str, playlist: PlaylistId) -> None:
        self._tables.playlists[account, name] = playlist


def _renew_limits(tables: Tables, today: QuotaDay) -> None:
    """Lines already begun take over a changed limit, from today on."""
    for (project, bucket, day), line in list(tables.lines.items()):
        rules = tables.projects.get(project)
        if day >= today and rules is not None and bucket in rules.limits:
            tables.put_line(replace(line, limit=rules.limits[bucket]))


def apply_change(tables: Tables, change: AccountChange, now: datetime) -> None:
    """Changes what a change names of an account, and who did it and why."""
    row = tables.accounts.get(change.account)
    if row is not None:
        tables.accounts[change.account] = replace(
            row,
            condition=change.condition or row.condition,
            parked_until=change.parked_until or row.parked_until,
            why=change.why,
            changed_by=change.by,
            changed_at=now,
        )


def _seen(tables: Tables, row: AccountRow, now: datetime, today: QuotaDay) -> Account:
    """An account as the world sees it at `now`."""
    rules = row.rules
    grant = tables.grants.get((rules.id, Slot.PRIMARY))
    successes, trials = _record_of(tables, rules.id, now)
    return Account(
        id=rules.id,
        project=rules.project,
        kind=rules.kind,
        condition=row.condition,
        daily_uploads=rules.daily_uploads,
        added_at=row.added_at,
        concurrency=rules.concurrency,
        groups=rules.groups,
        channel=row.channel,
        channel_title=grant.channel_title if grant else None,
        uploads_today=tables.uploads.get((rules.id, today), 0),
        in_flight=row.in_flight,
        last_upload_at=row.last_upload_at,
        parked_until=row.parked_until,
        successes=successes,
        trials=trials,
        why=row.why,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
    )


def _record_of(tables: Tables, account: AccountId, now: datetime) -> tuple[int, int]:
    """Successes and trials in the sliding window."""
    newest = tables.outcomes.of(account)[-_WINDOW_OUTCOMES:]
    if newest and newest[0].at < now - _WINDOW:
        newest = [each for each in newest if each.at >= now - _WINDOW]
    return sum([each.succeeded for each in newest]), len(newest)
