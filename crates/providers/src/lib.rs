//! Asking services who somebody is: OpenID Connect by any issuer, and OAuth 2 where a service has an address that tells who a
//! token is for. Sends browsers there, turns the code that they bring back into claims, and believes those only when all is
//! right. Decides nothing about users: whom an identity belongs to is a rule of `auth`.
//! [Decision 15](../../../docs/decisions/0015-providers.md) says what is ours here and why.

mod authorize;
mod cache;
mod discovery;
mod error;
mod id_token;
mod identity;
mod keys;
mod tokens;
mod user_info;

pub use authorize::Ask;
pub use error::{Doubt, ProviderError};
pub use identity::ProvidedIdentity;

use cache::Cache;
use discovery::Discovery;
use id_token::{Expected, IdToken};
use keys::KeySet;
use postkey_model::{Preset, ProviderSettings, Secret, Timestamp};
use postkey_outbound::header::HeaderValue;
use postkey_outbound::{HeaderMap, Outbound, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;
use tokens::Tokens;
use tokio::time::timeout;
use url::Url;

/// How long all questions together may take that one person coming back makes necessary.
const PATIENCE: Duration = Duration::from_secs(20);
/// The longest code.
const LONGEST_CODE: usize = 4096;

/// All services. Clones share what is known of them.
#[derive(Clone)]
pub struct Providers {
    outbound: Outbound,
    patience: Duration,
    discoveries: Arc<Cache<Discovery>>,
    keys: Arc<Cache<KeySet>>,
}

/// What a browser brought back, and what was kept since it was sent there.
pub struct Answer<'a> {
    /// The code.
    pub code: &'a str,
    /// Where it was brought: as it was said in [`Ask`].
    pub redirect_uri: &'a str,
    /// What the challenge was made of.
    pub code_verifier: &'a str,
    /// As it was said in [`Ask`].
    pub nonce: &'a str,
    /// Who the answer says that it is from (RFC 9207).
    pub iss: Option<&'a str>,
}

impl Providers {
    /// Nothing is asked yet. `extra_root` is a certificate (PEM) to trust beside the system's. Needs a running tokio runtime.
    pub fn new(extra_root: Option<&[u8]>) -> Result<Self, ProviderError> {
        let outbound = Outbound::new(extra_root)?;
        Ok(Providers { outbound, patience: PATIENCE, discoveries: Arc::default(), keys: Arc::default() })
    }

    /// The same with another patience, for one question and for all together.
    pub fn with_patience(self, patience: Duration) -> Self {
        Providers { outbound: self.outbound.with_patience(patience), patience, ..self }
    }

    /// Where to send a browser, so that the service asks the person and sends it back to `redirect_uri`.
    pub async fn authorization_url(&self, settings: &ProviderSettings, ask: &Ask<'_>, now: Timestamp) -> Result<Url, ProviderError> {
        settings.check().map_err(ProviderError::Setting)?;
        let discovery = self.in_time(self.discovery(settings, now)).await?;
        let said = discovery.as_ref().map(|discovery| &discovery.authorization);
        let end = discovery::end(&settings.authorization_endpoint, said, "for authorization")?;
        Ok(authorize::url(end, settings, ask))
    }

    /// Who came back. The code is spent by this, whatever becomes of it.
    pub async fn identity(
        &self,
        settings: &ProviderSettings,
        client_secret: Option<&Secret<String>>,
        answer: &Answer<'_>,
        now: Timestamp,
    ) -> Result<ProvidedIdentity, ProviderError> {
        settings.check().map_err(ProviderError::Setting)?;
        if !(1..=LONGEST_CODE).contains(&answer.code.len()) {
            return Err(Doubt::Malformed("the code").into());
        }
        let claims = self.in_time(self.claims(settings, client_secret, answer, now)).await?;
        identity::identity(settings, claims)
    }

    async fn claims(
        &self,
        settings: &ProviderSettings,
        secret: Option<&Secret<String>>,
        answer: &Answer<'_>,
        now: Timestamp,
    ) -> Result<Map<String, Value>, ProviderError> {
        let discovery = self.discovery(settings, now).await?;
        let discovery = discovery.as_deref();
        discovery::check_answer(discovery, answer.iss)?;
        let end = discovery::end(&settings.token_endpoint, discovery.map(|discovery| &discovery.token), "for tokens")?;
        let auth = discovery::client_auth(settings, discovery)?;
        let tokens = tokens::exchange(&self.outbound, &end, settings, auth, secret, answer, now).await?;
        let said = discovery.and_then(|discovery| discovery.user_info.as_ref());
        let user_info = discovery::end(&settings.user_info_endpoint, said, "for user-info");
        let Some(discovery) = discovery else {
            let token = tokens.access.ok_or(Doubt::Malformed("the token answer"))?;
            return match settings.preset {
                Some(Preset::GitHub) => user_info::ask_github(&self.outbound, &user_info?, &token, now).await,
                _ => user_info::ask(&self.outbound, &user_info?, &token, now).await,
            };
        };
        let claims = self.signed(settings, discovery, &tokens, answer, now).await?;
        // An answer that says too little is no reason to go on without: with an address or without one may be two people.
        match (user_info, &tokens.access) {
            (Ok(end), Some(token)) if !identity::is_enough(settings, &claims)? => {
                Ok(user_info::joined(claims, user_info::ask(&self.outbound, &end, token, now).await?)?)
            }
            _ => Ok(claims),
        }
    }

    /// What the ID token says.
    async fn signed(
        &self,
        settings: &ProviderSettings,
        discovery: &Discovery,
        tokens: &Tokens,
        answer: &Answer<'_>,
        now: Timestamp,
    ) -> Result<Map<String, Value>, ProviderError> {
        let token = IdToken::read(tokens.id.as_ref().ok_or(Doubt::NoIdToken)?.expose())?;
        let expected = Expected {
            issuer: &discovery.issuer,
            client_id: &settings.client_id,
            nonce: answer.nonce,
            iss: answer.iss,
            access_token: tokens.access.as_ref().map(|token| token.expose().as_str()),
        };
        let mut keys = self.key_set(&discovery.keys, false, now).await?;
        if token.fitting(&keys).is_none() {
            // It may have new ones.
            keys = self.key_set(&discovery.keys, true, now).await?;
        }
        let fitting = token.fitting(&keys).ok_or(Doubt::Key)?;
        Ok(token.claims(&fitting, &expected, now)?)
    }

    /// What the issuer says of itself; `None` where there is none.
    async fn discovery(&self, settings: &ProviderSettings, now: Timestamp) -> Result<Option<Arc<Discovery>>, ProviderError> {
        let Some(issuer) = &settings.issuer else { return Ok(None) };
        let address = discovery::address(issuer)?;
        // What is believed depends on the preset and on how the issuer is written.
        let name = format!("{} {issuer}", settings.preset.map_or("", Preset::as_str));
        let fetch = discovery::fetch(&self.outbound, &address, issuer, settings.preset, now);
        self.discoveries.get(&name, false, now, fetch).await.map(Some)
    }

    /// An issuer's keys.
    async fn key_set(&self, address: &Url, newer: bool, now: Timestamp) -> Result<Arc<KeySet>, ProviderError> {
        let fetch = async {
            let answer = self.outbound.get(address, HeaderMap::new(), now).await?;
            let keys = KeySet::read(answer_of(&answer, KEYS)?).ok_or(Doubt::Malformed(KEYS))?;
            Ok((keys, cache::fresh_for(&answer.headers)))
        };
        self.keys.get(address.as_str(), newer, now, fetch).await
    }

    async fn in_time<T>(&self, questions: impl Future<Output = Result<T, ProviderError>>) -> Result<T, ProviderError> {
        let late = |_| Err(ProviderError::Unreachable("no answer in time".to_owned()));
        timeout(self.patience, questions).await.unwrap_or_else(late)
    }
}

/// The key set's name in errors.
const KEYS: &str = "the key set";

/// The document that an answer is. `what`: its name in errors.
fn answer_of<T: DeserializeOwned>(answer: &postkey_outbound::Answer, what: &'static str) -> Result<T, ProviderError> {
    match answer.status {
        StatusCode::OK if !answer.whole => Err(Doubt::TooLong(what).into()),
        StatusCode::OK => answer.json().ok_or_else(|| Doubt::Malformed(what).into()),
        status if status.is_server_error() || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT) => {
            Err(ProviderError::Unreachable(format!("{what} came with HTTP {}", status.as_u16())))
        }
        status => Err(Doubt::Status(what, status.as_u16()).into()),
    }
}

/// The value of a header that proves something: kept out of logs.
fn bearer(scheme: &str, secret: &str) -> Result<HeaderValue, ProviderError> {
    let mut value = HeaderValue::try_from(format!("{scheme} {secret}")).map_err(|_| Doubt::Malformed("the token answer"))?;
    value.set_sensitive(true);
    Ok(value)
}
