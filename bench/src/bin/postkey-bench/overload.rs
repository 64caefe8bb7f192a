//! `overload`: many times more is asked for than the server can do. Requests leave at their times whether or not those
//! before were answered (an open loop). The server is held on one core, so that the generator has the other.

use crate::login::sign_in;
use crate::post::Post;
use crate::results::{Results, Row};
use crate::target::Target;
use postkey_bench::{Browser, Client, Options, Server, Spread, fields};
use std::io::{Error, Result};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const PATH: &str = "/auth/_/start";
const FORM: &str = "application/x-www-form-urlencoded";
/// How many ask at once while it is measured what the server can do.
const CLOSED: usize = 64;
/// A request that is this late when its turn comes is not sent: the generator is no faster.
const TOO_LATE: Duration = Duration::from_millis(50);

/// How requests are sent.
#[derive(Clone, Copy)]
struct Pace {
    /// Requests a second; 0: each as soon as the one before was answered.
    rate: f64,
    /// How many connections.
    connections: usize,
    time: Duration,
}

/// What came of them.
#[derive(Default)]
struct Outcome {
    accepted: Spread,
    refused: Spread,
    limited: u64,
    errors: u64,
    sent: u64,
    /// How late requests left: more than a millisecond or two, and the generator is what was measured.
    late: Spread,
}

/// Runs and prints.
pub async fn bench(results: &Results, target: &Target, times: u64, connections: usize, seconds: u64) -> Result<()> {
    target.print();
    target.empty_database()?;
    let pinned = Command::new("taskset").args(["-c", "0", "true"]).status().is_ok_and(|status| status.success());
    let launcher = if pinned { ["taskset", "-c", "0"].map(str::to_owned).to_vec() } else { Vec::new() };
    let server = Server::start(Options { launcher, ..target.options() }).await?;
    tokio::spawn(empty(server.client()));
    let time = Duration::from_secs(seconds);
    let asker = Arc::new(Asker::new(&server).await?);
    // The first second is for pools and caches.
    asker.ask(&server, Pace { rate: 0.0, connections: CLOSED, time: Duration::from_secs(1) }).await?;
    let closed = Pace { rate: 0.0, connections: CLOSED, time };
    let outcome = asker.ask(&server, closed).await?;
    let can = outcome.accepted.count() as f64 / seconds as f64;
    results.add("overload", line(target, &server, "all it can", closed, outcome, None)?)?;
    let open = Pace { rate: can * times as f64, connections, time };
    let outcome = asker.ask(&server, open).await?;
    let begin = Instant::now();
    let post = Post::start(server.client());
    sign_in(&mut Browser::new(server.public()), &post, "afterwards@bench.example.com").await?;
    let after = begin.elapsed();
    results.add("overload", line(target, &server, &format!("{times} times"), open, outcome, Some(after))?)
}

fn line(target: &Target, server: &Server, asked: &str, pace: Pace, mut outcome: Outcome, after: Option<Duration>) -> Result<Row> {
    let seconds = pace.time.as_secs_f64();
    let sent = outcome.sent.max(1) as f64;
    Ok(Row::new()
        .text("engine", target.engine())
        .text("asked for", asked)
        .count("connections", pace.connections as u64)
        .number("offered/s", (pace.rate > 0.0).then_some(pace.rate))
        .number("sent/s", outcome.sent as f64 / seconds)
        .number("left late, p99 ms", (pace.rate > 0.0).then(|| outcome.late.at(0.99)))
        .number("accepted/s", outcome.accepted.count() as f64 / seconds)
        .number("p50 ms", outcome.accepted.at(0.5))
        .number("p99 ms", outcome.accepted.at(0.99))
        .number("% refused (503)", outcome.refused.count() as f64 * 100.0 / sent)
        .number("503 p50 ms", outcome.refused.at(0.5))
        .number("503 p99 ms", outcome.refused.at(0.99))
        .count("429", outcome.limited)
        .count("errors", outcome.errors)
        .number("RSS MiB", server.load()?.rss as f64 / 1024.0)
        .number("a login right after, ms", after.map(|time| time.as_secs_f64() * 1000.0)))
}

/// Asks for codes. The token of one form serves all requests.
struct Asker {
    form: String,
    /// The beginning of every request.
    head: String,
    number: AtomicU64,
}

impl Asker {
    async fn new(server: &Server) -> Result<Self> {
        let mut browser = Browser::new(server.public());
        browser.open().await?;
        let (host, cookie) = (server.public().port(), browser.jar.header(PATH));
        let head = format!("POST {PATH} HTTP/1.1\r\nhost: localhost:{host}\r\ncookie: {cookie}\r\ncontent-type: {FORM}\r\n");
        Ok(Asker { form: browser.form().to_owned(), head, number: AtomicU64::new(0) })
    }

    async fn ask(self: &Arc<Self>, server: &Server, pace: Pace) -> Result<Outcome> {
        // All are open before it begins: how fast a system takes new connections is another question.
        let mut clients = Vec::with_capacity(pace.connections);
        for _ in 0..pace.connections {
            let mut client = server.client();
            client.connect().await?;
            clients.push(client);
        }
        let begin = Instant::now() + Duration::from_millis(100);
        let turn = Arc::new(AtomicU64::new(0));
        let ask = |client| tokio::spawn(self.clone().ask_until(client, turn.clone(), pace, begin));
        let tasks: Vec<_> = clients.into_iter().map(ask).collect();
        let mut all = Outcome::default();
        for task in tasks {
            let one = task.await.map_err(Error::other)?;
            all.accepted.join(one.accepted);
            all.refused.join(one.refused);
            all.limited += one.limited;
            all.errors += one.errors;
            all.sent += one.sent;
            all.late.join(one.late);
        }
        Ok(all)
    }

    async fn ask_until(self: Arc<Self>, mut client: Client, turn: Arc<AtomicU64>, pace: Pace, begin: Instant) -> Outcome {
        let mut outcome = Outcome::default();
        let end = begin + pace.time;
        loop {
            if pace.rate > 0.0 {
                let due = begin + Duration::from_secs_f64(turn.fetch_add(1, Ordering::Relaxed) as f64 / pace.rate);
                if due >= end {
                    return outcome;
                }
                tokio::time::sleep_until(due.into()).await;
                let late = due.elapsed();
                if late > TOO_LATE {
                    continue;
                }
                outcome.late.add(late);
            }
            let from = Instant::now();
            if from >= end {
                return outcome;
            }
            outcome.sent += 1;
            match self.once(&mut client).await {
                Ok(303) => outcome.accepted.add(from.elapsed()),
                Ok(503) => outcome.refused.add(from.elapsed()),
                Ok(429) => outcome.limited += 1,
                odd => {
                    if outcome.errors == 0 {
                        eprintln!("overload: {odd:?}");
                    }
                    outcome.errors += 1;
                }
            }
        }
    }

    async fn once(&self, client: &mut Client) -> Result<u16> {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let [.., a, b, c] = number.to_be_bytes();
        let network = format!("10.{a}.{b}.{c}");
        let email = format!("o{number}@bench.example.com");
        let body = fields(&[("email", &email), ("form", &self.form)]);
        let head = format!("x-forwarded-for: {network}\r\ncontent-length: {}\r\n\r\n", body.len());
        client.status(&[self.head.as_bytes(), head.as_bytes(), body.as_bytes()].concat()).await
    }
}

/// Nobody types these codes: takes them away, so that they do not count as the server's memory.
async fn empty(mut client: Client) {
    loop {
        let _ = client.send("GET", "/dev/discarded.json", &[], None).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
