//! Registering applications, connections, service clients and invitations: what all of them have in common.

use crate::{Auth, TRIES};
use postkey_model::registered::is_id;
use postkey_model::{Change, LoginChange, Registered, Sealed, Settings, Timestamp};
use postkey_store::{CommitError, Unavailable};
use thiserror::Error;

/// Why something was not registered, changed or removed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RegisterError {
    /// A setting is wrong; the text says how to mend it.
    #[error("{0}")]
    Wrong(String),
    /// Something of this kind has the id already.
    #[error("the id is taken")]
    Taken,
    /// There is none of this id.
    #[error("there is none of this id")]
    Unknown,
    /// Others changed it again and again.
    #[error("too busy")]
    Busy,
    /// The store does not work.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Auth {
    /// Registers something new under `id`.
    pub(crate) async fn register<S: Settings>(
        &self,
        id: &str,
        settings: S,
        sealed: Option<Sealed>,
        now: Timestamp,
    ) -> Result<Registered<S>, RegisterError> {
        if !is_id(id) {
            return Err(RegisterError::Wrong(format!("the id {id:?} must be 1 to 64 letters, digits, '-' and '_'")));
        }
        let new = Registered { id: id.to_owned(), created_at: now, updated_at: now, version: 0, settings, sealed };
        match self.commit(now, vec![LoginChange::Registered(new.row()).into()]).await {
            Ok(_) => {}
            Err(CommitError::Lost) => return Err(RegisterError::Taken),
            Err(CommitError::Unavailable(e)) => return Err(e.into()),
        }
        self.tend_registered().await?;
        Ok(new)
    }

    /// Changes something: `change` says what becomes of it, as often as somebody else was first. It gives the new settings and
    /// what is sealed with them.
    pub(crate) async fn change_registered<S: Settings, T>(
        &self,
        id: &str,
        now: Timestamp,
        change: impl Fn(&Registered<S>) -> Result<(S, Option<Sealed>, T), RegisterError>,
    ) -> Result<(Registered<S>, T), RegisterError> {
        for _ in 0..TRIES {
            let before = self.registered::<S>(id).await?.ok_or(RegisterError::Unknown)?;
            let (settings, sealed, gives) = change(&before)?;
            let after = Registered { sealed, ..before.with(settings, now) };
            match self.commit(now, vec![LoginChange::Registered(after.row()).into()]).await {
                Ok(_) => {
                    self.tend_registered().await?;
                    return Ok((after, gives));
                }
                Err(CommitError::Lost) => {}
                Err(CommitError::Unavailable(e)) => return Err(e.into()),
            }
        }
        Err(RegisterError::Busy)
    }

    /// Removes something. What it opened stays.
    pub(crate) async fn unregister<S: Settings>(&self, id: &str) -> Result<(), RegisterError> {
        if !is_id(id) {
            return Err(RegisterError::Unknown);
        }
        let change: Change = LoginChange::Unregistered { kind: S::KIND, id: id.to_owned() }.into();
        match self.commit(None, vec![change]).await {
            Ok(_) => Ok(self.tend_registered().await?),
            Err(CommitError::Lost) => Err(RegisterError::Unknown),
            Err(CommitError::Unavailable(e)) => Err(e.into()),
        }
    }

    /// Something registered, as the table has it.
    pub async fn registered<S: Settings>(&self, id: &str) -> Result<Option<Registered<S>>, Unavailable> {
        // What cannot be an id names nothing, and the engines do not agree about some of it.
        if !is_id(id) {
            return Ok(None);
        }
        self.inner.store.registered(id).await
    }

    /// Up to `limit` things of one kind in the order of their ids, from `from` on.
    pub async fn list_registered<S: Settings>(&self, from: &str, limit: i64) -> Result<Vec<Registered<S>>, Unavailable> {
        if !from.is_empty() && !is_id(from) {
            return Ok(Vec::new());
        }
        self.inner.store.list_registered(from, limit).await
    }
}
