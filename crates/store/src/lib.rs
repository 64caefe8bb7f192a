//! The shelf: reads, and [`Store::commit`]. SQLite and PostgreSQL behind one closed enum and one SQL text.
//! The only crate with SQL. It decides nothing: rules arrive as guards inside [`Change`]s.
//!
//! Where the two engines differ (all of it): column types and clustering in `migrate`, the row locks of two
//! writes in `statement`, and how a group of commits runs in `sqlite` and `postgres`.

mod backup;
mod copy;
mod count;
mod migrate;
mod postgres;
mod queue;
mod read;
mod read_directory;
mod read_events;
mod read_figures;
mod read_login;
mod read_person;
mod read_sealed;
mod read_webhooks;
mod sql;
mod sql_directory;
mod sql_login;
mod sql_webhook;
mod sqlite;
mod statement;
mod statement_clear;
mod statement_count;
mod statement_directory;
mod statement_login;
mod statement_webhook;
mod supertokens;
mod value;

use postkey_model::{Change, Timestamp, Yield};
use std::path::PathBuf;
use std::time::Instant;
use thiserror::Error;

pub use backup::{BackupError, Copied, Restoring, SealedKey, back_up, restore};
pub use copy::{CopyError, SourceUse, TableCopied, copy};
pub use read::{SignInFacts, StartFacts, Table, UserFacts, Walk};
pub use read_directory::{AccountInfo, Beginning, Listing, Metadata, Page, WayKind};
pub use read_events::{EventsWanted, StoredEvent};
pub use read_sealed::OlderWork;
pub use read_webhooks::{Stuck, WebhooksWaiting};
pub use supertokens::{SourceError, SourceGeneration, SourceLocation, SourceRole, SourceUser, SuperTokens};

/// Where a store keeps its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A SQLite file; made when it is not there.
    Sqlite(PathBuf),
    /// A PostgreSQL database, as a `postgres://` URL.
    Postgres(String),
}

impl Location {
    /// Reads `sqlite:PATH`, `postgres://…` or `postgresql://…`. The error says what was expected.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if let Some(path) = text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:")) {
            return if path.is_empty() {
                Err("sqlite: needs a file, as in sqlite:postkey-data/postkey.db")
            } else if path.starts_with([':', '?']) || path.starts_with("file:") {
                // `:memory:` and its like: every connection would see a database of its own, and a restart none.
                Err("sqlite: takes the path of a file, as in sqlite:postkey-data/postkey.db; a database in memory is none")
            } else {
                Ok(Location::Sqlite(path.into()))
            };
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Location::Postgres(text.to_owned()));
        }
        Err("a database URL begins with sqlite: or postgres://")
    }

    /// The engine's name, for people.
    pub fn engine(&self) -> &'static str {
        match self {
            Location::Sqlite(_) => "SQLite",
            Location::Postgres(_) => "PostgreSQL",
        }
    }
}

/// What stands at a [`Location`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// No database of ours yet; one could be made.
    Nothing,
    /// One of an older Postkey: opening it brings it up to date.
    Older,
    /// One that is up to date.
    Current,
}

/// Why a commit was not applied.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CommitError {
    /// A guard no longer held: somebody was first. Nothing was applied; look again.
    #[error("somebody was first")]
    Lost,
    /// The store could not take it.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// The store does not work just now: disk full, database away. Says why, for the log. A commit that ended so was
/// not acknowledged; it may still have been applied when the connection broke after the flush.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the database is not available: {0}")]
pub struct Unavailable(pub String);

/// More is asked of the store than it can write.
fn overloaded() -> Unavailable {
    Unavailable("too many commits wait".to_owned())
}

/// Why a store could not be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The database could not be reached or read.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The database was written by a younger Postkey.
    #[error(
        "the database is at migration {found}, this Postkey knows {known}: run the newer Postkey, or restore the backup made before the upgrade"
    )]
    FromNewerVersion {
        /// The highest migration in the database.
        found: i64,
        /// The highest that we have.
        known: i64,
    },
    /// A copy of another database was begun in it, and has not come to its end.
    #[error("another database was being copied into it and not all of it is there: let `postkey copy` go on to its end first")]
    HalfCopied,
    /// A migration was applied with another text than ours.
    #[error("migration {0} in the database is not the one that this Postkey has: it was made by an unreleased build")]
    OtherHistory(i64),
}

/// The open store. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
}

#[derive(Clone)]
enum Engine {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

impl Store {
    /// Opens the store and brings its schema up to date. `now` is noted beside each migration that is applied.
    /// Safe when several nodes start at once. Needs a running tokio runtime.
    pub async fn open(location: &Location, now: Timestamp) -> Result<Self, OpenError> {
        let engine = match location {
            Location::Sqlite(path) => Engine::Sqlite(sqlite::Sqlite::open(path, now)?),
            Location::Postgres(url) => Engine::Postgres(postgres::Postgres::open(url, now).await?),
        };
        Ok(Store { engine })
    }

    /// What is found at `location`, or why it cannot be used. Changes nothing there.
    pub async fn reach(location: &Location) -> Result<Found, OpenError> {
        let taken = match location {
            Location::Sqlite(path) => sqlite::reach(path)?,
            Location::Postgres(url) => postgres::reach(url).await?,
        };
        let missing = migrate::missing(&taken)?;
        Ok(match (taken.is_empty(), missing.is_empty()) {
            (true, _) => Found::Nothing,
            (false, false) => Found::Older,
            (false, true) => Found::Current,
        })
    }

    /// Applies all of `changes` or none, durably. Answers with one [`Yield`] per change.
    ///
    /// A caller that goes away does not stop a group that is being written: its changes may be applied. When the
    /// answer is [`CommitError::Lost`], nothing was applied.
    #[tracing::instrument(level = "trace", target = "postkey_trace", skip_all, fields(changes = changes.len(), outcome))]
    pub async fn commit(&self, changes: Vec<Change>) -> Result<Vec<Yield>, CommitError> {
        let begin = Instant::now();
        let tally = count::Tally::of(&changes);
        let outcome = self.write(changes).await;
        postkey_metrics::COMMIT_TIME.took(&[], begin.elapsed());
        let word = match &outcome {
            Ok(yields) => {
                tally.count(yields);
                "written"
            }
            Err(CommitError::Lost) => "lost",
            Err(CommitError::Unavailable(_)) => "unavailable",
        };
        postkey_metrics::COMMITS.add(&[word], 1);
        tracing::Span::current().record("outcome", word);
        outcome
    }

    async fn write(&self, changes: Vec<Change>) -> Result<Vec<Yield>, CommitError> {
        let member = statement::Member::of(changes);
        let answers = match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.commit(member.statements).await?,
            Engine::Postgres(postgres) => postgres.commit(member.statements).await?,
        };
        statement::settle(&member.gives, answers).map_err(CommitError::Unavailable)
    }

    /// Stops taking commits and waits until those under way are on disk.
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.close().await,
            Engine::Postgres(postgres) => postgres.close().await,
        }
    }

    async fn rows(&self, sql: &'static str, params: Vec<value::Value>) -> Result<Vec<value::Record>, Unavailable> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.rows(sql, &params),
            Engine::Postgres(postgres) => postgres.rows(sql, &params).await,
        }
    }
}
