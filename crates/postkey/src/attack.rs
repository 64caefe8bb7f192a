//! `postkey attack`: the attack suite, on a running server or on throwaway ones of this very program.

use crate::system::SystemClock;
use clap::Args;
use postkey_attack::Plan;
use postkey_model::Clock;
use std::path::PathBuf;
use std::process::ExitCode;
use url::Url;

/// What to attack, and how.
#[derive(Args)]
pub struct Attack {
    /// The server's public address. Without it, throwaway servers are started, attacked and stopped.
    url: Option<Url>,
    /// Its private listener.
    #[arg(long, value_name = "URL", requires = "url")]
    private: Option<Url>,
    /// Opens the private listener.
    #[arg(long, value_name = "KEY", requires = "private")]
    api_key: Option<String>,
    /// A second node on the same database.
    #[arg(long, value_name = "URL", requires = "url")]
    node: Option<Url>,
    /// Where messages can be read, in the form of /dev/inbox.json. Default: the server's own inbox.
    #[arg(long, value_name = "URL", requires = "url")]
    inbox: Option<Url>,
    /// The database of the throwaway servers, which must be empty: postgres://… makes them two nodes.
    #[arg(long, value_name = "URL", conflicts_with = "url")]
    database_url: Option<String>,
    /// Only cases whose ids begin so: A01,B
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    only: Vec<String>,
    /// Print JSON, a line per case.
    #[arg(long)]
    json: bool,
    /// List the cases and try none.
    #[arg(long)]
    list: bool,
    /// The browser that opens links without a person.
    #[arg(long, value_name = "PATH", default_value = "/usr/bin/chromium")]
    browser: PathBuf,
}

/// 0 when nothing fell, 1 when something did, 2 when the suite could not run.
pub async fn attack(wish: Attack) -> ExitCode {
    if wish.list {
        print!("{}", postkey_attack::list());
        return ExitCode::SUCCESS;
    }
    match std::env::current_exe().map_err(|e| format!("this program does not find itself: {e}")) {
        Ok(binary) => run(wish, binary).await,
        Err(problem) => broken(&problem),
    }
}

async fn run(wish: Attack, binary: PathBuf) -> ExitCode {
    let Attack { url, private, api_key, node, inbox, database_url, only, json, list: _, browser } = wish;
    let now = || SystemClock.now().0;
    let plan = Plan {
        url,
        private,
        api_key,
        node,
        inbox,
        database_url,
        only,
        json,
        browser: Some(browser).filter(|path| path.exists()),
        binary,
        now,
    };
    match postkey_attack::run(plan).await {
        Ok(sum) if sum.fell == 0 => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(problem) => broken(&problem),
    }
}

fn broken(problem: &str) -> ExitCode {
    eprintln!("postkey attack: {problem}");
    ExitCode::from(2)
}
