//! Finishing a login: somebody vouches for whoever is there (a service client, a provider, a typed code, our own pages), and the
//! browser goes back to the application.

use super::Vouched;
use super::joining::{Arrived, JoinError};
use super::request::stored_form;
use super::tokens::LoginTokens;
use crate::decide::assertion::{self, Assertion, Fault, Ourselves};
use crate::decide::login::{self as decide, FinishIs};
use crate::{Auth, TRIES};
use data_encoding::BASE64URL_NOPAD;
use postkey_model::entropy::random;
use postkey_model::{
    Call, Change, ClientSettings, Connection, Identity, InviteSettings, LoginChange, LoginContext, LoginEnd, LoginRequestId, LoginState,
    ReturnMode, Secret, Session, Settings, Tenant,
};
use postkey_store::{CommitError, Unavailable, UserFacts};
use serde_json::{Map, Value, json};
use thiserror::Error;
use url::Url;

/// A login is finished: where the browser goes, and with what.
pub struct Finished {
    /// Which login.
    pub id: LoginRequestId,
    /// The application's page, as it was registered and asked for.
    pub redirect_url: String,
    /// How it learns that somebody is in.
    pub mode: ReturnMode,
    /// The code to exchange, where there is one.
    pub code: Option<Secret<String>>,
    /// The tokens of the session; `None` when an identity joined a user who had one.
    pub tokens: Option<LoginTokens>,
    /// The domain that cookies of ours and of the application have in common.
    pub domain: Option<String>,
    /// Whether the user is new.
    pub is_new_user: bool,
}

/// Why a login is not finished.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FinishError {
    /// There is no such login, or nothing shown is right for it.
    #[error("there is no such login")]
    Unknown,
    /// Its time is over.
    #[error("the login has expired")]
    Expired,
    /// It was finished already.
    #[error("the login is finished already")]
    Over,
    /// What a service client states is not believed.
    #[error("the assertion is not believed: {0:?}")]
    NotBelieved(Fault),
    /// An identity can join a user only in the browser where that one is signed in.
    #[error("this browser is not signed in as the user who asked")]
    WrongBrowser,
    /// Whoever is there does not get in.
    #[error(transparent)]
    Join(JoinError),
    /// Others were first, again and again.
    #[error("too busy")]
    Busy,
    /// The store does not work.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<FinishIs> for FinishError {
    fn from(is: FinishIs) -> Self {
        match is {
            FinishIs::Over => FinishError::Over,
            FinishIs::Expired => FinishError::Expired,
            FinishIs::WrongBrowser => FinishError::WrongBrowser,
            FinishIs::Open => FinishError::Unknown,
        }
    }
}

/// What has to be written with the end of a login beside the user and the session, and who is in.
struct Way {
    tenant_changes: Vec<Change>,
    who: Who,
    connection: String,
    profile: Map<String, Value>,
}

enum Who {
    /// Somebody for whom a connection vouches.
    Vouched(Box<Vouched>),
    /// Somebody who was found otherwise, as who signed in on our own pages.
    Found(Arrived),
}

impl Auth {
    /// The server as service clients' statements name it.
    pub(crate) fn ourselves(&self) -> Ourselves<'_> {
        let logins = &self.inner.settings.logins;
        Ourselves { account: &logins.account, origin: self.public_origin(), aliases: &logins.aliases }
    }

    /// Looks whether what a service client states would be believed, and uses nothing up.
    pub async fn look_at_assertion(
        &self,
        id: &LoginRequestId,
        token: &str,
        issuer: Option<&str>,
        call: &Call,
    ) -> Result<assertion::Stated, FinishError> {
        let (_, _, stated) = self.stated(id, token, issuer, call).await?;
        Ok(stated)
    }

    async fn stated(
        &self,
        id: &LoginRequestId,
        token: &str,
        issuer: Option<&str>,
        call: &Call,
    ) -> Result<(LoginState, Vec<Change>, assertion::Stated), FinishError> {
        let assertion = Assertion::parse(token).ok_or(FinishError::NotBelieved(Fault::Form))?;
        let state = self.inner.store.login_request(id).await?;
        let connection = state.as_ref().and_then(|state| state.request.connection.clone());
        // From the table: a key that was deleted a moment ago on another node opens nothing.
        let client = match &connection {
            Some(id) => self.registered::<ClientSettings>(id).await?,
            None => None,
        };
        let application = state.as_ref().and_then(|state| self.application(&state.request.application));
        let is_used = self.inner.store.is_assertion_used(&assertion.hash).await?;
        let settings = application.as_ref().map(|application| &application.settings);
        let stated = assertion::check(&assertion, issuer, state.as_ref(), client.as_ref(), settings, is_used, self.ourselves(), call.now);
        let stated = stated.map_err(|fault| match fault {
            Fault::RequestOver => FinishError::Over,
            Fault::RequestExpired => FinishError::Expired,
            Fault::Request => FinishError::Unknown,
            fault => FinishError::NotBelieved(fault),
        })?;
        let (Some(state), Some(client)) = (state, client) else { return Err(FinishError::Unknown) };
        let used = LoginChange::AssertionUsed { hash: assertion.hash, until: assertion.dies_at(&client) };
        // The client and its key are still there when this is written.
        let stands = LoginChange::RegisteredStands { kind: ClientSettings::KIND, id: client.id.clone(), version: client.version };
        Ok((state, vec![used.into(), stands.into()], stated))
    }

    /// Finishes a login by what a service client states. `here`: the session of the application that this browser shows.
    #[tracing::instrument(level = "trace", target = "postkey_trace", skip_all)]
    pub async fn finish_by_assertion(
        &self,
        call: &Call,
        id: &LoginRequestId,
        token: &str,
        issuer: Option<&str>,
        here: Option<&Session>,
    ) -> Result<Finished, FinishError> {
        for _ in 0..TRIES {
            let (state, tenant_changes, stated) = self.stated(id, token, issuer, call).await?;
            let vouched = self.vouched(&state, stated).await?;
            let connection = state.request.connection.clone().unwrap_or_default();
            let profile = profile_of(vouched.email.as_deref(), vouched.is_verified, &vouched.profile);
            let way = Way { tenant_changes, who: Who::Vouched(Box::new(vouched)), connection, profile };
            if let Some(finished) = self.finish(call, &state, way, here).await? {
                return Ok(finished);
            }
        }
        Err(FinishError::Busy)
    }

    /// Finishes a login by what a provider says, asked by the connection that the login goes by.
    #[tracing::instrument(level = "trace", target = "postkey_trace", skip_all)]
    pub async fn finish_by_provider(
        &self,
        call: &Call,
        id: &LoginRequestId,
        vouched: &Vouched,
        here: Option<&Session>,
    ) -> Result<Finished, FinishError> {
        for _ in 0..TRIES {
            let state = self.inner.store.login_request(id).await?.ok_or(FinishError::Unknown)?;
            let connection = state.request.connection.clone().unwrap_or_default();
            if connection != crate::registry::connection_id(&vouched.connection) {
                return Err(FinishError::Unknown);
            }
            let mut vouched = vouched.clone();
            if let Some(wanted) = self.invited_id(&state).await? {
                vouched.wanted_id = Some(wanted);
            }
            let profile = profile_of(vouched.email.as_deref(), vouched.is_verified, &vouched.profile);
            let way = Way { tenant_changes: Vec::new(), who: Who::Vouched(Box::new(vouched)), connection, profile };
            if let Some(finished) = self.finish(call, &state, way, here).await? {
                return Ok(finished);
            }
        }
        Err(FinishError::Busy)
    }

    /// Finishes a login by the secret that a typed code gave.
    #[tracing::instrument(level = "trace", target = "postkey_trace", skip_all)]
    pub async fn finish_by_proof(
        &self,
        call: &Call,
        id: &LoginRequestId,
        secret: &str,
        here: Option<&Session>,
    ) -> Result<Finished, FinishError> {
        for _ in 0..TRIES {
            let state = self.inner.store.login_request(id).await?.ok_or(FinishError::Unknown)?;
            let shown = stored_form(secret);
            let proof = state.proof.clone().filter(|proof| self.keyring().same_secret(proof.secret.as_bytes(), shown.as_bytes()));
            let proof = proof.ok_or(FinishError::Unknown)?;
            if !decide::is_of_connection(&state.request, &proof.connection) {
                return Err(FinishError::Unknown);
            }
            let connection = proof.connection.clone();
            let client = self.registered::<ClientSettings>(&connection).await?;
            let client = client.filter(|client| client.settings.token_generation).ok_or(FinishError::Unknown)?;
            let stands = LoginChange::RegisteredStands { kind: ClientSettings::KIND, id: client.id.clone(), version: client.version };
            let tenant = self.tenant_of(&state, call).await?;
            let tenant_changes: Vec<Change> = vec![stands.into()];
            let profile = profile_of(proof.verified_email.as_deref(), true, &Map::new());
            let provider = postkey_model::ProviderId::parse(&connection).ok_or(FinishError::Unknown)?;
            let stated = assertion::Stated {
                connection: Connection::Provider(provider),
                subject: proof.subject.clone(),
                is_verified: proof.verified_email.is_some(),
                email: proof.verified_email.clone(),
                profile: Map::new(),
            };
            let vouched = self.vouched(&state, stated).await?;
            let number = postkey_model::PhoneNumber::parse(&proof.subject, None).ok();
            let trusted = client.settings.trust_subject_as_verified_number && state.request.link.is_none();
            let of_number = match number.filter(|_| trusted) {
                Some(number) => self.arrive_by_clients_number(call, &tenant, &vouched, number.as_str()).await?,
                None => None,
            };
            let who = of_number.map_or_else(|| Who::Vouched(Box::new(vouched)), Who::Found);
            if let Some(finished) = self.finish(call, &state, Way { tenant_changes, who, connection, profile }, here).await? {
                return Ok(finished);
            }
        }
        Err(FinishError::Busy)
    }

    /// Finishes a login that goes by our own pages, for whoever is signed in on them.
    #[tracing::instrument(level = "trace", target = "postkey_trace", skip_all)]
    pub async fn finish_by_pages(
        &self,
        call: &Call,
        id: &LoginRequestId,
        pages: &Session,
        here: Option<&Session>,
    ) -> Result<Finished, FinishError> {
        for _ in 0..TRIES {
            let state = self.inner.store.login_request(id).await?.ok_or(FinishError::Unknown)?;
            let facts = self.inner.store.user(&state.request.tenant, &pages.user).await?.ok_or(FinishError::Unknown)?;
            let identity = facts.identities.iter().find(|identity| identity.id == pages.identity).ok_or(FinishError::Unknown)?;
            if !decide::may_come_by_pages(&state.request, identity, pages) {
                return Err(FinishError::Unknown);
            }
            let arrived = Arrived { changes: Vec::new(), user: pages.user.clone(), identity: identity.id.clone(), is_new: false };
            let connection = identity.connection.as_str().to_owned();
            let profile = pages_profile(&facts, identity);
            let stands = postkey_model::DirectoryChange::IdentityStands(identity.clone()).into();
            let way = Way { tenant_changes: vec![stands], who: Who::Found(arrived), connection, profile };
            if let Some(finished) = self.finish(call, &state, way, here).await? {
                return Ok(finished);
            }
        }
        Err(FinishError::Busy)
    }

    /// Writes the end of a login. `None` when somebody was first and it is worth another look.
    async fn finish(&self, call: &Call, state: &LoginState, way: Way, here: Option<&Session>) -> Result<Option<Finished>, FinishError> {
        let request = &state.request;
        match decide::may_finish(state, here.map(|session| &session.handle), call.now) {
            FinishIs::Open => {}
            no => return Err(no.into()),
        }
        // The application may have been taken away since, or its place.
        let application = self.application(&request.application);
        if application.is_none_or(|application| application.settings.redirect(&request.redirect_url).is_none()) {
            return Err(FinishError::Unknown);
        }
        let tenant = self.tenant_of(state, call).await?;
        let call = &Call { tenant: tenant.id.clone(), ..call.clone() };
        let arrived = match way.who {
            Who::Found(arrived) => arrived,
            Who::Vouched(vouched) => self.arrive(call, &tenant, &vouched, request.link.as_ref()).await.map_err(|e| match e {
                JoinError::Unavailable(e) => FinishError::Unavailable(e),
                other => FinishError::Join(other),
            })?,
        };
        let code = (request.mode == ReturnMode::Code && request.link.is_none())
            .then(|| Secret::new(BASE64URL_NOPAD.encode(&random::<24>(self.entropy()))));
        let context = LoginContext {
            application: request.application.clone(),
            connection: way.connection,
            audiences: request.audiences.clone(),
            scope: request.scope.clone(),
            profile: way.profile,
        };
        let session = request.link.is_none().then(|| {
            let session = self.new_session(call, &tenant.session, &arrived.user, &arrived.identity);
            let expires_at = call.now + tenant.login.session_lifetime;
            Session { login: Some(Box::new(context)), expires_at, ..session }
        });
        // Signed before the commit: a key that cannot sign must not cost the person their link.
        let tokens = match &session {
            Some(session) => Some(self.login_tokens(session, &tenant, &self.custom_claims(session, &tenant).await?, call.now)?),
            None => None,
        };
        let end = LoginEnd {
            user: arrived.user.clone(),
            identity: arrived.identity.clone(),
            session: session.as_ref().map(|session| session.handle.clone()),
            code: code.as_ref().map(|code| stored_form(code.expose())),
            code_expires_at: call.now + decide::CODE_LIFE,
        };
        let mut changes: Vec<Change> = vec![
            LoginChange::Completed { request: request.id.clone(), end: Box::new(end), seen_version: state.version, at: call.now }.into(),
        ];
        changes.extend(way.tenant_changes);
        changes.extend(arrived.changes);
        if let Some(session) = session {
            // The one that it replaces in this browser is nobody's any more.
            let replaced = here.filter(|here| decide::is_replaced_by(here, &session));
            changes.extend(replaced.map(|here| Change::SessionRevoked { handle: here.handle.clone(), at: call.now }));
            changes.push(Change::SessionCreated(Box::new(session)));
        }
        match self.commit(call.now, changes).await {
            Ok(_) => {}
            Err(CommitError::Lost) => return Ok(None),
            Err(CommitError::Unavailable(e)) => return Err(e.into()),
        }
        let page = Url::parse(&request.redirect_url).ok();
        Ok(Some(Finished {
            id: request.id.clone(),
            redirect_url: request.redirect_url.clone(),
            mode: request.mode,
            code,
            tokens,
            domain: page.and_then(|page| decide::shared_domain(&page, self.public_origin())),
            is_new_user: arrived.is_new,
        }))
    }

    async fn tenant_of(&self, state: &LoginState, call: &Call) -> Result<std::sync::Arc<Tenant>, FinishError> {
        self.find_tenant(&state.request.tenant, call.now).await?.ok_or(FinishError::Unknown)
    }

    async fn vouched(&self, state: &LoginState, stated: assertion::Stated) -> Result<Vouched, FinishError> {
        let assertion::Stated { connection, subject, email, is_verified, profile } = stated;
        Ok(Vouched { connection, subject, email, is_verified, wanted_id: self.invited_id(state).await?, profile })
    }

    /// The id that an invitation keeps for whoever follows it.
    async fn invited_id(&self, state: &LoginState) -> Result<Option<postkey_model::UserId>, Unavailable> {
        let Some(id) = &state.request.invite else { return Ok(None) };
        let invite = self.registered::<InviteSettings>(id).await?;
        Ok(invite.and_then(|invite| invite.settings.linked_user_id))
    }
}

/// What ID tokens say of somebody for whom a connection vouched.
fn profile_of(email: Option<&str>, is_verified: bool, said: &Map<String, Value>) -> Map<String, Value> {
    let mut profile = said.clone();
    if let Some(email) = email {
        profile.insert("email".to_owned(), json!(email));
        profile.insert("email_verified".to_owned(), json!(is_verified));
    }
    profile
}

/// The same of somebody who signed in on our own pages.
fn pages_profile(facts: &UserFacts, identity: &Identity) -> Map<String, Value> {
    let proved = |identity: &&Identity| identity.verified_at.is_some() && identity.email().is_some();
    let address = Some(identity).filter(proved).or_else(|| facts.identities.iter().find(proved));
    let mut profile = profile_of(address.and_then(Identity::email), true, &Map::new());
    if identity.connection == Connection::Sms {
        profile.insert("phone_number".to_owned(), json!(identity.subject));
        profile.insert("phone_number_verified".to_owned(), json!(true));
    }
    profile
}
