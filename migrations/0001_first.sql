-- The first schema: lean on purpose. A sign-in and its newest code share a row, identities are found by one key,
-- and no index stands here without a reader. One text for both engines; the store replaces two words:
--   BLOB        becomes BYTEA on PostgreSQL
--   CLUSTERED   becomes WITHOUT ROWID on SQLite and nothing on PostgreSQL
-- Times are milliseconds since 1970. "When, if ever" columns are null while it has not happened.

CREATE TABLE users (
  id          TEXT NOT NULL PRIMARY KEY,
  tenant      TEXT NOT NULL,
  created_at  BIGINT NOT NULL
) CLUSTERED;

CREATE TABLE identities (
  tenant      TEXT NOT NULL,
  connection  TEXT NOT NULL,
  subject     TEXT NOT NULL,
  id          TEXT NOT NULL,
  user_id     TEXT NOT NULL,
  created_at  BIGINT NOT NULL,
  PRIMARY KEY (tenant, connection, subject)
) CLUSTERED;

CREATE TABLE sign_ins (
  id              TEXT NOT NULL PRIMARY KEY,
  tenant          TEXT NOT NULL,
  connection      TEXT NOT NULL,
  subject         TEXT NOT NULL,
  account         TEXT NOT NULL,
  flow            TEXT NOT NULL,
  device_hash     BLOB NOT NULL,
  code_hash       BLOB,
  link_hash       BLOB,
  code_is_long    BIGINT NOT NULL,
  code_expires_at BIGINT NOT NULL,
  sends           BIGINT NOT NULL,
  last_sent_at    BIGINT NOT NULL,
  attempts        BIGINT NOT NULL,
  max_attempts    BIGINT NOT NULL,
  destination     TEXT,
  started_at      BIGINT NOT NULL,
  ended_at        BIGINT,
  ended_how       TEXT
) CLUSTERED;

-- Read by: finishing a sign-in, which ends every open one of its identifier that still has a living code.
CREATE INDEX sign_ins_open ON sign_ins (tenant, subject, code_expires_at) WHERE ended_at IS NULL;

CREATE TABLE older_codes (
  sign_in         TEXT NOT NULL,
  sent_as         BIGINT NOT NULL,
  code_hash       BLOB,
  link_hash       BLOB,
  code_is_long    BIGINT NOT NULL,
  code_expires_at BIGINT NOT NULL,
  PRIMARY KEY (sign_in, sent_as)
) CLUSTERED;

CREATE TABLE budgets (
  tenant      TEXT NOT NULL,
  account     TEXT NOT NULL,
  failures    BIGINT NOT NULL,
  resets_at   BIGINT NOT NULL,
  PRIMARY KEY (tenant, account)
) CLUSTERED;

CREATE TABLE sessions (
  handle       TEXT NOT NULL PRIMARY KEY,
  tenant       TEXT NOT NULL,
  user_id      TEXT NOT NULL,
  identity_id  TEXT NOT NULL,
  policy       TEXT NOT NULL,
  nonce        BLOB NOT NULL,
  generation   BIGINT NOT NULL,
  retired      TEXT NOT NULL,
  created_at   BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  expires_at   BIGINT NOT NULL,
  revoked_at   BIGINT,
  client_ip    TEXT NOT NULL,
  user_agent   TEXT NOT NULL
) CLUSTERED;

-- Read by: listing and revoking the sessions of a user.
CREATE INDEX sessions_of_user ON sessions (user_id) WHERE revoked_at IS NULL;

CREATE TABLE outbox (
  id          TEXT NOT NULL PRIMARY KEY,
  tenant      TEXT NOT NULL,
  sign_in     TEXT NOT NULL,
  channel     TEXT NOT NULL,
  recipient   TEXT NOT NULL,
  sealed      BLOB NOT NULL,
  queued_at   BIGINT NOT NULL,
  next_try_at BIGINT NOT NULL,
  tries       BIGINT NOT NULL,
  expires_at  BIGINT NOT NULL
) CLUSTERED;

CREATE TABLE signing_keys (
  key_set     TEXT NOT NULL,
  number      BIGINT NOT NULL,
  kid         TEXT NOT NULL,
  algorithm   TEXT NOT NULL,
  sealed      BLOB NOT NULL,
  created_at  BIGINT NOT NULL,
  signs_from  BIGINT NOT NULL,
  PRIMARY KEY (key_set, number)
) CLUSTERED;

CREATE TABLE events (
  id      TEXT NOT NULL PRIMARY KEY,
  at      BIGINT NOT NULL,
  tenant  TEXT NOT NULL,
  kind    TEXT NOT NULL,
  subject TEXT NOT NULL
) CLUSTERED;
