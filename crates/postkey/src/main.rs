//! The binary: command line, config, wiring. The only crate that sees all others.
#![allow(missing_docs, reason = "a binary has no readers from outside; its settings are documented in postkey.example.toml")]

mod config;
mod run;
mod setup;
mod system;

use clap::{Args, Parser, Subcommand};
use config::{ConfigFile, LogFormat};
use postkey_delivery::Transport;
use postkey_model::Clock;
use postkey_store::Store;
use setup::{Environment, Mistakes, Mode, Setup};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use system::{SystemClock, SystemEntropy};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

/// A self-hosted passwordless login server.
#[derive(Parser)]
#[command(name = "postkey", version, about, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start with nothing to configure: embedded database, built-in inbox, this machine only.
    Dev {
        #[command(flatten)]
        options: Options,
        /// Let other machines reach the development server, inbox and all.
        #[arg(long)]
        expose_dev: bool,
    },
    /// Start for real.
    Serve {
        #[command(flatten)]
        options: Options,
    },
    /// Check the config, and whether database and mail server can be reached.
    Check {
        #[command(flatten)]
        options: Options,
    },
    /// Look after the signing keys.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Print the version.
    Version,
}

#[derive(Subcommand)]
enum KeysCommand {
    /// List them, with what each does now.
    List {
        #[command(flatten)]
        options: Options,
    },
    /// Make the next one now. It signs once everybody had time to fetch it; running servers find it by themselves.
    Rotate {
        #[command(flatten)]
        options: Options,
    },
}

/// What every command takes. Each overrules the config file.
#[derive(Args, Clone, Default)]
struct Options {
    /// The config file.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the embedded database lives.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Where the public listener listens.
    #[arg(long, value_name = "ADDRESS")]
    public_listen: Option<SocketAddr>,
    /// Where the private listener listens. May be given several times.
    #[arg(long, value_name = "ADDRESS")]
    private_listen: Vec<SocketAddr>,
    /// The address at which people reach this server.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// sqlite:PATH or postgres://…
    #[arg(long, value_name = "URL", env = "POSTKEY_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
}

fn main() -> ExitCode {
    match start(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("postkey: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn start(command: Command) -> Result<(), String> {
    match command {
        Command::Version => {
            println!("postkey {}", env!("CARGO_PKG_VERSION"));
            Ok(())
        }
        Command::Dev { options, expose_dev } => {
            on_runtime(async { run::run(prepare(Mode::Dev { exposed: expose_dev }, &options, true)?).await })
        }
        Command::Serve { options } => on_runtime(async { run::run(prepare(Mode::Serve, &options, true)?).await }),
        Command::Check { options } => on_runtime(async { check(prepare(Mode::Serve, &options, true)?).await }),
        Command::Keys { command } => {
            let (options, rotate) = match &command {
                KeysCommand::List { options } => (options, false),
                KeysCommand::Rotate { options } => (options, true),
            };
            // Without a config file the keys of a development server are meant.
            let mode = if options.config.is_some() { Mode::Serve } else { Mode::Dev { exposed: true } };
            on_runtime(async { keys(prepare(mode, options, false)?, rotate).await })
        }
    }
}

/// Runs `work`. Settings are put together inside, because a mail transport cannot be made without a runtime.
fn on_runtime(work: impl Future<Output = Result<(), String>>) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| e.to_string())?;
    runtime.block_on(work)
}

/// Reads config, environment and options, and checks them.
fn prepare(mode: Mode, options: &Options, log: bool) -> Result<Setup, String> {
    let mut file = options.config.as_deref().map(ConfigFile::read).transpose()?.unwrap_or_default();
    let config = &mut file.config;
    if let Some(dir) = &options.data_dir {
        config.data_dir.clone_from(dir);
    }
    if let Some(address) = options.public_listen {
        config.public_listen = address;
    }
    if !options.private_listen.is_empty() {
        config.private_listen.clone_from(&options.private_listen);
    }
    config.public_url = options.public_url.clone().or(config.public_url.take());
    config.database_url = options.database_url.clone().or(config.database_url.take());
    if log {
        start_log(&file)?;
    }
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let environment = Environment { secret_key: variable("POSTKEY_SECRET_KEY"), smtp_password: variable("POSTKEY_SMTP_PASSWORD") };
    setup::setup(mode, file, &environment, &SystemEntropy::open()).map_err(|Mistakes(wrong)| match wrong.as_slice() {
        [one] => one.clone(),
        many => format!("{} things are missing or wrong:\n  - {}", many.len(), many.join("\n  - ")),
    })
}

fn start_log(file: &ConfigFile) -> Result<(), String> {
    let targets: Targets = file.config.log.parse().map_err(|e| format!("{}: {e}", file.place("", "log")))?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false);
    let registry = tracing_subscriber::registry();
    match file.config.log_format {
        LogFormat::Text => registry.with(lines.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).with_filter(targets)).init(),
        LogFormat::Json => registry.with(lines.json().flatten_event(true).with_filter(targets)).init(),
    }
    Ok(())
}

async fn check(setup: Setup) -> Result<(), String> {
    println!("config         ok");
    Store::reach(&setup.location).await.map_err(|e| format!("database: {e}"))?;
    println!("database       ok ({})", setup.location.engine());
    if let Transport::Smtp(smtp) = &setup.transport {
        smtp.check().await.map_err(|e| format!("mail: {e}"))?;
        println!("mail server    ok");
    }
    Ok(())
}

async fn keys(setup: Setup, rotate: bool) -> Result<(), String> {
    let house = run::open(&setup).await?;
    let now = SystemClock.now();
    if rotate {
        match house.auth.rotate_keys(now).await.map_err(|e| e.to_string())? {
            Some(from) => println!("a new key signs in {} s", from.since(now).as_secs_ceil()),
            None => println!("a new key is waiting for its turn already"),
        }
    }
    println!("{:<26} {:<6} {:>14} {:>16}  state", "kid", "alg", "made", "signs from");
    for summary in house.auth.list_keys(now).await.map_err(|e| e.to_string())? {
        let state = match (summary.signs_now, summary.key.signs_from > now) {
            (true, _) => "signs".to_owned(),
            (false, true) => format!("waits {} s", summary.key.signs_from.since(now).as_secs_ceil()),
            (false, false) => match summary.dead_from {
                Some(from) => format!("verifies {} s more", from.since(now).as_secs_ceil()),
                None => "verifies".to_owned(),
            },
        };
        let key = summary.key;
        println!("{:<26} {:<6} {:>14} {:>16}  {state}", key.kid, key.algorithm.as_str(), key.created_at.0, key.signs_from.0);
    }
    house.store.close().await;
    Ok(())
}
