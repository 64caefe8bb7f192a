//! Services that say who people are: what a connection knows of one. The secret of our client there is not part of it: it is
//! kept sealed, apart from the settings.

mod expression;
mod preset;

pub use expression::{Expression, ExpressionError};
pub use preset::Preset;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use url::{Host, Url};

/// What a connection of OAuth 2 or OpenID Connect knows of its service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ProviderSettings {
    /// The service whose peculiarities are to be heeded.
    pub preset: Option<Preset>,
    /// Our client there.
    pub client_id: String,
    /// The issuer (OpenID Connect Discovery 1.0 §4): addresses and keys are read there. Without one there are no ID tokens.
    pub issuer: Option<String>,
    /// Where browsers are sent. Needed without an issuer, else instead of what that says.
    pub authorization_endpoint: Option<String>,
    /// Where codes become tokens. Needed without an issuer, else instead of what that says.
    pub token_endpoint: Option<String>,
    /// Where claims are asked for. Needed without an issuer, else instead of what that says.
    pub user_info_endpoint: Option<String>,
    /// What is asked for: scopes with spaces between.
    pub scopes: String,
    /// How our client proves itself; `None`: as the issuer says, else by [`ClientAuth::Basic`].
    pub client_auth: Option<ClientAuth>,
    /// Which claims make the id of a person: an [`Expression`].
    pub user_id_expression: String,
    /// Which claims name the person's tenant there: an [`Expression`].
    pub tenant_expression: Option<String>,
    /// Only people of these tenants come in. Empty: all.
    pub allowed_tenants: Vec<String>,
    /// Whether it is believed when it says that somebody's address is verified.
    pub trusts_email: bool,
    /// What else is said to it when a browser is sent there.
    pub parameters: BTreeMap<String, String>,
}

/// How our client proves itself where codes become tokens (RFC 6749 §2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientAuth {
    /// In a header.
    Basic,
    /// In the form.
    Post,
}

impl Default for ProviderSettings {
    fn default() -> Self {
        ProviderSettings {
            preset: None,
            client_id: String::new(),
            issuer: None,
            authorization_endpoint: None,
            token_endpoint: None,
            user_info_endpoint: None,
            scopes: "openid profile email".to_owned(),
            client_auth: None,
            user_id_expression: "{sub}".to_owned(),
            tenant_expression: None,
            allowed_tenants: Vec::new(),
            trusts_email: false,
            parameters: BTreeMap::new(),
        }
    }
}

/// The longest address, id, list of scopes or parameter.
const LONGEST: usize = 1024;
/// How many tenants or parameters there may be.
const MOST: usize = 100;

/// What is said to a service by the protocol itself, so that nobody else may say it: which request this is, where the answer
/// goes, and all that would have it answer something else.
pub const PROTOCOL_PARAMETERS: [&str; 16] = [
    "response_type",
    "response_mode",
    "client_id",
    "client_secret",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "request",
    "request_uri",
    "registration",
    "claims",
    "id_token_hint",
    "authorization_details",
];

impl ProviderSettings {
    /// Whether people can be sent there and be known when they come back. The error is a sentence that says what to do.
    pub fn check(&self) -> Result<(), String> {
        let graphic = |text: &str| (1..=LONGEST).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if !graphic(&self.client_id) {
            return Err("the client id is missing or no client id: the service gave it to you when you registered there".to_owned());
        }
        if let Some(issuer) = &self.issuer {
            let url = service_url(issuer)?;
            if url.query().is_some() {
                return Err(format!("the issuer {issuer:?} takes no ?query"));
            }
        }
        let ends = [&self.authorization_endpoint, &self.token_endpoint, &self.user_info_endpoint];
        for end in ends.into_iter().flatten() {
            service_url(end)?;
        }
        if self.issuer.is_none() && ends.into_iter().any(Option::is_none) {
            return Err("set the issuer, or all three addresses: for authorization, tokens and user-info".to_owned());
        }
        self.check_asking()?;
        self.check_naming()
    }

    /// What is said to the service.
    fn check_asking(&self) -> Result<(), String> {
        let signs = |b: u8| b == b' ' || b.is_ascii_graphic() && !matches!(b, b'"' | b'\\');
        if self.scopes.len() > LONGEST || !self.scopes.bytes().all(signs) {
            return Err("the scopes must be words with spaces between".to_owned());
        }
        if self.issuer.is_some() && !self.asks_for("openid") {
            return Err("the scopes must contain openid: without it there is no ID token".to_owned());
        }
        for (name, value) in &self.parameters {
            if PROTOCOL_PARAMETERS.contains(&name.as_str()) {
                return Err(format!("the parameter {name} is said by the protocol itself: leave it out"));
            }
            if name.is_empty() || name.len() > LONGEST || value.len() > LONGEST || self.parameters.len() > MOST {
                return Err(format!("at most {MOST} parameters, with names, of at most {LONGEST} bytes each"));
            }
        }
        Ok(())
    }

    /// How people are told apart.
    fn check_naming(&self) -> Result<(), String> {
        let expression = Expression::parse(&self.user_id_expression).map_err(|e| format!("the user id expression: {e}"))?;
        if expression.uses("email") && !self.trusts_email {
            return Err("addresses change hands: take {sub} for the user id, or trust the service's word on addresses".to_owned());
        }
        match &self.tenant_expression {
            Some(text) => drop(Expression::parse(text).map_err(|e| format!("the tenant expression: {e}"))?),
            None if !self.allowed_tenants.is_empty() => {
                return Err("allowed tenants need a tenant expression: which claim names the tenant?".to_owned());
            }
            None => {}
        }
        if self.allowed_tenants.len() > MOST || self.allowed_tenants.iter().any(|tenant| tenant.is_empty() || tenant.len() > LONGEST) {
            return Err(format!("at most {MOST} allowed tenants, none of them empty"));
        }
        Ok(())
    }

    /// Whether a scope is asked for.
    pub fn asks_for(&self, scope: &str) -> bool {
        self.scopes.split(' ').any(|word| word == scope)
    }
}

/// Reads a service's address: https, or http on this machine only; no user name, no fragment. The error says what to do, and
/// repeats no password.
pub fn service_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|e| format!("{text:?} is not a URL: {e}"))?;
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    check_service_url(&url).map_err(|why| if plain { format!("{text:?} {why}") } else { format!("the URL {why}") })?;
    Ok(url)
}

/// The same of an address that was read already. The error does not repeat it.
pub fn check_service_url(url: &Url) -> Result<(), String> {
    if !(url.scheme() == "https" || url.scheme() == "http" && is_loopback(url)) {
        return Err("must be https: codes would travel in the clear".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err("takes no user name, password or #fragment".to_owned());
    }
    Ok(())
}

/// Whether an address is this machine's own: `localhost`, 127.0.0.0/8 or ::1.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
#[path = "provider/tests.rs"]
mod tests;
