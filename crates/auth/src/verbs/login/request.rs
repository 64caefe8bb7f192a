//! Login requests: an application begins one, a person may choose its connection, and the browser is told where to go next.

use super::used_work::{WorkIs, sha256};
use crate::decide::login::{self as decide, AnswerWish};
use crate::decide::work;
use crate::verbs::web::CallingPage;
use crate::{Auth, TRIES};
use data_encoding::BASE64URL_NOPAD;
use postkey_model::{
    Application, Call, InviteSettings, LinkTo, LoginChange, LoginRequest, LoginRequestId, LoginState, Millis, Tenant, TenantId, Timestamp,
    Way,
};
use postkey_store::{CommitError, Unavailable};
use std::collections::BTreeMap;
use std::sync::Arc;
use thiserror::Error;

/// What an application asks for.
#[derive(Clone, Debug, Default)]
pub struct LoginWish<'a> {
    /// Which application asks.
    pub application: &'a str,
    /// Where the browser is to go in the end.
    pub redirect_url: &'a str,
    /// PKCE: the challenge.
    pub code_challenge: &'a str,
    /// By which connection.
    pub connection: Option<&'a str>,
    /// What a person says which tenant is theirs.
    pub tenant_lookup: Option<&'a str>,
    /// The invitation that it follows.
    pub invite: Option<&'a str>,
    /// How it wants to learn of the end.
    pub flow_type: Option<&'a str>,
    /// Where it wants to find the tokens.
    pub location: Option<&'a str>,
    /// What the access token is for beside us.
    pub audiences: Vec<String>,
    /// What it may be used for.
    pub scopes: Vec<String>,
    /// What to tell the provider beside the usual.
    pub properties: BTreeMap<String, String>,
    /// Whether the identity is to join the user who asks.
    pub link: Option<LinkTo>,
    /// The secret in the asking browser's cookie, if it can keep one.
    pub binding: Option<&'a str>,
    /// The work that it did, and the values that it may have done it for.
    pub work: Option<&'a str>,
    /// In all the ways that SDKs join them.
    pub worked_for: Vec<String>,
}

/// Why no login begins.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LoginWishError {
    /// This network asked too often.
    #[error("too many logins were asked for from this network")]
    Throttled {
        /// From then on it may ask again.
        until: Timestamp,
    },
    /// There is no such application.
    #[error("there is no application of this id")]
    UnknownApplication,
    /// The page that asks is none of the application's.
    #[error("this web site is not one of the application's: register its address as a redirect URL")]
    WrongOrigin,
    /// People may not be sent there.
    #[error("the redirect URL is not registered with the application")]
    WrongRedirect,
    /// There is no such connection, invitation or tenant.
    #[error("there is no {0} of this id")]
    Unknown(&'static str),
    /// The service client may not say who somebody is.
    #[error("token generation is off for this service client: an administrator turns it on")]
    TokenGenerationOff,
    /// What it says is too much, or not its to say.
    #[error("{0}")]
    TooMuch(&'static str),
    /// The challenge is none.
    #[error("codeChallenge must be SHA-256 in base64url, with codeChallengeMethod S256")]
    NoChallenge,
    /// The work was not done, or for something else, or is used up.
    #[error("the anti-abuse hash is missing or does not fit")]
    NoWork,
    /// An address or number cannot join a user this way.
    #[error("addresses and numbers are added on the page /auth/identifiers")]
    NotLinkable,
    /// One of the two connections does not allow linking.
    #[error("linking is disabled for one of the two connections")]
    LinkingDisabled,
    /// Others were first, again and again.
    #[error("too busy")]
    Busy,
    /// The store does not work.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// A login that began.
#[derive(Clone, Debug)]
pub struct Begun {
    /// Its id.
    pub id: LoginRequestId,
    /// Where the browser goes on: a page of ours.
    pub url: String,
    /// Whether the application's page shares cookies with us.
    pub sends_cookies: bool,
}

/// What a person chose where several connections are offered.
#[derive(Clone, Debug, Default)]
pub struct Choice<'a> {
    /// The connection.
    pub connection: Option<&'a str>,
    /// What they say which tenant is theirs.
    pub tenant_lookup: Option<&'a str>,
    /// What to tell the provider beside the usual.
    pub properties: BTreeMap<String, String>,
    /// The work that the browser did, and the values that it may have done it for.
    pub work: Option<&'a str>,
    /// In all the ways that SDKs join them.
    pub worked_for: Vec<String>,
}

/// Where a browser goes that opens the page of a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextStep {
    /// To our own login pages: people type an address or a number there.
    OwnPages {
        /// Of which tenant.
        tenant: TenantId,
    },
    /// To a service client's own page.
    ClientPage(String),
    /// Nowhere: the client sends a message.
    Message,
    /// To a provider: the connection's id.
    Provider(String),
}

/// The stored form of a random secret: it has bits enough to need no key.
pub(crate) fn stored_form(secret: &str) -> String {
    BASE64URL_NOPAD.encode(&sha256(secret))
}

impl Auth {
    /// Whether `page` may ask for logins of `application`.
    pub fn allows_application(&self, page: &CallingPage, application: &Application) -> bool {
        match page.origin.as_deref() {
            None => !page.is_elsewhere,
            Some(origin) => origin == self.public_origin().as_text() || application.settings.allows_origin(origin),
        }
    }

    /// Begins a login. Whoever asks the very same again with the same work, because the answer was lost, gets the same answer.
    #[tracing::instrument(level = "trace", target = "postkey_trace", skip_all)]
    pub async fn begin_login(&self, call: &Call, page: &CallingPage, wish: LoginWish<'_>) -> Result<Begun, LoginWishError> {
        use LoginWishError as No;
        self.look_for_registered(|auth| auth.application(wish.application).is_some()).await?;
        let application = self.application(wish.application).ok_or(No::UnknownApplication)?;
        if !self.allows_application(page, &application) {
            return Err(No::WrongOrigin);
        }
        self.may_ask(call, None).map_err(|until| No::Throttled { until })?;
        self.check_work(wish.work, &wish.worked_for, call.now)?;
        let asked = format!("{:?}", LoginWish { binding: None, ..wish.clone() });
        let work = wish.work;
        let scope = decide::scope(&wish.scopes);
        if !decide::is_modest(&wish.audiences, &scope, &wish.properties) {
            return Err(No::TooMuch("at most 10 audiences, 512 bytes of scopes and 4 KiB of connection properties are taken"));
        }
        // Which tenant somebody is of is ours to say.
        if wish.audiences.iter().filter_map(|audience| TenantId::parse(audience)).any(|id| self.tenant(&id).is_some()) {
            return Err(No::TooMuch("an audience must not be the name of a tenant"));
        }
        let place = application.settings.redirect(wish.redirect_url).ok_or(No::WrongRedirect)?;
        if !decide::is_challenge(wish.code_challenge) {
            return Err(No::NoChallenge);
        }
        let invite = match wish.invite {
            None => None,
            Some(id) => Some(self.registered::<InviteSettings>(id).await?.ok_or(No::Unknown("invite"))?),
        };
        let invite = invite.filter(|invite| invite.settings.expires_at.is_none_or(|until| until > call.now));
        if wish.invite.is_some() && invite.is_none() {
            return Err(No::Unknown("invite"));
        }
        let invited_to = invite.as_ref().and_then(|invite| invite.settings.default_login_tenant_id.as_deref());
        let (tenant, of_tenant) = self.tenant_of_login(invited_to.or(wish.tenant_lookup), &application, call.now).await?;
        // What a person says of their tenant stands above what the page says of the connection.
        let connection = of_tenant.or_else(|| wish.connection.map(str::to_owned));
        let life = match &connection {
            Some(id) => self.check_connection(id, wish.link.is_some()).await?,
            None => None,
        };
        if let (Some(link), Some(arriving)) = (&wish.link, &connection) {
            self.check_link(link, &application.id, arriving).await?;
        }
        let wishes = AnswerWish { flow_type: wish.flow_type, location: wish.location };
        let request = LoginRequest {
            id: LoginRequestId::new(call.now, self.entropy()),
            tenant: tenant.id.clone(),
            application: application.id.clone(),
            connection,
            mode: decide::return_mode(wishes, &application.settings, &place, self.public_origin()),
            redirect_url: place.to_string(),
            code_challenge: wish.code_challenge.to_owned(),
            audiences: wish.audiences,
            scope,
            link: wish.link,
            connection_properties: wish.properties,
            invite: invite.map(|invite| invite.id),
            binding: wish.binding.map(stored_form),
            started_at: call.now,
            expires_at: call.now + decide::login_life(life),
        };
        let begun = Begun {
            id: request.id.clone(),
            url: self.login_url(&request),
            sends_cookies: decide::sends_cookies(&place, self.public_origin()),
        };
        self.worked_for(work, &asked, begun, LoginChange::Requested(Box::new(request)), call.now).await?.ok_or(No::Busy)
    }

    /// Writes what somebody worked for. `None` when somebody was first. Last of all, so that whatever else is wrong costs nobody
    /// their work; and where it does not come to be the work stays good: the SDKs send the same words again.
    async fn worked_for(
        &self,
        work: Option<&str>,
        asked: &str,
        begun: Begun,
        change: LoginChange,
        now: Timestamp,
    ) -> Result<Option<Begun>, LoginWishError> {
        let work = work.filter(|_| self.inner.settings.logins.wants_work);
        match work.map(|work| self.inner.used_work.take(work, sha256(asked), now)) {
            Some(WorkIs::Used) => return Err(LoginWishError::NoWork),
            Some(WorkIs::Repeated(begun)) => return Ok(Some(begun)),
            Some(WorkIs::Fresh) | None => {}
        }
        let committed = self.commit(now, vec![change.into()]).await;
        if let Some(work) = work {
            self.inner.used_work.settle(work, committed.is_ok().then_some(&begun));
        }
        match committed {
            Ok(_) => Ok(Some(begun)),
            Err(CommitError::Lost) => Ok(None),
            Err(CommitError::Unavailable(e)) => Err(e.into()),
        }
    }

    /// Chooses the connection of a login, or the tenant whose connection it is. Where the tenant has one of its own, that one it is.
    pub async fn choose_connection(
        &self,
        call: &Call,
        page: &CallingPage,
        id: &LoginRequestId,
        choice: Choice<'_>,
    ) -> Result<Begun, LoginWishError> {
        use LoginWishError as No;
        self.check_work(choice.work, &choice.worked_for, call.now)?;
        for _ in 0..TRIES {
            let state = self.inner.store.login_request(id).await?.filter(|state| state.is_open(call.now));
            let state = state.ok_or(No::Unknown("authentication request"))?;
            let application = self.application(&state.request.application).ok_or(No::UnknownApplication)?;
            if !self.allows_application(page, &application) {
                return Err(No::WrongOrigin);
            }
            let mut request = state.request.clone();
            if !decide::is_modest(&[], "", &choice.properties) {
                return Err(No::TooMuch("at most 20 connection properties of 4 KiB together are taken"));
            }
            let lookup = choice.tenant_lookup.or(Some(request.tenant.as_str()));
            let (tenant, of_tenant) = self.tenant_of_login(lookup, &application, call.now).await?;
            let connection = of_tenant.or_else(|| choice.connection.map(str::to_owned)).ok_or(No::Unknown("connection"))?;
            let life = self.check_connection(&connection, request.link.is_some()).await?;
            if let Some(link) = &request.link {
                self.check_link(link, &application.id, &connection).await?;
            }
            request.tenant = tenant.id.clone();
            request.connection = Some(connection);
            request.connection_properties = choice.properties.clone();
            request.expires_at = request.started_at + decide::login_life(life);
            let place = url::Url::parse(&request.redirect_url).map_err(|_| No::WrongRedirect)?;
            let begun =
                Begun { id: id.clone(), url: self.login_url(&request), sends_cookies: decide::sends_cookies(&place, self.public_origin()) };
            let change = LoginChange::Amended { request: Box::new(request), seen_version: state.version, at: call.now };
            if let Some(begun) = self.worked_for(choice.work, &format!("{id} {choice:?}"), begun, change, call.now).await? {
                return Ok(begun);
            }
        }
        Err(No::Busy)
    }

    /// Looks whether a browser shows work that was done for this, and not long ago.
    pub fn check_work(&self, shown: Option<&str>, worked_for: &[String], now: Timestamp) -> Result<(), LoginWishError> {
        if !self.inner.settings.logins.wants_work {
            return Ok(());
        }
        let shown = shown.ok_or(LoginWishError::NoWork)?;
        work::check(shown, worked_for, now).map(|_| ()).map_err(|_| LoginWishError::NoWork)
    }

    /// A login request as it stands.
    pub async fn login_request(&self, id: &LoginRequestId) -> Result<Option<LoginState>, Unavailable> {
        self.inner.store.login_request(id).await
    }

    /// Where the browser goes that opens the page of a login which nobody vouched for yet.
    pub fn next_step(&self, request: &LoginRequest) -> NextStep {
        let own = NextStep::OwnPages { tenant: request.tenant.clone() };
        let Some(id) = request.connection.as_deref() else { return own };
        if let Some(client) = self.known_client(id) {
            let page = client.settings.authorization_url.as_deref().and_then(|page| url::Url::parse(page).ok());
            return page.map_or(NextStep::Message, |mut page| {
                let pairs = [("client_id", id), ("state", request.id.as_str()), ("redirect_uri", &self.login_page())];
                page.query_pairs_mut().extend_pairs(pairs);
                NextStep::ClientPage(page.into())
            });
        }
        match self.connection(id).map(|connection| matches!(connection.settings.way, Way::Provider(_))) {
            Some(true) => NextStep::Provider(id.to_owned()),
            Some(false) | None => own,
        }
    }

    /// The address of the page where logins go on.
    pub fn login_page(&self) -> String {
        format!("{}/login", self.public_origin())
    }

    /// The same for one login: what the SDKs make their links of.
    pub(crate) fn login_url(&self, request: &LoginRequest) -> String {
        let page = self.login_page();
        let client = request.connection.as_deref().filter(|id| id.starts_with("sc_")).unwrap_or(&request.application);
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("client_id", client).append_pair("state", request.id.as_str()).append_pair("redirect_uri", &page);
        format!("{page}?{}", query.finish())
    }

    /// Whose users log in, and by which connection where the tenant has one.
    async fn tenant_of_login(
        &self,
        lookup: Option<&str>,
        application: &Application,
        now: Timestamp,
    ) -> Result<(Arc<Tenant>, Option<String>), LoginWishError> {
        if let Some(lookup) = lookup {
            let by_lookup = self
                .inner
                .directory
                .stored_by(|settings| settings.login.as_ref().and_then(|login| login.lookup_identifier.as_deref()) == Some(lookup));
            let by_name = TenantId::parse(lookup).filter(|id| !id.as_str().contains('/'));
            let id = by_lookup.or(by_name).ok_or(LoginWishError::Unknown("tenant"))?;
            // An application of one tenant logs in nobody of another, whatever a browser says.
            if application.settings.tenant.as_ref().is_some_and(|own| *own != id) {
                return Err(LoginWishError::Unknown("tenant"));
            }
            let tenant = self.find_tenant(&id, now).await?.ok_or(LoginWishError::Unknown("tenant"))?;
            let connection = self.inner.directory.stored(&id).and_then(|stored| stored.settings.login).and_then(|login| login.connection);
            return Ok((tenant, connection));
        }
        let id = application.settings.tenant.clone().unwrap_or_else(TenantId::public);
        let tenant = self.find_tenant(&id, now).await?.ok_or(LoginWishError::Unknown("tenant"))?;
        Ok((tenant, None))
    }

    /// Whether a login may go by this connection; answers how long it may take.
    async fn check_connection(&self, id: &str, links: bool) -> Result<Option<Millis>, LoginWishError> {
        let own = postkey_model::connection::OWN.contains(&id);
        let known = |auth: &Self| own || auth.known_client(id).is_some() || auth.connection(id).is_some();
        if !self.look_for_registered(known).await? {
            return Err(LoginWishError::Unknown("connection"));
        }
        if own && links {
            return Err(LoginWishError::NotLinkable);
        }
        if let Some(client) = self.known_client(id) {
            return match client.settings.token_generation {
                true => Ok(client.settings.login_life),
                false => Err(LoginWishError::TokenGenerationOff),
            };
        }
        Ok(self.connection(id).and_then(|connection| connection.settings.login_life))
    }

    /// Whether both connections allow linking: the one that somebody arrives by, and that of the identity which opened the
    /// session that asks. Looked at again when somebody arrives.
    async fn check_link(&self, link: &LinkTo, application: &str, arriving: &str) -> Result<(), LoginWishError> {
        // An account is changed by the application that its owner is signed in to, not by whichever shares a browser with it.
        let session = self.inner.store.session(&link.session).await?;
        let of = session.and_then(|session| session.login).map(|login| login.application);
        if of.as_deref() != Some(application) {
            return Err(LoginWishError::LinkingDisabled);
        }
        let allows = |linking: postkey_model::Linking| linking.allows_asking();
        let user = self.inner.store.person(&postkey_model::AppId::public(), link.user.as_str()).await?;
        let present = user.as_ref().and_then(|facts| facts.identities.iter().find(|identity| identity.id == link.identity));
        let present = present.map(|identity| self.linking_of(&identity.connection));
        if allows(self.linking(arriving)) && present.is_some_and(allows) { Ok(()) } else { Err(LoginWishError::LinkingDisabled) }
    }
}
