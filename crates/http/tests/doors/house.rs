//! A house to knock at: store, verbs, doors, clock, entropy, and the mail that comes out.

use crate::visitor::{Ask, Browser};
use axum::Router;
use postkey_auth::{Auth, KeyRules, LoginSettings, Settings};
use postkey_delivery::{DevInbox, Discarded, PostRoom, PostRoomParts, Provider, Routes};
use postkey_http::{DevMail, DevParts, Doors, Parts, Places, View};
use postkey_model::{
    Algorithm, AllowList, Application, ApplicationSettings, Brand, BudgetRules, Channel, Clock, CodeFormat, ContactMethod, Destinations,
    Entropy, Flow, GuessRules, Keyring, Logo, Message, MessageContent, MessageKind, Millis, Origin, PhoneRules, Region, RootKey, Secret,
    SendRules, ServerRules, SessionRules, SignInRules, SignUp, Tenant, TenantId, TextRules, Timestamp, WebRules, Website,
};
use postkey_store::{Location, Store};
use postkey_words::Templates;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;

pub const HTTPS: &str = "https://login.example.com";
pub const LOCAL: &str = "http://localhost:8000";
/// The website of the tenant `app`.
pub const APP: &str = "https://app.example.com";
/// Another one whose pages may call it.
pub const SHOP: &str = "https://shop.example.com";
/// One whose pages may call the tenant `friend` only.
pub const FRIEND: &str = "https://friend.example";
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
    Inbox,
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
    pub api_keys: Vec<&'static str>,
    pub metrics_key: Option<&'static str>,
    /// How many requests each listener works on at once.
    pub requests: usize,
    /// Whether there is a file that says where addresses are.
    pub places: bool,
    /// What is different about the tenants.
    pub change: fn(&mut Tenant),
    /// What the whole server takes.
    pub limits: ServerRules,
    /// What texts may cost.
    pub texts: TextRules,
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
            api_keys: Vec::new(),
            metrics_key: None,
            requests: 0,
            places: false,
            change: |_| {},
            limits: ServerRules::NONE,
            texts: TextRules::none(),
            dev: Dev::No,
        }
    }
}

/// A mail or text that the house sent.
#[derive(Clone, Debug)]
pub struct Mail {
    pub kind: MessageKind,
    pub channel: Channel,
    /// The language it is written in.
    pub lang: String,
    pub to: String,
    /// The other address or number that it speaks of.
    pub other: Option<String>,
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
    pub doors: Doors,
    pub public: Router,
    pub private: Router,
    pub inbox: Arc<DevInbox>,
    pub discarded: Arc<Discarded>,
    keyring: Arc<Keyring>,
    entropy: Arc<Seeded>,
    bell: Mutex<Option<mpsc::Receiver<Message>>>,
    pub templates: Arc<Templates>,
    pub origin: &'static str,
    dev: Dev,
    folder: tempfile::TempDir,
}

/// The nine ways to ask: the tenant's name says which.
pub const NINE: [(&str, ContactMethod, Flow); 9] = [
    ("email-link", ContactMethod::Email, Flow::MagicLink),
    ("email-code", ContactMethod::Email, Flow::UserInputCode),
    ("email-both", ContactMethod::Email, Flow::UserInputCodeAndMagicLink),
    ("phone-link", ContactMethod::Phone, Flow::MagicLink),
    ("phone-code", ContactMethod::Phone, Flow::UserInputCode),
    ("phone-both", ContactMethod::Phone, Flow::UserInputCodeAndMagicLink),
    ("either-link", ContactMethod::EmailOrPhone, Flow::MagicLink),
    ("either-code", ContactMethod::EmailOrPhone, Flow::UserInputCode),
    ("either-both", ContactMethod::EmailOrPhone, Flow::UserInputCodeAndMagicLink),
];

pub const LOGO: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"80\" height=\"40\"><rect width=\"80\" height=\"40\"/></svg>";

/// `public`, and a tenant for everything that a tenant may have of its own.
fn tenants(plan: &Plan) -> Vec<Tenant> {
    let usual = |name: &str| tenant(name, plan, Flow::UserInputCodeAndMagicLink);
    let nine = NINE.map(|(name, contact, flow)| Tenant { contact, ..tenant(name, plan, flow) });
    let mut all = vec![
        tenant("public", plan, plan.flow),
        tenant("acme", plan, Flow::UserInputCode),
        // Numbers are of Austria unless somebody says otherwise.
        Tenant { contact: ContactMethod::Phone, phone: austria(Channel::Sms), ..usual("phone") },
        Tenant { contact: ContactMethod::EmailOrPhone, phone: austria(Channel::WhatsApp), ..usual("either") },
        Tenant { sign_up: SignUp::Closed, ..usual("closed") },
        Tenant { sign_up: SignUp::Listed(AllowList::parse(&["@staff.example".to_owned()]).unwrap()), ..usual("invited") },
        Tenant { language: "de".to_owned(), ..usual("german") },
        Tenant { brand: brand(), ..usual("branded") },
        // An application with login pages of its own, and a friend.
        Tenant { contact: ContactMethod::EmailOrPhone, web: application(), ..usual("app") },
        Tenant { web: WebRules { origins: vec![Origin::parse(FRIEND).unwrap()], ..WebRules::default() }, ..usual("friend") },
    ];
    let mut matching = usual("match");
    matching.sign_in.number_match = true;
    all.push(matching);
    let mut limited = Tenant { contact: ContactMethod::EmailOrPhone, ..usual("limited") };
    limited.sign_in.sends = SendRules { per_contact: 2, per_network: 4, per_tenant: 6, window: Millis::from_hours(1) };
    all.push(limited);
    all.extend(nine);
    all.iter_mut().for_each(plan.change);
    all
}

fn application() -> WebRules {
    let website = Website { origin: Origin::parse(APP).unwrap(), base_path: "/auth".to_owned() };
    WebRules { website: Some(website), origins: vec![Origin::parse(SHOP).unwrap()], existence_checks: true }
}

fn austria(channel: Channel) -> PhoneRules {
    PhoneRules { default_country: Region::parse("AT"), channel }
}

fn brand() -> Brand {
    Brand {
        logo: Some(Logo::read(LOGO.as_bytes().to_vec()).unwrap()),
        accent: Some("#0a7d38".parse().unwrap()),
        radius: Some(3),
        terms: Some("https://example.com/terms?a=1&b=2".to_owned()),
        privacy: Some("https://example.com/privacy".to_owned()),
        support: Some("help@example.com".to_owned()),
        ..Brand::default()
    }
}

fn tenant(name: &str, plan: &Plan, flow: Flow) -> Tenant {
    let origin = Origin::parse(plan.origin).unwrap();
    Tenant {
        id: TenantId::parse(name).unwrap(),
        app_name: if name == "public" { "Example".to_owned() } else { format!("Example {name}") },
        contact: ContactMethod::Email,
        phone: PhoneRules { default_country: None, channel: Channel::Sms },
        sign_up: SignUp::Open,
        language: "en".to_owned(),
        code_in_subject: true,
        brand: Brand::default(),
        sign_in: SignInRules {
            flow,
            code: CodeFormat::six_digits(),
            lifetime: Millis::from_mins(10),
            max_attempts: 5,
            resend_gap: Millis::from_secs(15),
            budget: BudgetRules { limit: 100, trusted_limit: 100, window: Millis::from_hours(24) },
            guesses: GuessRules::NONE,
            sends: SendRules { per_contact: 0, per_network: 0, per_tenant: 0, window: Millis::from_hours(1) },
            number_match: false,
        },
        session: SessionRules {
            access_lifetime: Millis::from_hours(1),
            refresh_lifetime: Millis::from_hours(24 * 100),
            grace: Millis::from_secs(30),
        },
        destinations: Destinations::new(origin, if plan.dev == Dev::No { "/auth/signed-in" } else { "/demo" }, &plan.return_urls).unwrap(),
        web: postkey_model::WebRules::default(),
        back_end: postkey_model::BackEndRules::default(),
        login: postkey_model::LoginRules::default(),
        claims: Vec::new(),
    }
}

/// The templates as they are shipped.
/// Applications on a developer's machine, on another site and on our own domain; nobody has to show work.
fn logins() -> LoginSettings {
    let application = |(id, url, is_development): (&str, &str, bool)| {
        let redirect_urls = vec![url.to_owned()];
        let settings = ApplicationSettings { name: format!("The {id}"), redirect_urls, is_development, ..ApplicationSettings::default() };
        Application { id: id.to_owned(), created_at: NOW, updated_at: NOW, version: 0, settings, sealed: None }
    };
    let all = [
        ("app_default", "http://localhost:3000/", true),
        ("app_shop", "https://shop.example.org/in", false),
        ("app_near", "https://near.example.com/", false),
    ];
    LoginSettings { wants_work: false, applications: all.map(application).to_vec(), ..LoginSettings::default() }
}

pub fn templates() -> Arc<Templates> {
    let all = Templates::builder().templates(&postkey_http::PAGES).templates(postkey_delivery::MESSAGE_TEMPLATES);
    Arc::new(all.files(&postkey_http::ASSETS).load(None).unwrap())
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
        let tenants = tenants(&plan);
        let templates = templates();
        let view = View::new(templates.clone(), tenants.iter().map(|tenant| (&tenant.id, &tenant.brand)), None);
        let settings = Settings {
            public_origin: Origin::parse(plan.origin).unwrap(),
            tenants: tenants.into_iter().map(|tenant| (tenant.id.clone(), tenant)).collect(),
            logins: logins(),
            limits: plan.limits,
            webhooks: Vec::new(),
            texts: plan.texts.clone(),
            keys: KeyRules { algorithm: Algorithm::Es256, interval: Millis::from_hours(168), max_age: Millis::from_mins(5) },
        };
        let auth = Auth::new(store.clone(), keyring.clone(), entropy.clone(), settings, ring);
        auth.tend_keys(NOW).await.unwrap();
        let (inbox, discarded) = (Arc::new(DevInbox::in_memory()), Arc::new(Discarded::default()));
        let dev = |mail| Some(DevParts { mail });
        let doors = Doors::new(Parts {
            auth: auth.clone(),
            clock: clock.clone(),
            view,
            trusted_proxies: plan.trusted_proxies.iter().map(|network| network.parse().unwrap()).collect(),
            cookie_domain: plan.cookie_domain.map(str::to_owned),
            private_hosts: plan.private_hosts.iter().map(|host| (*host).to_owned()).collect(),
            api_keys: plan.api_keys.iter().map(|key| Secret::new((*key).to_owned())).collect(),
            requests: plan.requests,
            metrics_key: plan.metrics_key.map(|key| Secret::new(key.to_owned())),
            places: plan.places.then(|| {
                let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/places.mmdb");
                Arc::new(Places::open(&file).unwrap())
            }),
            providers: None,
            dev: match plan.dev {
                Dev::No => None,
                Dev::Inbox => dev(DevMail::Inbox(inbox.clone())),
                Dev::Discard => dev(DevMail::Discarded(discarded.clone())),
                Dev::Elsewhere => dev(DevMail::Elsewhere),
            },
        });
        let (public, private) = (doors.public(), doors.private());
        let bell = Mutex::new(Some(bell));
        House {
            auth,
            store,
            clock,
            doors,
            public,
            private,
            inbox,
            discarded,
            keyring,
            entropy,
            bell,
            templates,
            origin: plan.origin,
            dev: plan.dev,
            folder,
        }
    }

    /// What the clock says.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Opens a real post room on the bell; [`House::mail`] is of no use after that.
    pub fn post_room(&self) -> PostRoom {
        let provider = match self.dev {
            Dev::Discard => Provider::Discard(self.discarded.clone()),
            _ => Provider::Inbox(self.inbox.clone()),
        };
        let parts = PostRoomParts {
            store: self.store.clone(),
            keyring: self.keyring.clone(),
            entropy: self.entropy.clone(),
            clock: self.clock.clone(),
            templates: postkey_delivery::Templates::new(self.templates.clone()),
            routes: Routes::all_by("inbox", provider),
            places: None,
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
                let MessageContent { kind, link, other, lang, .. } = content;
                Mail { kind, channel: message.channel, lang, to: message.to, other, code, link }
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
        Ask::new(self, false, method, path).header("host", host).header("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
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
        Ask::new(self, true, method, path).header("host", "127.0.0.1:3567")
    }

    pub fn browser(&self) -> Browser<'_> {
        Browser::new(self)
    }

    /// Everything that is stored, byte by byte: looking at something changes none of it.
    pub fn stored(&self) -> Vec<u8> {
        ["postkey.db", "postkey.db-wal"].iter().flat_map(|name| std::fs::read(self.folder.path().join(name)).unwrap()).collect()
    }

    /// Somebody else writes to the database, until this is dropped: commits wait.
    pub fn locked(&self) -> rusqlite::Connection {
        let other = rusqlite::Connection::open(self.folder.path().join("postkey.db")).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        other
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
        assert!(self.store.ping().await.is_err(), "the store still answers");
    }

    /// Words that must never be seen from outside.
    pub fn internals(&self) -> Vec<String> {
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
