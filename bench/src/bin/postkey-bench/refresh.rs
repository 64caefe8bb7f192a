//! `refresh`: sessions refreshed in turn.

use crate::crowd::Crowd;
use crate::login::{Row as Measured, own_cpu, used};
use crate::results::{Results, Row};
use crate::target::Target;
use postkey_bench::{Browser, Server, Spread};
use std::io::{Error, Result};
use std::time::{Duration, Instant};

/// Runs and prints. A session that is refreshed more than a few times in half a minute gets its last answer again, without
/// a write: so there are many.
pub async fn bench(results: &Results, target: &Target, clients: &[usize], seconds: u64, sessions: u64) -> Result<()> {
    target.print();
    let crowd = Crowd::gather(target, sessions / 5, sessions).await?;
    let server = crowd.serve().await?;
    let mut tokens = crowd.tokens(sessions);
    for count in clients {
        let row;
        (tokens, row) = measure(&server, tokens, *count, Duration::from_secs(seconds)).await?;
        results.add("refresh", line(target, *count, row))?;
    }
    Ok(())
}

/// Lets `clients` browsers refresh `tokens` in turn for a while. Answers with the tokens that came of them.
pub async fn measure(server: &Server, tokens: Vec<String>, clients: usize, time: Duration) -> Result<(Vec<String>, Measured)> {
    let begin = Instant::now() + Duration::from_millis(500);
    let end = begin + time;
    let mut shares: Vec<Vec<String>> = vec![Vec::new(); clients];
    for (number, token) in tokens.into_iter().enumerate() {
        shares[number % clients].push(token);
    }
    let tasks: Vec<_> =
        shares.into_iter().map(|share| tokio::spawn(refresh_until(Browser::new(server.public()), share, begin, end))).collect();
    tokio::time::sleep_until(begin.into()).await;
    let (before, own) = (server.load()?, own_cpu());
    tokio::time::sleep_until(end.into()).await;
    let mut row = used(before, server.load()?);
    row.own_cpu = own_cpu().saturating_sub(own);
    let mut kept = Vec::new();
    for task in tasks {
        let (share, times, errors) = task.await.map_err(Error::other)?;
        kept.extend(share);
        row.complete.join(times);
        row.errors += errors;
    }
    row.took = time;
    Ok((kept, row))
}

fn line(target: &Target, clients: usize, mut row: Measured) -> Row {
    let count = row.complete.count().max(1) as f64;
    Row::new()
        .text("engine", target.engine())
        .count("clients", clients as u64)
        .number("refreshes/s", row.complete.count() as f64 / row.took.as_secs_f64())
        .number("p50 ms", row.complete.at(0.5))
        .number("p99 ms", row.complete.at(0.99))
        .number("CPU ms/refresh", row.cpu_per_login())
        .number("RSS MiB", row.rss as f64 / 1024.0)
        .number("bytes written/refresh", target.database_url.is_none().then(|| row.written as f64 / count))
        .count("errors", row.errors)
}

async fn refresh_until(mut browser: Browser, mut tokens: Vec<String>, begin: Instant, end: Instant) -> (Vec<String>, Spread, u64) {
    let (mut times, mut errors) = (Spread::default(), 0);
    let mut turn = 0;
    while Instant::now() < end && !tokens.is_empty() {
        turn = (turn + 1) % tokens.len();
        browser.jar = postkey_bench::Jar::default();
        browser.jar.set("sRefreshToken", &tokens[turn], "/auth/session/refresh");
        let from = Instant::now();
        let answer = browser.refresh().await;
        let now = Instant::now();
        match answer {
            Ok(answer) if answer.status == 200 => {
                if (begin..end).contains(&now) {
                    times.add(now - from);
                }
                tokens[turn] = browser.jar.get("sRefreshToken").unwrap_or_default().to_owned();
            }
            refused => {
                if errors == 0 {
                    eprintln!("refresh: {refused:?}");
                }
                errors += 1;
            }
        }
    }
    (tokens, times, errors)
}
