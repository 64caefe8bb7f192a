//! Linked users: several identities of one person under one id (contract supertokens-core.md §4.3).

use super::people::{LOOKS, busy};
use crate::Auth;
use crate::decide::linking::{self as decide, NoLink, Shared, Unlinked};
use postkey_model::{AppId, Change, EventKind, IdentityId, Timestamp, UserId};
use postkey_store::{Unavailable, UserFacts};
use thiserror::Error;

/// Why users are not linked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LinkError {
    /// There is nobody of one of these ids.
    #[error("there is no user of that id")]
    UnknownUser,
    /// The identity belongs to a primary user already: to this one.
    #[error("the identity is linked to {}", .0.user.id)]
    LinkedElsewhere(Box<UserFacts>),
    /// Another primary user has the same address, number or service.
    #[error("{by} has the same")]
    Taken {
        /// Who.
        by: UserId,
        /// What they share.
        what: Shared,
    },
    /// The user to link to is not a primary one.
    #[error("that is no primary user")]
    NotPrimary,
    /// The store does not work.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// How it stands after somebody was made a primary user, or linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// Whether it was so already.
    pub was_already: bool,
    /// The primary user.
    pub user: UserFacts,
}

/// What unlinking came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnlinkedNow {
    /// Whether the identity was linked.
    pub was_linked: bool,
    /// Whether it is gone: that of the user's own id goes while others are linked.
    pub was_deleted: bool,
}

impl Auth {
    /// Whether somebody could be made a primary user; `true` when it is one already.
    pub async fn can_make_primary(&self, app: &AppId, id: &str, now: Timestamp) -> Result<bool, LinkError> {
        Ok(self.decide_primary(app, id, now).await?.1.is_empty())
    }

    /// Makes somebody a primary user, to whom identities may be linked.
    pub async fn make_primary(&self, app: &AppId, id: &str, now: Timestamp) -> Result<Linked, LinkError> {
        for _ in 0..LOOKS {
            let (facts, changes) = self.decide_primary(app, id, now).await?;
            if changes.is_empty() {
                return Ok(Linked { was_already: true, user: facts });
            }
            if self.take(now, changes).await? {
                return self.linked(app, facts.user.id.as_str()).await;
            }
        }
        Err(busy().into())
    }

    async fn decide_primary(&self, app: &AppId, id: &str, now: Timestamp) -> Result<(UserFacts, Vec<Change>), LinkError> {
        for _ in 0..LOOKS {
            let facts = self.find_person(app, id).await?.ok_or(LinkError::UnknownUser)?;
            let rivals = self.rivals(decide::questions(&[&facts])).await?;
            match decide::made_primary(&facts, id, &rivals, now) {
                Ok(changes) => return Ok((facts, changes)),
                Err(no) if self.stands(app, id, &facts).await? => return Err(refused(no, facts)),
                Err(_) => {}
            }
        }
        Err(busy().into())
    }

    /// Whether the identity could be linked to a primary user; `true` when it is already.
    pub async fn can_link(&self, app: &AppId, identity: &str, primary: &str, now: Timestamp) -> Result<bool, LinkError> {
        Ok(self.decide_link(app, identity, primary, now).await?.1.is_empty())
    }

    /// Links an identity to a primary user. Whoever was signed in by it is not any more.
    pub async fn link_identity(&self, app: &AppId, identity: &str, primary: &str, now: Timestamp) -> Result<Linked, LinkError> {
        for _ in 0..LOOKS {
            let (to, changes) = self.decide_link(app, identity, primary, now).await?;
            if changes.is_empty() {
                return Ok(Linked { was_already: true, user: to });
            }
            if self.take(now, changes).await? {
                return self.linked(app, to.user.id.as_str()).await;
            }
        }
        Err(busy().into())
    }

    async fn decide_link(&self, app: &AppId, identity: &str, primary: &str, now: Timestamp) -> Result<(UserFacts, Vec<Change>), LinkError> {
        for _ in 0..LOOKS {
            let to = self.find_person(app, primary).await?.ok_or(LinkError::UnknownUser)?;
            let from = self.find_person(app, identity).await?.ok_or(LinkError::UnknownUser)?;
            let rivals = self.rivals(decide::questions(&[&from, &to])).await?;
            let event = self.note(&to, EventKind::IdentityLinked, identity, now);
            match decide::linked(&from, &to, &rivals, event, now) {
                Ok(changes) => return Ok((to, changes)),
                Err(no) if self.stands(app, identity, &from).await? && self.stands(app, primary, &to).await? => {
                    return Err(refused(no, from));
                }
                Err(_) => {}
            }
        }
        Err(busy().into())
    }

    /// Whether somebody is still as read before the others were: a refusal is good for what was true at one moment only.
    async fn stands(&self, app: &AppId, id: &str, facts: &UserFacts) -> Result<bool, Unavailable> {
        Ok(self.find_person(app, id).await?.as_ref() == Some(facts))
    }

    /// Makes an identity a user of its own again. Whoever was signed in by it is not any more.
    pub async fn unlink_identity(&self, app: &AppId, identity: &IdentityId, now: Timestamp) -> Result<UnlinkedNow, LinkError> {
        for _ in 0..LOOKS {
            let facts = self.find_person(app, identity.as_str()).await?.ok_or(LinkError::UnknownUser)?;
            let event = self.note(&facts, EventKind::IdentityUnlinked, identity.as_str(), now);
            let Unlinked { changes, was_linked, was_deleted } =
                decide::unlinked(&facts, identity, event, now).ok_or(LinkError::UnknownUser)?;
            if changes.is_empty() || self.take(now, changes).await? {
                return Ok(UnlinkedNow { was_linked, was_deleted });
            }
        }
        Err(busy().into())
    }

    /// How it stands after the deed.
    async fn linked(&self, app: &AppId, id: &str) -> Result<Linked, LinkError> {
        let user = self.find_person(app, id).await?.ok_or(LinkError::UnknownUser)?;
        Ok(Linked { was_already: false, user })
    }
}

/// Why not, with the user of the identity in question.
fn refused(no: NoLink, of: UserFacts) -> LinkError {
    match no {
        NoLink::LinkedElsewhere(_) => LinkError::LinkedElsewhere(Box::new(of)),
        NoLink::Taken { by, what } => LinkError::Taken { by, what },
        NoLink::NotPrimary => LinkError::NotPrimary,
    }
}
