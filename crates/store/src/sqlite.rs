//! SQLite: one writer thread that groups commits, and a few readers.
//!
//! The writer owns the write connection; nobody else can begin, end or abort a transaction. It drains whatever
//! waits, runs each member (inside a savepoint where the member can fail after it wrote), and ends the group with
//! one durable COMMIT. A member is told "done" after that, never before.

use crate::queue::Waits;
use crate::statement::{Answer, Statement};
use crate::value::{Record, Value};
use crate::{CommitError, OpenError, Unavailable, migrate, overloaded};
use postkey_model::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior, params_from_iter};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, mpsc};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// The most members one group takes.
const GROUP: usize = 512;
/// How many may wait before callers are told that the store is overloaded.
const QUEUE: usize = 4096;
const READERS: usize = 4;

type Reply = oneshot::Sender<Result<Vec<Answer>, CommitError>>;

enum Job {
    Commit(Vec<Statement>, Reply),
    Close(oneshot::Sender<()>),
}

#[derive(Clone)]
pub(crate) struct Sqlite {
    writer: mpsc::SyncSender<Job>,
    waits: Waits,
    readers: Arc<[Mutex<Connection>]>,
    turn: Arc<AtomicUsize>,
}

impl Sqlite {
    pub(crate) fn open(path: &Path, now: Timestamp) -> Result<Self, OpenError> {
        let at = |e: rusqlite::Error| Unavailable(format!("{}: {e}", path.display()));
        if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|e| Unavailable(format!("{}: {e}", folder.display())))?;
        }
        make_private(path).map_err(|e| Unavailable(format!("{}: {e}", path.display())))?;
        let mut writing = Connection::open(path).map_err(at)?;
        tune(&writing, true).map_err(at)?;
        bring_up_to_date(&mut writing, now, at)?;
        let mut readers = Vec::with_capacity(READERS);
        for _ in 0..READERS {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let reading = Connection::open_with_flags(path, flags).map_err(at)?;
            tune(&reading, false).map_err(at)?;
            readers.push(Mutex::new(reading));
        }
        let (writer, jobs) = mpsc::sync_channel(QUEUE);
        let waits = Waits::default();
        let waiting = waits.clone();
        std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || write_groups(&writing, &jobs, &waiting))
            .map_err(|e| Unavailable(format!("cannot start the writer thread: {e}")))?;
        Ok(Sqlite { writer, waits, readers: readers.into(), turn: Arc::default() })
    }

    pub(crate) async fn commit(&self, statements: Vec<Statement>) -> Result<Vec<Answer>, CommitError> {
        let (reply, answer) = oneshot::channel();
        if !self.waits.enter(Instant::now()) {
            return Err(overloaded().into());
        }
        self.writer.try_send(Job::Commit(statements, reply)).map_err(|e| {
            self.waits.turn_back();
            match e {
                mpsc::TrySendError::Full(_) => overloaded(),
                mpsc::TrySendError::Disconnected(_) => closed(),
            }
        })?;
        answer.await.map_err(|_| closed())?
    }

    /// Point reads of a few microseconds, run where they are asked for: a hop to another thread costs more.
    pub(crate) fn rows(&self, sql: &'static str, params: &[Value]) -> Result<Vec<Record>, Unavailable> {
        query(&self.reader(), sql, params).map_err(|e| Unavailable(e.to_string()))
    }

    fn reader(&self) -> MutexGuard<'_, Connection> {
        let first = self.turn.fetch_add(1, Ordering::Relaxed);
        for i in 0..self.readers.len() {
            if let Ok(free) = self.readers[(first + i) % self.readers.len()].try_lock() {
                return free;
            }
        }
        self.readers[first % self.readers.len()].lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(crate) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        let writer = self.writer.clone();
        // The queue may be full: wait for room off the runtime.
        let _ = tokio::task::spawn_blocking(move || writer.send(Job::Close(done))).await;
        let _ = closed.await;
    }
}

/// The migrations taken in a database file; none where there is no file and one could be made.
pub(crate) fn reach(path: &Path) -> Result<Vec<(i64, String)>, Unavailable> {
    let at = |e: rusqlite::Error| Unavailable(format!("{}: {e}", path.display()));
    if path.exists() {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(at)?;
        connection.busy_timeout(Duration::from_secs(10)).map_err(at)?;
        let ours = "SELECT count(*) FROM sqlite_master WHERE name = 'migrations'";
        if connection.query_row(ours, [], |row| row.get::<_, i64>(0)).map_err(at)? == 0 {
            return Ok(Vec::new());
        }
        return taken(&connection).map_err(at);
    }
    let folder = path.ancestors().skip(1).find(|folder| folder.exists()).unwrap_or(Path::new("."));
    let writable = std::fs::metadata(folder).is_ok_and(|meta| meta.is_dir() && !meta.permissions().readonly());
    if writable { Ok(Vec::new()) } else { Err(Unavailable(format!("{}: cannot be written to", folder.display()))) }
}

/// Makes the file, if it is not there, so that only we may read it. SQLite gives its companions the same mode.
pub(crate) fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(|_| ())
}

fn closed() -> Unavailable {
    Unavailable("the store is closed".to_owned())
}

fn tune(connection: &Connection, writes: bool) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(256);
    // Plans do not depend on parameters. Without this every statement is planned anew whenever one changes, which is
    // always: a quarter of a login's CPU.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "cache_size", -16_384)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    if writes {
        write_ahead(connection)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update_and_check(None, "secure_delete", "ON", |_| Ok(()))?;
        connection.pragma_update_and_check(None, "wal_autocheckpoint", 2000, |_| Ok(()))?;
        connection.pragma_update_and_check(None, "journal_size_limit", 67_108_864, |_| Ok(()))?;
    }
    Ok(())
}

/// Turns write-ahead logging on. Here SQLite does not wait by itself while another node does the same.
fn write_ahead(connection: &Connection) -> rusqlite::Result<()> {
    let mut tries = 0;
    loop {
        match connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())) {
            Err(e) if e.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && tries < 200 => tries += 1,
            other => return other,
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn bring_up_to_date(
    connection: &mut Connection,
    now: Timestamp,
    at: impl Fn(rusqlite::Error) -> Unavailable + Copy,
) -> Result<(), OpenError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(at)?;
    tx.execute_batch(migrate::TABLE).map_err(at)?;
    for step in migrate::missing(&taken(&tx).map_err(at)?)? {
        tx.execute_batch(&step.for_sqlite()).map_err(at)?;
        tx.execute(migrate::TAKE, (step.number, step.checksum(), now.0)).map_err(at)?;
    }
    Ok(tx.commit().map_err(at)?)
}

pub(crate) fn taken(connection: &Connection) -> rusqlite::Result<Vec<(i64, String)>> {
    let mut statement = connection.prepare(migrate::TAKEN)?;
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

fn write_groups(connection: &Connection, jobs: &mpsc::Receiver<Job>, waits: &Waits) {
    while let Ok(first) = jobs.recv() {
        let mut group = Vec::new();
        let mut closing = None;
        let mut next = Some(first);
        while let Some(job) = next {
            match job {
                Job::Commit(statements, reply) => group.push((statements, reply)),
                Job::Close(done) => closing = Some(done),
            }
            next = if group.len() < GROUP && closing.is_none() { jobs.try_recv().ok() } else { None };
        }
        waits.leave(group.len());
        write_group(connection, group);
        if let Some(done) = closing {
            // Folds the log into the file, so that a copy of the file alone is whole.
            let _ = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
            let _ = done.send(());
            return;
        }
    }
}

/// How a group is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Care {
    /// A savepoint only for members that may well lose after they wrote.
    Usual,
    /// A savepoint for everybody.
    Full,
}

/// A member lost after it wrote, and had no savepoint to go back to.
struct Stuck;

type Member = (Vec<Statement>, Reply);
type Settled = Vec<Result<Vec<Answer>, CommitError>>;

/// Writes a group in one transaction. When the disk or the engine refuses, nobody's changes stay.
fn write_group(connection: &Connection, group: Vec<Member>) {
    let written = match try_group(connection, &group, Care::Usual) {
        Ok(Err(Stuck)) => try_group(connection, &group, Care::Full),
        first => first,
    };
    match written {
        Ok(Ok(settled)) => {
            postkey_metrics::COMMIT_GROUP.observe(&[], settled.iter().filter(|member| member.is_ok()).count() as u64 * 1_000_000);
            for ((_, reply), answer) in group.into_iter().zip(settled) {
                let _ = reply.send(answer);
            }
        }
        Ok(Err(Stuck)) => unreachable!("with savepoints nobody is stuck"),
        Err(e) => {
            tracing::error!(error = %e, "a group of commits was not written");
            for (_, reply) in group {
                let _ = reply.send(Err(Unavailable(e.to_string()).into()));
            }
        }
    }
}

fn try_group(connection: &Connection, group: &[Member], care: Care) -> rusqlite::Result<Result<Settled, Stuck>> {
    let outcome = (|| {
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let mut settled = Vec::with_capacity(group.len());
        for (statements, _) in group {
            match write_member(connection, statements, care)? {
                Ok(answers) => settled.push(answers.ok_or(CommitError::Lost)),
                Err(Stuck) => return Ok(Err(Stuck)),
            }
        }
        connection.prepare_cached("COMMIT")?.execute([])?;
        Ok(Ok(settled))
    })();
    if !connection.is_autocommit() {
        let _ = connection.execute_batch("ROLLBACK");
    }
    outcome
}

/// Runs one member's statements; `None` when a guard did not hold and all of them were taken back.
fn write_member(connection: &Connection, statements: &[Statement], care: Care) -> rusqlite::Result<Result<Option<Vec<Answer>>, Stuck>> {
    let mut wrote = false;
    let safe = statements.iter().any(|statement| {
        let may_get_stuck = wrote && (care == Care::Full || statement.guard.may_fail());
        wrote |= statement.writes();
        may_get_stuck
    });
    if safe {
        connection.prepare_cached("SAVEPOINT member")?.execute([])?;
    }
    let mut answers = Vec::with_capacity(statements.len());
    for (position, statement) in statements.iter().enumerate() {
        let answer = run(connection, statement)?;
        if !statement.guard.holds(&answer) {
            if safe {
                connection.prepare_cached("ROLLBACK TO member")?.execute([])?;
                connection.prepare_cached("RELEASE member")?.execute([])?;
            }
            // The statement whose guard failed touched nothing itself: see `statement::SPEND`.
            let stuck = !safe && statements[..position].iter().any(Statement::writes);
            return Ok(if stuck { Err(Stuck) } else { Ok(None) });
        }
        answers.push(answer);
    }
    if safe {
        connection.prepare_cached("RELEASE member")?.execute([])?;
    }
    Ok(Ok(Some(answers)))
}

fn run(connection: &Connection, statement: &Statement) -> rusqlite::Result<Answer> {
    let mut prepared = connection.prepare_cached(statement.sql)?;
    if prepared.column_count() == 0 {
        let affected = prepared.execute(params_from_iter(&statement.params))? as u64;
        return Ok(Answer { affected, rows: Vec::new() });
    }
    let rows = fetch(&mut prepared, &statement.params)?;
    Ok(Answer { affected: rows.len() as u64, rows })
}

fn query(connection: &Connection, sql: &'static str, params: &[Value]) -> rusqlite::Result<Vec<Record>> {
    fetch(&mut *connection.prepare_cached(sql)?, params)
}

fn fetch(prepared: &mut rusqlite::Statement<'_>, params: &[Value]) -> rusqlite::Result<Vec<Record>> {
    let columns = prepared.column_count();
    let mut rows = prepared.query(params_from_iter(params))?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        records.push(Record::from_sqlite(row, columns)?);
    }
    Ok(records)
}
