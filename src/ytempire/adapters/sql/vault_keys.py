"""Programs for the keys of the vault: `ports.Keys`, and the question of whoever stores something sealed.

Who stores takes the row of its key after writing, and who retires takes it before counting. So either the
text is counted, or its writer finds the key retired and takes everything back.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from ytempire.adapters.sql.documents import moment, moment_text, optional_moment
from ytempire.adapters.sql.log import record
from ytempire.adapters.sql.program import Program, Statement, Undone
from ytempire.domain.events import Event
from ytempire.ports import SealedField, SealedPlace, StoredKey

_IN_USE = "UPDATE vault_keys SET uses = uses + 1 WHERE id = :key AND retired_at IS NULL RETURNING id"
_COUNTS = """
(SELECT COUNT(*) FROM grants g WHERE g.sealed_by = k.id)
  + (SELECT COUNT(*) FROM sessions s WHERE s.sealed_by = k.id)
  + (SELECT COUNT(*) FROM consents c WHERE c.sealed_by = k.id)
  + (SELECT COUNT(*) FROM webhook_secrets w WHERE w.sealed_by = k.id)
"""
_ALL = f"""
SELECT k.id, k.check_value, k.added_at, k.retired_at, {_COUNTS} FROM vault_keys k ORDER BY k.added_at, k.id
"""  # noqa: S608  glued of constants
_REGISTER = """
INSERT INTO vault_keys (id, check_value, added_at) VALUES (:key, :check_value, :now)
ON CONFLICT (id) DO UPDATE SET retired_at = NULL WHERE vault_keys.retired_at IS NOT NULL
"""
_TAKE_ROW = "UPDATE vault_keys SET uses = uses WHERE id = :key AND retired_at IS NULL RETURNING id"
_COUNT = f"SELECT {_COUNTS} FROM vault_keys k WHERE k.id = :key"  # noqa: S608  glued of constants
_RETIRE = "UPDATE vault_keys SET retired_at = :now WHERE id = :key"

_FORGET = (
    "UPDATE sessions SET sealed_uri = NULL, sealed_by = NULL WHERE sealed_by = :key RETURNING id",
    "DELETE FROM grants WHERE sealed_by = :key RETURNING account",
    "DELETE FROM consents WHERE sealed_by = :key RETURNING account",
    "DELETE FROM webhook_secrets WHERE sealed_by = :key RETURNING webhook",
)

_OTHERWISE = (
    """
    SELECT 'grants', account, sealed FROM grants WHERE sealed_by <> :key
    ORDER BY sealed_by, account, slot DESC LIMIT :limit
    """,
    """
    SELECT 'sessions', publication, sealed_uri FROM sessions
    WHERE sealed_by < :key
    ORDER BY sealed_by, publication, id LIMIT :limit
    """,
    """
    SELECT 'sessions', publication, sealed_uri FROM sessions
    WHERE sealed_by > :key
    ORDER BY sealed_by, publication, id LIMIT :limit
    """,
    """
    SELECT 'consents', account, sealed_verifier FROM consents WHERE sealed_verifier <> '' AND sealed_by <> :key
    ORDER BY sealed_by, state_hash LIMIT :limit
    """,
    """
    SELECT 'webhook_secrets', webhook, sealed FROM webhook_secrets WHERE sealed_by <> :key
    ORDER BY sealed_by, webhook, number DESC LIMIT :limit
    """,
)
"""Sessions are many, and asked for on both sides of the key: that is a walk along their index. It holds those
with an address; a text that tells no key has the key ""."""

_FIELDS = {
    "grants": SealedField.GRANT,
    "sessions": SealedField.SESSION,
    "consents": SealedField.VERIFIER,
    "webhook_secrets": SealedField.WEBHOOK,
}
_RESEAL = {
    "grants": """
    UPDATE grants SET sealed = :new, sealed_by = :key WHERE account = :owner AND sealed = :old RETURNING account
    """,
    "sessions": """
    UPDATE sessions SET sealed_uri = :new, sealed_by = :key
    WHERE publication = :owner AND sealed_uri = :old RETURNING id
    """,
    "consents": """
    UPDATE consents SET sealed_verifier = :new, sealed_by = :key
    WHERE account = :owner AND sealed_verifier = :old RETURNING account
    """,
    "webhook_secrets": """
    UPDATE webhook_secrets SET sealed = :new, sealed_by = :key WHERE webhook = :owner AND sealed = :old
    RETURNING number
    """,
}


def in_use(key: str) -> Program[bool]:
    """Counts one more use of a key; False when it was retired or is not known. Asked after writing."""
    rows = yield Statement(_IN_USE, {"key": key})
    return bool(rows)


def keys() -> Program[tuple[StoredKey, ...]]:
    """Every key ever registered, oldest first."""
    rows = yield Statement(_ALL, {})
    return tuple(
        StoredKey(key, check, moment(added), optional_moment(retired), int(sealed))
        for key, check, added, retired, sealed in rows
    )


def register_keys(checks: Mapping[str, str], now: datetime) -> Program[None]:
    """Makes keys known, and those that were retired usable again."""
    for key, check in sorted(checks.items()):
        yield Statement(_REGISTER, {"key": key, "check_value": check, "now": moment_text(now)})


def retire_key(key: str, now: datetime, events: Sequence[Event]) -> Program[int]:
    """Retires a key unless something is sealed with it; how much is."""
    if not (yield Statement(_TAKE_ROW, {"key": key})):
        return 0
    ((sealed,),) = yield Statement(_COUNT, {"key": key})
    if sealed:
        return int(sealed)
    yield Statement(_RETIRE, {"key": key, "now": moment_text(now)})
    yield from record(events)
    return 0


def forget_key(key: str, now: datetime, events: Sequence[Event]) -> Program[int]:
    """Forgets what a key sealed, and retires it; how much.

    Looked for once more when the key is retired: from then on nobody stores anything under it, and whoever was about
    to has done so.
    """
    forgotten = yield from _forget(key)
    yield Statement(_RETIRE, {"key": key, "now": moment_text(now)})
    forgotten += yield from _forget(key)
    yield from record(events)
    return forgotten


def _forget(key: str) -> Program[int]:
    forgotten = 0
    for statement in _FORGET:
        rows = yield Statement(statement, {"key": key})
        forgotten += len(rows)
    return forgotten


def sealed_otherwise(key: str, limit: int) -> Program[tuple[SealedPlace, ...]]:
    """Texts sealed with other keys: grants, then sessions, consents, webhooks."""
    found: list[SealedPlace] = []
    for question in _OTHERWISE:
        rows = yield Statement(question, {"key": key, "limit": limit - len(found)})
        found += (SealedPlace(table, owner, _FIELDS[table], sealed) for table, owner, sealed in rows)
    return tuple(found)


def reseal(place: SealedPlace, sealed: str, key: str) -> Program[bool]:
    """Exchanges one sealed text, unless it is another by now or the key is not in use."""
    params = {"owner": place.owner, "old": place.sealed, "new": sealed, "key": key}
    rows = yield Statement(_RESEAL[place.table], params)
    if not rows:
        return False
    if not (yield from in_use(key)):
        raise Undone(answer=False)
    return True
