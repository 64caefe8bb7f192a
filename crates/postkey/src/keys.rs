//! `postkey keys list`; `rotate`: the next key, with `--all` of every set; `reseal`: after a change of the secret key.

use crate::clients::moment;
use crate::setup::Setup;
use crate::{Options, open_there, run};
use clap::Args;
use postkey_auth::{KeyError, Resealed, SetRotated};
use postkey_model::Timestamp;

#[derive(Args)]
pub struct Reseal {
    /// Since when no server works with the older key alone, as 2026-03-01T02:00:00Z. Default: now.
    #[arg(long, value_name = "TIME")]
    since: Option<jiff::Timestamp>,
    #[command(flatten)]
    pub options: Options,
}

/// `postkey keys list` and `rotate`: lists the keys of a database that is there, or makes the next one.
pub async fn keys(setup: Setup, rotate: bool) -> Result<(), String> {
    let house = open_there(&setup).await?;
    let outcome = keys_of(&house, rotate).await;
    house.store.close().await;
    outcome
}

async fn keys_of(house: &run::House, rotate: bool) -> Result<(), String> {
    let now = house.clock.now();
    let explained = |e: KeyError| run::explain_keys(&e.to_string());
    if rotate {
        if house.auth.list_keys(now).await.map_err(explained)?.is_empty() {
            return Err("there is no key yet: the server makes the first one when it starts".to_owned());
        }
        match house.auth.rotate_keys(now).await.map_err(explained)? {
            Some(from) => println!("a new key signs in {} s", from.since(now).as_secs_ceil()),
            None => println!("a new key is waiting for its turn already"),
        }
    }
    println!("{:<26} {:<6} {:>14} {:>16}  state", "kid", "alg", "made", "signs from");
    for summary in house.auth.list_keys(now).await.map_err(explained)? {
        let state = match (summary.signs_now, summary.key.signs_from > now) {
            _ if !summary.opens => "does not open with this secret key".to_owned(),
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
    Ok(())
}

/// `postkey keys rotate --all`
pub async fn rotate_all(setup: Setup) -> Result<(), String> {
    let house = open_there(&setup).await?;
    let now = house.clock.now();
    let done = match house.auth.tend_tenants(now).await {
        Ok(()) => house.auth.rotate_all_keys(now).await.map_err(|e| run::explain_keys(&e.to_string())),
        Err(e) => Err(e.to_string()),
    };
    house.store.close().await;
    let done = done?;
    if done.is_empty() {
        return Err("there is no key yet: the server makes the first one when it starts".to_owned());
    }
    done.iter().for_each(|set| println!("{}", said(set, now)));
    Ok(())
}

/// What became of a set of keys, in words.
fn said(done: &SetRotated, now: Timestamp) -> String {
    let set = done.set.to_text();
    match (done.signs_from, done.is_new) {
        (None, _) => format!("{set:<26} stays: back ends hold on to this key, it is never followed"),
        (Some(from), true) => format!("{set:<26} a new key signs in {} s", from.since(now).as_secs_ceil()),
        (Some(from), false) => {
            format!("{set:<26} a new key is waiting for its turn already: it signs in {} s", from.since(now).as_secs_ceil())
        }
    }
}

/// `postkey keys reseal`
pub async fn reseal(setup: Setup, wish: &Reseal) -> Result<(), String> {
    let seal_id = setup.keyring().seal_id();
    let house = open_there(&setup).await?;
    let outcome = reseal_in(&house, seal_id, wish.since.map(|at| Timestamp(at.as_millisecond()))).await;
    house.store.close().await;
    outcome
}

async fn reseal_in(house: &run::House, seal_id: [u8; 4], since: Option<Timestamp>) -> Result<(), String> {
    let now = house.clock.now();
    let Resealed { sealed, current, closed } = house.auth.reseal(now).await.map_err(|e| run::explain_keys(&e.to_string()))?;
    println!("{sealed} secrets sealed anew under the secret key, {current} were already");
    if closed > 0 {
        return Err(format!(
            "{closed} secrets open under no key that is configured: add the key that they were sealed under to previous_secret_keys"
        ));
    }
    let since = since.unwrap_or(now);
    if since > now {
        return Err(format!("--since {} is still to come", moment(since)));
    }
    let work = house.store.older_work(seal_id, since, now).await.map_err(|e| e.to_string())?;
    println!("may depend on an older key, if it was made before {}:", moment(since));
    for line in &work {
        let until = line.until.map(|at| format!("  until {} at most", moment(at))).unwrap_or_default();
        println!("  {:<28} {:>10}{until}", line.what, line.count);
    }
    match work.iter().filter_map(|line| line.until).max() {
        None => println!("nothing: the older keys can be taken out of previous_secret_keys"),
        Some(until) => println!(
            "keep the older keys until {}. Sooner, say so with --since {}: sessions that were renewed since do not count",
            moment(until),
            moment(since)
        ),
    }
    Ok(())
}
