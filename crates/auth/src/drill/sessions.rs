//! The drill's sessions: made, renewed, and their access tokens held against the key set that is published.

use super::call;
use crate::token::named_kid;
use crate::{Auth, KeyError, NewSession, RefreshError};
use postkey_model::entropy::random;
use postkey_model::{
    AppId, Change, IdentityId, KeyUse, LineageToken, LoginContext, RefreshToken, RotationPolicy, Secret, Session, SessionHandle, Tenant,
    TenantId, Timestamp, UserId,
};
use postkey_store::CommitError;
use serde_json::{Map, Value};
use tokio::task::JoinSet;

/// How many sessions are renewed at once.
const AT_ONCE: usize = 64;
/// For how many apps beside `public` sessions are made.
const MOST_APPS: usize = 20;

/// How a session is renewed, and who believes its access tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Our own doors made it.
    Own,
    /// An application asked for it by a login request.
    Login,
    /// A back end made it: its refresh tokens follow one another by lineage.
    Lineage,
}

/// The tokens that somebody holds of a session.
#[derive(Clone)]
pub(super) struct Pair {
    pub(super) handle: SessionHandle,
    pub(super) kind: Kind,
    tenant: TenantId,
    access: Secret<String>,
    refresh: Secret<String>,
    pub(super) kid: Option<String>,
    pub(super) expires_at: Timestamp,
}

type Renewed = (SessionHandle, Result<Pair, String>);

impl Auth {
    /// Sessions of the drill's own: of each kind in the app `public`, and of two in others.
    pub(super) async fn make_drill_sessions(&self, now: Timestamp) -> Result<Vec<Session>, KeyError> {
        let mut apps: Vec<AppId> = vec![AppId::public()];
        for tenant in self.tenants() {
            if !apps.contains(&tenant.id.app()) && apps.len() <= MOST_APPS {
                apps.push(tenant.id.app());
            }
        }
        let mut made = Vec::new();
        for app in apps {
            let Some(tenant) = self.tenants().into_iter().find(|tenant| tenant.id.app() == app) else { continue };
            let call = call(&tenant.id, now);
            let own = self.new_session(&call, &tenant.session, &user(), &IdentityId::stored("drill".to_owned()));
            self.put_session(&own).await?;
            made.push(own);
            let for_back_end = NewSession { user: "drill".to_owned(), ..NewSession::default() };
            // The key that stays is made for those only that want it; making one for each app would take long.
            for is_static in [false, true].into_iter().take(if app.is_public() { 2 } else { 1 }) {
                let new = NewSession { is_static, ..for_back_end.clone() };
                let issued = self.make_session(&call, &new).await.map_err(|e| KeyError::Broken(e.to_string()))?;
                made.push(issued.session);
            }
            if app.is_public() {
                let mut login = self.new_session(&call, &tenant.session, &user(), &IdentityId::stored("drill".to_owned()));
                login.login = Some(Box::new(LoginContext {
                    application: "drill".to_owned(),
                    connection: "email".to_owned(),
                    audiences: Vec::new(),
                    scope: "openid".to_owned(),
                    profile: Map::new(),
                }));
                self.put_session(&login).await?;
                made.push(login);
            }
        }
        Ok(made)
    }

    async fn put_session(&self, session: &Session) -> Result<(), KeyError> {
        match self.store().commit(vec![Change::SessionCreated(Box::new(session.clone()))]).await {
            Ok(_) => Ok(()),
            Err(CommitError::Lost) => Err(KeyError::Broken("a session of the drill's own could not be written".to_owned())),
            Err(CommitError::Unavailable(e)) => Err(e.into()),
        }
    }

    /// Renews sessions as whoever holds their refresh tokens would.
    pub(super) async fn renew_all(&self, sessions: impl Iterator<Item = Session>, now: Timestamp) -> Result<Vec<Renewed>, KeyError> {
        let mut pairs = Vec::new();
        let mut lost = Vec::new();
        for session in sessions {
            match self.held_of(&session, now).await? {
                Some(pair) => pairs.push(pair),
                None => lost.push((session.handle, Err("it ended meanwhile".to_owned()))),
            }
        }
        let mut all = self.renew_pairs(pairs, now).await?;
        all.append(&mut lost);
        Ok(all)
    }

    /// The refresh token of a session. What rotates by lineage is known to its holder only: there the copy is given one that we know.
    async fn held_of(&self, session: &Session, now: Timestamp) -> Result<Option<Pair>, KeyError> {
        let (kind, refresh) = match (session.policy, &session.login) {
            (RotationPolicy::Grace, None) => (Kind::Own, RefreshToken::text(self.keyring(), session, session.generation)),
            (RotationPolicy::Grace, Some(_)) => (Kind::Login, RefreshToken::text(self.keyring(), session, session.generation)),
            (RotationPolicy::Lineage, _) => {
                let known = LineageToken::new(self.keyring(), session, None, random(self.entropy()));
                let seen = session.back_end.as_ref().and_then(|kept| kept.current.clone()).unwrap_or_default();
                let current = LineageToken::stored_hash(&known.hash());
                let (handle, expires_at) = (session.handle.clone(), session.expires_at);
                let change = Change::LineageAdvanced { handle, seen, current, at: now, expires_at };
                match self.store().commit(vec![change]).await {
                    Ok(_) => {}
                    Err(CommitError::Lost) => return Ok(None),
                    Err(CommitError::Unavailable(e)) => return Err(e.into()),
                }
                (Kind::Lineage, known.text())
            }
        };
        let (handle, tenant) = (session.handle.clone(), session.tenant.clone());
        Ok(Some(Pair { handle, kind, tenant, access: Secret::new(String::new()), refresh, kid: None, expires_at: session.expires_at }))
    }

    /// Renews the sessions of these refresh tokens.
    pub(super) async fn renew_pairs(&self, pairs: Vec<Pair>, now: Timestamp) -> Result<Vec<Renewed>, KeyError> {
        let mut all = Vec::with_capacity(pairs.len());
        for chunk in pairs.chunks(AT_ONCE) {
            let mut tasks = JoinSet::new();
            for pair in chunk.iter().cloned() {
                let auth = self.clone();
                tasks.spawn(async move { (pair.handle.clone(), auth.renew_pair(pair, now).await) });
            }
            while let Some(done) = tasks.join_next().await {
                all.push(done.map_err(|e| KeyError::Broken(e.to_string()))?);
            }
        }
        Ok(all)
    }

    async fn renew_pair(&self, mut pair: Pair, now: Timestamp) -> Result<Pair, String> {
        let call = call(&pair.tenant, now);
        let refused = |e: RefreshError| e.to_string();
        match pair.kind {
            Kind::Own => {
                let session = self.store().session(&pair.handle).await.map_err(|e| e.to_string())?.ok_or("it is gone")?;
                self.ready_keys(&Self::keys_of(&session), now).await.map_err(|e| e.to_string())?;
                let tokens = self.refresh(&call, pair.refresh.expose()).await.map_err(refused)?;
                (pair.access, pair.refresh, pair.expires_at) = (tokens.access, tokens.refresh, tokens.refresh_expires_at);
            }
            Kind::Login => {
                let of_login = |session: &Session| session.login.is_some();
                let make =
                    |session: &Session, tenant: &Tenant, custom: &Map<String, Value>| self.login_tokens(session, tenant, custom, now);
                let tokens = self.refresh_as(&call, pair.refresh.expose(), of_login, make).await.map_err(refused)?;
                (pair.access, pair.refresh, pair.expires_at) = (tokens.access, tokens.refresh, tokens.refresh_expires_at);
            }
            Kind::Lineage => {
                let issued = self.refresh_for_back_end(&call, pair.refresh.expose(), None, None).await.map_err(refused)?;
                let tokens = issued.tokens;
                (pair.access, pair.refresh, pair.expires_at) = (tokens.access, tokens.refresh, tokens.refresh_expires_at);
            }
        }
        pair.kid = named_kid(pair.access.expose());
        Ok(pair)
    }

    /// Whether the access token of a session would be believed: it was made at `at`, and the key set is that of `later`.
    pub(super) async fn is_believed(&self, pair: &Pair, at: Timestamp, later: Timestamp) -> Result<(), String> {
        let kid = pair.kid.as_deref().ok_or("it names no key")?;
        let app = pair.tenant.app();
        let (published, says) = match pair.kind {
            Kind::Login => {
                let claims = self.login_claims(pair.access.expose(), at).await.ok_or("it is not believed")?;
                (self.login_key_set().0, claims.sid)
            }
            Kind::Own | Kind::Lineage => {
                let purpose = if kid.starts_with("s-") { KeyUse::Static } else { KeyUse::Session };
                self.ready_keys(&postkey_model::KeySet::of(&app, purpose), later).await.map_err(|e| e.to_string())?;
                let claims = self.verify_in(&app, pair.access.expose(), at).await.map_err(|e| e.to_string())?;
                (self.key_set_of(&app, later).await.map_err(|e| e.to_string())?.0, claims.handle)
            }
        };
        if says != pair.handle.as_str() {
            return Err("it speaks of another session".to_owned());
        }
        let names = |key: &Value| key["kid"] == kid;
        match published["keys"].as_array().is_some_and(|keys| keys.iter().any(names)) {
            true => Ok(()),
            false => Err(format!("its key {kid} is in the key set no more")),
        }
    }
}

fn user() -> UserId {
    UserId::stored("drill".to_owned())
}
