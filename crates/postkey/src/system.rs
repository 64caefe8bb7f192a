//! The system's clock, random generator and limit on open files: the only place that opens any of them.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use postkey_model::{Clock, Entropy, Timestamp};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
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

/// How many files and connections this process may have open, raised as far as the system lets it; none when there is no limit.
pub fn open_files() -> Option<usize> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // Where raising is not allowed, it stays as it is.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    getrlimit(Resource::Nofile).current.or(current).and_then(|most| usize::try_from(most).ok())
}
