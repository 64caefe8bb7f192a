//! What turns a call away because there was too much of something: before a message is written, after a commit was lost to a
//! limit, and before a typed code is looked at.

use super::sign_in::{ResendError, StartError, TextsHeld};
use crate::decide::limits as rules;
use crate::decide::sign_in as decide;
use crate::decide::tenants as tenant_rules;
use crate::decide::texts::{NoTexts, Text};
use crate::texts::{Held, Paid};
use crate::verbs::complete::CompleteError;
use crate::{Auth, Inner};
use data_encoding::HEXLOWER;
use postkey_model::{
    Account, Actor, Budget, Call, Change, CodeStrength, ContactMethod, Event, EventId, EventKind, Identifier, Limit, SendCounter, Tenant,
    TenantId, Timestamp,
};
use postkey_store::{SignInFacts, Unavailable};
use std::sync::Arc;

/// Why no message goes out.
pub(super) enum NoSend {
    Throttled { until: Timestamp },
    Texts(TextsHeld),
    Unavailable(Unavailable),
}

impl From<NoSend> for StartError {
    fn from(no: NoSend) -> Self {
        match no {
            NoSend::Throttled { until } => StartError::Throttled { until },
            NoSend::Texts(held) => StartError::NoTexts(held),
            NoSend::Unavailable(e) => e.into(),
        }
    }
}

impl From<NoSend> for ResendError {
    fn from(no: NoSend) -> Self {
        match no {
            NoSend::Throttled { until } => ResendError::Throttled { until },
            NoSend::Texts(held) => ResendError::NoTexts(held),
            NoSend::Unavailable(e) => e.into(),
        }
    }
}

impl From<Unavailable> for NoSend {
    fn from(e: Unavailable) -> Self {
        NoSend::Unavailable(e)
    }
}

impl Auth {
    /// Counts that a limit turned somebody away, and writes it down: once in an hour for each limit and whom it `met`. Nobody waits
    /// for that line.
    pub(crate) fn refused(&self, limit: Limit, tenant: &TenantId, met: &str, now: Timestamp) {
        postkey_metrics::refused(limit.as_str());
        tracing::debug!(limit = limit.as_str(), "refused");
        // These have lines of their own, which last as long as what holds them up.
        if matches!(limit, Limit::TextsUnused | Limit::TextsMoney) {
            return;
        }
        let mut subject = limit.as_str().to_owned();
        if !met.is_empty() {
            // Whom, is an address: the line tells them apart and does not name them.
            let tag = self.keyring().login_secret("limit", limit.as_str(), met);
            subject = format!("{subject}:{}", HEXLOWER.encode(&tag[..4]));
        }
        if !self.inner.limits.is_news(tenant, &subject, now) {
            return;
        }
        let id = EventId::new(now, self.entropy());
        let (tenant, kind) = (tenant.clone(), EventKind::LimitReached);
        let event = Event { id, at: now, tenant, kind, subject, user: None, actor: Actor::Server };
        let auth = self.clone();
        tokio::spawn(async move {
            if let Err(e) = auth.commit(now, vec![Change::EventRecorded(event)]).await {
                tracing::debug!(error = %e, "that a limit was reached is not in the audit trail");
            }
        });
    }

    /// Lets a message through before anything is drawn, sealed or written for it. A text is paid for: what comes back is what
    /// it counts against.
    pub(super) async fn let_send(
        &self,
        call: &Call,
        tenant: &Tenant,
        account: &Account,
        to: &Identifier,
        counters: &[(SendCounter, i64)],
    ) -> Result<Option<Paid>, NoSend> {
        self.may_text(call, to).await.map_err(|held| no_text(held, tenant))?;
        let limits = &self.inner.limits;
        let full = limits.full_until(&call.tenant, counters, call.now).map_or(Ok(()), Err);
        let mut shares = rules::sends(call, &tenant.sign_in.sends, &self.inner.settings.limits, account.is_trusted());
        let of_network = rules::texts(&call.client_ip, to, &self.inner.settings.texts, account.is_trusted());
        shares.extend(of_network.clone());
        full.and_then(|()| limits.take(&shares, call.now)).map_err(|reached| {
            self.refused(reached.limit, &call.tenant, &met(reached.limit, call, counters), call.now);
            match reached.limit {
                Limit::TextsNetwork => no_text(Held::No(NoTexts::Network { until: reached.until }), tenant),
                _ => NoSend::Throttled { until: reached.until },
            }
        })?;
        match self.let_text(call, to, account.is_trusted()).await {
            Ok(paid) => Ok(paid.map(|paid| paid.counted(of_network, call.now))),
            Err(held) => {
                // Nothing goes out: whoever is turned away takes nothing from others.
                limits.give_back(&shares, 1, call.now);
                Err(no_text(held, tenant))
            }
        }
    }

    /// Looks which limit a message was lost to, if to any.
    pub(super) async fn lost_to_limit(
        &self,
        call: &Call,
        tenant: &Tenant,
        counters: &[(SendCounter, i64)],
        text: Option<&Text>,
    ) -> Result<(), NoSend> {
        let mut until = None;
        for (counter, limit) in counters {
            let count = self.inner.store.budget(&call.tenant, counter.key()).await?;
            if let Some(count) = count.filter(|count| count.is_spent(*limit, call.now)) {
                self.inner.limits.fill(&call.tenant, counter, count.resets_at, call.now);
                until = until.max(Some(count.resets_at));
            }
        }
        let unused = match text {
            Some(text) => self.text_unused(text, call.now).await?,
            None => None,
        };
        match (until, unused) {
            (Some(until), _) => {
                self.refused(Limit::SendsContact, &call.tenant, &met(Limit::SendsContact, call, counters), call.now);
                Err(NoSend::Throttled { until })
            }
            (None, Some(no)) => Err(no_text(self.held(call, no).await, tenant)),
            (None, None) => Ok(()),
        }
    }

    /// How strong the next code for `account` has to be.
    pub(super) fn strength(&self, tenant: &Tenant, account: &Account, budget: Option<Budget>, now: Timestamp) -> CodeStrength {
        let pressed = self.inner.limits.reached(&self.guesses_at(tenant), now);
        if let Some(reached) = pressed {
            self.refused(reached.limit, &tenant.id, "", now);
        }
        decide::strength(account, budget, &tenant.sign_in.budget, pressed.is_some(), now)
    }

    fn guesses_at(&self, tenant: &Tenant) -> Vec<rules::Share> {
        rules::guesses_at(&tenant.id, &tenant.sign_in.guesses, &self.inner.settings.limits)
    }

    /// Whether a code that was typed in this network is looked at. It counts as wrong until it is known not to be: of many at
    /// once no more are looked at than the limit says. Browsers that signed in to the account before are never kept out by what
    /// others in their network do.
    pub(super) fn may_guess(&self, call: &Call, tenant: &Tenant, account: &Account) -> Result<Guess, CompleteError> {
        let shares = if account.is_trusted() { Vec::new() } else { rules::guesses_from(call, &tenant.sign_in.guesses) };
        match self.inner.limits.take(&shares, call.now) {
            Ok(()) => Ok(Guess { inner: self.inner.clone(), shares, now: call.now }),
            Err(reached) => {
                self.refused(reached.limit, &call.tenant, &met(reached.limit, call, &[]), call.now);
                Err(CompleteError::Throttled { until: reached.until })
            }
        }
    }

    /// Counts a wrong code, and `guess` for its network if a person typed it: back ends hand on what people in many networks type.
    pub(super) fn guessed_wrong(&self, call: &Call, tenant: &Tenant, facts: Option<&SignInFacts>, guess: Option<Guess>) {
        if let Some(guess) = guess {
            guess.keep();
        }
        if !facts.is_some_and(|facts| facts.sign_in.account.is_trusted()) {
            self.inner.limits.add(&self.guesses_at(tenant), call.now);
        }
    }

    /// Lets a question through that anybody may ask; else says from when on.
    pub(super) fn may_ask(&self, call: &Call, tenant: Option<&TenantId>) -> Result<(), Timestamp> {
        self.inner.limits.take(&rules::asks(call, tenant, &self.inner.settings.limits), call.now).map_err(|reached| {
            self.refused(reached.limit, &call.tenant, &met(reached.limit, call, &[]), call.now);
            reached.until
        })
    }
}

/// Whom a limit met, where it is not everybody: the network, or the identifier that is counted.
fn met(limit: Limit, call: &Call, counters: &[(SendCounter, i64)]) -> String {
    match limit {
        Limit::TextsNetwork | Limit::SendsNetwork | Limit::GuessesNetwork | Limit::AsksNetwork => call.client_ip.as_str().to_owned(),
        Limit::SendsContact => counters.first().map(|(counter, _)| counter.key().as_str().to_owned()).unwrap_or_default(),
        Limit::SendsTenant | Limit::SendsServer | Limit::GuessesTenant | Limit::GuessesServer => String::new(),
        Limit::TextsCountry | Limit::TextsUnused | Limit::TextsMoney => String::new(),
    }
}

/// A code that is looked at, counted for the network it was typed in. Whoever drops it without keeping it takes that back.
pub(crate) struct Guess {
    inner: Arc<Inner>,
    shares: Vec<rules::Share>,
    now: Timestamp,
}

impl Guess {
    /// It was wrong.
    fn keep(mut self) {
        self.shares.clear();
    }
}

impl Drop for Guess {
    fn drop(&mut self) {
        if !self.shares.is_empty() {
            self.inner.limits.give_back(&self.shares, 1, self.now);
        }
    }
}

fn no_text(held: Held, tenant: &Tenant) -> NoSend {
    match held {
        Held::No(why) => NoSend::Texts(TextsHeld { why, by_email: tenant_rules::takes(tenant, ContactMethod::Email) }),
        Held::Unavailable(e) => NoSend::Unavailable(e),
    }
}
