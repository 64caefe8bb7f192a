//! `load`: what a login and a refresh cost with few users and with many. Two servers stand side by side, one on each
//! database, and are measured in turn, so that a slow minute of the machine falls on both.

use crate::crowd::Crowd;
use crate::login::{People, Row as Measured, measure};
use crate::post::Post;
use crate::refresh;
use crate::results::{Results, Row};
use crate::target::Target;
use postkey_bench::Server;
use std::io::Result;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many users the one database has that is compared with.
const FEW: u64 = 1000;
/// How many people of the many sign in: as many as there is time for, by far.
const SIGNING_IN: u64 = 300_000;

/// How many sessions are refreshed in turn, on either side; the few users have as many. None is refreshed so often that the
/// server would repeat itself instead of writing.
const REFRESHED: u64 = 200_000;

/// How much is measured.
pub struct Size {
    /// Users of the large database.
    pub users: u64,
    /// Its sessions.
    pub sessions: u64,
    /// How many browsers at once.
    pub clients: usize,
    /// How long each turn takes.
    pub seconds: u64,
    /// How many turns each database has.
    pub turns: usize,
}

/// Runs and prints.
pub async fn bench(results: &Results, target: &Target, size: &Size) -> Result<()> {
    target.print();
    let few = Side::new(results, &target.beside("few"), FEW, REFRESHED.min(size.sessions)).await?;
    let many = Side::new(results, &target.beside("many"), size.users, size.sessions).await?;
    let mut sides = [few, many];
    let time = Duration::from_secs(size.seconds);
    let (mut logins, mut refreshes) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for turn in 0..size.turns {
        // The one that is first has no advantage: it changes with each turn.
        for at in if turn % 2 == 0 { [0, 1] } else { [1, 0] } {
            let side = &mut sides[at];
            logins[at].push(measure(&side.server, &side.post, &side.people, size.clients, time).await?);
            let tokens = std::mem::take(&mut side.tokens);
            let (tokens, row) = refresh::measure(&side.server, tokens, size.clients, time).await?;
            side.tokens = tokens;
            refreshes[at].push(row);
        }
    }
    for (what, rows) in [("login", logins), ("refresh", refreshes)] {
        let [few, many] = rows.map(Sum::of);
        for (name, unit, a, b) in [
            ("time", "ms at full load", few.time, many.time),
            ("server CPU", "ms", few.cpu, many.cpu),
            ("median", "ms", few.p50, many.p50),
            ("p99", "ms", few.p99, many.p99),
        ] {
            let line = Row::new()
                .text("engine", target.engine())
                .text("what", format!("{what}: {name}, {unit}"))
                .count("users", size.users)
                .number("with 1,000 users", a)
                .number("with many", b)
                .number("ratio", b / a)
                .count("errors", few.errors + many.errors);
            results.add("scale", line)?;
        }
    }
    for side in &sides {
        let line = Row::new()
            .text("engine", target.engine())
            .count("users", side.crowd.users)
            .number("RSS MiB after", side.server.load()?.rss as f64 / 1024.0)
            .number("most MiB", side.server.load()?.most_rss as f64 / 1024.0);
        results.add("memory", line)?;
    }
    Ok(())
}

/// Only the starts.
pub async fn starts(results: &Results, target: &Target, users: u64, sessions: u64) -> Result<()> {
    target.print();
    let crowd = Crowd::gather(target, users, sessions).await?;
    start(results, target, &crowd).await
}

/// One of the two databases, with a server on it.
struct Side {
    server: Server,
    post: Arc<Post>,
    people: Arc<People>,
    tokens: Vec<String>,
    crowd: Crowd,
}

impl Side {
    async fn new(results: &Results, target: &Target, users: u64, sessions: u64) -> Result<Self> {
        let crowd = Crowd::gather(target, users, sessions).await?;
        let rows = users * 3 + sessions;
        let bytes = crowd.bytes()? as f64;
        let line = Row::new()
            .text("engine", target.engine())
            .count("users", users)
            .count("sessions", sessions)
            .number("seconds", crowd.took.as_secs_f64())
            .number("rows/s", rows as f64 / crowd.took.as_secs_f64())
            .number("MB on disk", bytes / 1e6)
            .number("bytes a session, its share of the user included", bytes / sessions.max(1) as f64);
        results.add("load", line)?;
        start(results, target, &crowd).await?;
        let server = crowd.serve().await?;
        let tokens = crowd.tokens(REFRESHED);
        let signing_in = (0..users.min(SIGNING_IN)).map(|n| if users > SIGNING_IN { n * (users / SIGNING_IN) } else { n });
        let known = signing_in.map(|user| (crowd.email(user), String::new())).collect();
        Ok(Side { post: Post::start(server.client()), people: Arc::new(People::new(0, known)), tokens, server, crowd })
    }
}

/// From the start of a process to its first answer, with the database's pages in memory and without.
async fn start(results: &Results, target: &Target, crowd: &Crowd) -> Result<()> {
    let mut times = [Vec::new(), Vec::new()];
    let mut rss = 0;
    // The very first start makes keys.
    crowd.serve().await?.stop().await?;
    for _ in 0..5 {
        for (cold, times) in [false, true].into_iter().zip(&mut times) {
            if cold && (target.database_url.is_some() || !forget_pages(&crowd.file())) {
                continue;
            }
            let begin = Instant::now();
            let mut server = crowd.serve().await?;
            times.push(begin.elapsed());
            rss = server.load()?.rss;
            server.stop().await?;
        }
    }
    let [warm, cold] = times.map(|mut times| {
        times.sort_unstable();
        times.get(times.len() / 2).map(|time| time.as_secs_f64() * 1000.0)
    });
    let line = Row::new()
        .text("engine", target.engine())
        .count("users", crowd.users)
        .count("sessions", crowd.sessions)
        .number("start ms", warm)
        .number("with the file not in memory", cold)
        .number("RSS MiB at start", rss as f64 / 1024.0);
    results.add("start", line)
}

/// Asks the system to forget a file's pages; false when it cannot be asked.
fn forget_pages(file: &Path) -> bool {
    let done = Command::new("dd").arg(format!("if={}", file.display())).args(["iflag=nocache", "count=0"]).output();
    done.is_ok_and(|done| done.status.success())
}

/// The medians over all turns.
struct Sum {
    time: f64,
    cpu: f64,
    p50: f64,
    p99: f64,
    errors: u64,
}

impl Sum {
    fn of(mut rows: Vec<Measured>) -> Self {
        let mut median = |of: &dyn Fn(&mut Measured) -> f64| {
            let mut values: Vec<f64> = rows.iter_mut().map(of).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied().unwrap_or_default()
        };
        Sum {
            time: median(&|row| row.took.as_secs_f64() * 1000.0 / row.complete.count().max(1) as f64),
            cpu: median(&|row| row.cpu_per_login()),
            p50: median(&|row| row.complete.at(0.5)),
            p99: median(&|row| row.complete.at(0.99)),
            errors: rows.iter().map(|row| row.errors).sum(),
        }
    }
}
