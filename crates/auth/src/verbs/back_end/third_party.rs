//! Signing in by another service, which a back end asked: it says who somebody is (contract supertokens-core.md §4.4).

use super::people::{LOOKS, busy};
use crate::Auth;
use crate::decide::people::normal_email;
use crate::decide::third_party::{self as decide, AddressHeld, ServiceSays};
use postkey_model::{Call, EmailAddress, Identifier, IdentityId, ProviderId, SignUp, Tenant, UserId};
use postkey_store::{AccountInfo, Unavailable, UserFacts};
use thiserror::Error;

/// Somebody whom a service vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownByService {
    /// Whether the user is new.
    pub is_new_user: bool,
    /// Who.
    pub user: UserFacts,
    /// By which identity.
    pub identity: IdentityId,
}

/// Why nobody is let in.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ThirdPartyError {
    /// There is no such tenant.
    #[error("there is no such tenant")]
    UnknownTenant,
    /// The service names another address than before, which another primary user has.
    #[error("the address is associated with another primary user")]
    EmailChangeNotAllowed,
    /// The tenant takes nobody in any more.
    #[error("this tenant takes no new users")]
    SignUpClosed,
    /// The store does not work.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Auth {
    /// Lets somebody in whom `provider` knows as `subject`, and makes the user if there was none and the tenant takes such
    /// people in. Makes no session.
    pub async fn third_party_sign_in(
        &self,
        call: &Call,
        provider: ProviderId,
        subject: &str,
        email: &str,
        is_verified: bool,
    ) -> Result<KnownByService, ThirdPartyError> {
        let tenant = self.find_tenant(&call.tenant, call.now).await?.ok_or(ThirdPartyError::UnknownTenant)?;
        let says = ServiceSays { provider, subject, email: &normal_email(email), is_verified };
        let known = AccountInfo { provider: Some((provider, subject.to_owned())), ..AccountInfo::default() };
        for _ in 0..LOOKS {
            let found = self.inner.store.people_by(&call.tenant, &known).await?.pop();
            let (is_new_user, user, changes) = match &found {
                None if !self.admits_named(&tenant, &says).await? => return Err(ThirdPartyError::SignUpClosed),
                None => {
                    let user = UserId::new(call.now, self.entropy());
                    let mut changes = decide::new_user(user.clone(), &call.tenant, &says, call.now);
                    changes.extend(self.tenant_stands(&call.tenant));
                    (true, user, changes)
                }
                Some(facts) => {
                    let info = AccountInfo { email: Some(says.email.to_owned()), ..AccountInfo::default() };
                    let asked = decide::asks_where(facts, &call.tenant, &says);
                    let rivals = self.rivals(asked.into_iter().map(|tenant| (tenant, info.clone()))).await?;
                    let changes = decide::known_user(facts, &call.tenant, &says, &rivals, call.now);
                    let changes = changes.map_err(|AddressHeld| ThirdPartyError::EmailChangeNotAllowed)?;
                    (false, facts.user.id.clone(), changes)
                }
            };
            let user = match found {
                Some(facts) if changes.is_empty() => facts,
                _ => {
                    if !self.take(call.now, changes).await? {
                        continue;
                    }
                    let Some(facts) = self.find_person(&call.tenant.app(), user.as_str()).await? else { continue };
                    facts
                }
            };
            if let Some(identity) = decide::identity_of(&user, &call.tenant, &says).map(|row| row.id.clone()) {
                return Ok(KnownByService { is_new_user, user, identity });
            }
        }
        Err(busy().into())
    }

    /// Whether somebody new may get an account: as by a code, where the service vouches for the address.
    async fn admits_named(&self, tenant: &Tenant, says: &ServiceSays<'_>) -> Result<bool, Unavailable> {
        if tenant.sign_up == SignUp::Open {
            return Ok(true);
        }
        match EmailAddress::parse(says.email).ok().filter(|_| says.is_verified) {
            Some(address) => self.admits(tenant, &Identifier::Email(address), false).await,
            None => Ok(false),
        }
    }
}
