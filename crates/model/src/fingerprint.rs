//! Fingerprints: a short name for a text, to notice that it changed. No protection from anybody.

/// FNV-1a, 64 bits, as 16 hex digits.
pub fn fingerprint(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    /// From the published test vectors of FNV-1a.
    #[test]
    fn known_values() {
        assert_eq!(super::fingerprint(""), "cbf29ce484222325");
        assert_eq!(super::fingerprint("foobar"), "85944171f73967e8");
    }
}
