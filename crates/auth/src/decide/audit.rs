//! What of all that happens is worth a line in the audit trail. Verbs that know more write a line of their own.

use postkey_model::{Actor, AppId, Change, DirectoryChange, EventIf, EventKind, LoginChange, SessionHandle, SignInId, TenantId, UserId};

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
            LoginChange::NumberMapped { tenant, user, .. } => {
                Some(plain(tenant, EventKind::NumberMapped, user.as_str(), Some(user), Actor::Operator))
            }
            LoginChange::NumberUnmapped { tenant, .. } => {
                Some(plain(tenant, EventKind::NumberUnmapped, tenant.as_str(), None, Actor::Operator))
            }
            _ => None,
        },
        // Whom, is an address: the line does not say it.
        Change::Invited { tenant, .. } => Some(plain(tenant, EventKind::Invited, tenant.as_str(), None, Actor::Operator)),
        Change::InviteWithdrawn { tenant, .. } => Some(plain(tenant, EventKind::InviteWithdrawn, tenant.as_str(), None, Actor::Operator)),
        _ => None,
    }
}

fn directory_line(change: &DirectoryChange) -> Option<Line> {
    let made = |tenant: &TenantId, kind| Some(plain(tenant, kind, tenant.as_str(), None, Actor::BackEnd));
    let about = |app: &AppId, kind, id: &str| Some(plain(&whole(app), kind, id, Some(&UserId::stored(id.to_owned())), Actor::BackEnd));
    let given = |tenant: &TenantId, kind, id: &str, role: &str| {
        Some(plain(tenant, kind, role, Some(&UserId::stored(id.to_owned())), Actor::BackEnd))
    };
    match change {
        DirectoryChange::TenantSet { tenant, .. } => made(&tenant.id, EventKind::TenantSet),
        DirectoryChange::TenantRemoved { id } => made(id, EventKind::TenantRemoved),
        DirectoryChange::MetadataSet { app, id, .. } => about(app, EventKind::MetadataSet, id),
        DirectoryChange::MetadataRemoved { app, id } => about(app, EventKind::MetadataRemoved, id),
        DirectoryChange::RoleGrown { app, role, .. } | DirectoryChange::RoleShrunk { app, role, .. } => {
            Some(plain(&whole(app), EventKind::RoleChanged, role, None, Actor::BackEnd))
        }
        DirectoryChange::RoleRemoved { app, role } => Some(plain(&whole(app), EventKind::RoleRemoved, role, None, Actor::BackEnd)),
        DirectoryChange::RoleGiven { tenant, id, role } => given(tenant, EventKind::RoleGiven, id, role),
        DirectoryChange::RoleTaken { tenant, id, role } => given(tenant, EventKind::RoleTaken, id, role),
        DirectoryChange::ImportAdvanced { source, .. } => {
            Some(plain(&TenantId::public(), EventKind::UsersImported, source, None, Actor::Operator))
        }
        _ => None,
    }
}

/// Where what is an app's as a whole is written down: in the tenant that it has in any case.
fn whole(app: &AppId) -> TenantId {
    TenantId::in_app(app, &TenantId::public())
}

fn plain(tenant: &TenantId, kind: EventKind, subject: &str, user: Option<&UserId>, actor: Actor) -> Line {
    Line::Plain { tenant: tenant.clone(), kind, subject: subject.to_owned(), user: user.cloned(), actor }
}
