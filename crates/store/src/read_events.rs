//! Reads of the audit trail: newest first, in pages.

use crate::value::{Record, values};
use crate::{Store, Unavailable};
use postkey_model::{EventId, EventKind, TenantId, Timestamp, UserId};

// `replace` finds a word in a list on both engines alike; an empty word stands for "whichever".
const PAGE: &str = "SELECT id, at, tenant, kind, subject, user_id, actor FROM events \
    WHERE id < $1 AND id >= $2 AND (CAST($3 AS TEXT) = '' OR tenant = $3) \
    AND (CAST($4 AS TEXT) = '' OR replace($4, ',' || kind || ',', '') <> $4) ORDER BY id DESC LIMIT $5";
const PAGE_OF_USER: &str = "SELECT id, at, tenant, kind, subject, user_id, actor FROM events \
    WHERE user_id = $1 AND id < $2 AND id >= $3 AND (CAST($4 AS TEXT) = '' OR tenant = $4) \
    AND (CAST($5 AS TEXT) = '' OR replace($5, ',' || kind || ',', '') <> $5) ORDER BY id DESC LIMIT $6";
const ABOUT: &str = "SELECT id, at, tenant, kind, subject, user_id, actor FROM events WHERE user_id = $1 OR subject = $1 ORDER BY id";

/// Every one of them, for the test that checks their parameters.
#[cfg(test)]
pub(crate) const ALL: [&str; 3] = [PAGE, PAGE_OF_USER, ABOUT];

/// Behind every id: ids begin with a hexadecimal digit.
const END: &str = "g";

/// A line of the audit trail, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its id.
    pub id: EventId,
    /// When it happened.
    pub at: Timestamp,
    /// In which tenant.
    pub tenant: TenantId,
    /// What happened: the name of an [`EventKind`], perhaps one of another version.
    pub kind: String,
    /// What it happened to.
    pub subject: String,
    /// Whom it is about, where it is about somebody.
    pub user: Option<UserId>,
    /// Who did it: the name of an [`Actor`](postkey_model::Actor); empty where an older version wrote the line.
    pub actor: String,
}

/// Which lines of the audit trail are wanted. What is empty or `None` is no condition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventsWanted {
    /// About this user.
    pub user: Option<UserId>,
    /// In this tenant.
    pub tenant: Option<TenantId>,
    /// Of one of these kinds.
    pub kinds: Vec<EventKind>,
    /// At this moment or later.
    pub since: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    /// Older than this line: the last one of the page before.
    pub before: Option<EventId>,
}

impl Store {
    /// Lines of the audit trail, newest first, `limit` at most.
    pub async fn events(&self, wanted: &EventsWanted, limit: i64) -> Result<Vec<StoredEvent>, Unavailable> {
        let until = wanted.until.map_or_else(|| END.to_owned(), EventId::floor);
        let before = wanted.before.as_ref().map_or(END, EventId::as_str).min(&until);
        let since = wanted.since.map(EventId::floor).unwrap_or_default();
        let tenant = wanted.tenant.as_ref().map(TenantId::as_str).unwrap_or_default();
        let kinds: String = wanted.kinds.iter().map(|kind| format!(",{},", kind.as_str())).collect();
        let rows = match &wanted.user {
            None => self.rows(PAGE, values![before, since, tenant, kinds, limit]).await?,
            Some(user) => self.rows(PAGE_OF_USER, values![user.as_str(), before, since, tenant, kinds, limit]).await?,
        };
        rows.into_iter().map(event).collect()
    }

    /// All lines of the audit trail about `subject`, oldest first: a user's id, a session's handle, a sign-in's id. Walks the
    /// whole trail: for people, not for requests.
    pub async fn events_about(&self, subject: &str) -> Result<Vec<StoredEvent>, Unavailable> {
        self.rows(ABOUT, values![subject]).await?.into_iter().map(event).collect()
    }
}

fn event(mut row: Record) -> Result<StoredEvent, Unavailable> {
    Ok(StoredEvent {
        id: EventId::stored(row.text()?),
        at: row.time()?,
        tenant: TenantId::stored(row.text()?),
        kind: row.text()?,
        subject: row.text()?,
        user: row.opt_text()?.map(UserId::stored),
        actor: row.text()?,
    })
}
