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
    /// When a back end made it a primary user, to which others' identities may be linked; `None` when none did.
    pub primary_at: Option<Timestamp>,
}

/// A way of proving who you are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Connection {
    /// A code or link sent to an email address.
    Email,
    /// A code or link sent to a phone number, as a text or by WhatsApp.
    Sms,
    /// Another service says who it is, or a back end that may.
    Provider(ProviderId),
}

/// The name of a connection by which another service says who people are, such as `google` or `sc_…`: 1 to 64 printable
/// ASCII signs without spaces.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ProviderId {
    /// `provider:` and the name, as it is stored, filled with zeros.
    text: [u8; ProviderId::PREFIX.len() + ProviderId::MAX],
    len: u8,
}

impl ProviderId {
    const PREFIX: &str = "provider:";
    /// Authress' own limit; SuperTokens' is 28.
    const MAX: usize = 64;

    /// Reads a name; `None` when it breaks the rule above.
    pub fn parse(name: &str) -> Option<Self> {
        let fits = (1..=Self::MAX).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_graphic());
        let mut text = [0; Self::PREFIX.len() + Self::MAX];
        let len = Self::PREFIX.len() + name.len();
        if fits {
            text[..Self::PREFIX.len()].copy_from_slice(Self::PREFIX.as_bytes());
            text[Self::PREFIX.len()..len].copy_from_slice(name.as_bytes());
        }
        fits.then_some(ProviderId { text, len: len as u8 })
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        self.stored().strip_prefix(Self::PREFIX).unwrap_or_default()
    }

    fn stored(&self) -> &str {
        // ASCII only ever gets in.
        std::str::from_utf8(&self.text[..usize::from(self.len)]).unwrap_or_default()
    }
}

impl std::fmt::Debug for ProviderId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ProviderId({:?})", self.as_str())
    }
}

impl Connection {
    /// The name in the store.
    pub fn as_str(&self) -> &str {
        match self {
            Connection::Email => "email",
            Connection::Sms => "sms",
            Connection::Provider(provider) => provider.stored(),
        }
    }

    /// Reads the name above.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "email" => Some(Connection::Email),
            "sms" => Some(Connection::Sms),
            other => ProviderId::parse(other.strip_prefix(ProviderId::PREFIX)?).map(Connection::Provider),
        }
    }
}

/// One way in, owned by one user. In one tenant no two identities share connection and subject.
///
/// Back ends may put an identity into several tenants, and give one both an address and a number: it is then several of
/// these, with one id.
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
    /// For [`Connection::Provider`]: the address that the service names, if any.
    pub provider_email: Option<String>,
    /// Since when its address counts as its owner's; `None` when the service did not vouch for it, or a back end withdrew
    /// that. Signing in by a code proves it again. Says nothing for a number.
    pub verified_at: Option<Timestamp>,
}

impl Identity {
    /// The identifier that codes for it go to; `None` when no code does.
    pub fn identifier(&self) -> Option<Identifier> {
        match self.connection {
            Connection::Email | Connection::Sms => Some(Identifier::stored(self.connection, self.subject.clone())),
            Connection::Provider(_) => None,
        }
    }

    /// Its address, proved by a code or named by a service.
    pub fn email(&self) -> Option<&str> {
        match self.connection {
            Connection::Email => Some(&self.subject),
            Connection::Provider(_) => self.provider_email.as_deref(),
            Connection::Sms => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_read_back() {
        let google = Connection::Provider(ProviderId::parse("google").unwrap());
        assert_eq!(google.as_str(), "provider:google");
        for connection in [Connection::Email, Connection::Sms, google] {
            assert_eq!(Connection::parse(connection.as_str()), Some(connection));
        }
        for name in ["", "with space", "ümlaut", &"x".repeat(65)] {
            assert!(ProviderId::parse(name).is_none(), "{name:?}");
        }
        assert_eq!(Connection::parse("google"), None);
    }
}
