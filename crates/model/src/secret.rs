//! [`Secret`]: a value that must not be printed, compared or serialised by accident.

use zeroize::Zeroize;

/// A secret in memory. It has no `Debug`, no `Serialize` and no `==`, and is wiped when dropped.
/// Whoever needs the value says so with [`Secret::expose`].
#[derive(Clone)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Wraps a value.
    pub fn new(value: T) -> Self {
        Secret(value)
    }

    /// The value itself. Each call is a place where the secret may leave: keep them few.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
