//! Lifecycle webhooks: what an operator's own services are told, who wants to hear it, and what waits to be told.

use crate::event::EventKind;
use crate::id::{EventId, TenantId, UserId};
use crate::time::Timestamp;

/// What services can be told about. Each is a kind of line of the audit trail, or several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LifecycleKind {
    /// Somebody is new.
    UserCreated,
    /// A session began.
    UserSignedIn,
    /// A user got another way in.
    UserLinked,
    /// A user lost a way in.
    UserUnlinked,
    /// A user's address or number was replaced.
    UserChanged,
    /// A user was removed, with everything.
    UserDeleted,
    /// A session, or all sessions of a user, ended before their time: by signing out, or by others.
    SessionRevoked,
    /// A retired refresh token came back after the grace: somebody has a copy. Its session was ended.
    SessionTheft,
}

impl LifecycleKind {
    /// All of them.
    pub const ALL: [LifecycleKind; 8] = [
        LifecycleKind::UserCreated,
        LifecycleKind::UserSignedIn,
        LifecycleKind::UserLinked,
        LifecycleKind::UserUnlinked,
        LifecycleKind::UserChanged,
        LifecycleKind::UserDeleted,
        LifecycleKind::SessionRevoked,
        LifecycleKind::SessionTheft,
    ];

    /// What a line of the audit trail is to services, if it is anything.
    pub fn of(kind: EventKind) -> Option<Self> {
        match kind {
            EventKind::UserCreated => Some(LifecycleKind::UserCreated),
            EventKind::SignedIn => Some(LifecycleKind::UserSignedIn),
            EventKind::IdentityAdded | EventKind::IdentityLinked => Some(LifecycleKind::UserLinked),
            EventKind::IdentityRemoved | EventKind::IdentityUnlinked => Some(LifecycleKind::UserUnlinked),
            EventKind::IdentityChanged => Some(LifecycleKind::UserChanged),
            EventKind::UserRemoved => Some(LifecycleKind::UserDeleted),
            EventKind::SessionRevoked | EventKind::SessionsRevoked => Some(LifecycleKind::SessionRevoked),
            EventKind::RefreshTokenReused => Some(LifecycleKind::SessionTheft),
            _ => None,
        }
    }

    /// The name that services know it by.
    pub fn as_str(self) -> &'static str {
        match self {
            LifecycleKind::UserCreated => "user.created",
            LifecycleKind::UserSignedIn => "user.signed_in",
            LifecycleKind::UserLinked => "user.linked",
            LifecycleKind::UserUnlinked => "user.unlinked",
            LifecycleKind::UserChanged => "user.changed",
            LifecycleKind::UserDeleted => "user.deleted",
            LifecycleKind::SessionRevoked => "session.revoked",
            LifecycleKind::SessionTheft => "session.theft",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        LifecycleKind::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A service that wants to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Its name in the config: what waits for it is kept under this name.
    pub endpoint: String,
    /// What it wants to hear of.
    pub kinds: Vec<LifecycleKind>,
    /// Of which tenants; none is all.
    pub tenants: Vec<TenantId>,
}

impl Subscription {
    /// Whether it wants to hear of this.
    pub fn wants(&self, kind: LifecycleKind, tenant: &TenantId) -> bool {
        self.wants_kind(kind) && (self.tenants.is_empty() || self.tenants.contains(tenant))
    }

    /// Whether it wants to hear of this, at least in some tenant.
    pub fn wants_kind(&self, kind: LifecycleKind) -> bool {
        self.kinds.contains(&kind)
    }
}

/// A line of the audit trail on its way to a service. It names ids, never addresses, codes or tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The line's id, which tells the service what it has heard already.
    pub event: EventId,
    /// When it happened.
    pub at: Timestamp,
    /// In which tenant.
    pub tenant: TenantId,
    /// What happened; `None` where a newer version wrote it.
    pub kind: Option<EventKind>,
    /// The id of what it happened to.
    pub subject: String,
    /// Whom it is about.
    pub user: Option<UserId>,
    /// Who did it, as [`Actor::to_text`](crate::Actor::to_text) has it.
    pub actor: String,
    /// How often it was tried, this time included.
    pub tries: i64,
}

/// What can happen to what waits for services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebhookChange {
    /// A line of the audit trail, written by the same commit, waits for a service. No guard: where the line was not written, nothing waits.
    Queued {
        /// For whom.
        endpoint: String,
        /// The line.
        event: EventId,
        /// It is due then.
        due_at: Timestamp,
    },
    /// A worker takes what is due. No guard. Yields it.
    Claimed {
        /// For whom.
        endpoint: String,
        /// Due at this moment.
        due_at: Timestamp,
        /// Nobody else looks at it before then.
        until: Timestamp,
        /// How many at most.
        limit: i64,
    },
    /// One was not taken yet. No guard; but it does nothing unless this claim is still the newest one.
    Deferred {
        /// For whom.
        endpoint: String,
        /// Which.
        event: EventId,
        /// Its tries as the worker's claim gave them.
        tries: i64,
        /// When to try again; `None`: nobody tries any more, before an operator asks for it.
        next_try_at: Option<Timestamp>,
        /// What was answered, for the operator.
        answer: String,
    },
    /// One was taken, or is not wanted. No guard.
    Done {
        /// By whom.
        endpoint: String,
        /// Which.
        event: EventId,
    },
    /// An operator wants those that nobody tries any more to be tried again. No guard. Yields how many.
    Revived {
        /// For whom.
        endpoint: String,
        /// They are due then.
        due_at: Timestamp,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_name_and_a_line_that_it_comes_from() {
        for kind in LifecycleKind::ALL {
            assert_eq!(LifecycleKind::parse(kind.as_str()), Some(kind));
            assert!(EventKind::ALL.into_iter().any(|line| LifecycleKind::of(line) == Some(kind)), "{kind:?}");
        }
        assert_eq!(LifecycleKind::parse("user.sneezed"), None);
    }

    #[test]
    fn a_subscription_may_be_to_some_tenants() {
        let tenant = |name: &str| TenantId::stored(name.to_owned());
        let kinds = vec![LifecycleKind::UserCreated];
        let all = Subscription { endpoint: "crm".to_owned(), kinds, tenants: Vec::new() };
        let one = Subscription { tenants: vec![tenant("acme")], ..all.clone() };
        assert!(all.wants(LifecycleKind::UserCreated, &tenant("public")) && one.wants(LifecycleKind::UserCreated, &tenant("acme")));
        assert!(!one.wants(LifecycleKind::UserCreated, &tenant("public")) && !all.wants(LifecycleKind::UserDeleted, &tenant("public")));
    }
}
