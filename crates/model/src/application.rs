//! Applications: web apps that people log in to, and where each may have them sent back.

use crate::id::TenantId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::net::IpAddr;
use url::{Host, Url};

/// What is set for an application.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ApplicationSettings {
    /// What operators call it.
    pub name: String,
    /// Where people may be sent back to, as written; each is good for [`RedirectRule::parse`].
    pub redirect_urls: Vec<String>,
    /// Whether it runs on a developer's machine: only then tokens come back in the query, and a page on this machine needs no
    /// second step.
    pub is_development: bool,
    /// The tenant whose users log in; `None`: `public`.
    pub tenant: Option<TenantId>,
    /// Whatever else was set: given back as it came.
    pub kept: Map<String, Value>,
}

impl ApplicationSettings {
    /// The page `wanted` in the form in which it is kept, if people may be sent there.
    pub fn redirect(&self, wanted: &str) -> Option<Url> {
        let rules = self.redirect_urls.iter().filter_map(|text| RedirectRule::parse(text).ok());
        let page = page_of(wanted)?;
        rules.into_iter().any(|rule| rule.covers(&page)).then_some(page)
    }

    /// Whether scripts of the web site that calls itself `origin` may talk to us for this application.
    pub fn allows_origin(&self, origin: &str) -> bool {
        let Some(page) = page_of(origin) else { return false };
        page.path() == "/" && self.redirect_urls.iter().filter_map(|text| RedirectRule::parse(text).ok()).any(|rule| rule.is_site_of(&page))
    }
}

/// A place that people may be sent back to: scheme and port are equal; the host is equal, or ends in the listed one where
/// that begins with `*.`; the path is the listed one or lies below it. Query and fragment are free (contract authress.md §7,
/// D11). On this machine, and only there, the port may be `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectRule {
    scheme: String,
    /// For a listed `*.example.com`: `.example.com`.
    suffix: Option<String>,
    host: String,
    /// `None`: any.
    port: Option<u16>,
    path: String,
}

impl RedirectRule {
    /// Reads a listed URL. The error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| format!("redirect URL {text:?} {why}");
        let (scheme, rest) = text.split_once("://").ok_or_else(|| wrong("needs a scheme, as in https://app.example.com/"))?;
        let (authority, _) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let any_port = authority.ends_with(":*");
        let any_sub = authority.starts_with("*.");
        let plain = authority.trim_end_matches(":*").trim_start_matches("*.");
        if plain.contains('*') {
            return Err(wrong("may have a star only as the first label of its host, or as a port on this machine"));
        }
        let url =
            Url::parse(&format!("{scheme}://{plain}{}", &rest[authority.len()..])).map_err(|_| wrong("is not an absolute address"))?;
        if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() || text.contains('\\') {
            return Err(wrong("must be http or https, with no user name and no backslash"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("must have no query and no fragment: those are free"));
        }
        let local = is_this_machine(&url);
        if url.scheme() == "http" && !local {
            return Err(wrong("must be https: only localhost may do without"));
        }
        if any_port && !local {
            return Err(wrong("may leave the port open on localhost only"));
        }
        let host = url.host_str().unwrap_or_default().to_owned();
        if any_sub && (url.host().is_some_and(|host| !matches!(host, Host::Domain(_))) || !host.contains('.')) {
            return Err(wrong("needs a domain of two labels at least behind the star"));
        }
        Ok(RedirectRule {
            scheme: url.scheme().to_owned(),
            suffix: any_sub.then(|| format!(".{host}")),
            host,
            port: if any_port { None } else { url.port_or_known_default() },
            path: url.path().trim_end_matches('/').to_owned(),
        })
    }

    /// The domain below which every host is meant, if one is listed so.
    pub fn below(&self) -> Option<&str> {
        self.suffix.as_deref().map(|suffix| suffix.trim_start_matches('.'))
    }

    fn is_site_of(&self, page: &Url) -> bool {
        let host = page.host_str().unwrap_or_default();
        let host_fits = match &self.suffix {
            Some(suffix) => host.ends_with(suffix.as_str()),
            None => host == self.host,
        };
        let port_fits = self.port.is_none_or(|port| page.port_or_known_default() == Some(port));
        page.scheme() == self.scheme && host_fits && port_fits
    }

    /// Whether people may be sent to `page`.
    pub fn covers(&self, page: &Url) -> bool {
        let below = page.path().strip_prefix(&self.path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.is_site_of(page) && below
    }
}

/// Reads the address of a page that a browser sent, unless it hides something: what browsers and servers read differently
/// is refused.
fn page_of(text: &str) -> Option<Url> {
    let clean = text.len() <= 2048 && text.chars().all(|c| !c.is_control() && !c.is_whitespace() && c != '\\');
    // `Url::parse` mends `https:evil` and the like; what it had to mend was not what the page wrote.
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    if !clean || rest.is_none_or(|rest| rest.starts_with('/')) {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let climbs = crate::redirect::hides_a_step_up(url.path());
    let plain = url.username().is_empty() && url.password().is_none() && !text.split(['?', '#']).next()?.contains('@');
    (plain && !climbs && url.host().is_some()).then_some(url)
}

/// Whether a page lives on the machine of whoever looks at it: `localhost` or 127.0.0.0/8 or ::1.
pub fn is_this_machine(page: &Url) -> bool {
    match page.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(v4)) => IpAddr::V4(v4).is_loopback(),
        Some(Host::Ipv6(v6)) => IpAddr::V6(v6).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app() -> ApplicationSettings {
        let urls = ["https://app.example.com/in", "https://*.tenants.example.com", "http://localhost:3000/", "http://127.0.0.1:*/app"];
        ApplicationSettings { redirect_urls: urls.map(str::to_owned).to_vec(), ..ApplicationSettings::default() }
    }

    #[test]
    fn registered_places_pass() {
        for ok in [
            "https://app.example.com/in",
            "https://app.example.com/in/deep?x=1#y",
            "https://APP.example.com:443/in?next=https://evil.example",
            "https://a.tenants.example.com/",
            "https://a.b.tenants.example.com/any",
            "http://localhost:3000/any",
            "http://127.0.0.1:5173/app",
            "http://127.0.0.1:80/app/x",
        ] {
            assert!(app().redirect(ok).is_some(), "{ok}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for bad in [
            "",
            "/in",
            "https://app.example.com/inner",
            "https://app.example.com/",
            "https://app.example.com/in/../x",
            "https://app.example.com/in/%2e%2e/x",
            "https://app.example.com:8443/in",
            "http://app.example.com/in",
            "https://sub.app.example.com/in",
            "https://tenants.example.com/",
            "https://eviltenants.example.com/",
            "https://app.example.com.evil.example/in",
            "https://app.example.com@evil.example/in",
            "https://user@app.example.com/in",
            "https://app.example.com\\@evil.example/in",
            "https:app.example.com/in",
            "https:///app.example.com/in",
            "https://app.example.com/in\r\n",
            "https://app.example.com /in",
            "http://localhost:3001/",
            "http://localhost.evil.example:3000/",
            "http://127.0.0.1.evil.example/app",
            "http://127.0.0.2:5173/app",
            "http://127.0.0.1:5173/other",
            "javascript:alert(1)",
        ] {
            assert!(app().redirect(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn origins_are_those_of_the_places() {
        for ok in ["https://app.example.com", "https://x.tenants.example.com", "http://localhost:3000", "http://127.0.0.1:9"] {
            assert!(app().allows_origin(ok), "{ok}");
        }
        for bad in
            ["null", "", "https://example.com", "https://app.example.com:444", "http://localhost:3001", "https://app.example.com/in", "*"]
        {
            assert!(!app().allows_origin(bad), "{bad}");
        }
    }

    #[test]
    fn listed_urls_are_checked() {
        for bad in [
            "app.example.com",
            "http://app.example.com/",
            "https://user@app.example.com/",
            "https://app.example.com/?x",
            "https://app.example.com/#x",
            "https://*/",
            "https://*.com/",
            "https://a.*.example.com/",
            "https://app.example.com:*/",
            "ftp://app.example.com/",
        ] {
            assert!(RedirectRule::parse(bad).is_err(), "{bad}");
        }
    }
}
