"""Quota that is told: the highest threshold told of a line, how fast it is used, and units by account.

`told` is in percent; `hour` numbers hours in UTC since 1970 (`domain.pace.hour_of`), and 0 is no hour.
"""

from alembic import op

revision = "0005"
down_revision = "0003"

_COUNTER = "BIGINT NOT NULL DEFAULT 0"
_NEW = (
    "ALTER TABLE ledger ADD COLUMN told INTEGER NOT NULL DEFAULT 0",
    f"ALTER TABLE ledger ADD COLUMN hour {_COUNTER}",
    f"ALTER TABLE ledger ADD COLUMN this_hour {_COUNTER}",
    f"ALTER TABLE ledger ADD COLUMN last_hour {_COUNTER}",
    f"ALTER TABLE account_days ADD COLUMN units {_COUNTER}",
)


def upgrade() -> None:
    """Makes room for what is told."""
    for statement in _NEW:
        op.execute(statement)
