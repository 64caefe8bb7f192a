//! The counts that a node keeps for itself, in memory: what `decide::limits` names. They are lost with the node, and nodes do
//! not share them: several nodes let through as many times more. Their room is bounded.

use crate::decide::limits::{Count, Reached, Share};
use postkey_model::{Budget, Limit, Millis, SendCounter, TenantId, Timestamp};
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// More counts are not kept: about 30 MB of them.
const MOST: usize = 200_000;

/// Requests that came at about one time are not counted in the order in which they came, and one may be a while on its way
/// (a body that is sent slowly): this much before its window it still belongs to it. Otherwise whoever sends the heads of many
/// requests and ends the last one first would open a new window with each.
const EARLY: Millis = Millis::from_mins(5);

/// The longest window of a count in the store.
const LONGEST: Millis = Millis::from_hours(25);

/// For so long a limit that meets the same again is no news for the audit trail.
const HOUR: Millis = Millis::from_hours(1);
/// So many lines a node writes about limits in an hour at most: a flood from everywhere is seen in the figures.
const MOST_TOLD: usize = 200;

/// The counts of this node.
#[derive(Default)]
pub(crate) struct Limits {
    counts: Mutex<HashMap<Count, Budget>>,
    /// Identifiers that no more messages go to, as the store said: asking it again would cost as much as sending.
    full: Mutex<HashMap<(TenantId, SendCounter), Timestamp>>,
    /// What the audit trail was told of in this hour: since when the hour is, and which limits met whom.
    told: Mutex<(Timestamp, HashSet<(TenantId, String)>)>,
}

/// Whatever a thread left behind when it panicked is still a count.
fn locked<T>(counts: &Mutex<T>) -> MutexGuard<'_, T> {
    counts.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where the clock was set back, nobody waits for longer than a window.
fn is_of_another_clock(budget: &Budget, share: &Share, now: Timestamp) -> bool {
    budget.resets_at.since(now).0 > share.window.0 + EARLY.0
}

/// Which of `shares` has no room; of several the one that lasts longest.
fn reached(counts: &HashMap<Count, Budget>, shares: &[Share], now: Timestamp) -> Option<Reached> {
    let full = |share: &Share| {
        let budget = counts.get(&share.count).filter(|budget| budget.is_spent(share.most, now))?;
        (!is_of_another_clock(budget, share, now)).then_some(Reached { limit: share.count.limit, until: budget.resets_at })
    };
    shares.iter().filter_map(full).max_by_key(|reached| reached.until)
}

impl Limits {
    /// Counts once against each of `shares`; or none, when one of them has no room.
    pub(crate) fn take(&self, shares: &[Share], now: Timestamp) -> Result<(), Reached> {
        if shares.is_empty() {
            return Ok(());
        }
        let mut counts = locked(&self.counts);
        match reached(&counts, shares, now) {
            Some(reached) => Err(reached),
            None => {
                add(&mut counts, shares, now);
                Ok(())
            }
        }
    }

    /// Counts once against each of `shares`, with room or without.
    pub(crate) fn add(&self, shares: &[Share], now: Timestamp) {
        if !shares.is_empty() {
            add(&mut locked(&self.counts), shares, now);
        }
    }

    /// Takes `by` back of what was counted.
    pub(crate) fn give_back(&self, shares: &[Share], by: i64, now: Timestamp) {
        let mut counts = locked(&self.counts);
        for share in shares {
            if let Some(budget) = counts.get_mut(&share.count).filter(|budget| budget.resets_at > now) {
                budget.failures = (budget.failures - by).max(0);
            }
        }
    }

    /// Which of `shares` has no room.
    pub(crate) fn reached(&self, shares: &[Share], now: Timestamp) -> Option<Reached> {
        if shares.is_empty() { None } else { reached(&locked(&self.counts), shares, now) }
    }

    /// Whether it is news in this hour that a limit of `tenant` met `subject`.
    pub(crate) fn is_news(&self, tenant: &TenantId, subject: &str, now: Timestamp) -> bool {
        let mut told = locked(&self.told);
        // Also where the clock was set back.
        if now.since(told.0) >= HOUR || told.0 > now {
            *told = (now, HashSet::new());
        }
        told.1.len() < MOST_TOLD && told.1.insert((tenant.clone(), subject.to_owned()))
    }

    /// Remembers that the store has no room in `counter` before `until`.
    pub(crate) fn fill(&self, tenant: &TenantId, counter: &SendCounter, until: Timestamp, now: Timestamp) {
        let mut full = locked(&self.full);
        if full.len() >= MOST {
            full.retain(|_, until| *until > now);
        }
        // Full of what is alive: the store will say it again.
        if full.len() < MOST {
            full.insert((tenant.clone(), counter.clone()), until);
        }
    }

    /// Until when the store has no room in one of `counters`, as far as it is remembered.
    pub(crate) fn full_until(&self, tenant: &TenantId, counters: &[(SendCounter, i64)], now: Timestamp) -> Option<Reached> {
        let full = locked(&self.full);
        if full.is_empty() {
            return None;
        }
        let until = counters.iter().filter_map(|(counter, _)| full.get(&(tenant.clone(), counter.clone()))).max().copied();
        // Where the clock was set back, nobody waits for longer than the longest window.
        until.filter(|until| *until > now && until.since(now) <= LONGEST).map(|until| Reached { limit: Limit::SendsContact, until })
    }
}

fn add(counts: &mut HashMap<Count, Budget>, shares: &[Share], now: Timestamp) {
    if counts.len() + shares.len() > MOST {
        make_room(counts, now);
    }
    for share in shares {
        let budget = counts.entry(share.count.clone()).or_insert(Budget { failures: 0, resets_at: now + share.window });
        if budget.resets_at <= now || is_of_another_clock(budget, share, now) {
            *budget = Budget { failures: 0, resets_at: now + share.window };
        }
        budget.failures = budget.failures.saturating_add(1);
    }
}

/// Closed windows go first; then networks that asked for little; and if somebody has so many networks that none of this
/// helps, all networks: the limits of tenants, server, identifiers and accounts still hold.
fn make_room(counts: &mut HashMap<Count, Budget>, now: Timestamp) {
    counts.retain(|_, budget| budget.resets_at > now);
    if counts.len() > MOST / 4 * 3 {
        counts.retain(|count, budget| count.network.is_none() || budget.failures > 3);
    }
    if counts.len() > MOST / 4 * 3 {
        counts.retain(|count, _| count.network.is_none());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use postkey_model::ClientIp;
    use std::sync::Arc;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);
    const WINDOW: Millis = Millis::from_mins(15);

    fn of(host: u32, most: i64) -> Share {
        let network = ClientIp::of(std::net::Ipv4Addr::from(0x0a00_0000 + host).into());
        let count =
            Count { limit: Limit::SendsNetwork, tenant: Some(TenantId::public()), network: Some(network), is_trusted: false, region: None };
        Share { count, most, window: WINDOW }
    }

    fn all(most: i64) -> Share {
        Share { count: Count { network: None, limit: Limit::SendsTenant, ..of(0, 0).count }, most, window: WINDOW }
    }

    #[test]
    fn there_is_room_for_as_many_as_the_limit_says() {
        let limits = Limits::default();
        for n in 0..3 {
            assert_eq!(limits.take(&[of(1, 3)], NOW + Millis(n)), Ok(()));
        }
        let reached = Reached { limit: Limit::SendsNetwork, until: NOW + WINDOW };
        assert_eq!(limits.take(&[of(1, 3)], NOW + Millis(9)), Err(reached), "the window opened with the first");
        assert_eq!(limits.take(&[of(2, 3)], NOW), Ok(()), "another network");
        assert_eq!(limits.take(&[of(1, 3)], NOW + WINDOW), Ok(()), "and it opens anew");
        assert_eq!(limits.reached(&[of(1, 1)], NOW + WINDOW), Some(Reached { until: NOW + WINDOW + WINDOW, ..reached }));
    }

    #[test]
    fn where_one_has_no_room_none_is_counted() {
        let limits = Limits::default();
        limits.add(&[of(1, 1)], NOW);
        for _ in 0..5 {
            assert!(limits.take(&[all(2), of(1, 1)], NOW).is_err());
        }
        assert_eq!(limits.take(&[all(2), of(2, 1)], NOW), Ok(()));
        assert_eq!(limits.take(&[all(2), of(3, 1)], NOW), Ok(()));
        assert_eq!(limits.take(&[all(2), of(4, 1)], NOW).unwrap_err().limit, Limit::SendsTenant);
    }

    #[test]
    fn who_came_earlier_and_is_counted_later_opens_no_new_window() {
        let limits = Limits::default();
        let taken = (0..100).filter(|n| limits.take(&[of(1, 3)], NOW - Millis(n * 100)).is_ok()).count();
        assert_eq!(taken, 3);
    }

    #[test]
    fn a_clock_that_was_set_back_locks_nobody_out() {
        let limits = Limits::default();
        limits.add(&[of(1, 1)], NOW + Millis::from_hours(24));
        assert_eq!(limits.reached(&[of(1, 1)], NOW), None);
        assert_eq!(limits.take(&[of(1, 1)], NOW), Ok(()));
        assert_eq!(limits.take(&[of(1, 1)], NOW), Err(Reached { limit: Limit::SendsNetwork, until: NOW + WINDOW }));
    }

    #[test]
    fn however_many_ask_the_room_is_bounded_and_the_busy_stay() {
        let limits = Limits::default();
        for _ in 0..9 {
            limits.add(&[of(0, 9), all(9)], NOW);
        }
        for host in 1..=(2 * MOST as u32) {
            limits.add(&[of(host, 9)], NOW + Millis(1));
        }
        assert!(locked(&limits.counts).len() <= MOST);
        assert!(limits.reached(&[of(0, 9)], NOW + Millis(2)).is_some(), "who asks a lot is not forgotten for those who ask once");
        assert!(limits.reached(&[all(9)], NOW + Millis(2)).is_some());
    }

    #[test]
    fn of_64_at_once_as_many_get_in_as_there_is_room_for() {
        let limits = Arc::new(Limits::default());
        let threads: Vec<_> = (0..64)
            .map(|_| {
                let limits = limits.clone();
                std::thread::spawn(move || limits.take(&[of(1, 20), all(20)], NOW).is_ok())
            })
            .collect();
        assert_eq!(threads.into_iter().map(|thread| thread.join().unwrap()).filter(|ok| *ok).count(), 20);
    }

    #[test]
    fn what_the_store_said_is_remembered_for_as_long_as_it_holds() {
        let limits = Limits::default();
        let counter = SendCounter::unused_texts(None);
        limits.fill(&TenantId::public(), &counter, NOW + WINDOW, NOW);
        let counters = [(counter, 1)];
        assert_eq!(limits.full_until(&TenantId::public(), &counters, NOW).map(|reached| reached.until), Some(NOW + WINDOW));
        assert_eq!(limits.full_until(&TenantId::public(), &counters, NOW + WINDOW), None);
        assert_eq!(limits.full_until(&TenantId::parse("acme").unwrap(), &counters, NOW), None);
    }
}
