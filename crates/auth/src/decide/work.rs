//! The work that browsers show before they ask for a login (Authress calls it an anti-abuse hash): it makes asking in great
//! numbers dearer, and proves nobody's identity (contract authress.md §1.6, §7 D10).

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64URL_NOPAD;
use postkey_model::{Millis, Timestamp};

/// A browser's clock may be off by this much.
pub const CLOCKS: Millis = Millis::from_mins(10);

/// Why work is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoWork {
    /// It has not the form.
    Form,
    /// It is too old, or from the future.
    Time,
    /// It is for something else, or was not done.
    Value,
}

/// Checks `shown` = `v2;<milliseconds>;<counter>;<hash>`, where the hash of `<milliseconds>;<counter>;<values>` begins with
/// `00`. `candidates` are the values in all the ways that the SDKs' generations join them. Answers when it was done.
pub fn check(shown: &str, candidates: &[String], now: Timestamp) -> Result<Timestamp, NoWork> {
    let mut parts = shown.split(';');
    let (Some("v2"), Some(at), Some(counter), Some(hash), None) = (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(NoWork::Form);
    };
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<i64>().ok()).flatten();
    let (Some(millis), Some(1..)) = (number(at), number(counter)) else { return Err(NoWork::Form) };
    let done_at = Timestamp(millis);
    if now.since(done_at) > CLOCKS || done_at.since(now) > CLOCKS {
        return Err(NoWork::Time);
    }
    let made = |values: &String| BASE64URL_NOPAD.encode(digest(&SHA256, format!("{at};{counter};{values}").as_bytes()).as_ref());
    let done = hash.starts_with("00") && candidates.iter().any(|values| made(values) == hash);
    done.then_some(done_at).ok_or(NoWork::Value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(at: i64, values: &str) -> String {
        for counter in 1.. {
            let hash = BASE64URL_NOPAD.encode(digest(&SHA256, format!("{at};{counter};{values}").as_bytes()).as_ref());
            if hash.starts_with("00") {
                return format!("v2;{at};{counter};{hash}");
            }
        }
        unreachable!()
    }

    #[test]
    fn work_counts_for_what_it_was_done_for_and_not_for_long() {
        let now = Timestamp(1_800_000_000_000);
        let values = |text: &str| vec![text.to_owned()];
        let work = done(now.0, "sc_one|app_default|");
        assert_eq!(check(&work, &["other".to_owned(), "sc_one|app_default|".to_owned()], now), Ok(now));
        assert_eq!(check(&work, &values("sc_two|app_default|"), now), Err(NoWork::Value));
        assert_eq!(check(&work, &values("sc_one|app_default|"), now + CLOCKS + Millis(1)), Err(NoWork::Time));
        assert_eq!(check(&work, &values("sc_one|app_default|"), now - CLOCKS - Millis(1)), Err(NoWork::Time));
        assert_eq!(check(&work.replace("v2", "v1"), &values("sc_one|app_default|"), now), Err(NoWork::Form));
        assert_eq!(check("", &values(""), now), Err(NoWork::Form));
        let lazy = format!("v2;{};1;{}", now.0, BASE64URL_NOPAD.encode(digest(&SHA256, format!("{};1;x", now.0).as_bytes()).as_ref()));
        assert_eq!(check(&lazy, &values("x"), now), Err(NoWork::Value));
    }
}
