"""Programs for webhooks: receivers and their secrets. Messages to them are in letters.py.

Tables are touched in the order webhooks, webhook_secrets, letters, vault_keys, events. Whoever changes what a
receiver gets takes its row first.
"""

from collections.abc import Sequence
from datetime import datetime

from ytempire.adapters.sql.documents import moment, moment_text, optional_moment, optional_text
from ytempire.adapters.sql.log import record
from ytempire.adapters.sql.program import Program, Row, Statement, Undone
from ytempire.adapters.sql.vault_keys import in_use
from ytempire.domain.events import Event
from ytempire.ports import Hook, HookSecret

_NEWEST = "COALESCE((SELECT MAX(number) FROM events), 0)"
_ADD = f"""
INSERT INTO webhooks (name, added_at, seen) VALUES (:name, :now, {_NEWEST})
ON CONFLICT (name) DO NOTHING RETURNING name
"""  # noqa: S608  glued of constants
_ADD_SECRET = """
INSERT INTO webhook_secrets (webhook, sealed, sealed_by, made_at, until)
VALUES (:name, :sealed, :sealed_by, :made_at, :until)
"""
_ALL = "SELECT name, added_at, seen, disabled_at, disabled_why FROM webhooks ORDER BY name"
_ONE = "SELECT name, added_at, seen, disabled_at, disabled_why FROM webhooks WHERE name = :name"
_SECRETS = """
SELECT webhook, sealed, sealed_by, made_at, until FROM webhook_secrets
WHERE until IS NULL OR until > :now ORDER BY number DESC
"""
_SECRETS_OF_ONE = """
SELECT webhook, sealed, sealed_by, made_at, until FROM webhook_secrets
WHERE webhook = :name AND (until IS NULL OR until > :now) ORDER BY number DESC
"""
_TAKE = "UPDATE webhooks SET seen = seen WHERE name = :name RETURNING name"
_DROP_SECRETS = "DELETE FROM webhook_secrets WHERE webhook = :name"
_DROP_LETTERS = "DELETE FROM letters WHERE webhook = :name"
_DROP = "DELETE FROM webhooks WHERE name = :name"
_DROP_OLDER = "DELETE FROM webhook_secrets WHERE webhook = :name AND until IS NOT NULL"
_END_SECRET = "UPDATE webhook_secrets SET until = :until WHERE webhook = :name"
_DISABLE = """
UPDATE webhooks SET disabled_at = :now, disabled_why = :why WHERE name = :name AND disabled_at IS NULL
RETURNING name
"""
_DEAD = """
UPDATE letters SET state = 'dead', due = NULL, ended_at = :now, error = :why
WHERE webhook = :name AND due IS NOT NULL
"""
_ENABLE = f"""
UPDATE webhooks SET disabled_at = NULL, disabled_why = NULL, seen = {_NEWEST}
WHERE name = :name AND disabled_at IS NOT NULL RETURNING name
"""  # noqa: S608  glued of constants


def add(name: str, secret: HookSecret, now: datetime, events: Sequence[Event]) -> Program[bool]:
    """Makes a receiver known, unless it is."""
    if not (yield Statement(_ADD, {"name": name, "now": moment_text(now)})):
        return False
    yield from _keep_secret(name, secret)
    yield from record(events)
    return True


def every(now: datetime) -> Program[tuple[Hook, ...]]:
    """All receivers."""
    rows = yield Statement(_ALL, {})
    secrets = yield Statement(_SECRETS, {"now": moment_text(now)})
    return tuple(_hook_of(row, secrets) for row in rows)


def one(name: str, now: datetime) -> Program[Hook | None]:
    """One receiver."""
    rows = yield Statement(_ONE, {"name": name})
    if not rows:
        return None
    secrets = yield Statement(_SECRETS_OF_ONE, {"name": name, "now": moment_text(now)})
    return _hook_of(rows[0], secrets)


def remove(name: str, events: Sequence[Event]) -> Program[bool]:
    """Forgets a receiver and everything of it."""
    if not (yield Statement(_TAKE, {"name": name})):
        return False
    for statement in (_DROP_SECRETS, _DROP_LETTERS, _DROP):
        yield Statement(statement, {"name": name})
    yield from record(events)
    return True


def rotate(name: str, secret: HookSecret, until: datetime, events: Sequence[Event]) -> Program[bool]:
    """Gives a receiver a new secret; the one before ends at a moment."""
    if not (yield Statement(_TAKE, {"name": name})):
        return False
    yield Statement(_DROP_OLDER, {"name": name})
    yield Statement(_END_SECRET, {"name": name, "until": moment_text(until)})
    yield from _keep_secret(name, secret)
    yield from record(events)
    return True


def disable(name: str, why: str, now: datetime, events: Sequence[Event]) -> Program[bool]:
    """Sends a receiver nothing more."""
    params = {"name": name, "why": why, "now": moment_text(now)}
    if not (yield Statement(_DISABLE, params)):
        return False
    yield Statement(_DEAD, params)
    yield from record(events)
    return True


def enable(name: str, events: Sequence[Event]) -> Program[bool]:
    """Serves a disabled receiver again."""
    if not (yield Statement(_ENABLE, {"name": name})):
        return False
    yield from record(events)
    return True


def _keep_secret(name: str, secret: HookSecret) -> Program[None]:
    """Stores a secret; everything is taken back when its key is not in use."""
    params = {
        "name": name,
        "sealed": secret.sealed,
        "sealed_by": secret.key,
        "made_at": moment_text(secret.made_at),
        "until": optional_text(secret.until),
    }
    yield Statement(_ADD_SECRET, params)
    if not (yield from in_use(secret.key)):
        raise Undone(answer=False)


def _hook_of(row: Row, secrets: Sequence[Row]) -> Hook:
    name, added_at, seen, disabled_at, disabled_why = row
    return Hook(
        name=name,
        added_at=moment(added_at),
        seen=seen,
        secrets=tuple(
            HookSecret(sealed, key, moment(made_at), optional_moment(until))
            for owner, sealed, key, made_at, until in secrets
            if owner == name
        ),
        disabled_at=optional_moment(disabled_at),
        disabled_why=disabled_why,
    )
