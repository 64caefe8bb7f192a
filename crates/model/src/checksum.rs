//! Checksums of many rows, whatever their order: to see that a copy is one. No protection from anybody.

use aws_lc_rs::digest::{SHA256, digest};

/// How many rows were added, and the sum of their hashes (the first 128 bits of SHA-256, modulo 2^128).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checksum {
    /// How many.
    pub rows: u64,
    sum: u128,
}

impl Checksum {
    /// Adds a row, written in one way only.
    pub fn add(&mut self, row: &[u8]) {
        let hash = digest(&SHA256, row);
        let first: [u8; 16] = hash.as_ref().get(..16).and_then(|first| first.try_into().ok()).unwrap_or_default();
        self.rows += 1;
        self.sum = self.sum.wrapping_add(u128::from_be_bytes(first));
    }

    /// The sum, for people: 32 hex digits.
    pub fn to_hex(&self) -> String {
        format!("{:032x}", self.sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[&str]) -> Checksum {
        let mut sum = Checksum::default();
        rows.iter().for_each(|row| sum.add(row.as_bytes()));
        sum
    }

    #[test]
    fn order_means_nothing_and_every_row_counts() {
        assert_eq!(of(&["a", "b", "c"]), of(&["c", "a", "b"]));
        for other in [&["a", "b"][..], &["a", "b", "c", "c"], &["a", "b", "d"], &["ab", "", "c"]] {
            assert_ne!(of(&["a", "b", "c"]), of(other));
        }
    }
}
