//! What can go wrong between a service and us. No text here holds a secret, a code, a token or what people are called.

use postkey_model::ExpressionError;
use postkey_outbound::OutboundError;
use thiserror::Error;

/// Why nobody is known to have come from a service.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProviderError {
    /// The person said no there.
    #[error("it was declined at the service")]
    Declined,
    /// The service said an error: its code (RFC 6749 §4.1.2.1, §5.2). A code that was used or is too old is `invalid_grant`.
    #[error("the service said {0}")]
    Said(String),
    /// Something is set up wrongly, here or there: the operator's to mend.
    #[error("{0}")]
    Setting(String),
    /// It could not be asked. Another try may work.
    #[error("the service cannot be reached: {0}")]
    Unreachable(String),
    /// It answered, and the answer is not to be believed.
    #[error("the service's answer is not believed: {0}")]
    NotBelieved(Doubt),
    /// The person is known there, but is of a tenant that may not come in.
    #[error("people of this tenant may not come in")]
    OtherTenant,
}

/// What speaks against an answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Doubt {
    /// A document is not what it should be. Which one.
    #[error("{0} cannot be read")]
    Malformed(&'static str),
    /// A document is longer than anybody's, or broke off. Which one.
    #[error("{0} is too long or broke off")]
    TooLong(&'static str),
    /// A status that makes no sense there. Of which document.
    #[error("{0} came with HTTP {1}")]
    Status(&'static str, u16),
    /// There is no ID token.
    #[error("there is no ID token")]
    NoIdToken,
    /// Its signature is by none of the algorithms that we take.
    #[error("the ID token is signed by an algorithm that we do not take")]
    Algorithm,
    /// None of the issuer's keys has its `kid`, or none fits its algorithm.
    #[error("no key of the issuer fits the ID token")]
    Key,
    /// Its signature is not by the key that it names.
    #[error("the signature is wrong")]
    Signature,
    /// Another issuer.
    #[error("the issuer is another one")]
    Issuer,
    /// It was made for somebody else (`aud`, `azp`).
    #[error("it is for another client")]
    Audience,
    /// It belongs to another login.
    #[error("the nonce is another one")]
    Nonce,
    /// Its time is over.
    #[error("the ID token has expired")]
    Expired,
    /// It is from the future.
    #[error("the ID token is from the future")]
    Future,
    /// It goes with another access token.
    #[error("the ID token goes with another access token")]
    AccessToken,
    /// Nobody is named, or user-info names somebody else.
    #[error("nobody is named, or two people are")]
    Subject,
    /// The claims make no id.
    #[error("{0}")]
    Expression(#[from] ExpressionError),
    /// The id is an address that the service does not vouch for.
    #[error("the id is an address that is not verified")]
    NotVerified,
}

/// What a service may say when the person would not.
const DECLINED: [&str; 3] = ["access_denied", "user_cancelled_login", "user_cancelled_authorize"];
/// What it says when another try may work.
const LATER: [&str; 2] = ["server_error", "temporarily_unavailable"];
/// What it says when client and service are not set up for each other (RFC 6749, and GitHub's own codes).
const SET_UP: [&str; 8] = [
    "invalid_client",
    "incorrect_client_credentials",
    "unauthorized_client",
    "redirect_uri_mismatch",
    "unsupported_response_type",
    "unsupported_grant_type",
    "invalid_scope",
    "application_suspended",
];

impl ProviderError {
    /// What the `error` of an answer means, by way of the browser or where codes become tokens. What looks like no code of an
    /// error is not repeated.
    pub fn said(error: &str) -> Self {
        let signs = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
        let code = if (1..=64).contains(&error.len()) && error.bytes().all(signs) { error } else { "an unknown error" };
        match code {
            _ if DECLINED.contains(&code) => ProviderError::Declined,
            _ if LATER.contains(&code) => ProviderError::Unreachable(format!("it said {code}")),
            _ if SET_UP.contains(&code) => ProviderError::Setting(format!(
                "the service said {code}: compare client id, client secret, redirect URL and scopes with what is registered there"
            )),
            _ => ProviderError::Said(code.to_owned()),
        }
    }
}

impl From<Doubt> for ProviderError {
    fn from(doubt: Doubt) -> Self {
        ProviderError::NotBelieved(doubt)
    }
}

impl From<OutboundError> for ProviderError {
    fn from(e: OutboundError) -> Self {
        match e {
            OutboundError::Address(why) => ProviderError::Setting(why),
            OutboundError::Tls(why) => ProviderError::Setting(format!("TLS: {why}")),
            OutboundError::NoAnswer(why) => ProviderError::Unreachable(why),
        }
    }
}
