//! `postkey webhooks`: what services that are told what happens did not take yet.

use crate::commands::clock;
use crate::setup::Setup;
use crate::{Options, open_there};
use clap::Subcommand;
use postkey_model::{Change, WebhookChange};
use postkey_store::{Store, WebhooksWaiting};

/// So many of those that failed are shown of each service.
const SHOWN: i64 = 10;

#[derive(Subcommand)]
pub enum WebhooksCommand {
    /// Say of each service how much waits for it, what nobody tries any more, and what it answered last.
    List {
        #[command(flatten)]
        options: Options,
    },
    /// Try again now what nobody tries any more.
    Retry {
        /// The service: NAME of its section [webhooks.NAME].
        name: String,
        #[command(flatten)]
        options: Options,
    },
}

impl WebhooksCommand {
    pub fn options(&self) -> &Options {
        match self {
            WebhooksCommand::List { options } | WebhooksCommand::Retry { options, .. } => options,
        }
    }
}

/// `postkey webhooks …`
pub async fn webhooks(setup: Setup, command: &WebhooksCommand) -> Result<(), String> {
    let house = open_there(&setup).await?;
    let names: Vec<&str> = setup.settings.webhooks.iter().map(|webhook| webhook.endpoint.as_str()).collect();
    let outcome = match command {
        WebhooksCommand::List { .. } => list(&house.store, &names).await,
        WebhooksCommand::Retry { name, .. } => {
            let due = house.clock.now();
            retry(&house.store, &names, name, due).await
        }
    };
    house.store.close().await;
    outcome
}

async fn list(store: &Store, names: &[&str]) -> Result<(), String> {
    let mut all = store.webhooks_waiting().await.map_err(|e| e.to_string())?;
    for name in names {
        if !all.iter().any(|waiting| waiting.endpoint == *name) {
            all.push(WebhooksWaiting { endpoint: (*name).to_owned(), waiting: 0, oldest: None, given_up: 0 });
        }
    }
    if all.is_empty() {
        println!("no service is told what happens: describe one under [webhooks.NAME] in the config");
    }
    for WebhooksWaiting { endpoint, waiting, oldest, given_up } in all {
        let since = oldest.map(|oldest| format!(", the oldest from {}", clock(oldest))).unwrap_or_default();
        let gone = if names.contains(&endpoint.as_str()) { "" } else { "; it is not in the config any more" };
        println!("{endpoint}: {waiting} waiting{since}, {given_up} given up{gone}");
        for stuck in store.webhooks_stuck(&endpoint, SHOWN).await.map_err(|e| e.to_string())? {
            println!("  {}  {:<22} {}  {}", clock(stuck.at), stuck.kind, stuck.event, stuck.answer);
        }
    }
    Ok(())
}

async fn retry(store: &Store, names: &[&str], name: &str, due_at: postkey_model::Timestamp) -> Result<(), String> {
    if !names.contains(&name) {
        return Err(format!("there is no section [webhooks.{name}] in the config: nobody would be told"));
    }
    let change = WebhookChange::Revived { endpoint: name.to_owned(), due_at };
    let yields = store.commit(vec![Change::Webhook(Box::new(change))]).await.map_err(|e| e.to_string())?;
    let count = yields.first().and_then(postkey_model::Yield::count).unwrap_or_default();
    println!("{count} to be told again");
    Ok(())
}
