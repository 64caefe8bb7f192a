//! Codes in place of links: a service client has one made for a login, delivers it, and whoever types it in the asking
//! browser is whom it was made for. Counted, limited and spent as every other code.

use super::request::stored_form;
use crate::decide::assertion;
use crate::decide::login;
use crate::decide::sign_in::{self as decide, CodeIs};
use crate::verbs::complete::{CompleteError, wrong};
use crate::{Auth, TRIES};
use data_encoding::BASE64URL_NOPAD;
use postkey_model::entropy::random;
use postkey_model::{
    Call, Change, CodeFormat, Connection, EventKind, Flow, Identifier, LoginChange, LoginProof, LoginRequestId, Millis, Opening,
    ProviderId, Purpose, Secret, SentCode, ServiceClient, SignIn, SignInId, Tenant, Timestamp,
};
use postkey_store::{CommitError, StartFacts, Unavailable};
use thiserror::Error;

/// A code for a service client to deliver.
pub struct LoginCode {
    /// What to type.
    pub code: Secret<String>,
    /// When it dies.
    pub expires_at: Timestamp,
}

/// What a service client wishes about a code.
#[derive(Clone, Copy, Debug, Default)]
pub struct CodeWish<'a> {
    /// Whom it is for: the id that the client knows them by.
    pub subject: &'a str,
    /// The address that the client says they proved, in its one spelling.
    pub verified_email: Option<&'a str>,
    /// How many digits: 6 to 8.
    pub digits: Option<u8>,
    /// How long it is to live: at most as long as the login.
    pub lifetime: Option<Millis>,
}

/// Why no code is made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LoginCodeError {
    /// There is no such login, or it is another client's, or over.
    #[error("there is no open authentication request of this client with that id")]
    Unknown,
    /// A setting is wrong.
    #[error("{0}")]
    Wrong(&'static str),
    /// The client may not say who somebody is.
    #[error("token generation is off for this service client: an administrator turns it on")]
    TokenGenerationOff,
    /// Others were first, again and again.
    #[error("too busy")]
    Busy,
    /// The store does not work.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Auth {
    /// Makes a code for a login of `client`. A newer one takes the place of an older one.
    #[tracing::instrument(level = "trace", target = "postkey_trace", skip_all)]
    pub async fn make_login_code(
        &self,
        call: &Call,
        client: &ServiceClient,
        id: &LoginRequestId,
        wish: CodeWish<'_>,
    ) -> Result<LoginCode, LoginCodeError> {
        use LoginCodeError as No;
        if !client.settings.token_generation {
            return Err(No::TokenGenerationOff);
        }
        if !(1..=128).contains(&wish.subject.chars().count()) || wish.subject.chars().any(char::is_control) {
            return Err(No::Wrong("userId must be 1 to 128 signs"));
        }
        if wish.digits.is_some_and(|digits| !(6..=8).contains(&digits)) {
            return Err(No::Wrong("length must be 6 to 8 digits"));
        }
        let state = self.inner.store.login_request(id).await?.filter(|state| state.is_open(call.now));
        let state = state.filter(|state| state.request.connection.as_deref() == Some(client.id.as_str())).ok_or(No::Unknown)?;
        let tenant = &*self.find_tenant(&state.request.tenant, call.now).await?.ok_or(No::Unknown)?;
        let life = wish.lifetime.unwrap_or(tenant.sign_in.lifetime);
        if life < Millis::from_secs(30) {
            return Err(No::Wrong("lifetime must be at least 30 seconds"));
        }
        let expires_at = (call.now + life).min(state.request.expires_at);
        let provider = ProviderId::parse(&client.id).ok_or(No::Unknown)?;
        let (facts, known_as) = self.guessed_at(tenant, provider, wish.subject).await?;
        let account = decide::account(&facts, known_as.0, &known_as.1, |_| None);
        let strength = self.strength(tenant, &account, facts.budget, call.now);
        let format = format(tenant, wish.digits);
        let (by_subject, _) = assertion::stated_address(client, wish.subject, None, false);
        let verified_email = wish.verified_email.map(str::to_owned).or(by_subject);
        for _ in 0..TRIES {
            let sign_in = SignInId::new(call.now, self.entropy());
            let code = format.of(strength).draw(self.entropy());
            let sent = SentCode { code: Some(self.keyring().code_hash(&sign_in, code.expose())), link: None, strength, expires_at };
            let purpose = Purpose::Login { request: id.clone(), digits: wish.digits, verified_email: verified_email.clone() };
            let opening = Opening {
                id: sign_in.clone(),
                to: (Connection::Provider(provider), wish.subject.to_owned()),
                account: account.clone(),
                device: self.keyring().device_hash(&sign_in, id.as_str()),
                code: sent,
                max_attempts: tenant.sign_in.max_attempts,
            };
            let call = &Call { tenant: tenant.id.clone(), ..call.clone() };
            let begun = SignIn { flow: Flow::UserInputCode, purpose, ..SignIn::begun(call, opening) };
            let made = LoginChange::CodeMade { request: id.clone(), sign_in, seen_version: state.version, at: call.now };
            match self.commit(call.now, vec![made.into(), Change::SignInStarted(Box::new(begun))]).await {
                Ok(_) => return Ok(LoginCode { code, expires_at }),
                Err(CommitError::Lost) => {
                    let open = self.inner.store.login_request(id).await?.is_some_and(|state| state.is_open(call.now));
                    if !open {
                        return Err(No::Unknown);
                    }
                }
                Err(CommitError::Unavailable(e)) => return Err(e.into()),
            }
        }
        Err(No::Busy)
    }

    /// Types the code of a login. Answers the address that finishes it: once, and until the login is over.
    #[tracing::instrument(level = "trace", target = "postkey_trace", skip_all)]
    pub async fn type_login_code(&self, call: &Call, id: &LoginRequestId, typed: &str) -> Result<String, CompleteError> {
        for _ in 0..TRIES {
            let state = self.inner.store.login_request(id).await?.filter(|state| state.is_open(call.now)).ok_or(CompleteError::Unknown)?;
            let sign_in = state.sign_in.clone().ok_or(CompleteError::Unknown)?;
            let tenant = &*self.find_tenant(&state.request.tenant, call.now).await?.ok_or(CompleteError::Unknown)?;
            let call = &Call { tenant: tenant.id.clone(), ..call.clone() };
            let facts = self.inner.store.sign_in(&tenant.id, &sign_in).await?.ok_or(CompleteError::Unknown)?;
            let Purpose::Login { request, digits, verified_email } = &facts.sign_in.purpose else { return Err(CompleteError::Unknown) };
            let made_for = facts.sign_in.connection;
            if request != id || !login::is_of_connection(&state.request, crate::registry::connection_id(&made_for)) {
                return Err(CompleteError::Unknown);
            }
            let guess = self.may_guess(call, tenant, &facts.sign_in.account)?;
            let rules = postkey_model::SignInRules { code: format(tenant, *digits), ..tenant.sign_in.clone() };
            let when_spent = self.event(call, EventKind::GuessBudgetSpent, sign_in.to_string());
            let changes = match decide::typed_code(&facts, typed, id.as_str(), &rules, self.keyring(), when_spent, call.now) {
                CodeIs::Unknown => return Err(CompleteError::Unknown),
                CodeIs::NotACode => return Err(CompleteError::NotACode),
                CodeIs::Over(standing) => return Err(standing.into()),
                CodeIs::Wrong { changes, expired } => match self.commit(call.now, changes).await {
                    Ok(yields) => {
                        self.guessed_wrong(call, tenant, Some(&facts), Some(guess));
                        return Err(wrong(&yields, Some(&facts), expired));
                    }
                    Err(CommitError::Lost) => continue,
                    Err(CommitError::Unavailable(e)) => return Err(e.into()),
                },
                CodeIs::Right { within_budget } => {
                    Change::CodeProved { sign_in: sign_in.clone(), tenant: tenant.id.clone(), within_budget, at: call.now }
                }
            };
            let secret = BASE64URL_NOPAD.encode(&random::<24>(self.entropy()));
            let proof = LoginProof {
                connection: crate::registry::connection_id(&made_for).to_owned(),
                subject: facts.sign_in.subject.clone(),
                verified_email: verified_email.clone(),
                secret: stored_form(&secret),
            };
            let proved = LoginChange::Proved { request: id.clone(), sign_in, proof, at: call.now };
            match self.commit(call.now, vec![changes, proved.into()]).await {
                Ok(_) => return Ok(format!("{}&proof={secret}", self.login_url(&state.request))),
                Err(CommitError::Lost) => {}
                Err(CommitError::Unavailable(e)) => return Err(e.into()),
            }
        }
        Err(CompleteError::Busy)
    }

    /// Whose account a code is guessed against: that of the user whom the client knows so, else of whoever has the address or
    /// number that the id is. One budget, whichever door a code came through.
    async fn guessed_at(
        &self,
        tenant: &Tenant,
        provider: ProviderId,
        subject: &str,
    ) -> Result<(StartFacts, (Connection, String)), Unavailable> {
        let by_client = (Connection::Provider(provider), subject.to_owned());
        let facts = self.inner.store.start_facts(&tenant.id, by_client.0, subject).await?;
        let identifier = Identifier::parse(subject, postkey_model::ContactMethod::EmailOrPhone, None).ok();
        let (None, Some(identifier)) = (&facts.user, identifier) else { return Ok((facts, by_client)) };
        let own = (identifier.connection(), identifier.as_str().to_owned());
        Ok((self.inner.store.start_facts(&tenant.id, own.0, &own.1).await?, own))
    }
}

/// How a code looks: as the tenant's do, or of as many digits as its client asked for.
fn format(tenant: &Tenant, digits: Option<u8>) -> CodeFormat {
    let asked = digits.and_then(|digits| CodeFormat::new("0123456789", usize::from(digits)).ok());
    asked.unwrap_or_else(|| tenant.sign_in.code.clone())
}
