-- Phones, links opened elsewhere, changed identifiers, invitations, and what became of each message.

-- What a sign-in is good for (null: a session; else JSON), from where it was asked for, and its life outside the
-- browser that asked.
ALTER TABLE sign_ins ADD COLUMN purpose TEXT;
ALTER TABLE sign_ins ADD COLUMN agent TEXT NOT NULL DEFAULT '';
ALTER TABLE sign_ins ADD COLUMN client_ip TEXT NOT NULL DEFAULT '';
ALTER TABLE sign_ins ADD COLUMN opened_at BIGINT;
ALTER TABLE sign_ins ADD COLUMN approved_at BIGINT;
ALTER TABLE sign_ins ADD COLUMN number_tries BIGINT NOT NULL DEFAULT 0;

ALTER TABLE users ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE identities ADD COLUMN version BIGINT NOT NULL DEFAULT 0;

-- Read by: the identities of a user.
CREATE INDEX identities_of_user ON identities (user_id);

CREATE TABLE deliveries (
  sign_in    TEXT NOT NULL,
  id         TEXT NOT NULL,
  message    TEXT NOT NULL,
  queued_at  BIGINT NOT NULL,
  at         BIGINT NOT NULL,
  channel    TEXT NOT NULL,
  provider   TEXT NOT NULL,
  outcome    TEXT NOT NULL,
  answer     TEXT NOT NULL,
  PRIMARY KEY (sign_in, id)
) CLUSTERED;

CREATE TABLE invites (
  tenant      TEXT NOT NULL,
  connection  TEXT NOT NULL,
  subject     TEXT NOT NULL,
  invited_at  BIGINT NOT NULL,
  PRIMARY KEY (tenant, connection, subject)
) CLUSTERED;
