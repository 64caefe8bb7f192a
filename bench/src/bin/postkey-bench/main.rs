//! The load generator: drives a real `postkey` process over HTTP from the same machine, and prints what it measured.

mod aims;
mod core;
mod idle;
mod login;
mod machine;
mod post;
mod refresh;
mod report;
mod results;
mod scale;
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
        #[arg(long, default_value_t = 4096)]
        sessions: usize,
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
    /// What a login costs with few users and with many.
    Scale {
        #[command(flatten)]
        target: Target,
        /// Numbers of users.
        #[arg(long, value_delimiter = ',', default_value = "1000,1000000")]
        users: Vec<usize>,
        /// How many browsers at once.
        #[arg(long, default_value_t = 64)]
        clients: usize,
        /// How long each is measured.
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
    if let Command::Report { page, out } = &cli.command {
        let results = cli.results.as_deref().ok_or_else(|| Error::other("--results FILE says what was measured"))?;
        return report::write(results, page, out.as_ref().unwrap_or(page));
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
        Command::Scale { target, users, clients, seconds } => scale::bench(results, &target, &users, clients, seconds).await,
        Command::Report { .. } => Ok(()),
    }
}

fn fail(e: &Error) -> ExitCode {
    eprintln!("postkey-bench: {e}");
    ExitCode::FAILURE
}
