//! `scale`: what a login costs with few users and with many. The users are put in through the store itself.

use crate::login::{People, line, measure};
use crate::post::Post;
use crate::results::Results;
use crate::target::Target;
use postkey_bench::{Options, Server};
use postkey_model::entropy::random;
use postkey_model::{Change, Connection, Entropy, Identity, IdentityId, Millis, RotationPolicy, Session, SessionHandle, TenantId};
use postkey_model::{Timestamp, User, UserId};
use postkey_store::{Location, Store};
use std::io::{Error, Result};
use std::sync::Arc;
use std::time::Duration;

/// Users per commit.
const BATCH: usize = 2000;
/// The moment at which they all signed in last. Any will do; their sessions must only not be dead yet.
const LIFE: Millis = Millis::from_hours(24 * 3650);

/// Runs and prints.
pub async fn bench(results: &Results, target: &Target, sizes: &[usize], clients: usize, seconds: u64) -> Result<()> {
    target.print();
    let mut costs: Vec<(usize, f64)> = Vec::new();
    for size in sizes {
        let folder = std::env::temp_dir().join(format!("postkey-scale-{}-{size}", std::process::id()));
        let outcome = one(results, target, &folder, *size, clients, Duration::from_secs(seconds)).await;
        let _ = std::fs::remove_dir_all(&folder);
        costs.push((*size, outcome?));
    }
    if let (Some((few, cheap)), Some((many, dear))) = (costs.first(), costs.last()) {
        println!("server CPU per login, {many} users to {few}: {:.2}", dear / cheap);
    }
    Ok(())
}

async fn one(results: &Results, target: &Target, folder: &std::path::Path, size: usize, clients: usize, time: Duration) -> Result<f64> {
    target.empty_database()?;
    let data = folder.join("data");
    std::fs::create_dir_all(&data)?;
    let location = match &target.database_url {
        Some(url) => Location::parse(url).map_err(Error::other)?,
        None => Location::Sqlite(data.join("postkey.db")),
    };
    let known = seed(&location, size).await?;
    let server = Server::start(Options { folder: Some(folder.to_owned()), ..target.options() }).await?;
    let post = Post::start(server.client());
    let people = Arc::new(People::new(0, known));
    println!("{size} users");
    let row = measure(&server, &post, &people, clients, time).await?;
    let cost = row.cpu_per_login();
    results.add("scale", line(target, clients, row))?;
    Ok(cost)
}

/// Puts in `size` users, each with an identity and a session.
async fn seed(location: &Location, size: usize) -> Result<Vec<(String, String)>> {
    let entropy = Scatter(std::sync::atomic::AtomicU64::new(1));
    #[allow(clippy::disallowed_methods, reason = "the generator is outside the server: it has no other clock")]
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_err(Error::other)?;
    let now = Timestamp(i64::try_from(now.as_millis()).map_err(Error::other)?);
    let store = Store::open(location, now).await.map_err(Error::other)?;
    let mut known = Vec::with_capacity(size);
    let mut numbers = 0..size;
    loop {
        let part: Vec<usize> = numbers.by_ref().take(BATCH).collect();
        if part.is_empty() {
            break;
        }
        let mut changes = Vec::with_capacity(part.len() * 3);
        for number in part {
            // Not in the order of the numbers: addresses of real people do not arrive sorted.
            let email = format!("u{:08x}@bench.example.com", (number as u32).wrapping_mul(2_654_435_761));
            changes.extend(newcomer(&email, now, &entropy));
            known.push((email, String::new()));
        }
        store.commit(changes).await.map_err(Error::other)?;
    }
    store.close().await;
    Ok(known)
}

fn newcomer(email: &str, now: Timestamp, entropy: &dyn Entropy) -> [Change; 3] {
    let tenant = TenantId::public();
    let user = User { id: UserId::new(now, entropy), tenant: tenant.clone(), created_at: now, version: 0, primary_at: None };
    let identity = Identity {
        id: IdentityId::new(now, entropy),
        user: user.id.clone(),
        tenant: tenant.clone(),
        connection: Connection::Email,
        subject: email.to_owned(),
        created_at: now,
        version: 0,
        provider_email: None,
        verified_at: Some(now),
    };
    let session = Session {
        handle: SessionHandle::new(now, entropy),
        tenant,
        user: user.id.clone(),
        identity: identity.id.clone(),
        policy: RotationPolicy::Grace,
        nonce: random::<16>(entropy).to_vec(),
        generation: 0,
        retired: Vec::new(),
        created_at: now,
        last_seen_at: now,
        expires_at: now + LIFE,
        revoked_at: None,
        client_ip: "192.0.2.1".to_owned(),
        user_agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36".to_owned(),
        back_end: None,
        login: None,
    };
    [Change::UserCreated(user), Change::IdentityCreated(identity), Change::SessionCreated(Box::new(session))]
}

/// Scattered bytes for ids that protect nothing (SplitMix64).
struct Scatter(std::sync::atomic::AtomicU64);

impl Entropy for Scatter {
    fn fill(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, std::sync::atomic::Ordering::Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
        }
    }
}
