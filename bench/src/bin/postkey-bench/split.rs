//! `split`: where the server's CPU goes during logins. `perf` takes samples of the whole process with its call chains, and
//! each sample counts for the innermost function of the chain whose crate says what it was for: copying memory for the
//! store is the store's.

use crate::login::{People, measure};
use crate::post::Post;
use crate::results::{Results, Row};
use crate::target::Target;
use std::collections::HashMap;
use std::io::{Error, Result};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// Samples a second, of each core. Not a round number, so that it does not beat with timers.
const RATE: &str = "499";
/// How many of the hottest functions are named.
const HOTTEST: usize = 12;

/// What functions are for, by what their names contain; the first that fits counts.
const STEPS: &[(&str, &[&str])] = &[
    (SIGN, &["aws_lc_rs::evp_pkey"]),
    ("seal: keys, hashes, sealed messages", &["aws_lc", "hmac::", "sha2::", "hkdf", "aes_gcm_siv", "polyval", "postkey_model::keyring"]),
    ("store: statements, pages, the disk", &["sqlite3", "rusqlite", "postkey_store", "tokio_postgres", "postgres_protocol"]),
    ("render: pages and messages", &["minijinja", "postkey_words", "postkey_delivery::render"]),
    ("mail: the post room", &["postkey_delivery", "lettre"]),
    ("network: reading and writing sockets", &["tokio::net", "mio::net", "mio::io_source"]),
    ("decide: verbs and rules", &["postkey_auth", "postkey_model", "idna::", "psl::"]),
    ("parse: HTTP, forms, cookies, answers", &["postkey_http", "hyper", "httparse", "axum", "http::", "tower", "form_urlencoded", "url::"]),
    ("log and count", &["tracing", "postkey_metrics", "metrics"]),
    ("wait: tasks, timers, threads", &["tokio::", "mio::", "epoll", "futex"]),
];
const SIGN: &str = "sign: the access token";
/// Whatever these call is signing: hashes and curves are used elsewhere too.
const SIGNERS: &[&str] = &["DigestSign", "token::LiveKey::sign"];
const OTHER: &str = "else";
/// What a thread does that no function names.
const THREADS: &[(&str, &str)] = &[("sqlite", "store: statements, pages, the disk")];

/// Runs and prints; measures nothing where there is no `perf`.
pub async fn bench(results: &Results, target: &Target, clients: usize, seconds: u64) -> Result<()> {
    target.print();
    if !Command::new("perf").arg("version").stdout(Stdio::null()).status().is_ok_and(|status| status.success()) {
        println!("no perf here: where the CPU goes is not measured");
        return Ok(());
    }
    let server = target.start().await?;
    let post = Post::start(server.client());
    let people = Arc::new(People::new(10, Vec::new()));
    measure(&server, &post, &people, clients, Duration::from_secs(1)).await?;
    let pid = server.pid().ok_or_else(|| Error::other("the server does not run"))?.to_string();
    let samples = server.folder().join("perf.data");
    let mut perf = Command::new("perf")
        .args(["record", "-q", "-e", "cpu-clock", "-F", RATE, "--call-graph", "dwarf,8192", "-p", &pid, "-o"])
        .arg(&samples)
        .args(["--", "sleep", &seconds.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let row = measure(&server, &post, &people, clients, Duration::from_secs(seconds)).await?;
    perf.wait()?;
    let Samples { steps, hottest } = read(&samples)?;
    let all = steps.values().sum::<u64>().max(1) as f64;
    let cost = row.cpu_per_login();
    for step in STEPS.iter().map(|(step, _)| *step).chain([OTHER]) {
        let share = steps.get(step).copied().unwrap_or_default() as f64 / all;
        let line = Row::new()
            .text("engine", target.engine())
            .text("step", step)
            .number("% of the CPU", share * 100.0)
            .number("ms/login", share * cost);
        results.add("split", line)?;
    }
    for (name, count) in hottest {
        let line = Row::new()
            .text("engine", target.engine())
            .text("function", format!("`{name}`"))
            .number("% of the CPU, by itself", count as f64 * 100.0 / all);
        results.add("hottest", line)?;
    }
    Ok(())
}

/// How many samples fell where.
struct Samples {
    steps: HashMap<&'static str, u64>,
    /// The functions with most, those first.
    hottest: Vec<(String, u64)>,
}

fn read(samples: &Path) -> Result<Samples> {
    let said = Command::new("perf").args(["script", "--no-inline", "-F", "comm,ip,sym", "-i"]).arg(samples).output()?;
    let text = String::from_utf8_lossy(&said.stdout);
    let (mut steps, mut leaves) = (HashMap::new(), HashMap::<String, u64>::new());
    for chain in text.split("\n\n") {
        let mut lines = chain.trim_matches('\n').lines();
        let Some(thread) = lines.next() else { continue };
        let frames: Vec<&str> = lines.filter_map(|line| line.trim().split_once(' ')).map(|(_, name)| name).collect();
        let Some(leaf) = frames.first() else { continue };
        *steps.entry(step(thread.trim(), &frames)).or_default() += 1;
        *leaves.entry((*leaf).to_owned()).or_default() += 1;
    }
    if steps.is_empty() {
        return Err(Error::other(format!("perf took no samples: {}", String::from_utf8_lossy(&said.stderr))));
    }
    let mut hottest: Vec<_> = leaves.into_iter().collect();
    hottest.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    hottest.truncate(HOTTEST);
    Ok(Samples { steps, hottest })
}

/// What a sample was for.
fn step(thread: &str, frames: &[&str]) -> &'static str {
    let of_frame = |frame: &&str| STEPS.iter().find(|(_, parts)| parts.iter().any(|part| frame.contains(part))).map(|(step, _)| *step);
    let of_thread = || THREADS.iter().find(|(name, _)| thread.starts_with(name)).map(|(_, step)| *step);
    if frames.iter().any(|frame| SIGNERS.iter().any(|signer| frame.contains(signer))) {
        return SIGN;
    }
    frames.iter().find_map(of_frame).or_else(of_thread).unwrap_or(OTHER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_frame_that_says_what_it_is_for_counts() {
        let chain = ["__memcpy_avx", "minijinja::vm::eval", "postkey_http::pages::start::submit", "tokio::runtime::task::poll"];
        assert_eq!(step("tokio-rt-worker", &chain), "render: pages and messages");
        assert_eq!(step("tokio-rt-worker", &chain[2..]), "parse: HTTP, forms, cookies, answers");
        let signing =
            ["sha256_block", "aws_lc_0_EVP_DigestSignFinal", "aws_lc_rs::evp_pkey::sign", "postkey_auth::token::LiveKey::sign_under"];
        assert_eq!(step("tokio-rt-worker", &signing), SIGN);
        assert_eq!(step("sqlite-writer", &["__pwrite64"]), "store: statements, pages, the disk");
        assert_eq!(step("tokio-rt-worker", &["__pwrite64"]), OTHER);
    }
}
