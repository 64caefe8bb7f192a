//! What applications get that log people in by requests: access and ID tokens of the login key set, and the session behind
//! them (contract authress.md §6).

use crate::decide::login::{self as decide, ExchangeIs};
use crate::decide::session as session_rules;
use crate::token::KeyFault;
use crate::verbs::login::request::stored_form;
use crate::verbs::session::{RefreshError, SessionError, rules_of};
use crate::verbs::web::CallingPage;
use crate::{Auth, TRIES};
use data_encoding::BASE64URL_NOPAD;
use postkey_model::entropy::random;
use postkey_model::{
    Call, KeySet, LoginChange, LoginContext, LoginRequestId, RefreshToken, Secret, Session, SessionHandle, Tenant, Timestamp, UserId,
};
use postkey_store::{CommitError, Unavailable};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use thiserror::Error;

/// The tokens of a session that an application asked for.
pub struct LoginTokens {
    /// The session.
    pub handle: SessionHandle,
    /// Who.
    pub user: UserId,
    /// The access token.
    pub access: Secret<String>,
    /// The ID token: who it is, for the application's own page.
    pub id: Secret<String>,
    /// When both expire: a whole second.
    pub expires_at: Timestamp,
    /// How long that is from now, in seconds.
    pub expires_in: i64,
    /// What renews the session.
    pub refresh: Secret<String>,
    /// When the session ends if it is not renewed.
    pub refresh_expires_at: Timestamp,
}

/// Why a code is not exchanged.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ExchangeError {
    /// The code, the verifier or what goes with them is wrong, or was used, or too late.
    #[error("the code is worth nothing")]
    Wrong,
    /// Others were first, again and again.
    #[error("too busy")]
    Busy,
    /// The store does not work.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why an access token opens nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LoginTokenError {
    /// It is none of ours, has expired, or its session is over.
    #[error("the session is over")]
    Unauthorised,
    /// The store does not work.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    kid: String,
}

/// What an access token of an application says that matters here.
#[derive(Deserialize)]
pub(crate) struct Claims {
    iss: String,
    pub(crate) sid: String,
    sub: String,
    exp: i64,
}

/// What an access token is marked as (RFC 9068 §2.1): no other token of the set is taken for one.
const ACCESS: &str = "at+jwt";

impl Auth {
    /// The tokens of a session at its current generation.
    pub(crate) fn login_tokens(
        &self,
        session: &Session,
        tenant: &Tenant,
        custom: &Map<String, Value>,
        now: Timestamp,
    ) -> Result<LoginTokens, Unavailable> {
        let broken = |e: KeyFault| Unavailable(e.to_string());
        let context = session.login.as_deref().ok_or_else(|| Unavailable("a session of no application".to_owned()))?;
        // No token outlives its session.
        let until = (now + rules_of(tenant, session).access_lifetime).min(session.expires_at);
        let expires_at = Timestamp(until.as_secs() * 1000);
        let (issued, expires) = (now.as_secs(), expires_at.as_secs());
        let issuer = self.public_origin().as_text();
        let jti = format!("{}-{}|{}", session.user, session.handle, BASE64URL_NOPAD.encode(&random::<9>(self.entropy())));
        let mut audiences = context.audiences.clone();
        audiences.push(tenant.id.name().to_owned());
        let mut access = json!({
            "iss": issuer, "sub": session.user.as_str(), "aud": audiences, "iat": issued, "exp": expires, "jti": jti,
            "sid": session.handle.as_str(), "scope": context.scope, "client_id": context.application, "azp": context.connection,
        });
        let mut id = id_claims(session, context, issuer, expires, issued);
        for claims in [&mut access, &mut id].into_iter().filter_map(Value::as_object_mut) {
            for (name, value) in custom {
                claims.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        let chest = self.inner.keys.of(&KeySet::LOGIN);
        let signed = chest.with_signer(now, |key| -> Result<_, KeyFault> {
            Ok((key.sign_typed(ACCESS, &access.to_string())?, key.sign_typed("JWT", &id.to_string())?))
        });
        let (access, id) = signed.ok_or_else(|| Unavailable("no signing key is loaded".to_owned()))?.map_err(broken)?;
        Ok(LoginTokens {
            handle: session.handle.clone(),
            user: session.user.clone(),
            access: Secret::new(access),
            id: Secret::new(id),
            expires_at,
            expires_in: expires - issued,
            refresh: RefreshToken::text(self.keyring(), session, session.generation),
            refresh_expires_at: session.expires_at,
        })
    }

    /// Exchanges the code of a completed login for its tokens. Within [`decide::REPEAT`] the same question has the same answer.
    #[tracing::instrument(level = "trace", target = "postkey_trace", skip_all)]
    pub async fn exchange_login(
        &self,
        call: &Call,
        id: &LoginRequestId,
        code: &str,
        verifier: &str,
        client_id: Option<&str>,
        redirect_uri: Option<&str>,
    ) -> Result<LoginTokens, ExchangeError> {
        let code = stored_form(code);
        for _ in 0..TRIES {
            let state = self.inner.store.login_request(id).await?.ok_or(ExchangeError::Wrong)?;
            let worth = decide::exchange(&state, &code, verifier, client_id, redirect_uri, call.now);
            let handle = state.end.as_ref().and_then(|(_, end)| end.session.clone());
            let (ExchangeIs::First | ExchangeIs::Again, Some(handle)) = (worth, handle) else { return Err(ExchangeError::Wrong) };
            let session = self.inner.store.session(&handle).await?.filter(|session| session.is_live(call.now));
            let session = session.ok_or(ExchangeError::Wrong)?;
            let tenant = self.find_tenant(&session.tenant, call.now).await?.ok_or(ExchangeError::Wrong)?;
            let custom = self.custom_claims(&session, &tenant).await?;
            let tokens = self.login_tokens(&session, &tenant, &custom, call.now)?;
            if worth == ExchangeIs::Again {
                return Ok(tokens);
            }
            match self.commit(call.now, vec![LoginChange::Exchanged { request: id.clone(), at: call.now }.into()]).await {
                Ok(_) => return Ok(tokens),
                Err(CommitError::Lost) => {}
                Err(CommitError::Unavailable(e)) => return Err(e.into()),
            }
        }
        Err(ExchangeError::Busy)
    }

    /// Renews a session that an application asked for, where a page of that application asks.
    #[tracing::instrument(level = "trace", target = "postkey_trace", skip_all)]
    pub async fn refresh_login(&self, call: &Call, page: &CallingPage, token: &str) -> Result<LoginTokens, RefreshError> {
        let of_login = |session: &Session| session.login.is_some() && self.allows_login_session(page, session);
        self.refresh_as(call, token, of_login, |session, tenant, custom| self.login_tokens(session, tenant, custom, call.now)).await
    }

    /// The live session of an application that a browser shows by what renews it. Renews nothing: the token of before is good for
    /// as long as it is for renewing.
    pub async fn login_session(&self, token: &str, now: Timestamp) -> Result<Option<Session>, Unavailable> {
        let Some(token) = RefreshToken::parse(token) else { return Ok(None) };
        let Some(session) = self.inner.store.session(&token.handle).await? else { return Ok(None) };
        let Some(tenant) = self.find_tenant(&session.tenant, now).await? else { return Ok(None) };
        let good = session.login.is_some()
            && session.is_live(now)
            && token.is_genuine(self.keyring(), &session)
            && session_rules::is_accepted(&session, token.generation, &rules_of(&tenant, &session), now);
        Ok(good.then_some(session))
    }

    /// Whether `page` may use the session of an application: it is one of that application's own.
    pub fn allows_login_session(&self, page: &CallingPage, session: &Session) -> bool {
        let application = session.login.as_ref().and_then(|login| self.application(&login.application));
        application.is_some_and(|application| self.allows_application(page, &application))
    }

    /// Ends the session of an application that a browser shows by what renews it, or once renewed it: whoever signs out means the
    /// session, also where somebody else renewed it meanwhile.
    pub async fn sign_out_login(&self, token: &str, now: Timestamp) -> Result<(), SessionError> {
        let Some(token) = RefreshToken::parse(token) else { return Ok(()) };
        let session = self.inner.store.session(&token.handle).await?;
        let genuine = session.is_some_and(|session| session.login.is_some() && token.is_genuine(self.keyring(), &session));
        if genuine {
            self.revoke(now, &token.handle).await?;
        }
        Ok(())
    }

    /// The session that an access token of an application speaks of: the token is believed by its signature and time, and its
    /// session is still good.
    pub async fn verify_login(&self, token: &str, now: Timestamp) -> Result<Session, LoginTokenError> {
        let claims = self.login_claims(token, now).await.ok_or(LoginTokenError::Unauthorised)?;
        let handle = SessionHandle::parse(&claims.sid).ok_or(LoginTokenError::Unauthorised)?;
        let session = self.inner.store.session(&handle).await?.filter(|session| session.is_live(now));
        session.filter(|session| session.user.as_str() == claims.sub).ok_or(LoginTokenError::Unauthorised)
    }

    pub(crate) async fn login_claims(&self, token: &str, now: Timestamp) -> Option<Claims> {
        let header = token.split('.').next().filter(|_| token.len() < 16 * 1024)?;
        let header: Header = serde_json::from_slice(&BASE64URL_NOPAD.decode(header.as_bytes()).ok()?).ok()?;
        if header.alg != "EdDSA" || header.typ.as_deref() != Some(ACCESS) {
            return None;
        }
        let chest = self.inner.keys.of(&KeySet::LOGIN);
        if chest.may_look_for(&header.kid, now) {
            let _ = self.load_keys(&KeySet::LOGIN, now).await;
        }
        let payload = chest.with_all(|keys| keys.iter().find(|key| key.kid == header.kid).and_then(|key| key.payload(token)))?;
        let claims: Claims = serde_json::from_slice(&payload).ok()?;
        (claims.iss == self.public_origin().as_text() && claims.exp > now.as_secs()).then_some(claims)
    }
}

/// What an ID token says.
fn id_claims(session: &Session, context: &LoginContext, issuer: &str, expires: i64, issued: i64) -> Value {
    let mut claims: Map<String, Value> = context.profile.clone();
    let own = [
        ("iss", json!(issuer)),
        ("sub", json!(session.user.as_str())),
        ("aud", json!([context.application])),
        ("iat", json!(issued)),
        ("exp", json!(expires)),
        ("client_id", json!(context.application)),
        ("azp", json!(context.connection)),
        ("scope", json!(context.scope)),
    ];
    claims.extend(own.map(|(name, value)| (name.to_owned(), value)));
    Value::Object(claims)
}
