//! From claims to a person: pure functions.

use crate::{Doubt, ProviderError};
use postkey_model::{Expression, ExpressionError, Preset, ProviderSettings};
use serde_json::{Map, Value};

/// Who somebody is, by a service's word.
#[derive(Clone, Debug, PartialEq)]
pub struct ProvidedIdentity {
    /// The id: by the connection's expression. Only together with the connection does it name anybody.
    pub subject: String,
    /// The tenant, where an expression says how it is named and the claims do.
    pub tenant: Option<String>,
    /// The address, as the service writes it.
    pub email: Option<String>,
    /// Whether the service says that it is verified, and is believed.
    pub email_verified: bool,
    /// The whole name.
    pub name: Option<String>,
    /// The given name.
    pub given_name: Option<String>,
    /// The family name.
    pub family_name: Option<String>,
    /// An https address of a picture.
    pub picture: Option<String>,
    /// The language, such as `de-AT`.
    pub locale: Option<String>,
    /// What the service said, without what belongs to the token and to this login alone.
    pub claims: Map<String, Value>,
}

/// Claims that say nothing of the person.
const OF_THE_TOKEN: [&str; 13] =
    ["nonce", "at_hash", "c_hash", "s_hash", "aud", "azp", "exp", "iat", "nbf", "jti", "sid", "auth_time", "rt_hash"];
/// The longest name.
const LONGEST_NAME: usize = 256;
/// The longest address of mail (RFC 5321 §4.5.3.1).
const LONGEST_EMAIL: usize = 320;
/// The longest address of a picture.
const LONGEST_PICTURE: usize = 2048;

/// The claims that matter here: where one is missing in an ID token, user-info is asked.
pub(crate) fn is_enough(settings: &ProviderSettings, claims: &Map<String, Value>) -> Result<bool, ProviderError> {
    let mut wanted = Vec::new();
    for (scope, names) in [("email", ["email", "email_verified"].as_slice()), ("profile", &["name"])] {
        if settings.asks_for(scope) {
            wanted.extend(names.iter().filter(|name| **name != "email_verified" || settings.trusts_email).map(|name| (*name).to_owned()));
        }
    }
    let all_there = wanted.iter().all(|name| claims.contains_key(name));
    let expressions = [Some(&settings.user_id_expression), settings.tenant_expression.as_ref()];
    let mut missing = false;
    for (number, text) in expressions.into_iter().flatten().enumerate() {
        // Who has no tenant has none in user-info either, but where it decides it is looked for.
        let decides = number == 0 || !settings.allowed_tenants.is_empty();
        missing |= decides && matches!(expression(text)?.value(claims), Err(ExpressionError::Missing(_)));
    }
    Ok(all_there && !missing)
}

/// The person that claims name.
pub(crate) fn identity(settings: &ProviderSettings, mut claims: Map<String, Value>) -> Result<ProvidedIdentity, ProviderError> {
    let email = text(&claims, "email", LONGEST_EMAIL).filter(|email| email.contains('@') && !email.contains(char::is_whitespace));
    let email_verified = email.as_deref().is_some_and(|email| is_verified(settings, &claims, email));
    let naming = expression(&settings.user_id_expression)?;
    let subject = naming.value(&claims).map_err(Doubt::from)?;
    if naming.uses("email") && !email_verified {
        return Err(Doubt::NotVerified.into());
    }
    let tenant = match &settings.tenant_expression {
        Some(text) => expression(text)?.value(&claims).ok(),
        None => None,
    };
    if !settings.allowed_tenants.is_empty() && !tenant.as_ref().is_some_and(|tenant| settings.allowed_tenants.contains(tenant)) {
        return Err(ProviderError::OtherTenant);
    }
    let name = |claim| text(&claims, claim, LONGEST_NAME);
    let picture = text(&claims, "picture", LONGEST_PICTURE).filter(|picture| picture.starts_with("https://"));
    let (whole, given, family, locale) = (name("name"), name("given_name"), name("family_name"), name("locale"));
    claims.retain(|claim, _| !OF_THE_TOKEN.contains(&claim.as_str()));
    Ok(ProvidedIdentity {
        subject,
        tenant,
        email,
        email_verified,
        name: whole,
        given_name: given,
        family_name: family,
        picture,
        locale,
        claims,
    })
}

/// Whether an address counts as its owner's: the service says so, plainly, and is believed.
fn is_verified(settings: &ProviderSettings, claims: &Map<String, Value>, email: &str) -> bool {
    // Google vouches for what it hosts. Other addresses were their owner's once and may have changed hands since.
    let hosted = || email.to_ascii_lowercase().ends_with("@gmail.com") || text(claims, "hd", LONGEST_NAME).is_some();
    let vouched = settings.preset != Some(Preset::Google) || hosted();
    settings.trusts_email && vouched && claims.get("email_verified") == Some(&Value::Bool(true))
}

/// A claim, if it is text of a sensible length.
fn text(claims: &Map<String, Value>, name: &str, longest: usize) -> Option<String> {
    let text = claims.get(name)?.as_str()?.trim();
    ((1..=longest).contains(&text.len()) && !text.contains(char::is_control)).then(|| text.to_owned())
}

fn expression(text: &str) -> Result<Expression, ProviderError> {
    Expression::parse(text).map_err(ProviderError::Setting)
}

#[cfg(test)]
#[path = "identity/tests.rs"]
mod tests;
