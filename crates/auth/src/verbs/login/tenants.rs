//! Tenants as the login interface sets them: the tenants of the app `public`, with what their logins need. What the
//! configuration file and other back ends say of them stays.

use super::clients::random_signs;
use super::registered::RegisterError;
use crate::Auth;
use crate::decide::registered::{self as decide, LoginTenantWish};
use crate::decide::tenants::{SettingError, TAKEN_NAMES, TenantWish, merge};
use crate::verbs::back_end::people::AssociateError;
use crate::verbs::back_end::tenants::{TenantError, TenantView};
use postkey_model::{AppId, Call, LoginRules, LoginSettings, TenantId, TenantSettings, Timestamp};
use postkey_store::Unavailable;
use std::collections::BTreeSet;

/// A tenant as the login interface sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct LoginTenantView {
    /// Which.
    pub id: TenantId,
    /// Since when it is there; `None`: it is of the configuration file.
    pub created_at: Option<Timestamp>,
    /// What its pages call the application.
    pub app_name: String,
    /// What was set.
    pub settings: LoginSettings,
    /// What holds.
    pub rules: LoginRules,
}

impl Auth {
    /// All tenants, `public` first, then by name.
    pub async fn login_tenants(&self, now: Timestamp) -> Result<Vec<LoginTenantView>, Unavailable> {
        Ok(self.tenants_of(&AppId::public(), now).await?.into_iter().map(|view| self.login_tenant_view(view)).collect())
    }

    /// One of them.
    pub async fn login_tenant(&self, name: &str, now: Timestamp) -> Result<LoginTenantView, RegisterError> {
        let id = known_form(name).ok_or(RegisterError::Unknown)?;
        let view = self.tenant_view(&id, now).await?.ok_or(RegisterError::Unknown)?;
        Ok(self.login_tenant_view(view))
    }

    /// Makes a tenant, under a name of the caller's choice or a drawn one. People get in by all that `public` has.
    pub async fn create_login_tenant(
        &self,
        name: Option<&str>,
        wish: &LoginTenantWish,
        now: Timestamp,
    ) -> Result<LoginTenantView, RegisterError> {
        let drawn = || format!("tenant-{}", random_signs(16, self.entropy()).to_ascii_lowercase());
        let name = name.map_or_else(drawn, str::to_owned);
        let id = known_form(&name).filter(|id| !TAKEN_NAMES.contains(&id.name())).ok_or_else(|| {
            RegisterError::Wrong(format!("the tenantId {name:?} must be 1 to 64 of a-z, 0-9 and '-', and not the name of a page"))
        })?;
        self.tend_tenants(now).await?;
        if self.tenant(&id).is_some() {
            return Err(RegisterError::Taken);
        }
        if self.other_that_looks_up(&name, None).is_some() {
            return Err(RegisterError::Wrong(format!("{name:?} is the tenantLookupIdentifier of another tenant")));
        }
        self.check_tenant_wish(&id, wish, now).await?;
        let (_, made) = self
            .settle(&id, now, |before, takes_all, base| {
                if let Some(before) = before {
                    return Ok((before.clone(), false));
                }
                let by_all = TenantWish { first_factors: Some(None), ..TenantWish::default() };
                let settings = merge(None, &by_all, takes_all, base)?;
                Ok((with_login(settings, wish)?, true))
            })
            .await
            .map_err(of_tenant)?;
        if !made {
            return Err(RegisterError::Taken);
        }
        self.login_tenant(&name, now).await
    }

    /// Changes a tenant.
    pub async fn change_login_tenant(&self, name: &str, wish: &LoginTenantWish, now: Timestamp) -> Result<LoginTenantView, RegisterError> {
        let id = known_form(name).ok_or(RegisterError::Unknown)?;
        self.find_tenant(&id, now).await?.ok_or(RegisterError::Unknown)?;
        self.check_tenant_wish(&id, wish, now).await?;
        let settled = self.settle(&id, now, |before, takes_all, base| {
            let settings = merge(before, &TenantWish::default(), takes_all, base)?;
            Ok((with_login(settings, wish)?, ()))
        });
        settled.await.map_err(of_tenant)?;
        self.login_tenant(name, now).await
    }

    /// Removes a tenant, with everybody's ways into it.
    pub async fn remove_login_tenant(&self, name: &str, now: Timestamp) -> Result<(), RegisterError> {
        let id = known_form(name).ok_or(RegisterError::Unknown)?;
        let was = self.remove_tenant(&id, now).await.map_err(of_tenant)?;
        if was { Ok(()) } else { Err(RegisterError::Unknown) }
    }

    /// Lets a user into the call's tenant by all ways in that the user has elsewhere. The first that cannot be put there ends
    /// it; those before it stay.
    pub async fn admit_user(&self, call: &Call, user: &str) -> Result<(), AssociateError> {
        let facts = self.find_person(&AppId::public(), user).await?.filter(|facts| facts.user.id.as_str() == user);
        let facts = facts.ok_or(AssociateError::Refused(crate::decide::people::NoPlace::Unknown))?;
        let identities: BTreeSet<&str> = facts.identities.iter().map(|identity| identity.id.as_str()).collect();
        for identity in identities {
            self.associate(call, identity).await?;
        }
        Ok(())
    }

    fn login_tenant_view(&self, view: TenantView) -> LoginTenantView {
        let id = view.tenant.id.clone();
        LoginTenantView {
            created_at: self.inner.directory.stored(&id).map(|stored| stored.created_at),
            id,
            app_name: view.tenant.app_name.clone(),
            settings: view.settings.login.unwrap_or_default(),
            rules: view.tenant.login,
        }
    }

    /// A tenant, other than `own`, that people find by `text`.
    fn other_that_looks_up(&self, text: &str, own: Option<&TenantId>) -> Option<TenantId> {
        let lookup = |settings: &TenantSettings| settings.login.as_ref().and_then(|login| login.lookup_identifier.clone());
        let all = self.inner.directory.all_stored_by(|settings| lookup(settings).as_deref() == Some(text));
        all.into_iter().find(|id| Some(id) != own)
    }

    /// What a tenant names has to be there, and what its people type has to mean it alone.
    async fn check_tenant_wish(&self, id: &TenantId, wish: &LoginTenantWish, now: Timestamp) -> Result<(), RegisterError> {
        if let Some(Some(connection)) = &wish.connection {
            match self.find_connection(connection).await {
                Err(RegisterError::Unknown) => return Err(RegisterError::Wrong(format!("there is no connection {connection:?}"))),
                found => drop(found?),
            }
        }
        if let Some(Some(lookup)) = &wish.lookup_identifier {
            let by_name = match known_form(lookup) {
                Some(named) => self.find_tenant(&named, now).await?.map(|tenant| tenant.id.clone()),
                None => None,
            };
            if self.other_that_looks_up(lookup, Some(id)).or(by_name).is_some_and(|other| other != *id) {
                return Err(RegisterError::Wrong(format!("the tenantLookupIdentifier {lookup:?} is another tenant's")));
            }
        }
        Ok(())
    }
}

/// The tenant of the app `public` that `name` may be.
fn known_form(name: &str) -> Option<TenantId> {
    TenantId::parse(name).filter(|id| id.app().is_public())
}

fn with_login(settings: TenantSettings, wish: &LoginTenantWish) -> Result<TenantSettings, SettingError> {
    let login = decide::tenant(&settings.login.clone().unwrap_or_default(), wish).map_err(SettingError)?;
    Ok(TenantSettings { login: Some(login), ..settings })
}

fn of_tenant(error: TenantError) -> RegisterError {
    match error {
        TenantError::Unavailable(e) => RegisterError::Unavailable(e),
        TenantError::UnknownApp | TenantError::UnknownTenant => RegisterError::Unknown,
        other @ (TenantError::PublicStays
        | TenantError::Configured(_)
        | TenantError::TakenName
        | TenantError::Setting(_)
        | TenantError::NoProvider) => RegisterError::Wrong(other.to_string()),
    }
}
