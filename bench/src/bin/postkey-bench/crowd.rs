//! People who were here before: users and sessions put in through the store itself, as many as wanted. Everything about
//! them follows from their numbers, so that nobody has to remember ten million refresh tokens.

use crate::target::Target;
use postkey_bench::{Options, Server};
use postkey_model::entropy::random;
use postkey_model::{Change, Connection, Entropy, Identity, IdentityId, Keyring, Millis, RefreshToken, RootKey};
use postkey_model::{RotationPolicy, Session, SessionHandle, TenantId, Timestamp, User, UserId};
use postkey_store::{Location, Store};
use std::io::{Error, Result};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Rows per commit, about.
const BATCH: usize = 8000;
/// How long sessions live from now on: longer than any run.
const LIFE: Millis = Millis::from_hours(24 * 90);
/// The root key of the servers that know them. It protects nothing.
const KEY: &str = "cf4ca57a64067f3e4a8b759b9d708dee70502b539f995fad087f4a79c9d6a76a";

/// A database full of people, and where it lies.
pub struct Crowd {
    /// How many users.
    pub users: u64,
    /// How many sessions; each user has as many as any other.
    pub sessions: u64,
    /// How long it took to put them in.
    pub took: Duration,
    begin: Timestamp,
    folder: PathBuf,
    target: Target,
    keyring: Keyring,
}

impl Crowd {
    /// Makes the database of `target` anew with `users` and their sessions. Its folder goes away with it.
    pub async fn gather(target: &Target, users: u64, sessions: u64) -> Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("postkey-crowd-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        let keyring = Keyring::new(&RootKey::parse(KEY).map_err(Error::other)?);
        let now = now()?;
        let mut crowd = Crowd { users, sessions, took: Duration::ZERO, begin: now, folder, target: target.clone(), keyring };
        std::fs::create_dir_all(crowd.data())?;
        let key = crowd.data().join("secret.key");
        std::fs::write(&key, KEY)?;
        std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        target.empty_database()?;
        let location = match &target.database_url {
            Some(url) => Location::parse(url).map_err(Error::other)?,
            None => Location::Sqlite(crowd.file()),
        };
        let store = Store::open(&location, now).await.map_err(Error::other)?;
        let begin = Instant::now();
        crowd.put_in(&store).await?;
        store.close().await;
        crowd.took = begin.elapsed();
        Ok(crowd)
    }

    async fn put_in(&self, store: &Store) -> Result<()> {
        let per_user = self.sessions / self.users.max(1);
        let mut changes = Vec::with_capacity(BATCH + 64);
        // The next batch is made while the one before is written.
        let mut under_way: Option<tokio::task::JoinHandle<Result<()>>> = None;
        for user in 0..self.users {
            changes.extend(self.newcomer(user));
            changes.extend((0..per_user).map(|nth| Change::SessionCreated(Box::new(self.session(user * per_user + nth)))));
            if changes.len() >= BATCH || user + 1 == self.users {
                let (store, batch) = (store.clone(), std::mem::replace(&mut changes, Vec::with_capacity(BATCH + 64)));
                if let Some(before) = under_way.take() {
                    before.await.map_err(Error::other)??;
                }
                under_way = Some(tokio::spawn(async move { store.commit(batch).await.map(|_| ()).map_err(Error::other) }));
            }
            if user % 100_000 == 99_999 {
                println!("  {} users", user + 1);
            }
        }
        match under_way {
            Some(last) => last.await.map_err(Error::other)?,
            None => Ok(()),
        }
    }

    /// Starts a server on it.
    pub async fn serve(&self) -> Result<Server> {
        Server::start(Options { folder: Some(self.folder.clone()), ..self.target.options() }).await
    }

    /// Where the server keeps its data.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The database's file; of no use on PostgreSQL.
    pub fn file(&self) -> PathBuf {
        self.data().join("postkey.db")
    }

    /// Bytes on disk: the file and its log, or what PostgreSQL says.
    pub fn bytes(&self) -> Result<u64> {
        match &self.target.database_url {
            Some(url) => {
                let size = "SELECT pg_database_size(current_database())";
                let said = std::process::Command::new("psql").args(["-qXAt", url, "-c", size]).output()?;
                String::from_utf8_lossy(&said.stdout).trim().parse().map_err(Error::other)
            }
            None => size_of(&self.file()),
        }
    }

    /// A user's address. Not in the order of the numbers: addresses of real people do not arrive sorted.
    pub fn email(&self, user: u64) -> String {
        format!("u{:08x}@bench.example.com", (user as u32).wrapping_mul(2_654_435_761))
    }

    /// The first refresh token of a session.
    pub fn token(&self, session: u64) -> String {
        RefreshToken::text(&self.keyring, &self.session(session), 0).expose().clone()
    }

    /// Those of `count` sessions, from all over the database; of all, where there are no more.
    pub fn tokens(&self, count: u64) -> Vec<String> {
        let step = (self.sessions / count.max(1)).max(1);
        (0..count.min(self.sessions)).map(|n| self.token(n * step)).collect()
    }

    fn ids(&self, user: u64) -> (UserId, IdentityId) {
        let entropy = Scatter::of(user, 1);
        let at = self.born(user);
        (UserId::new(at, &entropy), IdentityId::new(at, &entropy))
    }

    /// The last second of the past has the last user.
    fn born(&self, user: u64) -> Timestamp {
        Timestamp(self.begin.0 - i64::try_from(self.users - user).unwrap_or_default() * 1000)
    }

    fn newcomer(&self, number: u64) -> [Change; 2] {
        let (user, identity) = self.ids(number);
        let (tenant, at) = (TenantId::public(), self.born(number));
        let identity = Identity {
            id: identity,
            user: user.clone(),
            tenant: tenant.clone(),
            connection: Connection::Email,
            subject: self.email(number),
            created_at: at,
            version: 0,
            provider_email: None,
            verified_at: Some(at),
        };
        let user = User { id: user, tenant, created_at: at, version: 0, primary_at: None };
        [Change::UserCreated(user), Change::IdentityCreated(identity)]
    }

    fn session(&self, number: u64) -> Session {
        let entropy = Scatter::of(number, 2);
        let user = number / (self.sessions / self.users.max(1)).max(1);
        let (id, identity) = self.ids(user);
        let at = self.born(user);
        Session {
            handle: SessionHandle::new(at, &entropy),
            tenant: TenantId::public(),
            user: id,
            identity,
            policy: RotationPolicy::Grace,
            nonce: random::<16>(&entropy).to_vec(),
            generation: 0,
            retired: Vec::new(),
            created_at: at,
            last_seen_at: at,
            expires_at: self.begin + LIFE,
            revoked_at: None,
            client_ip: "192.0.2.1".to_owned(),
            user_agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36".to_owned(),
            back_end: None,
            login: None,
        }
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A SQLite file with its log.
pub fn size_of(file: &Path) -> Result<u64> {
    let wal = PathBuf::from(format!("{}-wal", file.display()));
    Ok(std::fs::metadata(file)?.len() + std::fs::metadata(wal).map_or(0, |log| log.len()))
}

/// Now.
#[allow(clippy::disallowed_methods, reason = "the generator is outside the server: it has no other clock")]
pub fn now() -> Result<Timestamp> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_err(Error::other)?;
    Ok(Timestamp(i64::try_from(now.as_millis()).map_err(Error::other)?))
}

/// Scattered bytes for ids that protect nothing (SplitMix64).
struct Scatter(AtomicU64);

impl Scatter {
    fn of(number: u64, kind: u64) -> Self {
        Scatter(AtomicU64::new((number * 4 + kind).wrapping_mul(0xd134_2543_de82_ef95)))
    }
}

impl Entropy for Scatter {
    fn fill(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
        }
    }
}
