"""Credentials: backup grants, consents under way, keys in use, leases, and the trail of use.

Types are those of the first schema. What is stored tells its key: `yt1.<key, 12 characters>.<body>`; the check
values of keys, a fact until now, become rows.
"""

import json

import sqlalchemy
from alembic import op

revision = "0002"
down_revision = "0001"

_CLUSTERED = {"sqlite": "WITHOUT ROWID", "postgresql": ""}

_KEY_OF = "CASE WHEN {text} LIKE 'yt1.____________.%' THEN SUBSTR({text}, 5, 12) ELSE '' END"
_SOME_TIME_AGO = "1970-01-01T00:00:00.000000+00:00"
"""When a key was added whose first use is not known."""

_ACCOUNTS = (
    "ALTER TABLE accounts ADD COLUMN channel TEXT",
    "UPDATE accounts SET channel = (SELECT g.channel FROM grants g WHERE g.account = accounts.id)",
)
_GRANTS = (
    """
    CREATE TABLE grants_by_slot (
      account TEXT NOT NULL,
      slot TEXT NOT NULL,
      sealed TEXT NOT NULL,
      sealed_by TEXT NOT NULL,
      revision BIGINT NOT NULL,
      expires_at TEXT,
      scopes TEXT NOT NULL,
      connected_at TEXT NOT NULL,
      refreshed_at TEXT,
      channel TEXT,
      channel_title TEXT,
      ends_at TEXT,
      unusable TEXT,
      PRIMARY KEY (account, slot)
    )
    """,
    f"""
    INSERT INTO grants_by_slot
      (account, slot, sealed, sealed_by, revision, expires_at, scopes, connected_at, refreshed_at, channel,
       channel_title)
    SELECT account, 'primary', sealed, {_KEY_OF.format(text="sealed")}, revision, expires_at, scopes,
      connected_at, refreshed_at, channel, channel_title
    FROM grants
    """,  # noqa: S608  glued of constants
    "DROP TABLE grants",
    "ALTER TABLE grants_by_slot RENAME TO grants",
)
_SESSIONS = (
    "ALTER TABLE sessions ADD COLUMN sealed_by TEXT",
    f"UPDATE sessions SET sealed_by = {_KEY_OF.format(text='sealed_uri')} WHERE sealed_uri IS NOT NULL",  # noqa: S608  glued of constants
    "CREATE INDEX sessions_sealed_by ON sessions (sealed_by) WHERE sealed_by IS NOT NULL",
)
_NEW = (
    """
    CREATE TABLE consents (
      state_hash TEXT NOT NULL PRIMARY KEY,
      account TEXT NOT NULL,
      slot TEXT NOT NULL,
      redirect_uri TEXT NOT NULL,
      sealed_verifier TEXT NOT NULL,
      sealed_by TEXT NOT NULL,
      created_at TEXT NOT NULL,
      expires_at TEXT NOT NULL,
      browser TEXT,
      taken_at TEXT
    )
    """,
    """
    CREATE TABLE vault_keys (
      id TEXT NOT NULL PRIMARY KEY,
      check_value TEXT NOT NULL,
      added_at TEXT NOT NULL,
      retired_at TEXT,
      uses BIGINT NOT NULL DEFAULT 0
    )
    """,
    """
    CREATE TABLE leases (
      name TEXT NOT NULL PRIMARY KEY,
      holder TEXT NOT NULL,
      until TEXT NOT NULL
    ) CLUSTERED
    """,
    """
    CREATE TABLE audit (
      number BIGINT NOT NULL PRIMARY KEY,
      at TEXT NOT NULL,
      actor TEXT NOT NULL,
      deed TEXT NOT NULL,
      account TEXT,
      detail TEXT NOT NULL,
      hash_before TEXT NOT NULL,
      hash TEXT NOT NULL
    ) CLUSTERED
    """,
    """
    CREATE TABLE audit_head (
      id INTEGER NOT NULL PRIMARY KEY,
      number BIGINT NOT NULL,
      hash TEXT NOT NULL
    )
    """,
)
_CHECKS = "SELECT value FROM facts WHERE name = 'vault.key_checks'"
_FORGET_CHECKS = "DELETE FROM facts WHERE name = 'vault.key_checks'"
_KEY = """
INSERT INTO vault_keys (id, check_value, added_at)
VALUES (:key, :check_value, COALESCE((SELECT MIN(connected_at) FROM grants WHERE sealed_by = :key), :ago))
"""


def upgrade() -> None:
    """Makes room for credentials, and brings what is stored along."""
    dialect = op.get_bind().dialect.name
    for statement in (*_ACCOUNTS, *_GRANTS, *_SESSIONS, *_NEW):
        op.execute(statement.replace("CLUSTERED", _CLUSTERED[dialect]))
    _register_keys()


def _register_keys() -> None:
    """The check values of keys, one row for each."""
    connection = op.get_bind()
    found = connection.execute(sqlalchemy.text(_CHECKS)).scalar()
    for key, check in sorted(json.loads(found or "{}").items()):
        params = {"key": key, "check_value": check, "ago": _SOME_TIME_AGO}
        connection.execute(sqlalchemy.text(_KEY), params)
    connection.execute(sqlalchemy.text(_FORGET_CHECKS))
