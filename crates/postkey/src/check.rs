//! Commands that look whether all is well: `check` before a start, `health` while it runs.

use crate::Options;
use crate::run;
use crate::setup::{Mistakes, Setup};
use crate::system::SystemClock;
use clap::Args;
use postkey_delivery::Routes;
use postkey_model::Clock;
use postkey_outbound::{HeaderMap, Outbound, StatusCode};
use postkey_store::{Found, Store};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use url::Url;

/// How long a server may take to say how it is: longer than it waits for its database.
const PATIENCE: Duration = Duration::from_secs(8);

/// `postkey health`
#[derive(Args)]
pub struct Health {
    /// Ask whether requests may be sent to it (`/ready`), not only whether it lives (`/health`).
    #[arg(long)]
    pub ready: bool,
    #[command(flatten)]
    pub options: Options,
}

/// Tries everything that can be tried, says what came of each, and fails at the end. Changes nothing.
pub async fn check(outcome: Result<Setup, Box<Mistakes>>) -> Result<(), String> {
    let mut failed = Vec::new();
    let mut say = |what: &str, outcome: Result<String, String>| match outcome {
        Ok(words) => println!("{what:<14} ok{words}"),
        Err(why) => {
            println!("{what:<14} failed");
            failed.push(why);
        }
    };
    let (setup, location, routes) = match &outcome {
        Ok(setup) => (Some(setup), Some(&setup.location), Some(&setup.routes)),
        Err(mistakes) => (None, mistakes.location.as_ref(), mistakes.routes.as_ref()),
    };
    say("config", outcome.as_ref().map(|_| String::new()).map_err(ToString::to_string));
    let mut found = None;
    if let Some(location) = location {
        let reached = Store::reach(location).await.map_err(|e| format!("database: {e}"));
        found = reached.as_ref().ok().copied();
        say("database", reached.map(|found| format!(" ({}){}", location.engine(), means(found))));
    }
    if let (Some(setup), Some(Found::Current)) = (setup, found) {
        say("secret key", opened_keys(setup).await.map_err(|e| format!("secret key: {e}")));
    }
    for named in routes.map(Routes::each).unwrap_or_default() {
        let answer = named.provider.check().await.map(|()| String::new());
        say(&named.name, answer.map_err(|e| format!("provider {}: {e}", named.name)));
    }
    for listener in setup.map(|setup| setup.listeners.as_slice()).unwrap_or_default() {
        let answer = listener.check().await.map(|()| String::new());
        say(listener.name(), answer.map_err(|e| format!("webhook {}: {e}", listener.name())));
    }
    match failed.as_slice() {
        [] => Ok(()),
        [one] => Err(one.clone()),
        many => Err(format!("{} checks failed:\n{}", many.len(), many.join("\n"))),
    }
}

fn means(found: Found) -> &'static str {
    match found {
        Found::Nothing => ": empty, the first start fills it",
        Found::Older => ": of an older version, the next start brings it up to date",
        Found::Current => "",
    }
}

/// How many of the database's signing keys the secret key opens; an error when it does not fit them.
async fn opened_keys(setup: &Setup) -> Result<String, String> {
    let house = run::open(setup).await?;
    let keys = house.auth.list_keys(SystemClock.now()).await;
    house.store.close().await;
    let keys = keys.map_err(|e| run::explain_keys(&e.to_string()))?;
    Ok(format!(": opens {} of {} signing keys", keys.iter().filter(|key| key.opens).count(), keys.len()))
}

/// Asks the server behind the first of `private` whether it lives, or whether it is `ready` for requests.
pub async fn health(private: &[SocketAddr], ready: bool) -> Result<(), String> {
    let address = reachable(*private.first().ok_or("private_listen names no address to ask at")?);
    let path = if ready { "ready" } else { "health" };
    let url = Url::parse(&format!("http://{address}/{path}")).map_err(|e| e.to_string())?;
    let outbound = Outbound::new(None).map_err(|e| e.to_string())?.in_clear().with_patience(PATIENCE);
    let answer = outbound.get(&url, HeaderMap::new(), SystemClock.now()).await.map_err(|e| format!("{url}: {e}"))?;
    let words = String::from_utf8_lossy(&answer.body);
    if answer.status == StatusCode::OK {
        println!("{words}");
        return Ok(());
    }
    Err(format!("{url}: {} {words}", answer.status))
}

/// The address at which this machine reaches a listener that listens everywhere.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

#[cfg(test)]
mod tests {
    use super::reachable;

    #[test]
    fn a_listener_on_all_addresses_is_asked_on_this_machine() {
        for (listens, asked) in [("0.0.0.0:3567", "127.0.0.1:3567"), ("[::]:3567", "[::1]:3567"), ("10.1.2.3:9", "10.1.2.3:9")] {
            assert_eq!(reachable(listens.parse().unwrap()), asked.parse().unwrap());
        }
    }
}
