//! [`DirectoryChange`]: what can happen to the directory that back ends keep: linked users, proofs of addresses, metadata,
//! roles, tenants. A part of [`Change`], with the same rules.

use crate::change::Change;
use crate::email_token::EmailToken;
use crate::id::{AppId, IdentityId, TenantId, UserId};
use crate::stored_tenant::StoredTenant;
use crate::time::Timestamp;
use crate::user::{Identity, User};

/// Something that happens to the directory.
#[derive(Clone)]
pub enum DirectoryChange {
    /// An identity was moved to another user. Guard: it is still as seen. It keeps its id.
    IdentityMoved {
        /// The identity as the decision saw it.
        seen: Identity,
        /// Whose it is now.
        to: UserId,
    },
    /// Nothing, but an identity is still as the decision saw it, and stays so until this is written. Guard: that.
    IdentityStands(Identity),
    /// Nothing, but a tenant that a back end made is still there, and stays so until this is written. Guard: that.
    TenantStands {
        /// Which.
        id: TenantId,
    },
    /// The address of an identity counts as proved from now on, or (`None`) no longer. No guard. All tenants it is in.
    AddressVerified {
        /// Whose identity.
        user: UserId,
        /// Which identity.
        identity: IdentityId,
        /// Which address of it.
        email: String,
        /// Since when.
        at: Option<Timestamp>,
    },
    /// A service named another address for an identity. Guard: it is still as seen.
    ProviderEmailChanged {
        /// The identity as the decision saw it.
        seen: Identity,
        /// The address, if any.
        email: Option<String>,
        /// Since when the service vouches for it; `None` when it does not.
        verified_at: Option<Timestamp>,
    },
    /// A user may have others' identities linked to it from now on. Guard: as seen.
    UserMadePrimary {
        /// Who.
        user: UserId,
        /// The version that the decision knew of.
        seen_version: i64,
        /// When.
        at: Timestamp,
    },
    /// What is known of a user is this from now on: since when it is there, and whether it is a primary one. Guard: its
    /// version is still the one given here; the next one follows it.
    UserChanged(User),
    /// The sessions that an identity opened were revoked. No guard.
    SessionsOfIdentityRevoked {
        /// Whose sessions they are.
        user: UserId,
        /// By which identity they were opened.
        identity: IdentityId,
        /// In this tenant only, if given.
        tenant: Option<TenantId>,
        /// When.
        at: Timestamp,
    },
    /// A user is gone. Guard: as seen. Identities, sessions and the rest go by changes of their own.
    UserRemoved {
        /// Who.
        user: UserId,
        /// The version that the decision knew of.
        seen_version: i64,
    },
    /// A user can sign in to a tenant. No guard.
    MemberJoined {
        /// Which tenant.
        tenant: TenantId,
        /// Who.
        user: UserId,
        /// Since when the user is there at all: lists are in this order.
        created_at: Timestamp,
    },
    /// A user cannot sign in to a tenant any more. No guard.
    MemberLeft {
        /// Which tenant.
        tenant: TenantId,
        /// Who.
        user: UserId,
        /// As in [`DirectoryChange::MemberJoined`].
        created_at: Timestamp,
    },
    /// What back ends kept under an id (metadata, roles, tokens that prove addresses, numbers said to be theirs) is gone. No
    /// guard.
    BelongingsRemoved {
        /// In which app.
        app: AppId,
        /// The user's id, or an identity's.
        id: String,
    },
    /// What back ends know of an id beside what we know. Guard: as seen, or absent.
    MetadataSet {
        /// In which app.
        app: AppId,
        /// Of which id: a user's, or any other word.
        id: String,
        /// A JSON object.
        metadata: String,
        /// The version that the decision knew of; `None` when there was nothing.
        seen_version: Option<i64>,
    },
    /// Metadata is gone. No guard.
    MetadataRemoved {
        /// In which app.
        app: AppId,
        /// Of which id.
        id: String,
    },
    /// A role is there, with these permissions at least. No guard.
    RoleGrown {
        /// In which app.
        app: AppId,
        /// Its name.
        role: String,
        /// Permissions to add.
        permissions: Vec<String>,
    },
    /// A role lost permissions. No guard.
    RoleShrunk {
        /// In which app.
        app: AppId,
        /// Its name.
        role: String,
        /// Which; `None`: all.
        permissions: Option<Vec<String>>,
    },
    /// A role is gone, for everybody. No guard.
    RoleRemoved {
        /// In which app.
        app: AppId,
        /// Its name.
        role: String,
    },
    /// An id has a role in a tenant. Guard: the role is there.
    RoleGiven {
        /// In which tenant.
        tenant: TenantId,
        /// Whose: a user's id, or any other word.
        id: String,
        /// Which role.
        role: String,
    },
    /// An id has a role no longer. No guard.
    RoleTaken {
        /// In which tenant.
        tenant: TenantId,
        /// Whose.
        id: String,
        /// Which role.
        role: String,
    },
    /// A token that proves an address is out. Guard: its hash is new.
    EmailTokenMade(EmailToken),
    /// Such a token was used, or withdrawn with all others of its address. Guard: it is there.
    EmailTokenUsed {
        /// Its hash.
        hash: [u8; 32],
    },
    /// The tokens of an address are withdrawn. No guard.
    EmailTokensRemoved {
        /// Of which identity.
        identity: IdentityId,
        /// Which address.
        email: String,
    },
    /// A back end made a tenant, or changed it. Guard: as seen, or absent.
    TenantSet {
        /// The tenant as it is from now on; its version is the next one.
        tenant: StoredTenant,
        /// Whether the decision saw none of that name.
        is_new: bool,
    },
    /// A tenant is gone: with everybody's ways into it, its sign-ins and sessions, and those who can get in nowhere else.
    /// No guard.
    TenantRemoved {
        /// Which.
        id: TenantId,
    },
    /// An app is gone, with everything in it. Its tenants go by changes of their own, before this. No guard.
    AppRemoved {
        /// Which.
        app: AppId,
    },
    /// How far an import has come. No guard.
    ImportAdvanced {
        /// Of which source.
        source: String,
        /// Where it goes on.
        cursor: String,
        /// When.
        at: Timestamp,
    },
}

impl From<DirectoryChange> for Change {
    fn from(change: DirectoryChange) -> Self {
        Change::Directory(Box::new(change))
    }
}
