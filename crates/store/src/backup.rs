//! Copies of a whole SQLite database: made while servers write to it, checked, and put in the place of another.
//!
//! A copy is one read of SQLite's own (`VACUUM INTO`): it sees the database as it was at one moment, and write-ahead
//! logging lets logins go on meanwhile. It is written under another name, checked and flushed before it gets its own.

use crate::sqlite::{make_private, taken};
use crate::{OpenError, migrate};
use postkey_model::Sealed;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error;

/// Why a copy was not made, or not put in place. Whatever stood there before stands there still.
#[derive(Debug, Error)]
pub enum BackupError {
    /// A file could not be read or written.
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
    /// SQLite could not read or write it.
    #[error("{0}: {1}")]
    Engine(PathBuf, rusqlite::Error),
    /// There is a file of that name, and it was not said that it may go.
    #[error("{0} is there already: choose another name, or add --force to replace it")]
    Exists(PathBuf),
    /// It is a database, and none of ours.
    #[error("{0} is no Postkey database")]
    Foreign(PathBuf),
    /// SQLite's own check found something.
    #[error("{0} is damaged: {1}")]
    Damaged(PathBuf, String),
    /// Its schema is not one that we can use.
    #[error("{0}: {1}")]
    Schema(PathBuf, OpenError),
    /// A process has the database open.
    #[error("{0} is in use: stop the server first, and every other command")]
    InUse(PathBuf),
    /// The copy could not be written: where it goes there may be no room.
    #[error("{from} could not be copied into {to}: {why}. Is there room for it?")]
    Copy {
        /// What was read.
        from: PathBuf,
        /// What was written, gone again.
        to: PathBuf,
        /// What SQLite said.
        why: rusqlite::Error,
    },
}

/// What was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Its size in bytes.
    pub bytes: u64,
    /// The schema's migration.
    pub migration: i64,
}

/// A private signing key as it stands in a copy: its place (key set and key id), and the sealed bytes.
pub type SealedKey = ([String; 2], Sealed);

/// Writes a copy of the database at `from`, as it is now, to `to`. Others may write to it meanwhile. The copy gets its
/// name once it is whole, checked and on disk; `replace` says whether it may take the name of a file that is there.
pub fn back_up(from: &Path, to: &Path, replace: bool) -> Result<Copied, BackupError> {
    if to.exists() && !replace {
        return Err(BackupError::Exists(to.to_owned()));
    }
    let draft = Draft::copy(from, to)?;
    let placed = match replace {
        true => std::fs::rename(&draft.path, to),
        false => give_name(&draft.path, to),
    };
    placed.and_then(|()| flush_folder(to)).map_err(|e| match e.kind() {
        std::io::ErrorKind::AlreadyExists => BackupError::Exists(to.to_owned()),
        _ => BackupError::File(to.to_owned(), e),
    })?;
    Ok(draft.copied)
}

/// A copy that stands ready beside the database whose place it is to take. Dropped, it goes away.
pub struct Restoring {
    draft: Draft,
    database: PathBuf,
}

/// Makes a checked copy of `source` beside `database`.
pub fn restore(source: &Path, database: &Path) -> Result<Restoring, BackupError> {
    if let Some(folder) = database.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|e| BackupError::File(folder.to_owned(), e))?;
    }
    Ok(Restoring { draft: Draft::copy(source, database)?, database: database.to_owned() })
}

impl Restoring {
    /// What it is.
    pub fn copied(&self) -> Copied {
        self.draft.copied
    }

    /// Its signing keys: they tell whether a secret key fits.
    pub fn signing_keys(&self) -> Result<Vec<SealedKey>, BackupError> {
        let path = &self.draft.path;
        let read = |connection: Connection| {
            let mut statement = connection.prepare("SELECT key_set, kid, sealed FROM signing_keys ORDER BY key_set, number")?;
            statement
                .query_map([], |row| Ok(([row.get(0)?, row.get(1)?], Sealed::stored(row.get(2)?))))?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read(look_into(path)?).map_err(|e| BackupError::Engine(path.clone(), e))
    }

    /// Puts it in the database's place. What stood there is kept as `aside`; it must not be in use. Answers whether anything did:
    /// a write-ahead log without its database counts, for SQLite would take it for the new one's.
    pub fn put_in_place(self, aside: &Path) -> Result<bool, BackupError> {
        let database = &self.database;
        let wrong = |e| BackupError::File(database.clone(), e);
        let was_there = database.exists();
        // Held until the end: who opens it in between is told that it is locked.
        let _held = if was_there { claim(database)? } else { None };
        let mut is_kept = false;
        for companion in ["-wal", "-shm", "-journal", ""] {
            let (from, to) = (with_ending(database, companion), with_ending(aside, companion));
            if from.exists() {
                give_name(&from, &to).map_err(wrong)?;
                is_kept = true;
                if !companion.is_empty() && from.exists() {
                    std::fs::remove_file(&from).map_err(wrong)?;
                }
            }
        }
        match was_there {
            true => std::fs::rename(&self.draft.path, database),
            false => give_name(&self.draft.path, database),
        }
        .and_then(|()| flush_folder(database))
        .map_err(wrong)?;
        Ok(is_kept)
    }
}

/// A copy that has no name of its own yet.
struct Draft {
    path: PathBuf,
    copied: Copied,
}

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Draft {
    fn copy(from: &Path, to: &Path) -> Result<Self, BackupError> {
        let reading = look_into(from)?;
        let path = with_ending(to, &format!(".part-{}", std::process::id()));
        let file = |e| BackupError::File(path.clone(), e);
        // Only a process of this number that broke off can have left one.
        let _ = std::fs::remove_file(&path);
        let mut draft = Draft { path: path.clone(), copied: Copied { bytes: 0, migration: 0 } };
        make_private(&path).map_err(file)?;
        let name = path.to_str().ok_or_else(|| file(std::io::Error::other("its name is not UTF-8")))?;
        reading.execute("VACUUM INTO ?1", [name]).map_err(|e| match engine(from, e) {
            // Which of the two it was, SQLite does not say.
            BackupError::Engine(from, why) => BackupError::Copy { from, to: to.to_owned(), why },
            known => known,
        })?;
        // That it is on the disk is our work.
        let written = File::open(&path).and_then(|file| file.sync_all().and_then(|()| file.metadata())).map_err(file)?;
        draft.copied = Copied { bytes: written.len(), migration: examine(&path)? };
        Ok(draft)
    }
}

/// Checks a database that nobody writes to; answers its migration.
fn examine(path: &Path) -> Result<i64, BackupError> {
    let connection = look_into(path)?;
    let verdict: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(|e| engine(path, e))?;
    if verdict != "ok" {
        return Err(BackupError::Damaged(path.to_owned(), verdict));
    }
    let steps = taken(&connection).map_err(|e| engine(path, e))?;
    Ok(steps.last().map_or(0, |(number, _)| *number))
}

/// Opens a database of ours, of a schema that we know, for reading.
pub(crate) fn look_into(path: &Path) -> Result<Connection, BackupError> {
    if !path.exists() {
        return Err(BackupError::File(path.to_owned(), std::io::ErrorKind::NotFound.into()));
    }
    let wrong = |e| engine(path, e);
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(wrong)?;
    connection.busy_timeout(Duration::from_secs(10)).map_err(wrong)?;
    let ours: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_master WHERE name = 'migrations'", [], |row| row.get(0)).map_err(wrong)?;
    let steps = if ours == 0 { Vec::new() } else { taken(&connection).map_err(wrong)? };
    if steps.is_empty() {
        return Err(BackupError::Foreign(path.to_owned()));
    }
    migrate::missing(&steps).map_err(|e| BackupError::Schema(path.to_owned(), e))?;
    Ok(connection)
}

/// Makes sure that nobody else has the database open, and keeps it so. What is no database any more is nobody's.
pub(crate) fn claim(path: &Path) -> Result<Option<Connection>, BackupError> {
    let claimed = Connection::open(path).and_then(|connection| {
        connection.busy_timeout(Duration::ZERO)?;
        // Leaving write-ahead logging is for whoever is alone with the file, and folds the log into it.
        let mode: String = connection.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0))?;
        connection.execute_batch("BEGIN EXCLUSIVE")?;
        Ok((connection, mode))
    });
    match claimed {
        Ok((connection, mode)) if mode == "delete" => Ok(Some(connection)),
        Ok(_) => Err(BackupError::InUse(path.to_owned())),
        Err(e) => match e.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Err(BackupError::InUse(path.to_owned())),
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Ok(None),
            _ => Err(engine(path, e)),
        },
    }
}

fn engine(path: &Path, e: rusqlite::Error) -> BackupError {
    match e.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => BackupError::Foreign(path.to_owned()),
        Some(ErrorCode::DatabaseCorrupt) => BackupError::Damaged(path.to_owned(), e.to_string()),
        _ => BackupError::Engine(path.to_owned(), e),
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Gives a file another name, and never takes the place of a file that is there. It keeps its own name beside, unless the file
/// system has no links.
fn give_name(from: &Path, to: &Path) -> std::io::Result<()> {
    match std::fs::hard_link(from, to) {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => move_to_new(from, to),
        linked => linked,
    }
}

/// Moves a file to a name that nobody has.
fn move_to_new(from: &Path, to: &Path) -> std::io::Result<()> {
    File::options().write(true).create_new(true).open(to)?;
    std::fs::rename(from, to).inspect_err(|_| {
        let _ = std::fs::remove_file(to);
    })
}

/// Names last only once their folder is on the disk.
fn flush_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_no_links_are_a_file_moves_and_takes_nobody_s_place() {
        let folder = tempfile::tempdir().unwrap();
        let [from, to, gone] = ["from", "to", "gone"].map(|name| folder.path().join(name));
        std::fs::write(&from, "new").unwrap();
        std::fs::write(&to, "old").unwrap();
        assert_eq!(move_to_new(&from, &to).unwrap_err().kind(), std::io::ErrorKind::AlreadyExists);
        assert_eq!((std::fs::read(&from).unwrap(), std::fs::read(&to).unwrap()), (b"new".to_vec(), b"old".to_vec()));
        std::fs::remove_file(&to).unwrap();
        move_to_new(&from, &to).unwrap();
        assert_eq!((from.exists(), std::fs::read(&to).unwrap()), (false, b"new".to_vec()));
        assert!(move_to_new(&from, &gone).is_err());
        assert!(!gone.exists(), "an empty file is left over");
    }
}
