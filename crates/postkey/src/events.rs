//! `postkey events`: the audit trail, for whoever runs the server.

use crate::commands::clock;
use crate::setup::Setup;
use crate::{Options, open_there};
use clap::Args;
use postkey_http::{MAX_EVENTS, event_json, events_wanted};
use postkey_model::EventId;
use postkey_store::{EventsWanted, Store, StoredEvent};
use std::time::Duration;

/// How often `--follow` looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How far back `--follow` looks for lines that other nodes wrote a little late.
const LATE: postkey_model::Millis = postkey_model::Millis::from_secs(10);

#[derive(Args)]
pub struct EventsOptions {
    /// About this user.
    #[arg(long, value_name = "ID")]
    user: Option<String>,
    /// In this tenant.
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    /// Of these kinds, with commas between.
    #[arg(long, value_name = "KIND,…")]
    kind: Option<String>,
    /// From this moment on: how long ago (24h, 7d), or like 2026-01-31T12:00:00Z.
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Before this moment.
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
    /// How many at most: the newest.
    #[arg(long, value_name = "COUNT", default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=1_000_000))]
    limit: i64,
    /// Go on with what happens from now on, until stopped.
    #[arg(long, conflicts_with = "until")]
    follow: bool,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    pub options: Options,
}

/// `postkey events`
pub async fn events(setup: Setup, asked: &EventsOptions) -> Result<(), String> {
    let house = open_there(&setup).await?;
    let outcome = print(&house, asked).await;
    house.store.close().await;
    outcome
}

async fn print(house: &crate::run::House, asked: &EventsOptions) -> Result<(), String> {
    let times = (asked.since.as_deref(), asked.until.as_deref());
    let wanted = events_wanted(asked.user.as_deref(), asked.tenant.as_deref(), asked.kind.as_deref(), times, house.clock.now())?;
    let mut found = collect(&house.store, &wanted, asked.limit).await?;
    found.reverse();
    found.iter().for_each(|event| show(event, asked.json));
    let mut shown: Vec<EventId> = found.into_iter().map(|event| event.id).collect();
    if !asked.follow {
        return Ok(());
    }
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let since = Some((house.clock.now() - LATE).max(wanted.since.unwrap_or(postkey_model::Timestamp(0))));
        let mut fresh = collect(&house.store, &EventsWanted { since, ..wanted.clone() }, i64::MAX).await?;
        fresh.reverse();
        fresh.iter().filter(|event| !shown.contains(&event.id)).for_each(|event| show(event, asked.json));
        shown = fresh.into_iter().map(|event| event.id).collect();
    }
}

/// The newest `limit` lines, newest first, page by page.
async fn collect(store: &Store, wanted: &EventsWanted, limit: i64) -> Result<Vec<StoredEvent>, String> {
    let mut all: Vec<StoredEvent> = Vec::new();
    loop {
        let left = limit - all.len() as i64;
        let asked = EventsWanted { before: all.last().map(|event| event.id.clone()), ..wanted.clone() };
        let page = store.events(&asked, left.min(MAX_EVENTS)).await.map_err(|e| e.to_string())?;
        let whole = page.len() as i64 == MAX_EVENTS;
        all.extend(page);
        if !whole || all.len() as i64 >= limit {
            return Ok(all);
        }
    }
}

fn show(event: &StoredEvent, json: bool) {
    if json {
        println!("{}", event_json(event));
        return;
    }
    let user = event.user.as_ref().map(|user| format!("  user {user}")).unwrap_or_default();
    println!("{}  {:<22} {:<9} {}  {}{user}", clock(event.at), event.kind, event.actor, event.tenant, event.subject);
}
