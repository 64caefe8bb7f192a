//! Sealing anew, under the root key that makes what is new, all that lives longer than any older one should: private signing
//! keys and the secrets that services gave us.

use crate::verbs::login::registered::RegisterError;
use crate::{Auth, KeyError, TRIES};
use postkey_model::{Change, ConnectionSettings, StoredConnection, Timestamp};
use postkey_store::{CommitError, Unavailable};

/// How many connections are read at once.
const PAGE: i64 = 200;

/// What [`Auth::reseal`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Sealed anew.
    pub sealed: usize,
    /// They were so already.
    pub current: usize,
    /// They do not open under any root key that we have: nobody can use them.
    pub closed: usize,
}

impl Auth {
    /// Seals anew what an older root key sealed for long. Running servers go on meanwhile, and may do the same at once.
    pub async fn reseal(&self, now: Timestamp) -> Result<Resealed, KeyError> {
        let mut done = Resealed::default();
        for key in self.inner.store.all_signing_keys().await? {
            if self.keyring().is_current(&key.sealed) {
                done.current += 1;
                continue;
            }
            let place = [key.set.to_text(), key.kid.clone()];
            let place = place.each_ref().map(String::as_str);
            let Ok(private) = self.keyring().open_signing_key(&place, &key.sealed) else {
                done.closed += 1;
                continue;
            };
            let sealed = self.keyring().seal_signing_key(&place, private.expose(), self.entropy());
            match self.inner.store.commit(vec![Change::SigningKeyResealed { seen: key, sealed }]).await {
                Ok(_) => done.sealed += 1,
                // Forgotten meanwhile, or sealed by somebody else.
                Err(CommitError::Lost) => done.current += 1,
                Err(CommitError::Unavailable(e)) => return Err(e.into()),
            }
        }
        self.reseal_provider_secrets(&mut done, now).await?;
        Ok(done)
    }

    async fn reseal_provider_secrets(&self, done: &mut Resealed, now: Timestamp) -> Result<(), KeyError> {
        let mut all: Vec<StoredConnection> = Vec::new();
        loop {
            let from = all.last().map(|last| last.id.clone()).unwrap_or_default();
            let page = self.list_registered::<ConnectionSettings>(&from, PAGE).await?;
            let is_last = (page.len() as i64) < PAGE;
            // A page begins with the last one of the page before.
            all.extend(page.into_iter().filter(|connection| connection.id != from));
            if is_last {
                break;
            }
        }
        for connection in all {
            let Some(sealed) = &connection.sealed else { continue };
            if self.keyring().is_current(sealed) {
                done.current += 1;
                continue;
            }
            if self.keyring().open_provider_secret(&connection.id, sealed).is_err() {
                done.closed += 1;
                continue;
            }
            let change = |before: &StoredConnection| {
                let opened = before.sealed.as_ref().and_then(|sealed| self.keyring().open_provider_secret(&before.id, sealed).ok());
                let anew = opened.map(|secret| self.keyring().seal_provider_secret(&before.id, secret.expose(), self.entropy()));
                Ok((before.settings.clone(), anew.or_else(|| before.sealed.clone()), ()))
            };
            match self.change_registered::<ConnectionSettings, ()>(&connection.id, now, change).await {
                Ok(_) => done.sealed += 1,
                Err(RegisterError::Unknown) => {}
                Err(RegisterError::Unavailable(e)) => return Err(e.into()),
                Err(e) => return Err(Unavailable(format!("{}: {e} (after {TRIES} tries)", connection.id)).into()),
            }
        }
        Ok(())
    }
}
