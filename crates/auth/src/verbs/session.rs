//! Sessions: create, verify, refresh, revoke, list.

use crate::decide::session::{self as decide, Decision};
use crate::token::{self, AccessClaims, AccessTokenError, Hashes, SessionTokens, sha256};
use crate::{Auth, TRIES};
use postkey_model::entropy::random;
use postkey_model::{
    Actor, AppId, Call, Change, Event, EventId, EventKind, IdentityId, KeySet, KeyUse, RefreshToken, RotationPolicy, Secret, Session,
    SessionHandle, SessionRules, Tenant, Timestamp, UserId, Yield, custom_claims,
};
use postkey_store::{CommitError, Unavailable};
use serde_json::{Map, Value};
use thiserror::Error;

/// Why a session was not refreshed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RefreshError {
    /// Not a refresh token of ours, or its session is over.
    #[error("the session is over")]
    Unauthorised,
    /// The token was replaced long ago: somebody kept a copy. The session was revoked.
    #[error("a replaced refresh token came back")]
    Reused {
        /// Which session.
        handle: SessionHandle,
        /// Whose.
        user: UserId,
    },
    /// Others were first, again and again.
    #[error("too busy")]
    Busy,
    /// The store does not work.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why sessions were not revoked or listed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SessionError {
    /// The store does not work.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Auth {
    pub(crate) fn new_session(&self, call: &Call, rules: &SessionRules, user: &UserId, identity: &IdentityId) -> Session {
        Session {
            handle: SessionHandle::new(call.now, self.entropy()),
            tenant: call.tenant.clone(),
            user: user.clone(),
            identity: identity.clone(),
            policy: RotationPolicy::Grace,
            nonce: random::<16>(self.entropy()).to_vec(),
            generation: 0,
            retired: Vec::new(),
            created_at: call.now,
            last_seen_at: call.now,
            expires_at: call.now + rules.refresh_lifetime,
            revoked_at: None,
            client_ip: call.client_ip.as_str().to_owned(),
            user_agent: call.user_agent.clone(),
            back_end: None,
            login: None,
        }
    }

    /// The keys that sign the access tokens of a session.
    pub(crate) fn keys_of(session: &Session) -> KeySet {
        let is_static = session.back_end.as_ref().is_some_and(|kept| kept.is_static);
        KeySet::of(&session.tenant.app(), if is_static { KeyUse::Static } else { KeyUse::Session })
    }

    /// The tokens of a session at its current generation.
    pub(crate) fn tokens(
        &self,
        session: &Session,
        rules: &SessionRules,
        custom: &Map<String, Value>,
        now: Timestamp,
    ) -> Result<SessionTokens, Unavailable> {
        let refresh = RefreshToken::text(self.keyring(), session, session.generation);
        let hashes = Hashes { refresh: sha256(refresh.expose()), parent: None };
        self.tokens_with(session, refresh, (&hashes, custom), now + rules.access_lifetime, now)
    }

    /// The tokens of a session with this refresh token, of which the access token says these hashes, and these custom claims.
    pub(crate) fn tokens_with(
        &self,
        session: &Session,
        refresh: Secret<String>,
        says: (&Hashes, &Map<String, Value>),
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<SessionTokens, Unavailable> {
        let issuer = self.issuer();
        let chest = self.inner.keys.of(&Self::keys_of(session));
        let minted = chest
            .with_signer(now, |key| token::mint(key, session, says, &issuer, expires_at, now))
            .ok_or_else(|| Unavailable("no signing key is loaded".to_owned()))?
            .map_err(|e| Unavailable(e.to_string()))?;
        Ok(SessionTokens {
            handle: session.handle.clone(),
            user: session.user.clone(),
            access: Secret::new(minted.token),
            access_expires_at: minted.expires_at,
            refresh,
            refresh_expires_at: session.expires_at,
            front_token: minted.front_token,
        })
    }

    /// What the access tokens of a session say of its user's metadata, as that is now. Back ends say everything themselves in the sessions that
    /// they make.
    pub(crate) async fn custom_claims(&self, session: &Session, tenant: &Tenant) -> Result<Map<String, Value>, Unavailable> {
        if tenant.claims.is_empty() || session.policy == RotationPolicy::Lineage {
            return Ok(Map::new());
        }
        let metadata = self.metadata(&session.tenant.app(), session.user.as_str()).await?;
        let (said, left_out) = custom_claims(&tenant.claims, &metadata);
        if !left_out.is_empty() {
            tracing::warn!(user = %session.user, ?left_out, "custom claims are too long for a token: it goes without them");
        }
        Ok(said)
    }

    /// The same where the tenant is not at hand.
    pub(crate) async fn custom_claims_in(&self, session: &Session, now: Timestamp) -> Result<Map<String, Value>, Unavailable> {
        match self.find_tenant(&session.tenant, now).await? {
            Some(tenant) => self.custom_claims(session, &tenant).await,
            None => Ok(Map::new()),
        }
    }

    /// Believes an access token, or says why not: by its signature and time alone.
    pub async fn verify(&self, token: &str, now: Timestamp) -> Result<AccessClaims, AccessTokenError> {
        let claims = self.verify_in(&AppId::public(), token, now).await?;
        if claims.iss.as_deref() != Some(self.issuer().as_str()) {
            return Err(AccessTokenError::Invalid);
        }
        Ok(claims)
    }

    /// Believes an access token of a session of `app`, whoever its back end says issued it.
    pub(crate) async fn verify_in(&self, app: &AppId, token: &str, now: Timestamp) -> Result<AccessClaims, AccessTokenError> {
        let kid = token::named_kid(token).ok_or(AccessTokenError::Invalid)?;
        let set = KeySet::of(app, if kid.starts_with("s-") { KeyUse::Static } else { KeyUse::Session });
        let chest = self.inner.keys.of(&set);
        let first = chest.with_all(|keys| token::verify(keys, token, now));
        // Another node may have made a key that we have not loaded yet.
        if first == Err(AccessTokenError::Invalid) && chest.may_look_for(&kid, now) {
            let _ = self.load_keys(&set, now).await;
            return chest.with_all(|keys| token::verify(keys, token, now));
        }
        first
    }

    /// Believes an access token whose session is still good: as [`Auth::verify`], and asks the store.
    pub async fn verify_session(&self, token: &str, now: Timestamp) -> Result<(AccessClaims, Session), AccessTokenError> {
        let claims = self.verify(token, now).await?;
        let handle = SessionHandle::parse(&claims.handle).ok_or(AccessTokenError::Invalid)?;
        let session = self.inner.store.session(&handle).await.map_err(|_| AccessTokenError::Unavailable)?;
        match session.filter(|session| session.is_live(now)) {
            Some(session) => Ok((claims, session)),
            None => Err(AccessTokenError::SessionOver),
        }
    }

    /// The session that an access token of ours speaks of, however old the token is: enough for ending it, not for
    /// anything else.
    pub async fn session_named_by(&self, token: &str, now: Timestamp) -> Option<SessionHandle> {
        // An expired token is as good as a fresh one here, so it is read as if it were the moment of its making.
        let claims = match self.verify(token, now).await {
            Err(AccessTokenError::Expired) => self.verify(token, Timestamp(0)).await,
            other => other,
        };
        SessionHandle::parse(&claims.ok()?.handle)
    }

    /// Exchanges a refresh token for new tokens.
    #[tracing::instrument(level = "trace", target = "postkey_trace", skip_all)]
    pub async fn refresh(&self, call: &Call, token: &str) -> Result<SessionTokens, RefreshError> {
        // Those of applications that log people in by requests have an encoding of their own.
        let ours = |session: &Session| session.login.is_none();
        self.refresh_as(call, token, ours, |session, tenant, custom| self.tokens(session, &tenant.session, custom, call.now)).await
    }

    /// Exchanges a refresh token of a session that is meant for what `tokens` makes of it. That is made before the commit: a key that cannot
    /// sign must not cost anybody their session.
    pub(crate) async fn refresh_as<T>(
        &self,
        call: &Call,
        token: &str,
        is_meant: impl Fn(&Session) -> bool,
        tokens: impl Fn(&Session, &Tenant, &Map<String, Value>) -> Result<T, Unavailable>,
    ) -> Result<T, RefreshError> {
        let token = RefreshToken::parse(token).ok_or(RefreshError::Unauthorised)?;
        for _ in 0..TRIES {
            let session = self.inner.store.session(&token.handle).await?.filter(&is_meant);
            let Some(of) = session.as_ref().map(|session| &session.tenant) else { return Err(RefreshError::Unauthorised) };
            let tenant = &*self.find_tenant(of, call.now).await?.ok_or(RefreshError::Unauthorised)?;
            let event = Event {
                id: EventId::new(call.now, self.entropy()),
                at: call.now,
                tenant: tenant.id.clone(),
                kind: EventKind::RefreshTokenReused,
                subject: token.handle.to_string(),
                user: session.as_ref().map(|session| session.user.clone()),
                actor: Actor::Person,
            };
            let user = session.as_ref().map(|session| session.user.clone());
            let rules = session.as_ref().map_or(tenant.session, |session| rules_of(tenant, session));
            let (changes, next) = match decide::refresh(session.as_ref(), &token, &rules, self.keyring(), event, call.now) {
                Decision::Refuse => return Err(RefreshError::Unauthorised),
                Decision::Repeat => (Vec::new(), session),
                Decision::Rotate { changes, session } => (changes, Some(*session)),
                Decision::Reused { changes } => (changes, None),
            };
            let answer = match (next, user) {
                (Some(session), _) => Ok(tokens(&session, tenant, &self.custom_claims(&session, tenant).await?)?),
                (None, Some(user)) => Err(RefreshError::Reused { handle: token.handle.clone(), user }),
                (None, None) => Err(RefreshError::Unauthorised),
            };
            if changes.is_empty() {
                return answer;
            }
            match self.commit(call.now, changes).await {
                Ok(_) => return answer,
                Err(CommitError::Lost) => {}
                Err(CommitError::Unavailable(e)) => return Err(e.into()),
            }
        }
        Err(RefreshError::Busy)
    }

    /// Revokes one session. Answers whether it was good until now.
    #[tracing::instrument(level = "trace", target = "postkey_trace", skip_all)]
    pub async fn revoke(&self, now: Timestamp, handle: &SessionHandle) -> Result<bool, SessionError> {
        let change = Change::SessionRevoked { handle: handle.clone(), at: now };
        Ok(!self.revoked(now, vec![change]).await?.is_empty())
    }

    /// Revokes a session if it is one of `user`'s. Answers whether it was good until now.
    pub async fn revoke_own(&self, user: &UserId, handle: &SessionHandle, now: Timestamp) -> Result<bool, SessionError> {
        match self.inner.store.session(handle).await?.filter(|session| session.user == *user) {
            Some(_) => self.revoke(now, handle).await,
            None => Ok(false),
        }
    }

    /// Revokes all sessions of a user, except one if given. Answers which were good until now.
    pub async fn revoke_all(&self, call: &Call, user: &UserId, except: Option<SessionHandle>) -> Result<Vec<SessionHandle>, SessionError> {
        let event = self.event(call, EventKind::SessionsRevoked, user.to_string());
        let change = Change::SessionsOfUserRevoked { user: user.clone(), except, at: call.now };
        self.revoked(call.now, vec![change, Change::EventRecorded(event)]).await
    }

    /// The live sessions of a user, oldest first.
    pub async fn sessions_of(&self, user: &UserId, now: Timestamp) -> Result<Vec<Session>, SessionError> {
        Ok(self.inner.store.sessions_of(user, now).await?)
    }

    async fn revoked(&self, now: Timestamp, changes: Vec<Change>) -> Result<Vec<SessionHandle>, SessionError> {
        for _ in 0..TRIES {
            match self.commit(now, changes.clone()).await {
                Ok(yields) => {
                    return Ok(yields
                        .into_iter()
                        .find_map(|y| if let Yield::Handles(handles) = y { Some(handles) } else { None })
                        .unwrap_or_default());
                }
                Err(CommitError::Lost) => {}
                Err(CommitError::Unavailable(e)) => return Err(e.into()),
            }
        }
        Err(Unavailable("too busy".to_owned()).into())
    }
}

/// The rules of a session: its tenant's, or where an application asked for it by a login request those of such.
pub(crate) fn rules_of(tenant: &Tenant, session: &Session) -> SessionRules {
    match session.login {
        None => tenant.session,
        Some(_) => SessionRules {
            access_lifetime: tenant.login.access_lifetime,
            refresh_lifetime: tenant.login.session_lifetime,
            ..tenant.session
        },
    }
}
