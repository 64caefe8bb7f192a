//! The load generator: drives a real `postkey` process over HTTP from the same machine, and prints what it measured.

mod core;
mod idle;
mod login;
mod post;
mod refresh;
mod scale;
mod target;
mod verify;

use clap::{Parser, Subcommand};
use std::process::ExitCode;
use target::Target;

/// Measures Postkey. Build the server with `cargo build --release` first.
#[derive(Parser)]
#[command(name = "postkey-bench")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
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
    let outcome = runtime.block_on(async {
        match Cli::parse().command {
            Command::Login { target, clients, seconds } => login::bench(&target, &clients, seconds).await,
            Command::Core { target, clients, seconds } => core::bench(&target, &clients, seconds).await,
            Command::Refresh { target, clients, seconds, sessions } => refresh::bench(&target, &clients, seconds, sessions).await,
            Command::Verify { seconds } => verify::bench(seconds).await,
            Command::Idle { target, runs } => idle::bench(&target, runs).await,
            Command::Scale { target, users, clients, seconds } => scale::bench(&target, &users, clients, seconds).await,
        }
    });
    outcome.map_or_else(|e| fail(&e), |()| ExitCode::SUCCESS)
}

fn fail(e: &std::io::Error) -> ExitCode {
    eprintln!("postkey-bench: {e}");
    ExitCode::FAILURE
}
