"""Programs for sealed grants: `ports.Grants`. The revision of a slot guards against two writers."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ytempire.adapters.sql.accounts import apply_change, remember_channel, told
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
from ytempire.adapters.sql.rows import Params
from ytempire.adapters.sql.vault_keys import in_use
from ytempire.domain.events import Event
from ytempire.domain.oauth import Slot
from ytempire.domain.values import AccountId
from ytempire.ports import AccountChange, SealedGrant

_ALL = """
SELECT account, sealed, sealed_by, revision, expires_at, scopes, connected_at, refreshed_at, channel,
  channel_title, slot, ends_at, unusable
FROM grants
"""
_ONE = _ALL + "WHERE account = :account AND slot = :slot"
_FIRST = """
INSERT INTO grants
  (account, slot, sealed, sealed_by, revision, expires_at, scopes, connected_at, refreshed_at, channel,
   channel_title, ends_at, unusable)
VALUES
  (:account, :slot, :sealed, :sealed_by, :revision, :expires_at, :scopes, :connected_at, :refreshed_at,
   :channel, :channel_title, :ends_at, :unusable)
ON CONFLICT (account, slot) DO NOTHING
"""
_NEXT = """
UPDATE grants SET sealed = :sealed, sealed_by = :sealed_by, revision = :revision, expires_at = :expires_at,
  scopes = :scopes, connected_at = :connected_at, refreshed_at = :refreshed_at, channel = :channel,
  channel_title = :channel_title, ends_at = :ends_at, unusable = :unusable
WHERE account = :account AND slot = :slot AND revision = :seen
"""
_CONDEMN = """
UPDATE grants SET unusable = :why, revision = revision + 1
WHERE account = :account AND slot = :slot AND revision = :seen
"""
_DROP_BACKUP = """
DELETE FROM grants WHERE account = :account AND slot = 'backup' AND revision = :seen
"""
_ERASE = "DELETE FROM grants WHERE account = :account AND slot = :slot"
_ERASE_CONSENTS = "DELETE FROM consents WHERE account = :account AND taken_at IS NULL"


def grant(account: AccountId, slot: Slot) -> Program[SealedGrant | None]:
    """The grant in a slot of an account, or None."""
    rows = yield Statement(_ONE, {"account": account, "slot": slot.value})
    return _grant_of(rows[0]) if rows else None


def grants() -> Program[tuple[SealedGrant, ...]]:
    """All grants, by account, the primary first."""
    rows = yield Statement(_ALL, {})
    return tuple(sorted(map(_grant_of, rows), key=lambda it: (it.account, it.slot is not Slot.PRIMARY)))


def save_grant(
    it: SealedGrant, seen: int | None, events: Sequence[Event], change: AccountChange | None
) -> Program[bool]:
    """Stores a grant if the stored revision of its slot is still `seen`."""
    params = _params(it) | {"seen": seen}
    if not (yield Statement(_FIRST if seen is None else _NEXT, params)):
        raise Undone(answer=False)
    yield from _sealed_in_use(it)
    yield from _told(events, change)
    return True


def condemn_grant(
    it: SealedGrant, why: str, events: Sequence[Event], change: AccountChange | None
) -> Program[bool]:
    """Puts a grant out of use if its stored revision is still this one."""
    params: Params = {"account": it.account, "slot": it.slot.value, "seen": it.revision, "why": why}
    if not (yield Statement(_CONDEMN, params)):
        raise Undone(answer=False)
    yield from _told(events, change)
    return True


def promote_backup(
    it: SealedGrant, seen: tuple[int, int], events: Sequence[Event], change: AccountChange | None
) -> Program[bool]:
    """Stores the backup as the primary and forgets the backup, if both are still as seen."""
    promoted = replace(it, slot=Slot.PRIMARY)
    if not (yield Statement(_NEXT, _params(promoted) | {"seen": seen[0]})):
        raise Undone(answer=False)
    if not (yield Statement(_DROP_BACKUP, {"account": it.account, "seen": seen[1]})):
        raise Undone(answer=False)
    yield from _sealed_in_use(promoted)
    yield from _told(events, change)
    return True


def erase_grants(change: AccountChange, now: datetime, events: Sequence[Event]) -> Program[int]:
    """Forgets the grants and open consents of an account; how many grants there were."""
    erased = 0
    for slot in Slot:
        rows = yield Statement(_ERASE, {"account": change.account, "slot": slot.value})
        erased += len(rows)
    yield Statement(_ERASE_CONSENTS, {"account": change.account})
    made = yield from apply_change(change, now)
    yield from record((*events, *(told(change) if made else ())))
    return erased


def _told(events: Sequence[Event], change: AccountChange | None) -> Program[None]:
    """What goes with a grant: a change of its account at the moment of the first event, and the events."""
    if change is not None:
        if not events:
            raise ValueError(f"a change of {change.account} with a grant needs an event that says when")
        made = yield from apply_change(change, events[0].at)
        events = (*events, *(told(change) if made else ()))
    yield from record(events)


def _sealed_in_use(it: SealedGrant) -> Program[None]:
    """Takes everything back when the key of a grant is not in use; else the channel of a primary one is known."""
    if not (yield from in_use(it.key)):
        raise Undone(answer=False)
    if it.channel is not None and it.slot is Slot.PRIMARY:
        yield from remember_channel(it.account, it.channel)


def _params(it: SealedGrant) -> Params:
    return {
        "account": it.account,
        "slot": it.slot.value,
        "sealed": it.sealed,
        "sealed_by": it.key,
        "revision": it.revision,
        "expires_at": optional_text(it.expires_at),
        "scopes": document(it.scopes),
        "connected_at": moment_text(it.connected_at),
        "refreshed_at": optional_text(it.refreshed_at),
        "channel": it.channel,
        "channel_title": it.channel_title,
        "ends_at": optional_text(it.ends_at),
        "unusable": it.unusable,
    }


def _grant_of(row: Row) -> SealedGrant:
    return SealedGrant(
        account=row[0],
        sealed=row[1],
        key=row[2],
        revision=row[3],
        expires_at=optional_moment(row[4]),
        scopes=tuple(plain(row[5])),
        connected_at=moment(row[6]),
        refreshed_at=optional_moment(row[7]),
        channel=row[8],
        channel_title=row[9],
        slot=Slot(row[10]),
        ends_at=optional_moment(row[11]),
        unusable=row[12],
    )
