//! The work that browsers showed before they asked for a login, remembered so that none is good twice.

use super::request::Begun;
use crate::decide::login as decide;
use crate::decide::work;
use aws_lc_rs::digest::{SHA256, digest};
use postkey_model::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Work that was taken, so that it is not taken twice. Kept per node and in memory: it makes asking dearer, and a second node
/// or a restart only makes one piece of work good twice.
#[derive(Default)]
pub(crate) struct UsedWork(Mutex<HashMap<[u8; 32], Taken>>);

/// One piece of work, and what came of it.
struct Taken {
    until: Timestamp,
    at: Timestamp,
    asked: [u8; 32],
    begun: Option<Begun>,
}

/// What work is worth.
pub(super) enum WorkIs {
    /// It is taken now.
    Fresh,
    /// It was taken for the very same question a moment ago: here is the answer, which may have been lost.
    Repeated(Begun),
    /// It was taken.
    Used,
}

/// More is not remembered: whoever did so much work has paid for what it makes good again.
const MOST_WORK: usize = 100_000;

impl UsedWork {
    fn all(&self) -> MutexGuard<'_, HashMap<[u8; 32], Taken>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn take(&self, work: &str, asked: [u8; 32], now: Timestamp) -> WorkIs {
        let mut used = self.all();
        if used.len() >= MOST_WORK {
            used.retain(|_, taken| taken.until > now);
            // Somebody works very hard: what is older than half its time is forgotten, or all.
            if used.len() >= MOST_WORK {
                used.retain(|_, taken| now.since(taken.at) < work::CLOCKS);
            }
            if used.len() >= MOST_WORK {
                used.clear();
            }
        }
        match used.get(&sha256(work)) {
            Some(taken) if taken.asked == asked && now.since(taken.at) < decide::REPEAT => {
                taken.begun.clone().map_or(WorkIs::Used, WorkIs::Repeated)
            }
            Some(_) => WorkIs::Used,
            None => {
                used.insert(sha256(work), Taken { until: now + work::CLOCKS + work::CLOCKS, at: now, asked, begun: None });
                WorkIs::Fresh
            }
        }
    }

    /// What came of it: an answer to give again, or nothing, and then the work is good for another try.
    pub(super) fn settle(&self, work: &str, begun: Option<&Begun>) {
        let mut used = self.all();
        match begun {
            None => drop(used.remove(&sha256(work))),
            Some(begun) => {
                if let Some(taken) = used.get_mut(&sha256(work)) {
                    taken.begun = Some(begun.clone());
                }
            }
        }
    }
}

pub(super) fn sha256(text: &str) -> [u8; 32] {
    digest(&SHA256, text.as_bytes()).as_ref().try_into().unwrap_or_default()
}
