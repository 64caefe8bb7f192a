//! What applications' own pages do through their web SDKs: whether they may, starting and completing a sign-in there, who
//! has an account, and whether an address is verified.

use super::complete::{CompleteError, Completed, Proof};
use super::identifier::ChangeError;
use super::sign_in::{Sent, StartError, Wanted};
use crate::decide::identifier::Wish;
use crate::decide::tenants as tenant_rules;
use crate::token::{AccessClaims, Hashes, SessionTokens};
use crate::{Auth, TrustedDevice};
use postkey_model::{Call, ContactMethod, IdentifierError, LineageToken, RefreshToken, Secret, Session, Tenant, Timestamp};
use postkey_store::{Unavailable, UserFacts};
use thiserror::Error;

/// The page that calls, as its browser tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallingPage {
    /// Its origin; `None` when nobody says: programs, and most calls of our own pages.
    pub origin: Option<String>,
    /// Whether the browser says that it is a page of another host or site than ours.
    pub is_elsewhere: bool,
}

/// Why an application's page did not start a sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WebStartError {
    /// The tenant's people do not sign in with such identifiers.
    #[error("identifiers of that kind are not taken here")]
    NotTaken,
    /// As for any sign-in.
    #[error(transparent)]
    Start(#[from] StartError),
}

/// Why it is not told whether somebody has an account.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ExistenceError {
    /// The tenant does not tell anybody.
    #[error("this tenant does not tell who has an account")]
    NotTold,
    /// The identifier cannot be one.
    #[error(transparent)]
    Identifier(#[from] IdentifierError),
    /// This network asked too often.
    #[error("this network asked too often")]
    Throttled {
        /// From then on it may ask again.
        until: Timestamp,
    },
    /// The store does not work.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Auth {
    /// Whether `page` may call for `tenant`: our own pages may, and those of the origins that the tenant names.
    pub fn allows(&self, page: &CallingPage, tenant: &Tenant) -> bool {
        self.fits(page, |origin| tenant.web.allows(origin))
    }

    /// Whether `page` may call where the call does not say for which tenant: it may when any tenant names its origin.
    pub fn allows_somewhere(&self, page: &CallingPage) -> bool {
        self.fits(page, |origin| self.inner.directory.any(|tenant| tenant.web.allows(origin)))
    }

    /// Whether `page` may use `session`: whether that one's tenant lets it.
    pub fn allows_session(&self, page: &CallingPage, session: &Session) -> bool {
        self.fits(page, |origin| self.tenant(&session.tenant).is_some_and(|tenant| tenant.web.allows(origin)))
    }

    /// Whether `page` may use the session that a refresh token names. A token that names none opens nothing to anybody.
    pub async fn allows_refresh(&self, page: &CallingPage, token: &str) -> Result<bool, Unavailable> {
        if self.fits(page, |_| false) {
            return Ok(true);
        }
        let by_lineage = || LineageToken::parse(token).map(|token| token.handle);
        let Some(handle) = RefreshToken::parse(token).map(|token| token.handle).or_else(by_lineage) else {
            return Ok(self.allows_somewhere(page));
        };
        let session = self.inner.store.session(&handle).await?;
        Ok(session.map_or_else(|| self.allows_somewhere(page), |session| self.allows_session(page, &session)))
    }

    /// A page that names no origin is ours or none, unless its browser says otherwise.
    fn fits(&self, page: &CallingPage, is_named: impl Fn(&str) -> bool) -> bool {
        match page.origin.as_deref() {
            None => !page.is_elsewhere,
            Some(origin) if origin == self.public_origin().as_text() => !page.is_elsewhere,
            Some(origin) => is_named(origin),
        }
    }

    /// Starts a sign-in from an application's page, whose field took one kind of identifier only. As [`Auth::start`], but
    /// a tenant that does not take that kind says so: no person typed into the wrong field, a page was set up wrong.
    pub async fn start_in_app(&self, call: &Call, wanted: Wanted<'_>) -> Result<Sent, WebStartError> {
        let tenant = &*self.tenant(&call.tenant).ok_or(StartError::UnknownTenant)?;
        if !tenant_rules::takes(tenant, wanted.method.unwrap_or(tenant.contact)) {
            return Err(WebStartError::NotTaken);
        }
        Ok(self.start(call, wanted).await?)
    }

    /// Begins to add an identifier to the account of whoever is signed in: sends the code that proves it.
    pub async fn add_in_app(&self, call: &Call, session: &Session, method: ContactMethod, typed: &str) -> Result<Sent, ChangeError> {
        self.change_identifier(call, &session.user, &Wish::Add, typed, method, None).await
    }

    /// Lets somebody in, as [`Auth::complete`], and tells who that is.
    pub async fn complete_with_user(
        &self,
        call: &Call,
        proof: &Proof,
        trusted: Option<TrustedDevice>,
    ) -> Result<(Completed, UserFacts), CompleteError> {
        let completed = self.complete(call, proof, trusted).await?;
        let user = self.inner.store.person(&call.tenant.app(), completed.tokens.user.as_str()).await?;
        // Removed at the very moment of signing in.
        user.map(|user| (completed, user)).ok_or(CompleteError::Unknown)
    }

    /// Who is signed in, with all identities; `None` when there is no such user any more.
    pub async fn user_of(&self, session: &Session) -> Result<Option<UserFacts>, Unavailable> {
        self.inner.store.person(&session.tenant.app(), session.user.as_str()).await
    }

    /// Whether an address or number has an account, where the tenant lets anybody ask.
    pub async fn has_account(&self, call: &Call, method: ContactMethod, typed: &str) -> Result<bool, ExistenceError> {
        let tenant = self.tenant(&call.tenant).filter(|tenant| tenant.web.existence_checks).ok_or(ExistenceError::NotTold)?;
        let identifier = postkey_model::Identifier::parse(typed, method, tenant.phone.default_country)?;
        self.may_ask(call, Some(&tenant.id)).map_err(|until| ExistenceError::Throttled { until })?;
        let facts = self.inner.store.start_facts(&tenant.id, identifier.connection(), identifier.as_str()).await?;
        Ok(facts.user.is_some())
    }

    /// Whether the address by which somebody is signed in counts as theirs, and an access token made just now that says so,
    /// in the place of the one that says `claims`. It ends when that one does: only a refresh token buys time.
    pub async fn verified_now(
        &self,
        session: &Session,
        claims: &AccessClaims,
        now: Timestamp,
    ) -> Result<(bool, SessionTokens), Unavailable> {
        let facts = self.user_of(session).await?;
        let hashes = Hashes { refresh: claims.refresh_hash.clone(), parent: claims.parent_hash.clone() };
        let custom = self.custom_claims_in(session, now).await?;
        let tokens = self.tokens_with(session, Secret::new(String::new()), (&hashes, &custom), Timestamp(claims.exp * 1000), now)?;
        let identities = facts.map(|facts| facts.identities).unwrap_or_default();
        let mut addresses = identities.iter().filter(|identity| identity.id == session.identity && identity.email().is_some());
        Ok((addresses.all(|identity| identity.verified_at.is_some()), tokens))
    }
}
