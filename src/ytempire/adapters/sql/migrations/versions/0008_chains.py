"""Chains of providers: breakers, money by try and by day, calls, the health of services, drills.

A value is one document; beside it stand only the columns that statements ask for. Amounts are micro-dollars.

The table of breakers of the first schema was never written to.
"""

from alembic import op

revision = "0008"
down_revision = "0007"

_NUMBER = {
    "sqlite": "INTEGER PRIMARY KEY",
    "postgresql": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
}
_CLUSTERED = {"sqlite": "WITHOUT ROWID", "postgresql": ""}

_SHARED = (
    "DROP TABLE breakers",
    """
    CREATE TABLE breakers (
      name TEXT NOT NULL PRIMARY KEY,
      version BIGINT NOT NULL,
      phase TEXT NOT NULL,
      until TEXT,
      document TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE vitals (
      service TEXT NOT NULL PRIMARY KEY,
      version BIGINT NOT NULL,
      health TEXT NOT NULL,
      document TEXT NOT NULL
    )
    """,
)
_MONEY = (
    """
    CREATE TABLE spend (
      id TEXT NOT NULL PRIMARY KEY,
      call TEXT NOT NULL,
      chain TEXT NOT NULL,
      provider TEXT NOT NULL,
      day TEXT NOT NULL,
      at TEXT NOT NULL,
      held BIGINT NOT NULL,
      amount BIGINT NOT NULL,
      state TEXT NOT NULL
    )
    """,
    "CREATE INDEX spend_by_day ON spend (day, chain, provider)",
    """
    CREATE TABLE spend_days (
      chain TEXT NOT NULL,
      day TEXT NOT NULL,
      amount BIGINT NOT NULL,
      PRIMARY KEY (chain, day)
    ) CLUSTERED
    """,
)
"""`spend_days` is the sum of the amounts in `spend`, kept beside it so that one statement can guard a ceiling."""

_STORY = (
    """
    CREATE TABLE chain_calls (
      number NUMBER,
      id TEXT NOT NULL UNIQUE,
      chain TEXT NOT NULL,
      at TEXT NOT NULL,
      outcome TEXT NOT NULL,
      provider TEXT NOT NULL,
      degraded INTEGER NOT NULL,
      forced INTEGER NOT NULL,
      document TEXT NOT NULL
    )
    """,
    "CREATE INDEX chain_calls_newest ON chain_calls (at, number)",
    "CREATE INDEX chain_calls_of_chain ON chain_calls (chain, at, number)",
    """
    CREATE INDEX chain_calls_usage ON chain_calls (at, chain, outcome, provider, degraded, forced)
    WHERE forced = 0 AND outcome <> 'caller'
    """,
    """
    CREATE TABLE drills (
      number NUMBER,
      chain TEXT NOT NULL,
      at TEXT NOT NULL,
      passed INTEGER NOT NULL,
      document TEXT NOT NULL
    )
    """,
    "CREATE INDEX drills_newest ON drills (chain, at, number)",
)


def upgrade() -> None:
    """Makes the tables."""
    dialect = op.get_bind().dialect.name
    for statement in (*_SHARED, *_MONEY, *_STORY):
        op.execute(statement.replace("NUMBER", _NUMBER[dialect]).replace("CLUSTERED", _CLUSTERED[dialect]))
