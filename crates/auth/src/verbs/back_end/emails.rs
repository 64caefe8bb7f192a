//! Proofs of addresses that back ends mail themselves (contract supertokens-core.md §4.4).

use super::people::{LOOKS, busy, rows_of};
use crate::Auth;
use data_encoding::BASE64URL_NOPAD;
use postkey_model::entropy::random;
use postkey_model::{AppId, Change, DirectoryChange, EmailToken, IdentityId, Millis, Secret, TenantId, Timestamp, UserId};
use postkey_store::{Unavailable, UserFacts};
use thiserror::Error;

/// How long a token that proves an address lives where a tenant says nothing else.
const LIFETIME: Millis = Millis::from_hours(24);

/// Why an address was not proved, or no token made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EmailTokenError {
    /// The address counts as proved already.
    #[error("the address is proved already")]
    AlreadyVerified,
    /// There is no such tenant.
    #[error("there is no such tenant")]
    UnknownTenant,
    /// There is no identity of this id with this address.
    #[error("there is no identity of that id with that address")]
    UnknownAddress,
    /// The token is none of ours, used, withdrawn or too old.
    #[error("that token proves nothing")]
    InvalidToken,
    /// The store does not work.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Auth {
    /// A token that proves the address of an identity, for whoever gets it by mail.
    pub async fn make_email_token(
        &self,
        tenant: &TenantId,
        identity: &str,
        email: &str,
        now: Timestamp,
    ) -> Result<Secret<String>, EmailTokenError> {
        let app = tenant.app();
        let rules = self.find_tenant(tenant, now).await?.ok_or(EmailTokenError::UnknownTenant)?;
        let facts = self.find_person(&app, identity).await?;
        match facts.as_ref().and_then(|facts| is_proved(facts, identity, email)) {
            None => return Err(EmailTokenError::UnknownAddress),
            Some(true) => return Err(EmailTokenError::AlreadyVerified),
            Some(false) => {}
        }
        let token = BASE64URL_NOPAD.encode(&random::<32>(self.entropy()));
        let change = DirectoryChange::EmailTokenMade(EmailToken {
            hash: self.keyring().email_token_hash(&token),
            app,
            identity: IdentityId::stored(identity.to_owned()),
            email: email.to_owned(),
            expires_at: now + rules.back_end.email_token_lifetime.unwrap_or(LIFETIME),
        });
        self.put(change).await?;
        Ok(Secret::new(token))
    }

    /// Proves an address by a token, once. All other tokens of that address are withdrawn.
    pub async fn use_email_token(&self, app: &AppId, token: &str, now: Timestamp) -> Result<(IdentityId, String), EmailTokenError> {
        let hashes: Vec<[u8; 32]> = self.keyring().each().map(|ring| ring.email_token_hash(token)).collect();
        for _ in 0..LOOKS {
            let mut found = None;
            for hash in &hashes {
                found = match found {
                    None => self.inner.store.email_token(*hash).await?,
                    found => found,
                };
            }
            let hash = found.as_ref().map(|token| token.hash).ok_or(EmailTokenError::InvalidToken)?;
            let token = found.filter(|token| token.app == *app && token.expires_at > now).ok_or(EmailTokenError::InvalidToken)?;
            let (identity, email) = (token.identity, token.email);
            let facts = self.find_person(app, identity.as_str()).await?.ok_or(EmailTokenError::InvalidToken)?;
            is_proved(&facts, identity.as_str(), &email).ok_or(EmailTokenError::InvalidToken)?;
            let changes = vec![
                touched(&facts),
                DirectoryChange::EmailTokenUsed { hash }.into(),
                DirectoryChange::EmailTokensRemoved { identity: identity.clone(), email: email.clone() }.into(),
                said(&facts.user.id, &identity, &email, Some(now)),
            ];
            if self.take(now, changes).await? {
                return Ok((identity, email));
            }
        }
        Err(busy().into())
    }

    /// Whether the address of an identity counts as proved. One that is not there is not.
    pub async fn is_email_verified(&self, app: &AppId, identity: &str, email: &str) -> Result<bool, Unavailable> {
        let facts = self.find_person(app, identity).await?;
        Ok(facts.and_then(|facts| is_proved(&facts, identity, email)).unwrap_or_default())
    }

    /// Takes the proof of an address back. Signing in by a code proves it again.
    pub async fn unverify_email(&self, app: &AppId, identity: &str, email: &str) -> Result<(), Unavailable> {
        for _ in 0..LOOKS {
            let Some(facts) = self.find_person(app, identity).await? else { return Ok(()) };
            if is_proved(&facts, identity, email) != Some(true) {
                return Ok(());
            }
            let unproved = said(&facts.user.id, &IdentityId::stored(identity.to_owned()), email, None);
            if self.take(None, vec![touched(&facts), unproved]).await? {
                return Ok(());
            }
        }
        Err(busy())
    }

    /// Withdraws all tokens of an address.
    pub async fn remove_email_tokens(&self, app: &AppId, identity: &str, email: &str) -> Result<(), Unavailable> {
        match self.find_person(app, identity).await? {
            Some(_) => {
                let identity = IdentityId::stored(identity.to_owned());
                self.put(DirectoryChange::EmailTokensRemoved { identity, email: email.to_owned() }).await
            }
            None => Ok(()),
        }
    }
}

/// Whether the address counts as proved; `None` when the identity has no such address.
fn is_proved(facts: &UserFacts, identity: &str, email: &str) -> Option<bool> {
    let rows = rows_of(facts, identity);
    let mut proofs = rows.iter().filter(|row| row.email() == Some(email)).map(|row| row.verified_at.is_some());
    let first = proofs.next()?;
    Some(first || proofs.any(|is| is))
}

fn said(user: &UserId, identity: &IdentityId, email: &str, at: Option<Timestamp>) -> Change {
    DirectoryChange::AddressVerified { user: user.clone(), identity: identity.clone(), email: email.to_owned(), at }.into()
}

/// Whoever moves the identity to another user at the same time, or gives it another address, comes first or later.
fn touched(facts: &UserFacts) -> Change {
    Change::UserTouched { user: facts.user.id.clone(), seen_version: facts.user.version }
}
