//! E: abuse of connections and bodies: too long, too slow, too many.

use crate::bare::{self, End, Ended, Pour};
use crate::case::{Case, Need, Verdict, When};
use crate::flood::loopback;
use crate::http::Ask;
use crate::world::World;
use futures_util::future::{join_all, try_join_all};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// Idle connections that are wanted.
const IDLE: usize = 10_000;
/// Fewer than this say nothing.
const AT_LEAST: usize = 100;
/// Files that the suite and a server need beside those connections.
const OTHER_FILES: usize = 600;
/// How much more memory a server may hold for one connection that does nothing.
const KIB_EACH: usize = 20;
/// A body that nobody needs.
const BIG: usize = 20 * 1024 * 1024;
/// Whoever sends slowly is hung up on, or answered, by then.
const SLOWEST: Duration = Duration::from_secs(40);
/// Others are served in this time, whatever else goes on.
const SERVED_IN: Duration = Duration::from_secs(5);

/// The cases of this file.
pub fn cases() -> Vec<Case> {
    vec![Case {
        id: "E08",
        tried: "Bodies of 20 MB, bodies that never end, heads and bodies at a byte a second, 10,000 idle connections: refused, cut off, \
                held in 20 KiB each, and others are served meanwhile.",
        needs: &[Need::OwnServers],
        when: When::Last,
        run: |world| Box::pin(e08(world)),
    }]
}

async fn e08(world: &World) -> Result<Verdict, String> {
    let pid = match &world.house {
        Some(house) => house.lock().await.pid(0),
        None => None,
    };
    let (Some(pid), Some(to)) = (pid, bare::place(&world.nodes[0].public)) else {
        return Err("there is no server to look into".to_owned());
    };
    let me = std::process::id();
    let (Some(ours), Some(theirs), Some(before)) = (files_of(me), files_of(pid), memory_of(pid)) else {
        return Ok(Verdict::Skipped("needs /proc, as on Linux".to_owned()));
    };
    let (Some(many), Some(other)) = (loopback([127, 53, 0, 1]), loopback([127, 54, 0, 1])) else {
        return Ok(Verdict::Skipped("needs many addresses of one machine (127.x.y.z, as on Linux)".to_owned()));
    };
    let count = ours.min(theirs).saturating_sub(OTHER_FILES).min(IDLE);
    if count < AT_LEAST {
        return Ok(Verdict::Skipped(format!("needs more open files than {ours} here and {theirs} in the server")));
    }

    let big = big_bodies(world, to).await?;
    let over = AtomicBool::new(false);
    let slow_and_idle = async {
        let both = async { tokio::join!(slow_clients(world, to, many), idle(world, to, many, count, pid, other)) };
        let both = both.await;
        over.store(true, Ordering::Relaxed);
        both
    };
    let ((slow, idle), served) = tokio::join!(slow_and_idle, served(world, other, &over));
    let (slow, idle) = (slow?, idle?);
    let after = memory_of(pid).ok_or("the server is gone")?;

    let mut wrong = judge_big(&big);
    wrong.extend(judge_slow(&slow));
    wrong.extend(judge_idle(before, &idle, count));
    wrong.extend(judge_served(&served));
    let longest = slow.iter().map(|one| one.after.as_secs()).max().unwrap_or_default();
    let told = [
        format!("{} long bodies refused after {} KiB at most", big.len(), big.iter().map(|one| one.sent / 1024).max().unwrap_or_default()),
        format!("{} slow clients ended within {longest} s", slow.len()),
        format!("of {count} idle connections {} stayed open", idle.open),
        format!("memory {} MiB before, {} MiB with them, {} MiB after", before / 1024, idle.memory / 1024, after / 1024),
        format!("{} others served meanwhile, the slowest in {} ms", served.count, served.slowest.as_millis()),
    ];
    if !wrong.is_empty() {
        wrong.push(format!("({})", told.join("; ")));
    }
    Ok(Verdict::unless(&wrong, told.join("; ")))
}

fn head(world: &World, method: &str, path: &str, lines: &[&str]) -> Vec<u8> {
    let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    let origin = &world.origin;
    format!("{method} {path} HTTP/1.1\r\nhost: {}\r\norigin: {origin}\r\nsec-fetch-site: same-origin\r\n{lines}", world.host()).into_bytes()
}

const FORM: &str = "content-type: application/x-www-form-urlencoded";
const JSON: &str = "content-type: application/json";

/// Long bodies at every kind of door, with a length and without one.
async fn big_bodies(world: &World, to: SocketAddr) -> Result<Vec<Ended>, String> {
    let key = format!("api-key: {}", world.api_key);
    let private = world.nodes[0].private.as_ref().and_then(bare::place).ok_or("there is no private listener")?;
    let length = format!("content-length: {BIG}");
    let mut all = Vec::new();
    for (place, path, kind) in [
        (to, "/auth/_/start", FORM),
        (to, "/auth/signinup/code", JSON),
        (to, "/auth/session/refresh", JSON),
        (private, "/public/recipe/signinup/code", JSON),
    ] {
        let host = if place == to { String::new() } else { format!("host: {private}") };
        for body in [length.as_str(), "transfer-encoding: chunked"] {
            let first = match host.as_str() {
                "" => head(world, "POST", path, &[kind, body, ""]),
                host => format!("POST {path} HTTP/1.1\r\n{host}\r\n{key}\r\ncdi-version: 5.4\r\n{kind}\r\n{body}\r\n\r\n").into_bytes(),
            };
            let piece = if body == length { vec![b'a'; 65_536] } else { chunk(65_536) };
            let what = Pour { first, piece, pause: Duration::ZERO, most: BIG, patience: SLOWEST };
            all.push(bare::pour(bare::connect(place, None).await?, &what).await);
        }
    }
    Ok(all)
}

/// A piece of a body without a length.
fn chunk(size: usize) -> Vec<u8> {
    let mut piece = format!("{size:x}\r\n").into_bytes();
    piece.resize(piece.len() + size, b'a');
    piece.extend(b"\r\n");
    piece
}

/// What is wrong with how the server ended those who wanted to send 20 MB.
fn judge_big(all: &[Ended]) -> Vec<String> {
    let mut wrong = Vec::new();
    for one in all {
        match one.by {
            End::Nothing => wrong.push(format!("a long body: no answer in {} s", one.after.as_secs())),
            End::Answer(status) if !(400..500).contains(&status) => wrong.push(format!("a long body was answered with {status}")),
            End::Answer(_) | End::HangUp if one.sent >= BIG => {
                wrong.push("a body of 20 MB was taken whole before it was refused".to_owned())
            }
            End::Answer(_) | End::HangUp => {}
        }
    }
    wrong
}

/// Clients that send a byte a second: the head, the body of a form, of a call; and bodies that never end, a little at a time.
async fn slow_clients(world: &World, to: SocketAddr, from: IpAddr) -> Result<Vec<Ended>, String> {
    let second = Duration::from_secs(1);
    let mut all = Vec::new();
    for _ in 0..20 {
        for (first, piece, pause) in [
            (b"G".to_vec(), b"E".to_vec(), second),
            (head(world, "GET", "/auth", &["x-slow: "]), b"a".to_vec(), second),
            (head(world, "POST", "/auth/_/start", &[FORM, "content-length: 900", ""]), b"a".to_vec(), second),
            (head(world, "POST", "/auth/signinup/code", &[JSON, "content-length: 900", ""]), b"{".to_vec(), second),
            (head(world, "POST", "/auth/_/start", &[FORM, "transfer-encoding: chunked", ""]), chunk(1), second),
            (head(world, "POST", "/auth/_/start", &[FORM, "transfer-encoding: chunked", ""]), chunk(900), second / 4),
        ] {
            // The head's last line is left open where it is the head that is slow.
            let first = if first.ends_with(b"x-slow: \r\n") { first[..first.len() - 2].to_vec() } else { first };
            let stream = bare::connect(to, Some(from)).await?;
            all.push((stream, Pour { first, piece, pause, most: usize::MAX, patience: SLOWEST }));
        }
    }
    Ok(join_all(all.into_iter().map(|(stream, what)| async move { bare::pour(stream, &what).await })).await)
}

/// What is wrong with how long slow clients were put up with.
fn judge_slow(all: &[Ended]) -> Option<String> {
    let left = all.iter().filter(|one| one.by == End::Nothing).count();
    let taken = all.iter().filter(|one| matches!(one.by, End::Answer(status) if status < 400)).count();
    let counts = format!("of {} slow clients {left} were still waited for after {} s, and {taken} served", all.len(), SLOWEST.as_secs());
    (left + taken > 0 || all.is_empty()).then_some(counts)
}

/// What idle connections came to.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Idle {
    /// Still open when all had been opened.
    open: usize,
    /// The server's memory then, in KiB.
    memory: usize,
    /// Why somebody new could not sign in then.
    sign_in: Option<String>,
}

/// Opens connections and does nothing with them; half of them after one request. A twentieth comes from one address (no network may
/// have more than a thousand), the others from two hundred.
async fn idle(world: &World, to: SocketAddr, one: IpAddr, count: usize, pid: u32, other: IpAddr) -> Result<Idle, String> {
    const AT_ONCE: usize = 100;
    let mut all: Vec<TcpStream> = Vec::new();
    let request = head(world, "GET", "/health", &[""]);
    let open = async |at: usize| -> Result<TcpStream, String> {
        let spread = u8::try_from(at % 200).unwrap_or_default();
        let from = if at.is_multiple_of(20) { one } else { IpAddr::from([127, 53, 1, spread + 1]) };
        let stream = bare::connect(to, Some(from)).await?;
        if at.is_multiple_of(2) {
            // Whether it is answered is seen by whether it stays open.
            let _ = stream.try_write(&request);
        }
        Ok(stream)
    };
    for begin in (0..count).step_by(AT_ONCE) {
        let some: Vec<_> = (begin..count.min(begin + AT_ONCE)).map(&open).collect();
        match try_join_all(some).await {
            Ok(some) => all.extend(some),
            // A server may take no more of them: then there is nobody it holds memory for.
            Err(_) => break,
        }
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let memory = memory_of(pid).ok_or("the server is gone")?;
    let sign_in = async {
        let (mut browser, who) = (world.browser_at(0, Some(other))?, world.address("e08"));
        world.sign_in(&mut browser, &who).await
    };
    let sign_in = sign_in.await.err();
    let open = all.iter().filter(|stream| bare::is_open(stream)).count();
    Ok(Idle { open, memory: memory.max(memory_of(pid).unwrap_or_default()), sign_in })
}

/// What is wrong with what idle connections cost. Memory in KiB.
fn judge_idle(before: usize, idle: &Idle, count: usize) -> Vec<String> {
    let mut wrong = Vec::new();
    let more = idle.memory.saturating_sub(before);
    if more > count * KIB_EACH {
        wrong.push(format!("{} MiB more for {count} idle connections: {} KiB each", more / 1024, more / count.max(1)));
    }
    wrong.extend(idle.sign_in.as_ref().map(|why| format!("meanwhile nobody signed in: {why}")));
    wrong
}

/// What others met meanwhile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Served {
    count: usize,
    slowest: Duration,
    failed: Vec<String>,
}

/// Asks for a page over a new connection, again and again until it is over.
async fn served(world: &World, from: IpAddr, over: &AtomicBool) -> Served {
    let mut served = Served::default();
    while !over.load(Ordering::Relaxed) {
        let begin = Instant::now();
        let answer = async { world.http_at(0, Some(from))?.ask(Ask::get("/auth").with("accept", "text/html")).await };
        match answer.await {
            Ok(answer) if answer.status == 200 => {
                served.count += 1;
                served.slowest = served.slowest.max(begin.elapsed());
            }
            Ok(answer) => served.failed.push(format!("{}", answer.status)),
            Err(why) => served.failed.push(why),
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    served
}

/// What is wrong with it.
fn judge_served(served: &Served) -> Vec<String> {
    let mut wrong = Vec::new();
    if let Some(first) = served.failed.first() {
        wrong.push(format!("{} others were not served: {first}", served.failed.len()));
    }
    if served.slowest > SERVED_IN {
        wrong.push(format!("others waited for {} ms", served.slowest.as_millis()));
    }
    if served.count == 0 {
        wrong.push("no others were served".to_owned());
    }
    wrong
}

/// How many files a process may have open, raised as far as the system lets us.
fn files_of(pid: u32) -> Option<usize> {
    let (_, hard) = limits(&std::fs::read_to_string(format!("/proc/{pid}/limits")).ok()?)?;
    let raise = std::process::Command::new("prlimit").arg(format!("--pid={pid}")).arg(format!("--nofile={hard}:{hard}")).output();
    // Where that is not there, or not allowed, it stays as it is.
    let _ = raise;
    let (soft, _) = limits(&std::fs::read_to_string(format!("/proc/{pid}/limits")).ok()?)?;
    Some(soft)
}

/// Soft and hard limit of open files.
fn limits(text: &str) -> Option<(usize, usize)> {
    let mut words = text.lines().find_map(|line| line.strip_prefix("Max open files"))?.split_whitespace();
    Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
}

/// The memory that a process really holds, in KiB.
fn memory_of(pid: u32) -> Option<usize> {
    resident(&std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?)
}

fn resident(text: &str) -> Option<usize> {
    text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(sent: usize, by: End) -> Ended {
        Ended { sent, after: Duration::from_secs(1), by }
    }

    #[test]
    fn who_takes_a_long_body_whole_or_says_nothing_falls() {
        assert!(judge_big(&[ended(4_000_000, End::Answer(413)), ended(0, End::HangUp)]).is_empty());
        for one in [ended(BIG, End::Answer(413)), ended(BIG + 9, End::HangUp), ended(9, End::Nothing), ended(9, End::Answer(500))] {
            assert_eq!(judge_big(&[one]).len(), 1, "{one:?}");
        }
    }

    #[test]
    fn who_waits_for_slow_clients_falls() {
        assert_eq!(judge_slow(&[ended(30, End::HangUp), ended(15, End::Answer(408))]), None);
        assert!(judge_slow(&[ended(30, End::HangUp), ended(40, End::Nothing)]).is_some());
        assert!(judge_slow(&[ended(30, End::Answer(200))]).is_some() && judge_slow(&[]).is_some());
    }

    #[test]
    fn memory_beyond_its_bound_falls_and_so_does_a_closed_door() {
        let idle = |memory| Idle { open: 10, memory, sign_in: None };
        assert!(judge_idle(1000, &idle(1000 + 10 * KIB_EACH), 10).is_empty());
        assert_eq!(judge_idle(1000, &idle(1001 + 10 * KIB_EACH), 10).len(), 1);
        assert_eq!(judge_idle(1000, &Idle { sign_in: Some("503".to_owned()), ..idle(900) }, 10).len(), 1);
    }

    #[test]
    fn others_who_wait_or_are_turned_away_make_it_fall() {
        let good = Served { count: 9, slowest: Duration::from_millis(90), failed: Vec::new() };
        assert!(judge_served(&good).is_empty());
        assert_eq!(judge_served(&Served { slowest: Duration::from_secs(6), ..good.clone() }).len(), 1);
        assert_eq!(judge_served(&Served { failed: vec!["503".to_owned()], ..good }).len(), 1);
        assert_eq!(judge_served(&Served::default()).len(), 1);
    }

    #[test]
    fn what_linux_says_is_read() {
        assert_eq!(
            limits("Limit  Soft Hard\nMax open files            1024                 20000                files\n"),
            Some((1024, 20_000))
        );
        assert_eq!(resident("Name:\tx\nVmRSS:\t   4321 kB\n"), Some(4321));
        assert_eq!((limits(""), resident("")), (None, None));
        assert_eq!(chunk(3), b"3\r\naaa\r\n");
    }
}
