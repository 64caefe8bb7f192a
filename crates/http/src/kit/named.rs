//! What a request is called: by ourselves, or by a proxy that we trust.

use axum::http::HeaderMap;

/// The longest id that is taken over.
const LONGEST: usize = 64;

/// The id that a trusted proxy gave the request: 1 to 64 letters, digits, `.`, `_` and `-`. Anything else would be a way to write
/// into our log.
pub fn given_id(headers: &HeaderMap) -> Option<&str> {
    let id = headers.get("x-request-id")?.to_str().ok()?;
    let fits = (1..=LONGEST).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    fits.then_some(id)
}

/// The trace that a trusted proxy's `traceparent` names, as 32 hex digits (W3C Trace Context §3.2.2).
pub fn given_trace(headers: &HeaderMap) -> Option<&str> {
    let line = headers.get("traceparent")?.to_str().ok()?;
    let mut parts = line.split('-');
    let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    // Later versions may say more behind that; version 0 does not, and 255 is none.
    let ends_well = version == "00" && parts.next().is_none() || version != "00" && version != "ff";
    let hex = |text: &str, length| text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let names = |text: &str| text.bytes().any(|b| b != b'0');
    let fits = hex(version, 2) && hex(trace, 32) && hex(parent, 16) && hex(flags, 2) && names(trace) && names(parent);
    (fits && ends_well).then_some(trace)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())])
    }

    #[test]
    fn ids_are_short_words() {
        let given = |value: &str| given_id(&with("x-request-id", value)).map(str::to_owned);
        for id in ["a", "7b2f.A_-9", &"x".repeat(64)] {
            assert_eq!(given(id).as_deref(), Some(id));
        }
        for bad in ["", "a b", "a@example.com", "a\tb", "a/b", "ü", "a=b", "{}", &"x".repeat(65)] {
            assert_eq!(given(bad), None, "{bad}");
        }
        assert_eq!(given_id(&HeaderMap::new()), None);
    }

    #[test]
    fn traces_are_read_as_the_standard_says() {
        let given = |value: &str| given_trace(&with("traceparent", value)).map(str::to_owned);
        let trace = "0af7651916cd43dd8448eb211c80319c";
        for good in [format!("00-{trace}-b7ad6b7169203331-01"), format!("cc-{trace}-b7ad6b7169203331-01-what-comes-later")] {
            assert_eq!(given(&good).as_deref(), Some(trace), "{good}");
        }
        for bad in [
            String::new(),
            trace.to_owned(),
            format!("00-{trace}-b7ad6b7169203331"),
            format!("00-{trace}-b7ad6b7169203331-01-more"),
            format!("ff-{trace}-b7ad6b7169203331-01"),
            format!("00-{trace}-0000000000000000-01"),
            format!("00-{}-b7ad6b7169203331-01", "0".repeat(32)),
            format!("00-{}-b7ad6b7169203331-01", trace.to_uppercase()),
            format!("00-{trace}0-b7ad6b7169203331-01"),
        ] {
            assert_eq!(given(&bad), None, "{bad}");
        }
    }
}
