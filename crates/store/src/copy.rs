//! Moving everything from one database to another, also of the other engine: row by row, in batches, with a checksum of
//! every table at the end.
//!
//! The tables are those that our migrations make, asked of an empty database, so that none is forgotten. Until all is
//! there, the target holds a mark among its migrations: no server opens it, and a copy that broke off goes on.

mod ends;

use crate::value::Value;
use crate::{BackupError, Location, OpenError, Unavailable, migrate};
use ends::{Source, Target};
use postkey_model::{Checksum, Timestamp};
use rusqlite::Connection;
use thiserror::Error;

/// How many rows are read and written at once.
const BATCH: usize = 1000;

/// Why a copy did not come to its end.
#[derive(Debug, Error)]
pub enum CopyError {
    /// One of the databases does not work.
    #[error("{0}: {1}")]
    Unavailable(&'static str, Unavailable),
    /// The source cannot be read, or somebody uses it.
    #[error("the source: {0}")]
    Source(#[from] BackupError),
    /// One of the databases is of a version that we do not know, or is half a copy itself.
    #[error("{0}: {1}")]
    Schema(&'static str, OpenError),
    /// The source is of an older version.
    #[error("the source is of an older version: start the server of this version on it first, and stop it")]
    Older,
    /// There is no database of ours.
    #[error("the source is no Postkey database")]
    NoSource,
    /// Servers are connected to the source.
    #[error("the source is in use: stop every server that is connected to it")]
    InUse,
    /// Something else is in the target.
    #[error("the target is not empty: name a database that holds nothing yet")]
    NotEmpty,
    /// A copy from elsewhere was begun in it.
    #[error("a copy from another source was begun in the target: go on with that one, or empty the target")]
    OtherSource,
    /// Another copy writes to it.
    #[error("another copy is writing to the target")]
    Busy,
    /// Both are the same.
    #[error("the source and the target are the same database")]
    Same,
    /// The target does not hold what the source holds.
    #[error(
        "the table {table} is not the same in both: {source_rows} rows here, {target_rows} there. The source was changed since the copy was begun: empty the target and begin again"
    )]
    Differs {
        /// Which.
        table: String,
        /// Rows in the source.
        source_rows: u64,
        /// Rows in the target.
        target_rows: u64,
    },
}

/// Whether others may use the source meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceUse {
    /// Nobody may, and nobody can write to it: what is answered then would be lost.
    Alone,
    /// They may: what is copied is one moment of it.
    Shared,
}

/// How far a copy is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableCopied {
    /// The table.
    pub table: String,
    /// What was read of it.
    pub checksum: Checksum,
    /// Whether the target has the same. Before that it is being copied.
    pub is_verified: bool,
}

/// Copies everything from one database to another, and tells `progress` after each batch. Answers with every table, in
/// the order of their names. `now` is noted beside the migrations.
pub async fn copy(
    from: &Location,
    to: &Location,
    source_use: SourceUse,
    now: Timestamp,
    mut progress: impl FnMut(&TableCopied),
) -> Result<Vec<TableCopied>, CopyError> {
    if from == to || same_file(from, to) {
        return Err(CopyError::Same);
    }
    let tables = tables().map_err(|e| CopyError::Unavailable("the schema", Unavailable(e.to_string())))?;
    let source = Source::open(from, source_use, &tables).await?;
    let name = match from {
        Location::Sqlite(path) => format!("sqlite:{}", path.canonicalize().unwrap_or_else(|_| path.clone()).display()),
        Location::Postgres(url) => url.clone(),
    };
    let mut target = Target::open(to, &postkey_model::fingerprint(&name), now, &tables).await?;
    let mut done = Vec::with_capacity(tables.len());
    for table in &tables {
        let mut copied = TableCopied { table: table.name.clone(), checksum: Checksum::default(), is_verified: false };
        let mut last = None;
        loop {
            let rows = source.read(table, last.as_deref(), BATCH).await?;
            rows.iter().for_each(|row| copied.checksum.add(&written(row)));
            last = rows.last().map(|row| table.key_of(row));
            let full = rows.len() == BATCH;
            target.write(table, rows).await?;
            progress(&copied);
            if !full {
                break;
            }
        }
        done.push(copied);
    }
    for (table, copied) in tables.iter().zip(&mut done) {
        let mut found = Checksum::default();
        let mut last: Option<Vec<Value>> = None;
        loop {
            let rows = target.read(table, last.as_deref(), BATCH).await?;
            rows.iter().for_each(|row| found.add(&written(row)));
            last = rows.last().map(|row| table.key_of(row));
            if rows.len() < BATCH {
                break;
            }
        }
        if found != copied.checksum {
            return Err(CopyError::Differs { table: table.name.clone(), source_rows: copied.checksum.rows, target_rows: found.rows });
        }
        copied.is_verified = true;
        progress(copied);
    }
    target.finish().await?;
    Ok(done)
}

fn same_file(one: &Location, other: &Location) -> bool {
    match (one, other) {
        (Location::Sqlite(one), Location::Sqlite(other)) => {
            matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
        }
        _ => false,
    }
}

/// A table of ours.
struct Table {
    name: String,
    columns: Vec<String>,
    /// Where its primary key's columns stand, in the key's order.
    key: Vec<usize>,
}

impl Table {
    fn key_of(&self, row: &[Value]) -> Vec<Value> {
        self.key.iter().filter_map(|at| row.get(*at).cloned()).collect()
    }

    /// Reads the next rows in the order of the key; with `after`, those behind it.
    fn select(&self, after: bool, limit: usize) -> String {
        let key: Vec<&str> = self.key.iter().filter_map(|at| self.columns.get(*at)).map(String::as_str).collect();
        let places: Vec<String> = (1..=key.len()).map(|n| format!("${n}")).collect();
        let behind = if after { format!("WHERE ({}) > ({}) ", key.join(", "), places.join(", ")) } else { String::new() };
        format!("SELECT {} FROM {} {behind}ORDER BY {} LIMIT {limit}", self.columns.join(", "), self.name, key.join(", "))
    }

    /// Writes a row, unless it is there.
    fn insert(&self) -> String {
        let places: Vec<String> = (1..=self.columns.len()).map(|n| format!("${n}")).collect();
        format!("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING", self.name, self.columns.join(", "), places.join(", "))
    }
}

/// All tables that the migrations make, but for the one that remembers them.
fn tables() -> rusqlite::Result<Vec<Table>> {
    let empty = Connection::open_in_memory()?;
    for step in migrate::all() {
        empty.execute_batch(&step.for_sqlite())?;
    }
    let mut names = empty.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")?;
    let names: Vec<String> = names.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    names.into_iter().map(|name| describe(&empty, name)).collect()
}

fn describe(connection: &Connection, name: String) -> rusqlite::Result<Table> {
    let mut statement = connection.prepare("SELECT name, pk FROM pragma_table_info(?1) ORDER BY cid")?;
    let found: Vec<(String, usize)> =
        statement.query_map([&name], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as usize)))?.collect::<rusqlite::Result<_>>()?;
    let mut key: Vec<(usize, usize)> =
        found.iter().enumerate().map(|(at, (_, place))| (*place, at)).filter(|(place, _)| *place > 0).collect();
    key.sort_unstable();
    Ok(Table { name, key: key.into_iter().map(|(_, at)| at).collect(), columns: found.into_iter().map(|(column, _)| column).collect() })
}

/// A row as bytes, the same on both engines.
fn written(row: &[Value]) -> Vec<u8> {
    let mut out = Vec::new();
    for value in row {
        let (kind, bytes) = match value {
            Value::Null => (0, Vec::new()),
            Value::Int(n) => (1, n.to_be_bytes().to_vec()),
            Value::Text(text) => (2, text.clone().into_bytes()),
            Value::Bytes(bytes) => (3, bytes.clone()),
        };
        out.push(kind);
        out.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        out.extend_from_slice(&bytes);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every table has a key to walk along, and those of the migrations are all there.
    #[test]
    fn every_table_of_the_migrations_is_copied() {
        let found = tables().unwrap();
        let mut text = String::new();
        migrate::all().iter().for_each(|step| text.push_str(&step.for_sqlite()));
        let made: Vec<&str> = text.split("CREATE TABLE ").skip(1).filter_map(|rest| rest.split_whitespace().next()).collect();
        assert!(made.len() >= 24, "{made:?}");
        for name in &made {
            let table = found.iter().find(|table| table.name == *name).unwrap_or_else(|| panic!("{name} is not copied"));
            assert!(!table.key.is_empty() && table.columns.len() >= table.key.len(), "{name} has no key");
        }
        assert_eq!(found.len(), made.len());
    }
}
