//! The bed that every test lies in: the verbs on a fresh database of one engine, and hands to use them with.

use futures_util::FutureExt;
use postkey_auth::{
    Auth, CompleteError, Completed, KeyRules, LoginSettings, Proof, ResendAs, ResendError, Sent, Settings, TrustedDevice, Waiting, Wanted,
};
use postkey_model::{
    Algorithm, Application, ApplicationSettings, Brand, BudgetRules, Call, Channel, ClientIp, CodeFormat, ContactMethod, Destinations,
    Entropy, Flow, GuessRules, Keyring, Message, MessageContent, MessageKind, Millis, Origin, PhoneRules, RootKey, SendRules, ServerRules,
    SessionRules, SignIn, SignInId, SignInRules, SignUp, Tenant, TenantId, TextRules, Timestamp,
};
use postkey_store::{Location, Store};
use std::collections::hash_map::RandomState;
use std::future::Future;
use std::hash::{BuildHasher, Hasher};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Barrier, mpsc};

/// The moment at which the tests begin.
pub const NOW: Timestamp = Timestamp(1_800_000_000_000);
/// A week after that: whoever was there at [`NOW`] has settled.
pub const LATER: Timestamp = Timestamp(NOW.0 + 7 * 24 * 60 * 60 * 1000);
/// Longer than any test may take: a wedge is a failure, not a hang.
const LIMIT: Duration = Duration::from_secs(300);

/// Makes of each function two tests, one on each engine, with real threads.
macro_rules! on_both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($bed:ident: Bed) $body:block)*) => { $(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn body($bed: Bed) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn sqlite() {
                $crate::kit::on_sqlite(body).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn postgres() {
                $crate::kit::on_postgres(module_path!(), body).await;
            }
        }
    )* };
}

/// A database of one test, with the first node on it.
pub struct Bed {
    location: Location,
    pub node: Node,
}

/// The verbs on a store of their own, and the mails that they queued.
#[derive(Clone)]
pub struct Node {
    pub auth: Auth,
    mails: Arc<Mutex<(mpsc::Receiver<Message>, Vec<Message>)>>,
}

/// A sign-in as the asking browser holds it.
#[derive(Clone, Debug)]
pub struct Asked {
    pub tenant: TenantId,
    pub id: SignInId,
    pub device: String,
}

/// What a mail said.
#[derive(Clone, Debug)]
pub struct Mail {
    pub kind: MessageKind,
    pub channel: Channel,
    pub to: String,
    pub other: Option<String>,
    /// All of what it says, as the post room gets it.
    pub json: String,
    pub queued_at: Timestamp,
    pub code: Option<String>,
    pub link: Option<String>,
}

/// Runs `test` on a fresh SQLite file.
pub async fn on_sqlite<F: Future<Output = ()>>(test: impl FnOnce(Bed) -> F) {
    let folder = tempfile::tempdir().unwrap();
    run(Location::Sqlite(folder.path().join("postkey.db")), test).await;
}

/// Runs `test` on a fresh PostgreSQL database, or says loudly that it did not.
pub async fn on_postgres<F: Future<Output = ()>>(name: &str, test: impl FnOnce(Bed) -> F) {
    let Some(server) = server_url() else {
        eprintln!("SKIPPED on PostgreSQL: {name}: set POSTKEY_TEST_POSTGRES");
        return;
    };
    let database = format!("pk_{:016x}", RandomState::new().build_hasher().finish());
    on_server(&server, &format!("CREATE DATABASE {database} TEMPLATE template0")).await;
    let outcome = AssertUnwindSafe(run(Location::Postgres(with_database(&server, &database)), test)).catch_unwind().await;
    on_server(&server, &format!("DROP DATABASE {database} WITH (FORCE)")).await;
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

async fn run<F: Future<Output = ()>>(location: Location, test: impl FnOnce(Bed) -> F) {
    let node = Node::open(&location, settings()).await;
    node.auth.tend_keys(NOW).await.unwrap();
    let store = node.auth.store().clone();
    let ended = tokio::time::timeout(LIMIT, test(Bed { location, node })).await;
    assert!(ended.is_ok(), "the test did not end within {LIMIT:?}");
    store.close().await;
}

async fn on_server(url: &str, statement: &str) {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(statement).await.unwrap();
}

#[allow(clippy::disallowed_methods, reason = "where the test server is comes from the environment, read here only")]
fn server_url() -> Option<String> {
    std::env::var("POSTKEY_TEST_POSTGRES").ok().filter(|url| !url.is_empty())
}

/// `postgres://user@host:port/old?x=y` with another database.
fn with_database(url: &str, name: &str) -> String {
    let (start, query) = url.split_once('?').map_or((url, String::new()), |(start, query)| (start, format!("?{query}")));
    let after_scheme = start.find("://").unwrap() + 3;
    let end = start[after_scheme..].find('/').map_or(start.len(), |i| after_scheme + i);
    format!("{}/{name}{query}", &start[..end])
}

/// Random enough for tests, and the same in every run: numbers drawn from a counter (SplitMix64).
pub struct Seeded(AtomicU64);

impl Entropy for Seeded {
    fn fill(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^= z >> 31;
            chunk.copy_from_slice(&z.to_be_bytes()[..chunk.len()]);
        }
    }
}

/// Applications on a developer's machine and on the web, and no work to show.
pub fn logins() -> LoginSettings {
    let application = |id: &str, url: &str, is_development: bool| Application {
        id: id.to_owned(),
        created_at: NOW,
        updated_at: NOW,
        version: 0,
        settings: ApplicationSettings {
            name: id.to_owned(),
            redirect_urls: vec![url.to_owned()],
            is_development,
            ..ApplicationSettings::default()
        },
        sealed: None,
    };
    let applications = vec![
        application("app_default", "http://localhost:*", true),
        application("app_web", "https://shop.example.org/in", false),
        application("app_near", "https://app.example.com", false),
    ];
    LoginSettings { wants_work: false, applications, ..LoginSettings::default() }
}

/// Two tenants, `public` and `acme`, with the default rules.
pub fn settings() -> Settings {
    let tenants = [public(), acme()].map(|id| (id.clone(), tenant(id)));
    let keys = KeyRules { algorithm: Algorithm::Es256, interval: Millis::from_hours(7 * 24), max_age: Millis::from_mins(5) };
    let (limits, texts) = (ServerRules::NONE, TextRules::none());
    Settings { public_origin: origin(), tenants: tenants.into(), keys, logins: logins(), limits, texts, webhooks: Vec::new() }
}

fn tenant(id: TenantId) -> Tenant {
    let budget = BudgetRules { limit: 100, trusted_limit: 20, window: Millis::from_hours(24) };
    Tenant {
        id,
        app_name: "Test".to_owned(),
        contact: ContactMethod::Email,
        phone: PhoneRules { default_country: None, channel: Channel::Sms },
        sign_up: SignUp::Open,
        language: "en".to_owned(),
        code_in_subject: true,
        brand: Brand::default(),
        sign_in: SignInRules {
            flow: Flow::UserInputCodeAndMagicLink,
            code: CodeFormat::six_digits(),
            lifetime: Millis::from_mins(10),
            max_attempts: 5,
            resend_gap: Millis::from_secs(15),
            budget,
            guesses: GuessRules::NONE,
            sends: SendRules { per_contact: 0, per_network: 0, per_tenant: 0, window: Millis::from_hours(1) },
            number_match: false,
        },
        session: SessionRules {
            access_lifetime: Millis::from_hours(1),
            refresh_lifetime: Millis::from_hours(100 * 24),
            grace: Millis::from_secs(30),
        },
        destinations: Destinations::new(origin(), "/", &[]).unwrap(),
        web: postkey_model::WebRules::default(),
        back_end: postkey_model::BackEndRules::default(),
        login: postkey_model::LoginRules::default(),
        claims: Vec::new(),
    }
}

pub fn origin() -> Origin {
    Origin::parse("https://login.example.com").unwrap()
}

pub fn public() -> TenantId {
    TenantId::public()
}

pub fn acme() -> TenantId {
    TenantId::parse("acme").unwrap()
}

pub fn secs(n: i64) -> Millis {
    Millis::from_secs(n)
}

pub fn call(tenant: &TenantId, now: Timestamp) -> Call {
    call_from(tenant, now, 7)
}

/// A call from one of many addresses.
pub fn call_from(tenant: &TenantId, now: Timestamp, host: u32) -> Call {
    let address = std::net::Ipv4Addr::from(0x0a00_0000 + host);
    Call {
        now,
        tenant: tenant.clone(),
        client_ip: ClientIp::of(address.into()),
        user_agent: "Mozilla/5.0".to_owned(),
        lang: "en".to_owned(),
        request_id: "test".to_owned(),
    }
}

impl Bed {
    /// Another node on the same database, by other rules if `change` says so. It holds no keys yet.
    pub async fn another_node(&self, change: impl FnOnce(&mut Settings)) -> Node {
        let mut settings = settings();
        change(&mut settings);
        Node::open(&self.location, settings).await
    }

    /// Another node on the same database, started with another secret key. It holds no keys yet.
    pub async fn stranger(&self) -> Node {
        Node::open_with(&self.location, settings(), 7, &[]).await
    }

    /// Another node on the same database with this secret key, which believes the others too. The first node's is 0.
    pub async fn node_with_keys(&self, key: u64, previous: &[u64]) -> Node {
        Node::open_with(&self.location, settings(), key, previous).await
    }

    /// As [`Bed::another_node`], with other rules for the tenants' sign-ins and the keys loaded.
    pub async fn node_with(&self, change: impl Fn(&mut SignInRules)) -> Node {
        self.node_of(|tenant| change(&mut tenant.sign_in)).await
    }

    /// As [`Bed::another_node`], with other tenants and the keys loaded.
    pub async fn node_of(&self, change: impl Fn(&mut Tenant)) -> Node {
        let node = self.another_node(|settings| settings.tenants.values_mut().for_each(&change)).await;
        node.auth.tend_keys(NOW).await.unwrap();
        node
    }
}

impl Node {
    async fn open(location: &Location, settings: Settings) -> Node {
        Node::open_with(location, settings, 0, &[]).await
    }

    async fn open_with(location: &Location, settings: Settings, secret_key: u64, previous: &[u64]) -> Node {
        static SEED: AtomicU64 = AtomicU64::new(1);
        let entropy = Arc::new(Seeded(AtomicU64::new(SEED.fetch_add(1, Ordering::Relaxed) << 40)));
        let root = |number| RootKey::generate(&Seeded(AtomicU64::new(number)));
        let previous: Vec<RootKey> = previous.iter().map(|number| root(*number)).collect();
        let store = Store::open(location, NOW).await.unwrap();
        let (bell, mails) = mpsc::channel(100_000);
        let auth = Auth::new(store, Arc::new(Keyring::new(&root(secret_key)).with_previous(&previous)), entropy, settings, bell);
        Node { auth, mails: Arc::new(Mutex::new((mails, Vec::new()))) }
    }

    /// All mails that were queued for a sign-in, oldest first.
    pub fn mails(&self, id: &SignInId) -> Vec<Mail> {
        let mut mails = self.mails.lock().unwrap();
        while let Ok(message) = mails.0.try_recv() {
            mails.1.push(message);
        }
        mails.1.iter().filter(|message| message.sign_in == *id).map(|message| self.open_mail(message)).collect()
    }

    /// The newest mail for a sign-in.
    pub fn mail(&self, asked: &Asked) -> Mail {
        self.mails(&asked.id).pop().unwrap()
    }

    fn open_mail(&self, message: &Message) -> Mail {
        let plain = self.auth.keyring().open_message(&message.place(), &message.sealed).unwrap();
        let content: MessageContent = serde_json::from_slice(plain.expose()).unwrap();
        let link = content.link.map(|link| {
            let (head, secret) = link.split_once('#').unwrap();
            assert_eq!(
                head,
                format!("https://login.example.com/auth/verify?preAuthSessionId={}&tenantId={}", message.sign_in, message.tenant)
            );
            secret.to_owned()
        });
        Mail {
            kind: content.kind,
            channel: message.channel,
            to: message.to.clone(),
            other: content.other,
            json: String::from_utf8(plain.expose().clone()).unwrap(),
            queued_at: message.queued_at,
            code: content.code,
            link,
        }
    }

    /// Starts a sign-in in `public`.
    pub async fn start(&self, address: &str, now: Timestamp) -> Asked {
        self.start_at(&call(&public(), now), address, None).await.0
    }

    pub async fn start_at(&self, call: &Call, address: &str, trusted: Option<&TrustedDevice>) -> (Asked, Sent) {
        let sent = self.auth.start(call, Wanted { typed: address, trusted, ..Wanted::default() }).await.unwrap();
        let device = sent.device.as_ref().unwrap().expose().clone();
        (Asked { tenant: call.tenant.clone(), id: sent.sign_in.clone(), device }, sent)
    }

    /// Types `typed` into the browser that asked.
    pub async fn by_code(&self, asked: &Asked, typed: &str, now: Timestamp) -> Result<Completed, CompleteError> {
        self.complete_from(&call(&asked.tenant, now), asked, typed).await
    }

    /// The same, from wherever `call` comes.
    pub async fn complete_from(&self, call: &Call, asked: &Asked, typed: &str) -> Result<Completed, CompleteError> {
        let (sign_in, device, typed) = (asked.id.clone(), asked.device.clone(), typed.to_owned());
        self.auth.complete(call, &Proof::Code { sign_in, device, typed }, None).await
    }

    /// Opens the link with this secret.
    pub async fn by_link(&self, asked: &Asked, secret: &str, now: Timestamp) -> Result<Completed, CompleteError> {
        let (sign_in, secret) = (asked.id.clone(), secret.to_owned());
        self.auth.complete(&call(&asked.tenant, now), &Proof::Link { sign_in, secret }, None).await
    }

    /// A whole sign-in in `public`.
    pub async fn signed_in(&self, address: &str, now: Timestamp) -> Completed {
        let asked = self.start(address, now).await;
        self.by_code(&asked, &self.mail(&asked).code.unwrap(), now).await.unwrap()
    }

    /// Collects what was approved elsewhere, in the browser that asked.
    pub async fn by_approval(&self, asked: &Asked, now: Timestamp) -> Result<Completed, CompleteError> {
        let (sign_in, device) = (asked.id.clone(), asked.device.clone());
        self.auth.complete(&call(&asked.tenant, now), &Proof::Approval { sign_in, device }, None).await
    }

    /// Sends another message for `asked`.
    pub async fn resend(&self, asked: &Asked, now: Timestamp) -> Result<Sent, ResendError> {
        self.auth.resend(&call(&asked.tenant, now), &asked.id, &asked.device, ResendAs::Usual).await
    }

    /// What the asking browser sees of a waiting sign-in.
    pub async fn waiting(&self, asked: &Asked, now: Timestamp) -> Option<Waiting> {
        self.auth.waiting(&call(&asked.tenant, now), &asked.id, &asked.device).await.unwrap()
    }

    /// The sign-in as stored.
    pub async fn stored(&self, asked: &Asked) -> SignIn {
        self.auth.store().sign_in(&asked.tenant, &asked.id).await.unwrap().unwrap().sign_in
    }

    pub async fn close(self) {
        self.auth.store().close().await;
    }
}

impl Asked {
    /// What the browser keeps of what was sent in `public`.
    pub fn of(sent: &Sent) -> Asked {
        Asked { tenant: public(), id: sent.sign_in.clone(), device: sent.device.as_ref().unwrap().expose().clone() }
    }
}

/// The last moment before `moment`.
pub fn just_before(moment: Timestamp) -> Timestamp {
    Timestamp(moment.0 - 1)
}

/// The error of a sign-in that did not succeed.
pub fn refused(outcome: Result<Completed, CompleteError>) -> CompleteError {
    match outcome {
        Ok(_) => panic!("somebody got in"),
        Err(error) => error,
    }
}

/// A code of as many signs that is not `right`.
pub fn wrong(right: &str) -> String {
    other_code(right, 1)
}

/// The `n`th code of as many signs that is not `right`.
pub fn other_code(right: &str, n: u64) -> String {
    let digits: String = right.chars().filter(char::is_ascii_digit).collect();
    let number: u64 = digits.parse().unwrap();
    format!("{:0width$}", (number + n) % 10u64.pow(digits.len() as u32), width = digits.len())
}

/// Runs all of `racers` at the same moment, each on a task of its own, and waits for their answers.
pub async fn at_once<T: Send + 'static>(racers: Vec<impl Future<Output = T> + Send + 'static>) -> Vec<T> {
    let barrier = Arc::new(Barrier::new(racers.len()));
    let tasks: Vec<_> = racers
        .into_iter()
        .map(|racer| {
            let barrier = barrier.clone();
            tokio::spawn(async move {
                barrier.wait().await;
                racer.await
            })
        })
        .collect();
    let mut answers = Vec::with_capacity(tasks.len());
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}
