//! The two ends of a copy, on both engines: where rows are read, and where they are written.

use super::{CopyError, SourceUse, Table};
use crate::backup::{claim, look_into};
use crate::postgres::{away, connect_at_leisure};
use crate::sqlite::{make_private, taken};
use crate::value::{Record, Value};
use crate::{BackupError, Location, Unavailable, migrate};
use futures_util::future::try_join_all;
use postkey_model::Timestamp;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, params_from_iter};
use std::path::Path;
use std::time::Duration;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config};

const SOURCE: &str = "the source";
const TARGET: &str = "the target";
const PATIENCE: Duration = Duration::from_secs(20);
/// Any number of our own: whoever copies into a PostgreSQL database holds this lock.
const COPY_LOCK: i64 = 0x706f_7374_6b65_7902;

/// One end: a connection within a transaction (the source), or between two (the target).
enum End {
    Sqlite(Connection),
    Postgres(Client),
}

impl End {
    async fn read(&self, which: &'static str, table: &Table, after: Option<&[Value]>, limit: usize) -> Result<Vec<Vec<Value>>, CopyError> {
        let sql = table.select(after.is_some(), limit);
        let after = after.unwrap_or_default();
        match self {
            End::Sqlite(connection) => read_sqlite(connection, &sql, after).map_err(|e| engine(which, e)),
            End::Postgres(client) => {
                let params: Vec<&(dyn ToSql + Sync)> = after.iter().map(|value| value as _).collect();
                let rows = client.query(sql.as_str(), &params).await.map_err(|e| gone(which, e))?;
                rows.iter().map(|row| Ok(Record::from_postgres(row).map_err(|e| gone(which, e))?.into_values())).collect()
            }
        }
    }

    async fn run(&self, which: &'static str, sql: &str) -> Result<(), CopyError> {
        match self {
            End::Sqlite(connection) => connection.execute_batch(sql).map_err(|e| engine(which, e)),
            End::Postgres(client) => client.batch_execute(sql).await.map_err(|e| gone(which, e)),
        }
    }
}

/// Where rows are read.
pub(super) struct Source(End);

impl Source {
    pub(super) async fn open(location: &Location, source_use: SourceUse, tables: &[Table]) -> Result<Self, CopyError> {
        let (end, steps) = match location {
            Location::Sqlite(path) => sqlite_source(path, source_use)?,
            Location::Postgres(url) => postgres_source(url, source_use, tables).await?,
        };
        match migrate::missing(&steps) {
            _ if steps.is_empty() => Err(CopyError::NoSource),
            Err(e) => Err(CopyError::Schema(SOURCE, e)),
            Ok([]) => Ok(Source(end)),
            Ok(_) => Err(CopyError::Older),
        }
    }

    pub(super) async fn read(&self, table: &Table, after: Option<&[Value]>, limit: usize) -> Result<Vec<Vec<Value>>, CopyError> {
        self.0.read(SOURCE, table, after, limit).await
    }
}

fn sqlite_source(path: &Path, source_use: SourceUse) -> Result<(End, Vec<(i64, String)>), CopyError> {
    let reading = look_into(path)?;
    let connection = match source_use {
        SourceUse::Shared => {
            // One moment, for as long as we read.
            reading.execute_batch("BEGIN").map_err(|e| engine(SOURCE, e))?;
            reading
        }
        SourceUse::Alone => {
            drop(reading);
            claim(path)?.ok_or_else(|| BackupError::Foreign(path.to_owned()))?
        }
    };
    let steps = taken(&connection).map_err(|e| engine(SOURCE, e))?;
    Ok((End::Sqlite(connection), steps))
}

async fn postgres_source(url: &str, source_use: SourceUse, tables: &[Table]) -> Result<(End, Vec<(i64, String)>), CopyError> {
    let client = connect(SOURCE, url).await?;
    let steps = postgres_steps(SOURCE, &client).await?;
    if steps.is_empty() || !matches!(migrate::missing(&steps), Ok([])) {
        return Ok((End::Postgres(client), steps));
    }
    client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ").await.map_err(|e| gone(SOURCE, e))?;
    if source_use == SourceUse::Alone {
        let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
        // Before the first read: what is seen is from after nobody can write any more.
        let lock = format!("LOCK TABLE {} IN SHARE MODE NOWAIT", names.join(", "));
        client.batch_execute(&lock).await.map_err(|e| match e.code() {
            Some(&SqlState::LOCK_NOT_AVAILABLE) => CopyError::InUse,
            _ => gone(SOURCE, e),
        })?;
        let others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'postkey'";
        if client.query_one(others, &[]).await.map_err(|e| gone(SOURCE, e))?.get::<_, i64>(0) > 0 {
            return Err(CopyError::InUse);
        }
    }
    Ok((End::Postgres(client), steps))
}

/// Where rows are written.
pub(super) struct Target(End);

impl Target {
    /// Opens an empty database and makes it ours, or goes on with one that was begun from `source`.
    pub(super) async fn open(location: &Location, source: &str, now: Timestamp, tables: &[Table]) -> Result<Self, CopyError> {
        let (end, steps) = match location {
            Location::Sqlite(path) => sqlite_target(path)?,
            Location::Postgres(url) => {
                let client = connect(TARGET, url).await?;
                let lock = client.query_one("SELECT pg_try_advisory_lock($1)", &[&COPY_LOCK]).await.map_err(|e| gone(TARGET, e))?;
                if !lock.get::<_, bool>(0) {
                    return Err(CopyError::Busy);
                }
                let steps = postgres_steps(TARGET, &client).await?;
                (End::Postgres(client), steps)
            }
        };
        if let Some((_, begun)) = steps.iter().find(|(number, _)| *number == migrate::COPYING) {
            let rest: Vec<_> = steps.iter().filter(|(number, _)| *number != migrate::COPYING).cloned().collect();
            return match migrate::missing(&rest) {
                Err(e) => Err(CopyError::Schema(TARGET, e)),
                Ok([]) if begun == source => Ok(Target(end)),
                Ok(_) => Err(CopyError::OtherSource),
            };
        }
        if !steps.is_empty() {
            return Err(CopyError::NotEmpty);
        }
        let target = Target(end);
        target.begin(source, now, tables).await?;
        Ok(target)
    }

    /// The schema, without a row, and the mark: all or nothing.
    async fn begin(&self, source: &str, now: Timestamp, tables: &[Table]) -> Result<(), CopyError> {
        let mut sql = format!("BEGIN; {};", migrate::TABLE);
        let take = |number: i64, checksum: &str| {
            format!("INSERT INTO migrations (number, checksum, applied_at) VALUES ({number}, '{checksum}', {});", now.0)
        };
        sql.push_str(&take(migrate::COPYING, source));
        for step in migrate::all() {
            sql.push_str(&match self.0 {
                End::Sqlite(_) => step.for_sqlite(),
                End::Postgres(_) => step.for_postgres(),
            });
            sql.push(';');
            sql.push_str(&take(step.number, &step.checksum()));
        }
        for table in tables {
            sql.push_str(&format!("DELETE FROM {};", table.name));
        }
        sql.push_str("COMMIT");
        self.0.run(TARGET, &sql).await
    }

    pub(super) async fn write(&mut self, table: &Table, rows: Vec<Vec<Value>>) -> Result<(), CopyError> {
        if rows.is_empty() {
            return Ok(());
        }
        let sql = table.insert();
        match &mut self.0 {
            End::Sqlite(connection) => write_sqlite(connection, &sql, &rows).map_err(|e| engine(TARGET, e)),
            End::Postgres(client) => {
                let tx = client.transaction().await.map_err(|e| gone(TARGET, e))?;
                let prepared = tx.prepare(&sql).await.map_err(|e| gone(TARGET, e))?;
                let writes = rows.iter().map(|row| {
                    let params: Vec<&(dyn ToSql + Sync)> = row.iter().map(|value| value as _).collect();
                    let (tx, prepared) = (&tx, &prepared);
                    async move { tx.execute(prepared, &params).await }
                });
                // Sent in one go; the answers come in order.
                try_join_all(writes).await.map_err(|e| gone(TARGET, e))?;
                tx.commit().await.map_err(|e| gone(TARGET, e))
            }
        }
    }

    pub(super) async fn read(&self, table: &Table, after: Option<&[Value]>, limit: usize) -> Result<Vec<Vec<Value>>, CopyError> {
        self.0.read(TARGET, table, after, limit).await
    }

    /// Takes the mark away: from here on it is a database like any other.
    pub(super) async fn finish(self) -> Result<(), CopyError> {
        self.0.run(TARGET, &format!("DELETE FROM migrations WHERE number = {}", migrate::COPYING)).await
    }
}

fn sqlite_target(path: &Path) -> Result<(End, Vec<(i64, String)>), CopyError> {
    let file = |e| CopyError::Unavailable(TARGET, Unavailable(format!("{}: {e}", path.display())));
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(file)?;
    }
    make_private(path).map_err(file)?;
    let opened = Connection::open(path).and_then(|connection| {
        connection.busy_timeout(Duration::ZERO)?;
        // Nobody else writes to it meanwhile, another copy least of all.
        connection.pragma_update_and_check(None, "locking_mode", "EXCLUSIVE", |_| Ok(()))?;
        connection.execute_batch("BEGIN EXCLUSIVE; COMMIT")?;
        let objects: i64 = connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
        let ours = connection.query_row("SELECT count(*) FROM sqlite_master WHERE name = 'migrations'", [], |row| row.get::<_, i64>(0))?;
        let steps = if ours > 0 { taken(&connection)? } else { Vec::new() };
        Ok((connection, steps, objects > 0 && ours == 0))
    });
    match opened {
        Ok((_, _, true)) => Err(CopyError::NotEmpty),
        Ok((connection, steps, false)) => Ok((End::Sqlite(connection), steps)),
        Err(e) if e.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) => Err(CopyError::Busy),
        Err(e) => Err(engine(TARGET, e)),
    }
}

fn read_sqlite(connection: &Connection, sql: &str, after: &[Value]) -> rusqlite::Result<Vec<Vec<Value>>> {
    let mut statement = connection.prepare_cached(sql)?;
    let columns = statement.column_count();
    let mut rows = statement.query(params_from_iter(after))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let values = (0..columns).map(|at| {
            let value = row.get_ref(at)?;
            Ok(match value {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(n) => Value::Int(n),
                // What is not UTF-8 is no text of ours, and is not made one on the way.
                ValueRef::Text(_) => Value::Text(row.get(at)?),
                ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
                ValueRef::Real(_) => return Err(rusqlite::Error::InvalidColumnType(at, String::new(), value.data_type())),
            })
        });
        found.push(values.collect::<rusqlite::Result<_>>()?);
    }
    Ok(found)
}

fn write_sqlite(connection: &mut Connection, sql: &str, rows: &[Vec<Value>]) -> rusqlite::Result<()> {
    let tx = connection.transaction()?;
    {
        let mut statement = tx.prepare_cached(sql)?;
        for row in rows {
            statement.execute(params_from_iter(row))?;
        }
    }
    tx.commit()
}

async fn connect(which: &'static str, url: &str) -> Result<Client, CopyError> {
    let unusable = |why: String| CopyError::Unavailable(which, Unavailable(why));
    let mut config: Config = url.parse().map_err(|e| unusable(format!("the database URL: {e}")))?;
    config.connect_timeout(PATIENCE).application_name("postkey copy");
    let client = tokio::time::timeout(PATIENCE, connect_at_leisure(&config))
        .await
        .unwrap_or_else(|_| Err(Unavailable("it did not answer in time".to_owned())))
        .map_err(|e| CopyError::Unavailable(which, e))?;
    let ready = "SET statement_timeout = 0; SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = 0";
    client.batch_execute(ready).await.map_err(|e| gone(which, e))?;
    Ok(client)
}

/// The migrations taken; none where nothing of ours is.
async fn postgres_steps(which: &'static str, client: &Client) -> Result<Vec<(i64, String)>, CopyError> {
    let there = client.query_one("SELECT to_regclass('migrations') IS NOT NULL", &[]).await.map_err(|e| gone(which, e))?;
    if !there.get::<_, bool>(0) {
        return Ok(Vec::new());
    }
    let rows = client.query(migrate::TAKEN, &[]).await.map_err(|e| gone(which, e))?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

fn engine(which: &'static str, e: rusqlite::Error) -> CopyError {
    CopyError::Unavailable(which, Unavailable(e.to_string()))
}

fn gone(which: &'static str, e: tokio_postgres::Error) -> CopyError {
    CopyError::Unavailable(which, away(e))
}
