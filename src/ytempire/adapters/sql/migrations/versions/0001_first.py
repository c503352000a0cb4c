"""The first schema.

Texts, integers and nothing else: moments are UTC texts of one width (their order is the order of time), days
are `YYYY-MM-DD`, flags are 0 or 1, documents are JSON texts, money and quota are whole numbers.
"""

from alembic import op

revision = "0001"
down_revision = None

_NUMBER = {
    "sqlite": "INTEGER PRIMARY KEY",
    "postgresql": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
}
"""One more than the highest. AUTOINCREMENT would write one more page to remember deleted numbers; only the
oldest rows are ever deleted here."""

_CLUSTERED = {"sqlite": "WITHOUT ROWID", "postgresql": ""}
"""Small rows found by their key: SQLite keeps them in the tree of the key, not in a second one."""

_PUBLICATIONS = (
    """
    CREATE TABLE publications (
      id TEXT NOT NULL PRIMARY KEY,
      state TEXT NOT NULL,
      created_at TEXT NOT NULL,
      updated_at TEXT NOT NULL,
      version BIGINT NOT NULL,
      account TEXT,
      project TEXT,
      video_id TEXT,
      reason TEXT,
      due TEXT,
      look_at TEXT,
      uploaded_at TEXT,
      attempts INTEGER NOT NULL,
      failures INTEGER NOT NULL,
      passes INTEGER NOT NULL,
      day TEXT,
      cancel_requested INTEGER NOT NULL,
      extras TEXT NOT NULL,
      session_id TEXT,
      session_state TEXT,
      priority INTEGER NOT NULL,
      sha256 TEXT NOT NULL,
      idempotency_key TEXT UNIQUE,
      fingerprint TEXT NOT NULL,
      request TEXT NOT NULL
    )
    """,
    "CREATE INDEX publications_due ON publications (due) WHERE due IS NOT NULL",
    "CREATE INDEX publications_look_at ON publications (look_at) WHERE look_at IS NOT NULL",
    "CREATE INDEX publications_sha256 ON publications (sha256)",
    "CREATE INDEX publications_state ON publications (state, created_at, id)",
    "CREATE INDEX publications_age ON publications (created_at, id)",
    "CREATE INDEX publications_videos ON publications (account) WHERE video_id IS NOT NULL",
    """
    CREATE TABLE sessions (
      publication TEXT NOT NULL REFERENCES publications (id),
      id TEXT NOT NULL,
      account TEXT NOT NULL,
      project TEXT NOT NULL,
      state TEXT NOT NULL,
      size BIGINT NOT NULL,
      opened_at TEXT NOT NULL,
      sealed_uri TEXT,
      acknowledged BIGINT NOT NULL,
      asked INTEGER NOT NULL,
      PRIMARY KEY (publication, id)
    ) CLUSTERED
    """,
)
_RESERVATIONS = (
    """
    CREATE TABLE reservations (
      publication TEXT NOT NULL PRIMARY KEY REFERENCES publications (id),
      account TEXT NOT NULL,
      project TEXT NOT NULL,
      day TEXT NOT NULL,
      uploads BIGINT NOT NULL,
      searches BIGINT NOT NULL,
      units BIGINT NOT NULL,
      taken BIGINT NOT NULL DEFAULT 0,
      placed INTEGER NOT NULL DEFAULT 1,
      counted INTEGER NOT NULL DEFAULT 1
    ) CLUSTERED
    """,
    """
    CREATE TABLE ledger (
      project TEXT NOT NULL,
      day TEXT NOT NULL,
      bucket TEXT NOT NULL,
      allowance BIGINT NOT NULL,
      ceiling BIGINT NOT NULL,
      hard_stop BIGINT NOT NULL,
      used BIGINT NOT NULL DEFAULT 0,
      overhead BIGINT NOT NULL DEFAULT 0,
      reserved BIGINT NOT NULL DEFAULT 0,
      closed TEXT,
      configured INTEGER NOT NULL DEFAULT 1,
      PRIMARY KEY (project, day, bucket)
    ) CLUSTERED
    """,
)
_ACCOUNTS = (
    """
    CREATE TABLE projects (
      id TEXT NOT NULL PRIMARY KEY,
      profile TEXT NOT NULL,
      configured INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE limits (
      project TEXT NOT NULL,
      bucket TEXT NOT NULL,
      allowance BIGINT NOT NULL,
      ceiling BIGINT NOT NULL,
      hard_stop BIGINT NOT NULL,
      configured INTEGER NOT NULL,
      PRIMARY KEY (project, bucket)
    ) CLUSTERED
    """,
    """
    CREATE TABLE accounts (
      id TEXT NOT NULL PRIMARY KEY,
      project TEXT NOT NULL,
      kind TEXT NOT NULL,
      condition TEXT NOT NULL,
      daily_uploads INTEGER NOT NULL,
      concurrency INTEGER NOT NULL,
      member_of TEXT NOT NULL,
      added_at TEXT NOT NULL,
      configured INTEGER NOT NULL,
      in_flight INTEGER NOT NULL DEFAULT 0,
      last_upload_at TEXT,
      parked_until TEXT,
      why TEXT,
      changed_by TEXT,
      changed_at TEXT
    ) CLUSTERED
    """,
    """
    CREATE TABLE account_days (
      account TEXT NOT NULL,
      day TEXT NOT NULL,
      uploads INTEGER NOT NULL,
      PRIMARY KEY (account, day)
    ) CLUSTERED
    """,
    """
    CREATE TABLE playlists (
      account TEXT NOT NULL,
      name TEXT NOT NULL,
      playlist TEXT NOT NULL,
      PRIMARY KEY (account, name)
    ) CLUSTERED
    """,
    """
    CREATE TABLE grants (
      account TEXT NOT NULL PRIMARY KEY,
      sealed TEXT NOT NULL,
      revision BIGINT NOT NULL,
      expires_at TEXT,
      scopes TEXT NOT NULL,
      connected_at TEXT NOT NULL,
      refreshed_at TEXT,
      channel TEXT,
      channel_title TEXT
    )
    """,
)
_STORY = (
    """
    CREATE TABLE outcomes (
      number NUMBER,
      account TEXT NOT NULL,
      succeeded INTEGER NOT NULL,
      at TEXT NOT NULL
    )
    """,
    "CREATE INDEX outcomes_newest ON outcomes (account, at, number)",
    """
    CREATE TABLE events (
      number NUMBER,
      kind TEXT NOT NULL,
      at TEXT NOT NULL,
      level TEXT NOT NULL,
      publication TEXT,
      account TEXT,
      project TEXT,
      data TEXT NOT NULL
    )
    """,
    "CREATE INDEX events_publication ON events (publication, number) WHERE publication IS NOT NULL",
    "CREATE TABLE facts (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)",
)
_REST = (
    """
    CREATE TABLE breakers (
      name TEXT NOT NULL PRIMARY KEY,
      state TEXT NOT NULL,
      generation BIGINT NOT NULL,
      failures INTEGER NOT NULL,
      opened_at TEXT,
      until TEXT,
      data TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE plans (
      id TEXT NOT NULL PRIMARY KEY,
      day TEXT NOT NULL,
      made_at TEXT NOT NULL,
      document TEXT NOT NULL
    )
    """,
    "CREATE INDEX plans_day ON plans (day, made_at)",
    """
    CREATE TABLE alerts (
      key TEXT NOT NULL PRIMARY KEY,
      level TEXT NOT NULL,
      raised_at TEXT NOT NULL,
      resolved_at TEXT,
      text TEXT NOT NULL,
      deliveries TEXT NOT NULL
    )
    """,
)
_EVENTS_IN_ORDER = (
    """
    CREATE FUNCTION events_in_order() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_advisory_xact_lock(7883700002); RETURN NULL; END'
    """,
    """
    CREATE TRIGGER events_in_order BEFORE INSERT ON events
    FOR EACH STATEMENT EXECUTE FUNCTION events_in_order()
    """,
)
"""PostgreSQL hands out numbers before commits, so a reader that goes by number could miss a late one. Who
writes events waits for the other writers of events; SQLite has one writer anyway."""


def upgrade() -> None:
    """Makes every table."""
    dialect = op.get_bind().dialect.name
    for statement in (*_PUBLICATIONS, *_RESERVATIONS, *_ACCOUNTS, *_STORY, *_REST):
        numbered = statement.replace("NUMBER", _NUMBER[dialect])
        op.execute(numbered.replace("CLUSTERED", _CLUSTERED[dialect]))
    if dialect == "postgresql":
        for statement in _EVENTS_IN_ORDER:
            op.execute(statement)
