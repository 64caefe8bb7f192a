//! Where people come from: a database or a file, read page by page.

use super::FromSuperTokens;
use aws_lc_rs::digest::{Context, SHA256};
use postkey_model::bulk::{BulkFile, BulkUser};
use postkey_store::{SourceLocation, SuperTokens};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

pub enum Source {
    Database { database: Box<SuperTokens>, location: SourceLocation },
    File { rows: Box<BulkFile<BufReader<File>>>, path: PathBuf, read: u64 },
}

/// One person of a source.
pub struct Row {
    /// Where reading goes on behind it.
    pub cursor: String,
    /// What the report calls it.
    pub place: String,
    /// The person, or why there is none.
    pub user: Result<BulkUser, String>,
    /// What could not even be read.
    pub left_out: Vec<String>,
}

impl Source {
    pub async fn open(wish: &FromSuperTokens) -> Result<Self, String> {
        if let Some(path) = &wish.from_file {
            let file = File::open(path).map_err(|e| format!("{}: {e}", path.display()))?;
            return Ok(Source::File {
                rows: Box::new(BulkFile::new(BufReader::with_capacity(1 << 16, file))),
                path: path.clone(),
                read: 0,
            });
        }
        let url = wish.from_database.as_deref().unwrap_or_default();
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err("--from-database takes the URL of a PostgreSQL database: postgres://…".to_owned());
        }
        let mut location = SourceLocation::new(url);
        (location.schema, location.prefix, location.app) = (wish.schema.clone(), wish.table_prefix.clone(), wish.app.clone());
        let database = SuperTokens::open(&location).await.map_err(|e| format!("the SuperTokens database: {e}"))?;
        eprintln!("a SuperTokens database of {}", database.generation().as_str());
        Ok(Source::Database { database: Box::new(database), location })
    }

    pub fn is_file(&self) -> bool {
        matches!(self, Source::File { .. })
    }

    /// What it is known by in the next run: a database by its place, a file by what stands in it. Holds no password.
    pub fn name(&self, wish: &FromSuperTokens) -> Result<String, String> {
        match self {
            Source::Database { location, .. } => {
                let url = url::Url::parse(&location.url).map_err(|e| format!("--from-database: {e}"))?;
                let (host, port) = (url.host_str().unwrap_or("localhost"), url.port().unwrap_or(5432));
                Ok(format!("supertokens {host}:{port}{} {} {:?} {}", url.path(), location.schema, location.prefix, wish.app))
            }
            Source::File { path, .. } => digest(path).map_err(|e| format!("{}: {e}", path.display())),
        }
    }

    /// How many people there are, where that is known.
    pub async fn count(&self) -> Result<Option<u64>, String> {
        match self {
            Source::Database { database, .. } => database.count_users().await.map(Some).map_err(|e| e.to_string()),
            Source::File { .. } => Ok(None),
        }
    }

    /// The next people behind `after`. An empty page is the end.
    pub async fn page(&mut self, after: Option<&str>, limit: u32) -> Result<Vec<Row>, String> {
        match self {
            Source::Database { database, .. } => {
                let page = database.users_after(after, limit).await.map_err(|e| format!("the SuperTokens database: {e}"))?;
                let row = |one: postkey_store::SourceUser| Row {
                    cursor: one.id.clone(),
                    place: one.id,
                    user: Ok(one.user),
                    left_out: one.left_out,
                };
                Ok(page.into_iter().map(row).collect())
            }
            Source::File { rows, path, read } => {
                let after: u64 = after.and_then(|after| after.parse().ok()).unwrap_or_default();
                let mut page = Vec::new();
                while page.len() < limit as usize {
                    let Some(row) = rows.next() else { break };
                    let row = row.map_err(|e| format!("{}: {e}", path.display()))?;
                    *read = row.number;
                    if row.number > after {
                        let cursor = row.number.to_string();
                        page.push(Row { place: format!("user {cursor} of the file"), cursor, user: row.user, left_out: Vec::new() });
                    }
                }
                Ok(page)
            }
        }
    }
}

fn digest(path: &Path) -> std::io::Result<String> {
    let (mut file, mut hash, mut buffer) = (File::open(path)?, Context::new(&SHA256), vec![0; 1 << 16]);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
    }
    let hex: String = hash.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("file {hex}"))
}
