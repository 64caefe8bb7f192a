//! Events: the audit trail. They name ids, never addresses, codes or tokens.

use crate::id::{EventId, TenantId};
use crate::time::Timestamp;

/// One line of the audit trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// When it happened.
    pub at: Timestamp,
    /// In which tenant.
    pub tenant: TenantId,
    /// What happened.
    pub kind: EventKind,
    /// The id of what it happened to: a session handle, a user id, a sign-in, a key.
    pub subject: String,
}

/// What can be worth a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A retired refresh token came back after the grace: its session was revoked.
    RefreshTokenReused,
    /// An account's guess budget ran out: its new codes are long until it refills.
    GuessBudgetSpent,
    /// A new signing key was made.
    SigningKeyCreated,
    /// All sessions of a user were revoked.
    SessionsRevoked,
    /// A user got another identifier.
    IdentityAdded,
    /// A user's identifier was replaced.
    IdentityChanged,
    /// A user's identifier was removed.
    IdentityRemoved,
    /// An identity was linked to a user: by a back end, because the user asked for it, or by itself.
    IdentityLinked,
    /// An identity was not linked by itself: several users proved its address. It got a user of its own.
    IdentityNotLinked,
    /// A back end made an identity a user of its own again.
    IdentityUnlinked,
    /// A user was removed, with everything.
    UserRemoved,
    /// Texts are held up: to a country where too many went unused, or because the day's money is spent.
    TextsHeld,
}

impl EventKind {
    /// The name under which it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            EventKind::RefreshTokenReused => "refresh_token_reused",
            EventKind::GuessBudgetSpent => "guess_budget_spent",
            EventKind::SigningKeyCreated => "signing_key_created",
            EventKind::SessionsRevoked => "sessions_revoked",
            EventKind::IdentityAdded => "identity_added",
            EventKind::IdentityChanged => "identity_changed",
            EventKind::IdentityRemoved => "identity_removed",
            EventKind::IdentityLinked => "identity_linked",
            EventKind::IdentityNotLinked => "identity_not_linked",
            EventKind::IdentityUnlinked => "identity_unlinked",
            EventKind::UserRemoved => "user_removed",
            EventKind::TextsHeld => "texts_held",
        }
    }
}
