//! What is measured: which binary, on which database, with which settings.

use clap::Args;
use postkey_bench::{Options, Server};
use std::io::Result;
use std::path::PathBuf;

/// The server to measure.
#[derive(Args, Clone)]
pub struct Target {
    /// The server's binary.
    #[arg(long, default_value = "target/release/postkey")]
    pub server: PathBuf,
    /// postgres://…; SQLite in a temporary folder when not given.
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
            config: format!("log = \"{}\"\n[keys]\nalgorithm = \"{}\"\n[mail]\ntransport = \"discard\"\n", self.log, self.algorithm),
            database_url: self.database_url.clone(),
            no_log: true,
            ..Options::default()
        }
    }

    /// Starts it.
    pub async fn start(&self) -> Result<Server> {
        Server::start(self.options()).await
    }

    /// One line that says what is measured and where.
    pub fn print(&self) {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let engine = if self.database_url.is_some() { "PostgreSQL" } else { "SQLite" };
        println!("{engine}, {}, log {}; server, generator and database share {cores} cores", self.algorithm, self.log);
    }
}
