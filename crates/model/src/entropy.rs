//! Entropy is a handle: whoever needs random bytes is given a `&dyn Entropy`.

/// A source of random bytes. The binary hands in the operating system's generator; tests hand in a seeded one.
pub trait Entropy: Send + Sync {
    /// Fills `out` with bytes nobody can predict.
    fn fill(&self, out: &mut [u8]);
}

/// `N` random bytes from `entropy`.
pub fn random<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}
