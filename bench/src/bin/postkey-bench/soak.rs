//! `soak`: one process does very many logins: whether its memory stays, what its file grows by, and whether the room of
//! rows that were cleared away is used again.

use crate::crowd::{now, size_of};
use crate::login::{People, measure_after};
use crate::post::Post;
use crate::results::{Results, Row};
use crate::target::Target;
use postkey_bench::{Options, Server};
use postkey_model::{Change, Millis, Timestamp, Yield};
use postkey_store::{Location, Store, Table, Walk};
use std::io::{Error, Result};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long each look takes before the logins are counted.
const LOOK: Duration = Duration::from_secs(2);
/// How many times memory and file are written down.
const MARKS: u64 = 10;
/// Long enough for every row that ever ends to have ended.
const LATER: Millis = Millis::from_hours(24 * 4000);
/// Rows cleared by one commit.
const WINDOW: i64 = 4096;

/// Runs and prints.
pub async fn bench(results: &Results, target: &Target, logins: u64, clients: usize) -> Result<()> {
    target.print();
    let folder = std::env::temp_dir().join(format!("postkey-soak-{}", std::process::id()));
    let outcome = soak(results, target, &folder, logins, clients).await;
    let _ = std::fs::remove_dir_all(&folder);
    outcome
}

async fn soak(results: &Results, target: &Target, folder: &Path, logins: u64, clients: usize) -> Result<()> {
    let file = folder.join("data").join("postkey.db");
    let mut server = Server::start(Options { folder: Some(folder.to_owned()), ..target.options() }).await?;
    let people = Arc::new(People::new(10, Vec::new()));
    let step = (logins / MARKS).max(1);
    let (mut memory, mut all) = (Vec::new(), 0);
    let post = Post::start(server.client());
    for mark in 0..MARKS {
        let done = sign_in_times(&server, &post, &people, clients, step).await?;
        let rss = server.load()?.rss as f64 / 1024.0;
        memory.push(rss);
        all += done.logins;
        results.add("soak", line(&format!("{}0 %", mark + 1), &done, rss, size_of(&file)?))?;
    }
    let growth = memory.last().copied().unwrap_or_default() / memory.get(1).copied().unwrap_or(1.0);
    server.stop().await?;
    let before = size_of(&file)?;
    let begin = Instant::now();
    let cleared = clear(&file).await?;
    let took = begin.elapsed().as_secs_f64();
    let after = size_of(&file)?;
    server.start_again().await?;
    let post = Post::start(server.client());
    let done = sign_in_times(&server, &post, &people, clients, step).await?;
    let rss = server.load()?.rss as f64 / 1024.0;
    results.add("soak", line("cleared, and a tenth more", &done, rss, size_of(&file)?))?;
    let row = Row::new()
        .count("logins", all)
        .number("memory at 100 % ÷ at 20 %", growth)
        .number("file MB before clearing", before as f64 / 1e6)
        .number("bytes/login", before as f64 / all as f64)
        .count("rows cleared", cleared)
        .number("rows cleared/s", cleared as f64 / took)
        .number("file MB after", after as f64 / 1e6)
        .number("and a tenth more logins after", size_of(&file)? as f64 / 1e6);
    results.add("growth", row)
}

/// What one step did.
struct Done {
    logins: u64,
    errors: u64,
    took: Duration,
}

/// Goes on until `times` logins are done, and to the end of the look that is under way then.
async fn sign_in_times(server: &Server, post: &Arc<Post>, people: &Arc<People>, clients: usize, times: u64) -> Result<Done> {
    let mut done = Done { logins: 0, errors: 0, took: Duration::ZERO };
    while done.logins < times {
        let row = measure_after(Duration::ZERO, server, post, people, clients, LOOK).await?;
        done.logins += row.complete.count() as u64;
        done.errors += row.errors;
        done.took += row.took;
        if row.complete.count() == 0 {
            return Err(Error::other("nobody can sign in any more"));
        }
    }
    Ok(done)
}

fn line(at: &str, done: &Done, rss: f64, file: u64) -> Row {
    Row::new()
        .text("at", at)
        .count("logins in this part", done.logins)
        .number("logins/s", done.logins as f64 / done.took.as_secs_f64())
        .number("RSS MiB", rss)
        .number("file and log, MB", file as f64 / 1e6)
        .count("errors", done.errors)
}

/// Clears away all that is dead in a few years, with the changes of the server's own clean-up. Answers how many rows.
async fn clear(file: &Path) -> Result<u64> {
    let begin = now()?;
    let store = Store::open(&Location::Sqlite(file.to_owned()), begin).await.map_err(Error::other)?;
    let before: Timestamp = begin + LATER;
    let mut count = 0;
    for table in [Table::SignIns, Table::Sessions, Table::Budgets] {
        let mut walk = Walk::default();
        loop {
            let (rows, next) = store.dead_rows(table, &walk, before, WINDOW).await.map_err(Error::other)?;
            if rows.is_empty() {
                break;
            }
            count += rows.len() as u64;
            store.commit(vec![Change::Forgotten { rows, before }]).await.map_err(Error::other)?;
            // What was found is gone: a walk from the beginning finds what is left.
            walk = if matches!(table, Table::SignIns) { Walk::default() } else { next };
        }
    }
    loop {
        let change = Change::Cleared { table: postkey_model::Old::Events, before, limit: WINDOW };
        let yields = store.commit(vec![change]).await.map_err(Error::other)?;
        let gone = yields.first().and_then(Yield::count).unwrap_or_default();
        count += u64::try_from(gone).unwrap_or_default();
        if gone < WINDOW {
            break;
        }
    }
    store.close().await;
    Ok(count)
}
