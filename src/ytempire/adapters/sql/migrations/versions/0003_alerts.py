"""Alerts that have a history, deliveries of their own, mutes, and a reader that remembers how far it read.

The table of alerts of the first schema was never written to.
"""

from alembic import op

revision = "0003"
down_revision = "0002"

_NUMBER = {
    "sqlite": "INTEGER PRIMARY KEY",
    "postgresql": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
}
_STATEMENTS = (
    "DROP TABLE alerts",
    "CREATE TABLE cursors (name TEXT NOT NULL PRIMARY KEY, position BIGINT NOT NULL)",
    """
    CREATE TABLE alerts (
      number NUMBER,
      key TEXT NOT NULL,
      level TEXT NOT NULL,
      loudness INTEGER NOT NULL,
      title TEXT NOT NULL,
      text TEXT NOT NULL,
      remedy TEXT NOT NULL,
      raised_at TEXT NOT NULL,
      until TEXT,
      passing INTEGER NOT NULL,
      times BIGINT NOT NULL DEFAULT 1,
      muted TEXT,
      resolved_at TEXT
    )
    """,
    "CREATE UNIQUE INDEX alerts_open ON alerts (key) WHERE resolved_at IS NULL",
    "CREATE INDEX alerts_until ON alerts (until) WHERE resolved_at IS NULL",
    "CREATE INDEX alerts_key ON alerts (key, number)",
    """
    CREATE TABLE deliveries (
      number NUMBER,
      alert BIGINT NOT NULL REFERENCES alerts (number),
      target TEXT NOT NULL,
      level TEXT NOT NULL,
      ended INTEGER NOT NULL,
      state TEXT NOT NULL,
      tries INTEGER NOT NULL DEFAULT 0,
      due TEXT,
      sent_at TEXT,
      error TEXT,
      UNIQUE (alert, target, level, ended)
    )
    """,
    "CREATE INDEX deliveries_due ON deliveries (due) WHERE due IS NOT NULL",
    """
    CREATE TABLE mutes (
      number NUMBER,
      pattern TEXT NOT NULL,
      until TEXT NOT NULL,
      made_at TEXT NOT NULL,
      made_by TEXT NOT NULL,
      why TEXT NOT NULL,
      ended_at TEXT
    )
    """,
    "INSERT INTO cursors (name, position) SELECT 'alerts', COALESCE(MAX(number), 0) FROM events",
)
"""The last one: what happened before there were alerts is history, and nobody is woken for it now."""


def upgrade() -> None:
    """Makes the tables."""
    dialect = op.get_bind().dialect.name
    for statement in _STATEMENTS:
        op.execute(statement.replace("NUMBER", _NUMBER[dialect]))
