//! Identifiers of somebody who is signed in: looking at them, adding one, putting another in the place of one; and who
//! may get an account at all.

use super::complete::{CompleteError, wrong};
use super::sign_in::{Beginning, Sent, StartError, TextsHeld};
use crate::decide::identifier::{self as decide, FirstStep, NoWish, Proved, Wish};
use crate::decide::sign_in::{self as sign_in_rules, CodeIs};
use crate::{Auth, SessionError, TRIES};
use postkey_model::{
    Actor, Call, Change, ContactMethod, Event, EventId, EventKind, Flow, Identifier, Identity, IdentityId, MessageKind, Purpose, Region,
    SignInId, Tenant, TenantId, Timestamp, UserId,
};
use postkey_store::{CommitError, Unavailable, UserFacts};
use thiserror::Error;

/// Why a change of identifiers did not begin.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChangeError {
    /// It could not be started, as any sign-in could not.
    #[error(transparent)]
    Start(#[from] StartError),
    /// It is one of this user's already.
    #[error("that is yours already")]
    AlreadyYours,
    /// The identity to change is not one of this user's.
    #[error("no such identity of yours")]
    NotYours,
    /// The tenant's people do not sign in with such identifiers.
    #[error("identifiers of that kind are not taken here")]
    NotTaken,
}

/// One of somebody's identities, and what may be done to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayIn {
    /// The identity.
    pub identity: Identity,
    /// The address or number of it.
    pub identifier: Identifier,
    /// Whether it confirms its own replacement: no other one counts yet.
    pub confirms: bool,
    /// Whether it may be removed: an older one stays.
    pub may_go: bool,
}

/// What a right code brought.
pub enum ProvedNow {
    /// The old identifier confirmed; a code is on its way to the new one.
    Next(Sent),
    /// An identifier was added.
    Added,
    /// An identifier was replaced.
    Changed,
}

/// Why a code brought nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProveError {
    /// As for any sign-in.
    #[error(transparent)]
    Code(#[from] CompleteError),
    /// Too many messages were asked for, so the second code could not be sent. The first is not spent.
    #[error("too many messages were asked for")]
    Throttled {
        /// From then on it is possible.
        until: Timestamp,
    },
    /// No text goes to the new number, or none goes out now. The first code is not spent.
    #[error("no text goes there, or none goes out now")]
    NoTexts(TextsHeld),
    /// The identity changed meanwhile: the pending change is dead.
    #[error("the pending change is dead")]
    Dead,
}

impl From<Unavailable> for ProveError {
    fn from(e: Unavailable) -> Self {
        ProveError::Code(e.into())
    }
}

impl From<Unavailable> for ChangeError {
    fn from(e: Unavailable) -> Self {
        ChangeError::Start(e.into())
    }
}

impl Auth {
    /// The addresses and numbers of a user, oldest first, with what may be done to each.
    pub async fn ways_in(&self, call: &Call, user: &UserId) -> Result<Vec<WayIn>, Unavailable> {
        let Some(facts) = self.inner.store.user(&call.tenant, user).await? else { return Ok(Vec::new()) };
        let way_in = |identity: &Identity| {
            Some(WayIn {
                identifier: identity.identifier()?,
                confirms: decide::is_only_way_in(&facts, identity, call.now),
                may_go: decide::may_remove(&facts, identity),
                identity: identity.clone(),
            })
        };
        Ok(facts.identities.iter().filter_map(way_in).collect())
    }

    /// Removes an identity of `user`, and tells it. `false` when it is not there, or has to stay: the oldest one does.
    pub async fn remove_identity(&self, call: &Call, user: &UserId, id: &IdentityId) -> Result<bool, SessionError> {
        let tenant = self.tenant(&call.tenant);
        let Some(tenant) = tenant.as_deref() else { return Ok(false) };
        for _ in 0..TRIES {
            let Some(facts) = self.inner.store.user(&tenant.id, user).await? else { return Ok(false) };
            let event = self.event(call, EventKind::IdentityRemoved, user.to_string());
            let Some((mut changes, gone)) = decide::removed(&facts, id, event) else { return Ok(false) };
            // A message hangs on a sign-in; this one hangs on none.
            let nothing = SignInId::new(call.now, self.entropy());
            let news = self.news(call, tenant, &nothing, &gone, MessageKind::Removed, &gone);
            changes.push(Change::MessageQueued(Box::new(news.clone())));
            match self.commit(call.now, changes).await {
                Ok(_) => {
                    self.ring(news);
                    return Ok(true);
                }
                Err(CommitError::Lost) => {}
                Err(CommitError::Unavailable(e)) => return Err(e.into()),
            }
        }
        Err(Unavailable("too busy".to_owned()).into())
    }

    /// The identities of a user, oldest first.
    pub async fn identities_of(&self, call: &Call, user: &UserId) -> Result<Vec<Identity>, Unavailable> {
        Ok(self.inner.store.user(&call.tenant, user).await?.map(|facts| facts.identities).unwrap_or_default())
    }

    /// Begins to add an identifier to the account of `user`, or to put it in the place of one: sends the first code.
    /// The answer is the same whether the new identifier belongs to somebody else or not.
    pub async fn change_identifier(
        &self,
        call: &Call,
        user: &UserId,
        wish: &Wish,
        typed: &str,
        method: ContactMethod,
        country: Option<Region>,
    ) -> Result<Sent, ChangeError> {
        let tenant = &*self.tenant(&call.tenant).ok_or(StartError::UnknownTenant)?;
        let new = Identifier::parse(typed, method, country.or(tenant.phone.default_country)).map_err(StartError::from)?;
        let takes = match new {
            Identifier::Email(_) => tenant.contact.takes_email(),
            Identifier::Phone(_) => tenant.contact.takes_phone(),
        };
        if !takes {
            return Err(ChangeError::NotTaken);
        }
        let facts = self.inner.store.user(&tenant.id, user).await?.ok_or(ChangeError::NotYours)?;
        let step = decide::first_step(&facts, wish, &new, call.now).map_err(|no| match no {
            NoWish::AlreadyYours => ChangeError::AlreadyYours,
            NoWish::NotYours => ChangeError::NotYours,
        })?;
        Ok(self.step(call, tenant, user, step, Vec::new()).await?)
    }

    /// Sends the code of one step.
    async fn step(&self, call: &Call, tenant: &Tenant, user: &UserId, step: FirstStep, before: Vec<Change>) -> Result<Sent, StartError> {
        let FirstStep { to, purpose } = step;
        let (connection, subject) = (to.connection(), to.as_str());
        let owner = self.inner.store.start_facts(&tenant.id, connection, subject).await?.user;
        let admitted = decide::admits(&purpose, owner.is_some());
        let account = decide::account(&purpose, &to, user);
        let budget = self.inner.store.budget(&tenant.id, &account).await?;
        let strength = self.strength(tenant, &account, budget, call.now);
        let flow = Flow::UserInputCode;
        let beginning = Beginning { tenant, to: &to, account: &account, purpose, flow, strength, admitted, destination: None };
        self.begin(call, beginning, before).await
    }

    /// A typed code for a pending change: proves or confirms an identifier of `user`.
    #[tracing::instrument(level = "trace", target = "postkey_trace", skip_all)]
    pub async fn prove(&self, call: &Call, user: &UserId, id: &SignInId, device: &str, typed: &str) -> Result<ProvedNow, ProveError> {
        let tenant = &*self.tenant(&call.tenant).ok_or(CompleteError::Unknown)?;
        for _ in 0..TRIES {
            let seen = self.inner.store.sign_in(&tenant.id, id).await?;
            let seen = seen.filter(|seen| seen.sign_in.purpose.user() == Some(user)).ok_or(CompleteError::Unknown)?;
            let guess = self.may_guess(call, tenant, &seen.sign_in.account)?;
            let spent = self.event(call, EventKind::GuessBudgetSpent, id.to_string());
            let right = match sign_in_rules::typed_code(&seen, typed, device, &tenant.sign_in, self.keyring(), spent, call.now) {
                CodeIs::Right { within_budget } => within_budget,
                CodeIs::Wrong { changes, expired } => match self.commit(call.now, changes).await {
                    Ok(yields) => {
                        self.guessed_wrong(call, tenant, Some(&seen), Some(guess));
                        return Err(wrong(&yields, Some(&seen), expired).into());
                    }
                    Err(CommitError::Lost) => continue,
                    Err(CommitError::Unavailable(e)) => return Err(e.into()),
                },
                CodeIs::NotACode => return Err(CompleteError::NotACode.into()),
                CodeIs::Unknown => return Err(CompleteError::Unknown.into()),
                CodeIs::Over(standing) => return Err(CompleteError::from(standing).into()),
            };
            let Some(facts) = self.inner.store.user(&tenant.id, user).await? else { return Err(ProveError::Dead) };
            // Somebody proved this identifier since its code was sent.
            if !decide::admits(&seen.sign_in.purpose, seen.identity.is_some()) {
                return Err(ProveError::Dead);
            }
            let code_spent = Change::CodeProved { sign_in: id.clone(), tenant: tenant.id.clone(), within_budget: right, at: call.now };
            if let Some(done) = self.proved(call, tenant, &seen.sign_in, &facts, code_spent).await? {
                return Ok(done);
            }
        }
        Err(CompleteError::Busy.into())
    }

    /// Writes what a right code brings; `None` when somebody was first.
    async fn proved(
        &self,
        call: &Call,
        tenant: &Tenant,
        sign_in: &postkey_model::SignIn,
        facts: &UserFacts,
        code_spent: Change,
    ) -> Result<Option<ProvedNow>, ProveError> {
        let kind = if matches!(sign_in.purpose, Purpose::Add { .. }) { EventKind::IdentityAdded } else { EventKind::IdentityChanged };
        let event = self.event(call, kind, facts.user.id.to_string());
        let new_id = IdentityId::new(call.now, self.entropy());
        let (changes, tell, added) = match decide::proved(sign_in, facts, new_id, event, call.now) {
            Proved::Next(step) => {
                return match self.step(call, tenant, &facts.user.id, step, vec![code_spent]).await {
                    Ok(sent) => Ok(Some(ProvedNow::Next(sent))),
                    Err(StartError::Throttled { until }) => Err(ProveError::Throttled { until }),
                    Err(StartError::NoTexts(held)) => Err(ProveError::NoTexts(held)),
                    Err(StartError::Unavailable(e)) => Err(e.into()),
                    Err(StartError::Busy) => Ok(None),
                    Err(StartError::Identifier(_) | StartError::Destination(_) | StartError::UnknownTenant) => Err(ProveError::Dead),
                };
            }
            Proved::Done { changes, tell, added } => (changes, tell, added),
            Proved::Dead => return Err(ProveError::Dead),
        };
        let kind = if added { MessageKind::Added } else { MessageKind::Changed };
        let news: Vec<_> = tell.iter().map(|to| self.news(call, tenant, &sign_in.id, to, kind, &sign_in.identifier())).collect();
        let mut all = vec![code_spent];
        all.extend(changes);
        all.extend(self.texts_used(sign_in));
        all.extend(news.iter().map(|message| Change::MessageQueued(Box::new(message.clone()))));
        match self.commit(call.now, all).await {
            Ok(_) => {
                self.texts_used_in(sign_in, call.now);
                news.into_iter().for_each(|message| self.ring(message));
                Ok(Some(if added { ProvedNow::Added } else { ProvedNow::Changed }))
            }
            Err(CommitError::Lost) => Ok(None),
            Err(CommitError::Unavailable(e)) => Err(e.into()),
        }
    }

    pub(crate) fn event(&self, call: &Call, kind: EventKind, subject: String) -> Event {
        Event {
            id: EventId::new(call.now, self.entropy()),
            at: call.now,
            tenant: call.tenant.clone(),
            kind,
            subject,
            user: None,
            actor: Actor::Person,
        }
    }

    /// Lets `identifier` get an account in a tenant that takes only those who were invited.
    pub async fn invite(&self, tenant: &TenantId, identifier: &Identifier, now: Timestamp) -> Result<(), Unavailable> {
        let change = Change::Invited { tenant: tenant.clone(), identifier: identifier.clone(), at: now };
        self.commit_plain(change).await
    }

    /// Takes an invitation back. Whoever has an account keeps it.
    pub async fn withdraw_invite(&self, tenant: &TenantId, identifier: &Identifier) -> Result<(), Unavailable> {
        self.commit_plain(Change::InviteWithdrawn { tenant: tenant.clone(), identifier: identifier.clone() }).await
    }

    /// Everybody who was invited, with when, oldest first.
    pub async fn invites(&self, tenant: &TenantId) -> Result<Vec<(Identifier, Timestamp)>, Unavailable> {
        self.inner.store.invites(tenant).await
    }

    /// Commits a change that has no guard.
    async fn commit_plain(&self, change: Change) -> Result<(), Unavailable> {
        match self.commit(None, vec![change]).await {
            Ok(_) => Ok(()),
            Err(CommitError::Lost) => Err(Unavailable("too busy".to_owned())),
            Err(CommitError::Unavailable(e)) => Err(e),
        }
    }
}
