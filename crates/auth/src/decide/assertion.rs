//! What service clients state about somebody: a signed assertion, and the eight checks that it has to pass before anybody gets
//! in by it (contract authress.md §2.4). Nothing in it is believed beyond choosing among the client's own keys.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use data_encoding::BASE64URL_NOPAD;
use postkey_model::{ApplicationSettings, Connection, EmailAddress, LoginState, Millis, Origin, ProviderId, ServiceClient, Timestamp};
use serde::Deserialize;
use serde_json::Map;

/// What an assertion's header has to say it is.
const KIND: &str = "oauth-authz-req+jwt";
/// How far two clocks may be apart.
pub const SKEW: Millis = Millis::from_secs(60);
/// None is longer.
const LONGEST: usize = 16 * 1024;

/// Why an assertion is not believed: which check it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It has not the form of one.
    Form,
    /// 1: there is no such request, or it is not one of a service client.
    Request,
    /// 1: the request's time is over.
    RequestExpired,
    /// 1, 8: the request was completed.
    RequestOver,
    /// 2: its header is not that of an assertion, or names no key of the client.
    Header,
    /// 3: the signature is wrong.
    Signature,
    /// 4: it is by another client, or for another account.
    Party,
    /// 5: its issuer is not the client.
    Issuer,
    /// 6: it is too old, or from the future.
    Time,
    /// 7: the client may not say who somebody is.
    NotAllowed,
    /// 7: it names nobody.
    Subject,
    /// 8: it was used before.
    Used,
}

/// An assertion, taken apart and not believed yet.
pub struct Assertion<'a> {
    signed: &'a str,
    signature: Vec<u8>,
    header: Header,
    claims: Claims,
    /// SHA-256 of the whole.
    pub hash: [u8; 32],
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
    max_age: Option<i64>,
    email: Option<String>,
    #[serde(default)]
    email_verified: serde_json::Value,
    name: Option<String>,
    picture: Option<String>,
}

impl<'a> Assertion<'a> {
    /// Takes one apart; `None` when it has not the form: three parts, the first two JSON.
    pub fn parse(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.').filter(|_| token.len() <= LONGEST)?;
        let (header, claims) = signed.split_once('.')?;
        let decode = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).ok();
        Some(Assertion {
            signed,
            signature: decode(signature)?,
            header: serde_json::from_slice(&decode(header)?).ok()?,
            claims: serde_json::from_slice(&decode(claims)?).ok()?,
            hash: digest(&SHA256, token.as_bytes()).as_ref().try_into().ok()?,
        })
    }

    /// When it is too old whatever else holds: so long a used one is remembered.
    pub fn dies_at(&self, client: &ServiceClient) -> Timestamp {
        let own = Timestamp(self.claims.exp.clamp(0, 1 << 40).saturating_mul(1000));
        let set = client.settings.assertion_max_age.map(|age| Timestamp(self.claims.iat.clamp(0, 1 << 40).saturating_mul(1000)) + age);
        set.map_or(own, |set| set.max(own)) + SKEW + SKEW
    }
}

/// The server as assertions name it.
#[derive(Clone, Copy)]
pub struct Ourselves<'a> {
    /// The account that they are for.
    pub account: &'a str,
    /// Our public origin.
    pub origin: &'a Origin,
    /// Other origins of ours.
    pub aliases: &'a [Origin],
}

/// Whom a client vouches for.
#[derive(Clone, Debug, PartialEq)]
pub struct Stated {
    /// By which connection: the client.
    pub connection: Connection,
    /// The id that the client knows them by, as it stands.
    pub subject: String,
    /// Their address in its one spelling, if there is one.
    pub email: Option<String>,
    /// Whether it counts as proved.
    pub is_verified: bool,
    /// Name and picture.
    pub profile: Map<String, serde_json::Value>,
}

/// The eight checks, in their order. `shown_issuer` is what stands in the address beside it.
#[allow(clippy::too_many_arguments, reason = "each is a fact that one of the checks is about")]
pub fn check(
    assertion: &Assertion<'_>,
    shown_issuer: Option<&str>,
    state: Option<&LoginState>,
    client: Option<&ServiceClient>,
    application: Option<&ApplicationSettings>,
    is_used: bool,
    ourselves: Ourselves<'_>,
    now: Timestamp,
) -> Result<Stated, Fault> {
    let Assertion { header, claims, .. } = assertion;
    // 1
    let state = state.ok_or(Fault::Request)?;
    let connection = state.request.connection.as_deref().filter(|connection| connection.starts_with("sc_")).ok_or(Fault::Request)?;
    if state.end.is_some() {
        return Err(Fault::RequestOver);
    }
    if state.request.expires_at <= now {
        return Err(Fault::RequestExpired);
    }
    // 2
    let client = client.filter(|client| client.id == connection).ok_or(Fault::Header)?;
    if header.alg != "EdDSA" || header.typ.as_deref() != Some(KIND) {
        return Err(Fault::Header);
    }
    let kid = header.kid.as_deref().ok_or(Fault::Header)?;
    let key = client.settings.keys.iter().find(|key| key.id == kid).and_then(|key| key.bytes()).ok_or(Fault::Header)?;
    // 3
    UnparsedPublicKey::new(&ED25519, key).verify(assertion.signed.as_bytes(), &assertion.signature).map_err(|_| Fault::Signature)?;
    // 4
    if claims.client_id != client.id || claims.aud != audience(ourselves.account) {
        return Err(Fault::Party);
    }
    // 5
    // The SDKs encode the id for an address; no id of ours has a sign that this changes.
    let by_client = claims.iss.split_once("/v1/clients/").filter(|(_, id)| *id == client.id);
    let Some((origin, _)) = by_client else { return Err(Fault::Issuer) };
    let known = origin == ourselves.origin.as_text()
        || ourselves.aliases.iter().any(|alias| alias.as_text() == origin)
        || application.is_some_and(|application| application.allows_origin(origin));
    if !known || shown_issuer.is_some_and(|shown| shown != claims.iss) {
        return Err(Fault::Issuer);
    }
    // 6
    let skew = SKEW.as_secs();
    let (iat, second) = (claims.iat, now.as_secs());
    let in_time = match client.settings.assertion_max_age {
        // The operator's word stands above what the SDK wrote, but never beyond the life of a request.
        Some(age) => second.saturating_sub(iat) <= age.as_secs() + skew,
        None => {
            let young = claims.max_age.is_none_or(|age| second.saturating_sub(iat) <= age.saturating_add(skew));
            claims.exp > second - skew && young
        }
    };
    if iat > second + skew || !in_time {
        return Err(Fault::Time);
    }
    // 7
    if !client.settings.token_generation {
        return Err(Fault::NotAllowed);
    }
    let provider = ProviderId::parse(&client.id).ok_or(Fault::NotAllowed)?;
    if !(1..=128).contains(&claims.sub.chars().count()) || claims.sub.chars().any(char::is_control) {
        return Err(Fault::Subject);
    }
    // 8
    if is_used {
        return Err(Fault::Used);
    }
    let (email, is_verified) = address(client, claims);
    let said = [("name", &claims.name), ("picture", &claims.picture)];
    let profile = said.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value.clone()?.into()))).collect();
    Ok(Stated { connection: Connection::Provider(provider), subject: claims.sub.clone(), email, is_verified, profile })
}

/// What assertions and tokens of service clients are for (contract §2.1: the suffix is in the SDKs).
pub fn audience(account: &str) -> String {
    format!("{account}.accounts.authress.io")
}

/// The address that a client names, and whether it counts as proved: when the client says so in so many words, or its operator
/// lets an address stand for that which is somebody's id (contract §7, D4).
fn address(client: &ServiceClient, claims: &Claims) -> (Option<String>, bool) {
    stated_address(client, &claims.sub, claims.email.as_deref(), claims.email_verified == serde_json::Value::Bool(true))
}

/// The same of a subject alone, or with what a client says of its address.
pub fn stated_address(client: &ServiceClient, subject: &str, email: Option<&str>, says_verified: bool) -> (Option<String>, bool) {
    let read = |text: &str| EmailAddress::parse(text).ok().map(|address| address.as_str().to_owned());
    let subject = || client.settings.trust_subject_as_verified_email.then(|| read(subject)).flatten();
    match email.map(read) {
        Some(Some(email)) => {
            let trusted = says_verified || subject().as_ref() == Some(&email);
            (Some(email), trusted)
        }
        Some(None) => (None, false),
        None => {
            let email = subject();
            let trusted = email.is_some();
            (email, trusted)
        }
    }
}

#[cfg(test)]
mod tests;
