//! `postkey copy`: everything from one database to another, also of the other engine.

use crate::clients::moment;
use crate::system::SystemClock;
use clap::Args;
use postkey_model::Clock;
use postkey_store::{Location, SourceUse, TableCopied};
use std::time::{Duration, Instant};

/// How often a copy says how far it is.
const EVERY: Duration = Duration::from_secs(2);

#[derive(Args)]
pub struct Copy {
    /// The database to read: a file, sqlite:PATH or postgres://…. No server may use it.
    #[arg(long, value_name = "DATABASE")]
    from: String,
    /// The database to fill: a file that is not there, or an empty PostgreSQL database; or where a copy broke off.
    #[arg(long, value_name = "DATABASE")]
    to: String,
}

/// `postkey copy`
pub async fn copy(wish: &Copy) -> Result<(), String> {
    let (from, to) = (location("--from", &wish.from)?, location("--to", &wish.to)?);
    let begin = Instant::now();
    let mut said = Instant::now();
    let progress = |table: &TableCopied| {
        if said.elapsed() >= EVERY {
            said = Instant::now();
            let doing = if table.is_verified { "compared" } else { "copied" };
            eprintln!("{}  {}: {} rows {doing}", moment(SystemClock.now()), table.table, table.checksum.rows);
        }
    };
    let done = postkey_store::copy(&from, &to, SourceUse::Alone, SystemClock.now(), progress).await.map_err(|e| e.to_string())?;
    println!("{:<20} {:>12}  checksum, the same in both", "table", "rows");
    for table in &done {
        println!("{:<20} {:>12}  {}", table.table, table.checksum.rows, table.checksum.to_hex());
    }
    let rows: u64 = done.iter().map(|table| table.checksum.rows).sum();
    println!("{rows} rows in {} tables, in {:.1} s", done.len(), begin.elapsed().as_secs_f64());
    println!("now set database_url to the new database and start the server with the same secret key");
    Ok(())
}

/// A database's URL, or the path of a SQLite file.
fn location(option: &str, text: &str) -> Result<Location, String> {
    if text.contains("://") || text.starts_with("sqlite:") {
        return Location::parse(text).map_err(|e| format!("{option}: {e}"));
    }
    Location::parse(&format!("sqlite:{text}")).map_err(|e| format!("{option}: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_file_and_a_url_is_read() {
        let file = Ok(Location::Sqlite("data/postkey.db".into()));
        assert_eq!(location("--to", "data/postkey.db"), file);
        assert_eq!(location("--to", "sqlite:data/postkey.db"), file);
        assert_eq!(location("--to", "postgres://db/postkey"), Ok(Location::Postgres("postgres://db/postkey".to_owned())));
        assert!(location("--to", "mysql://db/postkey").unwrap_err().contains("--to: a database URL begins with"));
    }
}
