//! Users and their identities.

use crate::id::{IdentityId, TenantId, UserId};
use crate::identifier::Identifier;
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
    /// How often its identities changed. A decision about all of them together holds only while this stays.
    pub version: i64,
}

/// A way of proving who you are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Connection {
    /// A code or link sent to an email address.
    Email,
    /// A code or link sent to a phone number, as a text or by WhatsApp.
    Sms,
}

impl Connection {
    /// The name in the store and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Connection::Email => "email",
            Connection::Sms => "sms",
        }
    }

    /// Reads the name above.
    pub fn parse(text: &str) -> Option<Self> {
        [Connection::Email, Connection::Sms].into_iter().find(|connection| connection.as_str() == text)
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
    /// Which one: for `email` the normalised address, for `sms` the number in E.164.
    pub subject: String,
    /// When its owner first proved this subject.
    pub created_at: Timestamp,
    /// How often its subject changed. A pending change dies when it changes again.
    pub version: i64,
}

impl Identity {
    /// The identifier that it was proved with.
    pub fn identifier(&self) -> Identifier {
        Identifier::stored(self.connection, self.subject.clone())
    }
}
