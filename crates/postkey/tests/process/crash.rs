//! Killed at any moment, a server has lost nothing that it acknowledged, and gives nothing twice.
//!
//! Five rounds by default; POSTKEY_CRASH_ROUNDS says otherwise (`scripts/crash-test` asks for a hundred).

use crate::kit::{handle_in, has_session, options, server, signed_in};
use postkey_bench::{Browser, Client, Jar, Server, fields};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const CLIENTS: u64 = 8;
/// A worker that died held its messages at most this long; one more such time is margin.
const CLAIM_LAPSES: Duration = Duration::from_secs(60);

/// What the server acknowledged, and what it must therefore stand by.
#[derive(Default)]
struct Ledger {
    sessions: Vec<Acknowledged>,
    /// Addresses to which a mail was promised and not yet seen.
    promised: Vec<String>,
    /// A right code was sent and no answer came: it may be spent or not.
    in_doubt: Vec<(Jar, String)>,
    refreshes: usize,
}

struct Acknowledged {
    /// The cookies as the session has them now.
    jar: Jar,
    handle: String,
    /// The cookies with which the code was typed, and the code.
    before: Jar,
    code: String,
}

impl Ledger {
    fn join(&mut self, other: Ledger) {
        self.sessions.extend(other.sessions);
        self.promised.extend(other.promised);
        self.in_doubt.extend(other.in_doubt);
        self.refreshes += other.refreshes;
    }
}

/// A small generator of numbers (xorshift64*); the seed is printed, so that a failure can be looked at again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) % below
    }
}

fn rounds() -> u64 {
    #[allow(clippy::disallowed_methods, reason = "how long to test is told by the environment")]
    let told = std::env::var("POSTKEY_CRASH_ROUNDS");
    told.map_or(5, |text| text.parse().expect("POSTKEY_CRASH_ROUNDS is not a number"))
}

/// Logs in and refreshes until the server is gone.
async fn work(mut browser: Browser, mut dice: Dice, names: Arc<AtomicU64>, stop: Arc<AtomicBool>) -> Ledger {
    let mut ledger = Ledger::default();
    while !stop.load(Ordering::Relaxed) {
        if one_login(&mut browser, &names, &mut ledger).await.is_err() {
            break;
        }
        if dice.roll(2) == 0 && refresh_one(&mut browser, &mut dice, &mut ledger).await.is_err() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(dice.roll(30))).await;
    }
    ledger
}

async fn one_login(browser: &mut Browser, names: &AtomicU64, ledger: &mut Ledger) -> std::io::Result<()> {
    browser.jar = Jar::default();
    let email = format!("c{}@example.com", names.fetch_add(1, Ordering::Relaxed));
    let answer = fresh_start(browser, &email).await?;
    assert_eq!(answer.status, 303, "{}", answer.text());
    ledger.promised.push(email.clone());
    let code = loop {
        match browser.mails(&email).await?.first() {
            Some(mail) => break mail.code.clone(),
            None => tokio::time::sleep(Duration::from_millis(3)).await,
        }
    };
    ledger.promised.pop();
    let before = browser.jar.clone();
    match browser.code(&code).await {
        Ok(answer) => {
            assert!(has_session(&answer), "{} {}", answer.status, answer.text());
            let handle = handle_in(&browser.jar);
            ledger.sessions.push(Acknowledged { jar: browser.jar.clone(), handle, before, code });
            Ok(())
        }
        Err(e) => {
            ledger.in_doubt.push((before, code));
            Err(e)
        }
    }
}

/// Opens the start page as a browser without cookies does, and asks for a mail.
async fn fresh_start(browser: &mut Browser, email: &str) -> std::io::Result<postkey_bench::Answer> {
    browser.forget_form();
    browser.start(email).await
}

async fn refresh_one(browser: &mut Browser, dice: &mut Dice, ledger: &mut Ledger) -> std::io::Result<()> {
    let count = ledger.sessions.len() as u64;
    let Some(session) = ledger.sessions.get_mut(dice.roll(count.max(1)) as usize) else { return Ok(()) };
    browser.jar = session.jar.clone();
    let answer = browser.refresh().await?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(handle_in(&browser.jar), session.handle);
    session.jar = browser.jar.clone();
    ledger.refreshes += 1;
    Ok(())
}

fn workers(server: &Server, seed: u64, names: &Arc<AtomicU64>, stop: &Arc<AtomicBool>) -> Vec<tokio::task::JoinHandle<Ledger>> {
    (0..CLIENTS)
        .map(|n| {
            let dice = Dice((seed ^ (n + 1)).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
            tokio::spawn(work(Browser::new(server.public()), dice, names.clone(), stop.clone()))
        })
        .collect()
}

/// Holds the server to what it acknowledged.
async fn check(server: &Server, sessions: &mut [Acknowledged]) {
    let mut browser = Browser::new(server.public());
    for session in sessions {
        browser.jar = session.jar.clone();
        assert_eq!(browser.signed_in().await.unwrap().as_ref(), Some(&session.handle), "an acknowledged session is lost");
        let answer = browser.refresh().await.unwrap();
        assert_eq!(answer.status, 200, "an acknowledged session does not refresh: {}", answer.text());
        session.jar = browser.jar.clone();
        assert_spent(&mut browser, &session.before, &session.code).await;
    }
}

async fn assert_spent(browser: &mut Browser, before: &Jar, code: &str) {
    let again = retype(browser, before, code).await;
    assert!(!has_session(&again), "a code was good twice");
    assert_eq!(again.status, 303, "{}", again.text());
}

/// Types a code with the cookies of then.
async fn retype(browser: &mut Browser, before: &Jar, code: &str) -> postkey_bench::Answer {
    browser.jar = before.clone();
    browser.forget_form();
    browser.open().await.unwrap();
    browser.code(code).await.unwrap()
}

/// Crosses off what has arrived.
async fn collect(server: &Server, promised: &mut Vec<String>) {
    let mails = Browser::new(server.public()).mails("").await.unwrap();
    promised.retain(|email| !mails.iter().any(|mail| mail.to == *email));
}

async fn collect_all(server: &Server, mut promised: Vec<String>) {
    let begin = Instant::now();
    while !promised.is_empty() {
        assert!(begin.elapsed() < CLAIM_LAPSES, "promised and never sent: {promised:?}; {}", server.log());
        tokio::time::sleep(Duration::from_millis(250)).await;
        collect(server, &mut promised).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_it_is_killed() {
    let mut server = server().await;
    let mut dice = Dice(u64::from(std::process::id()) << 20 | 1);
    println!("seed {}", dice.0);
    let (names, mut all) = (Arc::new(AtomicU64::default()), Ledger::default());
    for round in 0..rounds() {
        let stop = Arc::new(AtomicBool::default());
        let tasks = workers(&server, dice.roll(u64::MAX), &names, &stop);
        tokio::time::sleep(Duration::from_millis(30 + dice.roll(900))).await;
        collect(&server, &mut all.promised).await;
        server.kill().unwrap();
        stop.store(true, Ordering::Relaxed);
        let mut ledger = Ledger::default();
        for task in tasks {
            ledger.join(task.await.unwrap());
        }
        if round % 4 == 1 {
            // Killed once more while it starts.
            server.spawn().unwrap();
            tokio::time::sleep(Duration::from_millis(dice.roll(60))).await;
            server.kill().unwrap();
        }
        server.start_again().await.unwrap();
        check(&server, &mut ledger.sessions).await;
        for (before, code) in std::mem::take(&mut ledger.in_doubt) {
            let mut browser = Browser::new(server.public());
            // Spent or not: once it was typed again and answered, it is.
            retype(&mut browser, &before, &code).await;
            assert_spent(&mut browser, &before, &code).await;
        }
        all.join(ledger);
        // Some of those from before, too.
        let known = all.sessions.len();
        for _ in 0..known.min(10) {
            let at = dice.roll(known as u64) as usize;
            check(&server, &mut all.sessions[at..=at]).await;
        }
        collect(&server, &mut all.promised).await;
    }
    println!("{} sessions, {} refreshes, {} mails still to come", all.sessions.len(), all.refreshes, all.promised.len());
    assert!(!all.sessions.is_empty());
    collect_all(&server, all.promised).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asked_to_stop_it_finishes_what_it_began() {
    let mut server = server().await;
    let (names, stop) = (Arc::new(AtomicU64::default()), Arc::new(AtomicBool::default()));
    let tasks = workers(&server, 7, &names, &stop);
    tokio::time::sleep(Duration::from_millis(300)).await;
    // Requests that are half here when the signal comes.
    let mut halves = Vec::new();
    for n in 0..4 {
        halves.push(Half::begin(&server, &format!("half{n}@example.com")).await);
    }
    // The server answers others after it took the halves in: it has them.
    signed_in(&server, "between@example.com").await;
    server.signal("TERM").unwrap();
    let mut outside = Client::new(server.public(), "localhost");
    while outside.send("GET", "/health", &[], None).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
        outside = Client::new(server.public(), "localhost");
    }
    for half in &mut halves {
        half.finish().await;
    }
    assert_eq!(server.stop().await.unwrap().code(), Some(0), "{}", server.log());
    let mut ledger = Ledger::default();
    for task in tasks {
        ledger.join(task.await.unwrap());
    }
    server.start_again().await.unwrap();
    check(&server, &mut ledger.sessions).await;
    ledger.promised.extend((0..4).map(|n| format!("half{n}@example.com")));
    collect_all(&server, ledger.promised).await;
}

/// A request of which a part is sent before the server is asked to stop, and the rest after.
struct Half {
    stream: tokio::net::TcpStream,
    rest: Vec<u8>,
}

impl Half {
    async fn begin(server: &Server, email: &str) -> Half {
        let mut browser = Browser::new(server.public());
        browser.open().await.unwrap();
        let body = fields(&[("email", email), ("form", browser.form())]);
        let head = format!(
            "POST /auth/_/start HTTP/1.1\r\nhost: localhost\r\ncookie: {}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n",
            browser.jar.header("/auth/_/start"),
            body.len()
        );
        let stream = tokio::net::TcpStream::connect(server.public()).await.unwrap();
        stream.writable().await.unwrap();
        assert_eq!(stream.try_write(head.as_bytes()).unwrap(), head.len());
        Half { stream, rest: body.into_bytes() }
    }

    async fn finish(&mut self) {
        self.stream.writable().await.unwrap();
        assert_eq!(self.stream.try_write(&self.rest).unwrap(), self.rest.len());
        let mut answer = Vec::new();
        while !answer.windows(4).any(|four| four == b"\r\n\r\n") {
            self.stream.readable().await.unwrap();
            let mut part = [0; 4096];
            match self.stream.try_read(&mut part) {
                Ok(0) => panic!("a request in flight was dropped: {}", String::from_utf8_lossy(&answer)),
                Ok(n) => answer.extend_from_slice(&part[..n]),
                Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(e) => panic!("a request in flight was dropped: {e}"),
            }
        }
        assert!(answer.starts_with(b"HTTP/1.1 303"), "{}", String::from_utf8_lossy(&answer));
    }
}

/// The options are the usual ones, but for limits on sending: the test above stands for what people run.
#[test]
fn crashes_are_tried_with_the_usual_settings() {
    assert!(options().database_url.is_none() && options().args.is_empty());
}
