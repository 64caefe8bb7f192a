//! Sessions and their refresh tokens.

use crate::id::{IdentityId, SessionHandle, TenantId, UserId};
use crate::keyring::Keyring;
use crate::secret::Secret;
use crate::time::Timestamp;
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// A signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its handle: names it, opens nothing.
    pub handle: SessionHandle,
    /// In which tenant.
    pub tenant: TenantId,
    /// Who is signed in.
    pub user: UserId,
    /// By which of their identities.
    pub identity: IdentityId,
    /// How its refresh tokens follow one another; fixed by the door that made the session.
    pub policy: RotationPolicy,
    /// Sixteen random bytes that its refresh tokens are made from.
    pub nonce: Vec<u8>,
    /// The generation of the current refresh token, from 0.
    pub generation: i64,
    /// Generations that were current until not long ago, newest last.
    pub retired: Vec<Retired>,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// When it was last refreshed.
    pub last_seen_at: Timestamp,
    /// When it ends if nobody refreshes it.
    pub expires_at: Timestamp,
    /// When it was revoked; `None` while it is good.
    pub revoked_at: Option<Timestamp>,
    /// The bucket of the address it was made from.
    pub client_ip: String,
    /// The browser it was made from, as it calls itself.
    pub user_agent: String,
}

/// One generation that is no longer current.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retired(pub i64, pub Timestamp);

impl Session {
    /// Whether the session opens anything of `tenant`: its own, and no other.
    pub fn opens(&self, tenant: &TenantId) -> bool {
        self.tenant == *tenant
    }

    /// Whether the session is good at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at > now
    }
}

/// How refresh tokens follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotationPolicy {
    /// Each refresh retires the token; one retired less than the grace ago is answered with the current one,
    /// and one that comes back later revokes the session (RFC 9700 §4.14.2, with a grace).
    Grace,
}

impl RotationPolicy {
    /// The name in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            RotationPolicy::Grace => "grace",
        }
    }

    /// Reads the name above.
    pub fn parse(text: &str) -> Option<Self> {
        (text == "grace").then_some(RotationPolicy::Grace)
    }
}

/// A refresh token, taken apart: `handle.generation.secret`. Good for cookies as it is.
pub struct RefreshToken {
    /// The session it belongs to.
    pub handle: SessionHandle,
    /// Which of the session's tokens it is.
    pub generation: i64,
    secret: Secret<Vec<u8>>,
}

impl RefreshToken {
    /// The text of a session's token of `generation`.
    pub fn text(keyring: &Keyring, session: &Session, generation: i64) -> Secret<String> {
        let secret = keyring.refresh_secret(&session.handle, generation, &session.nonce);
        Secret::new(format!("{}.{generation}.{}", session.handle, BASE64URL_NOPAD.encode(&secret)))
    }

    /// Takes a token apart; `None` when it has not the form of one.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        let handle = SessionHandle::parse(parts.next()?)?;
        let digits = parts.next()?;
        let plain = digits.len() <= 18 && digits.bytes().all(|b| b.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
        let generation = if plain { digits.parse().ok()? } else { return None };
        let secret = BASE64URL_NOPAD.decode(parts.next()?.as_bytes()).ok()?;
        Some(RefreshToken { handle, generation, secret: Secret::new(secret) })
    }

    /// Whether we made this token for `session`, at whatever generation.
    pub fn is_genuine(&self, keyring: &Keyring, session: &Session) -> bool {
        let ours = keyring.refresh_secret(&session.handle, self.generation, &session.nonce);
        self.handle == session.handle && bool::from(self.secret.expose().as_slice().ct_eq(&ours))
    }
}
