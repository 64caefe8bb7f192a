//! The bed that every test lies in: a fresh database of one engine, raw access to it, and things to store.

use futures_util::FutureExt;
use postkey_model::{
    Account, Actor, Algorithm, Asked, Change, Channel, CodeHash, CodeStrength, Connection, DeviceHash, Event, EventId, EventKind, Flow,
    Identifier, Identity, IdentityId, KeySet, LinkHash, Message, MessageId, Millis, Purpose, RotationPolicy, Sealed, SentCode, Session,
    SessionHandle, SignIn, SignInId, SigningKey, TenantId, Timestamp, User, UserId, Yield,
};
use postkey_store::{CommitError, Location, Store};
use std::collections::hash_map::RandomState;
use std::future::Future;
use std::hash::{BuildHasher, Hasher};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Barrier;

/// The moment at which most tests play.
pub const NOW: Timestamp = Timestamp(1_800_000_000_000);
pub const MINUTE: Millis = Millis::from_mins(1);
/// Longer than any test may take: a wedge is a failure, not a hang.
const LIMIT: Duration = Duration::from_secs(120);

/// Makes of each function two tests, one on each engine, with real threads.
macro_rules! on_both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($bed:ident: $what:ty) $body:block)*) => {
        contract_tests! { (flavor = "multi_thread", worker_threads = 4) $($(#[$meta])* async fn $name($bed: $what) $body)* }
    };
}

/// The same on one thread: commits that are made together are in one group, in the order in which they were made.
macro_rules! in_one_group {
    ($($(#[$meta:meta])* async fn $name:ident($bed:ident: $what:ty) $body:block)*) => {
        contract_tests! { (flavor = "current_thread") $($(#[$meta])* async fn $name($bed: $what) $body)* }
    };
}

macro_rules! contract_tests {
    ($flavor:tt) => {};
    ($flavor:tt $(#[$meta:meta])* async fn $name:ident($bed:ident: $what:ty) $body:block $($rest:tt)*) => {
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn body($bed: $what) $body

            contract_test! { $flavor sqlite, $crate::kit::on_sqlite(|bed| body((&bed).into())) }
            contract_test! { $flavor postgres, $crate::kit::on_postgres(module_path!(), |bed| body((&bed).into())) }
        }
        contract_tests! { $flavor $($rest)* }
    };
}

macro_rules! contract_test {
    (($($flavor:tt)*) $name:ident, $run:expr) => {
        #[tokio::test($($flavor)*)]
        async fn $name() {
            $run.await;
        }
    };
}

/// One open store on a database of its own.
#[derive(Clone)]
pub struct Bed {
    pub store: Store,
    pub location: Location,
}

impl From<&Bed> for Bed {
    fn from(bed: &Bed) -> Bed {
        bed.clone()
    }
}

impl From<&Bed> for Store {
    fn from(bed: &Bed) -> Store {
        bed.store.clone()
    }
}

impl Bed {
    /// Another store on the same database: another node.
    pub async fn another_node(&self) -> Store {
        Store::open(&self.location, NOW).await.unwrap()
    }

    /// The number that a query of ours answers, past the store.
    pub async fn number(&self, sql: &str) -> i64 {
        raw_number(&self.location, sql).await
    }

    /// Runs statements, past the store.
    pub async fn execute(&self, sql: &str) {
        raw_execute(&self.location, sql).await;
    }
}

pub async fn raw_number(location: &Location, sql: &str) -> i64 {
    match location {
        Location::Sqlite(path) => rusqlite::Connection::open(path).unwrap().query_row(sql, [], |row| row.get(0)).unwrap(),
        Location::Postgres(url) => client(url).await.query_one(sql, &[]).await.unwrap().get(0),
    }
}

pub async fn raw_execute(location: &Location, sql: &str) {
    match location {
        Location::Sqlite(path) => rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap(),
        Location::Postgres(url) => client(url).await.batch_execute(sql).await.unwrap(),
    }
}

/// A connection of our own to a PostgreSQL database.
pub async fn client(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Runs `test` on a fresh SQLite file.
pub async fn on_sqlite<F: Future<Output = ()>>(test: impl FnOnce(Bed) -> F) {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::Sqlite(folder.path().join("postkey.db"));
    run(location, test).await;
}

/// Runs `test` on a fresh PostgreSQL database, or says loudly that it did not.
pub async fn on_postgres<F: Future<Output = ()>>(name: &str, test: impl FnOnce(Bed) -> F) {
    let Some(database) = Database::create(name).await else { return };
    let outcome = AssertUnwindSafe(run(database.location.clone(), test)).catch_unwind().await;
    database.drop().await;
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

async fn run<F: Future<Output = ()>>(location: Location, test: impl FnOnce(Bed) -> F) {
    let store = Store::open(&location, NOW).await.unwrap();
    let bed = Bed { store: store.clone(), location };
    assert!(tokio::time::timeout(LIMIT, test(bed)).await.is_ok(), "the test did not end within {LIMIT:?}");
    store.close().await;
}

/// An empty PostgreSQL database.
pub struct Database {
    pub location: Location,
    server: String,
    name: String,
}

impl Database {
    /// A fresh one for the test of this name; `None`, after a loud line, when there is no server.
    pub async fn create(test: &str) -> Option<Database> {
        let Some(server) = server_url() else {
            eprintln!("SKIPPED on PostgreSQL: {test}: set POSTKEY_TEST_POSTGRES");
            return None;
        };
        let name = format!("pk_{:016x}", RandomState::new().build_hasher().finish());
        client(&server).await.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0")).await.unwrap();
        Some(Database { location: Location::Postgres(with_database(&server, &name)), server, name })
    }

    pub async fn drop(self) {
        client(&self.server).await.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name)).await.unwrap();
    }
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

/// Lost, as a commit answers it.
pub const LOST: Answer = Err(CommitError::Lost);

/// What a commit of one change answers when the change gives nothing back.
pub fn applied() -> Answer {
    Ok(vec![Yield::Nothing])
}

/// What a commit of one change answers when the change gives a count back.
pub fn counted(n: i64) -> Answer {
    Ok(vec![Yield::Count(n)])
}

/// Commits one change.
pub async fn commit(store: &Store, change: Change) -> Answer {
    store.commit(vec![change]).await
}

/// How many of these answers were Ok; the others must be Lost.
pub fn winners(answers: &[Answer]) -> usize {
    for answer in answers {
        assert!(matches!(answer, Ok(_) | Err(CommitError::Lost)), "{answer:?}");
    }
    answers.iter().filter(|answer| answer.is_ok()).count()
}

/// What a commit is answered with.
pub type Answer = Result<Vec<Yield>, CommitError>;

/// Runs `make(0)`, `make(1)`… at the same moment, each on a task of its own, and waits for all answers.
pub async fn at_once(stores: &[Store], n: usize, make: impl Fn(usize) -> Vec<Change>) -> Vec<Answer> {
    let barrier = Arc::new(Barrier::new(n));
    let racers: Vec<_> = (0..n)
        .map(|i| {
            let (store, barrier, changes) = (stores[i % stores.len()].clone(), barrier.clone(), make(i));
            tokio::spawn(async move {
                barrier.wait().await;
                store.commit(changes).await
            })
        })
        .collect();
    let mut answers = Vec::with_capacity(n);
    for racer in racers {
        answers.push(racer.await.unwrap());
    }
    answers
}

/// A number that no other call in this process gets.
pub fn next_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// An id in the form of a UUID of version 7, made in order.
pub fn id() -> String {
    format!("01970000-0000-7000-8000-{:012x}", next_number())
}

pub fn public() -> TenantId {
    TenantId::public()
}

pub fn tenant(name: &str) -> TenantId {
    TenantId::parse(name).unwrap()
}

pub fn email(address: &str) -> Identifier {
    Identifier::stored(Connection::Email, address.to_owned())
}

pub fn phone(number: &str) -> Identifier {
    Identifier::stored(Connection::Sms, number.to_owned())
}

pub fn account(name: &str) -> Account {
    Account::stored(name.to_owned())
}

pub fn code(byte: u8) -> SentCode {
    SentCode {
        code: CodeHash::stored(&[byte; 32]),
        link: LinkHash::stored(&[byte ^ 0xff; 32]),
        strength: CodeStrength::Short,
        expires_at: NOW + Millis::from_mins(10),
    }
}

/// An open sign-in of `subject` in the public tenant, with five tries.
pub fn sign_in(subject: &str) -> SignIn {
    SignIn {
        id: SignInId::stored(id()),
        tenant: public(),
        connection: Connection::Email,
        subject: subject.to_owned(),
        account: Account::identifier(Connection::Email, subject),
        flow: Flow::UserInputCodeAndMagicLink,
        device: DeviceHash::stored(&[7; 32]).unwrap(),
        code: code(1),
        sends: 1,
        last_sent_at: NOW,
        attempts: 0,
        max_attempts: 5,
        destination: None,
        purpose: Purpose::SignIn,
        asked: Asked::default(),
        opened_at: None,
        approved_at: None,
        number_tries: 0,
        started_at: NOW,
        ended: None,
    }
}

/// Stores `sign_in` and hands it back.
pub async fn started(store: &Store, sign_in: SignIn) -> SignIn {
    assert_eq!(commit(store, Change::SignInStarted(Box::new(sign_in.clone()))).await, applied());
    sign_in
}

/// The use of a sign-in's code, whatever its account's budget says.
pub fn spent(sign_in: &SignIn) -> Change {
    Change::CodeSpent {
        sign_in: sign_in.id.clone(),
        tenant: sign_in.tenant.clone(),
        subject: sign_in.subject.clone(),
        within_budget: None,
        at: NOW,
    }
}

/// A code that proved an identifier.
pub fn proved(sign_in: &SignIn) -> Change {
    Change::CodeProved { sign_in: sign_in.id.clone(), tenant: sign_in.tenant.clone(), within_budget: None, at: NOW }
}

/// The use of a sign-in's short code, with a budget of `limit`.
pub fn spent_within(sign_in: &SignIn, limit: i64, at: Timestamp) -> Change {
    let within_budget = Some((sign_in.account.clone(), limit));
    Change::CodeSpent { sign_in: sign_in.id.clone(), tenant: sign_in.tenant.clone(), subject: sign_in.subject.clone(), within_budget, at }
}

pub fn failed(sign_in: &SignIn) -> Change {
    Change::AttemptFailed { sign_in: sign_in.id.clone() }
}

/// A wrong code counted against `account` in the public tenant, in a window of one minute.
pub fn guess(account: &Account, limit: i64, at: Timestamp) -> Change {
    let when_spent = event(EventKind::GuessBudgetSpent);
    Change::BudgetSpent { tenant: public(), account: account.clone(), limit, at, window: MINUTE, when_spent }
}

pub fn event(kind: EventKind) -> Event {
    Event { id: EventId::stored(id()), at: NOW, tenant: public(), kind, subject: "somebody".to_owned(), user: None, actor: Actor::Person }
}

pub fn user() -> User {
    User { id: UserId::stored(id()), tenant: public(), created_at: NOW, version: 0, primary_at: None }
}

pub fn identity(user: &UserId, subject: &str) -> Identity {
    Identity {
        id: IdentityId::stored(id()),
        user: user.clone(),
        tenant: public(),
        connection: Connection::Email,
        subject: subject.to_owned(),
        created_at: NOW,
        version: 0,
        provider_email: None,
        verified_at: Some(NOW),
    }
}

/// A session that lives for an hour.
pub fn session(user: &UserId) -> Session {
    Session {
        handle: SessionHandle::stored(id()),
        tenant: public(),
        user: user.clone(),
        identity: IdentityId::stored(id()),
        policy: RotationPolicy::Grace,
        nonce: vec![9; 16],
        generation: 0,
        retired: Vec::new(),
        created_at: NOW,
        last_seen_at: NOW,
        expires_at: NOW + Millis::from_hours(1),
        revoked_at: None,
        client_ip: "192.0.2.7".to_owned(),
        user_agent: "Mozilla/5.0".to_owned(),
        back_end: None,
        login: None,
    }
}

/// Stores `session` and hands it back.
pub async fn opened(store: &Store, session: Session) -> Session {
    assert_eq!(commit(store, Change::SessionCreated(Box::new(session.clone()))).await, applied());
    session
}

/// A refresh of `handle` from `generation`.
pub fn rotated(handle: &SessionHandle, generation: i64, at: Timestamp) -> Change {
    let retired = vec![postkey_model::Retired(generation, at)];
    Change::SessionRotated { handle: handle.clone(), seen_generation: generation, retired, at, expires_at: at + Millis::from_hours(1) }
}

/// A message that is due now.
pub fn message() -> Message {
    Message {
        id: MessageId::stored(id()),
        tenant: public(),
        sign_in: SignInId::stored(id()),
        channel: Channel::Email,
        to: "jane@example.com".to_owned(),
        sealed: Sealed::stored(vec![0, 1, 2, 255]),
        queued_at: NOW,
        next_try_at: NOW,
        tries: 0,
        expires_at: NOW + Millis::from_mins(10),
    }
}

/// Stores `message` and hands it back.
pub async fn queued(store: &Store, message: Message) -> Message {
    assert_eq!(commit(store, Change::MessageQueued(Box::new(message.clone()))).await, applied());
    message
}

/// Claims up to `limit` messages that are due at `due_at`, for a minute.
pub async fn claim(store: &Store, due_at: Timestamp, limit: i64) -> Vec<Message> {
    let mut yields = commit(store, Change::MessagesClaimed { due_at, until: due_at + MINUTE, limit }).await.unwrap();
    assert_eq!(yields.len(), 1);
    match yields.remove(0) {
        Yield::Messages(messages) => messages,
        other => panic!("{other:?} is no list of messages"),
    }
}

pub fn signing_key(number: i64) -> SigningKey {
    SigningKey {
        kid: format!("d-{number}"),
        set: KeySet::SESSION,
        algorithm: Algorithm::Es256,
        number,
        sealed: Sealed::stored(vec![number as u8; 48]),
        created_at: NOW,
        signs_from: NOW + Millis::from_hours(1),
    }
}

/// Every field of a sign-in, for comparing: hashes have no `==`.
pub fn plain(s: &SignIn) -> impl PartialEq + std::fmt::Debug + use<> {
    let ids = (s.id.clone(), s.tenant.clone(), s.connection, s.subject.clone(), s.account.clone(), s.flow);
    let counts = (s.sends, s.last_sent_at, s.attempts, s.max_attempts, s.destination.clone(), s.started_at, s.ended);
    let outside = (s.purpose.clone(), s.asked.clone(), s.opened_at, s.approved_at, s.number_tries);
    (ids, s.device.as_bytes().to_vec(), plain_code(&s.code), counts, outside)
}

/// Every field of a code, for comparing.
pub fn plain_code(c: &SentCode) -> impl PartialEq + std::fmt::Debug + use<> {
    let hash = c.code.as_ref().map(|hash| hash.as_bytes().to_vec());
    let link = c.link.as_ref().map(|hash| hash.as_bytes().to_vec());
    (hash, link, c.strength, c.expires_at)
}

/// Somebody else in the middle of a transaction.
pub enum Rival {
    Sqlite(rusqlite::Connection),
    Postgres(tokio_postgres::Client),
}

impl Rival {
    /// Begins a transaction and runs `sql` in it.
    pub async fn begin(location: &Location, sql: &str) -> Rival {
        let rival = match location {
            Location::Sqlite(path) => Rival::Sqlite(rusqlite::Connection::open(path).unwrap()),
            Location::Postgres(url) => Rival::Postgres(client(url).await),
        };
        let begin = if matches!(rival, Rival::Sqlite(_)) { "BEGIN IMMEDIATE" } else { "BEGIN" };
        rival.run(begin).await;
        rival.run(sql).await;
        rival
    }

    pub async fn run(&self, sql: &str) {
        match self {
            Rival::Sqlite(connection) => connection.execute_batch(sql).unwrap(),
            Rival::Postgres(client) => client.batch_execute(sql).await.unwrap(),
        }
    }
}
