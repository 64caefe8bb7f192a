-- What back ends know: tenants of their own making, linked users, sessions they made, metadata, roles, proofs of addresses.

-- When a back end made this user one that others' identities may be linked to.
ALTER TABLE users ADD COLUMN primary_at BIGINT;

-- The address that a service named for its identity, and since when an identity's address counts as proved.
ALTER TABLE identities ADD COLUMN provider_email TEXT;
ALTER TABLE identities ADD COLUMN verified_at BIGINT;
UPDATE identities SET verified_at = created_at;

-- Read by: finding whose an address is that a service named. With the answer in it: without, SQLite walks the tenant.
CREATE INDEX identities_by_provider_email ON identities (tenant, provider_email, user_id) WHERE provider_email IS NOT NULL;
-- Read by: finding an identity by its own id. The first one of a user has the user's, and needs no line here.
CREATE INDEX identities_by_id ON identities (id) WHERE id <> user_id;

-- Who can sign in to a tenant, in the order in which lists show them.
CREATE TABLE members (
  tenant     TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  user_id    TEXT NOT NULL,
  PRIMARY KEY (tenant, created_at, user_id)
) CLUSTERED;
INSERT INTO members (tenant, created_at, user_id) SELECT tenant, created_at, id FROM users;

-- What back ends keep with a session; all null for those that our own doors made.
ALTER TABLE sessions ADD COLUMN claims TEXT;
ALTER TABLE sessions ADD COLUMN back_end_data TEXT;
ALTER TABLE sessions ADD COLUMN is_static BIGINT;
ALTER TABLE sessions ADD COLUMN anti_csrf TEXT;
ALTER TABLE sessions ADD COLUMN current_hash BLOB;

CREATE TABLE tenants (
  id         TEXT NOT NULL PRIMARY KEY,
  created_at BIGINT NOT NULL,
  version    BIGINT NOT NULL,
  settings   TEXT NOT NULL
) CLUSTERED;

-- How often anything about the tenants changed: nodes look here to see whether what they remember is still true.
CREATE TABLE stamps (
  name  TEXT NOT NULL PRIMARY KEY,
  count BIGINT NOT NULL
) CLUSTERED;
INSERT INTO stamps (name, count) VALUES ('tenants', 0);

CREATE TABLE metadata (
  app      TEXT NOT NULL,
  id       TEXT NOT NULL,
  metadata TEXT NOT NULL,
  version  BIGINT NOT NULL,
  PRIMARY KEY (app, id)
) CLUSTERED;

CREATE TABLE roles (
  app  TEXT NOT NULL,
  role TEXT NOT NULL,
  PRIMARY KEY (app, role)
) CLUSTERED;

CREATE TABLE permissions (
  app        TEXT NOT NULL,
  role       TEXT NOT NULL,
  permission TEXT NOT NULL,
  PRIMARY KEY (app, role, permission)
) CLUSTERED;

CREATE TABLE given_roles (
  tenant TEXT NOT NULL,
  id     TEXT NOT NULL,
  role   TEXT NOT NULL,
  PRIMARY KEY (tenant, id, role)
) CLUSTERED;

-- Read by: who has a role; removing a role.
CREATE INDEX given_roles_by_role ON given_roles (role, tenant);
-- Read by: removing everything of somebody.
CREATE INDEX given_roles_by_id ON given_roles (id);

CREATE TABLE email_tokens (
  hash        BLOB NOT NULL PRIMARY KEY,
  app         TEXT NOT NULL,
  identity_id TEXT NOT NULL,
  email       TEXT NOT NULL,
  expires_at  BIGINT NOT NULL
) CLUSTERED;

-- Read by: withdrawing the tokens of an address.
CREATE INDEX email_tokens_of_identity ON email_tokens (identity_id, email);

CREATE TABLE imports (
  source     TEXT NOT NULL PRIMARY KEY,
  cursor     TEXT NOT NULL,
  updated_at BIGINT NOT NULL
) CLUSTERED;
