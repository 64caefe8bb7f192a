//! What depends on a root key: all that is sealed, the sessions that are renewed with it, and how much that was made under an
//! older one still lives.

use crate::read::{message, session, session_columns, signing_key};
use crate::value::{Record, odd, values};
use crate::{Store, Unavailable};
use postkey_model::{Message, Session, SigningKey, Timestamp};

const ALL_KEYS: &str = "SELECT key_set, number, kid, algorithm, sealed, created_at, signs_from FROM signing_keys ORDER BY key_set, number";
const SESSIONS: &str = "SELECT count(*), max(expires_at) FROM sessions \
    WHERE revoked_at IS NULL AND expires_at > $1 AND last_seen_at < $2";
const SIGN_INS: &str = "SELECT count(*), max(code_expires_at) FROM sign_ins \
    WHERE ended_at IS NULL AND code_expires_at > $1 AND started_at < $2";
const EMAIL_TOKENS: &str = "SELECT count(*), max(expires_at) FROM email_tokens WHERE expires_at > $1";
const MESSAGES: &str = "SELECT count(*), max(expires_at) FROM outbox WHERE expires_at > $1 AND substr(sealed, 1, 4) <> $2";
const OLDEST: &str = session_columns!("WHERE revoked_at IS NULL AND expires_at > $1 ORDER BY handle LIMIT $2");
const NEWEST: &str = session_columns!("WHERE revoked_at IS NULL AND expires_at > $1 ORDER BY handle DESC LIMIT $2");
const OUTBOX: &str = "SELECT id, tenant, sign_in, channel, recipient, sealed, queued_at, next_try_at, tries, expires_at FROM outbox \
    WHERE id > $1 ORDER BY id LIMIT $2";

/// Every one of them, for the test that checks their parameters.
#[cfg(test)]
pub(crate) const ALL: [&str; 8] = [ALL_KEYS, SESSIONS, SIGN_INS, EMAIL_TOKENS, MESSAGES, OLDEST, NEWEST, OUTBOX];

/// How much of one kind still lives that may have been made under an older root key, and until when at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OlderWork {
    /// Of what.
    pub what: &'static str,
    /// How many.
    pub count: i64,
    /// When the last of them is over; `None` when there is none.
    pub until: Option<Timestamp>,
}

impl Store {
    /// The signing keys of all sets.
    pub async fn all_signing_keys(&self) -> Result<Vec<SigningKey>, Unavailable> {
        self.rows(ALL_KEYS, Vec::new()).await?.into_iter().map(signing_key).collect()
    }

    /// What lives at `now` and may have been made before `since`, when the root key with this seal id began to make what is
    /// new. Reads all sessions: nothing for the path of a login.
    pub async fn older_work(&self, seal_id: [u8; 4], since: Timestamp, now: Timestamp) -> Result<Vec<OlderWork>, Unavailable> {
        let mut found = Vec::new();
        for (what, sql, params) in [
            ("sessions not renewed since", SESSIONS, values![now, since]),
            ("sign-ins under way", SIGN_INS, values![now, since]),
            ("tokens that prove addresses", EMAIL_TOKENS, values![now]),
            ("messages in the outbox", MESSAGES, values![now, seal_id.as_slice()]),
        ] {
            let mut row: Record = self.rows(sql, params).await?.pop().ok_or_else(|| odd("a count"))?;
            found.push(OlderWork { what, count: row.int()?, until: row.opt_time()? });
        }
        Ok(found)
    }

    /// Sessions that are good at `now`: the oldest and the newest, half of each, `limit` at most. May read all sessions.
    pub async fn living_sessions(&self, now: Timestamp, limit: i64) -> Result<Vec<Session>, Unavailable> {
        let mut found: Vec<Session> = Vec::new();
        for (sql, share) in [(OLDEST, limit - limit / 2), (NEWEST, limit / 2)] {
            for row in self.rows(sql, values![now, share]).await? {
                let next = session(row)?;
                if !found.iter().any(|known| known.handle == next.handle) {
                    found.push(next);
                }
            }
        }
        Ok(found)
    }

    /// Messages in the outbox in the order of their ids, behind `after`, `limit` at most. Claims nothing.
    pub async fn outbox_after(&self, after: &str, limit: i64) -> Result<Vec<Message>, Unavailable> {
        self.rows(OUTBOX, values![after, limit]).await?.into_iter().map(message).collect()
    }
}
