"""Programs for sealed grants: `ports.Grants`. The revision guards against two writers."""

from collections.abc import Sequence

from ytempire.adapters.sql.documents import (
    document,
    moment,
    moment_text,
    optional_moment,
    optional_text,
    plain,
)
from ytempire.adapters.sql.log import record
from ytempire.adapters.sql.program import Program, Row, Statement, Undone
from ytempire.domain.events import Event
from ytempire.domain.values import AccountId
from ytempire.ports import SealedGrant

_ALL = """
SELECT account, sealed, revision, expires_at, scopes, connected_at, refreshed_at, channel, channel_title
FROM grants ORDER BY account
"""
_ONE = """
SELECT account, sealed, revision, expires_at, scopes, connected_at, refreshed_at, channel, channel_title
FROM grants WHERE account = :account
"""
_FIRST = """
INSERT INTO grants
  (account, sealed, revision, expires_at, scopes, connected_at, refreshed_at, channel, channel_title)
VALUES
  (:account, :sealed, :revision, :expires_at, :scopes, :connected_at, :refreshed_at, :channel, :channel_title)
ON CONFLICT (account) DO NOTHING
"""
_NEXT = """
UPDATE grants SET sealed = :sealed, revision = :revision, expires_at = :expires_at, scopes = :scopes,
  connected_at = :connected_at, refreshed_at = :refreshed_at, channel = :channel,
  channel_title = :channel_title
WHERE account = :account AND revision = :seen
"""


def grant(account: AccountId) -> Program[SealedGrant | None]:
    """The grant of an account, or None."""
    rows = yield Statement(_ONE, {"account": account})
    return _grant_of(rows[0]) if rows else None


def grants() -> Program[tuple[SealedGrant, ...]]:
    """All grants."""
    rows = yield Statement(_ALL, {})
    return tuple(map(_grant_of, rows))


def save_grant(it: SealedGrant, seen: int | None, events: Sequence[Event]) -> Program[bool]:
    """Stores a grant if the stored revision is still `seen`."""
    rows = yield Statement(
        _FIRST if seen is None else _NEXT,
        {
            "account": it.account,
            "sealed": it.sealed,
            "revision": it.revision,
            "expires_at": optional_text(it.expires_at),
            "scopes": document(it.scopes),
            "connected_at": moment_text(it.connected_at),
            "refreshed_at": optional_text(it.refreshed_at),
            "channel": it.channel,
            "channel_title": it.channel_title,
            "seen": seen,
        },
    )
    if not rows:
        raise Undone(answer=False)
    yield from record(events)
    return True


def _grant_of(row: Row) -> SealedGrant:
    account, sealed, revision, expires_at, scopes, connected_at, refreshed_at, channel, title = row
    return SealedGrant(
        account=account,
        sealed=sealed,
        revision=revision,
        expires_at=optional_moment(expires_at),
        scopes=tuple(plain(scopes)),
        connected_at=moment(connected_at),
        refreshed_at=optional_moment(refreshed_at),
        channel=channel,
        channel_title=title,
    )
