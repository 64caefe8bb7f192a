//! Texts that a key has signed, as far as it is remembered: the same access token comes with every request of its
//! session, and a signature over the same bytes by the same key does not turn bad. Nothing else is remembered: time,
//! key, header and claims are looked at each time (decision 19).

use aws_lc_rs::digest::{SHA256, digest};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many are remembered by each key. One more takes the place of another; 1 MiB when all are taken.
const PLACES: usize = 32_768;

type Hash = [u8; 32];

/// The texts under one key. It goes when the key goes.
#[derive(Default)]
pub(crate) struct Proved(Mutex<Vec<Hash>>);

/// What a text is remembered by: its SHA-256, so that nobody else's text passes for it and memory holds no token.
pub(crate) struct Mark(Hash);

impl Mark {
    pub(crate) fn of(text: &str) -> Self {
        let mut hash = Hash::default();
        hash.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
        Mark(hash)
    }

    /// The first of its two places.
    fn place(&self) -> usize {
        (usize::from(u16::from_be_bytes([self.0[0], self.0[1]])) % PLACES) & !1
    }
}

impl Proved {
    /// Whether this text was proved before.
    pub(crate) fn has(&self, mark: &Mark) -> bool {
        let places = self.places();
        let at = mark.place();
        places.get(at..at + 2).is_some_and(|two| two.contains(&mark.0))
    }

    /// Remembers a text. Only to be called once its signature was checked.
    pub(crate) fn add(&self, mark: &Mark) {
        let mut places = self.places();
        if places.is_empty() {
            *places = vec![Hash::default(); PLACES];
        }
        let at = mark.place();
        // The elder of the two goes.
        places[at + 1] = places[at];
        places[at] = mark.0;
    }

    fn places(&self) -> MutexGuard<'_, Vec<Hash>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_proved_is_known_and_nothing_else() {
        let proved = Proved::default();
        assert!(!proved.has(&Mark::of("a.b.c")), "empty");
        proved.add(&Mark::of("a.b.c"));
        assert!(proved.has(&Mark::of("a.b.c")));
        for other in ["a.b.d", "a.b.c ", "", "A.b.c"] {
            assert!(!proved.has(&Mark::of(other)), "{other}");
        }
    }

    #[test]
    fn it_does_not_grow_and_the_newest_is_known() {
        let proved = Proved::default();
        for n in 0..PLACES * 2 {
            let mark = Mark::of(&n.to_string());
            proved.add(&mark);
            assert!(proved.has(&mark));
        }
        assert_eq!(proved.places().len(), PLACES);
    }
}
