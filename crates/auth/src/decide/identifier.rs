//! The rules of changing identifiers: what has to be proved, by whom, and what becomes of it.

use postkey_model::{Account, Change, Event, Identifier, Identity, IdentityId, Millis, Purpose, SignIn, Timestamp, User, UserId};
use postkey_store::UserFacts;

/// A way in counts as another one only after this long. Otherwise whoever stole a session would add an address of theirs,
/// and then replace the owner's, which would not be the only way in any more.
const SETTLED: Millis = Millis::from_hours(24 * 7);

/// What a signed-in person wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// One more identifier.
    Add,
    /// Another one in the place of this identity's.
    Change(IdentityId),
}

/// Why it cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoWish {
    /// It is one of this user's already.
    AlreadyYours,
    /// The identity is not (or no longer) one of this user's, or of another kind: an address takes the place of an
    /// address, a number that of a number.
    NotYours,
}

/// What happens first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstStep {
    /// Where the first code goes.
    pub to: Identifier,
    /// What it is good for.
    pub purpose: Purpose,
}

/// Whether `identity` is the only way in that its user has had for a while: no other one is settled, and none is older.
pub fn is_only_way_in(facts: &UserFacts, identity: &Identity, now: Timestamp) -> bool {
    let counts = |other: &Identity| now.since(other.created_at) >= SETTLED || other.created_at < identity.created_at;
    !facts.identities.iter().any(|other| other.id != identity.id && counts(other))
}

/// Whether `identity` may be removed: an older way in stays. So its owner can throw out what somebody with a stolen
/// session added, and nobody can throw out the owner. No proof is asked for: whoever has the older one has more.
pub fn may_remove(facts: &UserFacts, identity: &Identity) -> bool {
    facts.identities.iter().any(|other| other.id != identity.id && other.created_at < identity.created_at)
}

/// The changes that remove an identity, and whom to tell; `None` when it is not (or no longer) there, or must stay.
pub fn removed(facts: &UserFacts, id: &IdentityId, event: Event) -> Option<(Vec<Change>, Identifier)> {
    let identity = facts.identities.iter().find(|identity| identity.id == *id).filter(|identity| may_remove(facts, identity))?;
    let touched = Change::UserTouched { user: facts.user.id.clone(), seen_version: facts.user.version };
    let removed = Change::IdentityRemoved(identity.clone());
    Some((vec![touched, removed, Change::EventRecorded(event)], identity.identifier()?))
}

/// The first step of `wish`, for the new identifier `new`: where the old one is the only way in, it confirms first, so
/// that nobody with a stolen session locks its owner out; everywhere else the new one is proved at once.
pub fn first_step(facts: &UserFacts, wish: &Wish, new: &Identifier, now: Timestamp) -> Result<FirstStep, NoWish> {
    let user = facts.user.id.clone();
    if facts.identities.iter().any(|identity| identity.identifier().as_ref() == Some(new)) {
        return Err(NoWish::AlreadyYours);
    }
    let id = match wish {
        Wish::Add => return Ok(FirstStep { to: new.clone(), purpose: Purpose::Add { user } }),
        Wish::Change(id) => id,
    };
    let identity = facts.identities.iter().find(|identity| identity.id == *id && identity.connection == new.connection());
    let identity = identity.ok_or(NoWish::NotYours)?;
    let Identity { id, version, .. } = identity.clone();
    if is_only_way_in(facts, identity, now) {
        let old = identity.identifier().ok_or(NoWish::NotYours)?;
        return Ok(FirstStep { to: old, purpose: Purpose::ConfirmOld { user, identity: id, version, to: new.clone() } });
    }
    Ok(FirstStep { to: new.clone(), purpose: Purpose::Change { user, identity: id, version, confirmed: false } })
}

/// Whether what is sent to an identifier may change anything: a new one must be nobody's. To somebody else's goes a
/// message that says so, and the pages are the same.
pub fn admits(purpose: &Purpose, is_owned: bool) -> bool {
    match purpose {
        Purpose::ConfirmOld { .. } => true,
        Purpose::SignIn | Purpose::Login { .. } | Purpose::Add { .. } | Purpose::Change { .. } => !is_owned,
    }
}

/// Whose guess budget its wrong codes count against: for a new identifier the budget that everybody shares who guesses
/// at it, whether it is somebody's or not; for an old one its owner's.
pub fn account(purpose: &Purpose, to: &Identifier, user: &UserId) -> Account {
    match purpose {
        Purpose::ConfirmOld { .. } => Account::user(user),
        Purpose::SignIn | Purpose::Login { .. } | Purpose::Add { .. } | Purpose::Change { .. } => {
            Account::identifier(to.connection(), to.as_str())
        }
    }
}

/// What a right code brings.
pub enum Proved {
    /// The old identifier confirmed: now the new one is to be proved.
    Next(FirstStep),
    /// It is done.
    Done {
        /// What to write, beside spending the code.
        changes: Vec<Change>,
        /// Those who are told, with nothing to do.
        tell: Vec<Identifier>,
        /// Whether an identifier was added, not replaced.
        added: bool,
    },
    /// The identity changed meanwhile, or is gone, or is another user's: the pending change is dead.
    Dead,
}

/// What the right code of `sign_in` brings, for the user that `facts` tell of. `event` is the line for the audit trail
/// and `id` the id for a new identity.
pub fn proved(sign_in: &SignIn, facts: &UserFacts, id: IdentityId, event: Event, now: Timestamp) -> Proved {
    let User { id: user, version: seen_version, .. } = facts.user.clone();
    if sign_in.purpose.user() != Some(&user) {
        return Proved::Dead;
    }
    // Always the first change: of several in one group of commits, the one that came first then gets all its rows, and
    // not one of them each.
    let touched = Change::UserTouched { user: user.clone(), seen_version };
    // An address takes the place of an address, also where an identity has both that and a number.
    let seen = |id: &IdentityId, version: i64| {
        let is_it = |i: &&Identity| i.id == *id && i.version == version && i.connection == sign_in.connection;
        facts.identities.iter().find(is_it).cloned()
    };
    match &sign_in.purpose {
        Purpose::SignIn | Purpose::Login { .. } => Proved::Dead,
        Purpose::ConfirmOld { identity, version, to, .. } => match seen(identity, *version) {
            None => Proved::Dead,
            Some(_) => Proved::Next(FirstStep {
                to: to.clone(),
                purpose: Purpose::Change { user, identity: identity.clone(), version: *version, confirmed: true },
            }),
        },
        Purpose::Add { .. } => {
            let tell = facts.identities.iter().filter_map(Identity::identifier).collect();
            let tenant = sign_in.tenant.clone();
            let subject = sign_in.subject.clone();
            let new = Identity {
                id,
                user,
                tenant,
                connection: sign_in.connection,
                subject,
                created_at: now,
                version: 0,
                provider_email: None,
                verified_at: Some(now),
            };
            Proved::Done { changes: vec![touched, Change::IdentityCreated(new), Change::EventRecorded(event)], tell, added: true }
        }
        Purpose::Change { identity, version, confirmed, .. } => match seen(identity, *version) {
            // It became the only way in while this was pending, and nobody confirmed.
            Some(seen) if !confirmed && is_only_way_in(facts, &seen, now) => Proved::Dead,
            Some(seen) => {
                let tell = seen.identifier().into_iter().collect();
                // Proved at both ends it is the same way in; else it is a new one.
                let since = if *confirmed { seen.created_at } else { now };
                let changed = Change::IdentityChanged { seen, subject: sign_in.subject.clone(), since };
                Proved::Done { changes: vec![touched, changed, Change::EventRecorded(event)], tell, added: false }
            }
            None => Proved::Dead,
        },
    }
}

#[cfg(test)]
mod tests;
