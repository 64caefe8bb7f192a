//! What the page of a login says before anybody presses anything: looking spends nothing.

use super::finish::FinishError;
use super::request::stored_form;
use crate::Auth;
use crate::decide::login::{self as decide, FinishIs};
use crate::verbs::web::CallingPage;
use postkey_model::{Call, LoginRequestId, LoginState, Session, TenantId};
use url::Url;

/// What a browser shows that opens the page of a login.
#[derive(Clone, Copy)]
pub enum ShownAtLogin<'a> {
    /// What a service client states, and the issuer that stands beside it.
    Assertion {
        /// The signed statement.
        token: &'a str,
        /// Who is said to have made it.
        issuer: Option<&'a str>,
    },
    /// The secret that a typed code gave.
    Proof(&'a str),
    /// It comes back from a provider, or from our own pages: who is there is found out by finishing.
    Elsewhere,
}

/// What the page says.
#[derive(Clone, Debug)]
pub struct LoginView {
    /// The tenant whose page it is.
    pub tenant: TenantId,
    /// What the application is called.
    pub application: String,
    /// As whom somebody logs in; empty when that is not known yet.
    pub to: String,
    /// Whether it goes on by itself; else somebody presses a button.
    pub goes_on: bool,
    /// Whether an identity is to join the user who is signed in.
    pub links: bool,
    /// The application's page, to go back to.
    pub back: String,
}

impl Auth {
    /// Looks at a login. `here`: the application's session that this browser shows; `binding`: the secret that it shows.
    pub async fn look_at_login(
        &self,
        call: &Call,
        id: &LoginRequestId,
        shown: ShownAtLogin<'_>,
        here: Option<&Session>,
        binding: Option<&str>,
    ) -> Result<LoginView, FinishError> {
        let state = self.inner.store.login_request(id).await?.ok_or(FinishError::Unknown)?;
        match decide::may_finish(&state, here.map(|session| &session.handle), call.now) {
            FinishIs::Open => {}
            no => return Err(no.into()),
        }
        let to = match shown {
            ShownAtLogin::Assertion { token, issuer } => {
                let stated = self.look_at_assertion(id, token, issuer, call).await?;
                stated.email.unwrap_or(stated.subject)
            }
            ShownAtLogin::Proof(secret) => {
                let shown = stored_form(secret);
                let fits = state.proof.as_ref().filter(|proof| self.keyring().same_secret(proof.secret.as_bytes(), shown.as_bytes()));
                fits.ok_or(FinishError::Unknown)?.subject.clone()
            }
            ShownAtLogin::Elsewhere => String::new(),
        };
        Ok(self.login_view(&state, to, binding))
    }

    fn login_view(&self, state: &LoginState, to: String, binding: Option<&str>) -> LoginView {
        let request = &state.request;
        let application = self.application(&request.application);
        let settings = application.as_ref().map(|application| &application.settings);
        let bound = request
            .binding
            .as_ref()
            .zip(binding)
            .is_some_and(|(stored, shown)| self.keyring().same_secret(stored.as_bytes(), stored_form(shown).as_bytes()));
        let name = settings.map(|settings| settings.name.clone()).filter(|name| !name.is_empty());
        let host = Url::parse(&request.redirect_url).ok().and_then(|page| page.host_str().map(str::to_owned));
        LoginView {
            tenant: request.tenant.clone(),
            application: name.or(host).unwrap_or_default(),
            to,
            goes_on: decide::goes_on_by_itself(request, settings, bound),
            links: request.link.is_some(),
            back: request.redirect_url.clone(),
        }
    }

    /// The application's page of a login, to go back to, whatever became of it; `None` when there is no such login.
    pub async fn back_from_login(&self, id: &LoginRequestId) -> Option<String> {
        self.inner.store.login_request(id).await.ok().flatten().map(|state| state.request.redirect_url)
    }

    /// Whether a page may call where the call does not say for which application: our own may, and those of any application.
    pub fn allows_for_any_application(&self, page: &CallingPage) -> bool {
        match page.origin.as_deref() {
            None => !page.is_elsewhere,
            Some(origin) => origin == self.public_origin().as_text() || self.is_application_origin(origin),
        }
    }

    /// The domain that we can have cookies in common with others in.
    pub fn shared_domain(&self) -> Option<String> {
        let ours = Url::parse(self.public_origin().as_text()).ok()?;
        decide::shared_domain(&ours, self.public_origin())
    }

    /// The domain that we can have cookies in common with the web site that calls itself `origin`.
    pub fn domain_shared_with(&self, origin: &str) -> Option<String> {
        decide::shared_domain(&Url::parse(origin).ok()?, self.public_origin())
    }
}
