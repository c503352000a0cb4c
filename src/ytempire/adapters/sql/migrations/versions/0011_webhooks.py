"""Webhooks: receivers, the secrets that sign for them, and messages in their order."""

from alembic import op

revision = "0011"
down_revision = "0010"

_NUMBER = {
    "sqlite": "INTEGER PRIMARY KEY AUTOINCREMENT",
    "postgresql": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
}
_STATEMENTS = (
    """
    CREATE TABLE webhooks (
      name TEXT NOT NULL PRIMARY KEY,
      added_at TEXT NOT NULL,
      seen BIGINT NOT NULL,
      disabled_at TEXT,
      disabled_why TEXT
    )
    """,
    """
    CREATE TABLE webhook_secrets (
      number NUMBER,
      webhook TEXT NOT NULL REFERENCES webhooks (name),
      sealed TEXT NOT NULL,
      sealed_by TEXT NOT NULL,
      made_at TEXT NOT NULL,
      until TEXT
    )
    """,
    "CREATE INDEX webhook_secrets_webhook ON webhook_secrets (webhook)",
    """
    CREATE TABLE letters (
      number NUMBER,
      webhook TEXT NOT NULL REFERENCES webhooks (name),
      event BIGINT NOT NULL,
      kind TEXT NOT NULL,
      id TEXT NOT NULL,
      state TEXT NOT NULL,
      tries INTEGER NOT NULL DEFAULT 0,
      made_at TEXT NOT NULL,
      due TEXT,
      ended_at TEXT,
      status INTEGER,
      error TEXT,
      UNIQUE (webhook, event)
    )
    """,
    "CREATE INDEX letters_waiting ON letters (webhook, event) WHERE due IS NOT NULL",
    "CREATE INDEX letters_state ON letters (webhook, state, ended_at)",
)


def upgrade() -> None:
    """Makes the tables."""
    dialect = op.get_bind().dialect.name
    for statement in _STATEMENTS:
        op.execute(statement.replace("NUMBER", _NUMBER[dialect]))
