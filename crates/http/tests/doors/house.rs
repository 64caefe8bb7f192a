//! A house to knock at: store, verbs, doors, clock, entropy, the mail that comes out, and a browser with a cookie jar.

use crate::tape::redacted;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use http_body_util::BodyExt;
use postkey_auth::{Auth, KeyRules, Settings};
use postkey_delivery::{DevInbox, Discarded, PostRoom, PostRoomParts, Templates, Transport};
use postkey_http::{DevMail, DevParts, Doors, Parts, View};
use postkey_model::{
    Algorithm, BudgetRules, Clock, CodeFormat, Destinations, Entropy, Flow, Keyring, Message, MessageContent, Millis, Origin, RootKey,
    SessionRules, SignInRules, Tenant, TenantId, Timestamp,
};
use postkey_store::{Location, Store};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;
use tower_service::Service;

pub const HTTPS: &str = "https://login.example.com";
pub const LOCAL: &str = "http://localhost:8000";
/// 2027-01-15T08:00:00Z.
pub const NOW: Timestamp = Timestamp(1_800_000_000_000);
pub const FORM: &str = "application/x-www-form-urlencoded";
/// What every answer has unless it says otherwise.
pub const USUAL: [(&str, &str); 7] = [
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-site"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
    ("cache-control", "no-store"),
];
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
    base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/// A clock that stands still until it is moved.
pub struct MovedClock(AtomicI64);

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

impl MovedClock {
    pub fn forward(&self, length: Millis) {
        self.0.fetch_add(length.0, Ordering::SeqCst);
    }
}

/// The same bytes in every run (SplitMix64).
pub struct Seeded(Mutex<u64>);

impl Seeded {
    pub fn new(seed: u64) -> Self {
        Seeded(Mutex::new(seed))
    }
}

impl Entropy for Seeded {
    fn fill(&self, out: &mut [u8]) {
        let mut state = self.0.lock().unwrap();
        for byte in out {
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = *state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = (z ^ (z >> 31)) as u8;
        }
    }
}

/// Whether the house is one of `postkey dev`, and where its mail goes then.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Dev {
    No,
    Inbox { exposed: bool },
    Discard,
    Elsewhere,
}

/// What to build.
pub struct Plan {
    pub origin: &'static str,
    pub flow: Flow,
    pub return_urls: Vec<String>,
    pub cookie_domain: Option<&'static str>,
    pub trusted_proxies: Vec<&'static str>,
    pub private_hosts: Vec<&'static str>,
    pub dev: Dev,
}

impl Default for Plan {
    fn default() -> Self {
        Plan {
            origin: HTTPS,
            flow: Flow::UserInputCodeAndMagicLink,
            return_urls: Vec::new(),
            cookie_domain: None,
            trusted_proxies: Vec::new(),
            private_hosts: Vec::new(),
            dev: Dev::No,
        }
    }
}

/// A mail that the house sent.
#[derive(Clone, Debug)]
pub struct Mail {
    pub to: String,
    pub code: Option<String>,
    pub link: Option<String>,
}

impl Mail {
    pub fn code(&self) -> &str {
        self.code.as_deref().unwrap()
    }

    /// The link's parts: its path with the query, the id of its sign-in, its secret.
    pub fn link(&self) -> (String, String, String) {
        let link = self.link.as_deref().unwrap();
        let (address, secret) = link.split_once('#').unwrap();
        let path = address.splitn(4, '/').nth(3).unwrap();
        let id = address.split("preAuthSessionId=").nth(1).unwrap().split('&').next().unwrap();
        (format!("/{path}"), id.to_owned(), secret.to_owned())
    }
}

pub struct House {
    pub auth: Auth,
    pub store: Store,
    pub clock: Arc<MovedClock>,
    pub public: Router,
    pub private: Router,
    pub inbox: Arc<DevInbox>,
    pub discarded: Arc<Discarded>,
    keyring: Arc<Keyring>,
    entropy: Arc<Seeded>,
    bell: Mutex<Option<mpsc::Receiver<Message>>>,
    origin: &'static str,
    dev: Dev,
    folder: tempfile::TempDir,
}

fn tenant(name: &str, plan: &Plan, flow: Flow) -> Tenant {
    let origin = Origin::parse(plan.origin).unwrap();
    Tenant {
        id: TenantId::parse(name).unwrap(),
        app_name: if name == "public" { "Example".to_owned() } else { format!("Example {name}") },
        sign_in: SignInRules {
            flow,
            code: CodeFormat::six_digits(),
            lifetime: Millis::from_mins(10),
            max_attempts: 5,
            resend_gap: Millis::from_secs(15),
            budget: BudgetRules { limit: 100, trusted_limit: 100, window: Millis::from_hours(24) },
        },
        session: SessionRules {
            access_lifetime: Millis::from_hours(1),
            refresh_lifetime: Millis::from_hours(24 * 100),
            grace: Millis::from_secs(30),
        },
        destinations: Destinations::new(origin, if plan.dev == Dev::No { "/auth/signed-in" } else { "/demo" }, &plan.return_urls).unwrap(),
    }
}

impl House {
    pub async fn plain() -> House {
        House::new(Plan::default()).await
    }

    pub async fn new(plan: Plan) -> House {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(MovedClock(AtomicI64::new(NOW.0)));
        let entropy = Arc::new(Seeded::new(7));
        let keyring = Arc::new(Keyring::new(&RootKey::generate(entropy.as_ref())));
        let store = Store::open(&Location::Sqlite(folder.path().join("postkey.db")), NOW).await.unwrap();
        let (ring, bell) = mpsc::channel(64);
        let tenants = [tenant("public", &plan, plan.flow), tenant("acme", &plan, Flow::UserInputCode)];
        let settings = Settings {
            public_origin: Origin::parse(plan.origin).unwrap(),
            tenants: tenants.into_iter().map(|tenant| (tenant.id.clone(), tenant)).collect(),
            keys: KeyRules { algorithm: Algorithm::Es256, interval: Millis::from_hours(168), max_age: Millis::from_mins(5) },
        };
        let auth = Auth::new(store.clone(), keyring.clone(), entropy.clone(), settings, ring);
        auth.tend_keys(NOW).await.unwrap();
        let (inbox, discarded) = (Arc::new(DevInbox::in_memory()), Arc::new(Discarded::default()));
        let dev = |mail| Some(DevParts { mail, exposed: plan.dev == Dev::Inbox { exposed: true } });
        let doors = Doors::new(Parts {
            auth: auth.clone(),
            clock: clock.clone(),
            view: View::built_in().unwrap(),
            trusted_proxies: plan.trusted_proxies.iter().map(|network| network.parse().unwrap()).collect(),
            cookie_domain: plan.cookie_domain.map(str::to_owned),
            private_hosts: plan.private_hosts.iter().map(|host| (*host).to_owned()).collect(),
            dev: match plan.dev {
                Dev::No => None,
                Dev::Inbox { .. } => dev(DevMail::Inbox(inbox.clone())),
                Dev::Discard => dev(DevMail::Discarded(discarded.clone())),
                Dev::Elsewhere => dev(DevMail::Elsewhere),
            },
        });
        let (public, private) = (doors.public(), doors.private());
        let bell = Mutex::new(Some(bell));
        House { auth, store, clock, public, private, inbox, discarded, keyring, entropy, bell, origin: plan.origin, dev: plan.dev, folder }
    }

    /// Opens a real post room on the bell; [`House::mail`] is of no use after that.
    pub fn post_room(&self) -> PostRoom {
        let transport = match self.dev {
            Dev::Discard => Transport::Discard(self.discarded.clone()),
            _ => Transport::Inbox(self.inbox.clone()),
        };
        let parts = PostRoomParts {
            store: self.store.clone(),
            keyring: self.keyring.clone(),
            entropy: self.entropy.clone(),
            clock: self.clock.clone(),
            templates: Templates::built_in().unwrap(),
            transport,
        };
        PostRoom::start(parts, self.bell.lock().unwrap().take().unwrap())
    }

    /// All mails that were queued since the last look, as their reader would see them.
    pub fn mails(&self) -> Vec<Mail> {
        let mut bell = self.bell.lock().unwrap();
        let bell = bell.as_mut().unwrap();
        std::iter::from_fn(|| bell.try_recv().ok())
            .map(|message| {
                let plain = self.keyring.open_message(&message.place(), &message.sealed).unwrap();
                let content: MessageContent = serde_json::from_slice(plain.expose()).unwrap();
                let code = content.code.map(|code| code.replace(' ', ""));
                Mail { to: message.to, code, link: content.link }
            })
            .collect()
    }

    /// The one mail that was queued since the last look.
    pub fn mail(&self) -> Mail {
        let mut mails = self.mails();
        assert_eq!(mails.len(), 1, "{mails:?}");
        mails.remove(0)
    }

    /// A request as a browser sends it when its user follows a link or types an address.
    pub fn ask(&self, method: &str, path: &str) -> Ask<'_> {
        let host = self.origin.split("://").nth(1).unwrap();
        Ask { house: self, private: false, method: method.to_owned(), path: path.to_owned(), headers: Vec::new(), body: Vec::new() }
            .header("host", host)
            .header("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
    }

    pub fn get(&self, path: &str) -> Ask<'_> {
        self.ask("GET", path)
    }

    /// A form that one of our own pages sends.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Ask<'_> {
        self.ask("POST", path).header("sec-fetch-site", "same-origin").header("origin", self.origin).form(fields)
    }

    /// A request of a back end to the private listener.
    pub fn back_end(&self, method: &str, path: &str) -> Ask<'_> {
        let ask =
            Ask { house: self, private: true, method: method.to_owned(), path: path.to_owned(), headers: Vec::new(), body: Vec::new() };
        ask.header("host", "127.0.0.1:3567")
    }

    pub fn browser(&self) -> Browser<'_> {
        Browser { house: self, jar: Mutex::default() }
    }

    /// The store stops taking writes, as when the disk is full: reads go on.
    pub async fn close_for_writes(&self) {
        self.store.close().await;
    }

    /// The database is gone: nothing can be read or written any more.
    pub async fn lose_database(&self) {
        use std::io::{Seek, SeekFrom, Write};
        self.store.close().await;
        for (name, from) in [("postkey.db", 0), ("postkey.db-wal", 0), ("postkey.db-shm", 0)] {
            let path = self.folder.path().join(name);
            let mut file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
            let length = file.metadata().unwrap().len();
            file.seek(SeekFrom::Start(from)).unwrap();
            file.write_all(&vec![0xa5; usize::try_from(length).unwrap()]).unwrap();
        }
        assert!(!self.auth.ready().await || self.store.next_message_due().await.is_err(), "the store still answers");
    }

    /// Words that must never be seen from outside.
    fn internals(&self) -> Vec<String> {
        let mut words: Vec<String> = [
            "sqlite",
            "rusqlite",
            "no such table",
            "disk image",
            "panicked",
            ".rs:",
            "src/",
            "unwrap",
            "axum",
            "hyper",
            "the store is closed",
        ]
        .map(str::to_owned)
        .to_vec();
        words.push(self.folder.path().display().to_string());
        words
    }
}

/// A request that is being put together.
pub struct Ask<'a> {
    house: &'a House,
    private: bool,
    method: String,
    path: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Ask<'_> {
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

    fn holds_what_holds_everywhere(&self, house: &House) {
        let asked = &self.asked;
        assert_ne!(self.status, 500, "{asked}: {}", self.body);
        let id = self.header("x-request-id");
        assert!(id.len() == 16 && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "{asked}: request id {id:?}");
        for (name, value) in USUAL {
            let known_other = match name {
                "cache-control" => self.status == 200 && (asked.contains("/assets/") || asked.contains("jwks.json")),
                "cross-origin-resource-policy" => asked.contains("jwks.json") || asked.contains("openid-configuration"),
                _ => false,
            };
            assert!(known_other || self.header(name) == value, "{asked}: {name} is {:?}", self.header(name));
        }
        assert!(self.header("content-security-policy").starts_with(POLICY), "{asked}");
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

/// A browser: it keeps cookies by name and path.
pub struct Browser<'a> {
    pub house: &'a House,
    jar: Mutex<BTreeMap<String, (String, String)>>,
}

impl<'a> Browser<'a> {
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
