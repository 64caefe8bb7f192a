//! The rules of moving in: what becomes of a person of another server, whom we know already, and who stays out.

use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use postkey_model::bulk::{Taken, TakenMethod, TakenWay};
use postkey_model::{AppId, Change, Connection, DirectoryChange, Identity, IdentityId, TenantId, Timestamp, User, UserId};
use postkey_store::UserFacts;
use serde_json::Value;
use std::collections::{BTreeSet, HashSet};
use thiserror::Error;

/// A person as they are going to be here.
#[derive(Clone, Debug, PartialEq)]
pub struct Newcomer {
    /// The user.
    pub user: User,
    /// All ways in, oldest first.
    pub identities: Vec<Identity>,
    /// What applications noted: a JSON object.
    pub metadata: Option<String>,
    /// Each role in each tenant.
    pub roles: BTreeSet<(TenantId, String)>,
}

/// Why somebody stays out.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// An id with signs that no id has.
    #[error("the id {0:?} holds control characters")]
    BadId(String),
    /// Somebody else gets in by it.
    #[error("{connection} {subject} in tenant {tenant} is the user {owner} already")]
    Owned {
        /// In which tenant.
        tenant: TenantId,
        /// By which way.
        connection: String,
        /// Which one.
        subject: String,
        /// Whose it is.
        owner: UserId,
    },
    /// The id names a way in of somebody else.
    #[error("the id {0} is a login method of the user {1} here")]
    LinkedHere(UserId, UserId),
    /// The user is here with other ways in.
    #[error("the user is here already, without {0}")]
    OtherWays(String),
    /// The id is one of another app.
    #[error("the id {0} belongs to a user of another app")]
    OtherApp(UserId),
}

/// What becomes of a person that was taken from another server, in `app`: ids are those that applications see there.
pub fn newcomer(app: &AppId, taken: &Taken) -> Result<Newcomer, Refusal> {
    let main = taken.methods.iter().find(|method| method.is_primary).or(taken.methods.first());
    let is_own = |method: &&TakenMethod| match (&method.id, &taken.id) {
        (Some(method), Some(user)) => method.as_str() == user.as_str(),
        (None, _) => method.is_primary,
        (Some(_), None) => false,
    };
    let external = taken.external_id.clone().or_else(|| main.filter(is_own).and_then(|main| main.external_id.clone()));
    let known = external.or_else(|| taken.id.as_ref().map(|id| id.as_str().to_owned()));
    let id = known.or_else(|| main.map(|main| derived_id(app, main))).unwrap_or_default();
    let user = UserId::stored(checked(id)?);
    let mut identities = Vec::new();
    for method in &taken.methods {
        let theirs = || method.id.as_ref().map(|id| id.as_str().to_owned());
        let id = match (&method.external_id, is_own(&method)) {
            (Some(external), _) => external.clone(),
            (None, true) => user.as_str().to_owned(),
            (None, false) => theirs().unwrap_or_else(|| derived_id(app, method)),
        };
        let id = IdentityId::stored(checked(id)?);
        let rows = method.tenants.iter().flat_map(|tenant| method.ways.iter().map(move |way| (tenant, way)));
        identities.extend(rows.map(|(tenant, way)| identity(app, tenant, method, way, id.clone(), user.clone())));
    }
    let created_at = taken.methods.iter().map(|method| method.joined_at).min().unwrap_or(Timestamp(0));
    let home = main.and_then(|main| main.tenants.iter().find(|tenant| **tenant == TenantId::public()).or(main.tenants.first()));
    let home = TenantId::in_app(app, home.unwrap_or(&TenantId::public()));
    let primary_at = taken.is_primary.then_some(created_at);
    let metadata = taken.metadata.clone().map(|metadata| Value::Object(metadata).to_string());
    let roles = taken.roles.iter().map(|(role, tenant)| (TenantId::in_app(app, tenant), role.clone())).collect();
    Ok(Newcomer { user: User { id: user, tenant: home, created_at, version: 0, primary_at }, identities, metadata, roles })
}

fn identity(app: &AppId, tenant: &TenantId, method: &TakenMethod, way: &TakenWay, id: IdentityId, user: UserId) -> Identity {
    // A code went to a number before it was anybody's.
    let is_verified = method.is_verified || way.connection == Connection::Sms;
    Identity {
        id,
        user,
        tenant: TenantId::in_app(app, tenant),
        connection: way.connection,
        subject: way.subject.clone(),
        created_at: method.joined_at,
        version: 0,
        provider_email: way.provider_email.clone(),
        verified_at: is_verified.then_some(method.joined_at),
    }
}

fn checked(id: String) -> Result<String, Refusal> {
    if id.is_empty() || id.chars().any(char::is_control) { Err(Refusal::BadId(id)) } else { Ok(id) }
}

/// An id for a way in that came without one: the same each time that it comes, so that it is known again. A UUID of
/// version 8 (RFC 9562 §5.8).
fn derived_id(app: &AppId, method: &TakenMethod) -> String {
    let mut hash = digest::Context::new(&digest::SHA256);
    let tenants = method.tenants.iter().map(TenantId::as_str);
    let ways = method.ways.iter().flat_map(|way| [way.connection.as_str(), way.subject.as_str()]);
    for part in std::iter::once(app.as_str()).chain(tenants).chain(ways) {
        hash.update(part.as_bytes());
        hash.update(&[0]);
    }
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(hash.finish().as_ref()).for_each(|(to, from)| *to = *from);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = HEXLOWER.encode(&bytes);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// Leaves away the roles that are none, and says which.
pub fn keep_known_roles(taken: &mut Taken, known: &HashSet<String>) -> Vec<String> {
    let mut unknown: BTreeSet<String> = BTreeSet::new();
    unknown.extend(taken.roles.iter().map(|(role, _)| role.clone()).filter(|role| !known.contains(role)));
    taken.roles.retain(|(role, _)| known.contains(role));
    unknown.into_iter().map(|role| format!("role `{role}`: there is no such role, so nobody has it")).collect()
}

/// The changes that let somebody in. `metadata` is left away where something stands under the id already.
pub fn moved_in(newcomer: &Newcomer, with_metadata: bool) -> Vec<Change> {
    let User { id, tenant: home, created_at, .. } = newcomer.user.clone();
    let app = home.app();
    let mut changes = vec![Change::UserCreated(newcomer.user.clone())];
    changes.extend(newcomer.identities.iter().cloned().map(Change::IdentityCreated));
    let tenants: BTreeSet<&TenantId> = newcomer.identities.iter().map(|identity| &identity.tenant).collect();
    for tenant in tenants.into_iter().filter(|tenant| **tenant != home) {
        changes.push(DirectoryChange::MemberJoined { tenant: tenant.clone(), user: id.clone(), created_at }.into());
    }
    if let Some(metadata) = newcomer.metadata.clone().filter(|_| with_metadata) {
        let id = id.as_str().to_owned();
        changes.push(DirectoryChange::MetadataSet { app, id, metadata, seen_version: None }.into());
    }
    for (tenant, role) in &newcomer.roles {
        changes.push(DirectoryChange::RoleGiven { tenant: tenant.clone(), id: id.to_string(), role: role.clone() }.into());
    }
    changes
}

/// Whether `here`, found under the newcomer's id, is the newcomer: of an earlier run, perhaps with more ways in since.
pub fn is_here(newcomer: &Newcomer, here: &UserFacts) -> Result<(), Refusal> {
    let id = &newcomer.user.id;
    if here.user.id != *id {
        return Err(Refusal::LinkedHere(id.clone(), here.user.id.clone()));
    }
    let has = |wanted: &Identity| {
        here.identities.iter().any(|identity| {
            (&identity.id, &identity.tenant, identity.connection, &identity.subject)
                == (&wanted.id, &wanted.tenant, wanted.connection, &wanted.subject)
        })
    };
    let missing = newcomer.identities.iter().filter(|identity| !has(identity));
    let missing: Vec<String> = missing.map(|it| format!("{} {} in tenant {}", it.connection.as_str(), it.subject, it.tenant)).collect();
    if missing.is_empty() { Ok(()) } else { Err(Refusal::OtherWays(missing.join(", "))) }
}

#[cfg(test)]
mod tests;
