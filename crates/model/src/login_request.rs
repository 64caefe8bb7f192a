//! Login requests: an application's wish that somebody log in, from the browser that it runs in until that one holds its
//! tokens. Authress calls them authentication requests. A sign-in by code or link stands apart: it may serve one of these.

use crate::entropy::{Entropy, random};
use crate::id::{IdentityId, SessionHandle, SignInId, TenantId, UserId};
use crate::time::Timestamp;
use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Names a login request, and lets whoever knows it look for its end: 128 random bits. It travels in addresses, so that alone
/// it opens nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LoginRequestId(String);

impl LoginRequestId {
    /// A new one. Begins with the time, so that new rows land side by side in an index.
    pub fn new(now: Timestamp, entropy: &dyn Entropy) -> Self {
        let minutes = u32::try_from(now.0 / 60_000).unwrap_or_default().to_be_bytes();
        let random = random::<16>(entropy);
        LoginRequestId(format!("req_{}", BASE32_NOPAD.encode(&[&minutes[..], &random].concat()).to_lowercase()))
    }

    /// Reads one; `None` when it has not the form.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("req_")?;
        let fits = (8..=64).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        fits.then(|| LoginRequestId(text.to_owned()))
    }

    /// One read back from our own store.
    pub fn stored(text: String) -> Self {
        LoginRequestId(text)
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for LoginRequestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// How the application learns that somebody is in (contract authress.md §1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnMode {
    /// Cookies of the domain that it shares with us.
    Cookies,
    /// Tokens in the address: for pages on a developer's machine only.
    Query,
    /// A code that it exchanges, with the secret of the browser that asked.
    Code,
}

/// What an application wishes. Fixed, except that a person may choose the connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginRequest {
    /// Its id.
    pub id: LoginRequestId,
    /// Whose users.
    pub tenant: TenantId,
    /// Which application.
    pub application: String,
    /// By which connection: `email`, `sms`, a service client's id, a provider's; `None` until somebody chose.
    pub connection: Option<String>,
    /// Where the browser goes in the end, checked.
    pub redirect_url: String,
    /// How it learns of it.
    pub mode: ReturnMode,
    /// PKCE (RFC 7636, S256): SHA-256 of the verifier in base64url.
    pub code_challenge: String,
    /// What the access token is for beside us.
    pub audiences: Vec<String>,
    /// What it may be used for, as asked.
    pub scope: String,
    /// Set when the identity is to join a user who is signed in.
    pub link: Option<LinkTo>,
    /// What to tell the provider beside the usual.
    pub connection_properties: BTreeMap<String, String>,
    /// The invitation that it follows.
    pub invite: Option<String>,
    /// The stored form of the secret in the browser that asked; `None` when that could take no cookie.
    pub binding: Option<String>,
    /// Since when.
    pub started_at: Timestamp,
    /// From then on it is worth nothing.
    pub expires_at: Timestamp,
}

/// Whom an identity is to join.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkTo {
    /// The user.
    pub user: UserId,
    /// The session that asked: only its own browser completes it.
    pub session: SessionHandle,
    /// The identity that opened that one.
    pub identity: IdentityId,
}

/// Who somebody was found to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginEnd {
    /// The user.
    pub user: UserId,
    /// By which identity.
    pub identity: IdentityId,
    /// The session that was made; `None` when an identity was linked to a user who had one.
    pub session: Option<SessionHandle>,
    /// The stored form of the code to exchange, when there is one.
    pub code: Option<String>,
    /// Until when that may be exchanged.
    pub code_expires_at: Timestamp,
}

/// A typed code proved who is there; the login itself is still to be finished by the browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginProof {
    /// The connection whose code it was.
    pub connection: String,
    /// What the connection calls them.
    pub subject: String,
    /// The address that counts as proved, if any.
    pub verified_email: Option<String>,
    /// The stored form of the secret that finishes it.
    pub secret: String,
}

/// A login request as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginState {
    /// What was wished.
    pub request: LoginRequest,
    /// How often that changed: by choosing a connection.
    pub version: i64,
    /// The newest sign-in whose code is to be typed for it.
    pub sign_in: Option<SignInId>,
    /// Who proved to be there by typing it.
    pub proof: Option<LoginProof>,
    /// When and how it ended.
    pub end: Option<(Timestamp, LoginEnd)>,
    /// When its code was exchanged.
    pub exchanged_at: Option<Timestamp>,
}

impl LoginState {
    /// Whether it may still be completed at `now`.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.end.is_none() && self.request.expires_at > now
    }
}

/// For what a session was made, where an application asked for it: what its access tokens say beside who is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginContext {
    /// Which application.
    pub application: String,
    /// By which connection.
    pub connection: String,
    /// What access tokens are for beside us.
    pub audiences: Vec<String>,
    /// What they may be used for.
    pub scope: String,
    /// What ID tokens say of the person: address, name, picture, as they were when the person logged in.
    pub profile: Map<String, Value>,
}
