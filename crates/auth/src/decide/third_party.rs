//! The rules of people whom another service vouches for (contract supertokens-core.md §4.4): a new user, or a known one whose
//! address the service may name anew.

use super::linking::{Rivals, touch};
use super::people::tenants_of;
use postkey_model::{Change, Connection, DirectoryChange, Identity, IdentityId, ProviderId, TenantId, Timestamp, User, UserId};
use postkey_store::UserFacts;

/// What a service says about somebody.
#[derive(Clone, Copy, Debug)]
pub struct ServiceSays<'a> {
    /// Which service.
    pub provider: ProviderId,
    /// The id that it knows them by.
    pub subject: &'a str,
    /// Their address, in its one spelling.
    pub email: &'a str,
    /// Whether it vouches for that.
    pub is_verified: bool,
}

impl ServiceSays<'_> {
    /// The address that it names, if it names one: strangers without any have none in common.
    fn address(&self) -> Option<String> {
        Some(self.email).filter(|email| !email.is_empty()).map(str::to_owned)
    }
}

/// The service names another address, and another primary user has that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressHeld;

/// The identity in `tenant` that the service speaks of.
pub fn identity_of<'a>(facts: &'a UserFacts, tenant: &TenantId, says: &ServiceSays<'_>) -> Option<&'a Identity> {
    let connection = Connection::Provider(says.provider);
    facts.identities.iter().find(|row| row.tenant == *tenant && row.connection == connection && row.subject == says.subject)
}

/// The changes that make the user of whom the service speaks.
pub fn new_user(user: UserId, tenant: &TenantId, says: &ServiceSays<'_>, now: Timestamp) -> Vec<Change> {
    let identity = Identity {
        id: IdentityId::first_of(&user),
        user: user.clone(),
        tenant: tenant.clone(),
        connection: Connection::Provider(says.provider),
        subject: says.subject.to_owned(),
        created_at: now,
        version: 0,
        provider_email: says.address(),
        verified_at: says.is_verified.then_some(now),
    };
    let user = User { id: user, tenant: tenant.clone(), created_at: now, version: 0, primary_at: None };
    // The identity first: it is the one that somebody else may have made meanwhile.
    vec![Change::IdentityCreated(identity), Change::UserCreated(user)]
}

/// In which tenants it matters who else has the address that the service names: in those of a primary user, when it is
/// another one than before.
pub fn asks_where(facts: &UserFacts, tenant: &TenantId, says: &ServiceSays<'_>) -> Vec<TenantId> {
    let changes = identity_of(facts, tenant, says).is_some_and(|row| row.email() != says.address().as_deref());
    if changes && facts.is_primary() { tenants_of(facts).into_iter().collect() } else { Vec::new() }
}

/// The changes that let a known user in: none in most cases. A new address counts as proved only if the service vouches for
/// it; one that is proved stays so.
pub fn known_user(
    facts: &UserFacts,
    tenant: &TenantId,
    says: &ServiceSays<'_>,
    rivals: &Rivals,
    now: Timestamp,
) -> Result<Vec<Change>, AddressHeld> {
    let Some(row) = identity_of(facts, tenant, says) else { return Ok(Vec::new()) };
    let same_address = row.email() == says.address().as_deref();
    if same_address && (row.verified_at.is_some() || !says.is_verified) {
        return Ok(Vec::new());
    }
    if !same_address && facts.is_primary() && rivals.others_primary(facts).next().is_some() {
        return Err(AddressHeld);
    }
    let verified_at = says.is_verified.then_some(now);
    let mut changes = touch(&[facts], if facts.is_primary() { rivals } else { Rivals::NONE });
    let rows = facts.identities.iter().filter(|other| other.id == row.id && other.connection == row.connection);
    changes.extend(rows.map(|row| {
        let email = says.address();
        Change::from(DirectoryChange::ProviderEmailChanged { seen: row.clone(), email, verified_at })
    }));
    Ok(changes)
}

#[cfg(test)]
mod tests;
