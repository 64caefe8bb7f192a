//! The firewall of texts: every text that somebody asks for is let through here, or not. What texts may cost is counted in the store for all nodes
//! together; each node takes a part of it at a time, so that not every text asks. The rules are in `decide::texts`.

use crate::decide::limits::{self, Share};
use crate::decide::texts::{self as decide, NoTexts, Text};
use crate::{Auth, Inner};
use postkey_model::{
    Actor, Call, Change, ClientIp, Day, EventKind, Identifier, Millis, Money, Region, SendCounter, SignIn, TenantId, TextRules, Timestamp,
};
use postkey_store::{CommitError, Unavailable};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What this node holds of the day's money, and what it said already.
#[derive(Default)]
pub(crate) struct Texts {
    /// For strangers, and for browsers that signed in before.
    leases: Mutex<[Lease; 2]>,
    /// Whoever asks the store for more holds this: the others of this node wait for what comes.
    asking: tokio::sync::Mutex<()>,
    /// What an event was written of, and until when that holds.
    told: Mutex<HashSet<(&'static str, Timestamp)>>,
}

#[derive(Clone, Copy, Default)]
struct Lease {
    day: Option<Day>,
    left: i64,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Texts {
    fn spend(&self, day: Day, price: Money, is_trusted: bool) -> bool {
        let lease = &mut locked(&self.leases)[usize::from(is_trusted)];
        let enough = lease.day == Some(day) && lease.left >= price.0;
        if enough {
            lease.left -= price.0;
        }
        enough
    }

    fn add(&self, day: Day, money: Money, is_trusted: bool) {
        let lease = &mut locked(&self.leases)[usize::from(is_trusted)];
        // A request that began before midnight may end after it: yesterday's money is worth nothing today.
        if lease.day.is_some_and(|held| held.number() > day.number()) {
            return;
        }
        if lease.day != Some(day) {
            *lease = Lease { day: Some(day), left: 0 };
        }
        lease.left = lease.left.saturating_add(money.0);
    }
}

/// A text that was paid for. Whoever drops it without keeping it gets the money back.
pub(crate) struct Paid {
    inner: Arc<Inner>,
    /// What was paid for.
    pub(crate) text: Text,
    is_trusted: bool,
    /// The day whose money it is; `None` when nothing was paid, or nothing comes back.
    day: Option<Day>,
    /// What its network was counted for it, and when; nothing when that stays.
    counted: Option<(Share, Timestamp)>,
}

impl Paid {
    /// The text goes out: its price is spent.
    pub(crate) fn keep(mut self) {
        self.day = None;
        self.counted = None;
    }

    /// Nobody knows whether it goes out: its price is spent, and its network not blamed for it.
    pub(crate) fn keep_paid(mut self) {
        self.day = None;
    }

    /// Says what its network was counted for it.
    pub(crate) fn counted(mut self, share: Option<Share>, now: Timestamp) -> Self {
        self.counted = share.map(|share| (share, now));
        self
    }
}

impl Drop for Paid {
    fn drop(&mut self) {
        if let Some(day) = self.day {
            self.inner.texts.add(day, self.text.price, self.is_trusted);
        }
        if let Some((share, now)) = &self.counted {
            self.inner.limits.give_back(std::slice::from_ref(share), 1, *now);
        }
    }
}

/// Why a text does not go out.
pub(crate) enum Held {
    /// It may not.
    No(NoTexts),
    /// The store does not work.
    Unavailable(Unavailable),
}

/// The counts of texts are the whole server's: they stand with the tenant that is always there.
fn counted_in() -> TenantId {
    TenantId::public()
}

impl Auth {
    fn text_rules(&self) -> &TextRules {
        &self.inner.settings.texts
    }

    /// Whether texts go to numbers of `region`.
    pub fn texts_reach(&self, region: Region) -> bool {
        self.text_rules().reaches(Some(region))
    }

    /// Lets a message to `to` through, and pays for it: `None` when it is no text.
    pub(crate) async fn let_text(&self, call: &Call, to: &Identifier, is_trusted: bool) -> Result<Option<Paid>, Held> {
        let held = match decide::text_to(to, is_trusted, self.text_rules()) {
            Ok(None) => return Ok(None),
            Ok(Some(text)) => match self.pay(call.now, text.price, is_trusted).await? {
                None => {
                    let day = (self.text_rules().per_day.0 > 0).then(|| Day::of(call.now));
                    return Ok(Some(Paid { inner: self.inner.clone(), text, is_trusted, day, counted: None }));
                }
                Some(no) => no,
            },
            Err(no) => no,
        };
        Err(self.held(call, held).await)
    }

    /// Whether texts go to the country of `to` at all, before anything is counted.
    pub(crate) async fn may_text(&self, call: &Call, to: &Identifier) -> Result<(), Held> {
        match decide::text_to(to, false, self.text_rules()) {
            Ok(_) => Ok(()),
            Err(no) => Err(self.held(call, no).await),
        }
    }

    /// Writes down that texts are held up: once for each cause.
    pub(crate) async fn held(&self, call: &Call, no: NoTexts) -> Held {
        self.refused(no.limit(), &call.tenant, "", call.now);
        if let Some(until) = no.until() {
            let is_news = {
                let mut told = locked(&self.inner.texts.told);
                told.retain(|(_, until)| *until > call.now);
                told.insert((no.subject(), until))
            };
            if is_news {
                let tenant = counted_in();
                let mut event = self.event(&Call { tenant, ..call.clone() }, EventKind::TextsHeld, no.subject().to_owned());
                event.actor = Actor::Server;
                // The person is told in any case; whether an operator can be does not hold up anybody.
                let _told = self.inner.store.commit(vec![Change::EventRecorded(event)]).await;
            }
        }
        Held::No(no)
    }

    /// Takes the price of a text from the day's money.
    async fn pay(&self, now: Timestamp, price: Money, is_trusted: bool) -> Result<Option<NoTexts>, Held> {
        let (rules, day) = (self.text_rules(), Day::of(now));
        if rules.per_day.0 == 0 || price.0 == 0 || self.inner.texts.spend(day, price, is_trusted) {
            return Ok(None);
        }
        let _asking = self.inner.texts.asking.lock().await;
        if self.inner.texts.spend(day, price, is_trusted) {
            return Ok(None);
        }
        let most = decide::most_money(rules, is_trusted);
        let mut wanted = vec![decide::lease(rules, price), price];
        wanted.dedup();
        for amount in wanted.into_iter().filter(|amount| *amount <= most) {
            let leased = Change::SendCounted {
                tenant: counted_in(),
                counter: SendCounter::text_money(day),
                by: amount.0,
                limit: most.0,
                at: now,
                // Beyond the day, whatever the clocks of other nodes say: it is another count tomorrow.
                window: Millis::from_hours(48),
            };
            match self.inner.store.commit(vec![leased]).await {
                Ok(_) => {
                    self.inner.texts.add(day, Money(amount.0 - price.0), is_trusted);
                    return Ok(None);
                }
                Err(CommitError::Lost) => {}
                Err(CommitError::Unavailable(e)) => return Err(Held::Unavailable(e)),
            }
        }
        Ok(Some(NoTexts::Money { until: day.end() }))
    }

    /// The change that counts a text as not used yet.
    pub(crate) fn text_counted(&self, text: &Text, now: Timestamp) -> Option<Change> {
        let limit = text.unused?;
        Some(Change::SendCounted { tenant: counted_in(), counter: text.counter.clone(), by: 1, limit, at: now, window: TextRules::WINDOW })
    }

    /// Whether too many texts to a country went unused, now that a text there was not counted.
    pub(crate) async fn text_unused(&self, text: &Text, now: Timestamp) -> Result<Option<NoTexts>, Unavailable> {
        let Some(limit) = text.unused else { return Ok(None) };
        let count = self.inner.store.budget(&counted_in(), text.counter.key()).await?;
        let full = count.filter(|count| count.is_spent(limit, now));
        Ok(full.map(|count| NoTexts::Unused { region: text.region, until: count.resets_at }))
    }

    /// The change that says that somebody used the texts of `sign_in`.
    pub(crate) fn texts_used(&self, sign_in: &SignIn) -> Option<Change> {
        let (counter, by) = decide::used(sign_in, self.text_rules())?;
        Some(Change::TextsUsed { tenant: counted_in(), counter, by })
    }

    /// Takes the texts of `sign_in` off the count of the network that asked for them. What was not counted there is not given back
    /// there: else whoever has a browser that is known could ask for as many more.
    pub(crate) fn texts_used_in(&self, sign_in: &SignIn, now: Timestamp) {
        if let Some((_, by)) = decide::used(sign_in, self.text_rules()) {
            let network = ClientIp::stored(sign_in.asked.client_ip.clone());
            let share = limits::texts(&network, &sign_in.identifier(), self.text_rules(), sign_in.account.is_trusted());
            self.inner.limits.give_back(share.as_slice(), by, now);
        }
    }
}
