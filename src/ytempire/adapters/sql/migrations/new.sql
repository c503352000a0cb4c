-- What all revisions together make of an empty SQLite file. Written by scripts/schema.py, never by hand.
CREATE TABLE account_days (
      account TEXT NOT NULL,
      day TEXT NOT NULL,
      uploads INTEGER NOT NULL, units BIGINT NOT NULL DEFAULT 0, part_uploads BIGINT NOT NULL DEFAULT 0, part_metadata BIGINT NOT NULL DEFAULT 0, part_thumbnails BIGINT NOT NULL DEFAULT 0,
      PRIMARY KEY (account, day)
    ) WITHOUT ROWID
    ;
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
    , channel TEXT, promoted_until TEXT, allocation TEXT NOT NULL DEFAULT '{}') WITHOUT ROWID
    ;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0012');
CREATE TABLE alerts (
      number INTEGER PRIMARY KEY,
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
    , ended_why TEXT);
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
    );
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
    );
CREATE TABLE audit (
      number BIGINT NOT NULL PRIMARY KEY,
      at TEXT NOT NULL,
      actor TEXT NOT NULL,
      deed TEXT NOT NULL,
      account TEXT,
      detail TEXT NOT NULL,
      hash_before TEXT NOT NULL,
      hash TEXT NOT NULL
    ) WITHOUT ROWID
    ;
CREATE TABLE audit_head (
      id INTEGER NOT NULL PRIMARY KEY,
      number BIGINT NOT NULL,
      hash TEXT NOT NULL
    );
CREATE TABLE breakers (
      name TEXT NOT NULL PRIMARY KEY,
      version BIGINT NOT NULL,
      phase TEXT NOT NULL,
      until TEXT,
      document TEXT NOT NULL
    );
CREATE TABLE browsers (
      hashed TEXT NOT NULL PRIMARY KEY,
      token TEXT NOT NULL REFERENCES api_tokens (id),
      created_at TEXT NOT NULL,
      expires_at TEXT NOT NULL
    ) WITHOUT ROWID
    ;
CREATE TABLE chain_calls (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      chain TEXT NOT NULL,
      at TEXT NOT NULL,
      outcome TEXT NOT NULL,
      provider TEXT NOT NULL,
      degraded INTEGER NOT NULL,
      forced INTEGER NOT NULL,
      document TEXT NOT NULL
    );
CREATE TABLE consents (
      state_hash TEXT NOT NULL PRIMARY KEY,
      account TEXT NOT NULL,
      slot TEXT NOT NULL,
      redirect_uri TEXT NOT NULL,
      sealed_verifier TEXT NOT NULL,
      sealed_by TEXT NOT NULL,
      created_at TEXT NOT NULL,
      expires_at TEXT NOT NULL,
      browser TEXT,
      taken_at TEXT
    );
CREATE TABLE cursors (name TEXT NOT NULL PRIMARY KEY, position BIGINT NOT NULL);
INSERT INTO "cursors" VALUES('alerts',0);
CREATE TABLE deliveries (
      number INTEGER PRIMARY KEY,
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
    );
CREATE TABLE drills (
      number INTEGER PRIMARY KEY,
      chain TEXT NOT NULL,
      at TEXT NOT NULL,
      passed INTEGER NOT NULL,
      document TEXT NOT NULL
    );
CREATE TABLE events (
      number INTEGER PRIMARY KEY,
      kind TEXT NOT NULL,
      at TEXT NOT NULL,
      level TEXT NOT NULL,
      publication TEXT,
      account TEXT,
      project TEXT,
      data TEXT NOT NULL
    );
CREATE TABLE facts (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE "grants" (
      account TEXT NOT NULL,
      slot TEXT NOT NULL,
      sealed TEXT NOT NULL,
      sealed_by TEXT NOT NULL,
      revision BIGINT NOT NULL,
      expires_at TEXT,
      scopes TEXT NOT NULL,
      connected_at TEXT NOT NULL,
      refreshed_at TEXT,
      channel TEXT,
      channel_title TEXT,
      ends_at TEXT,
      unusable TEXT,
      PRIMARY KEY (account, slot)
    );
CREATE TABLE leases (
      name TEXT NOT NULL PRIMARY KEY,
      holder TEXT NOT NULL,
      until TEXT NOT NULL
    ) WITHOUT ROWID
    ;
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
      configured INTEGER NOT NULL DEFAULT 1, told INTEGER NOT NULL DEFAULT 0, hour BIGINT NOT NULL DEFAULT 0, this_hour BIGINT NOT NULL DEFAULT 0, last_hour BIGINT NOT NULL DEFAULT 0,
      PRIMARY KEY (project, day, bucket)
    ) WITHOUT ROWID
    ;
CREATE TABLE lessons (
      account TEXT NOT NULL,
      topic TEXT NOT NULL,
      value TEXT NOT NULL,
      at TEXT NOT NULL,
      why TEXT NOT NULL,
      PRIMARY KEY (account, topic)
    ) WITHOUT ROWID
    ;
CREATE TABLE letters (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
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
    );
CREATE TABLE limits (
      project TEXT NOT NULL,
      bucket TEXT NOT NULL,
      allowance BIGINT NOT NULL,
      ceiling BIGINT NOT NULL,
      hard_stop BIGINT NOT NULL,
      configured INTEGER NOT NULL,
      PRIMARY KEY (project, bucket)
    ) WITHOUT ROWID
    ;
CREATE TABLE mutes (
      number INTEGER PRIMARY KEY,
      pattern TEXT NOT NULL,
      until TEXT NOT NULL,
      made_at TEXT NOT NULL,
      made_by TEXT NOT NULL,
      why TEXT NOT NULL,
      ended_at TEXT
    );
CREATE TABLE outcomes (
      number INTEGER PRIMARY KEY,
      account TEXT NOT NULL,
      succeeded INTEGER NOT NULL,
      at TEXT NOT NULL
    );
CREATE TABLE plans (
      id TEXT NOT NULL PRIMARY KEY,
      day TEXT NOT NULL,
      made_at TEXT NOT NULL,
      document TEXT NOT NULL
    );
CREATE TABLE playlists (
      account TEXT NOT NULL,
      name TEXT NOT NULL,
      playlist TEXT NOT NULL,
      PRIMARY KEY (account, name)
    ) WITHOUT ROWID
    ;
CREATE TABLE projects (
      id TEXT NOT NULL PRIMARY KEY,
      profile TEXT NOT NULL,
      configured INTEGER NOT NULL
    );
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
    );
CREATE TABLE received (
      id TEXT NOT NULL PRIMARY KEY,
      name TEXT NOT NULL,
      caller TEXT NOT NULL,
      size BIGINT NOT NULL,
      sha256 TEXT NOT NULL,
      received_at TEXT NOT NULL,
      touched_at TEXT NOT NULL
    ) WITHOUT ROWID
    ;
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
    , part_uploads BIGINT, part_metadata BIGINT, part_thumbnails BIGINT, taken_part BIGINT) WITHOUT ROWID
    ;
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
      asked INTEGER NOT NULL, sealed_by TEXT,
      PRIMARY KEY (publication, id)
    ) WITHOUT ROWID
    ;
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
    );
CREATE TABLE spend_days (
      chain TEXT NOT NULL,
      day TEXT NOT NULL,
      amount BIGINT NOT NULL,
      PRIMARY KEY (chain, day)
    ) WITHOUT ROWID
    ;
CREATE TABLE vault_keys (
      id TEXT NOT NULL PRIMARY KEY,
      check_value TEXT NOT NULL,
      added_at TEXT NOT NULL,
      retired_at TEXT,
      uses BIGINT NOT NULL DEFAULT 0
    );
CREATE TABLE vitals (
      service TEXT NOT NULL PRIMARY KEY,
      version BIGINT NOT NULL,
      health TEXT NOT NULL,
      document TEXT NOT NULL
    );
CREATE TABLE webhook_secrets (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      webhook TEXT NOT NULL REFERENCES webhooks (name),
      sealed TEXT NOT NULL,
      sealed_by TEXT NOT NULL,
      made_at TEXT NOT NULL,
      until TEXT
    );
CREATE TABLE webhooks (
      name TEXT NOT NULL PRIMARY KEY,
      added_at TEXT NOT NULL,
      seen BIGINT NOT NULL,
      disabled_at TEXT,
      disabled_why TEXT
    );
CREATE INDEX publications_due ON publications (due) WHERE due IS NOT NULL;
CREATE INDEX publications_look_at ON publications (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX publications_sha256 ON publications (sha256);
CREATE INDEX publications_state ON publications (state, created_at, id);
CREATE INDEX publications_age ON publications (created_at, id);
CREATE INDEX publications_videos ON publications (account) WHERE video_id IS NOT NULL;
CREATE INDEX outcomes_newest ON outcomes (account, at, number);
CREATE INDEX events_publication ON events (publication, number) WHERE publication IS NOT NULL;
CREATE INDEX plans_day ON plans (day, made_at);
CREATE INDEX sessions_sealed_by ON sessions (sealed_by) WHERE sealed_by IS NOT NULL;
CREATE UNIQUE INDEX alerts_open ON alerts (key) WHERE resolved_at IS NULL;
CREATE INDEX alerts_until ON alerts (until) WHERE resolved_at IS NULL;
CREATE INDEX alerts_key ON alerts (key, number);
CREATE INDEX deliveries_due ON deliveries (due) WHERE due IS NOT NULL;
CREATE INDEX events_account ON events (account, number)
    WHERE account IS NOT NULL AND publication IS NULL AND kind <> 'token.refreshed'
    ;
CREATE INDEX events_faults ON events (at, number)
WHERE kind IN ('fault.seen', 'fault.unknown', 'fault.dismissed', 'token.failed', 'publication.processing_failed',
  'publication.duplicate')
;
CREATE INDEX spend_by_day ON spend (day, chain, provider);
CREATE INDEX chain_calls_newest ON chain_calls (at, number);
CREATE INDEX chain_calls_of_chain ON chain_calls (chain, at, number);
CREATE INDEX chain_calls_usage ON chain_calls (at, chain, outcome, provider, degraded, forced)
    WHERE forced = 0 AND outcome <> 'caller'
    ;
CREATE INDEX drills_newest ON drills (chain, at, number);
CREATE UNIQUE INDEX api_tokens_name ON api_tokens (name) WHERE revoked_at IS NULL;
CREATE INDEX answers_until ON answers (until);
CREATE INDEX received_touched ON received (touched_at);
CREATE INDEX webhook_secrets_webhook ON webhook_secrets (webhook);
CREATE INDEX letters_waiting ON letters (webhook, event) WHERE due IS NOT NULL;
CREATE INDEX letters_state ON letters (webhook, state, ended_at);
DELETE FROM "sqlite_sequence";
