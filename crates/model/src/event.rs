//! Events: the audit trail. They name ids, never addresses, codes or tokens.

use crate::id::{EventId, SessionHandle, SignInId, TenantId, UserId};
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
    /// Whom it is about, where it is about somebody.
    pub user: Option<UserId>,
    /// Who did it.
    pub actor: Actor,
}

/// Who does what is worth a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Actor {
    /// Somebody at a login page, or with a session.
    #[default]
    Person,
    /// A back end; which one is not known: none asks for a key.
    BackEnd,
    /// A back end with the API key of this name: see [`Actor::of_api_key`].
    ApiKey(String),
    /// The service client with this id, which manages the server.
    Client(String),
    /// Whoever runs the server, by a command.
    Operator,
    /// The server by itself.
    Server,
}

impl Actor {
    /// The back end with this API key. Keys have no names of their own: one is told by the first eight hexadecimal digits of the
    /// SHA-256 of its text: keys are long, so nobody finds one by them.
    pub fn of_api_key(key: &str) -> Self {
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.as_bytes());
        Actor::ApiKey(data_encoding::HEXLOWER.encode(&hash.as_ref()[..4]))
    }

    /// The name under which it is stored and shown.
    pub fn to_text(&self) -> String {
        match self {
            Actor::Person => "person".to_owned(),
            Actor::BackEnd => "back_end".to_owned(),
            Actor::ApiKey(name) => format!("api_key:{name}"),
            Actor::Client(id) => format!("client:{id}"),
            Actor::Operator => "operator".to_owned(),
            Actor::Server => "server".to_owned(),
        }
    }
}

/// What is written down only if something is so at that moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventIf {
    /// This session is still good: it is about to end. Tenant and user are the session's.
    SessionIsGood(SessionHandle),
    /// This sign-in has taken all the wrong codes that it takes. The tenant is the sign-in's.
    SignInExhausted(SignInId),
}

impl EventIf {
    /// What the line says.
    pub fn kind(&self) -> EventKind {
        match self {
            EventIf::SessionIsGood(_) => EventKind::SessionRevoked,
            EventIf::SignInExhausted(_) => EventKind::SignInExhausted,
        }
    }
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
    /// Somebody is new.
    UserCreated,
    /// A session began. The subject is its handle.
    SignedIn,
    /// A session was ended before its time. The subject is its handle.
    SessionRevoked,
    /// A sign-in took all the wrong codes it takes: it has failed for good.
    SignInExhausted,
    /// Something that applications need was registered or changed. The subject says its kind and id.
    Registered,
    /// Something registered is gone.
    Unregistered,
    /// A back end made or changed a tenant.
    TenantSet,
    /// A tenant is gone, with everything in it.
    TenantRemoved,
    /// A back end changed what it keeps about an id.
    MetadataSet,
    /// A back end removed what it kept about an id.
    MetadataRemoved,
    /// A role is new, or permits more or less than before. The subject is its name.
    RoleChanged,
    /// A role is gone, also from all who had it. The subject is its name.
    RoleRemoved,
    /// An id has a role. The subject is the role's name.
    RoleGiven,
    /// An id has a role no longer. The subject is the role's name.
    RoleTaken,
    /// Somebody was invited to a tenant. The subject is the tenant.
    Invited,
    /// An invitation was taken back. The subject is the tenant.
    InviteWithdrawn,
    /// A number was said to be a user's.
    NumberMapped,
    /// A number is said to be a user's no longer. The subject is the tenant.
    NumberUnmapped,
    /// An import came some way. The subject is its source.
    UsersImported,
    /// A limit turned somebody away: once an hour for each limit and whom it met. The subject is the limit's name, and behind a colon a word that tells those apart whom it met.
    LimitReached,
}

impl EventKind {
    /// All of them.
    pub const ALL: [EventKind; 32] = [
        EventKind::RefreshTokenReused,
        EventKind::GuessBudgetSpent,
        EventKind::SigningKeyCreated,
        EventKind::SessionsRevoked,
        EventKind::IdentityAdded,
        EventKind::IdentityChanged,
        EventKind::IdentityRemoved,
        EventKind::IdentityLinked,
        EventKind::IdentityNotLinked,
        EventKind::IdentityUnlinked,
        EventKind::UserRemoved,
        EventKind::UserCreated,
        EventKind::SignedIn,
        EventKind::SessionRevoked,
        EventKind::SignInExhausted,
        EventKind::Registered,
        EventKind::Unregistered,
        EventKind::TenantSet,
        EventKind::TenantRemoved,
        EventKind::TextsHeld,
        EventKind::MetadataSet,
        EventKind::MetadataRemoved,
        EventKind::RoleChanged,
        EventKind::RoleRemoved,
        EventKind::RoleGiven,
        EventKind::RoleTaken,
        EventKind::Invited,
        EventKind::InviteWithdrawn,
        EventKind::NumberMapped,
        EventKind::NumberUnmapped,
        EventKind::UsersImported,
        EventKind::LimitReached,
    ];

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        EventKind::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether the subject is a user's id where nothing else is said.
    pub fn is_about_user(self) -> bool {
        use EventKind as K;
        match self {
            K::SessionsRevoked | K::IdentityAdded | K::IdentityChanged | K::IdentityRemoved | K::IdentityLinked => true,
            K::IdentityNotLinked | K::IdentityUnlinked | K::UserRemoved | K::UserCreated => true,
            K::MetadataSet | K::MetadataRemoved | K::NumberMapped => true,
            K::RefreshTokenReused | K::GuessBudgetSpent | K::SigningKeyCreated | K::SignedIn | K::SessionRevoked => false,
            K::SignInExhausted | K::Registered | K::Unregistered | K::TenantSet | K::TenantRemoved | K::TextsHeld => false,
            K::RoleChanged
            | K::RoleRemoved
            | K::RoleGiven
            | K::RoleTaken
            | K::Invited
            | K::InviteWithdrawn
            | K::NumberUnmapped
            | K::UsersImported
            | K::LimitReached => false,
        }
    }

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
            EventKind::UserCreated => "user_created",
            EventKind::SignedIn => "signed_in",
            EventKind::SessionRevoked => "session_revoked",
            EventKind::SignInExhausted => "sign_in_exhausted",
            EventKind::Registered => "registered",
            EventKind::Unregistered => "unregistered",
            EventKind::TenantSet => "tenant_set",
            EventKind::TenantRemoved => "tenant_removed",
            EventKind::MetadataSet => "metadata_set",
            EventKind::MetadataRemoved => "metadata_removed",
            EventKind::RoleChanged => "role_changed",
            EventKind::RoleRemoved => "role_removed",
            EventKind::RoleGiven => "role_given",
            EventKind::RoleTaken => "role_taken",
            EventKind::Invited => "invited",
            EventKind::InviteWithdrawn => "invite_withdrawn",
            EventKind::NumberMapped => "number_mapped",
            EventKind::NumberUnmapped => "number_unmapped",
            EventKind::UsersImported => "users_imported",
            EventKind::LimitReached => "limit_reached",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actors_have_names_and_keys_are_told_apart_by_their_hash() {
        // SHA-256 of "abc", from FIPS 180-4's examples, begins with ba7816bf.
        assert_eq!(Actor::of_api_key("abc").to_text(), "api_key:ba7816bf");
        assert_eq!(Actor::Client("sc_1".to_owned()).to_text(), "client:sc_1");
        assert_eq!(Actor::Person.to_text(), "person");
    }

    #[test]
    fn every_kind_has_a_name_of_its_own() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(EventKind::parse("moon_landing"), None);
    }
}
