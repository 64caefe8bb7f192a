//! Links opened elsewhere: what the page there may say, and approving the browser that asked instead of signing in.

use crate::decide::sign_in::{self as decide, LinkIs, NumberIs, Standing};
use crate::{Auth, TRIES};
use postkey_model::{Asked, Call, Change, Identifier, Purpose, SignInId, Timestamp};
use postkey_store::{CommitError, SignInFacts, Unavailable};
use thiserror::Error;

/// What a page may say about a sign-in to whoever knows its id: that is, to whoever has its link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkView {
    /// For whom; to be shown masked.
    pub to: Identifier,
    /// From where it was asked for.
    pub asked: Asked,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// Whether the number of the asking browser may be typed to go on there.
    pub takes_number: bool,
}

/// Why the browser that asked was not approved.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ApproveError {
    /// Not the number that it shows. There is no second try.
    #[error("wrong number")]
    WrongNumber,
    /// A number was typed before.
    #[error("a number was typed before")]
    Spent,
    /// The link was right once.
    #[error("the link has expired")]
    LinkExpired,
    /// There is no such sign-in, the link is none of it, or its tenant does not offer this.
    #[error("unknown sign-in")]
    Unknown,
    /// The sign-in is over.
    #[error("the sign-in is over")]
    Over(Standing),
    /// Others were first, again and again.
    #[error("too busy")]
    Busy,
    /// The store does not work.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Auth {
    /// What a page may say about an open sign-in whose link lives; `None` for every other, whatever became of it.
    pub async fn link(&self, call: &Call, id: &SignInId) -> Result<Option<LinkView>, Unavailable> {
        let tenant = self.tenant(&call.tenant);
        let Some(tenant) = tenant.as_deref() else { return Ok(None) };
        let facts = self.inner.store.sign_in(&call.tenant, id).await?;
        let open = facts.map(|facts| facts.sign_in).filter(|sign_in| {
            let alive = decide::standing(sign_in) == Standing::Open && sign_in.code.expires_at > call.now;
            alive && sign_in.code.link.is_some() && sign_in.purpose == Purpose::SignIn
        });
        Ok(open.map(|sign_in| LinkView {
            to: sign_in.identifier(),
            takes_number: tenant.sign_in.number_match && sign_in.number_tries == 0 && sign_in.approved_at.is_none(),
            asked_at: sign_in.started_at,
            asked: sign_in.asked,
        }))
    }

    /// Notes that somebody opened the link in a browser that runs scripts; for the timeline. Spends nothing.
    pub async fn opened(&self, call: &Call, id: &SignInId, secret: &str) -> Result<(), Unavailable> {
        let Some(facts) = self.inner.store.sign_in(&call.tenant, id).await? else { return Ok(()) };
        if facts.sign_in.opened_at.is_some() || decide::link(&facts, secret, self.keyring(), call.now) == LinkIs::Unknown {
            return Ok(());
        }
        match self.commit(call.now, vec![Change::LinkOpened { sign_in: id.clone(), at: call.now }]).await {
            Ok(_) | Err(CommitError::Lost) => Ok(()),
            Err(CommitError::Unavailable(e)) => Err(e),
        }
    }

    /// Lets the browser that asked collect its session: somebody has the link and typed the number that it shows. One
    /// try; without the right number nothing happens.
    pub async fn approve(&self, call: &Call, id: &SignInId, secret: &str, typed: &str) -> Result<(), ApproveError> {
        let tenant = &*self.tenant(&call.tenant).filter(|tenant| tenant.sign_in.number_match).ok_or(ApproveError::Unknown)?;
        for _ in 0..TRIES {
            let facts = self.inner.store.sign_in(&tenant.id, id).await?;
            let facts: SignInFacts = facts.filter(|f| f.sign_in.purpose == Purpose::SignIn).ok_or(ApproveError::Unknown)?;
            match decide::link(&facts, secret, self.keyring(), call.now) {
                LinkIs::Good => {}
                LinkIs::Unknown => return Err(ApproveError::Unknown),
                LinkIs::Expired => return Err(ApproveError::LinkExpired),
                LinkIs::Over(standing) => return Err(ApproveError::Over(standing)),
            }
            let sign_in = id.clone();
            let shown: Vec<u8> = self.keyring().each().map(|ring| ring.match_number(id)).collect();
            let (change, outcome) = match decide::number(&facts.sign_in, typed, &shown) {
                NumberIs::Right => (Change::SignInApproved { sign_in, at: call.now }, Ok(())),
                NumberIs::Wrong => (Change::NumberFailed { sign_in }, Err(ApproveError::WrongNumber)),
                NumberIs::Spent => return Err(ApproveError::Spent),
            };
            match self.commit(call.now, vec![change]).await {
                Ok(_) => return outcome,
                Err(CommitError::Lost) => {}
                Err(CommitError::Unavailable(e)) => return Err(e.into()),
            }
        }
        Err(ApproveError::Busy)
    }

    /// Whether the browser that holds `device` is the one that asked for the link. Reads, spends nothing.
    pub async fn asked_by(&self, call: &Call, id: &SignInId, device: &str) -> Result<bool, Unavailable> {
        Ok(self.own_sign_in(call, id, device).await?.is_some())
    }

    /// Ends a sign-in for which somebody with its link says "that was not me". The link's secret proves that the message
    /// reached them.
    pub async fn disown(&self, call: &Call, id: &SignInId, secret: &str) -> Result<(), Unavailable> {
        let Some(facts) = self.inner.store.sign_in(&call.tenant, id).await? else { return Ok(()) };
        if decide::link(&facts, secret, self.keyring(), call.now) != LinkIs::Good {
            return Ok(());
        }
        match self.commit(call.now, vec![Change::SignInCancelled { sign_in: id.clone(), at: call.now }]).await {
            Ok(_) | Err(CommitError::Lost) => Ok(()),
            Err(CommitError::Unavailable(e)) => Err(e),
        }
    }
}
