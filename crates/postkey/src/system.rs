//! The system's clock and random generator: the only place that opens either.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use postkey_model::{Clock, Entropy, Timestamp};
use std::time::{SystemTime, UNIX_EPOCH};

/// The system's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The operating system's random generator, by way of aws-lc.
pub struct SystemEntropy(SystemRandom);

impl SystemEntropy {
    /// Opens it.
    #[allow(clippy::disallowed_methods, reason = "the one place that opens the generator")]
    pub fn open() -> Self {
        SystemEntropy(SystemRandom::new())
    }
}

impl Entropy for SystemEntropy {
    fn fill(&self, out: &mut [u8]) {
        if self.0.fill(out).is_err() {
            // Going on without randomness would hand out codes that can be guessed.
            std::process::abort();
        }
    }
}
