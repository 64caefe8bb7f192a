//! What an issuer says of itself (OpenID Connect Discovery 1.0 §3), and what of it is believed.

use crate::error::Doubt;
use crate::{ProviderError, answer_of};
use postkey_model::{ClientAuth, Millis, Preset, ProviderSettings, Timestamp, check_service_url, is_loopback, service_url};
use postkey_outbound::{HeaderMap, Outbound, StatusCode};
use serde::Deserialize;
use url::Url;

/// What stands in Microsoft's issuer for the directory of whoever signs in.
const TENANT: &str = "{tenantid}";
/// The document's name in errors.
const DOCUMENT: &str = "the discovery document";

/// An issuer, as it names itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Issuer {
    text: String,
    /// Another spelling that it uses.
    also: Option<&'static str>,
}

/// What is believed of the document.
pub(crate) struct Discovery {
    pub(crate) issuer: Issuer,
    pub(crate) authorization: Url,
    pub(crate) token: Url,
    pub(crate) user_info: Option<Url>,
    pub(crate) keys: Url,
    /// How clients may prove themselves; `None`: by nothing that we can do.
    pub(crate) client_auth: Option<ClientAuth>,
    /// Whether its answers always say who it is (RFC 9207 §3).
    pub(crate) says_iss: bool,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: Option<String>,
    jwks_uri: String,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl Issuer {
    /// Whether `iss` is this issuer. `tenant`: the directory that the ID token names, once there is one.
    pub(crate) fn is(&self, iss: &str, tenant: Option<&str>) -> bool {
        match self.text.split_once(TENANT) {
            None => iss == self.text || self.also == Some(iss),
            Some((before, after)) => {
                let named = iss.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
                named.is_some_and(|named| is_guid(named) && tenant.is_none_or(|tenant| tenant == named))
            }
        }
    }
}

/// Where the issuer keeps the document.
pub(crate) fn address(issuer: &str) -> Result<Url, ProviderError> {
    service_url(&format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))).map_err(ProviderError::Setting)
}

/// Asks for the document. It says for how long it is good, too.
pub(crate) async fn fetch(
    outbound: &Outbound,
    address: &Url,
    issuer: &str,
    preset: Option<Preset>,
    now: Timestamp,
) -> Result<(Discovery, Millis), ProviderError> {
    let answer = outbound.get(address, HeaderMap::new(), now).await?;
    if answer.status == StatusCode::NOT_FOUND {
        return Err(ProviderError::Setting(format!("there is nothing at {address}: is {issuer:?} the issuer?")));
    }
    let document: Document = answer_of(&answer, DOCUMENT)?;
    let fresh_for = crate::cache::fresh_for(&answer.headers);
    Ok((believed(document, issuer, preset)?, fresh_for))
}

/// What is believed of a document that was found below `issuer`.
fn believed(document: Document, issuer: &str, preset: Option<Preset>) -> Result<Discovery, ProviderError> {
    let microsoft = preset == Some(Preset::Microsoft) && is_microsoft(issuer, &document.issuer);
    if document.issuer != issuer && !microsoft {
        // §4.3: both are the same, to the letter.
        let said: String = document.issuer.chars().filter(|sign| !sign.is_control()).take(200).collect();
        return Err(ProviderError::Setting(format!("the issuer {issuer:?} calls itself {said:?}: set that, if it is the right one")));
    }
    if document.issuer.contains(TENANT) && !microsoft {
        return Err(Doubt::Malformed(DOCUMENT).into());
    }
    let own = Url::parse(issuer).is_ok_and(|url| is_loopback(&url));
    let end = |text: &str| {
        // A service elsewhere does not send us to our own machine.
        let url = Url::parse(text).ok().filter(|url| check_service_url(url).is_ok() && (own || !is_loopback(url)));
        url.ok_or(Doubt::Malformed(DOCUMENT))
    };
    let methods = document.token_endpoint_auth_methods_supported;
    let can = |method: &str| methods.as_ref().is_some_and(|methods| methods.iter().any(|one| one == method));
    Ok(Discovery {
        authorization: end(&document.authorization_endpoint)?,
        token: end(&document.token_endpoint)?,
        user_info: document.userinfo_endpoint.as_deref().map(end).transpose()?,
        keys: end(&document.jwks_uri)?,
        client_auth: match () {
            // §3: what is meant when nothing is said.
            () if methods.is_none() || can("client_secret_basic") => Some(ClientAuth::Basic),
            () if can("client_secret_post") => Some(ClientAuth::Post),
            () => None,
        },
        says_iss: document.authorization_response_iss_parameter_supported,
        issuer: Issuer { text: document.issuer, also: (preset == Some(Preset::Google)).then_some("accounts.google.com") },
    })
}

/// Microsoft's common issuers name themselves with a hole for the directory, or with the directory that they stand for.
fn is_microsoft(set: &str, said: &str) -> bool {
    let parts = |text: &str| {
        let (before, after) = text.trim_end_matches('/').rsplit_once('/')?;
        let (origin, directory) = before.rsplit_once('/')?;
        Some((origin.to_owned(), directory.to_owned(), after.to_owned()))
    };
    let (Some((origin, set, version)), Some((said_origin, said, said_version))) = (parts(set), parts(said)) else { return false };
    let directory = said == TENANT || is_guid(&said);
    origin == said_origin && version == said_version && directory && (said == set || !is_guid(&set))
}

fn is_guid(text: &str) -> bool {
    let sizes = [8, 4, 4, 4, 12];
    let groups: Vec<&str> = text.split('-').collect();
    groups.len() == sizes.len()
        && groups.iter().zip(sizes).all(|(group, size)| group.len() == size && group.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Whether an answer by way of the browser may come from this issuer (RFC 9207 §2.4).
pub(crate) fn check_answer(discovery: Option<&Discovery>, iss: Option<&str>) -> Result<(), Doubt> {
    match (discovery, iss) {
        (Some(discovery), Some(iss)) if !discovery.issuer.is(iss, None) => Err(Doubt::Issuer),
        (Some(discovery), None) if discovery.says_iss => Err(Doubt::Issuer),
        // Without an issuer there is nothing to compare with.
        _ => Ok(()),
    }
}

/// An address: the operator's own, else what the issuer says.
pub(crate) fn end(set: &Option<String>, said: Option<&Url>, what: &str) -> Result<Url, ProviderError> {
    match (set, said) {
        (Some(text), _) => service_url(text).map_err(ProviderError::Setting),
        (None, Some(url)) => Ok(url.clone()),
        (None, None) => Err(ProviderError::Setting(format!("set the address {what}: the service does not say it"))),
    }
}

/// How our client proves itself.
pub(crate) fn client_auth(settings: &ProviderSettings, discovery: Option<&Discovery>) -> Result<ClientAuth, ProviderError> {
    let said = discovery.map_or(Some(ClientAuth::Basic), |discovery| discovery.client_auth);
    settings.client_auth.or(said).ok_or_else(|| {
        ProviderError::Setting(
            "the service takes client secrets neither in a header nor in the form: nothing else is known here".to_owned(),
        )
    })
}

#[cfg(test)]
#[path = "discovery/tests.rs"]
mod tests;
