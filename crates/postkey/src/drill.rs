//! `postkey keys drill`: all keys are changed on a copy of the database, and every session has to survive it.

use crate::secret_key::make_folder;
use crate::setup::Setup;
use crate::system::{SystemClock, SystemEntropy};
use crate::{Options, is_there, run};
use clap::Args;
use postkey_auth::drill::{Held, Kind, Tried};
use postkey_auth::{Auth, Resealed};
use postkey_model::{Clock, Entropy, Keyring, Millis, RootKey, Timestamp, entropy::random};
use postkey_store::{Location, SourceUse, Store};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::mpsc;

#[derive(Args)]
pub struct Drill {
    /// How many of the sessions that are there are tried at most: the oldest and the newest.
    #[arg(long, value_name = "COUNT", default_value_t = 1000, value_parser = clap::value_parser!(i64).range(0..=1_000_000))]
    sessions: i64,
    /// Where the copy is made, in a folder of its own that is removed afterwards. Default: data_dir.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    #[command(flatten)]
    pub options: Options,
}

/// `postkey keys drill`
pub async fn drill(setup: Setup, wish: &Drill) -> Result<(), String> {
    is_there(&setup).await?;
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy::open());
    let folder = wish.folder.as_deref().unwrap_or(&setup.file.config.data_dir);
    let scratch = Scratch::new(folder, entropy.as_ref())?;
    let mut signals = run::Signals::listen()?;
    // Whatever ends it, the copy goes away.
    tokio::select! {
        outcome = on_copy(&setup, wish, &scratch, entropy) => outcome,
        () = signals.next() => Err("stopped: the drill did not come to its end".to_owned()),
    }
}

async fn on_copy(setup: &Setup, wish: &Drill, scratch: &Scratch, entropy: Arc<dyn Entropy>) -> Result<(), String> {
    let begun = SystemClock.now();
    let copy = scratch.0.join("postkey.db");
    let rows = copied(&setup.location, &copy, begun).await?;
    println!("copied the database ({rows}) into {}; the database itself is only read", scratch.0.display());
    let now = SystemClock.now();
    let store = Store::open(&Location::Sqlite(copy), now).await.map_err(|e| format!("the copy: {e}"))?;
    let outcome = Scene { setup, store: store.clone(), entropy }.play(wish.sessions, now).await;
    store.close().await;
    outcome
}

/// Copies everything, as it is at one moment, into a file. Says how much that was.
async fn copied(from: &Location, to: &Path, now: Timestamp) -> Result<String, String> {
    match from {
        Location::Sqlite(path) => {
            let (from, to) = (path.clone(), to.to_owned());
            let copied = tokio::task::spawn_blocking(move || postkey_store::back_up(&from, &to, false)).await;
            let copied = copied.map_err(|e| e.to_string())?.map_err(|e| e.to_string())?;
            Ok(format!("{} bytes", copied.bytes))
        }
        Location::Postgres(_) => {
            let to = Location::Sqlite(to.to_owned());
            let tables = postkey_store::copy(from, &to, SourceUse::Shared, now, |_| ()).await.map_err(|e| e.to_string())?;
            Ok(format!("{} rows", tables.iter().map(|table| table.checksum.rows).sum::<u64>()))
        }
    }
}

/// The copy, and what servers on it need.
struct Scene<'a> {
    setup: &'a Setup,
    store: Store,
    entropy: Arc<dyn Entropy>,
}

impl Scene<'_> {
    /// A server on the copy with this keyring. It sends no messages: nobody listens to its bell.
    async fn server(&self, keyring: Keyring, now: Timestamp) -> Result<Auth, String> {
        let (ring, _) = mpsc::channel(1);
        let auth = Auth::new(self.store.clone(), Arc::new(keyring), self.entropy.clone(), self.setup.settings.clone(), ring);
        auth.tend_tenants(now).await.map_err(|e| e.to_string())?;
        auth.tend_registered().await.map_err(|e| e.to_string())?;
        auth.tend_keys(now).await.map_err(|e| run::explain_keys(&e.to_string()))?;
        Ok(auth)
    }

    async fn play(&self, sample: i64, now: Timestamp) -> Result<(), String> {
        let before = self.server(self.setup.keyring(), now).await?;
        let held = before.hold_for_drill(sample, now).await.map_err(|e| e.to_string())?;
        say_held(&held);
        let sessions = held.sessions();

        let rotated = before.rotate_all_keys(now).await.map_err(|e| run::explain_keys(&e.to_string()))?;
        let stay = rotated.iter().filter(|set| set.signs_from.is_none()).count();
        println!("signing keys: {} sets rotated, {stay} with a key that stays", rotated.len() - stay);
        // When the last of the new keys begins to sign.
        let later = rotated.iter().filter_map(|set| set.signs_from).max().unwrap_or(now).max(now) + Millis::from_secs(1);

        let root = RootKey::generate(self.entropy.as_ref());
        let both = || Keyring::new(&root).with_previous(std::iter::once(&self.setup.root).chain(&self.setup.previous_roots));
        let after = self.server(both(), now).await?;
        let Resealed { sealed, current, closed } = after.reseal(now).await.map_err(|e| e.to_string())?;
        println!("secret key: changed to a new one, {sealed} secrets sealed anew");
        let mut broken = Vec::new();
        if current > 0 {
            broken.push(format!("{current} secrets were not sealed anew"));
        }
        if closed > 0 {
            println!("  note: {closed} secrets open under no key that is configured, and did not before");
        }

        let after = self.server(both(), later).await?;
        let (tried, held) = after.try_for_drill(held, later).await.map_err(|e| e.to_string())?;
        say_tried("with both secret keys", &tried);
        broken.extend(named(&tried));

        let alone = later + Millis::from_mins(1);
        let new_only = self.server(Keyring::new(&root), alone).await;
        let (renewed, over) = (tried.renewed, tried.over);
        let survived = match new_only {
            Ok(new_only) => {
                let (tried, _) = new_only.try_for_drill(held, alone).await.map_err(|e| e.to_string())?;
                say_tried("with the new secret key alone", &tried);
                broken.extend(named(&tried));
                tried.renewed + tried.over
            }
            Err(e) => {
                broken.push(format!("with the new secret key alone no server starts: {e}"));
                0
            }
        };
        let survived = survived.min(renewed) + over;
        verdict(sessions, survived, &broken)
    }
}

fn say_held(held: &Held) {
    let [own, login, lineage] = [Kind::Own, Kind::Login, Kind::Lineage].map(|kind| held.of_kind(kind));
    println!(
        "sessions: {} of those that are there, and {} made for the drill: {own} of our own pages and SDKs, {login} of applications, {lineage} of back ends",
        held.found - held.lost_before.len(),
        held.sessions() + held.lost_before.len() - held.found
    );
    if !held.lost_before.is_empty() {
        println!("  note: {} could not be renewed even before: {}", held.lost_before.len(), held.lost_before[0]);
    }
    let (messages, secrets) = held.sealed();
    println!(
        "also held: {messages} messages in the outbox, {secrets} secrets of services, a code, a link and a token that proves an address"
    );
}

fn say_tried(how: &str, tried: &Tried) {
    let Tried { access, renewed, by_new_key, over, .. } = tried;
    println!(
        "{how}: {access} access tokens believed, {renewed} sessions renewed, {by_new_key} of them signed by a new key, {over} over by themselves"
    );
    if tried.messages + tried.proofs > 0 {
        println!("  {} messages and {} secrets opened, {} proofs under way are good", tried.messages, tried.secrets, tried.proofs);
    }
}

/// What broke, and how much more of it there is.
fn named(tried: &Tried) -> Vec<String> {
    let more = tried.broken_count - tried.broken.len();
    let more = (more > 0).then(|| format!("and {more} more"));
    tried.broken.iter().cloned().chain(more).collect()
}

fn verdict(sessions: usize, survived: usize, broken: &[String]) -> Result<(), String> {
    if broken.is_empty() && survived == sessions {
        println!("{sessions} sessions before, {survived} after; the drill held");
        return Ok(());
    }
    println!("{sessions} sessions before, {survived} after; the drill fell");
    Err(format!("the drill fell:\n  {}", broken.join("\n  ")))
}

/// A folder that goes away with whatever is in it.
struct Scratch(PathBuf);

impl Scratch {
    fn new(folder: &Path, entropy: &dyn Entropy) -> Result<Self, String> {
        let name = format!("drill-{:016x}", u64::from_be_bytes(random::<8>(entropy)));
        let path = folder.join(name);
        make_folder(&path).map_err(|e| format!("{}: {e}: name another folder with --folder", path.display()))?;
        Ok(Scratch(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(e) = std::fs::remove_dir_all(&self.0) {
            eprintln!("{}: {e}: remove this copy of the database yourself", self.0.display());
        }
    }
}
