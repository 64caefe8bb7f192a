//! `login`: whole logins over HTTP, nine of ten by users who were here before.

use crate::post::Post;
use crate::results::{Results, Row as Line};
use crate::target::Target;
use postkey_bench::{Browser, Client, Load, Server, Spread};
use std::io::{Error, Result};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The cookie of a browser that signed in before; it goes with its user.
const DEVICE: &str = "pk_device";
/// Cookies of the session itself: a person who signs in again has none that counts.
pub const SESSION: [&str; 4] = ["sAccessToken", "sRefreshToken", "sFrontToken", "st-last-access-token-update"];
/// How long nobody measures, so that pools and caches are warm.
const WARM_UP: Duration = Duration::from_millis(1500);
/// A code that takes longer is lost.
const LATE: Duration = Duration::from_secs(10);

/// Who signs in.
#[derive(Default)]
pub struct People {
    /// Those who were here before: address and trusted-device cookie.
    known: Mutex<Vec<(String, String)>>,
    made: AtomicU64,
    /// Of a hundred logins, how many are first ones.
    newcomers: u64,
}

impl People {
    /// People of whom `newcomers` of a hundred come for the first time, beside those `known`.
    pub fn new(newcomers: u64, known: Vec<(String, String)>) -> Self {
        People { known: Mutex::new(known), made: AtomicU64::default(), newcomers }
    }

    fn known(&self) -> MutexGuard<'_, Vec<(String, String)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self, dice: &mut Dice) -> (String, String) {
        let mut known = self.known();
        if known.is_empty() || dice.roll() % 100 < self.newcomers {
            let number = self.made.fetch_add(1, Ordering::Relaxed);
            return (format!("new{number}.{}@bench.example.com", std::process::id()), String::new());
        }
        let at = dice.roll() as usize % known.len();
        known.swap_remove(at)
    }

    fn back(&self, email: String, device: String) {
        self.known().push((email, device));
    }
}

/// A small generator of numbers that need not be random (xorshift64*).
pub struct Dice(u64);

impl Dice {
    /// Another sequence for each seed.
    pub fn new(seed: u64) -> Self {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32
    }
}

/// What one row measured.
#[derive(Default)]
pub struct Row {
    /// Times of the request that asks for a code.
    pub start: Spread,
    /// Times of the request that ends in a session.
    pub complete: Spread,
    /// Logins that failed.
    pub errors: u64,
    /// What the server used meanwhile.
    pub cpu: Duration,
    /// What the server wrote meanwhile.
    pub written: u64,
    /// Its memory at the end, KiB.
    pub rss: u64,
    /// What the generator itself used.
    pub own_cpu: Duration,
    /// How long it was measured.
    pub took: Duration,
    /// What was committed meanwhile, where somebody looked.
    pub commits: f64,
    /// In how many groups: each is made safe on disk once.
    pub groups: f64,
}

impl Row {
    /// Server CPU per login, in milliseconds.
    pub fn cpu_per_login(&self) -> f64 {
        self.cpu.as_secs_f64() * 1000.0 / self.complete.count().max(1) as f64
    }
}

/// Runs and prints.
pub async fn bench(results: &Results, target: &Target, clients: &[usize], seconds: u64) -> Result<()> {
    target.print();
    let server = target.start().await?;
    let people = Arc::new(People::new(10, Vec::new()));
    let post = Post::start(server.client());
    for count in clients {
        let row = measure(&server, &post, &people, *count, Duration::from_secs(seconds)).await?;
        results.add("login", line(target, *count, row))?;
    }
    Ok(())
}

/// A row of the table of logins.
pub fn line(target: &Target, clients: usize, mut row: Row) -> Line {
    let logins = row.complete.count().max(1) as f64;
    Line::new()
        .text("engine", target.engine())
        .text("signed with", &target.algorithm)
        .count("clients", clients as u64)
        .number("logins/s", row.complete.count() as f64 / row.took.as_secs_f64())
        .number("ask p50 ms", row.start.at(0.5))
        .number("ask p99 ms", row.start.at(0.99))
        .number("type p50 ms", row.complete.at(0.5))
        .number("type p99 ms", row.complete.at(0.99))
        .number("CPU ms/login", row.cpu_per_login())
        .number("generator's", row.own_cpu.as_secs_f64() * 1000.0 / logins)
        .number("RSS MiB", row.rss as f64 / 1024.0)
        .number("bytes written/login", target.database_url.is_none().then(|| row.written as f64 / logins))
        .number("commits/login", row.commits / logins)
        .number("groups/login", row.groups / logins)
        .count("errors", row.errors)
}

/// Lets `clients` browsers sign in again and again for a while.
pub async fn measure(server: &Server, post: &Arc<Post>, people: &Arc<People>, clients: usize, time: Duration) -> Result<Row> {
    measure_after(WARM_UP, server, post, people, clients, time).await
}

/// The same with another time in which nobody measures.
pub async fn measure_after(
    warm_up: Duration,
    server: &Server,
    post: &Arc<Post>,
    people: &Arc<People>,
    clients: usize,
    time: Duration,
) -> Result<Row> {
    let begin = Instant::now() + warm_up;
    let end = begin + time;
    let mut tasks = Vec::new();
    for number in 0..clients {
        let browser = Browser::new(server.public());
        tasks.push(tokio::spawn(sign_in_until(browser, post.clone(), people.clone(), Dice::new(number as u64 + 1), begin, end)));
    }
    tokio::time::sleep_until(begin.into()).await;
    let (commits, groups) = committed(server).await?;
    let (before, own) = (server.load()?, own_cpu());
    tokio::time::sleep_until(end.into()).await;
    let (after, own_after) = (server.load()?, own_cpu());
    let mut row = used(before, after);
    let (commits_after, groups_after) = committed(server).await?;
    (row.commits, row.groups) = (commits_after - commits, groups_after - groups);
    row.own_cpu = own_after.saturating_sub(own);
    row.took = time;
    for task in tasks {
        let (start, complete, errors) = task.await.map_err(Error::other)?;
        row.start.join(start);
        row.complete.join(complete);
        row.errors += errors;
    }
    Ok(row)
}

/// Commits and their groups so far, as the server's own figures say.
async fn committed(server: &Server) -> Result<(f64, f64)> {
    let figures = Client::new(server.private(), "localhost").send("GET", "/metrics", &[], None).await?.text();
    let figure = |name: &str| {
        let line = figures.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|value| value.trim().parse().ok()).ok_or_else(|| Error::other(format!("/metrics does not say {name}")))
    };
    Ok((figure("postkey_commit_group_size_sum ")?, figure("postkey_commit_group_size_count ")?))
}

/// The difference of two looks.
pub fn used(before: Load, after: Load) -> Row {
    Row { cpu: after.cpu - before.cpu, written: after.written - before.written, rss: after.rss, ..Row::default() }
}

/// CPU that this process used so far.
pub fn own_cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok()).unwrap_or_default();
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}

async fn sign_in_until(
    mut browser: Browser,
    post: Arc<Post>,
    people: Arc<People>,
    mut dice: Dice,
    begin: Instant,
    end: Instant,
) -> (Spread, Spread, u64) {
    let (mut starts, mut completes, mut errors) = (Spread::default(), Spread::default(), 0);
    while Instant::now() < end {
        let (email, device) = people.next(&mut dice);
        browser.jar.set(DEVICE, &device, "/auth");
        let outcome = sign_in(&mut browser, &post, &email).await;
        let now = Instant::now();
        match outcome {
            Ok((start, complete)) => {
                if (begin..end).contains(&now) {
                    starts.add(start);
                    completes.add(complete);
                }
                people.back(email, browser.jar.get(DEVICE).unwrap_or_default().to_owned());
            }
            Err(e) => {
                if errors == 0 {
                    eprintln!("{email}: {e}");
                }
                errors += u64::from(now >= begin);
            }
        }
        for name in SESSION {
            browser.jar.drop(name);
        }
    }
    (starts, completes, errors)
}

/// One login: how long its two requests took.
pub async fn sign_in(browser: &mut Browser, post: &Post, email: &str) -> Result<(Duration, Duration)> {
    browser.open().await?;
    let code = post.wait_for(email);
    let begin = Instant::now();
    let answer = browser.start(email).await?;
    let start = begin.elapsed();
    if answer.status != 303 || browser.jar.get("pk_sign_in").is_none() {
        return Err(Error::other(format!("start: {} {}", answer.status, answer.text())));
    }
    let code = tokio::time::timeout(LATE, code).await.map_err(|_| Error::other("no mail came"))?.map_err(Error::other)?;
    let begin = Instant::now();
    let answer = browser.code(&code).await?;
    let complete = begin.elapsed();
    if answer.status != 303 || answer.cookie("sAccessToken").is_none() {
        return Err(Error::other(format!("complete: {} {}", answer.status, answer.text())));
    }
    Ok((start, complete))
}
