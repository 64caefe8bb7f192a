//! What service clients show to prove who they are (contract authress.md §3.1, §3.2): a token that they signed, or the access
//! key itself. Nothing in either is believed beyond choosing among the client's own keys.

use super::assertion::{Ourselves, SKEW, audience};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use postkey_model::{Keyring, Secret, ServiceClient, Timestamp};
use serde::Deserialize;

/// None is longer.
const LONGEST: usize = 16 * 1024;
/// What an Ed25519 private key begins with in PKCS#8, version 1 (RFC 8410 §7). The SDKs know no longer form.
const PKCS8: [u8; 16] = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// An access key: what a client keeps secret, with the names that go with it.
pub struct AccessKey {
    /// The client.
    pub client: String,
    /// Which of its keys.
    pub key: String,
    /// The account that it is for.
    pub account: String,
    seed: Secret<[u8; 32]>,
}

impl AccessKey {
    /// Puts one together. `seed` are 32 random bytes.
    pub fn new(client: &str, key: &str, account: &str, seed: [u8; 32]) -> Self {
        AccessKey { client: client.to_owned(), key: key.to_owned(), account: account.to_owned(), seed: Secret::new(seed) }
    }

    /// Reads one; `None` when it has not the form.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (client, key, account, private) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || text.len() > 1024 {
            return None;
        }
        let der = Secret::new(BASE64.decode(private.as_bytes()).ok()?);
        let seed: [u8; 32] = der.expose().strip_prefix(&PKCS8)?.try_into().ok()?;
        Some(AccessKey::new(client, key, account, seed))
    }

    /// The form that is shown once: four parts with dots between.
    pub fn text(&self) -> Secret<String> {
        let der = Secret::new([&PKCS8[..], self.seed.expose()].concat());
        Secret::new(format!("{}.{}.{}.{}", self.client, self.key, self.account, BASE64.encode(der.expose())))
    }

    /// The public half.
    pub fn public(&self) -> Option<[u8; 32]> {
        Ed25519KeyPair::from_seed_unchecked(self.seed.expose()).ok()?.public_key().as_ref().try_into().ok()
    }

    /// Whether it is a key of `client`, for our account.
    pub fn is_of(&self, client: &ServiceClient, account: &str, keyring: &Keyring) -> bool {
        let stored = client.settings.keys.iter().find(|key| key.id == self.key).and_then(|key| key.bytes());
        let same = stored.zip(self.public()).is_some_and(|(stored, shown)| keyring.same_secret(&shown, &stored));
        same && client.id == self.client && self.account == account
    }
}

/// A token of a client, taken apart and not believed yet.
pub struct ClientToken<'a> {
    signed: &'a str,
    signature: Vec<u8>,
    header: Header,
    claims: Claims,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    aud: String,
    iss: String,
    sub: String,
    client_id: String,
    iat: i64,
    exp: i64,
}

impl<'a> ClientToken<'a> {
    /// Takes one apart; `None` when it has not the form: three parts, the first two JSON.
    pub fn parse(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.').filter(|_| token.len() <= LONGEST)?;
        let (header, claims) = signed.split_once('.')?;
        let decode = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).ok();
        Some(ClientToken {
            signed,
            signature: decode(signature)?,
            header: serde_json::from_slice(&decode(header)?).ok()?,
            claims: serde_json::from_slice(&decode(claims)?).ok()?,
        })
    }

    /// The client that it says it is by.
    pub fn client(&self) -> &str {
        &self.claims.client_id
    }

    /// Whether `client` made it, for us, and for now. What a client states about somebody else is marked as another kind, and
    /// is never taken for this.
    pub fn is_of(&self, client: &ServiceClient, ourselves: Ourselves<'_>, now: Timestamp) -> bool {
        let Claims { aud, iss, sub, client_id, iat, exp } = &self.claims;
        let kind = matches!(self.header.typ.as_deref(), None | Some("at+jwt" | "JWT"));
        let kid = self.header.kid.as_deref().filter(|_| self.header.alg == "EdDSA" && kind);
        let key = kid.and_then(|kid| client.settings.keys.iter().find(|key| key.id == kid)).and_then(|key| key.bytes());
        let Some(key) = key else { return false };
        if UnparsedPublicKey::new(&ED25519, key).verify(self.signed.as_bytes(), &self.signature).is_err() {
            return false;
        }
        // No id of ours has a sign that encoding it for an address changes.
        let by_client = iss.split_once("/v1/clients/").filter(|(_, id)| *id == client.id);
        let at_us = by_client.is_some_and(|(origin, _)| {
            origin == ourselves.origin.as_text()
                || ourselves.aliases.iter().any(|alias| alias.as_text() == origin)
                || origin == format!("https://{}.api.authress.io", ourselves.account)
        });
        let (second, skew) = (now.as_secs(), SKEW.as_secs());
        let in_time = *iat <= second + skew && *exp > second - skew;
        at_us && in_time && *sub == client.id && *client_id == client.id && *aud == audience(ourselves.account)
    }
}

#[cfg(test)]
mod tests;
