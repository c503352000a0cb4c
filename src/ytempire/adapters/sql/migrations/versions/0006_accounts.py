"""Accounts: how long a reserve stands in, what was learned of each, and their histories found quickly."""

from alembic import op

revision = "0006"
down_revision = "0005"

_CLUSTERED = {"sqlite": "WITHOUT ROWID", "postgresql": ""}

_STATEMENTS = (
    "ALTER TABLE accounts ADD COLUMN promoted_until TEXT",
    """
    CREATE TABLE lessons (
      account TEXT NOT NULL,
      topic TEXT NOT NULL,
      value TEXT NOT NULL,
      at TEXT NOT NULL,
      why TEXT NOT NULL,
      PRIMARY KEY (account, topic)
    ) CLUSTERED
    """,
    """
    CREATE INDEX events_account ON events (account, number)
    WHERE account IS NOT NULL AND publication IS NULL AND kind <> 'token.refreshed'
    """,
)


def upgrade() -> None:
    """Makes room for promotions, lessons and histories."""
    dialect = op.get_bind().dialect.name
    for statement in _STATEMENTS:
        op.execute(statement.replace("CLUSTERED", _CLUSTERED[dialect]))
