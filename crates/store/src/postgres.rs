//! PostgreSQL: a few committers that group commits, and a few shared reading connections.
//!
//! A group's statements are sent in one go (pipelined), in one fixed lock order, and their guards are looked at
//! before COMMIT. When some guards did not hold, the group is rolled back and run again without those members: they
//! lost. When the server reports a deadlock or a serialisation failure, the members are run one by one.

use crate::queue::Waits;
use crate::statement::{Answer, Statement};
use crate::value::{Record, Value};
use crate::{CommitError, OpenError, Unavailable, migrate, overloaded};
use futures_util::future::{MaybeDone, maybe_done};
use postkey_model::Timestamp;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, NoTls, Statement as Prepared, config::SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

/// The most members one group takes.
const GROUP: usize = 128;
const QUEUE: usize = 4096;
const COMMITTERS: usize = 3;
const READERS: usize = 4;
/// How long a caller waits for a connection or an answer before it is told that the database is away.
const PATIENCE: Duration = Duration::from_secs(5);
/// Any number of our own: whoever migrates holds this lock.
const MIGRATION_LOCK: i64 = 0x706f_7374_6b65_7901;

type Reply = oneshot::Sender<Result<Vec<Answer>, CommitError>>;

struct Waiting {
    statements: Vec<Statement>,
    reply: Reply,
}

#[derive(Clone)]
pub(crate) struct Postgres {
    inner: Arc<Inner>,
}

struct Inner {
    commits: Mutex<Option<mpsc::Sender<Waiting>>>,
    sender: mpsc::WeakSender<Waiting>,
    waits: Waits,
    committers: Mutex<Vec<tokio::task::JoinHandle<()>>>,
    readers: Vec<Link>,
    turn: AtomicUsize,
}

impl Postgres {
    pub(crate) async fn open(url: &str, now: Timestamp) -> Result<Self, OpenError> {
        let mut config: Config = url.parse().map_err(|e| Unavailable(format!("the database URL: {e}")))?;
        config.connect_timeout(PATIENCE).tcp_user_timeout(PATIENCE * 2).keepalives_idle(PATIENCE * 6).application_name("postkey");
        // Migrations take as long as they take, also the waiting for another node's.
        bring_up_to_date(&config, now).await?;
        // Two groups that stand in each other's way are told so sooner than the server's own deadlock check (1 s) would.
        // A hung server must not hang us: it gives up on its own statements, and notices that we are gone.
        let options = config.get_options().unwrap_or_default().to_owned();
        config.options(
            format!("{options} -c statement_timeout=10s -c lock_timeout=400ms -c idle_in_transaction_session_timeout=30s").trim_start(),
        );
        let config = Arc::new(config);
        let (sender, receiver) = mpsc::channel(QUEUE);
        let receiver = Arc::new(Mutex::new(receiver));
        let waits = Waits::default();
        let committer = || tokio::spawn(commit_groups(Link::new(config.clone()), receiver.clone(), waits.clone()));
        let committers = (0..COMMITTERS).map(|_| committer()).collect();
        let readers = (0..READERS).map(|_| Link::new(config.clone())).collect();
        let inner = Inner {
            sender: sender.downgrade(),
            waits,
            commits: Mutex::new(Some(sender)),
            committers: Mutex::new(committers),
            readers,
            turn: AtomicUsize::new(0),
        };
        Ok(Postgres { inner: Arc::new(inner) })
    }

    pub(crate) async fn commit(&self, statements: Vec<Statement>) -> Result<Vec<Answer>, CommitError> {
        let (reply, answer) = oneshot::channel();
        let sender = self.inner.sender.upgrade().ok_or_else(|| Unavailable("the store is closed".to_owned()))?;
        if !self.inner.waits.enter(Instant::now()) {
            return Err(overloaded().into());
        }
        sender.try_send(Waiting { statements, reply }).map_err(|_| {
            self.inner.waits.turn_back();
            overloaded()
        })?;
        drop(sender);
        match tokio::time::timeout(PATIENCE * 3, answer).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(Unavailable("the store is closed".to_owned()).into()),
            Err(_) => Err(late().into()),
        }
    }

    pub(crate) async fn rows(&self, sql: &'static str, params: &[Value]) -> Result<Vec<Record>, Unavailable> {
        let turn = self.inner.turn.fetch_add(1, Ordering::Relaxed);
        let link = &self.inner.readers[turn % self.inner.readers.len()];
        let mut used = None;
        let read = async {
            let session = used.insert(link.session().await?);
            let prepared = session.prepared(sql).await.map_err(away)?;
            session.client.query(&prepared, &as_params(params)).await.map_err(away)
        };
        let Ok(rows) = tokio::time::timeout(PATIENCE, read).await else {
            // A connection that hangs would fail everybody who comes after.
            if let Some(hung) = used {
                link.give_up(&hung);
            }
            return Err(late());
        };
        let rows = rows?;
        rows.iter().map(|row| Record::from_postgres(row).map_err(away)).collect()
    }

    pub(crate) async fn close(&self) {
        self.inner.commits.lock().await.take();
        for committer in self.inner.committers.lock().await.drain(..) {
            let _ = committer.await;
        }
    }
}

fn late() -> Unavailable {
    Unavailable("the database did not answer in time".to_owned())
}

/// The migrations taken in a database; none where there is none of ours.
pub(crate) async fn reach(url: &str) -> Result<Vec<(i64, String)>, Unavailable> {
    let mut config: Config = url.parse().map_err(|e| Unavailable(format!("the database URL: {e}")))?;
    config.connect_timeout(PATIENCE);
    let client = connect(&config).await?;
    let look = async {
        let ours = client.query_one("SELECT to_regclass('migrations') IS NOT NULL", &[]).await?;
        if !ours.get::<_, bool>(0) {
            return Ok(Vec::new());
        }
        let rows = client.query(migrate::TAKEN, &[]).await?;
        Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
    };
    match tokio::time::timeout(PATIENCE, look).await {
        Ok(answer) => answer.map_err(away),
        Err(_) => Err(late()),
    }
}

/// What a driver error says to the log, with its cause.
pub(crate) fn away(e: tokio_postgres::Error) -> Unavailable {
    match std::error::Error::source(&e) {
        Some(cause) => Unavailable(format!("{e}: {cause}")),
        None => Unavailable(e.to_string()),
    }
}

/// One connection that is made when it is needed and made again when it broke.
struct Link {
    config: Arc<Config>,
    session: Mutex<Option<Arc<DbSession>>>,
}

struct DbSession {
    client: Client,
    prepared: std::sync::Mutex<HashMap<&'static str, Prepared>>,
}

impl Link {
    fn new(config: Arc<Config>) -> Self {
        Link { config, session: Mutex::new(None) }
    }

    async fn session(&self) -> Result<Arc<DbSession>, Unavailable> {
        let mut slot = self.session.lock().await;
        if let Some(session) = slot.as_ref().filter(|s| !s.client.is_closed()) {
            return Ok(session.clone());
        }
        let client = connect(&self.config).await?;
        let session = Arc::new(DbSession { client, prepared: std::sync::Mutex::default() });
        *slot = Some(session.clone());
        Ok(session)
    }

    /// Drops a connection that hangs, unless it is replaced already, or just now.
    fn give_up(&self, hung: &Arc<DbSession>) {
        if let Ok(mut slot) = self.session.try_lock()
            && slot.as_ref().is_some_and(|session| Arc::ptr_eq(session, hung))
        {
            slot.take();
        }
    }

    /// Drops the connection: whatever state it was in, the next one begins clean.
    async fn drop_session(&self) {
        self.session.lock().await.take();
    }
}

impl DbSession {
    async fn prepared(&self, sql: &'static str) -> Result<Prepared, tokio_postgres::Error> {
        if let Some(found) = self.known(sql) {
            return Ok(found);
        }
        // The two places where a write differs between the engines: on PostgreSQL others write at the same time.
        let text = sql
            .replace("/*skip locked*/", "FOR UPDATE SKIP LOCKED")
            .replace("/*for update*/", "FOR UPDATE")
            .replace("/*for share*/", "FOR SHARE");
        let prepared = self.client.prepare(&text).await?;
        self.prepared.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(sql, prepared.clone());
        Ok(prepared)
    }

    fn known(&self, sql: &'static str) -> Option<Prepared> {
        self.prepared.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get(sql).cloned()
    }
}

/// Connects and signs in. A server that takes the connection and then says nothing is given up like one that is not
/// there; the driver's own time limit ends with the TCP handshake.
async fn connect(config: &Config) -> Result<Client, Unavailable> {
    let hosts = u32::try_from(config.get_hosts().len()).unwrap_or(1).max(1);
    tokio::time::timeout(PATIENCE * hosts, connect_at_leisure(config)).await.unwrap_or_else(|_| Err(late()))
}

/// Connects and signs in, however long it takes: in the clear on this machine, and by TLS everywhere else.
pub(crate) async fn connect_at_leisure(config: &Config) -> Result<Client, Unavailable> {
    let local = !config.get_hosts().is_empty() && config.get_hosts().iter().all(is_local);
    if config.get_ssl_mode() == SslMode::Disable || (local && config.get_ssl_mode() != SslMode::Require) {
        let (client, connection) = config.connect(NoTls).await.map_err(away)?;
        drive(connection);
        return Ok(client);
    }
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| Unavailable(e.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let (client, connection) = config.connect(MakeRustlsConnect::new(tls)).await.map_err(away)?;
    drive(connection);
    Ok(client)
}

fn is_local(host: &tokio_postgres::config::Host) -> bool {
    match host {
        tokio_postgres::config::Host::Tcp(name) => matches!(name.as_str(), "localhost" | "127.0.0.1" | "::1"),
        tokio_postgres::config::Host::Unix(_) => true,
    }
}

fn drive<C>(connection: C)
where
    C: Future<Output = Result<(), tokio_postgres::Error>> + Send + 'static,
{
    tokio::spawn(async move {
        if let Err(e) = connection.await {
            tracing::warn!(error = %away(e), "a database connection ended");
        }
    });
}

async fn bring_up_to_date(config: &Config, now: Timestamp) -> Result<(), OpenError> {
    let mut client = connect(config).await?;
    let tx = client.transaction().await.map_err(away)?;
    // Another node may migrate for long, and so may we.
    tx.batch_execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0").await.map_err(away)?;
    tx.execute("SELECT pg_advisory_xact_lock($1)", &[&MIGRATION_LOCK]).await.map_err(away)?;
    tx.batch_execute(migrate::TABLE).await.map_err(away)?;
    let rows = tx.query(migrate::TAKEN, &[]).await.map_err(away)?;
    let taken: Vec<(i64, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    for step in migrate::missing(&taken)? {
        tx.batch_execute(&step.for_postgres()).await.map_err(away)?;
        tx.execute(migrate::TAKE, &[&step.number, &step.checksum(), &now.0]).await.map_err(away)?;
    }
    tx.commit().await.map_err(away)?;
    Ok(())
}

fn as_params(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|v| v as &(dyn ToSql + Sync)).collect()
}

async fn commit_groups(link: Link, waiting: Arc<Mutex<mpsc::Receiver<Waiting>>>, waits: Waits) {
    loop {
        let mut group = Vec::new();
        // Only one committer gathers at a time: while it writes, the next one gathers.
        if waiting.lock().await.recv_many(&mut group, GROUP).await == 0 {
            return;
        }
        waits.leave(group.len());
        commit_group(&link, group).await;
    }
}

async fn commit_group(link: &Link, mut group: Vec<Waiting>) {
    // A caller that gave up before we began is not written: it was told nothing, and it may come again.
    group.retain(|member| !member.reply.is_closed());
    while !group.is_empty() {
        let tried = tokio::time::timeout(PATIENCE * 2, try_group(link, &group)).await;
        match tried.unwrap_or_else(|_| Err(Failure::Away(late()))) {
            Ok(Outcome::Written(answers)) => {
                postkey_metrics::COMMIT_GROUP.observe(&[], group.len() as u64 * 1_000_000);
                for (member, answers) in group.into_iter().zip(answers) {
                    let _ = member.reply.send(Ok(answers));
                }
                return;
            }
            Ok(Outcome::Lost(lost)) => {
                let mut lost = lost.into_iter();
                group = group
                    .into_iter()
                    .filter_map(|member| {
                        if lost.next() == Some(true) {
                            let _ = member.reply.send(Err(CommitError::Lost));
                            return None;
                        }
                        Some(member)
                    })
                    .collect();
            }
            Err(Failure::Refused { .. }) if group.len() > 1 => {
                for member in group {
                    Box::pin(commit_group(link, vec![member])).await;
                }
                return;
            }
            Err(Failure::Refused { collision: true, .. }) => {
                for member in group {
                    let _ = member.reply.send(Err(CommitError::Lost));
                }
                return;
            }
            // One member alone, refused for what it says: taken back, and the connection is as good as before.
            Err(Failure::Refused { why, .. }) => {
                tracing::error!(error = %why, "a commit was refused by the database");
                for member in group {
                    let _ = member.reply.send(Err(why.clone().into()));
                }
                return;
            }
            Err(Failure::Away(why)) => {
                link.drop_session().await;
                tracing::error!(error = %why, "a group of commits was not written");
                for member in group {
                    let _ = member.reply.send(Err(why.clone().into()));
                }
                return;
            }
        }
    }
}

enum Outcome {
    /// Each member's answers, on disk.
    Written(Vec<Vec<Answer>>),
    /// Nothing was written; true for each member whose guard did not hold.
    Lost(Vec<bool>),
}

enum Failure {
    /// The server refused a statement: because two transactions stood in each other's way, or for a reason that
    /// lies with one member. Run alone, each member learns which.
    Refused { collision: bool, why: Unavailable },
    /// The database does not work.
    Away(Unavailable),
}

impl From<tokio_postgres::Error> for Failure {
    fn from(e: tokio_postgres::Error) -> Self {
        let collisions = [&SqlState::T_R_DEADLOCK_DETECTED, &SqlState::T_R_SERIALIZATION_FAILURE, &SqlState::LOCK_NOT_AVAILABLE];
        let collision = e.code().is_some_and(|code| collisions.contains(&code));
        // Classes 08, 53, 57, 58 (SQLSTATE): the connection broke; the server is out of something, stopping, or ill.
        // That is nobody's fault, and what was sent may have been written: it must not be run again.
        let ill = e.code().is_none_or(|code| matches!(code.code().get(..2), Some("08" | "53" | "57" | "58")));
        if ill { Failure::Away(away(e)) } else { Failure::Refused { collision, why: away(e) } }
    }
}

async fn try_group(link: &Link, group: &[Waiting]) -> Result<Outcome, Failure> {
    let session = link.session().await.map_err(Failure::Away)?;
    let outcome = run_group(&session, group).await;
    let end = match &outcome {
        Ok(Outcome::Written(_)) => "COMMIT",
        Ok(Outcome::Lost(_)) | Err(_) => "ROLLBACK",
    };
    match (outcome, session.client.batch_execute(end).await) {
        (Ok(outcome), Ok(())) => Ok(outcome),
        (Ok(_), Err(e)) => Err(e.into()),
        (Err(failure), Ok(())) => Err(failure),
        (Err(failure), Err(_)) => {
            // What was begun could not be taken back: the next group must not find itself inside it.
            link.drop_session().await;
            Err(failure)
        }
    }
}

/// Sends BEGIN and the whole group's statements in one go and looks at the guards.
async fn run_group(session: &DbSession, group: &[Waiting]) -> Result<Outcome, Failure> {
    let mut order: Vec<(usize, usize)> =
        group.iter().enumerate().flat_map(|(m, member)| (0..member.statements.len()).map(move |s| (m, s))).collect();
    order.sort_by(|a, b| group[a.0].statements[a.1].lock.cmp(&group[b.0].statements[b.1].lock));
    let mut prepared = Vec::with_capacity(order.len());
    for &(m, s) in &order {
        prepared.push(session.prepared(group[m].statements[s].sql).await?);
    }
    let begin = session.client.batch_execute("BEGIN");
    let runs = order.iter().zip(&prepared).map(|(&(m, s), prepared)| run(session, prepared, &group[m].statements[s]));
    let (begun, answers) = in_order(begin, runs).await;
    begun?;
    let mut by_member: Vec<Vec<Option<Answer>>> = group.iter().map(|m| m.statements.iter().map(|_| None).collect()).collect();
    let mut lost = vec![false; group.len()];
    for (&(m, s), answer) in order.iter().zip(answers) {
        let answer = answer?;
        lost[m] |= !group[m].statements[s].guard.holds(&answer);
        by_member[m][s] = Some(answer);
    }
    if lost.contains(&true) {
        return Ok(Outcome::Lost(lost));
    }
    Ok(Outcome::Written(by_member.into_iter().map(|answers| answers.into_iter().flatten().collect()).collect()))
}

async fn run(session: &DbSession, prepared: &Prepared, statement: &Statement) -> Result<Answer, tokio_postgres::Error> {
    let params = as_params(&statement.params);
    if prepared.columns().is_empty() {
        let affected = session.client.execute(prepared, &params).await?;
        return Ok(Answer { affected, rows: Vec::new() });
    }
    let rows = session.client.query(prepared, &params).await?;
    let rows = rows.iter().map(Record::from_postgres).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer { affected: rows.len() as u64, rows })
}

/// Starts `first`, then each of `rest`, in this order (a request is sent when its future is first polled), and
/// waits for all. The first answer is there before the last one, so waiting one by one wastes nothing.
async fn in_order<A, B>(first: impl Future<Output = A>, rest: impl Iterator<Item = impl Future<Output = B>>) -> (A, Vec<B>) {
    let mut first = Box::pin(maybe_done(first));
    let mut rest: Vec<Pin<Box<MaybeDone<_>>>> = rest.map(|f| Box::pin(maybe_done(f))).collect();
    std::future::poll_fn(|cx| {
        let _ = first.as_mut().poll(cx);
        for f in &mut rest {
            let _ = f.as_mut().poll(cx);
        }
        std::task::Poll::Ready(())
    })
    .await;
    let head = finish(first).await;
    let mut tail = Vec::with_capacity(rest.len());
    for f in rest {
        tail.push(finish(f).await);
    }
    (head, tail)
}

async fn finish<F: Future>(mut future: Pin<Box<MaybeDone<F>>>) -> F::Output {
    loop {
        future.as_mut().await;
        if let Some(output) = future.as_mut().take_output() {
            return output;
        }
    }
}
