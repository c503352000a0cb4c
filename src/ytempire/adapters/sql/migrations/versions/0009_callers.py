"""Callers of the HTTP API: tokens, browsers, answers to be given again, files received."""

from alembic import op

revision = "0009"
down_revision = "0008"

_CLUSTERED = {"sqlite": "WITHOUT ROWID", "postgresql": ""}

_STATEMENTS = (
    """
    CREATE TABLE api_tokens (
      id TEXT NOT NULL PRIMARY KEY,
      name TEXT NOT NULL,
      hashed TEXT NOT NULL UNIQUE,
      role TEXT NOT NULL,
      accounts TEXT,
      created_at TEXT NOT NULL,
      created_by TEXT NOT NULL,
      expires_at TEXT,
      revoked_at TEXT,
      used_at TEXT
    )
    """,
    "CREATE UNIQUE INDEX api_tokens_name ON api_tokens (name) WHERE revoked_at IS NULL",
    """
    CREATE TABLE browsers (
      hashed TEXT NOT NULL PRIMARY KEY,
      token TEXT NOT NULL REFERENCES api_tokens (id),
      created_at TEXT NOT NULL,
      expires_at TEXT NOT NULL
    ) CLUSTERED
    """,
    """
    CREATE TABLE answers (
      caller TEXT NOT NULL,
      name TEXT NOT NULL,
      fingerprint TEXT NOT NULL,
      holder TEXT NOT NULL,
      until TEXT NOT NULL,
      status INTEGER,
      headers TEXT,
      body TEXT,
      PRIMARY KEY (caller, name)
    )
    """,
    "CREATE INDEX answers_until ON answers (until)",
    """
    CREATE TABLE received (
      id TEXT NOT NULL PRIMARY KEY,
      name TEXT NOT NULL,
      caller TEXT NOT NULL,
      size BIGINT NOT NULL,
      sha256 TEXT NOT NULL,
      received_at TEXT NOT NULL,
      touched_at TEXT NOT NULL
    ) CLUSTERED
    """,
    "CREATE INDEX received_touched ON received (touched_at)",
)


def upgrade() -> None:
    """Makes the tables."""
    dialect = op.get_bind().dialect.name
    for statement in _STATEMENTS:
        op.execute(statement.replace("CLUSTERED", _CLUSTERED[dialect]))
