//! The load generator: drives a real `postkey` process over HTTP from the same machine, and prints what it measured.

mod aims;
mod core;
mod crowd;
mod idle;
mod load;
mod login;
mod machine;
mod overload;
mod post;
mod refresh;
mod report;
mod results;
mod sizing;
mod soak;
mod split;
mod target;
mod verify;

use clap::{Parser, Subcommand};
use results::Results;
use std::io::{Error, Result};
use std::path::PathBuf;
use std::process::ExitCode;
use target::Target;

/// Measures Postkey. Build the server with `cargo build --release` first.
#[derive(Parser)]
#[command(name = "postkey-bench")]
struct Cli {
    /// A file that gets what is measured, as JSON lines, added at its end.
    #[arg(long, global = true)]
    results: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Where, when and of what it is measured.
    Machine {
        /// The PostgreSQL server that is measured too.
        #[arg(long)]
        database_url: Option<String>,
        /// Which kind of a run it is.
        #[arg(long, default_value = "single")]
        run: String,
    },
    /// How fast the machine and its disk are just now, without our code.
    Pulse {
        /// What stands in the row.
        #[arg(long, default_value = "now")]
        when: String,
        /// How long each figure is measured.
        #[arg(long, default_value_t = 2)]
        seconds: u64,
    },
    /// Fills a file of results into the marked blocks of a page.
    Report {
        /// The page.
        #[arg(long, default_value = "docs/benchmarks.md")]
        page: PathBuf,
        /// Where the filled page goes; the page itself when not given.
        #[arg(long)]
        out: Option<PathBuf>,
        /// The page need not have a block for every table.
        #[arg(long)]
        some: bool,
    },
    /// Whole logins: ask for a code, read it from the mail, type it, get a session.
    Login {
        #[command(flatten)]
        target: Target,
        /// How many browsers at once, one table row each.
        #[arg(long, value_delimiter = ',', default_value = "1,16,64,256")]
        clients: Vec<usize>,
        /// How long each row is measured.
        #[arg(long, default_value_t = 8)]
        seconds: u64,
    },
    /// Whole logins through the back-end door: the ten calls of SuperTokens' Node SDK.
    Core {
        #[command(flatten)]
        target: Target,
        /// How many back ends at once, one table row each.
        #[arg(long, value_delimiter = ',', default_value = "1,16,64,256")]
        clients: Vec<usize>,
        /// How long each row is measured.
        #[arg(long, default_value_t = 8)]
        seconds: u64,
    },
    /// Session refreshes.
    Refresh {
        #[command(flatten)]
        target: Target,
        /// How many browsers at once, one table row each.
        #[arg(long, value_delimiter = ',', default_value = "1,16,64,256")]
        clients: Vec<usize>,
        /// How long each row is measured.
        #[arg(long, default_value_t = 8)]
        seconds: u64,
        /// How many sessions are refreshed in turn.
        #[arg(long, default_value_t = 100_000)]
        sessions: u64,
    },
    /// Signing and verifying tokens, in this process, on one core.
    Verify {
        /// The server's binary.
        #[arg(long, default_value = "target/release/postkey")]
        server: PathBuf,
        /// How long each figure is measured.
        #[arg(long, default_value_t = 2)]
        seconds: u64,
    },
    /// Start-up time, and memory at rest.
    Idle {
        #[command(flatten)]
        target: Target,
        /// How many starts.
        #[arg(long, default_value_t = 10)]
        runs: usize,
    },
    /// What a login and a refresh cost with few users and with many; how fast they are put in, how long a start takes.
    Load {
        #[command(flatten)]
        target: Target,
        /// How many users.
        #[arg(long, default_value_t = 1_000_000)]
        users: u64,
        /// How many sessions.
        #[arg(long, default_value_t = 10_000_000)]
        sessions: u64,
        /// How many browsers at once.
        #[arg(long, default_value_t = 64)]
        clients: usize,
        /// How long each turn takes.
        #[arg(long, default_value_t = 5)]
        seconds: u64,
        /// How many turns each of the two databases has.
        #[arg(long, default_value_t = 3)]
        turns: usize,
    },
    /// How long a start takes on a full database.
    Start {
        #[command(flatten)]
        target: Target,
        /// How many users.
        #[arg(long, default_value_t = 1_000_000)]
        users: u64,
        /// How many sessions.
        #[arg(long, default_value_t = 1_000_000)]
        sessions: u64,
    },
    /// Many times more requests than the server can do, sent whether or not those before were answered.
    Overload {
        #[command(flatten)]
        target: Target,
        /// How many times more.
        #[arg(long, default_value_t = 10)]
        times: u64,
        /// Over how many connections.
        #[arg(long, default_value_t = 2000)]
        connections: usize,
        /// How long it lasts.
        #[arg(long, default_value_t = 8)]
        seconds: u64,
    },
    /// Memory and file while very many log in, on SQLite.
    Soak {
        #[command(flatten)]
        target: Target,
        /// How many logins.
        #[arg(long, default_value_t = 1_000_000)]
        logins: u64,
        /// How many browsers at once.
        #[arg(long, default_value_t = 64)]
        clients: usize,
    },
    /// Where the CPU of a login goes, by perf.
    Split {
        #[command(flatten)]
        target: Target,
        /// The same binary with the names of its functions, where the server's is stripped.
        #[arg(long)]
        named: Option<PathBuf>,
        /// How many browsers at once.
        #[arg(long, default_value_t = 64)]
        clients: usize,
        /// How long samples are taken.
        #[arg(long, default_value_t = 8)]
        seconds: u64,
    },
}

fn main() -> ExitCode {
    // One thread: the generator shares its machine's cores with the server, and must leave them to it.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => return fail(&e),
    };
    let outcome = runtime.block_on(run(Cli::parse()));
    outcome.map_or_else(|e| fail(&e), |()| ExitCode::SUCCESS)
}

async fn run(cli: Cli) -> Result<()> {
    if let Command::Report { page, out, some } = &cli.command {
        let results = cli.results.as_deref().ok_or_else(|| Error::other("--results FILE says what was measured"))?;
        return report::write(results, page, out.as_ref().unwrap_or(page), *some);
    }
    let results = &Results::open(cli.results.as_deref())?;
    match cli.command {
        Command::Machine { database_url, run } => machine::about(results, database_url.as_deref(), &run),
        Command::Pulse { when, seconds } => machine::pulse(results, &when, seconds),
        Command::Login { target, clients, seconds } => login::bench(results, &target, &clients, seconds).await,
        Command::Core { target, clients, seconds } => core::bench(results, &target, &clients, seconds).await,
        Command::Refresh { target, clients, seconds, sessions } => refresh::bench(results, &target, &clients, seconds, sessions).await,
        Command::Verify { server, seconds } => verify::bench(results, &server, seconds).await,
        Command::Idle { target, runs } => idle::bench(results, &target, runs).await,
        Command::Load { target, users, sessions, clients, seconds, turns } => {
            load::bench(results, &target, &load::Size { users, sessions, clients, seconds, turns }).await
        }
        Command::Start { target, users, sessions } => load::starts(results, &target, users, sessions).await,
        Command::Overload { target, times, connections, seconds } => overload::bench(results, &target, times, connections, seconds).await,
        Command::Soak { target, logins, clients } => soak::bench(results, &target, logins, clients).await,
        Command::Split { target, named, clients, seconds } => {
            let server = named.unwrap_or_else(|| target.server.clone());
            split::bench(results, &Target { server, ..target }, clients, seconds).await
        }
        Command::Report { .. } => Ok(()),
    }
}

fn fail(e: &Error) -> ExitCode {
    eprintln!("postkey-bench: {e}");
    ExitCode::FAILURE
}
