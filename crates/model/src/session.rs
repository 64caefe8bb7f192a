//! Sessions and their refresh tokens.

use crate::id::{IdentityId, SessionHandle, TenantId, UserId};
use crate::keyring::Keyring;
use crate::login_request::LoginContext;
use crate::secret::Secret;
use crate::time::Timestamp;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
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
    /// What back ends keep with it; `None` when none did anything to it.
    pub back_end: Option<Box<BackEnd>>,
    /// The application that asked for it; `None` when our own pages or a SuperTokens application did.
    pub login: Option<Box<LoginContext>>,
}

/// What back ends keep with a session (contract supertokens-core.md §3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BackEnd {
    /// What its access tokens say beside our own claims: a JSON object. `None`: what our own doors' tokens say.
    pub claims: Option<String>,
    /// What only back ends see: a JSON object. `None`: an empty one.
    pub data: Option<String>,
    /// Whether its access tokens are signed with the key that stays.
    pub is_static: bool,
    /// The token that forms have to bring along, where a back end wants one.
    pub anti_csrf: Option<String>,
    /// For [`RotationPolicy::Lineage`]: [`LineageToken::stored_hash`] of the current token.
    pub current: Option<Vec<u8>>,
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
    /// Each refresh makes a child and keeps the parent good; the first use of a child retires the parent and all other
    /// children, and whoever brings one of those back revokes nothing but is told (contract supertokens-core.md §3.7).
    /// What back-end SDKs up to CDI 5.4 expect of the sessions that they made.
    Lineage,
}

impl RotationPolicy {
    /// The name in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            RotationPolicy::Grace => "grace",
            RotationPolicy::Lineage => "lineage",
        }
    }

    /// Reads the name above.
    pub fn parse(text: &str) -> Option<Self> {
        [RotationPolicy::Grace, RotationPolicy::Lineage].into_iter().find(|policy| policy.as_str() == text)
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
        let ours = |ring: &Keyring| ring.refresh_secret(&session.handle, self.generation, &session.nonce);
        self.handle == session.handle && keyring.each().any(|ring| self.secret.expose().as_slice().ct_eq(&ours(ring)).into())
    }
}

/// A refresh token of a session that rotates by lineage: `handle.own.parent.secret`. It names its parent by hash, so that
/// nothing is stored of a child until somebody uses it.
#[derive(Clone)]
pub struct LineageToken {
    /// The session it belongs to.
    pub handle: SessionHandle,
    /// [`LineageToken::hash`] of the token that it came from; `None` for a session's first.
    pub parent: Option<[u8; 32]>,
    own: [u8; 16],
    secret: Secret<Vec<u8>>,
}

impl LineageToken {
    /// A new token of `session`, child of the one with the hash `parent`; `own` is drawn for it.
    pub fn new(keyring: &Keyring, session: &Session, parent: Option<[u8; 32]>, own: [u8; 16]) -> Self {
        let secret = keyring.lineage_secret(&session.handle, &own, parent.as_ref(), &session.nonce).to_vec();
        LineageToken { handle: session.handle.clone(), parent, own, secret: Secret::new(secret) }
    }

    /// The token as text. Good for cookies as it is.
    pub fn text(&self) -> Secret<String> {
        let encode = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        let parent = self.parent.as_ref().map_or_else(|| "-".to_owned(), |parent| encode(parent));
        Secret::new(format!("{}.{}.{parent}.{}", self.handle, encode(&self.own), encode(self.secret.expose())))
    }

    /// Takes a token apart; `None` when it has not the form of one.
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('.').collect();
        let [handle, own, parent, secret] = parts[..] else { return None };
        let decode = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).ok();
        Some(LineageToken {
            handle: SessionHandle::parse(handle)?,
            own: decode(own)?.try_into().ok()?,
            parent: if parent == "-" { None } else { Some(decode(parent)?.try_into().ok()?) },
            secret: Secret::new(decode(secret)?),
        })
    }

    /// Whether we made this token for `session`.
    pub fn is_genuine(&self, keyring: &Keyring, session: &Session) -> bool {
        let ours = |ring: &Keyring| ring.lineage_secret(&session.handle, &self.own, self.parent.as_ref(), &session.nonce);
        self.handle == session.handle && keyring.each().any(|ring| self.secret.expose().as_slice().ct_eq(&ours(ring)).into())
    }

    /// SHA-256 of the text: what access tokens say of it, in hex.
    pub fn hash(&self) -> [u8; 32] {
        sha256(self.text().expose().as_bytes())
    }

    /// What the session's row says of its current token: SHA-256 of the hash in hex.
    pub fn stored_hash(hash: &[u8; 32]) -> Vec<u8> {
        sha256(HEXLOWER.encode(hash).as_bytes()).to_vec()
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    digest.as_ref().try_into().unwrap_or_default()
}
