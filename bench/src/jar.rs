//! A cookie jar for one server: names, values, paths. Hosts, ages and flags are left to real browsers.

use crate::http::Answer;

/// The cookies of one browser.
#[derive(Clone, Debug, Default)]
pub struct Jar(Vec<Kept>);

#[derive(Clone, Debug)]
struct Kept {
    name: String,
    value: String,
    path: String,
}

impl Jar {
    /// Takes what an answer sets, and drops what it takes away.
    pub fn take(&mut self, answer: &Answer) {
        for (_, line) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let mut parts = line.split(';');
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { continue };
            let path = parts.find_map(|part| part.trim().strip_prefix("Path=")).unwrap_or("/");
            self.set(name, value, path);
        }
    }

    /// Sets a cookie; an empty value takes it away, as our server does it.
    pub fn set(&mut self, name: &str, value: &str, path: &str) {
        self.0.retain(|kept| kept.name != name || kept.path != path);
        if !value.is_empty() {
            self.0.push(Kept { name: name.to_owned(), value: value.to_owned(), path: path.to_owned() });
        }
    }

    /// Drops a cookie, whatever its path.
    pub fn drop(&mut self, name: &str) {
        self.0.retain(|kept| kept.name != name);
    }

    /// A cookie's value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|kept| kept.name == name).map(|kept| kept.value.as_str())
    }

    /// The `Cookie` header for a path; empty when no cookie goes there.
    pub fn header(&self, path: &str) -> String {
        let path = path.split('?').next().unwrap_or_default();
        let mut line = String::new();
        for kept in self.0.iter().filter(|kept| goes_to(&kept.path, path)) {
            for part in [if line.is_empty() { "" } else { "; " }, &kept.name, "=", &kept.value] {
                line.push_str(part);
            }
        }
        line
    }
}

/// RFC 6265 §5.1.4.
fn goes_to(cookie: &str, path: &str) -> bool {
    path.strip_prefix(cookie).is_some_and(|rest| rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_go_where_their_path_says() {
        let mut jar = Jar::default();
        jar.set("a", "1", "/");
        jar.set("b", "2", "/auth");
        assert_eq!(jar.header("/auth/code?x=1"), "a=1; b=2");
        assert_eq!(jar.header("/author"), "a=1");
        jar.set("a", "", "/");
        assert_eq!(jar.header("/"), "");
    }
}
