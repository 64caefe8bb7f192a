//! Whom an identity joins that somebody arrives by: load, decide, and the changes that let them in. Also by codes and links of
//! our own, where their connection allows that. The rules are in `decide::joining`.

use super::Vouched;
use crate::Auth;
use crate::decide::joining::{self as decide, Arrival, Asker, Entrance, Fresh, Known, Unproved, Whose};
use crate::decide::sign_in as codes;
use crate::verbs::complete::Entry;
use postkey_model::{
    Call, Change, Connection, EmailAddress, EventKind, Identifier, IdentityId, LinkTo, Linking, LoginChange, SignUp, Tenant, TenantId,
    Timestamp, UserId,
};
use postkey_store::{AccountInfo, SignInFacts, Unavailable, UserFacts};
use thiserror::Error;

/// Who somebody is, and what has to be written for it.
pub struct Arrived {
    /// The changes that let them in, with the guards on whoever is known. To be committed with the session and the end of the
    /// request; when that is lost, everything is to be looked at again.
    pub(crate) changes: Vec<Change>,
    /// Who.
    pub user: UserId,
    /// By which identity.
    pub identity: IdentityId,
    /// Whether the user is new.
    pub is_new: bool,
}

/// Why somebody who proved to be there is not let in.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum JoinError {
    /// One of the two connections does not allow linking.
    #[error("linking is disabled")]
    LinkingDisabled,
    /// The identity is another user's.
    #[error("the identity belongs to another user")]
    LinkedElsewhere,
    /// The user who asked is gone.
    #[error("the user is gone")]
    UserGone,
    /// The tenant takes nobody in any more, or not this one.
    #[error("no account may be made")]
    NotAdmitted,
    /// The store does not work.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<Entrance> for Arrived {
    fn from(entrance: Entrance) -> Self {
        let Entrance { changes, user, identity, is_new } = entrance;
        Arrived { changes, user, identity, is_new }
    }
}

impl Auth {
    /// Finds or makes the user of somebody for whom a connection vouches. `link`: the signed-in user whom the identity is to join.
    pub(crate) async fn arrive(
        &self,
        call: &Call,
        tenant: &Tenant,
        vouched: &Vouched,
        link: Option<&LinkTo>,
    ) -> Result<Arrived, JoinError> {
        let arrival = Arrival {
            tenant: &tenant.id,
            connection: vouched.connection,
            subject: &vouched.subject,
            email: vouched.email.as_deref(),
            is_verified: vouched.is_verified,
            linking: self.linking_of(&vouched.connection),
        };
        let holder = self.holder(&arrival).await?;
        let asking = match link {
            None => None,
            Some(link) => Some((self.asker(tenant, link).await?.ok_or(JoinError::UserGone)?, link)),
        };
        let asker = asking.as_ref().map(|(facts, link)| {
            let way = facts.identities.iter().find(|row| row.id == link.identity);
            Asker { facts, linking: way.map(|row| self.linking_of(&row.connection)) }
        });
        // Nobody else counts for somebody known, or for whoever is asked for.
        let alone = holder.is_none() && asker.is_none();
        let (decided, namesakes) = if alone { self.namesakes(&arrival).await? } else { (None, Vec::new()) };
        let linking = |connection: &Connection| self.linking_of(connection);
        let known = Known { holder: holder.as_ref(), asker, namesakes: &namesakes, linking: &linking };
        let whose = decide::whose(&arrival, known);
        let mut entrance = match whose {
            Whose::LinkingDisabled => return Err(JoinError::LinkingDisabled),
            Whose::LinkedElsewhere => return Err(JoinError::LinkedElsewhere),
            Whose::Theirs(facts) => decide::known(&arrival, facts, call.now).ok_or(JoinError::UserGone)?,
            Whose::Asked(to) => decide::joined(&arrival, to, None, &self.newcomer(call, None), call.now),
            Whose::SameAddress(to) => decide::joined(&arrival, to, Some(decided), &self.newcomer(call, None), call.now),
            Whose::New { several } => {
                let fresh = self.newcomer(call, self.free(tenant, vouched.wanted_id.as_ref()).await?);
                let mut entrance = decide::new_user(&arrival, decided, several, &fresh, call.now);
                entrance.changes.extend(self.admitted(tenant, &arrival).await?);
                entrance
            }
        };
        entrance.changes.extend(self.tenant_stands(&tenant.id));
        Ok(entrance.into())
    }

    /// Whom a right code or link lets in, by the rules of linking: somebody who proved the address elsewhere, or to whom the number
    /// was mapped. Asks nothing of the store where that is off, or the identity is somebody's for good.
    pub(crate) async fn let_in_elsewhere(&self, call: &Call, facts: &SignInFacts, entry: Entry) -> Result<Entry, Unavailable> {
        let sign_in = &facts.sign_in;
        let linking = self.linking_of(&sign_in.connection);
        let arrival = Arrival {
            tenant: &sign_in.tenant,
            connection: sign_in.connection,
            subject: &sign_in.subject,
            email: Some(&sign_in.subject).filter(|_| sign_in.connection == Connection::Email).map(String::as_str),
            is_verified: true,
            linking,
        };
        match sign_in.connection {
            Connection::Sms if entry.is_new => Ok(match self.arrive_by_number(call, arrival.tenant, arrival.subject).await? {
                Some(arrived) => entry_of(codes::only_spent(entry.changes), arrived),
                None => entry,
            }),
            Connection::Email if entry.is_new && linking == Linking::Automatic => {
                self.let_in_by_address(call, &arrival, Vec::new(), entry).await
            }
            Connection::Email if !entry.is_new && !facts.is_verified && linking.allows_asking() => {
                let Some(owner) = self.inner.store.person(&arrival.tenant.app(), entry.user.as_str()).await? else { return Ok(entry) };
                let event = self.event(call, EventKind::IdentityRemoved, String::new());
                match decide::proved_at_last(&owner, &entry.identity, &sign_in.subject, event, call.now) {
                    Unproved::Leaves(changes) => self.let_in_by_address(call, &arrival, changes, entry).await,
                    Unproved::Stays(changes) => Ok(Entry { changes: [entry.changes, changes].concat(), ..entry }),
                }
            }
            Connection::Sms | Connection::Email | Connection::Provider(_) => Ok(entry),
        }
    }

    /// A code proved an address that is nobody's, or is nobody's once `before` is written.
    async fn let_in_by_address(&self, call: &Call, arrival: &Arrival<'_>, before: Vec<Change>, entry: Entry) -> Result<Entry, Unavailable> {
        let (decided, namesakes) = self.namesakes(arrival).await?;
        let linking = |connection: &Connection| self.linking_of(connection);
        let known = Known { holder: None, asker: None, namesakes: &namesakes, linking: &linking };
        let fresh = self.newcomer(call, None);
        let entrance = match decide::whose(arrival, known) {
            // Theirs after all: they proved it by another way in.
            Whose::SameAddress(to) if to.user.id == entry.user => return Ok(entry),
            Whose::SameAddress(to) => decide::joined(arrival, to, Some(decided), &fresh, call.now),
            Whose::New { several } => decide::new_user(arrival, decided, several, &fresh, call.now),
            // Nobody has it, and nobody asked.
            Whose::Theirs(_) | Whose::Asked(_) | Whose::LinkingDisabled | Whose::LinkedElsewhere => return Ok(entry),
        };
        let mut changes = codes::only_spent(entry.changes);
        changes.extend(before);
        Ok(entry_of(changes, entrance.into()))
    }

    /// Lets somebody in by a number of ours that a code just proved, where an operator mapped it: it is theirs from now on. `None`
    /// when it is mapped to nobody who is here, or is somebody else's own, whom no operator's word takes it from.
    pub(crate) async fn arrive_by_number(&self, call: &Call, tenant: &TenantId, number: &str) -> Result<Option<Arrived>, Unavailable> {
        let Some(user) = self.inner.store.number_mapped_to(tenant, number).await? else { return Ok(None) };
        let Some(facts) = self.person_in(tenant, &user).await? else { return Ok(None) };
        let (connection, linking) = (Connection::Sms, Linking::Disabled);
        let arrival = Arrival { tenant, connection, subject: number, email: None, is_verified: true, linking };
        match self.holder(&arrival).await? {
            Some(holder) if holder.user.id == user => Ok(decide::known(&arrival, &holder, call.now).map(Arrived::from)),
            Some(_) => Ok(None),
            None => {
                let mut entrance = decide::joined(&arrival, &facts, None, &self.newcomer(call, None), call.now);
                let (tenant, number) = (tenant.clone(), number.to_owned());
                // Once: whoever gives the number up later does not get it back by the operator's old word.
                let stands = LoginChange::NumberStands { tenant: tenant.clone(), number: number.clone(), user };
                entrance.changes.extend([stands.into(), LoginChange::NumberUnmapped { tenant, number }.into()]);
                Ok(Some(entrance.into()))
            }
        }
    }

    /// Finds the user of a number for a service client that is trusted to have sent the code there: whoever proved the number to us,
    /// else the one to whom an operator mapped it. The client's own identity joins them. `None`: nobody, or it is somebody already.
    pub(crate) async fn arrive_by_clients_number(
        &self,
        call: &Call,
        tenant: &Tenant,
        vouched: &Vouched,
        number: &str,
    ) -> Result<Option<Arrived>, Unavailable> {
        let (subject, linking) = (vouched.subject.as_str(), Linking::Disabled);
        let id = &tenant.id;
        let own = Arrival { tenant: id, connection: vouched.connection, subject, email: None, is_verified: true, linking };
        if self.holder(&own).await?.is_some() {
            return Ok(None);
        }
        let texted = Arrival { connection: Connection::Sms, subject: number, ..own };
        let mut guards: Vec<Change> = self.tenant_stands(id).into_iter().collect();
        let facts = match self.holder(&texted).await? {
            Some(holder) => {
                let row = texted.row_of(&holder).cloned();
                guards.extend(row.map(|row| postkey_model::DirectoryChange::IdentityStands(row).into()));
                holder
            }
            None => {
                let Some(user) = self.inner.store.number_mapped_to(id, number).await? else { return Ok(None) };
                let Some(facts) = self.person_in(id, &user).await? else { return Ok(None) };
                guards.push(LoginChange::NumberStands { tenant: id.clone(), number: number.to_owned(), user }.into());
                facts
            }
        };
        let mut entrance = decide::joined(&own, &facts, None, &self.newcomer(call, None), call.now);
        entrance.changes.extend(guards);
        Ok(Some(entrance.into()))
    }

    /// Whether whoever proves `identifier` has an account waiting, though it is nobody's yet: the number is mapped to somebody, or
    /// the address is theirs by another connection that it joins. Matters only where not everybody gets an account.
    pub(crate) async fn is_awaited(&self, tenant: &Tenant, identifier: &Identifier) -> Result<bool, Unavailable> {
        match identifier {
            _ if tenant.sign_up == SignUp::Open => Ok(false),
            Identifier::Phone(number) => Ok(self.inner.store.number_mapped_to(&tenant.id, number.as_str()).await?.is_some()),
            Identifier::Email(address) => {
                let (connection, linking) = (Connection::Email, self.linking_of(&Connection::Email));
                let subject = address.as_str();
                let arrival = Arrival { tenant: &tenant.id, connection, subject, email: Some(subject), is_verified: true, linking };
                let (_, namesakes) = self.namesakes(&arrival).await?;
                let linking = |connection: &Connection| self.linking_of(connection);
                let known = Known { holder: None, asker: None, namesakes: &namesakes, linking: &linking };
                Ok(matches!(decide::whose(&arrival, known), Whose::SameAddress(_)))
            }
        }
    }

    /// Whose an identity is.
    async fn holder(&self, arrival: &Arrival<'_>) -> Result<Option<UserFacts>, Unavailable> {
        let subject = Some(arrival.subject.to_owned());
        let info = match arrival.connection {
            Connection::Email => AccountInfo { email: subject, ..AccountInfo::default() },
            Connection::Sms => AccountInfo { phone: subject, ..AccountInfo::default() },
            Connection::Provider(provider) => {
                AccountInfo { provider: subject.map(|subject| (provider, subject)), ..AccountInfo::default() }
            }
        };
        let found = self.inner.store.people_by(arrival.tenant, &info).await?;
        Ok(found.into_iter().find(|facts| arrival.row_of(facts).is_some()))
    }

    /// When it was last decided whose the address of an arrival is, and everybody who has it. In this order: whoever decides in
    /// between is found out when the decision is written.
    async fn namesakes(&self, arrival: &Arrival<'_>) -> Result<(Option<Timestamp>, Vec<UserFacts>), Unavailable> {
        let Some(email) = arrival.matched_by() else { return Ok((None, Vec::new())) };
        let decided = self.inner.store.address_decided(arrival.tenant, email).await?;
        let info = AccountInfo { email: Some(email.to_owned()), ..AccountInfo::default() };
        Ok((decided, self.inner.store.people_by(arrival.tenant, &info).await?))
    }

    /// The user who asked for an identity, if they are still in the tenant.
    async fn asker(&self, tenant: &Tenant, link: &LinkTo) -> Result<Option<UserFacts>, Unavailable> {
        self.person_in(&tenant.id, &link.user).await
    }

    /// A user of a tenant, with all ways in, also those into others.
    async fn person_in(&self, tenant: &TenantId, user: &UserId) -> Result<Option<UserFacts>, Unavailable> {
        let facts = self.inner.store.person(&tenant.app(), user.as_str()).await?;
        let is_there = |facts: &UserFacts| facts.user.tenant == *tenant || facts.identities.iter().any(|row| row.tenant == *tenant);
        Ok(facts.filter(|facts| facts.user.id == *user && is_there(facts)))
    }

    /// The id that somebody is to get, unless it names a user or an identity already.
    async fn free(&self, tenant: &Tenant, wanted: Option<&UserId>) -> Result<Option<UserId>, Unavailable> {
        let Some(wanted) = wanted else { return Ok(None) };
        let taken =
            self.inner.store.user_exists(wanted).await? || self.inner.store.person(&tenant.id.app(), wanted.as_str()).await?.is_some();
        Ok((!taken).then(|| wanted.clone()))
    }

    fn newcomer(&self, call: &Call, wanted: Option<UserId>) -> Fresh {
        let entropy = self.entropy();
        Fresh {
            user: wanted.unwrap_or_else(|| UserId::new(call.now, entropy)),
            identity: IdentityId::new(call.now, entropy),
            event: self.event(call, EventKind::IdentityLinked, String::new()),
        }
    }

    /// Whether somebody new may get an account: as by a code, where the connection vouches for the address. Answers what else is to
    /// be written: an invitation is for one account.
    async fn admitted(&self, tenant: &Tenant, arrival: &Arrival<'_>) -> Result<Option<Change>, JoinError> {
        if tenant.sign_up == SignUp::Open {
            return Ok(None);
        }
        let proved = arrival.email.filter(|_| arrival.is_verified).and_then(|email| EmailAddress::parse(email).ok());
        let identifier = proved.map(Identifier::Email).ok_or(JoinError::NotAdmitted)?;
        match self.admits(tenant, &identifier, false).await? {
            true => Ok(Some(Change::InviteWithdrawn { tenant: tenant.id.clone(), identifier })),
            false => Err(JoinError::NotAdmitted),
        }
    }
}

fn entry_of(mut changes: Vec<Change>, arrived: Arrived) -> Entry {
    changes.extend(arrived.changes);
    Entry { changes, user: arrived.user, identity: arrived.identity, is_new: arrived.is_new }
}
