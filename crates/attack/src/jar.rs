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
        for line in answer.cookies() {
            let mut parts = line.split(';');
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { continue };
            let path = parts.find_map(|part| part.trim().strip_prefix("Path=")).unwrap_or("/");
            let over = line.to_ascii_lowercase().contains("expires=thu, 01 jan 1970");
            self.set(name, if over { "" } else { value }, path);
        }
    }

    /// Sets a cookie; an empty value takes it away.
    pub fn set(&mut self, name: &str, value: &str, path: &str) {
        self.0.retain(|kept| kept.name != name || kept.path != path);
        if !value.is_empty() {
            self.0.push(Kept { name: name.to_owned(), value: value.to_owned(), path: path.to_owned() });
        }
    }

    /// Drops a cookie, whatever its path.
    pub fn forget(&mut self, name: &str) {
        self.0.retain(|kept| kept.name != name);
    }

    /// A cookie's value; empty when it is not there.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|kept| kept.name == name).map_or("", |kept| kept.value.as_str())
    }

    /// The values of all cookies.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|kept| kept.value.as_str())
    }

    /// The `Cookie` header for a path; empty when no cookie goes there.
    pub fn header(&self, path: &str) -> String {
        let path = path.split('?').next().unwrap_or_default();
        let there = self.0.iter().filter(|kept| goes_to(&kept.path, path));
        there.map(|kept| format!("{}={}", kept.name, kept.value)).collect::<Vec<_>>().join("; ")
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
    fn cookies_go_where_their_path_says_and_end_when_they_are_over() {
        let mut jar = Jar::default();
        jar.set("a", "1", "/");
        jar.set("b", "2", "/auth");
        assert_eq!(jar.header("/auth/code?x=1"), "a=1; b=2");
        assert_eq!(jar.header("/author"), "a=1");
        let line = "a=gone; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT";
        jar.take(&Answer { headers: vec![("set-cookie".to_owned(), line.to_owned())], ..Answer::default() });
        assert_eq!((jar.header("/"), jar.get("b")), (String::new(), "2"));
    }
}
