//! Invitations of the login interface: making them, looking at them, taking them back. Whoever asks for a login with one gets
//! the user and the tenant that it names.

use super::clients::{ID_SIGNS, random_signs};
use super::registered::RegisterError;
use crate::Auth;
use crate::decide::registered::{self as decide, InviteWish};
use postkey_model::{InviteSettings, LoginInvite, TenantId, Timestamp};

impl Auth {
    /// Makes an invitation.
    pub async fn create_login_invite(&self, wish: &InviteWish, now: Timestamp) -> Result<LoginInvite, RegisterError> {
        let settings = decide::invite(wish, now).map_err(RegisterError::Wrong)?;
        if let Some(name) = &settings.default_login_tenant_id {
            let id = TenantId::parse(name).filter(|id| id.app().is_public());
            let found = match id {
                Some(id) => self.find_tenant(&id, now).await?,
                None => None,
            };
            if found.is_none() {
                return Err(RegisterError::Wrong(format!("there is no tenant {name:?}")));
            }
        }
        self.register(&format!("inv_{}", random_signs(ID_SIGNS, self.entropy())), settings, None, now).await
    }

    /// An invitation that is still good.
    pub async fn login_invite(&self, id: &str, now: Timestamp) -> Result<LoginInvite, RegisterError> {
        let invite = self.registered::<InviteSettings>(id).await?;
        invite.filter(|invite| invite.settings.expires_at.is_none_or(|until| until > now)).ok_or(RegisterError::Unknown)
    }

    /// Takes an invitation back. Whoever followed it keeps their user.
    pub async fn remove_login_invite(&self, id: &str) -> Result<(), RegisterError> {
        self.unregister::<InviteSettings>(id).await
    }
}
