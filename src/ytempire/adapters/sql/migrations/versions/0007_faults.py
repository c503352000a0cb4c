"""Events that tell of faults are found by their moment, however many others there are.

The kinds are those of `domain.events.FAULTS`; a query must name them in these words to use the index.
"""

from alembic import op

revision = "0007"
down_revision = "0006"

_INDEX = """
CREATE INDEX events_faults ON events (at, number)
WHERE kind IN ('fault.seen', 'fault.unknown', 'fault.dismissed', 'token.failed', 'publication.processing_failed',
  'publication.duplicate')
"""


def upgrade() -> None:
    """Makes the index."""
    op.execute(_INDEX)
