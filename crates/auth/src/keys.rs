//! The key chest: the session key set in memory, kept in step with the table.

use crate::token::{self, LiveKey};
use crate::{Auth, decide};
use postkey_model::{Change, Event, EventId, EventKind, KeySet, Millis, SigningKey, TenantId, Timestamp};
use postkey_store::{CommitError, Unavailable};
use serde_json::Value;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
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

/// The keys in memory.
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

    /// Runs `work` with all keys that verify.
    pub(crate) fn with_all<T>(&self, work: impl FnOnce(&[LiveKey]) -> T) -> T {
        work(&self.state().live)
    }

    /// Whether it is worth looking at the table for a key we do not know: at most once a second.
    pub(crate) fn may_look_for(&self, kid: &str, now: Timestamp) -> bool {
        let looked_at = Timestamp(self.looked_at.load(Ordering::Relaxed));
        !self.state().live.iter().any(|live| live.kid == kid) && now.since(looked_at) > Millis::from_secs(1)
    }
}

impl Auth {
    /// Brings the keys in step with the table, makes the next one when it is due, forgets dead ones. To be called
    /// before serving and every [`decide::keys::LOOK_EVERY`]. A server whose secret key opens none of the keys that
    /// are there changes nothing.
    pub async fn tend_keys(&self, now: Timestamp) -> Result<(), KeyError> {
        self.load_keys(now).await?;
        self.make_key_if_due(now, false).await?;
        self.forget_dead_keys(now).await?;
        self.load_keys(now).await
    }

    /// Makes the next key now, by hand. It signs once everybody had time to fetch it. Answers when that will be,
    /// or `None` when one is waiting for its turn already. As [`Auth::tend_keys`], it needs to open what is there.
    pub async fn rotate_keys(&self, now: Timestamp) -> Result<Option<Timestamp>, KeyError> {
        self.load_keys(now).await?;
        let made = self.make_key_if_due(now, true).await?;
        self.load_keys(now).await?;
        Ok(made)
    }

    /// All keys of the session set, oldest first. An error when the secret key does not fit them.
    pub async fn list_keys(&self, now: Timestamp) -> Result<Vec<KeySummary>, KeyError> {
        self.load_keys(now).await?;
        let state = self.inner.keys.state();
        let signer = decide::keys::signer(&state.opened, now).map(|key| key.kid.clone());
        let summary = |key: &SigningKey| KeySummary {
            key: key.clone(),
            signs_now: signer.as_ref() == Some(&key.kid),
            opens: state.opened.iter().any(|opened| opened.kid == key.kid),
            dead_from: decide::keys::dead_from(key, &state.opened),
        };
        Ok(state.stored.iter().map(summary).collect())
    }

    /// The session key set as a JWK set (RFC 7517 §5), newest key first, and how long it may be kept.
    pub fn key_set(&self) -> (Value, Millis) {
        let keys = self.inner.keys.with_all(|live| live.iter().rev().map(|key| key.jwk.clone()).collect::<Vec<_>>());
        (serde_json::json!({ "keys": keys }), self.inner.settings.keys.max_age)
    }

    /// Looks at the table. A key that does not open is left out, with a line in the log, as long as there is another
    /// to sign with; else nothing changes in memory and it is an error.
    pub(crate) async fn load_keys(&self, now: Timestamp) -> Result<(), KeyError> {
        self.inner.keys.looked_at.store(now.0, Ordering::Relaxed);
        let stored = self.inner.store.signing_keys(KeySet::Session).await?;
        let known = self.inner.keys.state();
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
        self.inner.keys.replace(State { stored, opened, live });
        Ok(())
    }

    fn open_key(&self, key: &SigningKey) -> Result<LiveKey, String> {
        let wrong = |why: String| format!("signing key {}: {why}", key.kid);
        let private = self.inner.keyring.open_signing_key(&place(key), &key.sealed).map_err(|e| wrong(e.to_string()))?;
        LiveKey::parse(&key.kid, key.algorithm, private.expose()).map_err(|e| wrong(e.to_string()))
    }

    async fn make_key_if_due(&self, now: Timestamp, forced: bool) -> Result<Option<Timestamp>, KeyError> {
        // Keys that do not open do not count, but their numbers are taken. Older than the table is no harm: the number
        // of the next key is taken then, and the commit is lost.
        let state = self.inner.keys.state();
        let Some(signs_from) = decide::keys::next_key(&state.opened, &self.inner.settings.keys, forced, now) else { return Ok(None) };
        let algorithm = self.inner.settings.keys.algorithm;
        let made = tokio::task::spawn_blocking(move || token::generate(algorithm)).await;
        let private = made.map_err(|e| KeyError::Broken(e.to_string()))?.map_err(|e| KeyError::Broken(e.to_string()))?;
        let number = state.stored.iter().map(|key| key.number).max().unwrap_or(0) + 1;
        // `d-` and a time is what the SuperTokens SDKs expect of keys that rotate; the number keeps two apart.
        let kid = format!("d-{}-{number}", now.0);
        let sealed = self.inner.keyring.seal_signing_key(&[KeySet::Session.as_str(), &kid], private.expose(), self.entropy());
        let key = SigningKey { kid, set: KeySet::Session, algorithm, number, sealed, created_at: now, signs_from };
        let event = Event {
            id: EventId::new(now, self.entropy()),
            at: now,
            tenant: TenantId::public(),
            kind: EventKind::SigningKeyCreated,
            subject: key.kid.clone(),
        };
        match self.inner.store.commit(vec![Change::SigningKeyCreated(key), Change::EventRecorded(event)]).await {
            Ok(_) => Ok(Some(signs_from)),
            // Another node was first: its key is as good, and is loaded next.
            Err(CommitError::Lost) => Ok(None),
            Err(CommitError::Unavailable(e)) => Err(e.into()),
        }
    }

    async fn forget_dead_keys(&self, now: Timestamp) -> Result<(), KeyError> {
        let state = self.inner.keys.state();
        let dead = state.stored.iter().filter(|key| decide::keys::dead_from(key, &state.opened).is_some_and(|from| from <= now));
        let changes: Vec<Change> = dead.map(|key| Change::SigningKeyForgotten { kid: key.kid.clone() }).collect();
        if changes.is_empty() {
            return Ok(());
        }
        match self.inner.store.commit(changes).await {
            Ok(_) | Err(CommitError::Lost) => Ok(()),
            Err(CommitError::Unavailable(e)) => Err(e.into()),
        }
    }
}

fn place(key: &SigningKey) -> [&str; 2] {
    [key.set.as_str(), &key.kid]
}
