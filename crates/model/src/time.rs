//! Time as values: [`Timestamp`] (a moment) and [`Millis`] (a length). Nothing here reads a clock.

use serde::{Deserialize, Serialize};
use std::ops::{Add, Sub};

/// A moment: whole milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// A length of time in whole milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub i64);

/// A clock, for the few who must look again by themselves: the doors, once per request, and workers that run for
/// ever. The binary hands in the system's clock; tests hand in one that they move.
pub trait Clock: Send + Sync {
    /// What time it is.
    fn now(&self) -> Timestamp;
}

impl Timestamp {
    /// Whole seconds since the epoch, rounded down: the unit of JWT times (RFC 7519 §2, NumericDate).
    pub fn as_secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// How long from `earlier` until this moment; negative when `earlier` is later.
    pub fn since(self, earlier: Timestamp) -> Millis {
        Millis(self.0.saturating_sub(earlier.0))
    }
}

impl Millis {
    /// A length of `n` seconds.
    pub const fn from_secs(n: i64) -> Self {
        Millis(n.saturating_mul(1000))
    }

    /// A length of `n` minutes.
    pub const fn from_mins(n: i64) -> Self {
        Millis(n.saturating_mul(60_000))
    }

    /// A length of `n` hours.
    pub const fn from_hours(n: i64) -> Self {
        Millis(n.saturating_mul(3_600_000))
    }

    /// Whole seconds, rounded up, never below zero: what a countdown shows.
    pub fn as_secs_ceil(self) -> i64 {
        (self.0.max(0) + 999) / 1000
    }

    /// Whole seconds, rounded down, never below zero: what a cookie's `Max-Age` takes.
    pub fn as_secs(self) -> i64 {
        self.0.max(0) / 1000
    }

    /// For people: `2 hours`, `10 minutes`, `1 minute`, `90 seconds`; the largest unit that says it exactly. Parts of
    /// a second count as a whole one.
    pub fn in_words(self) -> String {
        let (n, unit) = match self.as_secs_ceil() {
            s if s >= 3600 && s % 3600 == 0 => (s / 3600, "hour"),
            s if s >= 60 && s % 60 == 0 => (s / 60, "minute"),
            s => (s, "second"),
        };
        format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
    }
}

impl Add<Millis> for Timestamp {
    type Output = Timestamp;
    fn add(self, length: Millis) -> Timestamp {
        Timestamp(self.0.saturating_add(length.0))
    }
}

impl Sub<Millis> for Timestamp {
    type Output = Timestamp;
    fn sub(self, length: Millis) -> Timestamp {
        Timestamp(self.0.saturating_sub(length.0))
    }
}

impl Add for Millis {
    type Output = Millis;
    fn add(self, other: Millis) -> Millis {
        Millis(self.0.saturating_add(other.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_said_in_words() {
        for (length, words) in [
            (Millis::from_mins(10), "10 minutes"),
            (Millis::from_secs(60), "1 minute"),
            (Millis::from_secs(90), "90 seconds"),
            (Millis::from_mins(90), "90 minutes"),
            (Millis::from_hours(1), "1 hour"),
            (Millis::from_hours(2), "2 hours"),
            (Millis(1), "1 second"),
            (Millis(59_001), "1 minute"),
            (Millis(-5), "0 seconds"),
        ] {
            assert_eq!(length.in_words(), words);
        }
    }
}
