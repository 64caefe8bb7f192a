//! Sessions that back ends make, check, refresh and keep data with (contract supertokens-core.md §3).

use crate::decide::lineage::{self, Decision, Used};
use crate::token::{self, AccessClaims, AccessTokenError, Hashes, PROTECTED_CLAIMS, SessionTokens};
use crate::{Auth, RefreshError, TRIES};
use data_encoding::HEXLOWER;
use postkey_model::entropy::random;
use postkey_model::{
    AppId, BackEnd, Call, Change, DirectoryChange, EventKind, IdentityId, LineageToken, RefreshToken, RotationPolicy, Secret, Session,
    SessionHandle, Tenant, TenantId, Timestamp, UserId,
};
use postkey_store::{CommitError, Unavailable};
use serde_json::{Map, Value};
use std::sync::Arc;
use thiserror::Error;

/// What a back end wants of a new session.
#[derive(Clone, Debug, Default)]
pub struct NewSession {
    /// Whose: a user's id, an identity's, or any other word.
    pub user: String,
    /// What its access tokens say.
    pub claims: Map<String, Value>,
    /// What only back ends see.
    pub data: Map<String, Value>,
    /// Whether forms have to bring a token along.
    pub anti_csrf: bool,
    /// Whether the key that stays signs its access tokens.
    pub is_static: bool,
}

/// A session, and tokens for it.
pub struct Issued {
    /// The session as it is now.
    pub session: Session,
    /// Its tokens.
    pub tokens: SessionTokens,
}

/// What an access token turned out to be worth.
pub struct Believed {
    /// What the token says; what a renewed one says instead, if there is one.
    pub claims: AccessClaims,
    /// The session's tenant.
    pub tenant: TenantId,
    /// A new access token to use from now on, and when it expires.
    pub renewed: Option<(Secret<String>, Timestamp)>,
}

/// What an access token is held against.
#[derive(Clone, Copy, Debug, Default)]
pub struct Checks<'a> {
    /// Look whether its session still is.
    pub database: bool,
    /// The token that came along with a form; `Some` when one has to.
    pub anti_csrf: Option<Option<&'a str>>,
}

/// Why a back end's wish about a session was not fulfilled.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BackEndSessionError {
    /// Claims under one of [`PROTECTED_CLAIMS`] are ours.
    #[error("the user payload contains a protected field")]
    ProtectedClaim,
    /// Claims that no token can hold, or whose issuer is none.
    #[error("{0}")]
    BadClaims(&'static str),
    /// There is no such tenant.
    #[error("there is no such tenant")]
    UnknownTenant,
    /// The session is over, or never was.
    #[error("the session is over")]
    Unauthorised,
    /// The access token is not to be believed (any more): refresh.
    #[error("{0}")]
    TryRefresh(&'static str),
    /// Others were first, again and again.
    #[error("too busy")]
    Busy,
    /// The store does not work.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Which sessions of somebody are meant.
#[derive(Clone, Debug)]
pub struct Whose {
    /// A user's id, an identity's, or any other word.
    pub user: String,
    /// In this tenant only.
    pub tenant: Option<TenantId>,
    /// Those of all identities of the user, not only of the one named.
    pub with_linked: bool,
}

impl Auth {
    /// Makes a session for somebody whom a back end let in. It rotates by lineage.
    #[tracing::instrument(level = "trace", target = "postkey_trace", skip_all)]
    pub async fn make_session(&self, call: &Call, new: &NewSession) -> Result<Issued, BackEndSessionError> {
        let tenant = &*self.find_tenant(&call.tenant, call.now).await?.ok_or(BackEndSessionError::UnknownTenant)?;
        may_claim(&new.claims)?;
        for _ in 0..TRIES {
            let facts = self.inner.store.person(&call.tenant.app(), &new.user).await?;
            let user = facts.as_ref().map_or_else(|| UserId::stored(new.user.clone()), |facts| facts.user.id.clone());
            // Who names the user means the first of the identities.
            let row = facts.as_ref().and_then(|facts| {
                let named = facts.identities.iter().find(|identity| identity.id.as_str() == new.user);
                named.or(facts.identities.first())
            });
            let identity = row.map_or_else(|| IdentityId::stored(new.user.clone()), |row| row.id.clone());
            let (session, refresh) = self.lineage_session(call, tenant, (&user, &identity), new);
            let tokens = self.issue(&session, &refresh, None, call.now + tenant.session.access_lifetime, call.now).await?;
            // Linked or removed in this very moment, the person is another one: then it is worth another look.
            let mut changes: Vec<Change> = row.map(|row| DirectoryChange::IdentityStands(row.clone()).into()).into_iter().collect();
            changes.extend(self.tenant_stands(&call.tenant));
            changes.push(Change::SessionCreated(Box::new(session.clone())));
            match self.commit(call.now, changes).await {
                Ok(_) => return Ok(Issued { session, tokens }),
                Err(CommitError::Lost) => {
                    // On another node the tenant may be gone.
                    self.tend_tenants(call.now).await?;
                    self.tenant(&call.tenant).ok_or(BackEndSessionError::UnknownTenant)?;
                }
                Err(CommitError::Unavailable(e)) => return Err(e.into()),
            }
        }
        Err(BackEndSessionError::Busy)
    }

    /// A session that rotates by lineage, and its first token.
    fn lineage_session(
        &self,
        call: &Call,
        tenant: &Tenant,
        (user, identity): (&UserId, &IdentityId),
        new: &NewSession,
    ) -> (Session, LineageToken) {
        let mut session = self.new_session(call, &tenant.session, user, identity);
        session.policy = RotationPolicy::Lineage;
        if call.tenant.name() != "public" {
            // The SDKs' handles tell their tenant (contract §3.1).
            session.handle = SessionHandle::stored(format!("{}_{}", session.handle, call.tenant.name()));
        }
        let refresh = LineageToken::new(self.keyring(), &session, None, random(self.entropy()));
        session.back_end = Some(Box::new(BackEnd {
            claims: Some(text(&new.claims)),
            data: (!new.data.is_empty()).then(|| text(&new.data)),
            is_static: new.is_static,
            anti_csrf: new.anti_csrf.then(|| SessionHandle::new(call.now, self.entropy()).to_string()),
            current: Some(LineageToken::stored_hash(&refresh.hash())),
        }));
        (session, refresh)
    }

    /// A session of `app`, revoked ones left out.
    pub async fn session_in(&self, app: &AppId, handle: &SessionHandle) -> Result<Option<Session>, Unavailable> {
        let session = self.inner.store.session(handle).await?;
        Ok(session.filter(|session| session.tenant.app() == *app && session.revoked_at.is_none()))
    }

    /// What the access tokens of a session say beside our own claims.
    pub fn claims_of(&self, session: &Session) -> Map<String, Value> {
        let kept = session.back_end.as_ref().and_then(|kept| kept.claims.clone());
        object(&kept.unwrap_or_else(|| token::own_claims(session, &self.issuer()).unwrap_or_default()))
    }

    /// What only back ends see of a session.
    pub fn data_of(session: &Session) -> Map<String, Value> {
        object(session.back_end.as_ref().and_then(|kept| kept.data.as_deref()).unwrap_or_default())
    }

    /// Believes an access token of `app`, or says why not. The first use of one that came from a refresh retires what was
    /// before, and brings a new one.
    pub async fn believe(&self, app: &AppId, token: &str, checks: Checks<'_>, now: Timestamp) -> Result<Believed, BackEndSessionError> {
        let claims = self.verify_in(app, token, now).await.map_err(refused)?;
        if let Some(brought) = checks.anti_csrf
            && (claims.anti_csrf.is_none() || claims.anti_csrf.as_deref() != brought)
        {
            return Err(BackEndSessionError::TryRefresh("the anti-csrf token does not fit"));
        }
        let tenant = TenantId::parse(&claims.tenant).map(|name| TenantId::in_app(app, &name));
        let tenant = tenant.ok_or(BackEndSessionError::TryRefresh("the access token names no tenant"))?;
        if claims.parent_hash.is_none() && !checks.database {
            return Ok(Believed { claims, tenant, renewed: None });
        }
        let handle = SessionHandle::parse(&claims.handle).ok_or(BackEndSessionError::Unauthorised)?;
        for _ in 0..TRIES {
            let session = self.session_in(app, &handle).await?.ok_or(BackEndSessionError::Unauthorised)?;
            let Some(rules) = self.tenant(&session.tenant) else { return Err(BackEndSessionError::Unauthorised) };
            let hash = hash_of(&claims.refresh_hash)?;
            let parent = claims.parent_hash.as_deref().map(hash_of).transpose()?;
            let outdated = checks.database && says(&claims) != self.claims_of(&session);
            let (changes, session) = match lineage::used(&session, &hash, parent.as_ref(), outdated, &rules.session, now) {
                Used::Good => return Ok(Believed { claims, tenant, renewed: None }),
                // Nothing new to say, and no parent spoken of.
                Used::Renew { changes, .. } if changes.is_empty() && parent.is_none() && !outdated => {
                    return Ok(Believed { claims, tenant, renewed: None });
                }
                Used::Renew { changes, session } => (changes, session),
            };
            self.ready_keys(&Self::keys_of(&session), now).await?;
            let hashes = Hashes { refresh: claims.refresh_hash.clone(), parent: None };
            // The refresh token stays with whoever has it.
            let nothing = Secret::new(String::new());
            let tokens = self.tokens_with(&session, nothing, (&hashes, &Map::new()), now + rules.session.access_lifetime, now)?;
            if !changes.is_empty() {
                match self.commit(now, changes).await {
                    Ok(_) => {}
                    Err(CommitError::Lost) => continue,
                    Err(CommitError::Unavailable(e)) => return Err(e.into()),
                }
            }
            let claims = self.verify_in(app, tokens.access.expose(), now).await.map_err(refused)?;
            return Ok(Believed { claims, tenant, renewed: Some((tokens.access, tokens.access_expires_at)) });
        }
        Err(BackEndSessionError::Busy)
    }

    /// Exchanges a refresh token of `app` for new tokens, by the session's own policy. `is_static`: whether the key that
    /// stays signs from now on. `anti_csrf`: what came along, where one has to.
    #[tracing::instrument(level = "trace", target = "postkey_trace", skip_all)]
    pub async fn refresh_for_back_end(
        &self,
        call: &Call,
        token: &str,
        is_static: Option<bool>,
        anti_csrf: Option<Option<&str>>,
    ) -> Result<Issued, RefreshError> {
        let app = call.tenant.app();
        if let Some(own) = RefreshToken::parse(token) {
            // Another app's is none of this one's business, and not rotated.
            self.session_in(&app, &own.handle).await?.ok_or(RefreshError::Unauthorised)?;
            let tokens = self.refresh(call, token).await?;
            let session = self.session_in(&app, &tokens.handle).await?.ok_or(RefreshError::Unauthorised)?;
            return Ok(Issued { session, tokens });
        }
        let token = LineageToken::parse(token).ok_or(RefreshError::Unauthorised)?;
        for _ in 0..TRIES {
            let session = self.session_in(&app, &token.handle).await?.ok_or(RefreshError::Unauthorised)?;
            let tenant = self.tenant(&session.tenant).ok_or(RefreshError::Unauthorised)?;
            let own = session.back_end.as_ref().and_then(|kept| kept.anti_csrf.as_deref());
            if anti_csrf.is_some_and(|brought| own.is_some() && own != brought) {
                return Err(RefreshError::Unauthorised);
            }
            let (mut changes, mut session) = match lineage::refresh(Some(&session), &token, &tenant.session, self.keyring(), call.now) {
                Decision::Refuse => return Err(RefreshError::Unauthorised),
                Decision::Reused => return Err(self.reused(call, &session).await?),
                Decision::Child { changes, session } => (changes, *session),
            };
            if let (Some(is_static), Some(kept)) = (is_static, &mut session.back_end)
                && kept.is_static != is_static
            {
                kept.is_static = is_static;
                changes.push(kept_with(&session.handle, None, None, Some(is_static), call.now));
            }
            let child = LineageToken::new(self.keyring(), &session, Some(token.hash()), random(self.entropy()));
            let parent = Some(token.hash());
            let tokens = self.issue(&session, &child, parent, call.now + tenant.session.access_lifetime, call.now).await?;
            if changes.is_empty() {
                return Ok(Issued { session, tokens });
            }
            match self.commit(call.now, changes).await {
                Ok(_) => return Ok(Issued { session, tokens }),
                Err(CommitError::Lost) => {}
                Err(CommitError::Unavailable(e)) => return Err(e.into()),
            }
        }
        Err(RefreshError::Busy)
    }

    /// Writes down that a retired token came back. Whether the session goes is for the back end to say.
    async fn reused(&self, call: &Call, session: &Session) -> Result<RefreshError, Unavailable> {
        let mut event = self.event(call, EventKind::RefreshTokenReused, session.handle.to_string());
        event.user = Some(session.user.clone());
        match self.commit(call.now, vec![Change::EventRecorded(event)]).await {
            Ok(_) | Err(CommitError::Lost) => {}
            Err(CommitError::Unavailable(e)) => return Err(e),
        }
        Ok(RefreshError::Reused { handle: session.handle.clone(), user: session.user.clone() })
    }

    /// The tokens of a session with this refresh token, a child of the one with the hash `parent`.
    async fn issue(
        &self,
        session: &Session,
        refresh: &LineageToken,
        parent: Option<[u8; 32]>,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<SessionTokens, Unavailable> {
        self.ready_keys(&Self::keys_of(session), now).await?;
        let hashes = Hashes { refresh: HEXLOWER.encode(&refresh.hash()), parent: parent.map(|hash| HEXLOWER.encode(&hash)) };
        self.tokens_with(session, refresh.text(), (&hashes, &Map::new()), expires_at, now)
    }

    /// Puts other data in the place of what a back end keeps with a session; `None` leaves that part.
    pub async fn keep_with_session(
        &self,
        app: &AppId,
        handle: &SessionHandle,
        claims: Option<&Map<String, Value>>,
        data: Option<&Map<String, Value>>,
        now: Timestamp,
    ) -> Result<(), BackEndSessionError> {
        claims.map(may_claim).transpose()?;
        let session = self.session_in(app, handle).await?.ok_or(BackEndSessionError::Unauthorised)?;
        let claims = claims.cloned().map(|mut claims| {
            if session.policy == RotationPolicy::Grace {
                // Our own doors made it, and believe what we issued only.
                claims.insert("iss".to_owned(), self.issuer().into());
            }
            text(&claims)
        });
        let change = kept_with(handle, claims, data.map(text), None, now);
        match self.commit(now, vec![change]).await {
            Ok(_) => Ok(()),
            // It ended meanwhile.
            Err(CommitError::Lost) => Err(BackEndSessionError::Unauthorised),
            Err(CommitError::Unavailable(e)) => Err(e.into()),
        }
    }

    /// A new access token in the place of one, with other claims and the same end. `None` for one that has expired: then
    /// only the session's row says them, and the next refresh brings them along.
    pub async fn regenerate(
        &self,
        app: &AppId,
        token: &str,
        claims: Option<&Map<String, Value>>,
        now: Timestamp,
    ) -> Result<(Session, Option<(Secret<String>, Timestamp)>), BackEndSessionError> {
        // How old it is does not matter here.
        let old = self.verify_in(app, token, Timestamp(0)).await.map_err(|e| match refused(e) {
            BackEndSessionError::TryRefresh(_) => BackEndSessionError::Unauthorised,
            other => other,
        })?;
        let handle = SessionHandle::parse(&old.handle).ok_or(BackEndSessionError::Unauthorised)?;
        if claims.is_some() {
            self.keep_with_session(app, &handle, claims, None, now).await?;
        }
        let session = self.session_in(app, &handle).await?.filter(|session| session.is_live(now));
        let session = session.ok_or(BackEndSessionError::Unauthorised)?;
        let expires_at = Timestamp(old.exp * 1000);
        if expires_at <= now {
            return Ok((session, None));
        }
        self.ready_keys(&Self::keys_of(&session), now).await?;
        let hashes = Hashes { refresh: old.refresh_hash, parent: old.parent_hash };
        let custom = self.custom_claims_in(&session, now).await?;
        let tokens = self.tokens_with(&session, Secret::new(String::new()), (&hashes, &custom), expires_at, now)?;
        Ok((session, Some((tokens.access, expires_at))))
    }

    /// The handles of somebody's live sessions, oldest first.
    pub async fn sessions_in(&self, app: &AppId, whose: &Whose, now: Timestamp) -> Result<Vec<SessionHandle>, Unavailable> {
        let facts = self.inner.store.person(app, &whose.user).await?;
        let user = facts.map_or_else(|| UserId::stored(whose.user.clone()), |facts| facts.user.id);
        let all = self.inner.store.sessions_of(&user, now).await?.into_iter();
        let meant = |session: &Session| {
            session.tenant.app() == *app
                && whose.tenant.as_ref().is_none_or(|tenant| session.tenant == *tenant)
                && (whose.with_linked || session.identity.as_str() == whose.user)
        };
        Ok(all.filter(meant).map(|session| session.handle).collect())
    }

    /// Revokes sessions of `app`. Answers which of them were good until now.
    pub async fn revoke_in(&self, app: &AppId, handles: &[SessionHandle], now: Timestamp) -> Result<Vec<SessionHandle>, Unavailable> {
        let mut changes = Vec::new();
        let mut ended = Vec::new();
        for handle in handles {
            if self.session_in(app, handle).await?.is_some_and(|session| session.is_live(now)) {
                changes.push(Change::SessionRevoked { handle: handle.clone(), at: now });
                ended.push(handle.clone());
            }
        }
        if changes.is_empty() {
            return Ok(ended);
        }
        match self.commit(now, changes).await {
            Ok(_) => Ok(ended),
            Err(CommitError::Lost) => Err(Unavailable("too busy".to_owned())),
            Err(CommitError::Unavailable(e)) => Err(e),
        }
    }

    /// The rules of the tenant that a back end speaks of.
    pub async fn tenant_for(&self, call: &Call) -> Result<Option<Arc<Tenant>>, Unavailable> {
        self.find_tenant(&call.tenant, call.now).await
    }
}

/// What an access token says that a back end gave it to say.
pub fn says(claims: &AccessClaims) -> Map<String, Value> {
    let mut all = Map::new();
    if let Some(issuer) = &claims.iss {
        all.insert("iss".to_owned(), issuer.as_str().into());
    }
    all.extend(claims.others.clone());
    all
}

fn may_claim(claims: &Map<String, Value>) -> Result<(), BackEndSessionError> {
    if claims.keys().any(|name| PROTECTED_CLAIMS.contains(&name.as_str())) {
        return Err(BackEndSessionError::ProtectedClaim);
    }
    if claims.get("iss").is_some_and(|issuer| !issuer.is_string()) {
        return Err(BackEndSessionError::BadClaims("the user payload's issuer (iss) must be a string"));
    }
    if text(claims).len() > token::LONGEST_CLAIMS {
        return Err(BackEndSessionError::BadClaims("the user payload is too large: a token takes 16 KiB of it, a cookie about 3"));
    }
    Ok(())
}

fn kept_with(handle: &SessionHandle, claims: Option<String>, data: Option<String>, is_static: Option<bool>, at: Timestamp) -> Change {
    Change::SessionKept { handle: handle.clone(), claims, data, is_static, at }
}

fn refused(e: AccessTokenError) -> BackEndSessionError {
    match e {
        AccessTokenError::Invalid => BackEndSessionError::TryRefresh("this is not an access token of this server"),
        AccessTokenError::Expired => BackEndSessionError::TryRefresh("the access token has expired"),
        AccessTokenError::SessionOver => BackEndSessionError::Unauthorised,
        AccessTokenError::Unavailable => Unavailable("the session could not be read".to_owned()).into(),
    }
}

fn hash_of(hex: &str) -> Result<[u8; 32], BackEndSessionError> {
    let bytes = HEXLOWER.decode(hex.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or(BackEndSessionError::TryRefresh("the access token names no refresh token"))
}

/// An object as text; objects always serialise.
fn text(object: &Map<String, Value>) -> String {
    serde_json::to_string(object).unwrap_or_default()
}

fn object(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap_or_default()
}
