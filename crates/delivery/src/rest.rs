//! Rests: when a provider is left alone because it told us to wait.
//!
//! One message that is told to wait says something of that message, or of its recipient: many services count what they
//! take for one number. Only when three recipients in a row were told so is it the provider that has enough. Then it
//! rests; and when that is over, one message goes first, and the others follow if that one was taken.

use postkey_model::{Message, MessageId, Millis, Timestamp};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// So many recipients in a row must be told to wait before their provider rests.
const IN_A_ROW: usize = 3;
/// The longest rest while no other provider is there.
const ALONE: Millis = Millis::from_secs(15);
/// How long the others wait at a time while one message goes first.
const GOING_FIRST: Millis = Millis::from_secs(2);

/// What is known of one provider's wish to be left alone.
#[derive(Default)]
pub(crate) struct Rests(Mutex<State>);

#[derive(Default)]
struct State {
    /// The recipients that were told to wait since the last message that was not.
    told: Vec<String>,
    rest: Option<Rest>,
}

struct Rest {
    since: Timestamp,
    /// Its end; while a message goes first: when that one is not waited for any longer.
    until: Timestamp,
    /// The message that goes first.
    first: Option<MessageId>,
}

impl Rest {
    /// Until when a message waits, if that is yet to come.
    fn ends(&self, now: Timestamp, alone: bool) -> Option<Timestamp> {
        let end = match (&self.first, alone) {
            (Some(_), _) if self.until > now => self.until.min(now + GOING_FIRST),
            (None, true) => self.until.min(self.since + ALONE),
            _ => self.until,
        };
        (end > now).then_some(end)
    }
}

impl Rests {
    /// Until when it is left alone, if that is yet to come; `alone` when no other provider is there.
    pub(crate) fn until(&self, now: Timestamp, alone: bool) -> Option<Timestamp> {
        self.lock().rest.as_ref()?.ends(now, alone)
    }

    /// Whether a message may be handed over now. The first one after a rest goes first: the others wait for it, until
    /// `back` at most.
    pub(crate) fn admits(&self, message: &MessageId, now: Timestamp, alone: bool, back: Timestamp) -> bool {
        match &mut self.lock().rest {
            None => true,
            Some(rest) if rest.ends(now, alone).is_some() => false,
            Some(rest) => {
                (rest.until, rest.first) = (back, Some(message.clone()));
                true
            }
        }
    }

    /// It took a message, or said that nobody will: it is at work.
    pub(crate) fn at_work(&self, message: &MessageId) {
        let mut state = self.lock();
        state.told.clear();
        // Of others it may have said so before it had enough.
        if state.rest.as_ref().is_some_and(|rest| rest.first.as_ref() == Some(message)) {
            state.rest = None;
        }
    }

    /// It told a message to wait for a while.
    pub(crate) fn told_to_wait(&self, message: &Message, now: Timestamp, after: Millis) {
        let mut state = self.lock();
        if let Some(rest) = &mut state.rest {
            if rest.first.as_ref() == Some(&message.id) {
                *rest = Rest { since: now, until: now + after, first: None };
            }
            return;
        }
        if !state.told.contains(&message.to) {
            state.told.push(message.to.clone());
        }
        if state.told.len() >= IN_A_ROW {
            state.told.clear();
            state.rest = Some(Rest { since: now, until: now + after, first: None });
        }
    }

    /// It did something else with a message. If that one went first, the next one does.
    pub(crate) fn failed(&self, message: &MessageId, now: Timestamp) {
        if let Some(rest) = &mut self.lock().rest
            && rest.first.as_ref() == Some(message)
        {
            (rest.until, rest.first) = (now, None);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake;
    use crate::samples::ASKED_AT as NOW;
    use postkey_model::Channel;

    fn secs(n: i64) -> Timestamp {
        NOW + Millis::from_secs(n)
    }

    fn message(n: usize) -> Message {
        let message = fake::message(Channel::Sms, &format!("+1500555000{n}"));
        Message { id: MessageId::stored(format!("m{n}")), ..message }
    }

    /// A provider that told three to wait for a time.
    fn resting(after: i64) -> Rests {
        let rests = Rests::default();
        (0..3).for_each(|n| rests.told_to_wait(&message(n), NOW, Millis::from_secs(after)));
        rests
    }

    #[test]
    fn only_three_recipients_in_a_row_make_it_rest() {
        let (rests, after) = (Rests::default(), Millis::from_secs(60));
        for n in 0..5 {
            // One recipient, many messages.
            rests.told_to_wait(&Message { id: MessageId::stored(format!("x{n}")), ..message(0) }, NOW, after);
        }
        rests.told_to_wait(&message(1), NOW, after);
        assert_eq!(rests.until(NOW, false), None);
        // A message that it takes begins the row anew.
        rests.at_work(&message(4).id);
        rests.told_to_wait(&message(2), NOW, after);
        rests.told_to_wait(&message(3), NOW, after);
        assert_eq!(rests.until(NOW, false), None);
        rests.told_to_wait(&message(4), NOW, after);
        assert_eq!((rests.until(NOW, false), rests.until(secs(60), false)), (Some(secs(60)), None));
    }

    #[test]
    fn alone_it_rests_fifteen_seconds_at_most() {
        let rests = resting(60);
        assert_eq!((rests.until(NOW, true), rests.until(NOW, false)), (Some(secs(15)), Some(secs(60))));
        assert_eq!((rests.until(secs(15), true), rests.until(secs(15), false)), (None, Some(secs(60))));
        assert_eq!(resting(5).until(NOW, true), Some(secs(5)));
    }

    #[test]
    fn after_a_rest_one_goes_first() {
        let rests = resting(10);
        assert!(!rests.admits(&message(5).id, secs(9), false, secs(21)));
        assert!(rests.admits(&message(5).id, secs(10), false, secs(22)));
        // The others look again soon.
        assert!(!rests.admits(&message(6).id, secs(10), false, secs(22)));
        assert_eq!(rests.until(secs(10), false), Some(secs(12)));
        // Word of a message that went out before the rest opens nothing.
        rests.at_work(&message(0).id);
        rests.failed(&message(0).id, secs(10));
        assert!(!rests.admits(&message(6).id, secs(10), false, secs(22)));
        rests.at_work(&message(5).id);
        assert!(rests.admits(&message(6).id, secs(10), false, secs(22)) && rests.admits(&message(7).id, secs(10), false, secs(22)));
    }

    #[test]
    fn if_the_first_one_is_not_taken_the_others_do_not_follow() {
        let rests = resting(10);
        assert!(rests.admits(&message(5).id, secs(10), false, secs(22)));
        rests.told_to_wait(&message(5), secs(11), Millis::from_secs(30));
        assert_eq!(rests.until(secs(11), false), Some(secs(41)));
        // It fails in another way: the next one goes first.
        assert!(rests.admits(&message(6).id, secs(41), false, secs(53)));
        rests.failed(&message(6).id, secs(42));
        assert!(rests.admits(&message(7).id, secs(42), false, secs(54)));
        assert!(!rests.admits(&message(8).id, secs(42), false, secs(54)));
        // Nothing is heard of it any more.
        assert_eq!(rests.until(secs(53), false), Some(secs(54)));
        assert!(rests.admits(&message(8).id, secs(54), false, secs(66)));
    }
}
