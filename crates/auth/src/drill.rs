//! The drill: on a copy of a database, what people and applications hold is gathered, the keys are changed, and all of it is
//! tried again. Nothing here is for a server's own database: sessions are renewed and made.

mod others;
mod sessions;

use crate::{Auth, KeyError};
use others::Others;
use postkey_model::{Call, ClientIp, TenantId, Timestamp};
pub use sessions::Kind;
use sessions::Pair;
use std::net::Ipv4Addr;

/// How many broken things are named at most.
const NAMED: usize = 20;

/// What people, applications and the server itself held at one moment, to be tried later.
pub struct Held {
    /// The moment.
    pub at: Timestamp,
    /// How many sessions the database had to offer; those of the drill's own are not among them.
    pub found: usize,
    /// Why some of those could not be renewed even before anything was changed.
    pub lost_before: Vec<String>,
    pairs: Vec<Pair>,
    others: Others,
}

impl Held {
    /// How many sessions are tried, the drill's own among them.
    pub fn sessions(&self) -> usize {
        self.pairs.len()
    }

    /// How many of them are of this kind.
    pub fn of_kind(&self, kind: Kind) -> usize {
        self.pairs.iter().filter(|pair| pair.kind == kind).count()
    }

    /// How many messages and services' secrets opened.
    pub fn sealed(&self) -> (usize, usize) {
        (self.others.messages, self.others.secrets.len())
    }
}

/// What became of all that.
#[derive(Debug, Default)]
pub struct Tried {
    /// Access tokens from before that are still believed, and whose key is in the key set.
    pub access: usize,
    /// Sessions that were renewed, and whose new access token is believed.
    pub renewed: usize,
    /// Of the new access tokens, those signed by a key that did not sign before.
    pub by_new_key: usize,
    /// Sessions that were over by themselves before the new keys began to sign.
    pub over: usize,
    /// Messages in the outbox that still open.
    pub messages: usize,
    /// Services' secrets that still open.
    pub secrets: usize,
    /// Codes and links under way, and tokens that prove addresses, that were still good.
    pub proofs: usize,
    /// What broke, in words: the first of it.
    pub broken: Vec<String>,
    /// How much broke in all.
    pub broken_count: usize,
}

impl Tried {
    /// Whether nothing broke.
    pub fn held(&self) -> bool {
        self.broken_count == 0
    }

    fn breaks(&mut self, what: String) {
        self.broken_count += 1;
        if self.broken.len() < NAMED {
            self.broken.push(what);
        }
    }
}

impl Auth {
    /// Gathers what is to survive: makes sessions of each kind, and renews them and up to `sample` of those that are there.
    /// The tenants and keys have to be loaded.
    pub async fn hold_for_drill(&self, sample: i64, now: Timestamp) -> Result<Held, KeyError> {
        let living = self.store().living_sessions(now, sample).await?;
        let mut held = Held { at: now, found: living.len(), lost_before: Vec::new(), pairs: Vec::new(), others: Others::default() };
        let own = self.make_drill_sessions(now).await?;
        let is_own: Vec<_> = own.iter().map(|session| session.handle.clone()).collect();
        for (session, outcome) in self.renew_all(living.into_iter().chain(own), now).await? {
            match outcome {
                Ok(pair) => held.pairs.push(pair),
                // That one of our own cannot be renewed is no matter of its tenant.
                Err(why) if is_own.contains(&session) => return Err(KeyError::Broken(format!("a new session cannot be renewed: {why}"))),
                Err(why) => held.lost_before.push(format!("session {session}: {why}")),
            }
        }
        held.others = self.hold_others(now).await?;
        Ok(held)
    }

    /// Tries at `later` what was held, with the keys that there are now: `self` is the server after the change. Gives what is held
    /// then, to be tried once more.
    pub async fn try_for_drill(&self, held: Held, later: Timestamp) -> Result<(Tried, Held), KeyError> {
        let mut tried = Tried::default();
        let mut next = Held { at: later, found: held.found, lost_before: Vec::new(), pairs: Vec::new(), others: Others::default() };
        for pair in &held.pairs {
            match self.is_believed(pair, held.at, later).await {
                Ok(()) => tried.access += 1,
                Err(why) => tried.breaks(format!("access token of session {}: {why}", pair.handle)),
            }
        }
        let old_keys: Vec<String> = held.pairs.iter().filter_map(|pair| pair.kid.clone()).collect();
        let (alive, over): (Vec<Pair>, Vec<Pair>) = held.pairs.into_iter().partition(|pair| pair.expires_at > later);
        tried.over = over.len();
        for (handle, outcome) in self.renew_pairs(alive, later).await? {
            let pair = match outcome {
                Ok(pair) => pair,
                Err(why) => {
                    tried.breaks(format!("session {handle} cannot be renewed: {why}"));
                    continue;
                }
            };
            if let Err(why) = self.is_believed(&pair, later, later).await {
                tried.breaks(format!("the new access token of session {handle}: {why}"));
                continue;
            }
            tried.renewed += 1;
            tried.by_new_key += usize::from(pair.kid.as_ref().is_some_and(|kid| !old_keys.contains(kid)));
            next.pairs.push(pair);
        }
        next.others = self.try_others(held.others, &mut tried).await?;
        Ok((tried, next))
    }
}

/// A call such as a browser or back end would make.
fn call(tenant: &TenantId, now: Timestamp) -> Call {
    Call {
        now,
        tenant: tenant.clone(),
        client_ip: ClientIp::of(Ipv4Addr::LOCALHOST.into()),
        user_agent: "postkey keys drill".to_owned(),
        lang: "en".to_owned(),
        request_id: "drill".to_owned(),
    }
}
