//! What operators say of users: whose a number is. It opens nothing before its owner types a code that was sent to it.

use crate::{Auth, TRIES};
use postkey_model::{AppId, Change, Connection, LoginChange, PhoneError, PhoneNumber, TenantId, Timestamp};
use postkey_store::{AccountInfo, CommitError, Unavailable, UserFacts};
use std::collections::BTreeSet;
use thiserror::Error;

/// Why a number is not said to be somebody's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MapNumberError {
    /// There is no such user.
    #[error("there is no user of this id")]
    UnknownUser,
    /// The number is nobody's, or not this user's.
    #[error("this number is not said to be this user's")]
    UnknownNumber,
    /// It is no number.
    #[error("phoneNumber: {0}; write it with its country code, like +431234567")]
    NoNumber(PhoneError),
    /// Only somebody who proved an address gets a number this way.
    #[error("the user has no verified address")]
    NoVerifiedAddress,
    /// Another user proved that the number is theirs.
    #[error("the number is another user's")]
    Taken,
    /// Others were first, again and again.
    #[error("too busy")]
    Busy,
    /// The store does not work.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Auth {
    /// Says that a number is a user's, in every tenant where the user proved an address. The newest word counts.
    pub async fn map_number(&self, user: &str, number: &str, now: Timestamp) -> Result<PhoneNumber, MapNumberError> {
        use MapNumberError as No;
        let number = PhoneNumber::parse(number, None).map_err(No::NoNumber)?;
        for _ in 0..TRIES {
            let facts = self.mapped_user(user).await?;
            let tenants = tenants_with_address(&facts);
            if tenants.is_empty() {
                return Err(No::NoVerifiedAddress);
            }
            // The decision is about the user as seen: with this address, and there at all.
            let mut changes = vec![Change::UserTouched { user: facts.user.id.clone(), seen_version: facts.user.version }];
            for tenant in tenants {
                let known = AccountInfo { phone: Some(number.as_str().to_owned()), ..AccountInfo::default() };
                let owners = self.inner.store.people_by(&tenant, &known).await?;
                if owners.iter().any(|owner| owner.user.id != facts.user.id) {
                    return Err(No::Taken);
                }
                if owners.is_empty() {
                    let (number, user) = (number.as_str().to_owned(), facts.user.id.clone());
                    changes.push(LoginChange::NumberMapped { tenant, number, user, at: now }.into());
                }
            }
            if changes.len() == 1 {
                return Ok(number);
            }
            match self.commit(now, changes).await {
                Ok(_) => return Ok(number),
                Err(CommitError::Lost) => {}
                Err(CommitError::Unavailable(e)) => return Err(e.into()),
            }
        }
        Err(No::Busy)
    }

    /// The numbers that are said to be a user's or that the user proved, with since when, and whether they are proved.
    pub async fn numbers_of(&self, user: &str) -> Result<Vec<(String, Timestamp, bool)>, MapNumberError> {
        let facts = self.mapped_user(user).await?;
        let proved = facts.identities.iter().filter(|identity| identity.connection == Connection::Sms);
        let mut all: Vec<_> = proved.map(|identity| (identity.subject.clone(), identity.created_at, true)).collect();
        for tenant in tenants_of(&facts) {
            let mapped = self.inner.store.numbers_mapped_to(&tenant, &facts.user.id).await?;
            all.extend(mapped.into_iter().map(|(number, at)| (number, at, false)));
        }
        all.sort_by(|a, b| (&a.0, !a.2).cmp(&(&b.0, !b.2)));
        all.dedup_by(|a, b| a.0 == b.0);
        Ok(all)
    }

    /// Says no more that a number is a user's. One that the user proved stays.
    pub async fn unmap_number(&self, user: &str, number: &str) -> Result<(), MapNumberError> {
        let facts = self.mapped_user(user).await?;
        let number = PhoneNumber::parse(number, None).map_err(MapNumberError::NoNumber)?;
        let mut changes = Vec::new();
        for tenant in tenants_of(&facts) {
            if self.inner.store.number_mapped_to(&tenant, number.as_str()).await?.as_ref() == Some(&facts.user.id) {
                let (number, user) = (number.as_str().to_owned(), facts.user.id.clone());
                changes.push(LoginChange::NumberStands { tenant: tenant.clone(), number: number.clone(), user }.into());
                changes.push(Change::from(LoginChange::NumberUnmapped { tenant, number }));
            }
        }
        if changes.is_empty() {
            return Err(MapNumberError::UnknownNumber);
        }
        match self.commit(None, changes).await {
            Ok(_) => Ok(()),
            // Somebody took it away or gave it to somebody else.
            Err(CommitError::Lost) => Err(MapNumberError::UnknownNumber),
            Err(CommitError::Unavailable(e)) => Err(e.into()),
        }
    }

    async fn mapped_user(&self, user: &str) -> Result<UserFacts, MapNumberError> {
        let facts = self.inner.store.person(&AppId::public(), user).await?;
        facts.filter(|facts| facts.user.id.as_str() == user).ok_or(MapNumberError::UnknownUser)
    }
}

/// The tenants that a user has a way into.
fn tenants_of(facts: &UserFacts) -> BTreeSet<TenantId> {
    facts.identities.iter().map(|identity| identity.tenant.clone()).chain([facts.user.tenant.clone()]).collect()
}

/// Those where the user proved an address.
fn tenants_with_address(facts: &UserFacts) -> BTreeSet<TenantId> {
    let proved = facts.identities.iter().filter(|identity| identity.email().is_some() && identity.verified_at.is_some());
    proved.map(|identity| identity.tenant.clone()).collect()
}
