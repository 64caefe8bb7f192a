//! Cookies: reading them, and writing them with the right attributes.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use jiff::Timestamp as Instant;
use postkey_model::Timestamp;

/// The value of the cookie `name`, when exactly one is there. Two of a name are somebody's trick (a cookie planted by
/// a sibling host) or a mistake; neither is believed.
pub fn get<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut found = None;
    // Pair by pair: an application's cookie with letters outside ASCII must not hide ours.
    for pair in headers.get_all(COOKIE).iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b';')) {
        let Ok(pair) = std::str::from_utf8(pair) else { continue };
        if let Some((key, value)) = pair.split_once('=')
            && key.trim() == name
        {
            if found.is_some() {
                return None;
            }
            found = Some(value.trim());
        }
    }
    found
}

/// A cookie to set. `SameSite=Lax` always: links from mails must carry it, other sites' posts must not.
pub struct Cookie<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value: printable ASCII without `;`, `,`, space or `"`.
    pub value: &'a str,
    /// For which paths.
    pub path: &'a str,
    /// For which hosts, beside the one that sets it.
    pub domain: Option<&'a str>,
    /// Until when; `None` until the browser closes.
    pub expires: Option<Timestamp>,
    /// Hidden from scripts.
    pub http_only: bool,
    /// Only over https.
    pub secure: bool,
}

impl Cookie<'_> {
    /// Adds the cookie to an answer.
    pub fn set(&self, headers: &mut HeaderMap) {
        let mut line = format!("{}={}; Path={}; SameSite=Lax", self.name, self.value, self.path);
        if let Some(domain) = self.domain {
            line.push_str("; Domain=");
            line.push_str(domain);
        }
        if let Some(expires) = self.expires {
            line.push_str("; Expires=");
            line.push_str(&http_date(expires));
        }
        if self.http_only {
            line.push_str("; HttpOnly");
        }
        if self.secure {
            line.push_str("; Secure");
        }
        // A value that cannot be in a header cannot be in a cookie either; none of ours is like that.
        if let Ok(line) = HeaderValue::from_str(&line) {
            headers.append(SET_COOKIE, line);
        }
    }
}

/// A moment as HTTP writes it (RFC 9110 §5.6.7).
fn http_date(at: Timestamp) -> String {
    let instant = Instant::from_millisecond(at.0).unwrap_or(Instant::UNIX_EPOCH);
    instant.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_that_is_there_twice_is_not_believed() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; b=2"));
        headers.append(COOKIE, HeaderValue::from_static("b=3"));
        assert_eq!(get(&headers, "a"), Some("1"));
        assert_eq!(get(&headers, "b"), None);
        assert_eq!(get(&headers, "c"), None);
    }

    #[test]
    fn cookies_of_others_do_not_hide_ours() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_bytes("theme=grün; a=1".as_bytes()).unwrap());
        headers.append(COOKIE, HeaderValue::from_bytes(b"x=\xff\xfe; b=2").unwrap());
        assert_eq!((get(&headers, "a"), get(&headers, "b")), (Some("1"), Some("2")));
    }

    #[test]
    fn attributes_are_written_out() {
        let mut headers = HeaderMap::new();
        let cookie = Cookie {
            name: "n",
            value: "v",
            path: "/auth",
            domain: Some("example.com"),
            expires: Some(Timestamp(0)),
            http_only: true,
            secure: true,
        };
        cookie.set(&mut headers);
        assert_eq!(
            headers[SET_COOKIE],
            "n=v; Path=/auth; SameSite=Lax; Domain=example.com; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure"
        );
    }
}
