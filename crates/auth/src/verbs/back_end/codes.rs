//! Codes that back ends ask for and deliver themselves (contract supertokens-core.md §2). The same sign-ins, guess budgets
//! and single use as everywhere; only the message is theirs.

use crate::decide::sign_in::{self as decide, CodeIs, LinkIs, Shown, Standing};
use crate::verbs::complete::{CompleteError, Proof, wrong};
use crate::{Auth, TRIES};
use data_encoding::BASE64URL_NOPAD;
use postkey_model::entropy::random;
use postkey_model::{
    Account, Budget, Call, Change, CodeStrength, EventKind, Identifier, IdentityId, Millis, Opening, Purpose, Secret, SentCode, SignIn,
    SignInId, Tenant, Timestamp,
};
use postkey_store::{CommitError, SignInFacts, Unavailable, UserFacts};
use thiserror::Error;

/// For what a back end wants a code.
#[derive(Clone, Copy, Debug)]
pub enum CodeFor<'a> {
    /// A new sign-in of this identifier.
    Identifier(&'a Identifier),
    /// One more code of a sign-in that is under way, by its id and the secret of the browser that started it.
    SignIn(&'a SignInId, &'a str),
}

/// A code, for the back end to deliver.
pub struct MadeCode {
    /// Of which sign-in.
    pub sign_in: SignInId,
    /// Which of its codes, counted from 1.
    pub sent_as: i64,
    /// The secret of the browser that started it.
    pub device: String,
    /// What is to be typed.
    pub code: Secret<String>,
    /// What the link holds.
    pub link: Secret<String>,
    /// When it was made.
    pub made_at: Timestamp,
    /// How long it lives.
    pub lifetime: Millis,
}

/// Why a back end got no code.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MakeCodeError {
    /// There is no such tenant.
    #[error("there is no such tenant")]
    UnknownTenant,
    /// The tenant takes nobody new in, or not this one.
    #[error("this tenant takes no such new users")]
    NotAdmitted,
    /// There is no such sign-in, or it is over.
    #[error("the sign-in is over")]
    Over,
    /// The sign-in has this very code already.
    #[error("the sign-in has this code already")]
    AlreadyUsed,
    /// The account's guess budget is spent: only codes that cannot be guessed are given out, and none that others chose.
    #[error("too many wrong codes were typed for this account: leave the code to us until the guess budget refills")]
    BudgetSpent,
    /// Others were first, again and again.
    #[error("too busy")]
    Busy,
    /// The store does not work.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Somebody proved an identifier; a session is for the back end to make.
pub struct Consumed {
    /// Whether the user is new.
    pub is_new_user: bool,
    /// Who.
    pub user: UserFacts,
    /// By which identity.
    pub identity: IdentityId,
    /// The sign-in that ended.
    pub sign_in: SignInView,
}

/// What a back end may know of a sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInView {
    /// Which.
    pub id: SignInId,
    /// For which identifier.
    pub to: Identifier,
    /// Wrong codes so far.
    pub attempts: i64,
    /// Its codes, oldest first: the number of each, and when it was made.
    pub codes: Vec<(i64, Timestamp)>,
    /// How long its codes live.
    pub lifetime: Millis,
}

/// Which sign-ins a back end asks after.
#[derive(Clone, Copy, Debug)]
pub enum Which<'a> {
    /// The open ones of an identifier.
    Of(&'a Identifier),
    /// This one.
    Id(&'a SignInId),
    /// This one, if the secret of the browser that started it fits.
    Device(&'a SignInId, &'a str),
}

impl Auth {
    /// Makes a code for a back end to deliver. `chosen`: the code to type, where the back end chooses it.
    #[tracing::instrument(level = "trace", target = "postkey_trace", skip_all)]
    pub async fn make_code(&self, call: &Call, wanted: CodeFor<'_>, chosen: Option<&str>) -> Result<MadeCode, MakeCodeError> {
        match wanted {
            CodeFor::Identifier(to) => self.make_first_code(call, to, chosen).await,
            CodeFor::SignIn(id, device) => self.make_further_code(call, id, device, chosen).await,
        }
    }

    async fn make_first_code(&self, call: &Call, to: &Identifier, chosen: Option<&str>) -> Result<MadeCode, MakeCodeError> {
        let tenant = &*self.find_tenant(&call.tenant, call.now).await?.ok_or(MakeCodeError::UnknownTenant)?;
        let rules = &tenant.sign_in;
        let (connection, subject) = (to.connection(), to.as_str());
        let facts = self.inner.store.start_facts(&call.tenant, connection, subject).await?;
        if !self.admits(tenant, to, facts.user.is_some()).await? {
            return Err(MakeCodeError::NotAdmitted);
        }
        let account = decide::account(&facts, connection, subject, |_| None);
        let strength = self.code_strength(tenant, &account, facts.budget, chosen, call.now)?;
        for _ in 0..TRIES {
            let id = SignInId::new(call.now, self.entropy());
            let device = BASE64URL_NOPAD.encode(&random::<24>(self.entropy()));
            let (code, link) = (self.code(chosen, strength, &rules.code), self.draw_link_secret());
            let sent = self.as_sent(&id, Some(code.expose()), Some(&link), strength, call.now + rules.lifetime);
            let opening = Opening {
                id: id.clone(),
                to: (connection, subject.to_owned()),
                account: account.clone(),
                device: self.keyring().device_hash(&id, &device),
                code: sent,
                max_attempts: rules.max_attempts,
            };
            let sign_in = SignIn::begun(call, opening);
            match self.commit(call.now, vec![Change::SignInStarted(Box::new(sign_in))]).await {
                Ok(_) => {
                    let lifetime = rules.lifetime;
                    return Ok(MadeCode { sign_in: id, sent_as: 1, device, code, link: Secret::new(link), made_at: call.now, lifetime });
                }
                Err(CommitError::Lost) => {}
                Err(CommitError::Unavailable(e)) => return Err(e.into()),
            }
        }
        Err(MakeCodeError::Busy)
    }

    async fn make_further_code(&self, call: &Call, id: &SignInId, device: &str, chosen: Option<&str>) -> Result<MadeCode, MakeCodeError> {
        let tenant = &*self.find_tenant(&call.tenant, call.now).await?.ok_or(MakeCodeError::UnknownTenant)?;
        let rules = &tenant.sign_in;
        for _ in 0..TRIES {
            let facts = self.own(call, id, device).await?.ok_or(MakeCodeError::Over)?;
            let sign_in = &facts.sign_in;
            if decide::standing(sign_in) != Standing::Open {
                return Err(MakeCodeError::Over);
            }
            if let Some(chosen) = chosen {
                let hash = self.keyring().code_hash(id, chosen);
                if decide::has_code(&facts, &hash) {
                    return Err(MakeCodeError::AlreadyUsed);
                }
            }
            let strength = self.code_strength(tenant, &sign_in.account, facts.budget, chosen, call.now)?;
            let (code, link) = (self.code(chosen, strength, &rules.code), self.draw_link_secret());
            let sent = self.as_sent(id, Some(code.expose()), Some(&link), strength, call.now + rules.lifetime);
            let resent = Change::CodeResent {
                sign_in: id.clone(),
                seen_sends: sign_in.sends,
                code: sent,
                older: (sign_in.code.expires_at > call.now).then(|| sign_in.code.clone()),
                at: call.now,
            };
            match self.commit(call.now, vec![resent]).await {
                Ok(_) => {
                    return Ok(MadeCode {
                        sign_in: id.clone(),
                        sent_as: sign_in.sends + 1,
                        device: device.to_owned(),
                        code,
                        link: Secret::new(link),
                        made_at: call.now,
                        lifetime: rules.lifetime,
                    });
                }
                Err(CommitError::Lost) => {}
                Err(CommitError::Unavailable(e)) => return Err(e.into()),
            }
        }
        Err(MakeCodeError::Busy)
    }

    /// How strong the code has to be. One that a back end chose is refused where the account's own budget is spent, and only
    /// there: what strangers do to other accounts is no reason to turn this one's owner away.
    fn code_strength(
        &self,
        tenant: &Tenant,
        account: &Account,
        budget: Option<Budget>,
        chosen: Option<&str>,
        now: Timestamp,
    ) -> Result<CodeStrength, MakeCodeError> {
        match chosen {
            None => Ok(self.strength(tenant, account, budget, now)),
            Some(_) => strength(decide::strength(account, budget, &tenant.sign_in.budget, false, now), chosen),
        }
    }

    fn code(&self, chosen: Option<&str>, strength: CodeStrength, format: &postkey_model::CodeFormat) -> Secret<String> {
        match chosen {
            Some(chosen) => Secret::new(chosen.to_owned()),
            None => format.of(strength).draw(self.entropy()),
        }
    }

    /// A sign-in of the call's tenant whose browser holds `device`. What proves somebody's further identifiers is none of
    /// a back end's.
    async fn own(&self, call: &Call, id: &SignInId, device: &str) -> Result<Option<SignInFacts>, Unavailable> {
        let facts = self.inner.store.sign_in(&call.tenant, id).await?;
        Ok(facts.filter(|facts| {
            let fits = self.keyring().is_device(id, device, &facts.sign_in.device);
            fits && facts.sign_in.purpose == Purpose::SignIn
        }))
    }

    /// Looks whether a code or link is right, and spends nothing if it is. A wrong code counts.
    pub async fn check_code(&self, call: &Call, proof: &Proof) -> Result<SignInView, CompleteError> {
        let tenant = &*self.find_tenant(&call.tenant, call.now).await?.ok_or(CompleteError::Unknown)?;
        for _ in 0..TRIES {
            let (id, shown) = proof.shown();
            let facts = self.inner.store.sign_in(&call.tenant, id).await?;
            let facts = facts.filter(|facts| facts.sign_in.purpose == Purpose::SignIn).ok_or(CompleteError::Unknown)?;
            let spent = self.event(call, EventKind::GuessBudgetSpent, id.to_string());
            match shown {
                Shown::Approval { .. } => return Err(CompleteError::Unknown),
                Shown::Link { secret } => {
                    return match decide::link(&facts, secret, self.keyring(), call.now) {
                        LinkIs::Good => Ok(view(&facts, tenant.sign_in.lifetime)),
                        LinkIs::Unknown => Err(CompleteError::Unknown),
                        LinkIs::Expired => Err(CompleteError::LinkExpired),
                        LinkIs::Over(standing) => Err(standing.into()),
                    };
                }
                Shown::Code { typed, device } => {
                    match decide::typed_code(&facts, typed, device, &tenant.sign_in, self.keyring(), spent, call.now) {
                        CodeIs::Right { .. } => return Ok(view(&facts, tenant.sign_in.lifetime)),
                        CodeIs::Wrong { changes, expired } => match self.commit(call.now, changes).await {
                            Ok(yields) => {
                                self.guessed_wrong(call, tenant, Some(&facts), None);
                                return Err(wrong(&yields, Some(&facts), expired));
                            }
                            Err(CommitError::Lost) => {}
                            Err(CommitError::Unavailable(e)) => return Err(e.into()),
                        },
                        CodeIs::NotACode => return Err(CompleteError::NotACode),
                        CodeIs::Unknown => return Err(CompleteError::Unknown),
                        CodeIs::Over(standing) => return Err(standing.into()),
                    }
                }
            }
        }
        Err(CompleteError::Busy)
    }

    /// How many wrong codes an open sign-in took, and how many more it takes; `None` when it is over.
    pub async fn tries_of(&self, call: &Call, proof: &Proof) -> Result<Option<(i64, i64)>, Unavailable> {
        let (id, _) = proof.shown();
        let facts = self.inner.store.sign_in(&call.tenant, id).await?;
        let open = facts.filter(|facts| decide::standing(&facts.sign_in) == Standing::Open);
        Ok(open.map(|facts| (facts.sign_in.attempts, facts.sign_in.max_attempts - facts.sign_in.attempts)))
    }

    /// Spends the right code or link, once, and makes the user if there was none. Makes no session.
    #[tracing::instrument(level = "trace", target = "postkey_trace", skip_all)]
    pub async fn consume_code(&self, call: &Call, proof: &Proof) -> Result<Consumed, CompleteError> {
        let tenant = &*self.find_tenant(&call.tenant, call.now).await?.ok_or(CompleteError::Unknown)?;
        let (id, shown) = proof.shown();
        for _ in 0..TRIES {
            let facts = self.inner.store.sign_in(&call.tenant, id).await?;
            let fresh = self.fresh(call, id.to_string());
            let decision = decide::complete(facts.as_ref(), &shown, &tenant.sign_in, self.keyring(), fresh, call.now);
            let Some(entry) = self.entry(call, tenant, facts.as_ref(), decision, None).await? else { continue };
            match self.commit(call.now, entry.changes).await {
                Ok(_) => {
                    let user = self.inner.store.person(&call.tenant.app(), entry.user.as_str()).await?;
                    let (Some(user), Some(facts)) = (user, facts) else { return Err(CompleteError::Unknown) };
                    let sign_in = view(&facts, tenant.sign_in.lifetime);
                    return Ok(Consumed { is_new_user: entry.is_new, user, identity: entry.identity, sign_in });
                }
                Err(CommitError::Lost) => {}
                Err(CommitError::Unavailable(e)) => return Err(e.into()),
            }
        }
        Err(CompleteError::Busy)
    }

    /// The sign-ins that a back end asks after.
    pub async fn sign_ins_for_back_end(&self, call: &Call, which: Which<'_>) -> Result<Vec<SignInView>, Unavailable> {
        let Some(tenant) = self.find_tenant(&call.tenant, call.now).await? else { return Ok(Vec::new()) };
        let found = match which {
            Which::Device(id, device) => self.own(call, id, device).await?.into_iter().collect(),
            Which::Id(id) => self.inner.store.sign_in(&call.tenant, id).await?.into_iter().collect(),
            Which::Of(to) => {
                let mut all = Vec::new();
                for id in self.inner.store.open_sign_ins(&call.tenant, to.as_str(), call.now).await? {
                    all.extend(self.inner.store.sign_in(&call.tenant, &id).await?);
                }
                all
            }
        };
        let open = |facts: &SignInFacts| facts.sign_in.purpose == Purpose::SignIn && decide::standing(&facts.sign_in) == Standing::Open;
        Ok(found.iter().filter(|facts| open(facts)).map(|facts| view(facts, tenant.sign_in.lifetime)).collect())
    }

    /// Ends all open sign-ins of an identifier.
    pub async fn cancel_all(&self, call: &Call, to: &Identifier) -> Result<(), Unavailable> {
        let change = Change::SignInsCancelled { tenant: call.tenant.clone(), subject: to.as_str().to_owned(), at: call.now };
        self.commit_anyway(change).await
    }

    /// Ends a sign-in that a back end names.
    pub async fn cancel_one(&self, call: &Call, id: &SignInId) -> Result<(), Unavailable> {
        match self.inner.store.sign_in(&call.tenant, id).await? {
            Some(_) => self.commit_anyway(Change::SignInCancelled { sign_in: id.clone(), at: call.now }).await,
            None => Ok(()),
        }
    }

    /// Makes one code worthless. A sign-in without another one is over.
    pub async fn remove_code(&self, call: &Call, id: &SignInId, sent_as: i64) -> Result<(), Unavailable> {
        let Some(facts) = self.inner.store.sign_in(&call.tenant, id).await? else { return Ok(()) };
        let codes = view(&facts, Millis(0)).codes;
        let change = match codes[..] {
            [(only, _)] if only == sent_as => Change::SignInCancelled { sign_in: id.clone(), at: call.now },
            _ => Change::CodeRemoved { sign_in: id.clone(), sent_as },
        };
        self.commit_anyway(change).await
    }

    /// Commits a change that may have come too late, which is as good.
    async fn commit_anyway(&self, change: Change) -> Result<(), Unavailable> {
        match self.commit(None, vec![change]).await {
            Ok(_) | Err(CommitError::Lost) => Ok(()),
            Err(CommitError::Unavailable(e)) => Err(e),
        }
    }
}

/// How strong a code is to be; none may be chosen while only long ones are given out.
fn strength(own: CodeStrength, chosen: Option<&str>) -> Result<CodeStrength, MakeCodeError> {
    match (own, chosen) {
        (own, None) => Ok(own),
        (CodeStrength::Short | CodeStrength::Chosen, Some(_)) => Ok(CodeStrength::Chosen),
        (CodeStrength::Long, Some(_)) => Err(MakeCodeError::BudgetSpent),
    }
}

fn view(facts: &SignInFacts, lifetime: Millis) -> SignInView {
    let sign_in = &facts.sign_in;
    // What is stored of a code is when it dies.
    let made = |sent: &SentCode| sent.expires_at - lifetime;
    let codes = facts.older_numbers.iter().zip(&facts.older).rev().map(|(n, sent)| (*n, made(sent)));
    let newest = sign_in.code.code.is_some() || sign_in.code.link.is_some();
    let newest = newest.then_some((sign_in.sends, sign_in.last_sent_at));
    SignInView {
        id: sign_in.id.clone(),
        to: sign_in.identifier(),
        attempts: sign_in.attempts,
        codes: codes.chain(newest).collect(),
        lifetime,
    }
}
