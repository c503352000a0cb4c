"""Alerts that say why they are over, where that is not that all is well."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Makes room for it."""
    op.execute("ALTER TABLE alerts ADD COLUMN ended_why TEXT")
