//! The text of the writing statements for logins of applications: what is registered, requests, whom identities join.

pub(crate) const REGISTER: &str = "INSERT INTO registered (kind, id, created_at, updated_at, version, settings, sealed) \
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
pub(crate) const CHANGE_REGISTERED: &str = "UPDATE registered SET updated_at = $1, version = $2, settings = $3, sealed = $4 \
    WHERE kind = $5 AND id = $6 AND version + 1 = $2";
pub(crate) const UNREGISTER: &str = "DELETE FROM registered WHERE kind = $1 AND id = $2";
pub(crate) const REGISTERED_STANDS: &str =
    "SELECT CAST(1 AS BIGINT) FROM registered WHERE kind = $1 AND id = $2 AND version = $3 /*for share*/";
pub(crate) const STAMP_REGISTERED: &str = "UPDATE stamps SET count = count + 1 WHERE name = 'registered'";
pub(crate) const REQUEST: &str =
    "INSERT INTO login_requests (id, request, version, expires_at) VALUES ($1, $2, 0, $3) ON CONFLICT DO NOTHING";
// What was typed or made before was for another connection.
pub(crate) const AMEND: &str = "UPDATE login_requests SET request = $1, expires_at = $2, version = version + 1, sign_in = NULL, proof = NULL \
    WHERE id = $3 AND version = $4 AND ended_at IS NULL AND expires_at > $5";
pub(crate) const CODE_MADE: &str =
    "UPDATE login_requests SET sign_in = $1, proof = NULL WHERE id = $2 AND version = $3 AND ended_at IS NULL AND expires_at > $4";
pub(crate) const PROVE: &str = "UPDATE login_requests SET proof = $1, version = version + 1 \
    WHERE id = $2 AND sign_in = $3 AND ended_at IS NULL AND expires_at > $4";
pub(crate) const COMPLETE: &str =
    "UPDATE login_requests SET ended_at = $1, ended = $2 WHERE id = $3 AND version = $4 AND ended_at IS NULL AND expires_at > $1";
pub(crate) const EXCHANGE: &str =
    "UPDATE login_requests SET exchanged_at = $1 WHERE id = $2 AND exchanged_at IS NULL AND ended_at IS NOT NULL";
pub(crate) const USE_ASSERTION: &str = "INSERT INTO used_assertions (hash, until) VALUES ($1, $2) ON CONFLICT DO NOTHING";
pub(crate) const FIRST_DECISION: &str =
    "INSERT INTO address_decisions (tenant, email, decided_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
/// A decision is always later than the one before, whatever the clock says: whoever saw that one is found out.
pub(crate) const NEXT_DECISION: &str = "UPDATE address_decisions SET decided_at = CASE WHEN decided_at < $1 THEN $1 ELSE decided_at + 1 END \
    WHERE tenant = $2 AND email = $3 AND decided_at = $4";
pub(crate) const MAP_NUMBER: &str = "INSERT INTO mapped_numbers (tenant, number, user_id, mapped_at) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (tenant, number) DO UPDATE SET user_id = excluded.user_id, mapped_at = excluded.mapped_at";
pub(crate) const UNMAP_NUMBER: &str = "DELETE FROM mapped_numbers WHERE tenant = $1 AND number = $2";
pub(crate) const UNMAP_NUMBERS_OF: &str = "DELETE FROM mapped_numbers WHERE user_id = $1";
pub(crate) const NUMBER_STANDS: &str =
    "SELECT CAST(1 AS BIGINT) FROM mapped_numbers WHERE tenant = $1 AND number = $2 AND user_id = $3 /*for share*/";
pub(crate) const CLEAR_REQUESTS: &str = "WITH old AS MATERIALIZED (SELECT id FROM login_requests WHERE expires_at < $1 \
    ORDER BY expires_at LIMIT $2) DELETE FROM login_requests WHERE id IN (SELECT id FROM old)";
pub(crate) const CLEAR_ASSERTIONS: &str = "WITH old AS MATERIALIZED (SELECT hash FROM used_assertions WHERE until < $1 \
    ORDER BY until LIMIT $2) DELETE FROM used_assertions WHERE hash IN (SELECT hash FROM old)";
pub(crate) const CLEAR_DECISIONS: &str = "WITH old AS MATERIALIZED (SELECT tenant, email FROM address_decisions WHERE decided_at < $1 \
    ORDER BY decided_at LIMIT $2) DELETE FROM address_decisions WHERE (tenant, email) IN (SELECT tenant, email FROM old) AND decided_at < $1";

/// Every one of them, for the test that checks their parameters.
#[cfg(test)]
pub(crate) const ALL: [&str; 21] = [
    REGISTER,
    CHANGE_REGISTERED,
    UNREGISTER,
    REGISTERED_STANDS,
    STAMP_REGISTERED,
    REQUEST,
    AMEND,
    CODE_MADE,
    PROVE,
    COMPLETE,
    EXCHANGE,
    USE_ASSERTION,
    FIRST_DECISION,
    NEXT_DECISION,
    MAP_NUMBER,
    UNMAP_NUMBER,
    UNMAP_NUMBERS_OF,
    NUMBER_STANDS,
    CLEAR_REQUESTS,
    CLEAR_ASSERTIONS,
    CLEAR_DECISIONS,
];
