"""An account's own part of its project's quota: how large it is, what a day took of it, what is still promised.

`part_*` of a reservation is NULL for an account that has no part of its own.
"""

from alembic import op

revision = "0010"
down_revision = "0008"

_PARTS = ("part_uploads", "part_metadata", "part_thumbnails")
_NEW = (
    "ALTER TABLE accounts ADD COLUMN allocation TEXT NOT NULL DEFAULT '{}'",
    *(f"ALTER TABLE account_days ADD COLUMN {part} BIGINT NOT NULL DEFAULT 0" for part in _PARTS),
    *(f"ALTER TABLE reservations ADD COLUMN {part} BIGINT" for part in _PARTS),
    "ALTER TABLE reservations ADD COLUMN taken_part BIGINT",
)


def upgrade() -> None:
    """Makes room for it."""
    for statement in _NEW:
        op.execute(statement)
