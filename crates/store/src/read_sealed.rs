//! What depends on a root key: all that is sealed for long, and how much that was made under an older one still lives.

use crate::read::signing_key;
use crate::value::{Record, odd, values};
use crate::{Store, Unavailable};
use postkey_model::{SigningKey, Timestamp};

const ALL_KEYS: &str = "SELECT key_set, number, kid, algorithm, sealed, created_at, signs_from FROM signing_keys ORDER BY key_set, number";
const SESSIONS: &str = "SELECT count(*), max(expires_at) FROM sessions \
    WHERE revoked_at IS NULL AND expires_at > $1 AND last_seen_at < $2";
const SIGN_INS: &str = "SELECT count(*), max(code_expires_at) FROM sign_ins \
    WHERE ended_at IS NULL AND code_expires_at > $1 AND started_at < $2";
const EMAIL_TOKENS: &str = "SELECT count(*), max(expires_at) FROM email_tokens WHERE expires_at > $1";
const MESSAGES: &str = "SELECT count(*), max(expires_at) FROM outbox WHERE expires_at > $1 AND substr(sealed, 1, 4) <> $2";

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
}
