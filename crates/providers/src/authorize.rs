//! Where browsers are sent (RFC 6749 §4.1.1, OpenID Connect Core 1.0 §3.1.2.1), with PKCE always (RFC 7636).

use postkey_model::{PROTOCOL_PARAMETERS, Preset, ProviderSettings};
use std::collections::BTreeMap;
use url::Url;

/// What is said to a service when a browser is sent there. All of it has to be kept until the browser is back.
pub struct Ask<'a> {
    /// Where the browser is sent back to.
    pub redirect_uri: &'a str,
    /// Comes back as it is.
    pub state: &'a str,
    /// Comes back in the ID token.
    pub nonce: &'a str,
    /// S256 of the verifier (RFC 7636 §4.2).
    pub code_challenge: &'a str,
    /// The address or name that somebody typed.
    pub login_hint: Option<&'a str>,
    /// What an application would like to say beside that. What is the protocol's own is left out.
    pub extra: &'a [(String, String)],
}

/// How many words of an application are passed on.
const MOST_EXTRA: usize = 20;
/// The longest of them.
const LONGEST_EXTRA: usize = 512;

/// The whole address.
pub(crate) fn url(mut end: Url, settings: &ProviderSettings, ask: &Ask<'_>) -> Url {
    let mut said: BTreeMap<&str, &str> = settings.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let fits = |(name, value): &&(String, String)| (1..=LONGEST_EXTRA).contains(&name.len()) && value.len() <= LONGEST_EXTRA;
    said.extend(ask.extra.iter().filter(fits).take(MOST_EXTRA).map(|(name, value)| (name.as_str(), value.as_str())));
    if let Some(hint) = ask.login_hint {
        said.insert(if settings.preset == Some(Preset::GitHub) { "login" } else { "login_hint" }, hint);
    }
    // Spares people a choice that would be refused afterwards.
    if let (Some(Preset::Google), [domain]) = (settings.preset, settings.allowed_tenants.as_slice()) {
        said.insert("hd", domain);
    }
    said.retain(|name, _| !PROTOCOL_PARAMETERS.contains(name));
    said.extend([
        ("response_type", "code"),
        ("client_id", settings.client_id.as_str()),
        ("redirect_uri", ask.redirect_uri),
        ("state", ask.state),
        ("code_challenge", ask.code_challenge),
        ("code_challenge_method", "S256"),
    ]);
    if !settings.scopes.is_empty() {
        said.insert("scope", &settings.scopes);
    }
    if settings.issuer.is_some() {
        said.insert("nonce", ask.nonce);
    }
    // What the address itself says stays, where nothing else is said by that name.
    let own: Vec<(String, String)> = end.query_pairs().into_owned().filter(|(name, _)| !said.contains_key(name.as_str())).collect();
    end.query_pairs_mut().clear().extend_pairs(own).extend_pairs(said);
    end
}

#[cfg(test)]
#[path = "authorize/tests.rs"]
mod tests;
