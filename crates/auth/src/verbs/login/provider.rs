//! A login on its way to a service and back: what is said to the service and what has to come back. Nothing of it is stored: it
//! is made again from the login's id and the secret in the browser's cookie, so that it is good in that browser only.

use super::Vouched;
use crate::Auth;
use data_encoding::BASE64URL_NOPAD;
use postkey_model::provider::ProviderSettings;
use postkey_model::{Connection, ConnectionSettings, EmailAddress, Keyring, LoginRequest, LoginRequestId, ProviderId, Secret, UserId, Way};
use postkey_store::Unavailable;
use serde_json::{Map, Value};

/// What a login needs to go to a service and come back.
pub struct ProviderTrip {
    /// What is known of the service.
    pub settings: ProviderSettings,
    /// The secret of our client there.
    pub secret: Option<Secret<String>>,
    /// Comes back in the address.
    pub state: String,
    /// Comes back in the ID token.
    pub nonce: String,
    /// PKCE: what the challenge is made of.
    pub verifier: Secret<String>,
    /// PKCE: the challenge.
    pub challenge: String,
    /// Where the browser comes back to.
    pub redirect_uri: String,
    /// What the application would like to say beside the usual.
    pub extra: Vec<(String, String)>,
    /// Whether the service's own id may become the user's.
    trusts_user_id: bool,
    connection: ProviderId,
}

/// What a service said of somebody.
#[derive(Clone, Debug, Default)]
pub struct ProviderSays {
    /// The id that it knows them by.
    pub subject: String,
    /// Their address, as it writes it.
    pub email: Option<String>,
    /// Whether it says that the address is verified, and is believed.
    pub is_verified: bool,
    /// Name, picture, language: what applications are told.
    pub profile: Map<String, Value>,
}

impl Auth {
    /// What a login by the service of `connection` needs, in the browser with this secret; `None` when there is no such service.
    /// Whoever comes back brings the `state` that they went with.
    pub async fn provider_trip(
        &self,
        request: &LoginRequest,
        browser: &str,
        state: Option<&str>,
    ) -> Result<Option<ProviderTrip>, Unavailable> {
        let Some(id) = &request.connection else { return Ok(None) };
        let stored = self.registered::<ConnectionSettings>(id).await?;
        let (Some(stored), Some(connection)) = (stored, ProviderId::parse(id)) else { return Ok(None) };
        let Way::Provider(settings) = stored.settings.way else { return Ok(None) };
        let opened = stored.sealed.as_ref().map(|sealed| self.keyring().open_provider_secret(id, sealed)).transpose();
        let secret = opened.map_err(|e| Unavailable(format!("the client secret of {id}: {e}")))?;
        // On the way back the secrets are those of the way there, also when the root key was changed in between.
        let ring = state.and_then(|state| self.ring_of(state, browser)).map_or(self.keyring(), |(ring, _)| ring);
        let made = |what: &str| BASE64URL_NOPAD.encode(&ring.login_secret(what, request.id.as_str(), browser));
        // A person may choose another service on the way: what was said to the one is worth nothing at the other.
        let verifier = made(&format!("verifier of {id}"));
        Ok(Some(ProviderTrip {
            settings: *settings,
            secret,
            state: format!("{}.{}", request.id, made("state")),
            nonce: made(&format!("nonce of {id}")),
            challenge: super::request::stored_form(&verifier),
            verifier: Secret::new(verifier),
            redirect_uri: self.login_page(),
            extra: request.connection_properties.clone().into_iter().collect(),
            trusts_user_id: trusts_user_id(&stored.settings.kept),
            connection,
        }))
    }

    /// The login that a browser comes back for, if it is the one that went.
    pub fn back_from_provider(&self, state: &str, browser: &str) -> Option<LoginRequestId> {
        self.ring_of(state, browser).map(|(_, id)| id)
    }

    /// The keyring that made `state` for this browser, and for which login.
    fn ring_of(&self, state: &str, browser: &str) -> Option<(&Keyring, LoginRequestId)> {
        let (id, tag) = state.split_once('.')?;
        let id = LoginRequestId::parse(id)?;
        let ours = |ring: &Keyring| BASE64URL_NOPAD.encode(&ring.login_secret("state", id.as_str(), browser));
        let ring = self.keyring().each().find(|ring| ring.same_secret(tag.as_bytes(), ours(ring).as_bytes()))?;
        Some((ring, id))
    }
}

impl ProviderTrip {
    /// What the service said, as of any other who vouches for people.
    pub fn vouched(&self, said: ProviderSays) -> Vouched {
        let email = said.email.as_deref().and_then(|email| EmailAddress::parse(email).ok()).map(|email| email.as_str().to_owned());
        Vouched {
            connection: Connection::Provider(self.connection),
            is_verified: said.is_verified && email.is_some(),
            email,
            wanted_id: UserId::parse(&said.subject).filter(|_| self.trusts_user_id),
            subject: said.subject,
            profile: said.profile,
        }
    }
}

/// Whether the operator lets a service's own ids become our users' (contract authress.md §4.1, `data.trustIdentityUserId`): one
/// that is nobody's is given, all others are not.
fn trusts_user_id(kept: &Map<String, Value>) -> bool {
    kept.get("data").and_then(|data| data.get("trustIdentityUserId")) == Some(&Value::Bool(true))
}
