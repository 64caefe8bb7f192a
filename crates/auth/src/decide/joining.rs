//! The rules of whom an identity joins that somebody arrives by: its own user, one who asked for it while signed in, one who
//! proved the same address, or a new one (contract authress.md §5). Nobody's id changes by it.
//!
//! Only proved addresses count, on both sides: whoever made an account with an address of somebody else gets nothing by it, and
//! keeps nothing when its owner comes.

use super::linking::age_without;
use super::people::{is_nowhere, membership, tenants};
use crate::registry::connection_id;
use postkey_model::{
    Change, Connection, DirectoryChange, Event, EventKind, Identity, IdentityId, Linking, LoginChange, TenantId, Timestamp, User, UserId,
};
use postkey_store::UserFacts;

/// Somebody for whom a connection vouches.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// In which tenant.
    pub tenant: &'a TenantId,
    /// By which connection.
    pub connection: Connection,
    /// The id that this knows them by.
    pub subject: &'a str,
    /// The address that it names, in its one spelling.
    pub email: Option<&'a str>,
    /// Whether it vouches for that.
    pub is_verified: bool,
    /// Whether its identities may be linked.
    pub linking: Linking,
}

impl Arrival<'_> {
    /// The address by which it may join somebody by itself.
    pub fn matched_by(&self) -> Option<&str> {
        self.email.filter(|email| !email.is_empty() && self.is_verified && self.linking == Linking::Automatic)
    }

    /// The identity that it arrives by, among those of somebody.
    pub fn row_of<'f>(&self, facts: &'f UserFacts) -> Option<&'f Identity> {
        let is_it = |row: &&Identity| row.tenant == *self.tenant && row.connection == self.connection && row.subject == self.subject;
        facts.identities.iter().find(is_it)
    }
}

/// The signed-in user who asked for the identity.
#[derive(Clone, Copy)]
pub struct Asker<'a> {
    /// Who.
    pub facts: &'a UserFacts,
    /// Whether identities of the connection may be linked by which the session was opened that asked; `None` when that way in
    /// is gone.
    pub linking: Option<Linking>,
}

/// What is known when somebody arrives.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// Whose the identity is.
    pub holder: Option<&'a UserFacts>,
    /// Who asked for it.
    pub asker: Option<Asker<'a>>,
    /// Everybody who has the address of [`Arrival::matched_by`], by whatever connection, proved or not.
    pub namesakes: &'a [UserFacts],
    /// Whether identities of a connection may be linked.
    pub linking: &'a dyn Fn(&Connection) -> Linking,
}

/// Whom the identity joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose<'a> {
    /// It is this user's already.
    Theirs(&'a UserFacts),
    /// It joins this user, who asked for it.
    Asked(&'a UserFacts),
    /// It joins this user, who proved the same address.
    SameAddress(&'a UserFacts),
    /// It gets a user of its own.
    New {
        /// Whether several proved the same address, so that nobody can say whose it is.
        several: bool,
    },
    /// One of the two connections does not allow linking.
    LinkingDisabled,
    /// It is another user's.
    LinkedElsewhere,
}

/// Whom an identity joins.
pub fn whose<'a>(arrival: &Arrival<'_>, known: Known<'a>) -> Whose<'a> {
    match (known.asker, known.holder) {
        // There is nothing to link.
        (Some(asker), Some(holder)) if holder.user.id == asker.facts.user.id => Whose::Theirs(holder),
        (Some(asker), _) if !arrival.linking.allows_asking() || !asker.linking.is_some_and(Linking::allows_asking) => {
            Whose::LinkingDisabled
        }
        (Some(_), Some(_)) => Whose::LinkedElsewhere,
        (Some(asker), None) => Whose::Asked(asker.facts),
        (None, Some(holder)) => Whose::Theirs(holder),
        (None, None) => by_address(arrival, known),
    }
}

/// Whose the address is: it has to be exactly one user's, proved, by a connection that allows this too.
fn by_address<'a>(arrival: &Arrival<'_>, known: Known<'a>) -> Whose<'a> {
    let Some(email) = arrival.matched_by() else { return Whose::New { several: false } };
    let proves = |row: &Identity| {
        let proved = row.email() == Some(email) && row.verified_at.is_some();
        row.tenant == *arrival.tenant && proved && (known.linking)(&row.connection) == Linking::Automatic
    };
    let mut owners = known.namesakes.iter().filter(|facts| facts.identities.iter().any(proves));
    match (owners.next(), owners.next()) {
        (Some(owner), None) => Whose::SameAddress(owner),
        (first, _) => Whose::New { several: first.is_some() },
    }
}

/// Values that the changes may need, drawn beforehand.
#[derive(Clone)]
pub struct Fresh {
    /// For a new user.
    pub user: UserId,
    /// For an identity that joins somebody. A new user's first one has that user's id.
    pub identity: IdentityId,
    /// For the audit trail.
    pub event: Event,
}

/// Who is in, and what has to be written for it.
#[derive(Clone)]
pub struct Entrance {
    /// What to write.
    pub changes: Vec<Change>,
    /// Who.
    pub user: UserId,
    /// By which identity.
    pub identity: IdentityId,
    /// Whether the user is new.
    pub is_new: bool,
}

/// The changes that let a known user in: nothing, if the identity still stands when that is written. A connection that names no
/// address leaves the one that it named before; one that is proved stays so until there is another.
///
/// When the address becomes proved, what the identity opened before is over: somebody may have made the account there with this
/// address, and waited for its owner to take it up.
pub fn known(arrival: &Arrival<'_>, facts: &UserFacts, now: Timestamp) -> Option<Entrance> {
    let row = arrival.row_of(facts)?;
    let entrance = |changes| Entrance { changes, user: facts.user.id.clone(), identity: row.id.clone(), is_new: false };
    let named = arrival.email.filter(|email| !email.is_empty() && matches!(arrival.connection, Connection::Provider(_)));
    let same = named.is_none() || row.email() == named;
    let was_proved = same && row.verified_at.is_some();
    if same && (was_proved || !arrival.is_verified || named.is_none()) {
        return Some(entrance(vec![DirectoryChange::IdentityStands(row.clone()).into()]));
    }
    // Whoever counted on this address or its absence looks again.
    let mut changes = vec![Change::UserTouched { user: facts.user.id.clone(), seen_version: facts.user.version }];
    let rows = facts.identities.iter().filter(|other| other.id == row.id && other.connection == row.connection);
    changes.extend(rows.map(|row| {
        let (email, verified_at) = (named.map(str::to_owned), arrival.is_verified.then_some(now));
        Change::from(DirectoryChange::ProviderEmailChanged { seen: row.clone(), email, verified_at })
    }));
    if arrival.is_verified {
        let (user, identity) = (facts.user.id.clone(), row.id.clone());
        changes.push(DirectoryChange::SessionsOfIdentityRevoked { user, identity, tenant: None, at: now }.into());
    }
    Some(entrance(changes))
}

/// The changes by which a new identity joins `to`. `decided`: when it was last decided whose the address is, where that is what
/// it joins by.
pub fn joined(arrival: &Arrival<'_>, to: &UserFacts, decided: Option<Option<Timestamp>>, fresh: &Fresh, now: Timestamp) -> Entrance {
    let user = &to.user;
    // First, as everywhere: of several at once one gets all its rows.
    let mut changes = vec![Change::UserTouched { user: user.id.clone(), seen_version: user.version }];
    changes.extend(decided.and_then(|seen| address_decided(arrival, seen, now)));
    changes.push(Change::IdentityCreated(new_identity(arrival, fresh.identity.clone(), user.id.clone(), now)));
    let before = tenants(&to.identities);
    changes.extend(membership(user, &before, &(&before | &[arrival.tenant.clone()].into()), user.created_at));
    let subject = user.id.to_string();
    changes.push(Change::EventRecorded(Event { kind: EventKind::IdentityLinked, subject, ..fresh.event.clone() }));
    Entrance { changes, user: user.id.clone(), identity: fresh.identity.clone(), is_new: false }
}

/// The changes that make a user of its own for an identity. `decided` as for [`joined`]; `several` have its address.
pub fn new_user(arrival: &Arrival<'_>, decided: Option<Timestamp>, several: bool, fresh: &Fresh, now: Timestamp) -> Entrance {
    let (user, tenant) = (fresh.user.clone(), arrival.tenant.clone());
    let identity = new_identity(arrival, IdentityId::first_of(&user), user.clone(), now);
    let id = identity.id.clone();
    // The identity before the user: it is the one that somebody else may have made meanwhile.
    let mut changes = vec![Change::IdentityCreated(identity)];
    changes.extend(address_decided(arrival, decided, now));
    changes.push(Change::UserCreated(User { id: user.clone(), tenant, created_at: now, version: 0, primary_at: None }));
    if several {
        let subject = user.to_string();
        changes.push(Change::EventRecorded(Event { kind: EventKind::IdentityNotLinked, subject, ..fresh.event.clone() }));
    }
    Entrance { changes, user, identity: id, is_new: true }
}

/// Two that arrive at once with one address are decided on one after the other.
fn address_decided(arrival: &Arrival<'_>, seen: Option<Timestamp>, at: Timestamp) -> Option<Change> {
    let email = arrival.matched_by()?.to_owned();
    Some(LoginChange::AddressDecided { tenant: arrival.tenant.clone(), email, seen, at }.into())
}

fn new_identity(arrival: &Arrival<'_>, id: IdentityId, user: UserId, now: Timestamp) -> Identity {
    let named = arrival.email.filter(|email| !email.is_empty() && matches!(arrival.connection, Connection::Provider(_)));
    // Nobody comes in by a number of our own without having proved it.
    let proved = arrival.is_verified || arrival.connection == Connection::Sms;
    Identity {
        id,
        user,
        tenant: arrival.tenant.clone(),
        connection: arrival.connection,
        subject: arrival.subject.to_owned(),
        created_at: now,
        version: 0,
        provider_email: named.map(str::to_owned),
        verified_at: proved.then_some(now),
    }
}

/// What becomes of an address that nobody proved so far, when a code proves it.
#[derive(Clone)]
pub enum Unproved {
    /// It stays with its user, whom the code lets in; this is to be written too.
    Stays(Vec<Change>),
    /// It is taken away from its user, who has other ways in: by these changes.
    Leaves(Vec<Change>),
}

/// What becomes of the address of `facts` that `identity` never proved, when somebody proves it by a code: it leaves its user where
/// somebody else may be behind that one, as other ways in tell; else what the identity opened before is over.
///
/// What is stored does not tell an address that was never proved from one whose proof a back end withdrew. For the latter signing
/// in proves it again, and that is all: this is SuperTokens' rule, so it holds wherever back ends link users (`primary_at`), and
/// where `email` links nothing, which the caller looks at.
pub fn proved_at_last(facts: &UserFacts, identity: &IdentityId, address: &str, event: Event, now: Timestamp) -> Unproved {
    let user = &facts.user;
    let is_it = |row: &Identity| row.connection == Connection::Email && row.subject == address;
    let (gone, stay): (Vec<&Identity>, Vec<&Identity>) = facts.identities.iter().partition(|row| is_it(row));
    let ended = |identity: &IdentityId| {
        let (user, identity) = (user.id.clone(), identity.clone());
        Change::from(DirectoryChange::SessionsOfIdentityRevoked { user, identity, tenant: None, at: now })
    };
    if user.primary_at.is_some() || gone.iter().any(|row| row.verified_at.is_some()) {
        return Unproved::Stays(Vec::new());
    }
    if stay.iter().all(|row| is_nowhere(&row.tenant)) {
        return Unproved::Stays(vec![ended(identity)]);
    }
    let created_at = age_without(user, &gone, &stay);
    let mut changes = vec![DirectoryChange::UserChanged(User { created_at, ..user.clone() }).into()];
    changes.extend(gone.iter().map(|row| Change::IdentityRemoved((*row).clone())));
    changes.extend(membership(user, &tenants(gone.iter().chain(&stay).copied()), &tenants(stay.iter().copied()), created_at));
    for row in &gone {
        changes.push(DirectoryChange::EmailTokensRemoved { identity: row.id.clone(), email: address.to_owned() }.into());
        // An identity may have a number too; then what that opened stays.
        if !stay.iter().any(|other| other.id == row.id) {
            changes.push(ended(&row.id));
        }
    }
    changes.push(Change::EventRecorded(Event { kind: EventKind::IdentityRemoved, subject: user.id.to_string(), ..event }));
    Unproved::Leaves(changes)
}

/// Why no identity of somebody is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoUnlink {
    /// None is named so, or several connections know them by that id: then the connection has to be named.
    Unknown,
    /// No other way in would stay.
    Last,
}

/// Whom somebody means who names an identity of theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named<'a> {
    /// All of a connection, or the one that a connection knows by this id.
    Any(&'a str),
    /// All of a connection.
    Connection(&'a str),
}

/// Which identity of somebody goes that is meant in `tenant`. Of several of one connection it is the oldest, after which the rest
/// is asked for again. `may_go` says, of all their identities there, which one its owner may do without.
pub fn unlinks(
    facts: &UserFacts,
    tenant: &TenantId,
    named: Named<'_>,
    may_go: impl Fn(&UserFacts, &IdentityId) -> bool,
) -> Result<IdentityId, NoUnlink> {
    let here = UserFacts { identities: facts.identities.iter().filter(|row| row.tenant == *tenant).cloned().collect(), ..facts.clone() };
    let (Named::Any(name) | Named::Connection(name)) = named;
    let mut meant: Vec<&Identity> = here.identities.iter().filter(|row| connection_id(&row.connection) == name).collect();
    if meant.is_empty() && named == Named::Any(name) {
        meant = here.identities.iter().filter(|row| row.subject == name).collect();
    }
    let first = meant.first().ok_or(NoUnlink::Unknown)?;
    if meant.iter().any(|row| row.connection != first.connection && row.id != first.id) {
        return Err(NoUnlink::Unknown);
    }
    let stays = here.identities.iter().any(|row| meant.iter().all(|gone| gone.id != row.id));
    if !stays || meant.iter().any(|row| !may_go(&here, &row.id)) {
        return Err(NoUnlink::Last);
    }
    Ok(first.id.clone())
}

#[cfg(test)]
mod tests;
