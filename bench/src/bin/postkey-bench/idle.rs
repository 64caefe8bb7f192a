//! `idle`: how long a start takes, and what a server at rest holds.

use crate::results::{Results, Row};
use crate::target::Target;
use postkey_bench::Server;
use std::io::Result;
use std::time::{Duration, Instant};

/// Runs and prints.
pub async fn bench(results: &Results, target: &Target, runs: usize) -> Result<()> {
    target.print();
    let size = std::fs::metadata(&target.server)?.len();
    let mut first = Vec::new();
    let mut again = Vec::new();
    let mut memory = Vec::new();
    for _ in 0..runs {
        target.empty_database()?;
        let begin = Instant::now();
        let mut server = Server::start(target.options()).await?;
        first.push(begin.elapsed());
        server.stop().await?;
        let begin = Instant::now();
        server.start_again().await?;
        again.push(begin.elapsed());
        tokio::time::sleep(Duration::from_millis(500)).await;
        memory.push(server.load()?.rss);
        server.stop().await?;
    }
    memory.sort_unstable();
    let rss = memory.get(memory.len() / 2).copied().unwrap_or_default() as f64 / 1024.0;
    let line = Row::new()
        .text("engine", target.engine())
        .number("first start ms", ms(&mut first))
        .number("later start ms", ms(&mut again))
        .number("RSS MiB", rss)
        .number("binary MB", size as f64 / 1e6)
        .count("starts", runs as u64);
    results.add("idle", line)
}

fn ms(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times.get(times.len() / 2).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
}
