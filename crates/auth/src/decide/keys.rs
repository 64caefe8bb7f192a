//! The rules of key sets: when a new key is due, which one signs, which are dead.

use crate::KeyRules;
use postkey_model::{Millis, SigningKey, Timestamp};

/// Nodes look at the key table this often; a new key is published that much earlier.
pub const LOOK_EVERY: Millis = Millis::from_secs(30);
/// No configuration may give an access token a longer life. Old keys are kept by this and not by today's setting:
/// yesterday's may have been longer.
pub const LONGEST_ACCESS_LIFE: Millis = Millis::from_hours(24);
/// A wish for another algorithm alone makes at most one key of that algorithm in this time.
pub const ALGORITHM_PAUSE: Millis = Millis::from_hours(24);
/// A rotating key that was brought along verifies for so long: the server that it comes from goes on signing with it until
/// it is switched off, a week in its own settings, and then its last tokens live out.
pub const BROUGHT_KEYS_VERIFY: Millis = Millis::from_hours(9 * 24);

/// Whether a key was brought along from another server: it verifies, and neither signs nor counts when the next is made.
pub fn is_brought(key: &SigningKey) -> bool {
    key.number <= 0
}

/// When the next key has to begin to sign, if it is time to make it.
///
/// The first key signs at once: nobody holds a copy of the set yet. Every later one is published for
/// [`KeyRules::max_age`] and two looks before it signs, so that nobody meets a token whose key they do not know.
///
/// One that waits for its turn is enough, whoever asks and whatever its algorithm. A newest key of another algorithm
/// than [`KeyRules::algorithm`] is followed at once, but not when a key of the wanted algorithm was made in the last
/// [`ALGORITHM_PAUSE`]: nodes whose settings differ make one key each a day, and not one after the other without end.
/// Who changes the setting there and back within a day rotates by hand, or waits.
pub fn next_key(keys: &[SigningKey], rules: &KeyRules, forced: bool, now: Timestamp) -> Option<Timestamp> {
    let own = || keys.iter().filter(|key| !is_brought(key));
    let Some(newest) = own().max_by_key(|key| key.number) else { return Some(now) };
    let notice = rules.max_age + LOOK_EVERY + LOOK_EVERY;
    let due = newest.signs_from + rules.interval;
    if newest.signs_from > now {
        return None;
    }
    let made_lately = |key: &SigningKey| key.algorithm == rules.algorithm && now < key.created_at + ALGORITHM_PAUSE;
    let other_algorithm = newest.algorithm != rules.algorithm && !own().any(made_lately);
    (forced || other_algorithm || now + notice >= due).then(|| (now + notice).max(if forced || other_algorithm { now } else { due }))
}

/// Which of `keys` signs at `now`: the youngest of our own that has begun to. `None` only when there is none.
pub fn signer(keys: &[SigningKey], now: Timestamp) -> Option<&SigningKey> {
    let own = || keys.iter().filter(|key| !is_brought(key));
    let begun = own().filter(|key| key.signs_from <= now).max_by_key(|key| key.number);
    // A clock that was set back: better an early key than none.
    begun.or_else(|| own().min_by_key(|key| key.number))
}

/// From when on a key's last token is dead: its follower began to sign, and the longest life that a token may have has
/// passed since (twice, and two looks, for nodes that were late). `None` while it has no follower. A key that was brought
/// along has no follower here: it is dead [`BROUGHT_KEYS_VERIFY`] after it came, which its `signs_from` says.
pub fn dead_from(key: &SigningKey, keys: &[SigningKey]) -> Option<Timestamp> {
    if is_brought(key) {
        return Some(key.signs_from + BROUGHT_KEYS_VERIFY);
    }
    let follower = keys.iter().filter(|k| k.number > key.number).min_by_key(|k| k.number)?;
    Some(follower.signs_from + LONGEST_ACCESS_LIFE + LONGEST_ACCESS_LIFE + LOOK_EVERY + LOOK_EVERY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use postkey_model::{Algorithm, KeySet, Sealed};
    use proptest::prelude::*;

    const RULES: KeyRules = KeyRules { algorithm: Algorithm::Es256, interval: Millis::from_hours(168), max_age: Millis::from_mins(5) };

    fn key(number: i64, signs_from: i64) -> SigningKey {
        SigningKey {
            kid: format!("d-{number}"),
            set: KeySet::SESSION,
            algorithm: Algorithm::Es256,
            number,
            sealed: Sealed::stored(Vec::new()),
            created_at: Timestamp(signs_from),
            signs_from: Timestamp(signs_from),
        }
    }

    #[test]
    fn a_key_is_published_before_it_signs() {
        assert_eq!(next_key(&[], &RULES, false, Timestamp(5)), Some(Timestamp(5)));
        let keys = [key(1, 0)];
        let week = RULES.interval.0;
        assert_eq!(next_key(&keys, &RULES, false, Timestamp(week / 2)), None);
        assert_eq!(next_key(&keys, &RULES, false, Timestamp(week - 360_000)), Some(Timestamp(week)));
        // Late (the server was down): still with notice.
        assert_eq!(next_key(&keys, &RULES, false, Timestamp(2 * week)), Some(Timestamp(2 * week + 360_000)));
        // Asked for by hand: with notice, and only once.
        assert_eq!(next_key(&keys, &RULES, true, Timestamp(100)), Some(Timestamp(360_100)));
        assert_eq!(next_key(&[key(1, 0), key(2, 360_100)], &RULES, true, Timestamp(200)), None);
        let other = KeyRules { algorithm: Algorithm::EdDsa, ..RULES };
        assert_eq!(next_key(&keys, &other, false, Timestamp(100)), Some(Timestamp(360_100)));
        assert_eq!(next_key(&[key(1, 0), key(2, 360_100)], &other, false, Timestamp(200)), None, "one waits for its turn");
    }

    #[test]
    fn nodes_that_want_different_algorithms_do_not_make_keys_without_end() {
        let mut keys = vec![key(1, 0)];
        let day = Millis::from_hours(24).0;
        // Two days of looking, in turns.
        for look in 0..2 * day / LOOK_EVERY.0 {
            let now = Timestamp(look * LOOK_EVERY.0);
            for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
                if let Some(signs_from) = next_key(&keys, &KeyRules { algorithm, ..RULES }, false, now) {
                    keys.push(SigningKey { algorithm, created_at: now, ..key(keys.len() as i64 + 1, signs_from.0) });
                }
            }
        }
        assert!(keys.len() <= 4, "{} keys", keys.len());
        // A wish that is new is followed at once, and by hand an older one is too.
        let now = Timestamp(2 * day);
        assert!(next_key(&keys, &KeyRules { algorithm: Algorithm::Rs256, ..RULES }, false, now).is_some());
        assert!(next_key(&keys, &RULES, true, now).is_some());
    }

    #[test]
    fn the_youngest_begun_key_signs_and_old_ones_outlive_their_tokens() {
        let keys = [key(1, 0), key(2, 1_000)];
        assert_eq!(signer(&keys, Timestamp(999)).unwrap().number, 1);
        assert_eq!(signer(&keys, Timestamp(1_000)).unwrap().number, 2);
        assert_eq!(signer(&keys, Timestamp(-5)).unwrap().number, 1);
        assert!(dead_from(&keys[0], &keys).unwrap() >= Timestamp(1_000) + LONGEST_ACCESS_LIFE);
        assert_eq!(dead_from(&keys[1], &keys), None);
    }

    #[test]
    fn keys_that_were_brought_along_verify_and_nothing_else() {
        let brought = |number| SigningKey { algorithm: Algorithm::Rs256, ..key(number, 1_000) };
        let alone = [brought(-1), brought(0)];
        assert_eq!(signer(&alone, Timestamp(2_000)), None);
        assert_eq!(next_key(&alone, &RULES, false, Timestamp(2_000)), Some(Timestamp(2_000)), "our own first key is due");
        let keys = [brought(-1), brought(0), key(1, 500), key(2, 5_000)];
        for (now, number) in [(-5, 1), (400, 1), (2_000, 1), (5_000, 2)] {
            assert_eq!(signer(&keys, Timestamp(now)).map(|key| key.number), Some(number), "at {now}");
        }
        // An RS256 key that came today is no reason to keep a wish for RS256 waiting.
        let wish = KeyRules { algorithm: Algorithm::Rs256, ..RULES };
        assert!(next_key(&keys, &wish, false, Timestamp(6_000)).is_some());
        assert_eq!(next_key(&[brought(0), key(1, 500)], &RULES, false, Timestamp(6_000)), None);
        // Whatever our own keys do: an old server may sign with it for a week, and its tokens live for a while.
        for key in &keys[..2] {
            assert_eq!(dead_from(key, &keys), Some(Timestamp(1_000) + BROUGHT_KEYS_VERIFY));
            assert_eq!(dead_from(key, &alone), Some(Timestamp(1_000) + BROUGHT_KEYS_VERIFY));
        }
        let week = Millis::from_hours(168);
        assert!(BROUGHT_KEYS_VERIFY.0 >= week.0 + LONGEST_ACCESS_LIFE.0);
        assert_eq!(dead_from(&keys[3], &keys), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// A server that looks every now and then, is down for long, rotates by hand and changes its algorithm: there
        /// is always one signer, others had notice of it, and no key is forgotten while its tokens live.
        #[test]
        fn keys_overlap_whatever_happens(steps in prop::collection::vec((1i64..400, prop::bool::weighted(0.1), prop::sample::select(Algorithm::ALL.to_vec())), 1..80)) {
            let life = LONGEST_ACCESS_LIFE;
            let notice = RULES.max_age + LOOK_EVERY + LOOK_EVERY;
            let mut keys: Vec<SigningKey> = Vec::new();
            let mut last_signed: Vec<(i64, Timestamp)> = Vec::new();
            let mut now = Timestamp(0);
            for (hours, forced, algorithm) in steps {
                now = now + Millis(hours * 1_234_567);
                let rules = KeyRules { algorithm, ..RULES };
                if let Some(signs_from) = next_key(&keys, &rules, forced, now) {
                    let first = keys.is_empty();
                    let earliest = if first { now } else { now + notice };
                    prop_assert!(signs_from >= earliest, "others had notice of it");
                    prop_assert!(signs_from <= now + notice, "and it is not kept waiting");
                    let number = keys.last().map_or(1, |key| key.number + 1);
                    keys.push(SigningKey { algorithm, created_at: now, ..key(number, signs_from.0) });
                    prop_assert!(next_key(&keys, &rules, true, now).is_none_or(|_| first), "one waits for its turn already");
                }
                for (number, at) in &last_signed {
                    let known = keys.iter().find(|key| key.number == *number);
                    let dead = known.is_none_or(|key| dead_from(key, &keys).is_some_and(|from| from <= now));
                    prop_assert!(!dead || now >= *at + life, "key {number} signed at {at:?} and is dead at {now:?}");
                }
                let all = keys.clone();
                keys.retain(|key| dead_from(key, &all).is_none_or(|from| from > now));
                let signer = signer(&keys, now).map(|key| (key.number, key.signs_from));
                let Some((number, signs_from)) = signer else { panic!("nothing signs") };
                prop_assert!(signs_from <= now);
                prop_assert!(keys.iter().all(|key| key.number <= number || key.signs_from > now), "the youngest that has begun");
                last_signed.push((number, now));
            }
        }
    }
}
