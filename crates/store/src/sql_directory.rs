//! The text of the writing statements for the directory: linked users, proofs of addresses, metadata, roles, tenants.

pub(crate) const JOIN: &str = "INSERT INTO members (tenant, created_at, user_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
pub(crate) const LEAVE: &str = "DELETE FROM members WHERE tenant = $1 AND created_at = $2 AND user_id = $3";
pub(crate) const IDENTITY_STANDS: &str = "SELECT CAST(1 AS BIGINT) FROM identities \
    WHERE tenant = $1 AND connection = $2 AND subject = $3 AND id = $4 AND user_id = $5 /*for share*/";
pub(crate) const TENANT_STANDS: &str = "SELECT CAST(1 AS BIGINT) FROM tenants WHERE id = $1 /*for share*/";
pub(crate) const DROP_APP_TENANTS: &str = "DELETE FROM tenants WHERE id LIKE $1 || '/%'";
pub(crate) const MOVE_IDENTITY: &str = "UPDATE identities SET user_id = $1, version = version + 1 \
    WHERE tenant = $2 AND connection = $3 AND subject = $4 AND id = $5 AND user_id = $6 AND version = $7";
pub(crate) const PROVIDER_EMAIL: &str = "UPDATE identities SET provider_email = $1, verified_at = $2, version = version + 1 \
    WHERE tenant = $3 AND connection = $4 AND subject = $5 AND id = $6 AND user_id = $7 AND version = $8";
pub(crate) const VERIFY_ADDRESS: &str = "UPDATE identities SET verified_at = $1 WHERE user_id = $2 AND id = $3 \
    AND (provider_email = $4 OR (connection = 'email' AND subject = $4))";
pub(crate) const MAKE_PRIMARY: &str = "UPDATE users SET primary_at = $1, version = version + 1 WHERE id = $2 AND version = $3";
pub(crate) const CHANGE_USER: &str =
    "UPDATE users SET created_at = $1, primary_at = $2, version = version + 1 WHERE id = $3 AND version = $4";
pub(crate) const REVOKE_OF_IDENTITY: &str = "UPDATE sessions SET revoked_at = $1 WHERE user_id = $2 AND identity_id = $3 \
    AND ($4 = '' OR tenant = $4) AND revoked_at IS NULL AND expires_at > $1";
pub(crate) const REMOVE_USER: &str = "DELETE FROM users WHERE id = $1 AND version = $2";
pub(crate) const DROP_METADATA: &str = "DELETE FROM metadata WHERE app = $1 AND id = $2";
pub(crate) const NEW_METADATA: &str = "INSERT INTO metadata (app, id, metadata, version) VALUES ($1, $2, $3, 0) ON CONFLICT DO NOTHING";
pub(crate) const SET_METADATA: &str =
    "UPDATE metadata SET metadata = $1, version = version + 1 WHERE app = $2 AND id = $3 AND version = $4";
pub(crate) const NEW_ROLE: &str = "INSERT INTO roles (app, role) VALUES ($1, $2) ON CONFLICT DO NOTHING";
pub(crate) const ADD_PERMISSION: &str = "INSERT INTO permissions (app, role, permission) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
pub(crate) const DROP_PERMISSION: &str = "DELETE FROM permissions WHERE app = $1 AND role = $2 AND permission = $3";
pub(crate) const DROP_PERMISSIONS: &str = "DELETE FROM permissions WHERE app = $1 AND role = $2";
pub(crate) const DROP_ROLE: &str = "DELETE FROM roles WHERE app = $1 AND role = $2";
// A role is an app's, and given in its tenants: those are named `app/tenant`, or without a slash for the app `public`.
pub(crate) const TAKE_ROLE_FROM_ALL: &str = "DELETE FROM given_roles WHERE role = $1 AND \
    CASE WHEN $2 = 'public' THEN tenant NOT LIKE '%/%' ELSE tenant LIKE $2 || '/%' END";
pub(crate) const GIVE_ROLE: &str = "INSERT INTO given_roles (tenant, id, role) \
    SELECT $1, $2, $3 WHERE EXISTS (SELECT 1 FROM roles WHERE app = $4 AND role = $3) ON CONFLICT DO NOTHING";
// Held until it is given: whoever removes the role then sees who has it.
pub(crate) const ROLE_IS_THERE: &str = "SELECT CAST(1 AS BIGINT) FROM roles WHERE app = $1 AND role = $2 /*for update*/";
pub(crate) const TAKE_ROLE: &str = "DELETE FROM given_roles WHERE tenant = $1 AND id = $2 AND role = $3";
pub(crate) const TAKE_ALL_ROLES: &str = "DELETE FROM given_roles WHERE id = $1 AND \
    CASE WHEN $2 = 'public' THEN tenant NOT LIKE '%/%' ELSE tenant LIKE $2 || '/%' END";
pub(crate) const NEW_EMAIL_TOKEN: &str =
    "INSERT INTO email_tokens (hash, app, identity_id, email, expires_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
pub(crate) const USE_EMAIL_TOKEN: &str = "DELETE FROM email_tokens WHERE hash = $1";
pub(crate) const DROP_EMAIL_TOKENS: &str = "DELETE FROM email_tokens WHERE identity_id = $1 AND email = $2";
pub(crate) const DROP_ALL_EMAIL_TOKENS: &str = "DELETE FROM email_tokens WHERE identity_id = $1";
pub(crate) const NEW_TENANT: &str =
    "INSERT INTO tenants (id, created_at, version, settings) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
pub(crate) const SET_TENANT: &str = "UPDATE tenants SET version = $1, settings = $2 WHERE id = $3 AND version + 1 = $1";
pub(crate) const STAMP_TENANTS: &str = "UPDATE stamps SET count = count + 1 WHERE name = 'tenants'";
pub(crate) const DROP_TENANT: &str = "DELETE FROM tenants WHERE id = $1";
pub(crate) const DROP_TENANT_IDENTITIES: &str = "DELETE FROM identities WHERE tenant = $1";
pub(crate) const DROP_TENANT_MEMBERS: &str = "DELETE FROM members WHERE tenant = $1";
pub(crate) const DROP_TENANT_ROLES: &str = "DELETE FROM given_roles WHERE tenant = $1";
pub(crate) const DROP_TENANT_INVITES: &str = "DELETE FROM invites WHERE tenant = $1";
pub(crate) const DROP_TENANT_NUMBERS: &str = "DELETE FROM mapped_numbers WHERE tenant = $1";
pub(crate) const DROP_TENANT_DECISIONS: &str = "DELETE FROM address_decisions WHERE tenant = $1";
pub(crate) const DROP_TENANT_BUDGETS: &str = "DELETE FROM budgets WHERE tenant = $1";
// A tenant of this name that is made later must not find them. The rows are cleared away as all that are over.
pub(crate) const END_TENANT_SIGN_INS: &str =
    "UPDATE sign_ins SET ended_at = started_at, ended_how = 'cancelled' WHERE tenant = $1 AND ended_at IS NULL";
pub(crate) const END_TENANT_SESSIONS: &str = "UPDATE sessions SET revoked_at = last_seen_at WHERE tenant = $1 AND revoked_at IS NULL";
pub(crate) const DROP_TENANT_METADATA: &str = "DELETE FROM metadata WHERE app = $1 AND id IN (SELECT user_id FROM members m \
    WHERE m.tenant = $2 AND NOT EXISTS (SELECT 1 FROM identities i WHERE i.user_id = m.user_id AND i.tenant <> $2))";
// Users who can sign in nowhere else.
pub(crate) const DROP_TENANT_USERS: &str = "DELETE FROM users WHERE id IN (SELECT user_id FROM members m WHERE m.tenant = $1 \
    AND NOT EXISTS (SELECT 1 FROM identities i WHERE i.user_id = m.user_id AND i.tenant <> $1))";
// Those who were in no tenant any more; the others went with their tenants.
pub(crate) const DROP_APP_USERS: &str = "DELETE FROM users WHERE tenant LIKE $1 || '/%'";
pub(crate) const DROP_APP_IDENTITIES: &str = "DELETE FROM identities WHERE tenant LIKE $1 || '/%'";
pub(crate) const DROP_APP_EMAIL_TOKENS: &str = "DELETE FROM email_tokens WHERE app = $1";
pub(crate) const DROP_APP_METADATA: &str = "DELETE FROM metadata WHERE app = $1";
pub(crate) const DROP_APP_ROLES: &str = "DELETE FROM roles WHERE app = $1";
pub(crate) const DROP_APP_PERMISSIONS: &str = "DELETE FROM permissions WHERE app = $1";
pub(crate) const DROP_APP_KEYS: &str = "DELETE FROM signing_keys WHERE key_set = $1";
pub(crate) const ADVANCE_IMPORT: &str = "INSERT INTO imports (source, cursor, updated_at) VALUES ($1, $2, $3) \
    ON CONFLICT (source) DO UPDATE SET cursor = excluded.cursor, updated_at = excluded.updated_at";

/// Every one of them, for the test that checks their parameters.
#[cfg(test)]
pub(crate) const ALL: [&str; 52] = [
    IDENTITY_STANDS,
    TENANT_STANDS,
    DROP_APP_TENANTS,
    JOIN,
    LEAVE,
    MOVE_IDENTITY,
    PROVIDER_EMAIL,
    VERIFY_ADDRESS,
    MAKE_PRIMARY,
    CHANGE_USER,
    REVOKE_OF_IDENTITY,
    REMOVE_USER,
    DROP_METADATA,
    NEW_METADATA,
    SET_METADATA,
    NEW_ROLE,
    ADD_PERMISSION,
    DROP_PERMISSION,
    DROP_PERMISSIONS,
    DROP_ROLE,
    TAKE_ROLE_FROM_ALL,
    GIVE_ROLE,
    ROLE_IS_THERE,
    TAKE_ROLE,
    TAKE_ALL_ROLES,
    NEW_EMAIL_TOKEN,
    USE_EMAIL_TOKEN,
    DROP_EMAIL_TOKENS,
    DROP_ALL_EMAIL_TOKENS,
    NEW_TENANT,
    SET_TENANT,
    STAMP_TENANTS,
    DROP_TENANT,
    DROP_TENANT_IDENTITIES,
    DROP_TENANT_MEMBERS,
    DROP_TENANT_ROLES,
    DROP_TENANT_INVITES,
    DROP_TENANT_NUMBERS,
    DROP_TENANT_DECISIONS,
    DROP_TENANT_BUDGETS,
    END_TENANT_SIGN_INS,
    END_TENANT_SESSIONS,
    DROP_TENANT_METADATA,
    DROP_TENANT_USERS,
    DROP_APP_USERS,
    DROP_APP_IDENTITIES,
    DROP_APP_EMAIL_TOKENS,
    DROP_APP_METADATA,
    DROP_APP_ROLES,
    DROP_APP_PERMISSIONS,
    DROP_APP_KEYS,
    ADVANCE_IMPORT,
];
