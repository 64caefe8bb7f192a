//! What the operating system says of this process. Nothing where it has no `/proc`.

/// The memory that is really held, in bytes.
pub fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib * 1024)
}

/// How many files and connections are open.
pub fn open_files() -> Option<u64> {
    // The look itself opens one.
    Some(std::fs::read_dir("/proc/self/fd").ok()?.count().saturating_sub(1) as u64)
}

#[cfg(test)]
mod tests {
    #[test]
    fn this_process_holds_something() {
        if std::path::Path::new("/proc/self/status").exists() {
            assert!(super::resident_bytes().unwrap() > 100_000);
            assert!(super::open_files().unwrap() >= 3);
        }
    }
}
