//! The key chests: key sets in memory, kept in step with the table. One set of keys that rotate and one key that stays
//! for each app.

use crate::token::{self, LiveKey};
use crate::{Auth, decide};
use postkey_model::{
    Actor, Algorithm, AppId, Change, Event, EventId, EventKind, KeySet, KeyUse, Millis, Secret, SigningKey, TenantId, Timestamp,
};
use postkey_store::{CommitError, Unavailable};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use thiserror::Error;

/// Why the keys could not be tended.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The store does not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// A key could not be opened, parsed or made.
    #[error("{0}")]
    Broken(String),
}

/// One line of `postkey keys list`.
#[derive(Clone, Debug)]
pub struct KeySummary {
    /// The key as stored.
    pub key: SigningKey,
    /// Whether it is the one that signs.
    pub signs_now: bool,
    /// Whether this server's secret key opens it. One that does not open neither signs nor verifies here.
    pub opens: bool,
    /// From when on it is dead; `None` while it has no follower.
    pub dead_from: Option<Timestamp>,
}

/// The keys in memory, set by set.
#[derive(Default)]
pub(crate) struct KeyChests {
    all: RwLock<HashMap<KeySet, Arc<KeyChest>>>,
    /// A private key for the next static set. Making one takes a good part of a second, so one is kept ready.
    spare: Mutex<Option<Secret<Vec<u8>>>>,
}

impl KeyChests {
    /// The chest of a set; an empty one when nobody asked for it before.
    pub(crate) fn of(&self, set: &KeySet) -> Arc<KeyChest> {
        let known = self.all.read().unwrap_or_else(PoisonError::into_inner).get(set).cloned();
        known.unwrap_or_else(|| {
            let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
            all.entry(set.clone()).or_default().clone()
        })
    }

    fn known_sets(&self) -> Vec<KeySet> {
        self.all.read().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }

    /// Forgets the sets of an app that is gone.
    pub(crate) fn forget(&self, app: &AppId) {
        self.all.write().unwrap_or_else(PoisonError::into_inner).retain(|set, _| set.app() != *app);
    }
}

/// The keys of one set.
#[derive(Default)]
pub(crate) struct KeyChest {
    state: RwLock<Arc<State>>,
    /// When the table was last looked at, whatever was found.
    looked_at: AtomicI64,
}

#[derive(Default)]
struct State {
    /// The table as it was looked at.
    stored: Vec<SigningKey>,
    /// Those of them that opened.
    opened: Vec<SigningKey>,
    /// The same, ready for use.
    live: Vec<LiveKey>,
}

impl KeyChest {
    fn state(&self) -> Arc<State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace(&self, state: State) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(state);
    }

    /// Runs `work` with the key that signs at `now`.
    pub(crate) fn with_signer<T>(&self, now: Timestamp, work: impl FnOnce(&LiveKey) -> T) -> Option<T> {
        let state = self.state();
        let signer = decide::keys::signer(&state.opened, now)?;
        state.live.iter().find(|live| live.kid == signer.kid).map(work)
    }

    /// How long the key that signs at `now` has been signing.
    fn age(&self, now: Timestamp) -> Option<Millis> {
        decide::keys::signer(&self.state().opened, now).map(|signer| now.since(signer.signs_from))
    }

    /// Runs `work` with all keys that verify.
    pub(crate) fn with_all<T>(&self, work: impl FnOnce(&[LiveKey]) -> T) -> T {
        work(&self.state().live)
    }

    /// Whether it is worth looking at the table for a key we do not know: at most once a second.
    pub(crate) fn may_look_for(&self, kid: &str, now: Timestamp) -> bool {
        !self.state().live.iter().any(|live| live.kid == kid) && self.may_look_again(now)
    }

    fn may_look_again(&self, now: Timestamp) -> bool {
        now.since(Timestamp(self.looked_at.load(Ordering::Relaxed))) > Millis::from_secs(1)
    }
}

impl Auth {
    /// Brings the keys in step with the table, makes the next one when it is due, forgets dead ones. To be called
    /// before serving and every [`decide::keys::LOOK_EVERY`]. A server whose secret key opens none of the keys that
    /// are there changes nothing.
    pub async fn tend_keys(&self, now: Timestamp) -> Result<(), KeyError> {
        self.tend_set(&KeySet::SESSION, now).await?;
        self.tend_set(&KeySet::LOGIN, now).await?;
        // What stands in it may have been brought along from another server, and is published from the first moment.
        self.inner.keys.of(&KeySet::of(&AppId::public(), KeyUse::Static));
        for set in self.inner.keys.known_sets().iter().filter(|set| ![KeySet::SESSION, KeySet::LOGIN].contains(set)) {
            match set.purpose {
                KeyUse::Session | KeyUse::Login => self.tend_set(set, now).await?,
                KeyUse::Static => self.load_keys(set, now).await?,
            }
        }
        Ok(())
    }

    async fn tend_set(&self, set: &KeySet, now: Timestamp) -> Result<(), KeyError> {
        self.load_keys(set, now).await?;
        self.make_key_if_due(set, now, false).await?;
        self.forget_dead_keys(set, now).await?;
        self.load_keys(set, now).await
    }

    /// Sees to it that a set has a key to sign with. Free of charge where it has.
    pub(crate) async fn ready_keys(&self, set: &KeySet, now: Timestamp) -> Result<(), Unavailable> {
        let chest = self.inner.keys.of(set);
        if chest.with_signer(now, |_| ()).is_some() {
            return Ok(());
        }
        let broken = |e: KeyError| Unavailable(e.to_string());
        match set.purpose {
            KeyUse::Session | KeyUse::Login => self.tend_set(set, now).await.map_err(broken),
            KeyUse::Static => {
                self.load_keys(set, now).await.map_err(broken)?;
                if chest.with_signer(now, |_| ()).is_none() {
                    self.make_static_key(set, now).await.map_err(broken)?;
                    self.load_keys(set, now).await.map_err(broken)?;
                }
                Ok(())
            }
        }
    }

    async fn make_static_key(&self, set: &KeySet, now: Timestamp) -> Result<(), KeyError> {
        let spare = self.inner.keys.spare.lock().unwrap_or_else(PoisonError::into_inner).take();
        let private = match spare {
            Some(spare) => spare,
            None => made(Algorithm::Rs256).await?,
        };
        // The other one waits for nobody, and nobody for it.
        let again = self.clone();
        tokio::spawn(async move { again.keep_spare_key().await });
        // Version 7 of UUIDs instead of SuperTokens' 4: nobody looks.
        let kid = format!("s-{}", EventId::new(now, self.entropy()));
        let sealed = self.inner.keyring.seal_signing_key(&[&set.to_text(), &kid], private.expose(), self.entropy());
        // Always the first: of several who make it at once, one does.
        let key = SigningKey { kid, set: set.clone(), algorithm: Algorithm::Rs256, number: 1, sealed, created_at: now, signs_from: now };
        self.commit_key(key, now).await.map(|_| ())
    }

    /// Makes the private key that the next static set will need, unless one is there.
    pub async fn keep_spare_key(&self) {
        let is_there = || self.inner.keys.spare.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        if is_there() {
            return;
        }
        match made(Algorithm::Rs256).await {
            Ok(key) => *self.inner.keys.spare.lock().unwrap_or_else(PoisonError::into_inner) = Some(key),
            Err(e) => tracing::warn!(error = %e, "no spare key could be made"),
        }
    }

    /// Makes the next key now, by hand. It signs once everybody had time to fetch it. Answers when that will be,
    /// or `None` when one is waiting for its turn already. As [`Auth::tend_keys`], it needs to open what is there.
    pub async fn rotate_keys(&self, now: Timestamp) -> Result<Option<Timestamp>, KeyError> {
        self.load_keys(&KeySet::SESSION, now).await?;
        let made = self.make_key_if_due(&KeySet::SESSION, now, true).await?;
        self.load_keys(&KeySet::SESSION, now).await?;
        Ok(made)
    }

    /// Whether there are keys to sign with, for our own pages and for applications.
    pub(crate) fn can_sign(&self, now: Timestamp) -> bool {
        [KeySet::SESSION, KeySet::LOGIN].iter().all(|set| self.inner.keys.of(set).with_signer(now, |_| ()).is_some())
    }

    /// For each key set of the app `public`, how long its key has been signing at `now`; and the longest of all other
    /// apps' rotating keys, as `other`. The key that stays is not among them: its age says nothing.
    pub fn key_ages(&self, now: Timestamp) -> Vec<(&'static str, Millis)> {
        let mut ages: Vec<(&'static str, Millis)> = Vec::new();
        for set in self.inner.keys.known_sets().iter().filter(|set| set.purpose != KeyUse::Static) {
            let Some(age) = self.inner.keys.of(set).age(now) else { continue };
            let name = if set.app().is_public() { set.purpose.as_str() } else { "other" };
            match ages.iter_mut().find(|(known, _)| *known == name) {
                Some((_, longest)) => *longest = age.max(*longest),
                None => ages.push((name, age)),
            }
        }
        ages
    }

    /// All keys of the session set, oldest first. An error when the secret key does not fit them.
    pub async fn list_keys(&self, now: Timestamp) -> Result<Vec<KeySummary>, KeyError> {
        self.load_keys(&KeySet::SESSION, now).await?;
        let state = self.inner.keys.of(&KeySet::SESSION).state();
        let signer = decide::keys::signer(&state.opened, now).map(|key| key.kid.clone());
        let summary = |key: &SigningKey| KeySummary {
            key: key.clone(),
            signs_now: signer.as_ref() == Some(&key.kid),
            opens: state.opened.iter().any(|opened| opened.kid == key.kid),
            dead_from: decide::keys::dead_from(key, &state.opened),
        };
        Ok(state.stored.iter().map(summary).collect())
    }

    /// The public keys of the app `public` as a JWK set (RFC 7517 §5): those that rotate, newest first, then the one that
    /// stays; and how long it may be kept.
    pub fn key_set(&self) -> (Value, Millis) {
        self.key_set_in_memory(&AppId::public())
    }

    /// The same for any app.
    pub async fn key_set_of(&self, app: &AppId, now: Timestamp) -> Result<(Value, Millis), Unavailable> {
        self.ready_keys(&KeySet::of(app, KeyUse::Session), now).await?;
        let stays = KeySet::of(app, KeyUse::Static);
        if self.inner.keys.of(&stays).may_look_again(now) {
            self.load_keys(&stays, now).await.map_err(|e| Unavailable(e.to_string()))?;
        }
        Ok(self.key_set_in_memory(app))
    }

    /// The public keys that applications of the Authress SDKs verify with, newest first, and how long they may be kept.
    pub fn login_key_set(&self) -> (Value, Millis) {
        let chest = self.inner.keys.of(&KeySet::LOGIN);
        let keys: Vec<Value> = chest.with_all(|live| live.iter().rev().map(|key| key.jwk.clone()).collect());
        (serde_json::json!({ "keys": keys }), self.inner.settings.keys.max_age)
    }

    fn key_set_in_memory(&self, app: &AppId) -> (Value, Millis) {
        let keys: Vec<Value> = [KeyUse::Session, KeyUse::Static]
            .into_iter()
            .flat_map(|purpose| {
                let chest = self.inner.keys.of(&KeySet::of(app, purpose));
                chest.with_all(|live| live.iter().rev().map(|key| key.jwk.clone()).collect::<Vec<_>>())
            })
            .collect();
        (serde_json::json!({ "keys": keys }), self.inner.settings.keys.max_age)
    }

    /// Looks at the table. A key that does not open is left out, with a line in the log, as long as there is another
    /// to sign with; else nothing changes in memory and it is an error.
    pub(crate) async fn load_keys(&self, set: &KeySet, now: Timestamp) -> Result<(), KeyError> {
        let chest = self.inner.keys.of(set);
        chest.looked_at.store(now.0, Ordering::Relaxed);
        let stored = self.inner.store.signing_keys(set).await?;
        let known = chest.state();
        if known.stored == stored {
            return Ok(());
        }
        let (mut opened, mut live, mut closed) = (Vec::new(), Vec::new(), Vec::new());
        for key in &stored {
            match self.open_key(key) {
                Ok(ready) => {
                    opened.push(key.clone());
                    live.push(ready);
                }
                Err(why) => closed.push(why),
            }
        }
        let begun = |keys: &[SigningKey]| keys.iter().any(|key| key.signs_from <= now);
        let can_sign = !opened.is_empty() && (begun(&opened) || !begun(&stored));
        if let (false, Some(why)) = (can_sign, closed.first()) {
            return Err(KeyError::Broken(why.clone()));
        }
        for why in closed {
            tracing::error!("{why}: it is left out");
        }
        chest.replace(State { stored, opened, live });
        Ok(())
    }

    fn open_key(&self, key: &SigningKey) -> Result<LiveKey, String> {
        let wrong = |why: String| format!("signing key {}: {why}", key.kid);
        let place = [key.set.to_text(), key.kid.clone()];
        let private =
            self.inner.keyring.open_signing_key(&place.each_ref().map(String::as_str), &key.sealed).map_err(|e| wrong(e.to_string()))?;
        LiveKey::parse(&key.kid, key.algorithm, private.expose()).map_err(|e| wrong(e.to_string()))
    }

    pub(crate) async fn make_key_if_due(&self, set: &KeySet, now: Timestamp, forced: bool) -> Result<Option<Timestamp>, KeyError> {
        // Keys that do not open do not count, but their numbers are taken. Older than the table is no harm: the number
        // of the next key is taken then, and the commit is lost.
        let state = self.inner.keys.of(set).state();
        let rules = self.key_rules(set);
        let Some(signs_from) = decide::keys::next_key(&state.opened, &rules, forced, now) else { return Ok(None) };
        let private = made(rules.algorithm).await?;
        let number = state.stored.iter().map(|key| key.number).max().unwrap_or(0).max(0) + 1;
        // `d-` and a time is what the SuperTokens SDKs expect of keys that rotate; the number keeps two apart.
        let mut kid = format!("d-{}-{number}", now.0);
        if set.purpose == KeyUse::Login {
            kid = format!("login-{}-{number}", now.0);
        }
        if !set.app().is_public() {
            // Many sets may get a key in one moment.
            kid = format!("{kid}-{}", data_encoding::HEXLOWER.encode(&postkey_model::entropy::random::<4>(self.entropy())));
        }
        let sealed = self.inner.keyring.seal_signing_key(&[&set.to_text(), &kid], private.expose(), self.entropy());
        let key = SigningKey { kid, set: set.clone(), algorithm: rules.algorithm, number, sealed, created_at: now, signs_from };
        Ok(self.commit_key(key, now).await?.then_some(signs_from))
    }

    /// The rules of the keys of a set: the server's, and what a back end set for its app. What applications of the Authress
    /// SDKs verify is EdDSA whatever else is set: their verifier takes nothing else that we have.
    fn key_rules(&self, set: &KeySet) -> crate::KeyRules {
        let rules = self.inner.settings.keys;
        if set.purpose == KeyUse::Login {
            return crate::KeyRules { algorithm: Algorithm::EdDsa, ..rules };
        }
        let set = self.tenant(&TenantId::in_app(&set.app(), &TenantId::public())).and_then(|tenant| tenant.back_end.key_interval);
        crate::KeyRules { interval: set.unwrap_or(rules.interval), ..rules }
    }

    /// Writes a new key. `false`: another node was first; its key is as good, and is loaded next.
    async fn commit_key(&self, key: SigningKey, now: Timestamp) -> Result<bool, KeyError> {
        let event = Event {
            id: EventId::new(now, self.entropy()),
            at: now,
            tenant: TenantId::public(),
            kind: EventKind::SigningKeyCreated,
            subject: key.kid.clone(),
            user: None,
            actor: Actor::Server,
        };
        match self.commit(now, vec![Change::SigningKeyCreated(key), Change::EventRecorded(event)]).await {
            Ok(_) => Ok(true),
            Err(CommitError::Lost) => Ok(false),
            Err(CommitError::Unavailable(e)) => Err(e.into()),
        }
    }

    async fn forget_dead_keys(&self, set: &KeySet, now: Timestamp) -> Result<(), KeyError> {
        let state = self.inner.keys.of(set).state();
        let dead = state.stored.iter().filter(|key| decide::keys::dead_from(key, &state.opened).is_some_and(|from| from <= now));
        let changes: Vec<Change> = dead.map(|key| Change::SigningKeyForgotten { set: set.clone(), kid: key.kid.clone() }).collect();
        if changes.is_empty() {
            return Ok(());
        }
        match self.commit(now, changes).await {
            Ok(_) | Err(CommitError::Lost) => Ok(()),
            Err(CommitError::Unavailable(e)) => Err(e.into()),
        }
    }
}

/// A new private key, made where it keeps nobody waiting.
async fn made(algorithm: Algorithm) -> Result<Secret<Vec<u8>>, KeyError> {
    let made = tokio::task::spawn_blocking(move || token::generate(algorithm)).await;
    made.map_err(|e| KeyError::Broken(e.to_string()))?.map_err(|e| KeyError::Broken(e.to_string()))
}
