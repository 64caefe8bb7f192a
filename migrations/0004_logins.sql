-- Applications that log people in by requests: what operators register, the requests, and whom identities join.

-- Applications, service clients, connections, invitations.
CREATE TABLE registered (
  kind       TEXT NOT NULL,
  id         TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version    BIGINT NOT NULL,
  settings   TEXT NOT NULL,
  sealed     BLOB,
  PRIMARY KEY (kind, id)
) CLUSTERED;
INSERT INTO stamps (name, count) VALUES ('registered', 0);

CREATE TABLE login_requests (
  id           TEXT NOT NULL PRIMARY KEY,
  request      TEXT NOT NULL,
  version      BIGINT NOT NULL,
  expires_at   BIGINT NOT NULL,
  sign_in      TEXT,
  proof        TEXT,
  ended_at     BIGINT,
  ended        TEXT,
  exchanged_at BIGINT
) CLUSTERED;

-- What service clients stated, by its hash: none is good twice.
CREATE TABLE used_assertions (
  hash    BLOB NOT NULL PRIMARY KEY,
  until   BIGINT NOT NULL
) CLUSTERED;

-- How often it was decided whose an address is: two such decisions at once do not both hold.
CREATE TABLE address_decisions (
  tenant TEXT NOT NULL,
  email  TEXT NOT NULL,
  count  BIGINT NOT NULL,
  PRIMARY KEY (tenant, email)
) CLUSTERED;

-- Whose a number is, as an operator says. It opens nothing before somebody proves it.
CREATE TABLE mapped_numbers (
  tenant    TEXT NOT NULL,
  number    TEXT NOT NULL,
  user_id   TEXT NOT NULL,
  mapped_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, number)
) CLUSTERED;

-- The application that asked for a session, and what its tokens say for it.
ALTER TABLE sessions ADD COLUMN login TEXT;
