//! Signing keys as stored: a key pair with a `kid`, in a key set that shares nothing with the others.

use crate::id::AppId;
use crate::keyring::Sealed;
use crate::time::Timestamp;

/// What the keys of a set are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyUse {
    /// They rotate, and sign access tokens of sessions.
    Session,
    /// One key that stays: it signs what back ends ask for, and sessions that a back end wants signed so.
    Static,
    /// They rotate, and sign what applications of the Authress SDKs get: its verifier compares no more of an issuer than
    /// the origin, so nothing else may be signed with them.
    Login,
}

impl KeyUse {
    /// All of them.
    pub const ALL: [KeyUse; 3] = [KeyUse::Session, KeyUse::Static, KeyUse::Login];

    /// The name in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            KeyUse::Session => "session",
            KeyUse::Static => "static",
            KeyUse::Login => "login",
        }
    }
}

/// A set of keys. A token of one set never verifies in another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeySet {
    /// What its keys are for.
    pub purpose: KeyUse,
    /// Of which app; `None`: `public`.
    app: Option<AppId>,
}

impl KeySet {
    /// The set that signs access tokens of sessions.
    pub const SESSION: KeySet = KeySet { purpose: KeyUse::Session, app: None };
    /// The set that signs what applications get that log people in by requests.
    pub const LOGIN: KeySet = KeySet { purpose: KeyUse::Login, app: None };

    /// The set of `app` for `purpose`.
    pub fn of(app: &AppId, purpose: KeyUse) -> Self {
        KeySet { purpose, app: (!app.is_public()).then(|| app.clone()) }
    }

    /// Of which app.
    pub fn app(&self) -> AppId {
        self.app.clone().unwrap_or_else(AppId::public)
    }

    /// The name in the store: `session`, `static`, `login`, and behind `app/` when it is not of the app `public`.
    pub fn to_text(&self) -> String {
        let purpose = self.purpose.as_str();
        self.app.as_ref().map_or_else(|| purpose.to_owned(), |app| format!("{app}/{purpose}"))
    }

    /// Reads the name above.
    pub fn parse(text: &str) -> Option<Self> {
        let (app, purpose) = match text.split_once('/') {
            Some((app, purpose)) => (Some(AppId::parse(app)?), purpose),
            None => (None, text),
        };
        let purpose = KeyUse::ALL.into_iter().find(|known| known.as_str() == purpose)?;
        Some(KeySet { purpose, app })
    }
}

/// A signature algorithm, by its JOSE name (RFC 7518 §3.1, RFC 8037 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
    /// RSA PKCS #1 v1.5 with SHA-256, 2048 bits. Costs 30 to 50 times the others to sign.
    Rs256,
}

impl Algorithm {
    /// All algorithms.
    pub const ALL: [Algorithm; 3] = [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256];

    /// The JOSE name.
    pub fn as_str(self) -> &'static str {
        match self {
            Algorithm::Es256 => "ES256",
            Algorithm::EdDsa => "EdDSA",
            Algorithm::Rs256 => "RS256",
        }
    }

    /// Reads the JOSE name.
    pub fn parse(text: &str) -> Option<Self> {
        Algorithm::ALL.into_iter().find(|a| a.as_str() == text)
    }
}

/// One signing key. Its life: published from `created_at`, signs from `signs_from` until a younger one does,
/// verifies until the last token that it signed is dead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKey {
    /// Its name in token headers; `d-…` for keys that rotate, `s-…` for those that stay (the SuperTokens SDKs look at
    /// the prefix).
    pub kid: String,
    /// Its set.
    pub set: KeySet,
    /// Its algorithm.
    pub algorithm: Algorithm,
    /// Its number in the set, from 1; below that stand keys brought along from another server, which only verify. Only
    /// one key can have a number: of two nodes that rotate at once, one wins.
    pub number: i64,
    /// The private key (PKCS #8), sealed for the place (set, kid).
    pub sealed: Sealed,
    /// When it was made and published.
    pub created_at: Timestamp,
    /// When it begins to sign.
    pub signs_from: Timestamp,
}
