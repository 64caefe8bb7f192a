//! The identities of whoever is signed in to an application: looking at them, and taking one away. How others are added says
//! `joining`.

use crate::decide::identifier::is_only_way_in;
use crate::decide::joining::{self as decide, Named, NoUnlink};
use crate::decide::people::removed;
use crate::registry::connection_id;
use crate::{Auth, TRIES};
use postkey_model::{
    Call, Change, Connection, DirectoryChange, EventKind, IdentityId, LoginChange, Message, MessageKind, Session, SignInId,
};
use postkey_store::{CommitError, Unavailable, UserFacts};
use thiserror::Error;

/// Who somebody is.
pub struct LoginProfile {
    /// Their ways in, oldest first.
    pub identities: Vec<LinkedIdentity>,
}

/// One way in, as its connection knows it.
pub struct LinkedIdentity {
    /// The connection's id.
    pub connection: String,
    /// The id that it knows them by.
    pub subject: String,
}

/// Why an identity is not taken away.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UnlinkError {
    /// They have none of this connection or id, or several connections know them by that id.
    #[error("there is no such identity, or more than one")]
    Unknown,
    /// It is the last one; or an address or number of theirs, and no other way in is older or a week old.
    #[error("it is the only way in")]
    LastIdentity,
    /// Others were first, again and again.
    #[error("too busy")]
    Busy,
    /// The store does not work.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Auth {
    /// The identities of a session's user, in its tenant.
    pub async fn login_profile(&self, session: &Session) -> Result<LoginProfile, Unavailable> {
        let facts = self.inner.store.user(&session.tenant, &session.user).await?;
        let identities = facts
            .into_iter()
            .flat_map(|facts| facts.identities)
            .map(|identity| LinkedIdentity { connection: connection_id(&identity.connection).to_owned(), subject: identity.subject });
        Ok(LoginProfile { identities: identities.collect() })
    }

    /// Takes an identity away from whoever is signed in: by its connection, which means all of that, or by the id that its
    /// connection knows them by. The user stays, with their id; whoever comes by the identity later may be somebody else.
    ///
    /// What it opened is over, except the session that asks: that one goes on, but cannot ask for another identity.
    pub async fn unlink_own(&self, call: &Call, session: &Session, named: &str) -> Result<(), UnlinkError> {
        let call = &Call { tenant: session.tenant.clone(), ..call.clone() };
        let mut left = TRIES;
        let mut gone = 0;
        while left > 0 {
            let facts = self.inner.store.person(&session.tenant.app(), session.user.as_str()).await?;
            let facts = facts.filter(|facts| facts.user.id == session.user).ok_or(UnlinkError::Unknown)?;
            let is_settled = |here: &UserFacts, id: &IdentityId| {
                let own = here.identities.iter().find(|row| row.id == *id && row.identifier().is_some());
                own.is_none_or(|row| !is_only_way_in(here, row, call.now))
            };
            let meant = if gone == 0 { Named::Any(named) } else { Named::Connection(named) };
            let id = match decide::unlinks(&facts, &session.tenant, meant, is_settled) {
                Ok(id) => id,
                Err(NoUnlink::Unknown) if gone > 0 => return Ok(()),
                Err(NoUnlink::Unknown) => return Err(UnlinkError::Unknown),
                Err(NoUnlink::Last) => return Err(UnlinkError::LastIdentity),
            };
            let (changes, news) = self.unlinking(call, session, &facts, &id).await?;
            match self.commit(call.now, changes).await {
                Ok(_) => {
                    news.into_iter().for_each(|message| self.ring(message));
                    // Somebody may have come in by it while this was decided.
                    self.end_others(call, session, &id).await?;
                    (left, gone) = (TRIES, gone + 1);
                }
                Err(CommitError::Lost) => left -= 1,
                Err(CommitError::Unavailable(e)) => return Err(e.into()),
            }
        }
        Err(UnlinkError::Busy)
    }

    /// The changes that take an identity away, and whom to tell: an address or number itself, as on our own pages.
    async fn unlinking(
        &self,
        call: &Call,
        session: &Session,
        facts: &UserFacts,
        id: &IdentityId,
    ) -> Result<(Vec<Change>, Vec<Message>), UnlinkError> {
        let event = self.event(call, EventKind::IdentityRemoved, session.user.to_string());
        let mut changes = removed(facts, id.as_str(), false, event, call.now).ok_or(UnlinkError::Unknown)?;
        if session.identity == *id {
            let all = |change: &Change| matches!(change, Change::Directory(change) if matches!(**change, DirectoryChange::SessionsOfIdentityRevoked { .. }));
            changes.retain(|change| !all(change));
            changes.extend(self.others_of(call, session, id).await?);
        }
        let rows = || facts.identities.iter().filter(|row| row.id == *id && row.tenant == session.tenant);
        for row in rows().filter(|row| row.connection == Connection::Sms) {
            // Else the next code to it would bring it back.
            if self.inner.store.number_mapped_to(&row.tenant, &row.subject).await?.as_ref() == Some(&session.user) {
                changes.push(LoginChange::NumberUnmapped { tenant: row.tenant.clone(), number: row.subject.clone() }.into());
            }
        }
        let mut news = Vec::new();
        if let Some(tenant) = self.tenant(&session.tenant) {
            // A message hangs on a sign-in; this one hangs on none.
            let nothing = SignInId::new(call.now, self.entropy());
            let gone = rows().filter_map(|row| row.identifier());
            news.extend(gone.map(|gone| self.news(call, &tenant, &nothing, &gone, MessageKind::Removed, &gone)));
        }
        changes.extend(news.iter().map(|message| Change::MessageQueued(Box::new(message.clone()))));
        Ok((changes, news))
    }

    /// The changes that end what an identity opened, except the session that asks.
    async fn others_of(&self, call: &Call, session: &Session, id: &IdentityId) -> Result<Vec<Change>, Unavailable> {
        let all = self.inner.store.sessions_of(&session.user, call.now).await?;
        let others = all.into_iter().filter(|other| other.identity == *id && other.handle != session.handle);
        Ok(others.map(|other| Change::SessionRevoked { handle: other.handle, at: call.now }).collect())
    }

    async fn end_others(&self, call: &Call, session: &Session, id: &IdentityId) -> Result<(), UnlinkError> {
        let changes = self.others_of(call, session, id).await?;
        if changes.is_empty() {
            return Ok(());
        }
        match self.commit(call.now, changes).await {
            Ok(_) => Ok(()),
            Err(CommitError::Lost) => Err(UnlinkError::Busy),
            Err(CommitError::Unavailable(e)) => Err(e.into()),
        }
    }
}
