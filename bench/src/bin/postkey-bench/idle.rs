//! `idle`: how long a start takes, and what a server at rest holds.

use crate::target::Target;
use postkey_bench::Server;
use std::io::Result;
use std::time::{Duration, Instant};

/// Runs and prints.
pub async fn bench(target: &Target, runs: usize) -> Result<()> {
    target.print();
    let size = std::fs::metadata(&target.server)?.len();
    println!("binary: {:.1} MB", size as f64 / 1e6);
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
    println!(
        "process start to first answer, median of {runs}: {:.0} ms on an empty folder, {:.0} ms later",
        ms(&mut first),
        ms(&mut again)
    );
    memory.sort_unstable();
    println!("memory at rest, median: {:.1} MiB", memory.get(memory.len() / 2).copied().unwrap_or_default() as f64 / 1024.0);
    Ok(())
}

fn ms(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times.get(times.len() / 2).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
}
