//! Where people may be sent once they are in. Targets are matched by their parsed parts, never as text.

use std::fmt;
use thiserror::Error;
use url::{Host, Url};

/// Scheme, host and port of a web site (RFC 6454).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(Url);

/// Why an origin was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OriginError {
    /// Not an absolute http or https address.
    #[error("it must be an address like https://login.example.com")]
    NotAnOrigin,
    /// It has a path, query, fragment or user name.
    #[error("it must end after the host and port: no path, no query, no user name")]
    MoreThanAnOrigin,
}

impl Origin {
    /// Reads an origin such as `https://login.example.com`; one final `/` is forgiven.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let url = Url::parse(text).map_err(|_| OriginError::NotAnOrigin)?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(OriginError::NotAnOrigin);
        }
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !bare || !url.username().is_empty() || url.password().is_some() {
            return Err(OriginError::MoreThanAnOrigin);
        }
        Ok(Origin(url))
    }

    /// The origin as browsers write it in an `Origin` header: no final slash, no default port.
    pub fn as_text(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// Whether it is https.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The host's name, without the port.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Whether it is this machine only: `localhost`, 127.0.0.0/8 or ::1.
    pub fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(v4)) => v4.is_loopback(),
            Some(Host::Ipv6(v6)) => v6.is_loopback(),
            None => false,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_text())
    }
}

/// A place that was checked: a path on our own site, or an address under a registered return URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination(String);

/// Why a place was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DestinationError {
    /// Not a plain path on our site, and not under a registered return URL.
    #[error("that place is not registered: use a path that begins with one slash, or register the return URL")]
    NotAllowed,
}

impl Destination {
    /// The place, for a `Location` header.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The places of one tenant.
#[derive(Clone, Debug)]
pub struct Destinations {
    site: Origin,
    default: String,
    registered: Vec<Url>,
}

impl Destinations {
    /// Builds the list. `default` is where people go who asked for no place: a path on `site`, or one of the
    /// registered addresses. The error names the entry that is wrong.
    pub fn new(site: Origin, default: &str, registered: &[String]) -> Result<Self, String> {
        let mut urls = Vec::new();
        for text in registered {
            let url = Url::parse(text).map_err(|_| format!("return URL {text:?} is not an absolute address"))?;
            let plain = url.host().is_some() && url.username().is_empty() && url.password().is_none();
            if !matches!(url.scheme(), "http" | "https") || !plain || url.query().is_some() || url.fragment().is_some() {
                return Err(format!("return URL {text:?} must be http or https, with no user name, query or fragment"));
            }
            let local = Origin::parse(&url.origin().ascii_serialization()).is_ok_and(|o| o.is_loopback());
            if site.is_https() && url.scheme() == "http" && !local {
                return Err(format!("return URL {text:?} must be https, because this server is"));
            }
            urls.push(url);
        }
        let mut list = Destinations { site, default: String::new(), registered: urls };
        let checked = list.check(default).map_err(|_| {
            format!("default_redirect {default:?} must be a path that begins with one slash, or lie under a registered return URL")
        })?;
        list.default = checked.0;
        Ok(list)
    }

    /// The origins of the registered return URLs.
    pub fn origins(&self) -> impl Iterator<Item = String> + '_ {
        self.registered.iter().map(|url| url.origin().ascii_serialization())
    }

    /// Where people go who asked for no place.
    pub fn default_place(&self) -> Destination {
        Destination(self.default.clone())
    }

    /// Checks a place that somebody asked for: a same-site path (`redirectToPath`), or an address whose scheme,
    /// host and port are those of a registered return URL and whose path is that URL's or lies below it.
    pub fn check(&self, wanted: &str) -> Result<Destination, DestinationError> {
        let clean = wanted.len() <= 2048 && wanted.chars().all(|c| !c.is_control() && !c.is_whitespace() && c != '\\');
        if !clean {
            return Err(DestinationError::NotAllowed);
        }
        if wanted.starts_with('/') {
            return self.check_path(wanted);
        }
        let url = Url::parse(wanted).map_err(|_| DestinationError::NotAllowed)?;
        let under = |base: &Url| {
            let path = base.path().trim_end_matches('/');
            let below = url.path() == base.path() || url.path().strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
            url.scheme() == base.scheme()
                && url.host() == base.host()
                && url.port_or_known_default() == base.port_or_known_default()
                && below
        };
        // Url::parse mends `https:evil` and the like; what it had to mend was not what the registered page wrote.
        let written_out = wanted.starts_with("https://") || wanted.starts_with("http://");
        let nobody = url.username().is_empty() && url.password().is_none();
        if written_out && nobody && !hides_a_step_up(url.path()) && self.registered.iter().any(under) {
            Ok(Destination(url.into()))
        } else {
            Err(DestinationError::NotAllowed)
        }
    }

    fn check_path(&self, wanted: &str) -> Result<Destination, DestinationError> {
        let path = wanted.split(['?', '#']).next().unwrap_or_default();
        let joined = self.site.0.join(wanted).map_err(|_| DestinationError::NotAllowed)?;
        let stays = joined.origin() == self.site.0.origin() && joined.username().is_empty();
        // `//host` leaves the site at once; `/%2F/host` and `/%5Chost` leave it after one careless decoding.
        let first = percent_decoded_twice(path);
        let sly = first.starts_with("//") || first.contains('\\') || first.contains("//") || first.chars().any(char::is_control);
        if stays && !sly && !hides_a_step_up(path) && !joined.path().starts_with("//") && !is_login_page(&first) {
            let mut place = joined.path().to_owned();
            if let Some(query) = joined.query() {
                place.push('?');
                place.push_str(query);
            }
            if let Some(fragment) = joined.fragment() {
                place.push('#');
                place.push_str(fragment);
            }
            Ok(Destination(place))
        } else {
            Err(DestinationError::NotAllowed)
        }
    }
}

/// Whether a path is one of our own login pages: whoever is in and is sent there would go in circles.
fn is_login_page(path: &str) -> bool {
    let below = path == "/auth" || path.starts_with("/auth/");
    below && !matches!(path, "/auth/signed-in" | "/auth/sessions" | "/auth/identifiers")
}

/// Whether a path climbs with `..`, plainly or percent-encoded once or twice. An encoded `?` or `#` ends a path once it
/// is decoded, some servers cut steps at `;`, and browsers drop control signs and final spaces.
pub(crate) fn hides_a_step_up(path: &str) -> bool {
    let decoded = percent_decoded_twice(path);
    decoded.contains(char::is_control) || decoded.split(['/', '\\', '?', '#', ';']).any(|part| part.trim() == "..")
}

fn percent_decoded_twice(text: &str) -> String {
    let once = percent_decoded(text.as_bytes());
    String::from_utf8_lossy(&percent_decoded(&once)).into_owned()
}

fn percent_decoded(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, tail)) = rest.split_first() {
        let pair = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok()).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (first, pair) {
            (b'%', Some(byte)) => {
                out.push(byte);
                rest = &tail[2..];
            }
            _ => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> Destinations {
        let site = Origin::parse("https://login.example.com").unwrap();
        let registered = ["https://app.example.com/in".to_owned(), "http://localhost:3000".to_owned()];
        Destinations::new(site, "/", &registered).unwrap()
    }

    #[test]
    fn plain_paths_and_registered_addresses_pass() {
        for ok in [
            "/",
            "/a/b?c=d&e=//x#f",
            "/a%20b",
            "https://app.example.com/in",
            "https://app.example.com/in/x?y=1",
            "http://localhost:3000/deep",
            "https://APP.example.com:443/in",
        ] {
            assert!(places().check(ok).is_ok(), "{ok}");
        }
        assert_eq!(places().check("/a/b?c=d#f").unwrap().as_str(), "/a/b?c=d#f");
    }

    #[test]
    fn tricks_are_refused() {
        for bad in [
            "",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "\\/evil.example",
            "https:evil.example",
            "https:/evil.example",
            "https://evil.example",
            "http://app.example.com/in",
            "https://app.example.com.evil.example/in",
            "https://app.example.com@evil.example/in",
            "https://user@app.example.com/in",
            "https://app.example.com/inner",
            "https://app.example.com/in/../x",
            "https://app.example.com/in/%2e%2e/x",
            "https://app.example.com/in/%252e%252e/x",
            "https://app.example.com/in/%252e%252e%23",
            "https://app.example.com/in/%2e%2e%3Fx",
            "https://app.example.com/in/..;/x",
            "https://app.example.com/in/%09..",
            "https://app.example.com/in/..%20",
            "https://app.example.com:8443/in",
            "/%2F/evil.example",
            "/%2f%2fevil.example",
            "/%252F/evil.example",
            "/%5Cevil.example",
            "/%255Cevil.example",
            "/\tevil",
            "/a\r\nSet-Cookie: x",
            "/a\0",
            " /a",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "/../..//evil.example",
            "/a/..//evil.example",
            "/.//evil.example",
            "evil.example",
            "?x",
            "#x",
            "ftp://app.example.com/in",
            "/a\u{2028}b",
            "https://app。example.com.evil.example/in",
            "blob:https://app.example.com/in",
            "/auth",
            "/auth/code",
            "/auth?redirectToPath=/auth",
            "/%61uth/verify",
        ] {
            assert!(places().check(bad).is_err(), "{bad:?} gave {:?}", places().check(bad));
        }
    }

    #[test]
    fn origins_are_whole_and_bare() {
        assert_eq!(Origin::parse("https://login.example.com/").unwrap().as_text(), "https://login.example.com");
        assert_eq!(Origin::parse("http://localhost:8000").unwrap().as_text(), "http://localhost:8000");
        for bad in ["login.example.com", "ftp://x", "https://x/y", "https://u@x", "https://x?y"] {
            assert!(Origin::parse(bad).is_err(), "{bad}");
        }
    }
}
