//! Reads for whoever watches the server: what waits, and whether the database is the one that this server needs.

use crate::value::{odd, values};
use crate::{Store, Unavailable, migrate};
use postkey_model::Timestamp;
use std::future::Future;
use std::time::Duration;

/// Whoever watches is answered by then, before they take the server itself for dead.
const SOON: Duration = Duration::from_secs(2);

const OUTBOX: &str = "SELECT count(*), min(queued_at) FROM outbox";

/// Every one of them, for the test that checks their parameters.
#[cfg(test)]
pub(crate) const ALL: [&str; 1] = [OUTBOX];

impl Store {
    /// A read for whoever watches: its answer, if it is there within two seconds. It goes on by itself after that, so that a
    /// connection that hangs is found out and given up.
    pub async fn soon<T, F>(&self, read: impl FnOnce(Store) -> F) -> Result<T, Unavailable>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Unavailable>> + Send + 'static,
    {
        match tokio::time::timeout(SOON, tokio::spawn(read(self.clone()))).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(e)) => Err(Unavailable(e.to_string())),
            Err(_) => Err(Unavailable("the database did not answer in time".to_owned())),
        }
    }

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
