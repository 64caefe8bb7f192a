//! The text of writes to what waits for an operator's own services.

pub(crate) const QUEUE: &str = "INSERT INTO webhook_queue (endpoint, event, at, tenant, kind, subject, user_id, actor, tries, next_try_at, answer) \
    SELECT $1, id, at, tenant, kind, subject, user_id, actor, 0, $2, '' FROM events WHERE id = $3 ON CONFLICT DO NOTHING";
/// The inner SELECT runs once: as a plain subquery PostgreSQL may run it for every row, and then the limit is none.
pub(crate) const CLAIM: &str = "WITH due AS MATERIALIZED (SELECT event FROM webhook_queue WHERE endpoint = $1 AND next_try_at <= $2 \
    ORDER BY next_try_at LIMIT $3 /*skip locked*/) \
    UPDATE webhook_queue SET next_try_at = $4, tries = tries + 1 WHERE endpoint = $1 AND event IN (SELECT event FROM due) \
    RETURNING event, at, tenant, kind, subject, user_id, actor, tries";
pub(crate) const DEFER: &str = "UPDATE webhook_queue SET next_try_at = $1, answer = $2 WHERE endpoint = $3 AND event = $4 AND tries = $5";
pub(crate) const DONE: &str = "DELETE FROM webhook_queue WHERE endpoint = $1 AND event = $2";
pub(crate) const REVIVE: &str = "UPDATE webhook_queue SET next_try_at = $1, tries = 0 WHERE endpoint = $2 AND next_try_at IS NULL";
pub(crate) const CLEAR: &str = "WITH old AS MATERIALIZED (SELECT endpoint, event FROM webhook_queue WHERE at < $1 ORDER BY at LIMIT $2) \
    DELETE FROM webhook_queue WHERE (endpoint, event) IN (SELECT endpoint, event FROM old)";

/// Every one of them, for the test that checks their parameters.
#[cfg(test)]
pub(crate) const ALL: [&str; 6] = [QUEUE, CLAIM, DEFER, DONE, REVIVE, CLEAR];
