"""Programs for accounts and projects: `ports.Accounts`."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ytempire.adapters.sql.documents import (
    document,
    moment,
    moment_text,
    optional_moment,
    optional_text,
    plain,
)
from ytempire.adapters.sql.log import record
from ytempire.adapters.sql.program import Program, Row, Statement
from ytempire.adapters.sql.rows import PARTS, Params
from ytempire.domain.accounts import Account, Condition, Kind
from ytempire.domain.conditions import seen
from ytempire.domain.events import Event
from ytempire.domain.lessons import DAY, Lesson, Topic
from ytempire.domain.quota import Bucket, Purpose, ceiling, hard_stop
from ytempire.domain.quota_day import QuotaDay
from ytempire.domain.values import AccountId, ChannelId, PlaylistId
from ytempire.ports import AccountChange, AccountRules, Outcome, ProjectRules

_WINDOW = timedelta(days=30)

_FORGET_ACCOUNTS = "UPDATE accounts SET configured = 0"
_ACCOUNT = """
INSERT INTO accounts
  (id, project, kind, condition, daily_uploads, concurrency, member_of, allocation, added_at, configured)
VALUES
  (:id, :project, :kind, 'disconnected', :daily_uploads, :concurrency, :member_of, :allocation, :now, 1)
ON CONFLICT (id) DO UPDATE SET project = excluded.project, kind = excluded.kind, configured = 1,
  daily_uploads = excluded.daily_uploads, concurrency = excluded.concurrency, member_of = excluded.member_of,
  allocation = excluded.allocation
"""
_FORGET_LIMITS = "UPDATE limits SET configured = 0"
_LIMIT = """
INSERT INTO limits (project, bucket, allowance, ceiling, hard_stop, configured)
VALUES (:project, :bucket, :allowance, :ceiling, :hard_stop, 1)
ON CONFLICT (project, bucket) DO UPDATE SET allowance = excluded.allowance, ceiling = excluded.ceiling,
  hard_stop = excluded.hard_stop, configured = 1
"""
_CHANGE_LINES = """
UPDATE ledger SET allowance = :allowance, ceiling = :ceiling, hard_stop = :hard_stop, told = 0
WHERE project = :project AND bucket = :bucket AND day >= :today AND allowance <> :allowance
"""
_MIRROR_LIMITS = """
UPDATE ledger SET configured = 1 - configured
WHERE configured <> (
  SELECT COUNT(*) FROM limits m
  WHERE m.project = ledger.project AND m.bucket = ledger.bucket AND m.configured = 1)
"""
_FORGET_PROJECTS = "UPDATE projects SET configured = 0"
_PROJECT = """
INSERT INTO projects (id, profile, configured) VALUES (:project, :profile, 1)
ON CONFLICT (id) DO UPDATE SET profile = excluded.profile, configured = 1
"""
_ALL = """
SELECT a.id, a.project, a.kind, a.condition, a.daily_uploads, a.added_at, a.concurrency, a.member_of,
  a.channel, g.channel_title, COALESCE(d.uploads, 0), a.in_flight, a.last_upload_at, a.parked_until,
  (SELECT SUM(n.succeeded) FROM (
    SELECT o.succeeded FROM outcomes o WHERE o.account = a.id AND o.at >= :since
    ORDER BY o.at DESC, o.number DESC LIMIT 50) AS n),
  (SELECT COUNT(*) FROM (
    SELECT o.succeeded FROM outcomes o WHERE o.account = a.id AND o.at >= :since
    ORDER BY o.at DESC, o.number DESC LIMIT 50) AS n),
  a.why, a.changed_by, a.changed_at,
  (SELECT COUNT(*) FROM outcomes o WHERE o.account = a.id AND o.succeeded = 0
    AND o.at >= COALESCE((SELECT s.at FROM outcomes s WHERE s.account = a.id AND s.at >= :since
      AND s.succeeded = 1 ORDER BY s.at DESC, s.number DESC LIMIT 1), :since)),
  (SELECT COUNT(*) FROM outcomes o WHERE o.account = a.id AND o.at > :lately AND o.succeeded = 1),
  a.promoted_until, g.unusable, g.ends_at, a.allocation,
  COALESCE(d.part_uploads, 0), COALESCE(d.part_metadata, 0), COALESCE(d.part_thumbnails, 0)
FROM accounts a
LEFT JOIN grants g ON g.account = a.id AND g.slot = 'primary'
LEFT JOIN account_days d ON d.account = a.id AND d.day = :day
WHERE a.configured = 1
"""
_CHANGE = """
UPDATE accounts SET condition = COALESCE(:condition, condition), why = :why, changed_by = :by,
  parked_until = COALESCE(:parked_until, parked_until), changed_at = :now,
  promoted_until = CASE WHEN CAST(:condition AS TEXT) IS NULL THEN promoted_until ELSE :promoted_until END
WHERE id = :account
"""
_AMONG = """
  AND CAST(:among AS TEXT) LIKE '%|' || CASE
    WHEN condition <> 'active' THEN condition
    WHEN promoted_until <= :now THEN 'standby'
    WHEN parked_until > :now THEN 'capped'
    ELSE condition END || '|%'
  AND (condition <> :condition OR COALESCE(promoted_until, '') <> COALESCE(:promoted_until, '')
    OR COALESCE(parked_until, '') <> COALESCE(:parked_until, parked_until, ''))
"""
"""The condition of the moment, as `conditions.seen` has it, is among those, and something is changed."""

_THIS = " AND a.id = :account"
_LESSONS = "SELECT account, topic, value, at, why FROM lessons ORDER BY account, topic"
_LESSONS_OF = "SELECT topic, value, at, why FROM lessons WHERE account = :account ORDER BY topic"
_LEARN = """
INSERT INTO lessons (account, topic, value, at, why) VALUES (:account, :topic, :value, :at, :why)
ON CONFLICT (account, topic) DO UPDATE SET value = excluded.value, at = excluded.at, why = excluded.why
"""
_FORGET = "DELETE FROM lessons WHERE account = :account AND topic = :topic"
_CHANNEL = """
UPDATE accounts SET channel = :channel WHERE id = :account AND (channel IS NULL OR channel <> :channel)
"""
_OUTCOME = "INSERT INTO outcomes (account, succeeded, at) VALUES (:account, :succeeded, :at)"
_PLAYLIST = "SELECT playlist FROM playlists WHERE account = :account AND name = :name"
_REMEMBER = """
INSERT INTO playlists (account, name, playlist) VALUES (:account, :name, :playlist)
ON CONFLICT (account, name) DO UPDATE SET playlist = excluded.playlist
"""


def configure(
    projects: Sequence[ProjectRules], accounts: Sequence[AccountRules], now: datetime
) -> Program[None]:
    """Brings accounts, limits and the ledger in line with the configuration."""
    for forget in (_FORGET_PROJECTS, _FORGET_LIMITS, _FORGET_ACCOUNTS):
        yield Statement(forget, {})
    for account in sorted(accounts, key=lambda rules: rules.id):
        yield Statement(_ACCOUNT, _account_params(account) | {"now": moment_text(now)})
    today = str(QuotaDay.of(now))
    for project in sorted(projects, key=lambda rules: rules.id):
        yield Statement(_PROJECT, {"project": project.id, "profile": project.profile})
        for bucket, limit in sorted(project.limits.items()):
            line = _limit_params(project, bucket, limit)
            yield Statement(_LIMIT, line)
            yield Statement(_CHANGE_LINES, line | {"today": today})
    yield Statement(_MIRROR_LIMITS, {})


def _account_params(rules: AccountRules) -> Params:
    return {
        "id": rules.id,
        "project": rules.project,
        "kind": rules.kind.value,
        "daily_uploads": rules.daily_uploads,
        "concurrency": rules.concurrency,
        "member_of": document(sorted(rules.groups)),
        "allocation": document(dict(sorted(rules.allocation.items()))),
    }


def _limit_params(project: ProjectRules, bucket: Bucket, limit: int) -> Params:
    return {
        "project": project.id,
        "bucket": bucket.value,
        "allowance": limit,
        "ceiling": ceiling(limit),
        "hard_stop": hard_stop(limit),
    }


def accounts(now: datetime) -> Program[tuple[Account, ...]]:
    """All configured accounts with the counts of the quota day of `now`, by id."""
    rows = yield Statement(_ALL, _moments(now))
    lessons: dict[str, list[Lesson]] = {}
    for account, *lesson in (yield Statement(_LESSONS, {})):
        lessons.setdefault(account, []).append(_lesson_of(lesson))
    found = (_account_of(row, tuple(lessons.get(row[0], ())), now) for row in rows)
    return tuple(sorted(found, key=lambda account: account.id))


def account(which: AccountId, now: datetime) -> Program[Account | None]:
    """One configured account."""
    rows = yield Statement(_ALL + _THIS, _moments(now) | {"account": which})
    if not rows:
        return None
    lessons = yield Statement(_LESSONS_OF, {"account": which})
    return _account_of(rows[0], tuple(map(_lesson_of, lessons)), now)


def _moments(now: datetime) -> Params:
    day, since, lately = str(QuotaDay.of(now)), moment_text(now - _WINDOW), moment_text(now - DAY)
    return {"day": day, "since": since, "lately": lately}


def _lesson_of(row: Row) -> Lesson:
    topic, value, at, why = row
    return Lesson(Topic(topic), value, moment(at), why)


def _account_of(row: Row, lessons: tuple[Lesson, ...], now: datetime) -> Account:
    parked, promoted = optional_moment(row[13]), optional_moment(row[21])
    allocation = {Purpose(name): units for name, units in plain(row[24]).items()}
    return Account(
        id=row[0],
        project=row[1],
        kind=Kind(row[2]),
        condition=seen(Condition(row[3]), parked_until=parked, promoted_until=promoted, now=now),
        daily_uploads=row[4],
        added_at=moment(row[5]),
        concurrency=row[6],
        groups=frozenset(plain(row[7])),
        channel=row[8],
        channel_title=row[9],
        uploads_today=row[10],
        in_flight=row[11],
        last_upload_at=optional_moment(row[12]),
        parked_until=parked,
        successes=int(row[14] or 0),
        trials=row[15],
        why=row[16],
        changed_by=row[17],
        changed_at=optional_moment(row[18]),
        failures_in_a_row=row[19],
        arrived_lately=row[20],
        promoted_until=promoted,
        grant_dead=row[22],
        grant_ends_at=optional_moment(row[23]),
        lessons=lessons,
        allocation=allocation,
        taken={
            each: units for each, units in zip(PARTS, row[25:28], strict=True) if units > 0 and allocation
        },
    )


def change_account(change: AccountChange, now: datetime, events: Sequence[Event]) -> Program[bool]:
    """Changes the condition of an account and says so, if it is one that the change is for."""
    if not (yield from apply_change(change, now)):
        return False
    yield from record((*events, *told(change)))
    return True


def told(change: AccountChange) -> tuple[Event, ...]:
    """What is told of a change that was made."""
    return (change.event,) if change.event is not None else ()


def apply_change(change: AccountChange, now: datetime) -> Program[bool]:
    """Changes what a change names of an account, and who did it and why; its event is left to the caller."""
    params: Params = {
        "account": change.account,
        "condition": None if change.condition is None else change.condition.value,
        "parked_until": optional_text(change.parked_until),
        "promoted_until": optional_text(change.promoted_until),
        "why": change.why,
        "by": change.by,
        "now": moment_text(now),
    }
    if change.among is None:
        rows = yield Statement(_CHANGE, params)
    else:
        among = f"|{'|'.join(sorted(change.among))}|"
        rows = yield Statement(_CHANGE + _AMONG, params | {"among": among})
    return bool(rows)


def learn(account: AccountId, lessons: Sequence[Lesson], events: Sequence[Event]) -> Program[None]:
    """Keeps lessons about an account and says so."""
    yield from write_lessons(account, lessons)
    yield from record(events)


def write_lessons(account: AccountId, lessons: Sequence[Lesson]) -> Program[None]:
    """Keeps lessons about an account in place of earlier ones; forgets those without a value."""
    for each in sorted(lessons, key=lambda lesson: lesson.topic):
        params: Params = {"account": account, "topic": each.topic.value}
        if each.value:
            more = {"value": each.value, "at": moment_text(each.at), "why": each.why}
            yield Statement(_LEARN, params | more)
        else:
            yield Statement(_FORGET, params)


def remember_channel(account: AccountId, channel: ChannelId) -> Program[None]:
    """Keeps the channel of an account, for longer than any grant."""
    yield Statement(_CHANNEL, {"account": account, "channel": channel})


def write_outcome(outcome: Outcome) -> Program[None]:
    """Remembers how an upload went."""
    succeeded = int(outcome.succeeded)
    yield Statement(
        _OUTCOME, {"account": outcome.account, "succeeded": succeeded, "at": moment_text(outcome.at)}
    )


def playlist(account: AccountId, name: str) -> Program[PlaylistId | None]:
    """The playlist of that name on the account's channel, if known."""
    rows = yield Statement(_PLAYLIST, {"account": account, "name": name})
    return rows[0][0] if rows else None


def remember_playlist(account: AccountId, name: str, which: PlaylistId) -> Program[None]:
    """Remembers a playlist."""
    yield Statement(_REMEMBER, {"account": account, "name": name, "playlist": which})
