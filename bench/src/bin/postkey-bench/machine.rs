//! `machine`: where and when it was measured, and of what: so that figures of two days can be read against each other.

use crate::results::{Results, Row};
use crate::verify::signatures;
use postkey_model::Algorithm;
use std::io::Result;
use std::process::Command;
use std::time::Duration;

/// Runs and prints. `run` says which kind of a run it is.
pub fn about(results: &Results, database_url: Option<&str>, run: &str) -> Result<()> {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let line = |text: &str, label: &str| {
        let found = text.lines().find(|line| line.starts_with(label)).and_then(|line| line.split_once(':'));
        found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = line(&read("/proc/meminfo"), "MemTotal").trim_end_matches(" kB").parse::<f64>().unwrap_or_default() / 1024.0 / 1024.0;
    let changed = if said("git", &["status", "--porcelain", "--untracked-files=no"]).is_empty() { "" } else { ", with changes" };
    let folder = std::env::temp_dir();
    let postgres = database_url.map_or_else(|| "none".to_owned(), |url| said("psql", &["-qXAt", url, "-c", "SHOW server_version"]));
    let rows = [
        ("run", run.to_owned()),
        ("commit", format!("{}{changed}", said("git", &["rev-parse", "--short", "HEAD"]))),
        ("date", said("date", &["-u", "+%Y-%m-%d %H:%M UTC"])),
        ("processor", format!("{cores} × {}", line(&read("/proc/cpuinfo"), "model name"))),
        ("memory", format!("{memory:.0} GiB")),
        ("system", format!("{} {}", said("uname", &["-s"]), read("/proc/sys/kernel/osrelease").trim())),
        ("file system", said("stat", &["-f", "-c", "%T", &folder.display().to_string()])),
        ("compiler", said("rustc", &["--version"])),
        ("PostgreSQL", postgres),
    ];
    for (what, value) in rows {
        results.add("machine", Row::new().text("what", what).text("is", value))?;
    }
    Ok(())
}

/// How fast the machine is just now, and how busy with other things: a bare signature knows nothing of our code.
pub fn pulse(results: &Results, when: &str, seconds: u64) -> Result<()> {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().and_then(|word| word.parse::<f64>().ok());
    let rate = signatures(Algorithm::Es256, &[7; 900], Duration::from_secs(seconds))?;
    let disk = fsyncs(Duration::from_secs(seconds))?;
    results
        .add("pulse", Row::new().text("when", when).number("ES256 signatures/s", rate).number("fsyncs/s", disk).number("load before", load))
}

/// How often a second the disk makes 4 KiB durable at the end of a file, one after the other.
fn fsyncs(time: Duration) -> Result<f64> {
    let path = std::env::temp_dir().join(format!("postkey-fsync-{}", std::process::id()));
    let outcome = count_fsyncs(&path, time);
    let _ = std::fs::remove_file(&path);
    outcome
}

fn count_fsyncs(path: &std::path::Path, time: Duration) -> Result<f64> {
    use std::io::Write;
    let mut file = std::fs::File::create(path)?;
    let mut count = 0_u32;
    let begin = std::time::Instant::now();
    while begin.elapsed() < time {
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        count += 1;
    }
    Ok(f64::from(count) / begin.elapsed().as_secs_f64())
}

fn said(program: &str, args: &[&str]) -> String {
    let out = Command::new(program).args(args).output();
    out.map_or_else(|_| "unknown".to_owned(), |out| String::from_utf8_lossy(&out.stdout).trim().to_owned())
}
