//! Moving in from another server: people with their ids, roles, tenants, signing keys, and how far it came.

use crate::decide::import::{Newcomer, Refusal, is_here, moved_in, newcomer};
use crate::decide::tenants::TenantWish;
use crate::{Auth, TRIES, decide};
use postkey_model::bulk::{SourceKey, Taken};
use postkey_model::{AppId, Change, DirectoryChange, KeySet, KeyUse, SigningKey, TenantId, Timestamp, UserId};
use postkey_store::{CommitError, Unavailable};
use std::collections::BTreeSet;

/// What became of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Imported {
    /// Moved in, or would; with what was left behind.
    Taken(UserId, Vec<String>),
    /// Here since an earlier run.
    Here(UserId),
    /// Stays out.
    Refused(UserId, Refusal),
    /// Stays out: has no id that could be one.
    Nameless(Refusal),
}

/// What became of signing keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportedKeys {
    /// Those that verify here from now on.
    pub taken: Vec<String>,
    /// Those that did already.
    pub here: Vec<String>,
}

/// What stands in the way of a newcomer.
enum Obstacle {
    /// The same person, who came in meanwhile: look again.
    Itself,
    /// Somebody else.
    Other(Refusal),
}

impl Auth {
    /// Lets a person of another server in, with the ids that applications know. Repeating it does no harm. Tenants and roles
    /// are there already ([`Auth::import_tenants`], [`Auth::import_roles`]). A `dry` run writes nothing.
    pub async fn import_user(&self, app: &AppId, taken: &Taken, dry: bool) -> Result<Imported, Unavailable> {
        let newcomer = match newcomer(app, taken) {
            Ok(newcomer) => newcomer,
            Err(refusal) => return Ok(Imported::Nameless(refusal)),
        };
        let store = &self.inner.store;
        let id = &newcomer.user.id;
        let refused = |refusal| Ok(Imported::Refused(id.clone(), refusal));
        // What stands in the way is looked for once something does: most people are new.
        let mut lost = dry;
        for _ in 0..TRIES {
            if let Some(here) = store.person(app, id.as_str()).await? {
                return match is_here(&newcomer, &here) {
                    Ok(()) => Ok(Imported::Here(id.clone())),
                    Err(refusal) => refused(refusal),
                };
            }
            // An id means one person, whether it is a user's or that of a login method.
            for identity in newcomer.identities.iter().filter(|identity| identity.id.as_str() != id.as_str()) {
                if let Some(owner) = store.person(app, identity.id.as_str()).await? {
                    let named = UserId::stored(identity.id.as_str().to_owned());
                    return refused(Refusal::LinkedHere(named, owner.user.id));
                }
            }
            let mut with_metadata = true;
            if lost {
                match self.stands_in_the_way(app, &newcomer).await? {
                    Some(Obstacle::Itself) => continue,
                    Some(Obstacle::Other(refusal)) => return refused(refusal),
                    None => {}
                }
                with_metadata = newcomer.metadata.is_none() || store.metadata(app, id.as_str()).await?.is_none();
            }
            let left_behind = if with_metadata { Vec::new() } else { vec!["metadata: there is some under this id already".to_owned()] };
            if dry {
                return Ok(Imported::Taken(id.clone(), left_behind));
            }
            match store.commit(moved_in(&newcomer, with_metadata)).await {
                Ok(_) => return Ok(Imported::Taken(id.clone(), left_behind)),
                Err(CommitError::Lost) => lost = true,
                Err(CommitError::Unavailable(e)) => return Err(e),
            }
        }
        Err(Unavailable("too busy".to_owned()))
    }

    /// What keeps somebody out who was not here a moment ago.
    async fn stands_in_the_way(&self, app: &AppId, newcomer: &Newcomer) -> Result<Option<Obstacle>, Unavailable> {
        let (store, id) = (&self.inner.store, &newcomer.user.id);
        for identity in &newcomer.identities {
            let facts = store.start_facts(&identity.tenant, identity.connection, &identity.subject).await?;
            match facts.user {
                Some(owner) if owner == *id => return Ok(Some(Obstacle::Itself)),
                Some(owner) => {
                    let (tenant, connection) = (identity.tenant.clone(), identity.connection.as_str().to_owned());
                    let subject = identity.subject.clone();
                    return Ok(Some(Obstacle::Other(Refusal::Owned { tenant, connection, subject, owner })));
                }
                None => {}
            }
        }
        if !store.user_exists(id).await? {
            return Ok(None);
        }
        // Of this app, it came in between.
        let came = store.person(app, id.as_str()).await?.is_some();
        Ok(Some(if came { Obstacle::Itself } else { Obstacle::Other(Refusal::OtherApp(id.clone())) }))
    }

    /// Sees to it that roles are there, with these permissions at least.
    pub async fn import_roles(&self, app: &AppId, roles: Vec<(String, Vec<String>)>) -> Result<(), Unavailable> {
        let grown = |(role, permissions)| DirectoryChange::RoleGrown { app: app.clone(), role, permissions }.into();
        self.commit_all(None, roles.into_iter().map(grown).collect()).await
    }

    /// Sees to it that the tenants called so are there, and names those that had to be made. Nobody gets in to such a one
    /// until somebody says by what; an app's own `public` takes in as ours does. A `dry` run makes none.
    pub async fn import_tenants(
        &self,
        app: &AppId,
        names: &BTreeSet<TenantId>,
        dry: bool,
        now: Timestamp,
    ) -> Result<Vec<TenantId>, Unavailable> {
        self.tend_tenants(now).await?;
        let mut made = Vec::new();
        let public = TenantId::public();
        // The app's own comes first: the others stand on it.
        let first = (!app.is_public()).then_some(&public);
        for name in first.into_iter().chain(names.iter().filter(|name| first != Some(*name))) {
            let id = TenantId::in_app(app, name);
            if self.tenant(&id).is_some() {
                continue;
            }
            if !dry {
                self.set_tenant(&id, &TenantWish::default(), now).await.map_err(|e| Unavailable(e.to_string()))?;
            }
            made.push(id);
        }
        Ok(made)
    }

    /// Lets signing keys of another server verify in `app`, so that its tokens live to their end. They never sign. A `dry`
    /// run only tells them apart.
    pub async fn import_keys(&self, app: &AppId, keys: &[SourceKey], dry: bool, now: Timestamp) -> Result<ImportedKeys, Unavailable> {
        let mut outcome = ImportedKeys::default();
        for purpose in [KeyUse::Session, KeyUse::Static] {
            let set = KeySet::of(app, purpose);
            let mut theirs: Vec<&SourceKey> = keys.iter().filter(|key| key.purpose == purpose).collect();
            theirs.sort_by_key(|key| key.created_at);
            if theirs.is_empty() {
                continue;
            }
            if !dry {
                self.ready_keys(&set, now).await?;
            }
            // The youngest gets the highest number.
            for key in theirs.into_iter().rev() {
                if self.import_key(&set, key, dry, now).await? {
                    outcome.taken.push(key.kid.clone());
                } else {
                    outcome.here.push(key.kid.clone());
                }
            }
        }
        Ok(outcome)
    }

    async fn import_key(&self, set: &KeySet, key: &SourceKey, dry: bool, now: Timestamp) -> Result<bool, Unavailable> {
        for _ in 0..TRIES {
            let stored = self.inner.store.signing_keys(set).await?;
            if stored.iter().any(|known| known.kid == key.kid) {
                return Ok(false);
            }
            if dry {
                return Ok(true);
            }
            let number = stored.iter().map(|known| known.number - 1).min().unwrap_or(0).min(0);
            let sealed = self.inner.keyring.seal_signing_key(&[&set.to_text(), &key.kid], key.private.expose(), self.entropy());
            let (kid, algorithm, created_at) = (key.kid.clone(), key.algorithm, key.created_at);
            // What it says of signing is when it came: from then on its time is counted.
            let brought = SigningKey { kid, set: set.clone(), algorithm, number, sealed, created_at, signs_from: now };
            debug_assert!(decide::keys::is_brought(&brought));
            match self.commit(now, vec![Change::SigningKeyCreated(brought)]).await {
                Ok(_) => return Ok(true),
                Err(CommitError::Lost) => {}
                Err(CommitError::Unavailable(e)) => return Err(e),
            }
        }
        Err(Unavailable("too busy".to_owned()))
    }

    /// Where an import of `source` goes on; `None` at its beginning.
    pub async fn import_cursor(&self, source: &str) -> Result<Option<String>, Unavailable> {
        self.inner.store.import_cursor(source).await
    }

    /// Notes how far an import of `source` came.
    pub async fn advance_import(&self, source: &str, cursor: String, now: Timestamp) -> Result<(), Unavailable> {
        self.commit_all(now, vec![DirectoryChange::ImportAdvanced { source: source.to_owned(), cursor, at: now }.into()]).await
    }

    /// Commits changes that have no guard.
    async fn commit_all(&self, now: impl Into<Option<Timestamp>>, changes: Vec<Change>) -> Result<(), Unavailable> {
        if changes.is_empty() {
            return Ok(());
        }
        match self.commit(now, changes).await {
            Ok(_) => Ok(()),
            Err(CommitError::Lost) => Err(Unavailable("too busy".to_owned())),
            Err(CommitError::Unavailable(e)) => Err(e),
        }
    }
}
