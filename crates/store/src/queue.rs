//! How long commits wait for their turn, and when no more are taken: an answer that comes too late helps nobody, and a
//! caller who is told so at once can come again when there is room.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// When the commit in front has waited this long, the machine does less than it is asked for.
const LONGEST_WAIT: Duration = Duration::from_millis(400);
/// As many are written at once, so that a queue this short is gone with the next group, however slow the disk is.
const ALWAYS: usize = 128;

/// When each of those came who wait. Cheap to clone; all clones are the same queue.
#[derive(Clone, Default)]
pub(crate) struct Waits {
    since: Arc<Mutex<VecDeque<Instant>>>,
}

impl Waits {
    /// Takes a place at the end; false when those who are before have waited too long already.
    pub(crate) fn enter(&self, now: Instant) -> bool {
        let mut since = self.lock();
        let is_late = since.front().is_some_and(|first| now.saturating_duration_since(*first) > LONGEST_WAIT);
        if is_late && since.len() >= ALWAYS {
            return false;
        }
        since.push_back(now);
        true
    }

    /// The first `count` have their turn.
    pub(crate) fn leave(&self, count: usize) {
        let mut since = self.lock();
        let count = count.min(since.len());
        since.drain(..count);
    }

    /// The one who entered last could not stay after all.
    pub(crate) fn turn_back(&self) {
        self.lock().pop_back();
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Instant>> {
        self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_are_taken_while_many_wait_for_long() {
        let (waits, begin) = (Waits::default(), Instant::now());
        let at = |ms| begin + Duration::from_millis(ms);
        for n in 0..1000 {
            assert!(waits.enter(at(n / 10)), "however many come, the first has not waited long");
        }
        assert!(waits.enter(at(400)));
        assert!(!waits.enter(at(401)), "the first has waited too long");
        waits.leave(500);
        assert!(waits.enter(at(401)), "those who are first now came later");
        assert!(!waits.enter(at(900)));
        waits.leave(400);
        assert_eq!(waits.lock().len(), 102);
        assert!(waits.enter(at(60_000)), "few go with the next group, however long that takes");
        waits.turn_back();
        waits.leave(5000);
        assert!(waits.lock().is_empty());
    }
}
