//! What of all that happens is worth a line in the audit trail. Verbs that know more write a line of their own.

use postkey_model::{Actor, Change, DirectoryChange, EventIf, EventKind, LoginChange, SessionHandle, SignInId, TenantId, UserId};

/// A line to write beside a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// This one.
    Plain {
        /// In which tenant.
        tenant: TenantId,
        /// What happened.
        kind: EventKind,
        /// To what.
        subject: String,
        /// About whom.
        user: Option<UserId>,
        /// Who did it.
        actor: Actor,
    },
    /// One that hangs on what the store finds: before the change where it ends something, behind it else.
    If(EventIf),
}

/// The line that a change is worth, if any.
pub fn line(change: &Change) -> Option<Line> {
    match change {
        Change::UserCreated(user) => Some(plain(&user.tenant, EventKind::UserCreated, user.id.as_str(), Some(&user.id), Actor::Person)),
        Change::SessionCreated(session) => {
            let actor = if session.back_end.is_some() { Actor::BackEnd } else { Actor::Person };
            Some(plain(&session.tenant, EventKind::SignedIn, session.handle.as_str(), Some(&session.user), actor))
        }
        Change::SessionRevoked { handle, .. } => Some(Line::If(EventIf::SessionIsGood(SessionHandle::clone(handle)))),
        Change::AttemptFailed { sign_in } => Some(Line::If(EventIf::SignInExhausted(SignInId::clone(sign_in)))),
        Change::Directory(change) => directory_line(change),
        Change::Login(change) => match &**change {
            LoginChange::Registered(row) => {
                let subject = format!("{}/{}", row.kind, row.id);
                Some(plain(&TenantId::public(), EventKind::Registered, &subject, None, Actor::Operator))
            }
            LoginChange::Unregistered { kind, id } => {
                Some(plain(&TenantId::public(), EventKind::Unregistered, &format!("{kind}/{id}"), None, Actor::Operator))
            }
            _ => None,
        },
        _ => None,
    }
}

fn directory_line(change: &DirectoryChange) -> Option<Line> {
    let made = |tenant: &TenantId, kind| Some(plain(tenant, kind, tenant.as_str(), None, Actor::BackEnd));
    match change {
        DirectoryChange::TenantSet { tenant, .. } => made(&tenant.id, EventKind::TenantSet),
        DirectoryChange::TenantRemoved { id } => made(id, EventKind::TenantRemoved),
        _ => None,
    }
}

fn plain(tenant: &TenantId, kind: EventKind, subject: &str, user: Option<&UserId>, actor: Actor) -> Line {
    Line::Plain { tenant: tenant.clone(), kind, subject: subject.to_owned(), user: user.cloned(), actor }
}
