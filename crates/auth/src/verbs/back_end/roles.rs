//! Roles and what they permit: an app's, given in its tenants to whatever id a back end names (contract
//! supertokens-core.md §4.4).

use super::people::{LOOKS, busy};
use crate::Auth;
use postkey_model::{AppId, DirectoryChange, TenantId};
use postkey_store::Unavailable;
use thiserror::Error;

/// Why a verb about a role did nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RoleError {
    /// There is no such role.
    #[error("there is no such role")]
    UnknownRole,
    /// The store does not work.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Auth {
    /// Makes a role, or lets one permit more. Answers whether it is new.
    pub async fn set_role(&self, app: &AppId, role: &str, permissions: Vec<String>) -> Result<bool, Unavailable> {
        let is_new = !self.inner.store.has_role(app, role).await?;
        if is_new || !permissions.is_empty() {
            self.put(DirectoryChange::RoleGrown { app: app.clone(), role: role.to_owned(), permissions }).await?;
        }
        Ok(is_new)
    }

    /// Lets a role permit less; without a list, nothing any more.
    pub async fn shrink_role(&self, app: &AppId, role: &str, permissions: Option<Vec<String>>) -> Result<(), RoleError> {
        self.known_role(app, role).await?;
        Ok(self.put(DirectoryChange::RoleShrunk { app: app.clone(), role: role.to_owned(), permissions }).await?)
    }

    /// Removes a role, also from all who have it. Answers whether it was there.
    pub async fn remove_role(&self, app: &AppId, role: &str) -> Result<bool, Unavailable> {
        let was = self.inner.store.has_role(app, role).await?;
        self.put(DirectoryChange::RoleRemoved { app: app.clone(), role: role.to_owned() }).await?;
        Ok(was)
    }

    /// The roles of an app.
    pub async fn roles(&self, app: &AppId) -> Result<Vec<String>, Unavailable> {
        self.inner.store.roles(app).await
    }

    /// The roles that permit something.
    pub async fn roles_with(&self, app: &AppId, permission: &str) -> Result<Vec<String>, Unavailable> {
        self.inner.store.roles_with(app, permission).await
    }

    /// What a role permits.
    pub async fn permissions_of(&self, app: &AppId, role: &str) -> Result<Vec<String>, RoleError> {
        self.known_role(app, role).await?;
        Ok(self.inner.store.permissions(app, role).await?)
    }

    /// Gives a role to an id in a tenant. Answers whether it had it already.
    pub async fn give_role(&self, tenant: &TenantId, id: &str, role: &str) -> Result<bool, RoleError> {
        for _ in 0..LOOKS {
            self.known_role(&tenant.app(), role).await?;
            let had = self.has(tenant, id, role).await?;
            let given = DirectoryChange::RoleGiven { tenant: tenant.clone(), id: id.to_owned(), role: role.to_owned() };
            if had || self.take(None, vec![given.into()]).await? {
                return Ok(had);
            }
        }
        Err(busy().into())
    }

    /// Takes a role from an id in a tenant. Answers whether it had it.
    pub async fn take_role(&self, tenant: &TenantId, id: &str, role: &str) -> Result<bool, RoleError> {
        self.known_role(&tenant.app(), role).await?;
        let had = self.has(tenant, id, role).await?;
        if had {
            self.put(DirectoryChange::RoleTaken { tenant: tenant.clone(), id: id.to_owned(), role: role.to_owned() }).await?;
        }
        Ok(had)
    }

    /// The roles that an id has in a tenant.
    pub async fn roles_of(&self, tenant: &TenantId, id: &str) -> Result<Vec<String>, Unavailable> {
        self.inner.store.roles_of(tenant, id).await
    }

    /// The ids that have a role in a tenant.
    pub async fn who_has_role(&self, tenant: &TenantId, role: &str) -> Result<Vec<String>, RoleError> {
        self.known_role(&tenant.app(), role).await?;
        Ok(self.inner.store.have_role(tenant, role).await?)
    }

    async fn has(&self, tenant: &TenantId, id: &str, role: &str) -> Result<bool, Unavailable> {
        Ok(self.inner.store.roles_of(tenant, id).await?.iter().any(|known| known == role))
    }

    async fn known_role(&self, app: &AppId, role: &str) -> Result<(), RoleError> {
        if self.inner.store.has_role(app, role).await? { Ok(()) } else { Err(RoleError::UnknownRole) }
    }
}
