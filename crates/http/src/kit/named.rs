//! What a request is called: by ourselves, or by a proxy that we trust.

use axum::http::{HeaderMap, Method};

/// The longest id that is taken over.
const LONGEST: usize = 64;

/// The id that a trusted proxy gave the request: 1 to 64 letters, digits, `.`, `_` and `-`. Anything else would be a way to write
/// into our log.
pub fn given_id(headers: &HeaderMap) -> Option<&str> {
    let id = headers.get("x-request-id")?.to_str().ok()?;
    let fits = (1..=LONGEST).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    fits.then_some(id)
}

/// A request's method, if it is one that anybody has a use for; else `other`: anybody may think of any.
pub fn method(method: &Method) -> &'static str {
    const KNOWN: [(Method, &str); 7] = [
        (Method::GET, "GET"),
        (Method::POST, "POST"),
        (Method::PUT, "PUT"),
        (Method::PATCH, "PATCH"),
        (Method::DELETE, "DELETE"),
        (Method::HEAD, "HEAD"),
        (Method::OPTIONS, "OPTIONS"),
    ];
    KNOWN.iter().find(|(known, _)| known == method).map_or("other", |(_, name)| name)
}

/// Of which trace a request is a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The trace's id: 32 hex digits.
    pub id: String,
    /// The caller's part of it: 16 hex digits.
    pub parent: String,
    /// Whether the caller keeps it.
    pub is_sampled: bool,
}

/// The trace that a trusted proxy's `traceparent` names (W3C Trace Context §3.2.2).
pub fn given_trace(headers: &HeaderMap) -> Option<Trace> {
    let line = headers.get("traceparent")?.to_str().ok()?;
    let mut parts = line.split('-');
    let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    // Later versions may say more behind that; version 0 does not, and 255 is none.
    let ends_well = version == "00" && parts.next().is_none() || version != "00" && version != "ff";
    let hex = |text: &str, length| text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let names = |text: &str| text.bytes().any(|b| b != b'0');
    let fits = hex(version, 2) && hex(trace, 32) && hex(parent, 16) && hex(flags, 2) && names(trace) && names(parent);
    let is_sampled = flags.bytes().next_back().is_some_and(|digit| b"13579bdf".contains(&digit));
    (fits && ends_well).then(|| Trace { id: trace.to_owned(), parent: parent.to_owned(), is_sampled })
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
        let given = |value: &str| given_trace(&with("traceparent", value));
        let trace = "0af7651916cd43dd8448eb211c80319c";
        let expected = |is_sampled| Trace { id: trace.to_owned(), parent: "b7ad6b7169203331".to_owned(), is_sampled };
        for (good, is_sampled) in
            [("00-*-b7ad6b7169203331-01", true), ("00-*-b7ad6b7169203331-02", false), ("cc-*-b7ad6b7169203331-0f-more", true)]
        {
            assert_eq!(given(&good.replace('*', trace)), Some(expected(is_sampled)), "{good}");
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
