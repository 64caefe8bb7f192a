//! A running server: store, verbs, post room, listeners, and the small work that goes on beside them.

use crate::config::LimitsConfig;
use crate::setup::{Mode, Setup};
use crate::sweep::Sweep;
use crate::system::{SystemClock, SystemEntropy, open_files};
use postkey_auth::Auth;
use postkey_auth::decide::keys::LOOK_EVERY;
use postkey_delivery::{Lifecycle, LifecycleParts, PostRoom, PostRoomParts, Templates};
use postkey_http::{Bounds, DevMail, DevParts, Doors, Listening, Network, Parts, Patience, View, serve};
use postkey_model::{Clock, Entropy, Keyring, Secret};
use postkey_store::Store;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, watch};

/// Fresh messages that may wait for the post room before they are left to the outbox.
const BELL: usize = 8192;
/// How often a node looks whether another one changed a tenant, or something that operators register.
const LOOK_AT_TENANTS_EVERY: Duration = Duration::from_secs(2);

/// The verbs on an open store.
pub struct House {
    pub auth: Auth,
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    keyring: Arc<Keyring>,
    entropy: Arc<dyn Entropy>,
    bell: mpsc::Receiver<postkey_model::Message>,
}

/// Opens the store and puts the verbs on it.
pub async fn open(setup: &Setup) -> Result<House, String> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy::open());
    let keyring = Arc::new(setup.keyring());
    let store = Store::open(&setup.location, clock.now()).await.map_err(|e| format!("{}: {e}", setup.location.engine()))?;
    let (ring, bell) = mpsc::channel(BELL);
    let auth = Auth::new(store.clone(), keyring.clone(), entropy.clone(), setup.settings.clone(), ring);
    Ok(House { auth, store, clock, keyring, entropy, bell })
}

async fn open_with_keys(setup: &Setup) -> Result<House, String> {
    let house = open(setup).await?;
    house.auth.tend_tenants(house.clock.now()).await.map_err(|e| e.to_string())?;
    house.auth.tend_registered().await.map_err(|e| e.to_string())?;
    house.auth.tend_keys(house.clock.now()).await.map_err(|e| explain_keys(&e.to_string()))?;
    Ok(house)
}

/// Serves until the process is asked to stop.
pub async fn run(setup: Setup) -> Result<(), String> {
    // From here on a signal ends the server well, whatever it is at.
    let mut signals = Signals::listen()?;
    postkey_metrics::STARTED_AT.set(&[], SystemClock.now().0 as f64 / 1000.0);
    let house = tokio::select! {
        // Cut off here, nothing is half-done: migrations and keys are written whole or not at all.
        () = signals.next() => return Ok(()),
        house = open_with_keys(&setup) => house?,
    };
    let public = listen(setup.file.config.public_listen, "public_listen").await?;
    let mut private = Vec::new();
    for address in &setup.file.config.private_listen {
        match listen(*address, "private_listen").await {
            Ok(listening) => private.push(listening),
            // A machine without IPv6 is no mistake.
            Err(_) if address.is_ipv6() && address.ip().is_loopback() && !private.is_empty() => {
                tracing::info!(%address, "no private listener here: IPv6 is off");
            }
            Err(e) => return Err(e),
        }
    }
    let inbox = matches!(&setup.dev, Some(DevParts { mail: DevMail::Inbox(_) }));
    let brands = setup.settings.tenants.iter().map(|(id, tenant)| (id, &tenant.brand));
    let view = View::new(setup.templates.clone(), brands, setup.settings.texts.countries.as_ref());
    let near = setup
        .places
        .clone()
        .map(|places| -> postkey_delivery::Places { Arc::new(move |client_ip: &str, lang: &str| places.of_client(client_ip, lang)) });
    let limits = &setup.file.config.limits;
    let (of_people, of_back_ends) = bounds(limits, setup.trusted_proxies.clone(), open_files());
    let doors = Doors::new(Parts {
        auth: house.auth.clone(),
        clock: house.clock.clone(),
        view,
        trusted_proxies: setup.trusted_proxies,
        cookie_domain: setup.file.config.cookie_domain.clone(),
        private_hosts: setup.file.config.private_hosts.clone(),
        api_keys: setup.file.config.api_keys.iter().map(|key| Secret::new(key.clone())).collect(),
        metrics_key: setup.metrics_key,
        requests: limits.requests as usize,
        places: setup.places,
        providers: Some(postkey_providers::Providers::new(None).map_err(|e| e.to_string())?),
        dev: setup.dev,
    });
    let entropy = house.entropy.clone();
    let post_room = PostRoom::start(
        PostRoomParts {
            store: house.store.clone(),
            keyring: house.keyring,
            entropy: house.entropy,
            clock: house.clock.clone(),
            templates: Templates::new(setup.templates),
            routes: setup.routes,
            places: near,
        },
        house.bell,
    );
    let lifecycle = Lifecycle::start(LifecycleParts {
        store: house.store.clone(),
        clock: house.clock.clone(),
        entropy: entropy.clone(),
        listeners: setup.listeners,
        due: house.auth.webhooks_due(),
    });
    let (stop, stopped) = watch::channel(false);
    let keys = tokio::spawn(tend_keys(house.auth.clone(), house.clock.clone(), stopped.clone()));
    let tenants = tokio::spawn(tend_tenants(house.auth.clone(), house.clock.clone(), stopped.clone()));
    let keep_events = setup.file.config.retention.events.0;
    let sweep = Sweep { store: house.store.clone(), clock: house.clock.clone(), entropy: entropy.clone(), keep_events };
    let sweep = tokio::spawn(sweep.run(stopped.clone()));
    greet((setup.mode, inbox), &house.auth, &public, &private);

    let patience = Patience::default();
    let mut listeners = vec![tokio::spawn(serve(public, doors.public(), (of_people, patience), told(stopped.clone())))];
    for listening in private {
        listeners.push(tokio::spawn(serve(listening, doors.private(), (of_back_ends.clone(), patience), told(stopped.clone()))));
    }
    signals.next().await;
    doors.leave();
    if !setup.shutdown_grace.is_zero() {
        tracing::info!(
            seconds = setup.shutdown_grace.as_secs(),
            "leaving: /ready says no, requests are still taken; a second signal ends that"
        );
        let _ = tokio::time::timeout(setup.shutdown_grace, signals.next()).await;
    }
    tracing::info!("stopping: requests in flight finish, queued messages stay");
    let _ = stop.send(true);
    for listener in listeners {
        let _ = listener.await;
    }
    post_room.stop().await;
    lifecycle.stop().await;
    let _ = keys.await;
    let _ = tenants.await;
    let _ = sweep.await;
    house.store.close().await;
    Ok(())
}

/// How many connections the public listener and each private one hold, of the files that may be open. The database, the mail servers
/// and refusals need some too.
fn bounds(limits: &LimitsConfig, trusted_proxies: Vec<Network>, files: Option<usize>) -> (Bounds, Bounds) {
    let wanted = limits.connections as usize;
    let within = |share: Option<usize>| match share {
        Some(share) if wanted == 0 || share < wanted => share,
        Some(_) | None => wanted,
    };
    // Those that are only refused need files too.
    let in_haste = |part: usize| files.map_or(Bounds::IN_HASTE, |files| (files / part).min(Bounds::IN_HASTE));
    let connections = within(files.map(|files| files / 4 * 3 - in_haste(16)));
    if connections < wanted {
        tracing::info!(connections, "fewer connections than limits.connections: the system lets this process open no more files");
    }
    let of_people = Bounds { connections, in_haste: in_haste(16), per_network: limits.connections_per_network as usize, trusted_proxies };
    // Back ends are few, and each is one network.
    let of_back_ends = Bounds { connections: within(files.map(|files| files / 16)), in_haste: in_haste(64), ..Bounds::default() };
    (of_people, of_back_ends)
}

async fn listen(address: SocketAddr, setting: &str) -> Result<Listening, String> {
    Listening::on(address).await.map_err(|e| {
        let mend = if e.kind() == std::io::ErrorKind::AddrInUse {
            format!(": another program has it; stop that, or set {setting} to another port")
        } else {
            String::new()
        };
        format!("cannot listen on {address}: {e}{mend}")
    })
}

/// Keys that do not open mean one thing.
pub fn explain_keys(error: &str) -> String {
    if error.contains("another secret key") {
        return format!(
            "{error}. Start with the secret key that this database was first started with, or, where it was changed since, with the newer one"
        );
    }
    error.to_owned()
}

async fn told(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}

/// The signals that ask the process to stop.
pub struct Signals {
    term: Signal,
    interrupt: Signal,
}

impl Signals {
    pub fn listen() -> Result<Self, String> {
        let on = |kind| signal(kind).map_err(|e| e.to_string());
        Ok(Signals { term: on(SignalKind::terminate())?, interrupt: on(SignalKind::interrupt())? })
    }

    /// Comes true when one comes.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

fn greet((mode, inbox): (Mode, bool), auth: &Auth, public: &Listening, private: &[Listening]) {
    let origin = auth.public_origin();
    match mode {
        Mode::Dev { .. } => {
            println!("Postkey is ready.\n");
            println!("  log in        {origin}/auth");
            if inbox {
                println!("  the mail      {origin}/dev/inbox");
            }
            println!("  every page    {origin}/dev/pages");
            println!("  back ends     {}", private.iter().map(|l| format!("http://{}", l.address())).collect::<Vec<_>>().join("  "));
            println!("\nCtrl-C stops it.");
        }
        Mode::Serve => {
            let private: Vec<String> = private.iter().map(|l| l.address().to_string()).collect();
            tracing::info!(%origin, public = %public.address(), private = %private.join(" "), version = env!("CARGO_PKG_VERSION"), "ready");
        }
    }
}

async fn tend_keys(auth: Auth, clock: Arc<dyn Clock>, mut stopped: watch::Receiver<bool>) {
    let every = Duration::from_millis(LOOK_EVERY.0.unsigned_abs());
    while tokio::time::timeout(every, stopped.changed()).await.is_err() {
        if let Err(e) = auth.tend_keys(clock.now()).await {
            tracing::warn!(error = %e, "cannot tend the signing keys");
        }
    }
}

/// Looks whether another node made or changed a tenant, or something that operators register.
async fn tend_tenants(auth: Auth, clock: Arc<dyn Clock>, mut stopped: watch::Receiver<bool>) {
    while tokio::time::timeout(LOOK_AT_TENANTS_EVERY, stopped.changed()).await.is_err() {
        if let Err(e) = auth.tend_tenants(clock.now()).await {
            tracing::warn!(error = %e, "cannot look at the tenants");
        }
        if let Err(e) = auth.tend_registered().await {
            tracing::warn!(error = %e, "cannot look at what is registered");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_files_for_other_things() {
        let of = |connections, files| {
            let (people, back_ends) = bounds(&LimitsConfig { connections, ..LimitsConfig::default() }, Vec::new(), files);
            (people.connections, people.per_network, back_ends.connections, back_ends.per_network)
        };
        assert_eq!(of(20_000, Some(1_000_000)), (20_000, 1_000, 20_000, 0));
        assert_eq!(of(20_000, Some(1024)), (704, 1_000, 64, 0));
        assert_eq!(of(0, Some(1024)), (704, 1_000, 64, 0), "without a bound of its own the system's is left");
        assert_eq!(of(20_000, None), (20_000, 1_000, 20_000, 0));
        assert_eq!(of(0, None), (0, 1_000, 0, 0));
    }
}
