//! Users and their identities.

use crate::id::{IdentityId, TenantId, UserId};
use crate::time::Timestamp;

/// A person. The id never changes; linking moves identities to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Who.
    pub id: UserId,
    /// In which tenant.
    pub tenant: TenantId,
    /// Since when.
    pub created_at: Timestamp,
}

/// A way of proving who you are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Connection {
    /// A code or link sent to an email address.
    Email,
}

impl Connection {
    /// The name in the store and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Connection::Email => "email",
        }
    }

    /// Reads the name above.
    pub fn parse(text: &str) -> Option<Self> {
        (text == "email").then_some(Connection::Email)
    }
}

/// One way in, owned by one user. In one tenant no two identities share connection and subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its own id, for life, whoever owns it.
    pub id: IdentityId,
    /// Who owns it.
    pub user: UserId,
    /// In which tenant.
    pub tenant: TenantId,
    /// By which way.
    pub connection: Connection,
    /// Which one: for `email` the normalised address.
    pub subject: String,
    /// When its owner first proved it.
    pub created_at: Timestamp,
}
