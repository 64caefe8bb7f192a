//! Sign-ins: one attempt by one browser to get in, the codes sent for it, and the guess budget it draws on.

use crate::code::CodeStrength;
use crate::id::{SignInId, TenantId, UserId};
use crate::keyring::{CodeHash, DeviceHash, LinkHash};
use crate::tenant::Flow;
use crate::time::Timestamp;
use crate::user::Connection;

/// One attempt by one browser to get in. Its newest code is part of it; older ones, while they live, stand
/// beside it as [`OlderCode`]s.
#[derive(Clone)]
pub struct SignIn {
    /// Its id: SuperTokens' `preAuthSessionId`. It is in the link and is no secret.
    pub id: SignInId,
    /// In which tenant.
    pub tenant: TenantId,
    /// The way in that it tries.
    pub connection: Connection,
    /// The normalised identifier that codes go to.
    pub subject: String,
    /// Which guess budget its wrong codes count against; fixed at start.
    pub account: Account,
    /// What its messages carry.
    pub flow: Flow,
    /// The stored form of the secret that the asking browser keeps.
    pub device: DeviceHash,
    /// The newest code.
    pub code: SentCode,
    /// How many messages were sent for it.
    pub sends: i64,
    /// When the newest one was asked for.
    pub last_sent_at: Timestamp,
    /// Wrong codes so far.
    pub attempts: i64,
    /// Wrong codes it takes.
    pub max_attempts: i64,
    /// Where to go afterwards, as checked at start; `None` for the default place.
    pub destination: Option<String>,
    /// When the browser asked.
    pub started_at: Timestamp,
    /// When and how it ended; `None` while it is open.
    pub ended: Option<(Timestamp, EndedHow)>,
}

/// A code as stored: never the code itself.
#[derive(Clone)]
pub struct SentCode {
    /// What is to be typed; `None` when the message held only a link.
    pub code: Option<CodeHash>,
    /// What the link holds; `None` when the message held only a code.
    pub link: Option<LinkHash>,
    /// Short or long.
    pub strength: CodeStrength,
    /// From then on it is worth nothing.
    pub expires_at: Timestamp,
}

/// A code that a newer one of the same sign-in followed. It stays good until it expires.
pub type OlderCode = SentCode;

/// How a sign-in ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedHow {
    /// Its code or link was used.
    Completed,
    /// Another sign-in of the same identifier was completed, which spends all outstanding codes.
    Superseded,
    /// The person chose another address.
    Cancelled,
}

impl EndedHow {
    /// The name in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            EndedHow::Completed => "completed",
            EndedHow::Superseded => "superseded",
            EndedHow::Cancelled => "cancelled",
        }
    }

    /// Reads the name above.
    pub fn parse(text: &str) -> Option<Self> {
        [EndedHow::Completed, EndedHow::Superseded, EndedHow::Cancelled].into_iter().find(|how| how.as_str() == text)
    }
}

/// Whose guesses are counted together: the user when known, else the identifier; a browser that signed in to the
/// user before has a budget of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Account(String);

impl Account {
    /// The budget of an identifier that belongs to nobody yet.
    pub fn identifier(connection: Connection, subject: &str) -> Self {
        Account(format!("{}:{subject}", connection.as_str()))
    }

    /// The budget of a user, for browsers we do not know.
    pub fn user(user: &UserId) -> Self {
        Account(format!("user:{user}"))
    }

    /// The budget of a user in one browser that signed in before.
    pub fn trusted(user: &UserId, device: &str) -> Self {
        Account(format!("user:{user}/device:{device}"))
    }

    /// An account key read back from our own store.
    pub fn stored(text: String) -> Self {
        Account(text)
    }

    /// The key in the store.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the budget of a trusted browser.
    pub fn is_trusted(&self) -> bool {
        self.0.contains("/device:")
    }
}

/// What is known of an account's guess budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Wrong codes in this window.
    pub failures: i64,
    /// When the window closes and the count begins anew.
    pub resets_at: Timestamp,
}

impl Budget {
    /// Whether `limit` wrong codes were used up at `now`.
    pub fn is_spent(self, limit: i64, now: Timestamp) -> bool {
        self.failures >= limit && self.resets_at > now
    }
}
