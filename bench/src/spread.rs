//! How measured times are spread.

use std::time::Duration;

/// Measured times.
#[derive(Clone, Debug, Default)]
pub struct Spread(Vec<u32>);

impl Spread {
    /// Adds one.
    pub fn add(&mut self, time: Duration) {
        self.0.push(u32::try_from(time.as_micros()).unwrap_or(u32::MAX));
    }

    /// Adds all of another.
    pub fn join(&mut self, other: Spread) {
        self.0.extend(other.0);
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The time that `share` (0 to 1) of them do not exceed, in milliseconds; 0 when there are none.
    pub fn at(&mut self, share: f64) -> f64 {
        self.0.sort_unstable();
        let last = self.0.len().saturating_sub(1);
        let place = (last as f64 * share).ceil() as usize;
        self.0.get(place).map_or(0.0, |micros| f64::from(*micros) / 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_taken_from_the_sorted_times() {
        let mut spread = Spread::default();
        for ms in [30, 10, 20] {
            spread.add(Duration::from_millis(ms));
        }
        assert_eq!((spread.at(0.0), spread.at(0.5), spread.at(0.99)), (10.0, 20.0, 30.0));
    }
}
