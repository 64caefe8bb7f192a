//! Complete: a code or a link becomes a session.

use crate::decide::sign_in::{self as decide, Decision, Fresh, Shown, Standing};
use crate::token::SessionTokens;
use crate::verbs::limit::Guess;
use crate::{Auth, TRIES, TrustedDevice};
use postkey_model::{Call, Change, Connection, EventKind, IdentityId, SignInId, SignUp, Tenant, Timestamp, UserId, Yield};
use postkey_store::{CommitError, SignInFacts, Unavailable};
use thiserror::Error;

/// What somebody shows to get in.
pub enum Proof {
    /// A typed code.
    Code {
        /// For which sign-in.
        sign_in: SignInId,
        /// The secret of the browser that started it.
        device: String,
        /// As typed or pasted.
        typed: String,
    },
    /// A link.
    Link {
        /// For which sign-in.
        sign_in: SignInId,
        /// The secret in the link.
        secret: String,
    },
    /// Nothing but being the browser that asked: somebody who opened the link elsewhere approved it.
    Approval {
        /// For which sign-in.
        sign_in: SignInId,
        /// The secret of the browser that started it.
        device: String,
    },
}

/// Somebody is in.
pub struct Completed {
    /// The new session's tokens.
    pub tokens: SessionTokens,
    /// Whether the user is new.
    pub is_new_user: bool,
    /// By which identity.
    pub identity: IdentityId,
    /// Where to go now: checked when the sign-in was started.
    pub destination: String,
    /// The trusted-device cookie to set.
    pub trusted: TrustedDevice,
}

/// Why nobody is in.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CompleteError {
    /// The code is wrong.
    #[error("wrong code, {left} tries left")]
    WrongCode {
        /// How many more tries the sign-in takes: at least one.
        left: i64,
        /// Wrong tries so far.
        attempts: i64,
    },
    /// The code was right, but too late.
    #[error("expired code, {left} tries left")]
    ExpiredCode {
        /// How many more tries the sign-in takes: at least one.
        left: i64,
        /// Wrong tries so far.
        attempts: i64,
    },
    /// It cannot have been a code, and cost no try.
    #[error("that is not a code")]
    NotACode,
    /// Too many wrong codes came from this network: none is looked at.
    #[error("too many wrong codes from this network")]
    Throttled {
        /// From then on one is.
        until: Timestamp,
    },
    /// The sign-in took all the wrong codes it takes.
    #[error("too many wrong codes")]
    TooManyWrong,
    /// There is no such sign-in, or this browser or link has no part in it.
    #[error("unknown sign-in")]
    Unknown,
    /// The link was right, but too late.
    #[error("the link has expired")]
    LinkExpired,
    /// The sign-in is over: used, superseded or cancelled.
    #[error("the sign-in is over")]
    Over(postkey_model::EndedHow),
    /// Others were first, again and again.
    #[error("too busy")]
    Busy,
    /// The store does not work.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<Standing> for CompleteError {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Ended(how) => CompleteError::Over(how),
            Standing::Exhausted => CompleteError::TooManyWrong,
            Standing::Open | Standing::Lapsed => CompleteError::Unknown,
        }
    }
}

/// What a decision to let somebody in comes to.
pub(crate) struct Entry {
    pub(crate) changes: Vec<Change>,
    pub(crate) user: UserId,
    pub(crate) identity: IdentityId,
    pub(crate) is_new: bool,
}

impl Proof {
    /// For which sign-in it is, and what is shown.
    pub(crate) fn shown(&self) -> (&SignInId, Shown<'_>) {
        match self {
            Proof::Code { sign_in, device, typed } => (sign_in, Shown::Code { typed, device }),
            Proof::Link { sign_in, secret } => (sign_in, Shown::Link { secret }),
            Proof::Approval { sign_in, device } => (sign_in, Shown::Approval { device }),
        }
    }
}

impl Auth {
    /// Lets somebody in who shows the right code or link, once. `trusted` is what the browser's trusted-device
    /// cookie says; what to set instead comes back.
    #[tracing::instrument(level = "trace", target = "postkey_trace", skip_all)]
    pub async fn complete(&self, call: &Call, proof: &Proof, trusted: Option<TrustedDevice>) -> Result<Completed, CompleteError> {
        let tenant = &*self.tenant(&call.tenant).ok_or(CompleteError::Unknown)?;
        let (id, shown) = proof.shown();
        for _ in 0..TRIES {
            let facts = self.inner.store.sign_in(&call.tenant, id).await?;
            let guess = match (&shown, &facts) {
                (Shown::Code { .. }, Some(facts)) => Some(self.may_guess(call, tenant, &facts.sign_in.account)?),
                _ => None,
            };
            let fresh = self.fresh(call, id.to_string());
            let decision = decide::complete(facts.as_ref(), &shown, &tenant.sign_in, self.keyring(), fresh, call.now);
            let Some(Entry { mut changes, user, identity, is_new }) = self.entry(call, tenant, facts.as_ref(), decision, guess).await?
            else {
                continue;
            };
            let session = self.new_session(call, &tenant.session, &user, &identity);
            changes.push(Change::SessionCreated(Box::new(session.clone())));
            changes.extend(facts.as_ref().and_then(|facts| self.texts_used(&facts.sign_in)));
            // Signed before the commit: a key that cannot sign must not cost the person their code.
            let custom = self.custom_claims(&session, tenant).await?;
            let tokens = self.tokens(&session, &tenant.session, &custom, call.now)?;
            match self.commit(call.now, changes).await {
                Ok(_) => {
                    facts.iter().for_each(|facts| self.texts_used_in(&facts.sign_in, call.now));
                    let mut trusted = trusted.unwrap_or_else(|| TrustedDevice::new(self.entropy()));
                    trusted.remember(self.keyring(), &call.tenant, &user);
                    let wanted = facts.and_then(|f| f.sign_in.destination);
                    let destination = wanted.unwrap_or_else(|| tenant.destinations.default_place().as_str().to_owned());
                    return Ok(Completed { tokens, is_new_user: is_new, identity, destination, trusted });
                }
                Err(CommitError::Lost) => {}
                Err(CommitError::Unavailable(e)) => return Err(e.into()),
            }
        }
        Err(CompleteError::Busy)
    }

    /// Carries out what was decided about a proof, up to the changes that let somebody in: `None` when somebody was first
    /// and it is worth another look. `guess`: a code that a person typed; `None` when a back end hands it on.
    pub(crate) async fn entry(
        &self,
        call: &Call,
        tenant: &Tenant,
        facts: Option<&SignInFacts>,
        decision: Decision,
        guess: Option<Guess>,
    ) -> Result<Option<Entry>, CompleteError> {
        let entry = match decision {
            Decision::Enter { changes, user, identity, is_new } => Entry { changes, user, identity, is_new },
            Decision::Wrong { changes, expired } => match self.commit(call.now, changes).await {
                Ok(yields) => {
                    self.guessed_wrong(call, tenant, facts, guess);
                    return Err(wrong(&yields, facts, expired));
                }
                Err(CommitError::Lost) => return Ok(None),
                Err(CommitError::Unavailable(e)) => return Err(e.into()),
            },
            Decision::NotACode => return Err(CompleteError::NotACode),
            Decision::Unknown => return Err(CompleteError::Unknown),
            Decision::LinkExpired => return Err(CompleteError::LinkExpired),
            Decision::Over(standing) => return Err(standing.into()),
        };
        let Entry { mut changes, user, identity, is_new } = match facts {
            Some(facts) => self.let_in_elsewhere(call, facts, entry).await?,
            None => entry,
        };
        // Whoever was known when this began, or invited, may be so no more: accounts are admitted when they are made.
        let newcomer = facts.map(|facts| facts.sign_in.identifier()).filter(|_| is_new);
        if let Some(newcomer) = &newcomer
            && !self.admits(tenant, newcomer, false).await?
        {
            return Err(CompleteError::Unknown);
        }
        if is_new && let (SignUp::Listed(_), Some(newcomer)) = (&tenant.sign_up, newcomer) {
            // An invitation is for one account.
            changes.push(Change::InviteWithdrawn { tenant: tenant.id.clone(), identifier: newcomer });
        }
        changes.extend(self.tenant_stands(&tenant.id));
        Ok(Some(Entry { changes, user, identity, is_new }))
    }

    pub(crate) fn fresh(&self, call: &Call, subject: String) -> Fresh {
        let entropy = self.entropy();
        let user = UserId::new(call.now, entropy);
        Fresh { identity: IdentityId::first_of(&user), user, event: self.event(call, EventKind::GuessBudgetSpent, subject) }
    }
}

pub(crate) fn wrong(yields: &[Yield], facts: Option<&postkey_store::SignInFacts>, expired: bool) -> CompleteError {
    let max = facts.map_or(0, |facts| facts.sign_in.max_attempts);
    let attempts = yields.first().and_then(Yield::count).unwrap_or(max);
    if attempts == max
        && let Some(facts) = facts
    {
        // Never its name: that of a service client is its id.
        let by = match facts.sign_in.connection {
            Connection::Email => "email",
            Connection::Sms => "sms",
            Connection::Provider(_) => "provider",
        };
        postkey_metrics::SIGN_INS_FINISHED.add(&[by, "out_of_tries"], 1);
    }
    match max - attempts {
        ..=0 => CompleteError::TooManyWrong,
        left if expired => CompleteError::ExpiredCode { left, attempts },
        left => CompleteError::WrongCode { left, attempts },
    }
}
