//! Reads of what waits for an operator's own services.

use crate::value::{Record, odd, values};
use crate::{Store, Unavailable};
use postkey_model::{EventId, EventKind, Notice, TenantId, Timestamp, UserId};

const NEXT_DUE: &str = "SELECT min(next_try_at) FROM webhook_queue WHERE endpoint = $1 AND next_try_at IS NOT NULL";
const WAITING: &str = "SELECT endpoint, count(next_try_at), min(CASE WHEN next_try_at IS NULL THEN NULL ELSE at END), \
    count(*) - count(next_try_at) FROM webhook_queue GROUP BY endpoint ORDER BY endpoint";
const STUCK: &str = "SELECT event, at, kind, answer FROM webhook_queue WHERE endpoint = $1 AND (next_try_at IS NULL OR answer <> '') \
    ORDER BY at DESC LIMIT $2";

/// Every one of them, for the test that checks their parameters.
#[cfg(test)]
pub(crate) const ALL: [&str; 3] = [NEXT_DUE, WAITING, STUCK];

/// What waits for a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhooksWaiting {
    /// The service's name in the config, now or once.
    pub endpoint: String,
    /// How many are to be told yet.
    pub waiting: i64,
    /// When the oldest of them happened.
    pub oldest: Option<Timestamp>,
    /// How many nobody tries any more.
    pub given_up: i64,
}

/// One that a service did not take so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck {
    /// The line of the audit trail.
    pub event: EventId,
    /// When it happened.
    pub at: Timestamp,
    /// What happened: the name of an [`EventKind`].
    pub kind: String,
    /// What was answered last.
    pub answer: String,
}

impl Store {
    /// When the next one for a service is due; `None` when nothing waits.
    pub async fn next_webhook_due(&self, endpoint: &str) -> Result<Option<Timestamp>, Unavailable> {
        self.one(NEXT_DUE, values![endpoint]).await?.ok_or_else(|| odd("a row"))?.opt_time()
    }

    /// What waits, service by service. Looks at all of it.
    pub async fn webhooks_waiting(&self) -> Result<Vec<WebhooksWaiting>, Unavailable> {
        let waiting = |mut row: Record| {
            Ok(WebhooksWaiting { endpoint: row.text()?, waiting: row.int()?, oldest: row.opt_time()?, given_up: row.int()? })
        };
        self.rows(WAITING, values![]).await?.into_iter().map(waiting).collect()
    }

    /// What a service did not take so far, the newest first, `limit` at most.
    pub async fn webhooks_stuck(&self, endpoint: &str, limit: i64) -> Result<Vec<Stuck>, Unavailable> {
        let stuck =
            |mut row: Record| Ok(Stuck { event: EventId::stored(row.text()?), at: row.time()?, kind: row.text()?, answer: row.text()? });
        self.rows(STUCK, values![endpoint, limit]).await?.into_iter().map(stuck).collect()
    }
}

pub(crate) fn notice(mut row: Record) -> Result<Notice, Unavailable> {
    Ok(Notice {
        event: EventId::stored(row.text()?),
        at: row.time()?,
        tenant: TenantId::stored(row.text()?),
        kind: EventKind::parse(&row.text()?),
        subject: row.text()?,
        user: row.opt_text()?.map(UserId::stored),
        actor: row.text()?,
        tries: row.int()?,
    })
}
