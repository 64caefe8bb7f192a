//! Apps and tenants that back ends make, change and remove (contract supertokens-core.md §4.2). What they say about a
//! tenant lies over what the config says, and takes effect here at once, on other nodes within seconds.

use super::people::{LOOKS, busy};
use crate::Auth;
use crate::decide::tenants::{self as decide, SettingError, TAKEN_NAMES, TenantWish};
use postkey_model::{AppId, Change, DirectoryChange, StoredTenant, Tenant, TenantId, TenantSettings, Timestamp};
use postkey_store::Unavailable;
use serde_json::{Map, Value};
use std::sync::Arc;
use thiserror::Error;

/// A tenant as back ends see it.
#[derive(Clone, Debug)]
pub struct TenantView {
    /// Its rules, as they hold.
    pub tenant: Arc<Tenant>,
    /// What back ends set; nothing for one that only the config knows.
    pub settings: TenantSettings,
}

/// Why a tenant or an app stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TenantError {
    /// There is no such app.
    #[error("there is no such app")]
    UnknownApp,
    /// There is no such tenant.
    #[error("there is no such tenant")]
    UnknownTenant,
    /// The tenant `public` of an app stays as long as the app, and the app `public` for ever.
    #[error("the tenant or app public cannot be removed")]
    PublicStays,
    /// The configuration file names the tenant, so only that can take it away.
    #[error("the tenant {0} is in the configuration file: take it out there")]
    Configured(TenantId),
    /// The name is a word that addresses begin with.
    #[error("a tenant cannot be called like a page: choose another name")]
    TakenName,
    /// A setting that is none.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The configuration of a service names none.
    #[error("the configuration has no thirdPartyId")]
    NoProvider,
    /// The store does not work.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Auth {
    /// Makes a tenant, or changes one. Answers whether it is new.
    pub async fn set_tenant(&self, id: &TenantId, wish: &TenantWish, now: Timestamp) -> Result<bool, TenantError> {
        if id.app().is_public() && TAKEN_NAMES.contains(&id.name()) {
            return Err(TenantError::TakenName);
        }
        let public = TenantId::in_app(&id.app(), &TenantId::public());
        self.tend_tenants(now).await?;
        if *id != public && self.tenant(&public).is_none() {
            return Err(TenantError::UnknownApp);
        }
        Ok(self.settle(id, now, |before, takes_all, base| Ok((decide::merge(before, wish, takes_all, base)?, ()))).await?.0)
    }

    /// Makes an app with its tenant `public`, or changes that tenant. Answers whether it is new.
    pub async fn set_app(&self, app: &AppId, wish: &TenantWish, now: Timestamp) -> Result<bool, TenantError> {
        self.set_tenant(&TenantId::in_app(app, &TenantId::public()), wish, now).await
    }

    /// Puts the configuration of a service, an object with a `thirdPartyId`, beside the others or in the place of its own.
    /// Answers whether it is new.
    pub async fn set_provider(&self, id: &TenantId, config: &Map<String, Value>, now: Timestamp) -> Result<bool, TenantError> {
        let name = config.get("thirdPartyId").and_then(Value::as_str).filter(|name| !name.is_empty()).ok_or(TenantError::NoProvider)?;
        let (_, is_new) = self
            .change(id, now, |settings| {
                let known = settings.providers.iter_mut().find(|known| names(known, name));
                let is_new = known.is_none();
                match known {
                    Some(known) => *known = Value::Object(config.clone()),
                    None => settings.providers.push(Value::Object(config.clone())),
                }
                is_new
            })
            .await?;
        Ok(is_new)
    }

    /// Forgets the configuration of a service. Answers whether there was one.
    pub async fn remove_provider(&self, id: &TenantId, name: &str, now: Timestamp) -> Result<bool, TenantError> {
        let (_, was) = self
            .change(id, now, |settings| {
                let before = settings.providers.len();
                settings.providers.retain(|known| !names(known, name));
                settings.providers.len() < before
            })
            .await?;
        Ok(was)
    }

    /// A tenant as back ends see it.
    pub async fn tenant_view(&self, id: &TenantId, now: Timestamp) -> Result<Option<TenantView>, Unavailable> {
        Ok(self.find_tenant(id, now).await?.map(|tenant| self.view(tenant)))
    }

    /// All tenants of an app, `public` first, then by name.
    pub async fn tenants_of(&self, app: &AppId, now: Timestamp) -> Result<Vec<TenantView>, Unavailable> {
        self.tend_tenants(now).await?;
        let mut all: Vec<Arc<Tenant>> = self.tenants().into_iter().filter(|tenant| tenant.id.app() == *app).collect();
        all.sort_by(|a, b| (a.id.name() != "public", &a.id).cmp(&(b.id.name() != "public", &b.id)));
        Ok(all.into_iter().map(|tenant| self.view(tenant)).collect())
    }

    /// Removes a tenant, with everybody's ways into it. Answers whether it was there.
    pub async fn remove_tenant(&self, id: &TenantId, now: Timestamp) -> Result<bool, TenantError> {
        if id.name() == TenantId::public().name() {
            return Err(TenantError::PublicStays);
        }
        if self.inner.directory.is_configured(id) {
            return Err(TenantError::Configured(id.clone()));
        }
        self.tend_tenants(now).await?;
        if self.tenant(id).is_none() {
            return Ok(false);
        }
        self.put(DirectoryChange::TenantRemoved { id: id.clone() }).await?;
        self.tend_tenants(now).await?;
        Ok(true)
    }

    /// Removes an app with all its tenants, users, roles and keys. Answers whether it was there.
    pub async fn remove_app(&self, app: &AppId, now: Timestamp) -> Result<bool, TenantError> {
        if app.is_public() {
            return Err(TenantError::PublicStays);
        }
        let tenants = self.tenants_of(app, now).await?;
        if tenants.is_empty() {
            return Ok(false);
        }
        let removed = |view: TenantView| Change::from(DirectoryChange::TenantRemoved { id: view.tenant.id.clone() });
        let mut changes: Vec<Change> = tenants.into_iter().map(removed).collect();
        changes.push(DirectoryChange::AppRemoved { app: app.clone() }.into());
        if !self.take(now, changes).await? {
            return Err(busy().into());
        }
        self.tend_tenants(now).await?;
        self.inner.keys.forget(app);
        Ok(true)
    }

    fn view(&self, tenant: Arc<Tenant>) -> TenantView {
        let settings = self.inner.directory.stored(&tenant.id).map(|stored| stored.settings).unwrap_or_default();
        TenantView { tenant, settings }
    }

    /// Changes the settings of a tenant that is there.
    async fn change<T>(&self, id: &TenantId, now: Timestamp, change: impl Fn(&mut TenantSettings) -> T) -> Result<(bool, T), TenantError> {
        self.find_tenant(id, now).await?.ok_or(TenantError::UnknownTenant)?;
        self.settle(id, now, |before, takes_all, base| {
            let mut settings = decide::merge(before, &TenantWish::default(), takes_all, base)?;
            let outcome = change(&mut settings);
            Ok((settings, outcome))
        })
        .await
    }

    /// Stores what `decide` makes of a tenant's settings. Answers whether the tenant is new.
    pub(crate) async fn settle<T>(
        &self,
        id: &TenantId,
        now: Timestamp,
        decide: impl Fn(Option<&TenantSettings>, bool, &Tenant) -> Result<(TenantSettings, T), SettingError>,
    ) -> Result<(bool, T), TenantError> {
        let public = TenantId::public();
        for _ in 0..LOOKS {
            // Another node may have changed it.
            self.tend_tenants(now).await?;
            let is_new = self.tenant(id).is_none();
            let bases = [id, &TenantId::in_app(&id.app(), &public), &public].map(|id| self.tenant(id));
            let Some(base) = bases.into_iter().flatten().next() else { return Err(TenantError::UnknownTenant) };
            let stored = self.inner.directory.stored(id);
            let takes_all = id.name() == public.name() || self.inner.directory.is_configured(id);
            let (settings, outcome) = decide(stored.as_ref().map(|stored| &stored.settings), takes_all, &base)?;
            let (created_at, version) = stored.as_ref().map_or((now, 0), |stored| (stored.created_at, stored.version + 1));
            if stored.as_ref().is_some_and(|stored| stored.settings == settings) {
                return Ok((is_new, outcome));
            }
            let tenant = StoredTenant { id: id.clone(), created_at, version, settings };
            let mut changes = vec![DirectoryChange::TenantSet { tenant, is_new: stored.is_none() }.into()];
            // An app's tenant goes with its app, also with one that is taken away in this very moment.
            let public = TenantId::in_app(&id.app(), &public);
            changes.extend(self.tenant_stands(&public).filter(|_| *id != public));
            if self.take(now, changes).await? {
                self.tend_tenants(now).await?;
                return Ok((is_new, outcome));
            }
        }
        Err(busy().into())
    }
}

/// Whether this is the configuration of the service of that name.
fn names(config: &Value, name: &str) -> bool {
    config.get("thirdPartyId").and_then(Value::as_str) == Some(name)
}
