//! The binary: command line, config, wiring. The only crate that sees all others.
#![allow(missing_docs, reason = "a binary has no readers from outside; its settings are documented in postkey.example.toml")]

mod applications;
mod attack;
mod backup;
mod check;
mod clients;
mod commands;
mod config;
mod copy;
mod drill;
mod events;
mod export;
mod import;
mod keys;
mod people;
mod run;
mod secret_key;
mod setup;
mod sweep;
mod system;
#[cfg(feature = "otel")]
mod telemetry;
mod webhooks;

use clap::{Args, Parser, Subcommand};
use config::{ConfigFile, LogFormat};
use postkey_auth::acting;
use postkey_model::{Actor, Clock};
use postkey_store::{Found, Location, Store};
use setup::{Environment, Mistakes, Mode, Purpose, Setup};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use system::{SystemClock, SystemEntropy};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;
use tracing_subscriber::{Layer, Registry};

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
    /// Check the config, and whether the database and all providers can be reached.
    Check {
        #[command(flatten)]
        options: Options,
    },
    /// Ask the server that runs on this machine how it is; for whatever starts it again.
    Health(check::Health),
    /// Look after the signing keys.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Look after templates and languages.
    Templates {
        #[command(subcommand)]
        command: TemplatesCommand,
    },
    /// Look at sign-ins.
    SignIns {
        #[command(subcommand)]
        command: SignInsCommand,
    },
    /// Say who may get an account where sign_up is "invited".
    Invites {
        #[command(subcommand)]
        command: InvitesCommand,
    },
    /// Move in: take users over from another server.
    Import {
        #[command(subcommand)]
        command: import::ImportCommand,
    },
    /// Move out: write all users as SuperTokens' bulk-import JSON.
    Export(export::Export),
    /// Print the audit trail: who signed in, what was linked, removed, revoked, rotated.
    Events(events::EventsOptions),
    /// Look after webhooks: what services of yours were not told yet.
    Webhooks {
        #[command(subcommand)]
        command: webhooks::WebhooksCommand,
    },
    /// Look at one person's data, hand it over, or delete it.
    Users {
        #[command(subcommand)]
        command: people::UsersCommand,
    },
    /// Look after service clients: back ends that hold an access key.
    Clients {
        #[command(subcommand)]
        command: clients::ClientsCommand,
    },
    /// Look after applications: web apps that people log in to.
    Applications {
        #[command(subcommand)]
        command: applications::ApplicationsCommand,
    },
    /// Try on a running server what is known to break login servers.
    Attack(attack::Attack),
    /// Copy the embedded database into a file while the server runs.
    Backup(backup::Backup),
    /// Put such a copy in the database's place. The server must be stopped.
    Restore(backup::Restore),
    /// Move everything from one database to another, also between SQLite and PostgreSQL.
    Copy(copy::Copy),
    /// Print the version.
    Version,
}

#[derive(Subcommand)]
enum TemplatesCommand {
    /// Render every template with every sample in every language, and say what is wrong, with file and line.
    Check {
        /// The folder with your own templates. Default: templates_dir of the config.
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
        #[command(flatten)]
        options: Options,
    },
    /// Write the built-in templates and strings into a folder, to begin with.
    Export {
        /// The folder. Nothing is written when one of the files is there already.
        dir: PathBuf,
    },
}

#[derive(Subcommand)]
enum SignInsCommand {
    /// List the newest ones of an email address or a phone number.
    List {
        /// Whose.
        who: String,
        #[command(flatten)]
        tenant: TenantOption,
        #[command(flatten)]
        options: Options,
    },
    /// What became of one: queued, accepted, refused, failed over, opened, used.
    Show {
        /// Its id: `preAuthSessionId` in the link.
        id: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        options: Options,
    },
}

#[derive(Subcommand)]
enum InvitesCommand {
    /// Invite an email address or a phone number.
    Add {
        /// Whom.
        who: String,
        #[command(flatten)]
        tenant: TenantOption,
        #[command(flatten)]
        options: Options,
    },
    /// Take an invitation back. Whoever has an account keeps it.
    Withdraw {
        /// Whose.
        who: String,
        #[command(flatten)]
        tenant: TenantOption,
        #[command(flatten)]
        options: Options,
    },
    /// List the invitations.
    List {
        #[command(flatten)]
        tenant: TenantOption,
        #[command(flatten)]
        options: Options,
    },
}

/// Which tenant a command is about.
#[derive(Args, Clone)]
struct TenantOption {
    /// The tenant.
    #[arg(long, value_name = "NAME", default_value = "public")]
    tenant: String,
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
        /// Of every key set: those of applications and of back ends' apps too.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        options: Options,
    },
    /// After a change of the secret key: seal anew what the older one sealed, and say what still depends on it, and until when.
    Reseal(keys::Reseal),
    /// Change all keys on a copy of the database, and see whether every session survives. The database itself is only read.
    Drill(drill::Drill),
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
        Ok(code) => code,
        Err(problem) => {
            eprintln!("postkey: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn start(command: Command) -> Result<ExitCode, String> {
    let done = match command {
        Command::Import { command: import::ImportCommand::Supertokens(wish) } => {
            return on_runtime(async { import::supertokens(for_upkeep(&wish.options)?, &wish).await });
        }
        Command::Export(export) => on_runtime(async { export::export(for_upkeep(&export.options)?, &export).await }),
        Command::Events(asked) => on_runtime(async { events::events(for_upkeep(&asked.options)?, &asked).await }),
        Command::Webhooks { command } => on_runtime(async { webhooks::webhooks(for_upkeep(command.options())?, &command).await }),
        Command::Users { command } => on_runtime(async { people::users(for_upkeep(command.options())?, &command).await }),
        Command::Clients { command } => on_runtime(async { clients::clients(for_upkeep(command.options())?, &command).await }),
        Command::Applications { command } => {
            on_runtime(async { applications::applications(for_upkeep(command.options())?, &command).await })
        }
        Command::Attack(wish) => return on_runtime(async { Ok(attack::attack(wish).await) }),
        Command::Backup(wish) => on_runtime(async { backup::back_up(&for_upkeep(&wish.options)?, &wish) }),
        Command::Restore(wish) => on_runtime(async { backup::restore(&for_upkeep(&wish.options)?, &wish) }),
        Command::Copy(wish) => on_runtime(async { copy::copy(&wish).await }),
        Command::Version => {
            println!("postkey {}", env!("CARGO_PKG_VERSION"));
            Ok(())
        }
        Command::Dev { options, expose_dev } => serving(serve(Mode::Dev { exposed: expose_dev }, options)),
        Command::Serve { options } => serving(serve(Mode::Serve, options)),
        Command::Check { options } => on_runtime(async { check::check(assemble(Mode::Serve, Purpose::Serving, read(&options)?)).await }),
        Command::Health(wish) => on_runtime(async { check::health(&read(&wish.options)?.config.private_listen, wish.ready).await }),
        Command::Keys { command: KeysCommand::Reseal(wish) } => on_runtime(async { keys::reseal(for_upkeep(&wish.options)?, &wish).await }),
        Command::Keys { command: KeysCommand::Drill(wish) } => on_runtime(async { drill::drill(for_upkeep(&wish.options)?, &wish).await }),
        Command::Keys { command: KeysCommand::Rotate { all: true, options } } => {
            on_runtime(async { keys::rotate_all(for_upkeep(&options)?).await })
        }
        Command::Keys { command: KeysCommand::Rotate { all: false, options } } => {
            on_runtime(async { keys::keys(for_upkeep(&options)?, true).await })
        }
        Command::Keys { command: KeysCommand::List { options } } => on_runtime(async { keys::keys(for_upkeep(&options)?, false).await }),
        Command::Templates { command: TemplatesCommand::Export { dir } } => commands::export_templates(&dir),
        Command::Templates { command: TemplatesCommand::Check { dir, options } } => {
            let dir = dir.or(read(&options)?.config.templates_dir);
            commands::check_templates(dir.as_deref())
        }
        Command::SignIns { command: SignInsCommand::Show { id, json, options } } => {
            on_runtime(async { commands::show_sign_in(for_upkeep(&options)?, &id, json).await })
        }
        Command::SignIns { command: SignInsCommand::List { who, tenant, options } } => {
            on_runtime(async { commands::list_sign_ins(for_upkeep(&options)?, &tenant.tenant, &who).await })
        }
        Command::Invites { command } => on_runtime(async {
            let (task, tenant, options) = match &command {
                InvitesCommand::Add { who, tenant, options } => (commands::Invites::Add(who), tenant, options),
                InvitesCommand::Withdraw { who, tenant, options } => (commands::Invites::Withdraw(who), tenant, options),
                InvitesCommand::List { tenant, options } => (commands::Invites::List, tenant, options),
            };
            commands::invites(for_upkeep(options)?, &tenant.tenant, task).await
        }),
    };
    done.map(|()| ExitCode::SUCCESS)
}

/// Runs a command: whatever it changes, whoever runs the server did it.
fn on_runtime<T>(work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    serving(acting(Some(Actor::Operator), SystemClock.now(), work))
}

/// Runs `work`. Settings are put together inside, because a mail transport cannot be made without a runtime.
fn serving<T>(work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| e.to_string())?;
    let outcome = runtime.block_on(work);
    // A look-up of a name may hang in the system's resolver: nobody waits for it.
    runtime.shutdown_background();
    outcome
}

/// Runs a server to its end.
async fn serve(mode: Mode, options: Options) -> Result<(), String> {
    let setup = assemble(mode, Purpose::Serving, read(&options)?).map_err(|mistakes| mistakes.to_string())?;
    #[cfg(feature = "otel")]
    {
        let telemetry = telemetry::Telemetry::start(&setup.file.config.telemetry)?;
        start_log(&setup.file, telemetry.as_ref().map(telemetry::Telemetry::layer))?;
        let outcome = run::run(setup).await;
        if let Some(telemetry) = telemetry {
            telemetry.stop().await;
        }
        outcome
    }
    #[cfg(not(feature = "otel"))]
    {
        start_log(&setup.file, None::<tracing_subscriber::layer::Identity>)?;
        run::run(setup).await
    }
}

/// Reads the config file; options overrule it.
fn read(options: &Options) -> Result<ConfigFile, String> {
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
    Ok(file)
}

/// What commands work with that look after a server's database. Without a config file a development server's is meant;
/// its folder is known by the key that it made.
fn for_upkeep(options: &Options) -> Result<Setup, String> {
    let file = read(options)?;
    let for_real = options.config.is_some() && !file.config.data_dir.join("secret.key").exists();
    let mode = if for_real { Mode::Serve } else { Mode::Dev { exposed: true } };
    assemble(mode, Purpose::Keys, file).map_err(|mistakes| mistakes.to_string())
}

/// Reads the environment, checks everything and puts it together.
fn assemble(mode: Mode, purpose: Purpose, file: ConfigFile) -> Result<Setup, Box<Mistakes>> {
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let environment = Environment {
        secret_key: variable("POSTKEY_SECRET_KEY"),
        previous_secret_keys: variable("POSTKEY_PREVIOUS_SECRET_KEYS"),
        smtp_password: variable("POSTKEY_SMTP_PASSWORD"),
        twilio_token: variable("POSTKEY_TWILIO_TOKEN"),
        api_key: variable("POSTKEY_API_KEY"),
        metrics_key: variable("POSTKEY_METRICS_KEY"),
    };
    setup::setup(mode, purpose, file, &environment, &SystemEntropy::open())
}

fn start_log(file: &ConfigFile, beside: Option<impl Layer<Registry> + Send + Sync>) -> Result<(), String> {
    let targets: Targets = file.config.log.parse().map_err(|e| format!("{}: {e}", file.place("", "log")))?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false);
    let registry = tracing_subscriber::registry().with(beside);
    match file.config.log_format {
        LogFormat::Text => registry.with(lines.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).with_filter(targets)).init(),
        LogFormat::Json => registry.with(lines.json().flatten_event(true).with_filter(targets)).init(),
    }
    Ok(())
}

/// Where a database is, for people. A URL may hold a password.
fn place(location: &Location) -> String {
    match location {
        Location::Sqlite(path) => path.display().to_string(),
        Location::Postgres(_) => "that PostgreSQL address".to_owned(),
    }
}

/// Opens the database that a command looks after, if there is one.
async fn open_there(setup: &Setup) -> Result<run::House, String> {
    is_there(setup).await?;
    run::open(setup).await
}

/// Whether there is a database to look after, of this version.
async fn is_there(setup: &Setup) -> Result<(), String> {
    match Store::reach(&setup.location).await.map_err(|e| e.to_string())? {
        Found::Current => Ok(()),
        Found::Nothing => {
            Err(format!("there is no Postkey database at {}: is it the one of --config or --data-dir?", place(&setup.location)))
        }
        Found::Older => {
            Err(format!("the database at {} is of an older version: start the server of this version first", place(&setup.location)))
        }
    }
}
