//! What is measured: which binary, on which database, with which settings.

use clap::Args;
use postkey_bench::{Options, Server};
use std::io::{Error, Result};
use std::path::PathBuf;
use std::process::Command;

/// The server to measure.
#[derive(Args, Clone)]
pub struct Target {
    /// The server's binary.
    #[arg(long, default_value = "target/release/postkey")]
    pub server: PathBuf,
    /// postgres://…/bench, dropped and made anew; SQLite in a temporary folder when not given.
    #[arg(long)]
    pub database_url: Option<String>,
    /// What tokens are signed with.
    #[arg(long, default_value = "ES256")]
    pub algorithm: String,
    /// What the server logs (to /dev/null).
    #[arg(long, default_value = "error")]
    pub log: String,
}

impl Target {
    /// How to start it.
    pub fn options(&self) -> Options {
        Options {
            binary: self.server.clone(),
            // Everything is counted, and no limit is ever reached.
            config: format!(
                "log = \"{}\"\ntrusted_proxies = [\"127.0.0.1\"]\n[keys]\nalgorithm = \"{}\"\n[mail]\nproviders = [\"discard\"]\n\
                 [tenants.public]\nsends_per_contact = 1000000\nsends_per_network = 1000000000\nsends_per_tenant = 1000000000\n[limits]\nsends_per_server = 1000000000\n",
                self.log, self.algorithm
            ),
            database_url: self.database_url.clone(),
            no_log: self.log != "error",
            ..Options::default()
        }
    }

    /// Starts it.
    pub async fn start(&self) -> Result<Server> {
        self.empty_database()?;
        Server::start(self.options()).await
    }

    /// The same with another database beside this one.
    pub fn beside(&self, name: &str) -> Self {
        Target { database_url: self.database_url.as_ref().map(|url| format!("{url}{name}")), ..self.clone() }
    }

    /// On PostgreSQL: makes the database anew, so that it holds no keys of another run.
    pub fn empty_database(&self) -> Result<()> {
        let Some((server, name)) = self.database_url.as_deref().and_then(|url| url.rsplit_once('/')) else { return Ok(()) };
        if !name.starts_with("bench") || !name.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(Error::other("the database is dropped and made anew: its name must begin with \"bench\""));
        }
        let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        let make = format!("CREATE DATABASE {name}");
        let done = Command::new("psql").args(["-qX", &format!("{server}/postgres"), "-c", &drop, "-c", &make]).output()?;
        if done.status.success() { Ok(()) } else { Err(Error::other(String::from_utf8_lossy(&done.stderr).into_owned())) }
    }

    /// The database's name.
    pub fn engine(&self) -> &'static str {
        if self.database_url.is_some() { "PostgreSQL" } else { "SQLite" }
    }

    /// One line that says what is measured and where.
    pub fn print(&self) {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        println!("{}, {}, log {}; server, generator and database share {cores} cores", self.engine(), self.algorithm, self.log);
    }
}
