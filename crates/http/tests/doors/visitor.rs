//! Who knocks: a request put together piece by piece, its whole answer, and a browser with a cookie jar.

use crate::house::{FORM, House, Mail, POLICY, USUAL};
use crate::tape::{redacted, spoken};
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use http_body_util::BodyExt;
use std::collections::BTreeMap;
use std::sync::Mutex;
use tower_service::Service;

/// A request that is being put together.
pub struct Ask<'a> {
    house: &'a House,
    private: bool,
    method: String,
    path: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl<'a> Ask<'a> {
    /// An empty request to one of the two listeners.
    pub fn new(house: &'a House, private: bool, method: &str, path: &str) -> Self {
        Ask { house, private, method: method.to_owned(), path: path.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    /// Sets a header; an earlier value goes.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.as_bytes().to_vec()));
        self
    }

    /// Adds a header beside those of the same name.
    pub fn also(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    pub fn cookie(self, line: &str) -> Self {
        self.header("cookie", line)
    }

    /// Asks as our own script does.
    pub fn json(self) -> Self {
        self.header("accept", "application/json")
    }

    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let text = fields
            .iter()
            .fold(form_urlencoded::Serializer::new(String::new()), |mut all, (name, value)| {
                all.append_pair(name, value);
                all
            })
            .finish();
        self.body(FORM, text.as_bytes())
    }

    pub fn body(self, kind: &str, bytes: &[u8]) -> Self {
        let mut ask = self.header("content-type", kind);
        ask.body = bytes.to_vec();
        ask
    }

    pub async fn send(self) -> Answer {
        let mut request = Request::builder().method(self.method.as_str()).uri(&self.path);
        for (name, value) in &self.headers {
            request = request.header(name, value.as_slice());
        }
        let asked = format!("{} {}", self.method, self.path);
        let mut router = if self.private { self.house.private.clone() } else { self.house.public.clone() };
        let response = router.call(request.body(Body::from(self.body)).unwrap()).await.unwrap();
        let (head, body) = response.into_parts();
        let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        let answer = Answer { asked, status: head.status.as_u16(), headers: head.headers, body };
        answer.holds_what_holds_everywhere(self.house);
        answer
    }
}

/// A whole answer.
pub struct Answer {
    pub asked: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn location(&self) -> &str {
        self.header("location")
    }

    pub fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect()
    }

    /// The line that sets the cookie `name`.
    pub fn set_cookie(&self, name: &str) -> Option<&str> {
        self.set_cookies().into_iter().find(|line| line.split('=').next() == Some(name))
    }

    pub fn is_json(&self) -> serde_json::Value {
        assert_eq!(self.header("content-type"), "application/json; charset=utf-8", "{}", self.asked);
        serde_json::from_str(&self.body).unwrap()
    }

    /// The value of the hidden form token.
    pub fn form_token(&self) -> &str {
        self.body.split("name=\"form\" value=\"").nth(1).unwrap().split('"').next().unwrap()
    }

    /// The value of the field `name`, as a person sees it; `None` when the page has no such field.
    pub fn field(&self, name: &str) -> Option<String> {
        let tag = self.body.split("<input").skip(1).map(|rest| rest.split('>').next().unwrap());
        let mut found = tag.filter(|tag| tag.contains(&format!(" name=\"{name}\"")));
        found.next().map(|tag| plain(tag.split(" value=\"").nth(1).or(tag.split("\n value=\"").nth(1)).unwrap().split('"').next().unwrap()))
    }

    /// The country that is chosen beside a phone field: its code, and what the list shows.
    pub fn country(&self) -> Option<(String, String)> {
        let (_, rest) = self.body.split_once("<select id=\"country\"")?;
        let chosen = rest.split("<option").find(|option| option.contains(" selected>")).unwrap();
        let code = chosen.split("value=\"").nth(1).unwrap().split('"').next().unwrap();
        Some((code.to_owned(), plain(chosen.split_once('>').unwrap().1.split('<').next().unwrap().trim())))
    }

    /// What it says at its field.
    pub fn error(&self) -> String {
        let place =
            self.body.split("id=\"who-error\" role=\"alert\">").nth(1).or(self.body.split("id=\"code-error\" role=\"alert\">").nth(1));
        plain(place.unwrap().split('<').next().unwrap())
    }

    /// What it says above its form.
    pub fn notice(&self) -> String {
        let notices = self.body.split("<p class=\"notice").skip(1).filter(|rest| !rest.split('>').next().unwrap().ends_with(" hidden"));
        let said = notices.map(|rest| plain(rest.split_once('>').unwrap().1.split('<').next().unwrap()));
        said.collect::<Vec<_>>().join(" ")
    }

    /// What the page says, without tags.
    pub fn said(&self) -> String {
        plain(&spoken(&self.body))
    }

    fn holds_what_holds_everywhere(&self, house: &House) {
        let asked = &self.asked;
        assert_ne!(self.status, 500, "{asked}: {}", self.body);
        let id = self.header("x-request-id");
        assert!(id.len() == 16 && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "{asked}: request id {id:?}");
        for (name, value) in USUAL {
            let known_other = match name {
                "cache-control" => self.status == 200 && (asked.contains("/assets/") || asked.contains("jwks")),
                // The preview stands in a frame of its own overview.
                "x-frame-options" => self.status == 200 && asked.contains(" /dev/pages/"),
                "cross-origin-resource-policy" => asked.contains("jwks.json") || asked.contains("openid-configuration"),
                _ => false,
            };
            assert!(known_other || self.header(name) == value, "{asked}: {name} is {:?}", self.header(name));
        }
        let policy = self.header("content-security-policy");
        let known_other = (asked.contains(" /dev/pages/") && self.status == 200) || self.header("content-type").starts_with("image/");
        assert!(if known_other { policy.contains("sandbox") } else { policy.starts_with(POLICY) }, "{asked}: {policy}");
        let https = house.origin.starts_with("https");
        assert_eq!(self.header("strict-transport-security"), if https { "max-age=31536000" } else { "" }, "{asked}");
        for line in self.set_cookies() {
            assert_eq!(line.contains("; Secure"), https, "{asked}: {line}");
            assert!(line.contains("; SameSite=Lax") && line.contains("; Path=/"), "{asked}: {line}");
        }
        for hole in [">None<", "\"None\"", ">none<", "undefined"] {
            assert!(asked.contains("/assets/") || !self.body.contains(hole), "{asked}: a hole in the page: {}", self.body);
        }
        // Without secrets: a signature may hold any letters.
        let seen = redacted(&format!("{:?} {}", self.headers, self.body)).to_lowercase();
        for word in house.internals() {
            // The page's own script may say what it likes.
            assert!(asked.contains("/assets/") || !seen.contains(&word.to_lowercase()), "{asked} shows {word:?}: {}", self.body);
        }
    }
}

/// HTML's text as a person reads it; the signs that only steer the direction of writing are left out.
pub fn plain(html: &str) -> String {
    let signs = [
        ("&#x2f;", "/"),
        ("&#x27;", "'"),
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("\u{2068}", ""),
        ("\u{2069}", ""),
        ("&amp;", "&"),
    ];
    signs.iter().fold(html.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// A browser: it keeps cookies by name and path.
pub struct Browser<'a> {
    pub house: &'a House,
    jar: Mutex<BTreeMap<String, (String, String)>>,
}

impl<'a> Browser<'a> {
    /// One without cookies.
    pub fn new(house: &'a House) -> Self {
        Browser { house, jar: Mutex::default() }
    }

    /// The `Cookie` header for `path`.
    pub fn cookies_for(&self, path: &str) -> String {
        let bare = path.split('?').next().unwrap();
        let jar = self.jar.lock().unwrap();
        let fits = |scope: &str| scope == "/" || bare == scope || bare.strip_prefix(scope).is_some_and(|rest| rest.starts_with('/'));
        let pairs = jar.iter().filter(|(_, (_, scope))| fits(scope)).map(|(name, (value, _))| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar.lock().unwrap().get(name).map(|(value, _)| value.clone())
    }

    pub fn plant(&self, name: &str, value: &str) {
        self.jar.lock().unwrap().insert(name.to_owned(), (value.to_owned(), "/".to_owned()));
    }

    pub fn forget(&self, name: &str) {
        self.jar.lock().unwrap().remove(name);
    }

    /// Sends `ask` with this browser's cookies, and keeps those that come back.
    pub async fn send(&self, ask: Ask<'_>) -> Answer {
        let cookies = self.cookies_for(&ask.path);
        let answer = if cookies.is_empty() { ask.send().await } else { ask.cookie(&cookies).send().await };
        let mut jar = self.jar.lock().unwrap();
        for line in answer.set_cookies() {
            let mut parts = line.split("; ");
            let (name, value) = parts.next().unwrap().split_once('=').unwrap();
            let path = parts.clone().find_map(|part| part.strip_prefix("Path=")).unwrap();
            if line.contains("Expires=Thu, 01 Jan 1970") {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), (value.to_owned(), path.to_owned()));
            }
        }
        drop(jar);
        answer
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.house.get(path)).await
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(self.house.post(path, fields)).await
    }

    /// Starts a sign-in and hands over the mail.
    pub async fn start(&self, email: &str) -> Mail {
        let answer = self.post("/auth/_/start", &[("email", email)]).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        self.house.mail()
    }

    /// Starts a sign-in with `who` at `tenant` and hands over the message.
    pub async fn start_at(&self, tenant: &str, who: &str) -> Mail {
        let answer = self.post("/auth/_/start", &[("identifier", who), ("tenantId", tenant)]).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        let mails = self.house.mails();
        assert_eq!(mails.len(), 1, "{:?}", answer.headers);
        mails.into_iter().next().unwrap()
    }

    /// Sends the three fields of a link's forms to `path`, and more.
    pub async fn link(&self, path: &str, tenant: &str, mail: &Mail, more: &[(&str, &str)]) -> Answer {
        let (_, id, secret) = mail.link();
        let mut fields = vec![("preAuthSessionId", id.as_str()), ("tenantId", tenant), ("linkCode", secret.as_str())];
        fields.extend(more);
        self.post(path, &fields).await
    }

    /// Signs in with a code.
    pub async fn sign_in(&self, email: &str) -> Answer {
        let mail = self.start(email).await;
        let answer = self.post("/auth/_/code", &[("code", mail.code())]).await;
        assert!(answer.set_cookie("sAccessToken").is_some(), "{:?}", answer.headers);
        answer
    }

    /// Signs in and forgets nothing but the sign-in.
    pub async fn signed_in(house: &'a House, email: &str) -> Browser<'a> {
        let browser = house.browser();
        browser.sign_in(email).await;
        browser
    }
}
