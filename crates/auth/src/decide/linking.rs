//! The rules of linked users: who may become a primary one, who may be linked to whom, and what moves (contract
//! supertokens-core.md §4.3). An address, a number or a service's id belongs to one primary user in each tenant.
//!
//! That last rule is over several users: each decision touches the version of everybody it counted on, so that two of them
//! cannot both hold.

use super::people::{cancelled, membership, tenants};
use postkey_model::{Change, Connection, DirectoryChange, Event, Identity, IdentityId, ProviderId, TenantId, Timestamp, User, UserId};
use postkey_store::{AccountInfo, UserFacts};
use std::collections::BTreeMap;

/// Everybody in question who has an address, a number or a service's id of those that a decision is about, in the tenants
/// that it is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rivals(Vec<UserFacts>);

impl Rivals {
    /// Nobody.
    pub const NONE: &Rivals = &Rivals(Vec::new());

    /// These, each once.
    pub fn of(found: impl IntoIterator<Item = UserFacts>) -> Self {
        let mut all: Vec<UserFacts> = Vec::new();
        for facts in found {
            if !all.iter().any(|known| known.user.id == facts.user.id) {
                all.push(facts);
            }
        }
        Rivals(all)
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &UserFacts> {
        self.0.iter()
    }

    /// The primary ones, except `own`.
    pub fn others_primary(&self, own: &UserFacts) -> impl Iterator<Item = &UserFacts> {
        self.0.iter().filter(|rival| rival.user.id != own.user.id && rival.is_primary())
    }
}

/// Which piece of information two users share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shared {
    /// An address.
    Email,
    /// A number.
    Phone,
    /// The id at a service.
    Provider,
}

/// Why somebody does not become a primary user, or is not linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoLink {
    /// The identity belongs to this primary user already.
    LinkedElsewhere(UserId),
    /// Another primary user has the same address, number or service.
    Taken {
        /// Who.
        by: UserId,
        /// What they share.
        what: Shared,
    },
    /// The user to link to is not a primary one.
    NotPrimary,
}

/// What there is to ask before a decision about `own` together: which tenants, for whom.
pub fn questions(own: &[&UserFacts]) -> Vec<(TenantId, AccountInfo)> {
    let rows = || own.iter().flat_map(|facts| &facts.identities);
    let infos = infos(rows());
    let ask = |tenant: TenantId| infos.iter().map(move |info| (tenant.clone(), info.clone())).collect::<Vec<_>>();
    tenants(rows()).into_iter().flat_map(ask).collect()
}

/// Everything that rows say about somebody, in as few questions as possible.
pub fn infos<'a>(rows: impl Iterator<Item = &'a Identity>) -> Vec<AccountInfo> {
    let (mut emails, mut phones, mut providers) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        emails.extend(row.email().map(str::to_owned));
        match row.connection {
            Connection::Sms => phones.push(row.subject.clone()),
            Connection::Provider(id) => providers.push((id, row.subject.clone())),
            Connection::Email => {}
        }
    }
    let (emails, phones, providers) = (distinct(emails), distinct(phones), distinct::<(ProviderId, String)>(providers));
    let most = emails.len().max(phones.len()).max(providers.len());
    let nth = |n: usize| AccountInfo { email: emails.get(n).cloned(), phone: phones.get(n).cloned(), provider: providers.get(n).cloned() };
    (0..most).map(nth).collect()
}

fn distinct<T: PartialEq>(all: Vec<T>) -> Vec<T> {
    let mut kept = Vec::new();
    for one in all {
        if !kept.contains(&one) {
            kept.push(one);
        }
    }
    kept
}

/// The first primary user beside `own` who has in one of their tenants what one of them has.
fn taken(own: &[&UserFacts], rivals: &Rivals) -> Option<NoLink> {
    let rows = || own.iter().flat_map(|facts| &facts.identities);
    let places = tenants(rows());
    let is_own = |facts: &UserFacts| own.iter().any(|known| known.user.id == facts.user.id);
    let shares = |theirs: &Identity| {
        let same_email = theirs.email().is_some() && rows().any(|row| row.email() == theirs.email());
        let same_way = rows().any(|row| (row.connection, &row.subject) == (theirs.connection, &theirs.subject));
        match theirs.connection {
            _ if !places.contains(&theirs.tenant) => None,
            Connection::Provider(_) if same_way => Some(Shared::Provider),
            Connection::Sms if same_way => Some(Shared::Phone),
            Connection::Email | Connection::Provider(_) if same_email => Some(Shared::Email),
            Connection::Email | Connection::Sms | Connection::Provider(_) => None,
        }
    };
    let primary = rivals.all().filter(|rival| rival.is_primary() && !is_own(rival));
    let mut found = primary.filter_map(|rival| {
        let what = rival.identities.iter().find_map(shares)?;
        Some(NoLink::Taken { by: rival.user.id.clone(), what })
    });
    found.next()
}

/// Touches `own` and all `rivals` that are not primary yet: whoever decides about one of these at the same time looks
/// again. In the order of their ids, as everywhere, so that two such decisions do not wait for each other.
pub(super) fn touch(own: &[&UserFacts], rivals: &Rivals) -> Vec<Change> {
    guarded(own.iter().map(|facts| touched(&facts.user)), own, rivals)
}

fn touched(user: &User) -> (UserId, Change) {
    (user.id.clone(), Change::UserTouched { user: user.id.clone(), seen_version: user.version })
}

/// The guards `of_own`, and one for each of `rivals` that is not primary and not of `own`.
fn guarded(of_own: impl Iterator<Item = (UserId, Change)>, own: &[&UserFacts], rivals: &Rivals) -> Vec<Change> {
    let is_own = |facts: &UserFacts| own.iter().any(|known| known.user.id == facts.user.id);
    let others = rivals.all().filter(|rival| !rival.is_primary() && !is_own(rival)).map(|rival| touched(&rival.user));
    let all: BTreeMap<UserId, Change> = others.chain(of_own).collect();
    all.into_values().collect()
}

/// The changes that make a primary user of somebody; none when it is one already.
pub fn made_primary(facts: &UserFacts, id: &str, rivals: &Rivals, at: Timestamp) -> Result<Vec<Change>, NoLink> {
    let user = &facts.user;
    if facts.is_primary() {
        return if user.id.as_str() == id { Ok(Vec::new()) } else { Err(NoLink::LinkedElsewhere(user.id.clone())) };
    }
    if let Some(no) = taken(&[facts], rivals) {
        return Err(no);
    }
    let made = DirectoryChange::UserMadePrimary { user: user.id.clone(), seen_version: user.version, at };
    Ok(guarded([(user.id.clone(), made.into())].into_iter(), &[facts], rivals))
}

/// The changes that move the identity of `recipe`, who has no other, to `primary`; none when it is there already. It keeps
/// its id, its own user is no more, and its sessions and open sign-ins end: who gets in by it from now on is another.
/// Metadata and roles stay under the id that they were given to.
pub fn linked(recipe: &UserFacts, primary: &UserFacts, rivals: &Rivals, event: Event, at: Timestamp) -> Result<Vec<Change>, NoLink> {
    let (from, to) = (&recipe.user, &primary.user);
    if !primary.is_primary() {
        return Err(NoLink::NotPrimary);
    }
    if from.id == to.id {
        return Ok(Vec::new());
    }
    if recipe.is_primary() {
        return Err(NoLink::LinkedElsewhere(from.id.clone()));
    }
    if let Some(no) = taken(&[recipe, primary], rivals) {
        return Err(no);
    }
    // The elder of both says since when somebody is there.
    let created_at = from.created_at.min(to.created_at);
    let grown = User { created_at, primary_at: to.primary_at.or(Some(at)), ..to.clone() };
    let kept = if grown == *to { touched(to) } else { (to.id.clone(), DirectoryChange::UserChanged(grown).into()) };
    let gone = DirectoryChange::UserRemoved { user: from.id.clone(), seen_version: from.version };
    let mut changes = guarded([kept, (from.id.clone(), gone.into())].into_iter(), &[recipe, primary], rivals);
    let moved = |row: &Identity| Change::from(DirectoryChange::IdentityMoved { seen: row.clone(), to: to.id.clone() });
    changes.extend(recipe.identities.iter().map(moved));
    let none = tenants([]);
    let (theirs, ours) = (tenants(&recipe.identities), tenants(&primary.identities));
    changes.extend(membership(from, &theirs, &none, from.created_at));
    changes.extend(membership(to, &ours, &(&theirs | &ours), created_at));
    changes.push(Change::SessionsOfUserRevoked { user: from.id.clone(), except: None, at });
    changes.extend(cancelled(&recipe.identities, at));
    changes.push(Change::EventRecorded(event));
    Ok(changes)
}

/// What unlinking comes to.
#[derive(Clone, Default)]
pub struct Unlinked {
    /// What to write.
    pub changes: Vec<Change>,
    /// Whether it was linked.
    pub was_linked: bool,
    /// Whether the identity is gone.
    pub was_deleted: bool,
}

/// Makes an identity a user of its own again, under its own id. The identity that has its user's id cannot go like that: it
/// is deleted while others are linked, and alone it just is no primary user any more. `None` when there is no such one.
pub fn unlinked(facts: &UserFacts, id: &IdentityId, event: Event, at: Timestamp) -> Option<Unlinked> {
    let (gone, stay): (Vec<&Identity>, Vec<&Identity>) = facts.identities.iter().partition(|row| row.id == *id);
    if gone.is_empty() {
        return None;
    }
    if !facts.is_primary() {
        return Some(Unlinked::default());
    }
    let user = &facts.user;
    let is_own = user.id.as_str() == id.as_str();
    let mut changes: Vec<Change> = vec![if is_own && stay.is_empty() {
        DirectoryChange::UserChanged(User { primary_at: None, ..user.clone() }).into()
    } else if stay.is_empty() {
        DirectoryChange::UserRemoved { user: user.id.clone(), seen_version: user.version }.into()
    } else {
        DirectoryChange::UserChanged(User {
            created_at: age_without(user, &gone, &stay),
            primary_at: user.primary_at.or(Some(at)),
            ..user.clone()
        })
        .into()
    }];
    let before = tenants(&facts.identities);
    match (is_own, stay.is_empty()) {
        (true, true) => {}
        (true, false) => changes.extend(gone.iter().map(|row| Change::IdentityRemoved((*row).clone()))),
        (false, _) => changes.extend(on_its_own(facts, &gone)),
    }
    if !(is_own && stay.is_empty()) {
        changes.extend(membership(user, &before, &tenants(stay.iter().copied()), age_without(user, &gone, &stay)));
    }
    if !is_own && stay.is_empty() {
        changes.push(DirectoryChange::BelongingsRemoved { app: user.tenant.app(), id: user.id.as_str().to_owned() }.into());
    }
    let identity = id.clone();
    changes.push(DirectoryChange::SessionsOfIdentityRevoked { user: user.id.clone(), identity, tenant: None, at }.into());
    changes.extend(cancelled(gone, at));
    changes.push(Change::EventRecorded(event));
    Some(Unlinked { changes, was_linked: true, was_deleted: is_own && !stay.is_empty() })
}

/// The user that an identity becomes whose rows are `gone` from `facts`.
fn on_its_own(facts: &UserFacts, gone: &[&Identity]) -> Vec<Change> {
    let places = tenants(gone.iter().copied());
    let tenant = places.first().unwrap_or(&facts.user.tenant).clone();
    let created_at = oldest(gone).unwrap_or(facts.user.created_at);
    let Some(first) = gone.first() else { return Vec::new() };
    let user = User { id: UserId::stored(first.id.as_str().to_owned()), tenant: tenant.clone(), created_at, version: 0, primary_at: None };
    let mut changes = vec![Change::UserCreated(user.clone())];
    let moved = |row: &&Identity| Change::from(DirectoryChange::IdentityMoved { seen: (*row).clone(), to: user.id.clone() });
    changes.extend(gone.iter().map(moved));
    // Whoever is made is a member of one tenant at once, which may be none of these.
    changes.extend(membership(&user, &[tenant].into(), &places, created_at));
    changes
}

/// Since when somebody is there whose oldest identities may be those that are `gone`.
pub(super) fn age_without(user: &User, gone: &[&Identity], stay: &[&Identity]) -> Timestamp {
    match (oldest(gone), oldest(stay)) {
        (Some(lost), Some(left)) if lost == user.created_at => left,
        _ => user.created_at,
    }
}

fn oldest(rows: &[&Identity]) -> Option<Timestamp> {
    rows.iter().map(|row| row.created_at).min()
}

#[cfg(test)]
mod tests;
