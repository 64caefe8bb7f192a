//! Service clients: registering them, their keys, and finding out which of them calls. What decides about a key reads the
//! table, so that one that was taken away opens nothing from that moment on.

use super::registered::RegisterError;
use crate::Auth;
use crate::decide::assertion::Ourselves;
use crate::decide::client_token::{AccessKey, ClientToken};
use crate::decide::registered::{self as decide, ClientWish};
use data_encoding::BASE64;
use postkey_model::entropy::random;
use postkey_model::service_client::{MOST_KEYS, public_key_of_spki};
use postkey_model::{ClientKey, ClientSettings, Entropy, Secret, ServiceClient, Timestamp};
use postkey_store::Unavailable;
use thiserror::Error;

/// What the ids of service clients begin with.
pub const CLIENT_PREFIX: &str = "sc_";
/// Letters and digits that nobody takes for each other.
const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// So many signs of those have 48 bits and more; with a date and a name beside it, that is enough to tell keys apart.
const KEY_ID_SIGNS: usize = 9;
/// So many signs of those have 128 bits and more.
pub(crate) const ID_SIGNS: usize = 22;

/// A key of a client as it was just made.
pub struct NewKey {
    /// The public half, which is kept.
    pub key: ClientKey,
    /// The access key, if we drew it: told once, and kept by nobody here.
    pub access_key: Option<Secret<String>>,
}

/// Why it is not known which client calls.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ClientAuthError {
    /// What was shown is no token or key of a client of ours, or not any more.
    #[error("the access key or token is missing, wrong, expired or deleted")]
    Unauthorised,
    /// The store does not work.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// `signs` random signs of base58.
pub(crate) fn random_signs(signs: usize, entropy: &dyn Entropy) -> String {
    let mut text = String::with_capacity(signs);
    while text.len() < signs {
        let [byte] = random::<1>(entropy);
        // 232 is four times 58: what is above would make some signs likelier.
        if byte < 232 {
            text.push(char::from(BASE58[usize::from(byte) % 58]));
        }
    }
    text
}

impl Auth {
    /// The account that access keys and statements of service clients are for.
    pub fn account(&self) -> &str {
        &self.inner.settings.logins.account
    }

    /// Registers a service client, under an id of the caller's choice or a drawn one. It has no key yet.
    pub async fn create_client(&self, id: Option<&str>, wish: &ClientWish, now: Timestamp) -> Result<ServiceClient, RegisterError> {
        let settings = decide::client(&ClientSettings::default(), wish).map_err(RegisterError::Wrong)?;
        let drawn = || format!("{CLIENT_PREFIX}{}", random_signs(ID_SIGNS, self.entropy()));
        let id = id.map_or_else(drawn, str::to_owned);
        if !id.starts_with(CLIENT_PREFIX) {
            return Err(RegisterError::Wrong(format!(
                "the id {id:?} must begin with {CLIENT_PREFIX}: that is how clients are told from applications"
            )));
        }
        self.register(&id, settings, None, now).await
    }

    /// Changes a service client. Its keys stay.
    pub async fn change_client(&self, id: &str, wish: &ClientWish, now: Timestamp) -> Result<ServiceClient, RegisterError> {
        let change = |before: &ServiceClient| {
            let settings = decide::client(&before.settings, wish).map_err(RegisterError::Wrong)?;
            Ok((settings, None, ()))
        };
        Ok(self.change_registered::<ClientSettings, ()>(id, now, change).await?.0)
    }

    /// Removes a service client with its keys. Users whom it vouched for stay.
    pub async fn remove_client(&self, id: &str) -> Result<(), RegisterError> {
        self.unregister::<ClientSettings>(id).await
    }

    /// Gives a client one more key: one that the caller brings along (SubjectPublicKeyInfo in base64), or one drawn here.
    pub async fn add_client_key(&self, id: &str, brought: Option<&str>, now: Timestamp) -> Result<NewKey, RegisterError> {
        let key_id = random_signs(KEY_ID_SIGNS, self.entropy());
        let (public, access_key) = match brought {
            Some(text) => {
                let public = public_key_of_spki(text).ok_or_else(|| {
                    RegisterError::Wrong("publicKey must be an Ed25519 public key: SubjectPublicKeyInfo (DER) in base64".to_owned())
                })?;
                (public, None)
            }
            None => {
                let access = AccessKey::new(id, &key_id, self.account(), random::<32>(self.entropy()));
                let public =
                    access.public().ok_or_else(|| RegisterError::Unavailable(Unavailable("no key pair could be made".to_owned())))?;
                (public, Some(access.text()))
            }
        };
        let key = ClientKey { id: key_id, public_key: BASE64.encode(&public), created_at: now };
        let change = |before: &ServiceClient| {
            let mut settings = before.settings.clone();
            if settings.keys.len() >= MOST_KEYS {
                return Err(RegisterError::Wrong(format!("a service client has {MOST_KEYS} keys at most: delete one first")));
            }
            settings.keys.push(key.clone());
            Ok((settings, None, ()))
        };
        self.change_registered::<ClientSettings, ()>(id, now, change).await?;
        Ok(NewKey { key, access_key })
    }

    /// Takes a key away from a client: nothing that it signed opens anything any more.
    pub async fn remove_client_key(&self, id: &str, key: &str, now: Timestamp) -> Result<(), RegisterError> {
        let change = |before: &ServiceClient| {
            let mut settings = before.settings.clone();
            settings.keys.retain(|known| known.id != key);
            let found = settings.keys.len() < before.settings.keys.len();
            if found { Ok((settings, None, ())) } else { Err(RegisterError::Unknown) }
        };
        self.change_registered::<ClientSettings, ()>(id, now, change).await?;
        Ok(())
    }

    /// Which client shows `shown`: a token that it signed, or its access key.
    pub async fn authenticate_client(&self, shown: &str, now: Timestamp) -> Result<ServiceClient, ClientAuthError> {
        if let Some(access) = AccessKey::parse(shown) {
            let client = self.registered::<ClientSettings>(&access.client).await?;
            let client = client.filter(|client| access.is_of(client, self.account(), self.keyring()));
            return client.ok_or(ClientAuthError::Unauthorised);
        }
        let token = ClientToken::parse(shown).ok_or(ClientAuthError::Unauthorised)?;
        let client = self.registered::<ClientSettings>(token.client()).await?;
        let aliases = &self.inner.settings.logins.aliases;
        let ourselves = Ourselves { account: self.account(), origin: self.public_origin(), aliases };
        client.filter(|client| token.is_of(client, ourselves, now)).ok_or(ClientAuthError::Unauthorised)
    }
}
