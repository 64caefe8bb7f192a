//! The text of the writing statements for sign-ins, users, sessions, keys and messages. What each is for, and in which
//! order they run, says `statement`. Those of the directory stand in `sql_directory`.

pub(crate) const START: &str = "INSERT INTO sign_ins (id, tenant, connection, subject, account, flow, device_hash, \
    code_hash, link_hash, code_is_long, code_expires_at, sends, last_sent_at, attempts, max_attempts, destination, started_at, \
    purpose, agent, client_ip) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) ON CONFLICT DO NOTHING";
pub(crate) const RESEND: &str = "UPDATE sign_ins SET code_hash = $1, link_hash = $2, code_is_long = $3, code_expires_at = $4, \
    last_sent_at = $5, sends = sends + 1 WHERE id = $6 AND sends = $7 AND ended_at IS NULL AND attempts < max_attempts";
pub(crate) const KEEP_OLDER: &str = "INSERT INTO older_codes (sign_in, sent_as, code_hash, link_hash, code_is_long, code_expires_at) \
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
pub(crate) const CANCEL: &str = "UPDATE sign_ins SET ended_at = $1, ended_how = 'cancelled' WHERE id = $2 AND ended_at IS NULL";
pub(crate) const FAIL: &str = "UPDATE sign_ins SET attempts = attempts + 1 \
    WHERE id = $1 AND ended_at IS NULL AND attempts < max_attempts RETURNING attempts";
pub(crate) const SPEND_BUDGET: &str = "INSERT INTO budgets (tenant, account, failures, resets_at) VALUES ($1, $2, 1, $3) \
    ON CONFLICT (tenant, account) DO UPDATE SET \
    failures = CASE WHEN budgets.resets_at <= $4 THEN 1 ELSE budgets.failures + 1 END, \
    resets_at = CASE WHEN budgets.resets_at <= $4 THEN excluded.resets_at ELSE budgets.resets_at END \
    WHERE budgets.failures < $5 OR budgets.resets_at <= $4 RETURNING failures";
pub(crate) const NOTE_SPENT_BUDGET: &str = "INSERT INTO events (id, at, tenant, kind, subject, user_id, actor) \
    SELECT $1, $2, $3, $4, $5, $6, $7 WHERE (SELECT failures FROM budgets WHERE tenant = $8 AND account = $9) = $10 \
    ON CONFLICT DO NOTHING";
// Sign-ins whose codes are dead are left alone: somebody may have started very many for this identifier.
// The EXISTS makes it all or nothing: unless the sign-in itself can be spent, no other one is touched. (On PostgreSQL
// a sign-in that ends at the same moment still passes it; there the guard on the returned ids finds out.)
pub(crate) const SPEND: &str = "UPDATE sign_ins SET ended_at = $1, ended_how = CASE WHEN id = $2 THEN 'completed' ELSE 'superseded' END \
    WHERE tenant = $3 AND subject = $4 AND code_expires_at > $1 AND ended_at IS NULL AND (id <> $2 OR attempts < max_attempts) \
    AND EXISTS (SELECT 1 FROM sign_ins o WHERE o.id = $2 AND o.tenant = $3 AND o.subject = $4 AND o.code_expires_at > $1 \
    AND o.ended_at IS NULL AND o.attempts < o.max_attempts) RETURNING id";
pub(crate) const SPEND_ONE: &str = "UPDATE sign_ins SET ended_at = $1, ended_how = 'completed' \
    WHERE id = $2 AND code_expires_at > $1 AND ended_at IS NULL AND attempts < max_attempts";
/// A row when the budget is not spent. A statement of its own: as a part of `SPEND` it would hold against what stood
/// in `budgets` when that began, while other nodes count guesses. The row is locked whatever it holds.
pub(crate) const WITHIN_BUDGET: &str = "SELECT CAST(1 AS BIGINT) WHERE NOT coalesce((SELECT failures >= $1 AND resets_at > $2 \
    FROM budgets WHERE tenant = $3 AND account = $4 /*for update*/), FALSE)";
pub(crate) const OPENED: &str = "UPDATE sign_ins SET opened_at = $1 WHERE id = $2 AND opened_at IS NULL";
pub(crate) const APPROVE: &str = "UPDATE sign_ins SET approved_at = $1, number_tries = number_tries + 1 \
    WHERE id = $2 AND ended_at IS NULL AND code_expires_at > $1 AND attempts < max_attempts AND number_tries = 0";
pub(crate) const NUMBER_FAILED: &str =
    "UPDATE sign_ins SET number_tries = number_tries + 1 WHERE id = $1 AND ended_at IS NULL AND number_tries = 0";
pub(crate) const COUNT_SEND: &str = "INSERT INTO budgets (tenant, account, failures, resets_at) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (tenant, account) DO UPDATE SET \
    failures = CASE WHEN budgets.resets_at <= $5 THEN excluded.failures ELSE budgets.failures + excluded.failures END, \
    resets_at = CASE WHEN budgets.resets_at <= $5 THEN excluded.resets_at ELSE budgets.resets_at END \
    WHERE budgets.failures <= $6 - excluded.failures OR budgets.resets_at <= $5";
pub(crate) const USE_TEXTS: &str = "UPDATE budgets SET failures = CASE WHEN failures > $1 THEN failures - $1 ELSE 0 END \
    WHERE tenant = $2 AND account = $3";
pub(crate) const NEW_USER: &str =
    "INSERT INTO users (id, tenant, created_at, version, primary_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
pub(crate) const NEW_IDENTITY: &str = "INSERT INTO identities (tenant, connection, subject, id, user_id, created_at, version, \
    provider_email, verified_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";
pub(crate) const REMOVE_NEWEST_CODE: &str =
    "UPDATE sign_ins SET code_hash = NULL, link_hash = NULL WHERE id = $1 AND sends = $2 AND ended_at IS NULL";
pub(crate) const REMOVE_OLDER_CODE: &str = "DELETE FROM older_codes WHERE sign_in = $1 AND sent_as = $2";
pub(crate) const CANCEL_ALL: &str = "UPDATE sign_ins SET ended_at = $1, ended_how = 'cancelled' \
    WHERE tenant = $2 AND subject = $3 AND ended_at IS NULL AND code_expires_at > $1";
pub(crate) const ADVANCE_LINEAGE: &str = "UPDATE sessions SET current_hash = $1, last_seen_at = $2, expires_at = $3 \
    WHERE handle = $4 AND current_hash = $5 AND revoked_at IS NULL AND expires_at > $2";
pub(crate) const KEEP_WITH_SESSION: &str = "UPDATE sessions SET claims = coalesce($1, claims), \
    back_end_data = coalesce($2, back_end_data), is_static = coalesce($3, is_static) \
    WHERE handle = $4 AND revoked_at IS NULL AND expires_at > $5";
/// A subject changes by leaving its place and taking the new one: an `UPDATE` knows no `ON CONFLICT`.
pub(crate) const LEAVE_SUBJECT: &str =
    "DELETE FROM identities WHERE tenant = $1 AND connection = $2 AND subject = $3 AND id = $4 AND user_id = $5 AND version = $6";
pub(crate) const TOUCH_USER: &str = "UPDATE users SET version = version + 1 WHERE id = $1 AND version = $2";
pub(crate) const INVITE: &str =
    "INSERT INTO invites (tenant, connection, subject, invited_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
pub(crate) const WITHDRAW: &str = "DELETE FROM invites WHERE tenant = $1 AND connection = $2 AND subject = $3";
pub(crate) const NEW_SESSION: &str = "INSERT INTO sessions (handle, tenant, user_id, identity_id, policy, nonce, generation, retired, \
    created_at, last_seen_at, expires_at, revoked_at, client_ip, user_agent, claims, back_end_data, is_static, anti_csrf, current_hash, \
    login) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) ON CONFLICT DO NOTHING";
pub(crate) const ROTATE: &str = "UPDATE sessions SET generation = generation + 1, retired = $1, last_seen_at = $2, expires_at = $3 \
    WHERE handle = $4 AND generation = $5 AND revoked_at IS NULL";
pub(crate) const REVOKE: &str =
    "UPDATE sessions SET revoked_at = $1 WHERE handle = $2 AND revoked_at IS NULL AND expires_at > $1 RETURNING handle";
pub(crate) const REVOKE_ALL: &str = "UPDATE sessions SET revoked_at = $1 \
    WHERE user_id = $2 AND revoked_at IS NULL AND handle <> $3 AND expires_at > $1 RETURNING handle";
pub(crate) const NEW_KEY: &str = "INSERT INTO signing_keys (key_set, number, kid, algorithm, sealed, created_at, signs_from) \
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
pub(crate) const RESEAL_KEY: &str = "UPDATE signing_keys SET sealed = $1 WHERE key_set = $2 AND kid = $3 AND sealed = $4";
pub(crate) const FORGET_KEY: &str = "DELETE FROM signing_keys WHERE key_set = $1 AND kid = $2";
pub(crate) const QUEUE: &str = "INSERT INTO outbox (id, tenant, sign_in, channel, recipient, sealed, queued_at, next_try_at, tries, expires_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING";
/// The inner SELECT runs once: as a plain subquery PostgreSQL may run it for every row, and then the limit is none.
pub(crate) const CLAIM: &str = "WITH due AS MATERIALIZED (SELECT id FROM outbox WHERE next_try_at <= $1 ORDER BY next_try_at LIMIT $2 /*skip locked*/) \
    UPDATE outbox SET next_try_at = $3, tries = tries + 1 WHERE id IN (SELECT id FROM due) \
    RETURNING id, tenant, sign_in, channel, recipient, sealed, queued_at, next_try_at, tries, expires_at";
pub(crate) const DEFER: &str = "UPDATE outbox SET next_try_at = $1 WHERE id = $2 AND tries = $3";
pub(crate) const DONE: &str = "DELETE FROM outbox WHERE id = $1";
pub(crate) const NOTE_DELIVERY: &str = "INSERT INTO deliveries (sign_in, id, message, queued_at, at, channel, provider, outcome, answer) \
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 WHERE EXISTS (SELECT 1 FROM sign_ins WHERE id = $1) ON CONFLICT DO NOTHING";
pub(crate) const NOTE: &str = "INSERT INTO events (id, at, tenant, kind, subject, user_id, actor) \
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
pub(crate) const NOTE_GOOD_SESSION: &str = "INSERT INTO events (id, at, tenant, kind, subject, user_id, actor) \
    SELECT $1, $2, tenant, $3, handle, user_id, $4 FROM sessions \
    WHERE handle = $5 AND revoked_at IS NULL AND expires_at > $2 ON CONFLICT DO NOTHING";
pub(crate) const NOTE_EXHAUSTED: &str = "INSERT INTO events (id, at, tenant, kind, subject, actor) \
    SELECT $1, $2, tenant, $3, id, $4 FROM sign_ins WHERE id = $5 AND attempts = max_attempts ON CONFLICT DO NOTHING";
pub(crate) const FORGET_CODES: &str = "DELETE FROM older_codes WHERE sign_in = $1 AND NOT EXISTS (SELECT 1 FROM sign_ins WHERE id = $1)";
pub(crate) const FORGET_DELIVERIES: &str =
    "DELETE FROM deliveries WHERE sign_in = $1 AND NOT EXISTS (SELECT 1 FROM sign_ins WHERE id = $1)";
pub(crate) const FORGET_SIGN_IN: &str = "DELETE FROM sign_ins WHERE id = $1 AND code_expires_at < $2";
pub(crate) const FORGET_SESSION: &str = "DELETE FROM sessions WHERE handle = $1 AND (expires_at < $2 OR revoked_at < $2)";
pub(crate) const FORGET_BUDGET: &str = "DELETE FROM budgets WHERE tenant = $1 AND account = $2 AND resets_at < $3";
pub(crate) const CLEAR_EVENTS: &str = "WITH old AS MATERIALIZED (SELECT id FROM events WHERE id < $1 ORDER BY id LIMIT $2) \
    DELETE FROM events WHERE id IN (SELECT id FROM old)";
pub(crate) const CLEAR_EMAIL_TOKENS: &str = "WITH old AS MATERIALIZED (SELECT hash FROM email_tokens WHERE expires_at < $1 \
    ORDER BY expires_at LIMIT $2) DELETE FROM email_tokens WHERE hash IN (SELECT hash FROM old)";

/// Every one of them, for the test that checks their parameters.
#[cfg(test)]
pub(crate) const ALL: [&str; 47] = [
    START,
    RESEND,
    KEEP_OLDER,
    CANCEL,
    FAIL,
    SPEND_BUDGET,
    NOTE_SPENT_BUDGET,
    SPEND,
    SPEND_ONE,
    WITHIN_BUDGET,
    OPENED,
    APPROVE,
    NUMBER_FAILED,
    COUNT_SEND,
    USE_TEXTS,
    NEW_USER,
    NEW_IDENTITY,
    REMOVE_NEWEST_CODE,
    REMOVE_OLDER_CODE,
    CANCEL_ALL,
    ADVANCE_LINEAGE,
    KEEP_WITH_SESSION,
    LEAVE_SUBJECT,
    TOUCH_USER,
    INVITE,
    WITHDRAW,
    NEW_SESSION,
    ROTATE,
    REVOKE,
    REVOKE_ALL,
    NEW_KEY,
    FORGET_KEY,
    QUEUE,
    CLAIM,
    DEFER,
    DONE,
    NOTE_DELIVERY,
    NOTE,
    NOTE_GOOD_SESSION,
    NOTE_EXHAUSTED,
    FORGET_CODES,
    FORGET_DELIVERIES,
    FORGET_SIGN_IN,
    FORGET_SESSION,
    FORGET_BUDGET,
    CLEAR_EVENTS,
    CLEAR_EMAIL_TOKENS,
];
