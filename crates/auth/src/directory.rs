//! The tenants in memory: those of the config, and those that back ends made or changed, kept in step with the table.

use crate::{Auth, decide};
use postkey_model::{Change, DirectoryChange, StoredTenant, Tenant, TenantId, TenantSettings, Timestamp};
use postkey_store::Unavailable;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// The tenants as they are just now.
pub(crate) struct Directory {
    configured: HashMap<TenantId, Arc<Tenant>>,
    state: RwLock<Arc<State>>,
    /// When the table was last looked at, in milliseconds.
    looked_at: AtomicI64,
}

struct State {
    /// The stamp of the table when it was read.
    stamp: i64,
    stored: HashMap<TenantId, StoredTenant>,
    /// All tenants, by what config and back ends say together.
    tenants: HashMap<TenantId, Arc<Tenant>>,
}

impl Directory {
    pub(crate) fn new(configured: HashMap<TenantId, Tenant>) -> Self {
        let configured: HashMap<_, _> = configured.into_iter().map(|(id, tenant)| (id, Arc::new(tenant))).collect();
        // No table has been read yet, so any stamp is news.
        let state = State { stamp: -1, stored: HashMap::new(), tenants: configured.clone() };
        Directory { configured, state: RwLock::new(Arc::new(state)), looked_at: AtomicI64::new(0) }
    }

    fn state(&self) -> Arc<State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn tenant(&self, id: &TenantId) -> Option<Arc<Tenant>> {
        self.state().tenants.get(id).cloned()
    }

    /// What back ends set for a tenant.
    pub(crate) fn stored(&self, id: &TenantId) -> Option<StoredTenant> {
        self.state().stored.get(id).cloned()
    }

    /// All tenants of the app `public` whose settings fit.
    pub(crate) fn all_stored_by(&self, fits: impl Fn(&TenantSettings) -> bool) -> Vec<TenantId> {
        let state = self.state();
        let found = state.stored.values().filter(|tenant| tenant.id.app().is_public() && fits(&tenant.settings));
        found.map(|tenant| tenant.id.clone()).collect()
    }

    /// The one tenant of the app `public` whose settings fit; `None` when there are several.
    pub(crate) fn stored_by(&self, fits: impl Fn(&TenantSettings) -> bool) -> Option<TenantId> {
        let mut all = self.all_stored_by(fits);
        all.pop().filter(|_| all.is_empty())
    }

    /// Whether the config names it: no back end takes it away.
    pub(crate) fn is_configured(&self, id: &TenantId) -> bool {
        self.configured.contains_key(id)
    }

    /// Whether `is` true of any tenant.
    pub(crate) fn any(&self, is: impl Fn(&Tenant) -> bool) -> bool {
        self.state().tenants.values().any(|tenant| is(tenant))
    }

    pub(crate) fn all(&self) -> Vec<Arc<Tenant>> {
        self.state().tenants.values().cloned().collect()
    }
}

impl Auth {
    /// Brings the tenants in memory in step with the table. Reads one row unless something changed. To be called before
    /// serving and every few seconds: that long another node's changes take to be seen here.
    pub async fn tend_tenants(&self, now: Timestamp) -> Result<(), Unavailable> {
        let directory = &self.inner.directory;
        let stamp = self.inner.store.tenants_stamp().await?;
        directory.looked_at.store(now.0, Ordering::Relaxed);
        if directory.state().stamp == stamp {
            return Ok(());
        }
        let stored: HashMap<TenantId, StoredTenant> =
            self.inner.store.stored_tenants().await?.into_iter().map(|tenant| (tenant.id.clone(), tenant)).collect();
        let mut tenants = directory.configured.clone();
        let base = |id: &TenantId| directory.configured.get(id).cloned();
        for tenant in decide::tenants::in_order(stored.values()) {
            if let Some(built) = decide::tenants::build(tenant, |id| tenants.get(id).cloned().or_else(|| base(id))) {
                tenants.insert(tenant.id.clone(), Arc::new(built));
            }
        }
        let before = {
            let mut state = directory.state.write().unwrap_or_else(PoisonError::into_inner);
            // Somebody may have read the table later than we did, and been faster.
            if state.stamp > stamp {
                return Ok(());
            }
            std::mem::replace(&mut *state, Arc::new(State { stamp, stored, tenants }))
        };
        // An app that is gone, on whatever node, takes its keys along; one of that name that is made again has others.
        let apps = |state: &State| {
            let public = |tenant: &&StoredTenant| tenant.id.name() == TenantId::public().name() && !tenant.id.app().is_public();
            state.stored.values().filter(public).map(|tenant| (tenant.id.app(), tenant.created_at)).collect::<HashSet<_>>()
        };
        for (gone, _) in apps(&before).difference(&apps(&directory.state())) {
            self.inner.keys.forget(gone);
        }
        Ok(())
    }

    /// A tenant that may have been made on another node a moment ago: looks at the table once more, at most once a second.
    pub async fn find_tenant(&self, id: &TenantId, now: Timestamp) -> Result<Option<Arc<Tenant>>, Unavailable> {
        let looked_at = Timestamp(self.inner.directory.looked_at.load(Ordering::Relaxed));
        if self.tenant(id).is_none() && now.since(looked_at) > postkey_model::Millis::from_secs(1) {
            self.tend_tenants(now).await?;
        }
        Ok(self.tenant(id))
    }

    /// What has to hold when something is made in a tenant: that it still is, on whatever node it may be taken away. Those of
    /// the config are for ever.
    pub(crate) fn tenant_stands(&self, id: &TenantId) -> Option<Change> {
        let stored = self.inner.directory.stored(id).is_some() && !self.inner.directory.is_configured(id);
        stored.then(|| DirectoryChange::TenantStands { id: id.clone() }.into())
    }

    /// All tenants that there are just now.
    pub fn tenants(&self) -> Vec<Arc<Tenant>> {
        self.inner.directory.all()
    }
}
