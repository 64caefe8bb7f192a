//! Reads for whoever watches the server: what waits, and whether the database is the one that this server needs.

use crate::value::{odd, values};
use crate::{Store, Unavailable, migrate};
use postkey_model::Timestamp;

const OUTBOX: &str = "SELECT count(*), min(queued_at) FROM outbox";

/// Every one of them, for the test that checks their parameters.
#[cfg(test)]
pub(crate) const ALL: [&str; 1] = [OUTBOX];

impl Store {
    /// How many messages are in the outbox, and when the oldest of them was queued. Looks at all of them.
    pub async fn outbox(&self) -> Result<(i64, Option<Timestamp>), Unavailable> {
        let mut row = self.one(OUTBOX, values![]).await?.ok_or_else(|| odd("a row"))?;
        Ok((row.int()?, row.opt_time()?))
    }

    /// Whether the database's schema is exactly the one that this Postkey knows: not an older one, brought back under a
    /// running server, and not one that a newer Postkey made.
    pub async fn is_current(&self) -> Result<bool, Unavailable> {
        let rows = self.rows(migrate::TAKEN, values![]).await?.into_iter();
        let taken: Vec<(i64, String)> = rows.map(|mut row| Ok((row.int()?, row.text()?))).collect::<Result<_, Unavailable>>()?;
        Ok(migrate::missing(&taken).is_ok_and(<[_]>::is_empty))
    }
}
