//! The rules of people as back ends handle them: what a login method is, who is found, and what becomes of somebody who
//! is removed, gets another address, or joins and leaves tenants (contract supertokens-core.md §2.3, §2.4, §4.1, §4.2).

use super::linking::{Rivals, touch};
use postkey_model::{
    AppId, Change, Connection, DirectoryChange, EmailAddress, Event, EventKind, Identity, IdentityId, PhoneNumber, ProviderId, TenantId,
    Timestamp, User,
};
use postkey_store::{AccountInfo, UserFacts};
use std::collections::BTreeSet;

/// One way in as SuperTokens sees it: all rows of one identity (contract §2.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginMethod {
    /// The identity: SuperTokens' `recipeUserId`.
    pub id: IdentityId,
    /// The tenants in which it opens anything; may be none.
    pub tenants: Vec<TenantId>,
    /// Since when it is there.
    pub created_at: Timestamp,
    /// Its address: one that codes go to, or the one that a service named.
    pub email: Option<String>,
    /// Its number.
    pub phone: Option<String>,
    /// For one that another service vouches for: which, and the id there. All others are passwordless.
    pub provider: Option<(ProviderId, String)>,
    /// Whether its address counts as proved. A number always does.
    pub is_verified: bool,
}

/// The login methods of a user, oldest first.
pub fn login_methods(facts: &UserFacts) -> Vec<LoginMethod> {
    let mut methods: Vec<LoginMethod> = Vec::new();
    for row in &facts.identities {
        let known = methods.iter().position(|method| method.id == row.id);
        let at = known.unwrap_or_else(|| {
            methods.push(LoginMethod {
                id: row.id.clone(),
                tenants: Vec::new(),
                created_at: row.created_at,
                email: None,
                phone: None,
                provider: None,
                is_verified: true,
            });
            methods.len() - 1
        });
        let method = &mut methods[at];
        method.created_at = method.created_at.min(row.created_at);
        if !is_nowhere(&row.tenant) && !method.tenants.contains(&row.tenant) {
            method.tenants.push(row.tenant.clone());
        }
        if let Some(email) = row.email()
            && method.email.is_none()
        {
            method.email = Some(email.to_owned());
            method.is_verified = row.verified_at.is_some();
        }
        match row.connection {
            Connection::Sms => method.phone = method.phone.take().or_else(|| Some(row.subject.clone())),
            Connection::Provider(provider) => method.provider = Some((provider, row.subject.clone())),
            Connection::Email => {}
        }
    }
    methods.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    methods
}

/// Where the rows of an identity stand that was taken out of its last tenant: it opens nothing, and is not lost. No door
/// can name such a tenant, and no two identities share one.
pub fn nowhere(app: &AppId, identity: &IdentityId) -> TenantId {
    TenantId::in_app(app, &TenantId::stored(format!("~{identity}")))
}

/// Whether this is no tenant, but the place of an identity that is in none.
pub fn is_nowhere(tenant: &TenantId) -> bool {
    tenant.name().starts_with('~')
}

/// The one spelling of an address that a back end names: ours where it is an address for us, else in lower case without
/// the spaces around it (contract §1.8). Services name addresses that we would not send to.
pub fn normal_email(text: &str) -> String {
    EmailAddress::parse(text).map_or_else(|_| text.trim().to_lowercase(), |address| address.as_str().to_owned())
}

/// Whether somebody is one whom a back end looks for in `tenant`, by the login methods there: all that it names is theirs,
/// by whichever method, or with `union` any of it (contract §4.1).
pub fn is_meant(facts: &UserFacts, tenant: &TenantId, info: &AccountInfo, union: bool) -> bool {
    let any = |fits: &dyn Fn(&Identity) -> bool| facts.identities.iter().any(|row| row.tenant == *tenant && fits(row));
    let by_email = info.email.as_ref().map(|email| any(&|row| row.email() == Some(email)));
    let by_phone = info.phone.as_ref().map(|phone| any(&|row| row.connection == Connection::Sms && row.subject == *phone));
    let by_provider = info.provider.as_ref().map(|(id, subject)| {
        let connection = Connection::Provider(*id);
        any(&|row| row.connection == connection && row.subject == *subject)
    });
    let mut asked = [by_email, by_phone, by_provider].into_iter().flatten();
    if union { asked.any(|is| is) } else { asked.all(|is| is) }
}

/// What somebody's rows are in, apart from [`nowhere`].
pub(super) fn tenants<'a>(rows: impl IntoIterator<Item = &'a Identity>) -> BTreeSet<TenantId> {
    rows.into_iter().map(|row| row.tenant.clone()).filter(|tenant| !is_nowhere(tenant)).collect()
}

/// The tenants in which somebody has a way in.
pub fn tenants_of(facts: &UserFacts) -> BTreeSet<TenantId> {
    tenants(&facts.identities)
}

/// Keeps the lists of members in step: what becomes of somebody who was in the tenants `before` and is in `after` now,
/// since `created_at`.
pub(super) fn membership(user: &User, before: &BTreeSet<TenantId>, after: &BTreeSet<TenantId>, created_at: Timestamp) -> Vec<Change> {
    let same_age = user.created_at == created_at;
    let stays = |tenant: &&TenantId| same_age && before.contains(*tenant) && after.contains(*tenant);
    let left = before.iter().filter(|tenant| !stays(tenant)).map(|tenant| DirectoryChange::MemberLeft {
        tenant: tenant.clone(),
        user: user.id.clone(),
        created_at: user.created_at,
    });
    let joined = after.iter().filter(|tenant| !stays(tenant)).map(|tenant| DirectoryChange::MemberJoined {
        tenant: tenant.clone(),
        user: user.id.clone(),
        created_at,
    });
    left.chain(joined).map(Change::from).collect()
}

/// Ends the open sign-ins of these rows.
pub(super) fn cancelled<'a>(rows: impl IntoIterator<Item = &'a Identity>, at: Timestamp) -> Vec<Change> {
    let codes = rows.into_iter().filter(|row| row.identifier().is_some() && !is_nowhere(&row.tenant));
    codes.map(|row| Change::SignInsCancelled { tenant: row.tenant.clone(), subject: row.subject.clone(), at }).collect()
}

/// The changes that remove the identity `id` of somebody, or with `all_linked` the whole user (contract §4.1). With the
/// last identity the user goes. `None` when there is nothing of that id.
pub fn removed(facts: &UserFacts, id: &str, all_linked: bool, event: Event, now: Timestamp) -> Option<Vec<Change>> {
    let (gone, stay): (Vec<&Identity>, Vec<&Identity>) = facts.identities.iter().partition(|row| all_linked || row.id.as_str() == id);
    if gone.is_empty() && !stay.is_empty() {
        return None;
    }
    let user = &facts.user;
    let app = user.tenant.app();
    let belongings = |id: &str| Change::from(DirectoryChange::BelongingsRemoved { app: app.clone(), id: id.to_owned() });
    let mut changes = Vec::new();
    if stay.is_empty() {
        changes.push(DirectoryChange::UserRemoved { user: user.id.clone(), seen_version: user.version }.into());
        changes.push(Change::SessionsOfUserRevoked { user: user.id.clone(), except: None, at: now });
        changes.push(belongings(user.id.as_str()));
    } else {
        // The eldest may be gone, and lists are by age.
        changes.push(
            DirectoryChange::UserChanged(User { created_at: super::linking::age_without(user, &gone, &stay), ..user.clone() }).into(),
        );
    }
    let ids: BTreeSet<&IdentityId> = gone.iter().map(|row| &row.id).collect();
    for identity in ids {
        if !stay.is_empty() {
            let (user, identity) = (user.id.clone(), identity.clone());
            changes.push(DirectoryChange::SessionsOfIdentityRevoked { user, identity, tenant: None, at: now }.into());
        }
        // What is kept under the user's own id is the user's.
        if identity.as_str() != user.id.as_str() {
            changes.push(belongings(identity.as_str()));
        }
    }
    changes.extend(gone.iter().map(|row| Change::IdentityRemoved((*row).clone())));
    let (before, after) = (tenants(&facts.identities), tenants(stay.iter().copied()));
    let age = if stay.is_empty() { user.created_at } else { super::linking::age_without(user, &gone, &stay) };
    changes.extend(membership(user, &before, &after, age));
    changes.extend(cancelled(gone, now));
    let kind = if stay.is_empty() { EventKind::UserRemoved } else { EventKind::IdentityRemoved };
    changes.push(Change::EventRecorded(Event { kind, ..event }));
    Some(changes)
}

/// What a back end wants of a passwordless login method: a field that is `None` stays, `Some(None)` is cleared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewContact {
    /// The address.
    pub email: Option<Option<EmailAddress>>,
    /// The number.
    pub phone: Option<Option<PhoneNumber>>,
}

/// Why a login method was not changed (contract §2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoUpdate {
    /// There is no passwordless login method of this id.
    Unknown,
    /// It would have neither an address nor a number.
    NothingLeft,
    /// Another passwordless login method in one of its tenants has the address.
    EmailTaken,
    /// The same for the number.
    PhoneTaken,
    /// It is linked, and another primary user holds the address.
    EmailHeld,
    /// The same for the number.
    PhoneHeld,
}

/// The changes that give a passwordless login method another address or number (contract §2.3). A new address is not proved
/// until somebody signs in by it. Open sign-ins of the old and the new one end. No changes when all is so already.
pub fn updated(
    facts: &UserFacts,
    id: &IdentityId,
    wish: &NewContact,
    rivals: &Rivals,
    event: Event,
    now: Timestamp,
) -> Result<Vec<Change>, NoUpdate> {
    let is_code = |row: &&Identity| row.id == *id && row.identifier().is_some();
    let rows: Vec<&Identity> = facts.identities.iter().filter(is_code).collect();
    let of = |connection: Connection| rows.iter().find(|row| row.connection == connection).map(|row| row.subject.clone());
    if rows.is_empty() {
        return Err(NoUpdate::Unknown);
    }
    let email = wish.email.as_ref().map_or_else(|| of(Connection::Email), |new| new.as_ref().map(|e| e.as_str().to_owned()));
    let phone = wish.phone.as_ref().map_or_else(|| of(Connection::Sms), |new| new.as_ref().map(|p| p.as_str().to_owned()));
    if email.is_none() && phone.is_none() {
        return Err(NoUpdate::NothingLeft);
    }
    let places: BTreeSet<&TenantId> = rows.iter().map(|row| &row.tenant).collect();
    let mut changes = Vec::new();
    let mut ended = Vec::new();
    for (connection, wanted, taken, held) in [
        (Connection::Email, email, NoUpdate::EmailTaken, NoUpdate::EmailHeld),
        (Connection::Sms, phone, NoUpdate::PhoneTaken, NoUpdate::PhoneHeld),
    ] {
        if wanted == of(connection) {
            continue;
        }
        if let Some(subject) = &wanted {
            if facts.is_primary() && rivals.others_primary(facts).any(|rival| holds(rival, facts, connection, subject)) {
                return Err(held);
            }
            let has =
                |row: &Identity| row.id != *id && row.connection == connection && row.subject == *subject && places.contains(&row.tenant);
            if rivals.all().chain([facts]).any(|other| other.identities.iter().any(has)) {
                return Err(taken);
            }
        }
        for place in &places {
            let row = rows.iter().find(|row| row.tenant == **place && row.connection == connection);
            changes.extend(replaced(rows[0], row.copied(), place, connection, wanted.as_deref(), now));
            ended.extend(row.map(|row| (*row).clone()));
            ended.extend(wanted.as_ref().map(|new| Identity {
                tenant: (*place).clone(),
                connection,
                subject: new.clone(),
                ..rows[0].clone()
            }));
        }
    }
    if changes.is_empty() {
        return Ok(changes);
    }
    let mut all = touch(&[facts], if facts.is_primary() { rivals } else { Rivals::NONE });
    all.extend(changes);
    all.extend(cancelled(&ended, now));
    all.push(Change::EventRecorded(event));
    Ok(all)
}

/// Whether `rival` holds this address or number in one of the tenants of `facts`.
fn holds(rival: &UserFacts, facts: &UserFacts, connection: Connection, subject: &str) -> bool {
    let shared = tenants(&facts.identities);
    rival.identities.iter().filter(|row| shared.contains(&row.tenant)).any(|row| match connection {
        Connection::Sms => row.connection == Connection::Sms && row.subject == subject,
        Connection::Email | Connection::Provider(_) => row.email() == Some(subject),
    })
}

/// What happens to the `row` of a login method in one place, of which `model` is any row.
fn replaced(
    model: &Identity,
    row: Option<&Identity>,
    place: &TenantId,
    connection: Connection,
    wanted: Option<&str>,
    now: Timestamp,
) -> Vec<Change> {
    match (row, wanted) {
        (Some(row), Some(new)) if row.subject == new => Vec::new(),
        (Some(row), Some(new)) => {
            let changed = Change::IdentityChanged { seen: row.clone(), subject: new.to_owned(), since: row.created_at };
            let (user, identity) = (row.user.clone(), row.id.clone());
            let unproved = DirectoryChange::AddressVerified { user, identity, email: new.to_owned(), at: None };
            vec![changed, unproved.into()]
        }
        (Some(row), None) => vec![Change::IdentityRemoved(row.clone())],
        (None, Some(new)) => vec![Change::IdentityCreated(Identity {
            tenant: place.clone(),
            connection,
            subject: new.to_owned(),
            created_at: now,
            version: 0,
            provider_email: None,
            verified_at: (connection == Connection::Sms).then_some(now),
            ..model.clone()
        })],
        (None, None) => Vec::new(),
    }
}

/// Why an identity was not put into a tenant (contract §4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPlace {
    /// There is no identity of this id.
    Unknown,
    /// A passwordless login method there has its address.
    EmailTaken,
    /// A passwordless login method there has its number.
    PhoneTaken,
    /// Somebody there is known by the same service under the same id.
    ProviderTaken,
    /// It is linked, and another primary user there has an address, number or service of its user.
    Held,
}

/// The changes that put the identity `id` into `tenant`; none when it is there already.
pub fn associated(facts: &UserFacts, id: &str, tenant: &TenantId, rivals: &Rivals) -> Result<Vec<Change>, NoPlace> {
    let rows: Vec<&Identity> = facts.identities.iter().filter(|row| row.id.as_str() == id).collect();
    if rows.is_empty() {
        return Err(NoPlace::Unknown);
    }
    if rows.iter().any(|row| row.tenant == *tenant) {
        return Ok(Vec::new());
    }
    if facts.is_primary() && rivals.others_primary(facts).next().is_some() {
        return Err(NoPlace::Held);
    }
    let mut copies: Vec<Identity> = Vec::new();
    for row in &rows {
        let same = |other: &Identity| (other.connection, &other.subject) == (row.connection, &row.subject);
        if rivals.all().chain([facts]).any(|other| other.identities.iter().any(|other| other.tenant == *tenant && same(other))) {
            return Err(match row.connection {
                Connection::Email => NoPlace::EmailTaken,
                Connection::Sms => NoPlace::PhoneTaken,
                Connection::Provider(_) => NoPlace::ProviderTaken,
            });
        }
        if !copies.iter().any(same) {
            copies.push(Identity { tenant: tenant.clone(), version: 0, ..(*row).clone() });
        }
    }
    let mut changes = touch(&[facts], if facts.is_primary() { rivals } else { Rivals::NONE });
    changes.extend(rows.iter().filter(|row| is_nowhere(&row.tenant)).map(|row| Change::IdentityRemoved((*row).clone())));
    let before = tenants(&facts.identities);
    let after = tenants(facts.identities.iter().chain(&copies));
    changes.extend(copies.into_iter().map(Change::IdentityCreated));
    changes.extend(membership(&facts.user, &before, &after, facts.user.created_at));
    Ok(changes)
}

/// The changes that take the identity `id` out of `tenant`: it opens nothing there any more. Out of its last one it stays
/// with its user, and can be put into another. `roles` are those given there to it or its user, which go when the user
/// has no other way in. None when it is not there.
pub fn disassociated(facts: &UserFacts, id: &str, tenant: &TenantId, roles: &[(String, String)], now: Timestamp) -> Vec<Change> {
    let is_it = |row: &Identity| row.id.as_str() == id;
    let (gone, stay): (Vec<&Identity>, Vec<&Identity>) = facts.identities.iter().partition(|row| is_it(row) && row.tenant == *tenant);
    let Some(first) = gone.first() else { return Vec::new() };
    let user = &facts.user;
    let mut changes = touch(&[facts], Rivals::NONE);
    changes.extend(gone.iter().map(|row| Change::IdentityRemoved((*row).clone())));
    if !stay.iter().any(|row| is_it(row)) {
        let place = nowhere(&tenant.app(), &first.id);
        let parked = |row: &&Identity| Change::IdentityCreated(Identity { tenant: place.clone(), ..(*row).clone() });
        changes.extend(gone.iter().map(parked));
    }
    let (before, after) = (tenants(&facts.identities), tenants(stay.iter().copied()));
    changes.extend(membership(user, &before, &after, user.created_at));
    let (identity, only) = (first.id.clone(), Some(tenant.clone()));
    changes.push(DirectoryChange::SessionsOfIdentityRevoked { user: user.id.clone(), identity, tenant: only, at: now }.into());
    if !after.contains(tenant) {
        let taken = |(id, role): &(String, String)| {
            Change::from(DirectoryChange::RoleTaken { tenant: tenant.clone(), id: id.clone(), role: role.clone() })
        };
        changes.extend(roles.iter().map(taken));
    }
    changes.extend(cancelled(gone, now));
    changes
}

#[cfg(test)]
mod tests;
