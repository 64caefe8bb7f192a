//! Turns: which providers were asked for a message and did not take it, so that its next try begins with another one.
//! Known to this process only, and of a bounded number of messages: what is forgotten begins with the first provider.

use postkey_model::{MessageId, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Of so many messages it is known.
const KNOWN: usize = 4096;

/// By message; ids are in time order, so the first one is the oldest.
#[derive(Default)]
pub(crate) struct Turns(Mutex<BTreeMap<MessageId, Past>>);

/// What became of one message so far, by names of providers.
#[derive(Default)]
struct Past {
    /// They had their turn in this round.
    had: Vec<String>,
    /// They told it to wait until then.
    waits: Vec<(String, Timestamp)>,
}

impl Turns {
    /// Those whose turn is yet to come, then those that had it; each in the order of the config.
    pub(crate) fn order<'a, T>(&self, message: &MessageId, all: &'a [T], name: impl Fn(&T) -> &str) -> Vec<&'a T> {
        let turns = self.lock();
        let had: &[String] = turns.get(message).map_or(&[], |past| &past.had);
        let (after, before): (Vec<&T>, Vec<&T>) = all.iter().partition(|one| had.iter().any(|known| known == name(one)));
        before.into_iter().chain(after).collect()
    }

    /// Until when a provider told the message to wait, if that is yet to come.
    pub(crate) fn waits_until(&self, message: &MessageId, provider: &str, now: Timestamp) -> Option<Timestamp> {
        let turns = self.lock();
        let (_, until) = turns.get(message)?.waits.iter().find(|(name, _)| name == provider)?;
        (*until > now).then_some(*until)
    }

    /// A provider told the message to wait.
    pub(crate) fn told_to_wait(&self, message: &MessageId, provider: &str, until: Timestamp) {
        let mut turns = self.lock();
        let waits = &mut turns.entry(message.clone()).or_default().waits;
        waits.retain(|(name, _)| name != provider);
        waits.push((provider.to_owned(), until));
    }

    /// These were asked in one try and did not take it. When all of `count` had their turn, a new round begins, which
    /// the one that this try began with need not begin.
    pub(crate) fn failed(&self, message: &MessageId, asked: &[&str], count: usize) {
        let Some(began) = asked.first() else { return };
        let mut turns = self.lock();
        let had = &mut turns.entry(message.clone()).or_default().had;
        for name in asked {
            if !had.iter().any(|known| known == name) {
                had.push((*name).to_owned());
            }
        }
        if had.len() >= count {
            *had = vec![(*began).to_owned()];
        }
        if turns.len() > KNOWN {
            turns.pop_first();
        }
    }

    /// The message is done with.
    pub(crate) fn forget(&self, message: &MessageId) {
        self.lock().remove(message);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<MessageId, Past>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [&str; 3] = ["a", "b", "c"];

    fn id(n: usize) -> MessageId {
        MessageId::stored(format!("{n:06}"))
    }

    fn order(turns: &Turns, n: usize) -> String {
        turns.order(&id(n), &ALL, |name| name).into_iter().copied().collect()
    }

    #[test]
    fn every_one_gets_its_turn() {
        let turns = Turns::default();
        assert_eq!(order(&turns, 1), "abc");
        turns.failed(&id(1), &[], 3);
        assert_eq!(order(&turns, 1), "abc", "nobody was asked");
        // Each try has time for one of them only.
        for (asked, next) in [("a", "bca"), ("b", "cab"), ("c", "abc"), ("a", "bac"), ("b", "acb"), ("a", "cab")] {
            turns.failed(&id(1), &[asked], 3);
            assert_eq!(order(&turns, 1), next, "after {asked}");
        }
        turns.forget(&id(1));
        assert_eq!(order(&turns, 1), "abc");
        // Each try has time for all of them.
        turns.failed(&id(1), &["a", "b", "c"], 3);
        assert_eq!(order(&turns, 1), "bca");
        turns.failed(&id(1), &["b", "c", "a"], 3);
        assert_eq!(order(&turns, 1), "acb");
        assert_eq!(order(&turns, 2), "abc", "another message has turns of its own");
    }

    #[test]
    fn one_alone_is_asked_again() {
        let turns = Turns::default();
        turns.failed(&id(1), &["a"], 1);
        assert_eq!(turns.order(&id(1), &["a"], |name| name), [&"a"]);
    }

    #[test]
    fn a_wait_is_of_one_message_and_one_provider() {
        let (turns, now) = (Turns::default(), Timestamp(1_000));
        turns.told_to_wait(&id(1), "a", Timestamp(9_000));
        turns.told_to_wait(&id(1), "a", Timestamp(5_000));
        assert_eq!(turns.waits_until(&id(1), "a", now), Some(Timestamp(5_000)));
        assert_eq!(turns.waits_until(&id(1), "a", Timestamp(5_000)), None);
        assert_eq!((turns.waits_until(&id(1), "b", now), turns.waits_until(&id(2), "a", now)), (None, None));
        assert_eq!(order(&turns, 1), "abc", "it is no turn");
    }

    #[test]
    fn the_oldest_messages_are_forgotten() {
        let turns = Turns::default();
        for n in 0..=KNOWN {
            turns.failed(&id(n), &["a"], 3);
        }
        let known = turns.lock().len();
        assert_eq!((known, order(&turns, 0).as_str(), order(&turns, 1).as_str()), (KNOWN, "abc", "bca"));
    }
}
