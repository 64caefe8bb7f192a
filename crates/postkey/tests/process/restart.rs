//! Two nodes on one database behind a round robin that asks `/ready`: restarted one after the other under load, they fail
//! no request.

use crate::database::Postgres;
use crate::kit::{KEY, NO_LIMITS, options, signed_in};
use postkey_bench::{Answer, Client, Jar, Options, Server};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

const NODES: usize = 2;
const WORKERS: usize = 6;
/// How often the round robin asks who is ready; the grace is some ten times as long.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const GRACE: &str = "1200ms";

/// What the round robin knows of a node.
struct Node {
    public: SocketAddr,
    private: SocketAddr,
    is_ready: AtomicBool,
    /// Counts how often it came back: connections from before are not used again.
    life: AtomicU64,
    /// Requests that it answered.
    answered: AtomicU64,
}

/// Who asks which node next.
struct Robin {
    nodes: [Node; NODES],
    turn: AtomicU64,
    names: AtomicU64,
    stop: AtomicBool,
}

impl Robin {
    /// The next node that is ready; one that is not when none is, as proxies do.
    fn next(&self) -> usize {
        let first = self.turn.fetch_add(1, Ordering::Relaxed) as usize;
        let mut order = (0..NODES).map(|step| (first + step) % NODES);
        order.find(|node| self.nodes[*node].is_ready.load(Ordering::SeqCst)).unwrap_or(first % NODES)
    }

    /// Asks every node again and again.
    async fn look(self: Arc<Self>) {
        while !self.stop.load(Ordering::Relaxed) {
            for node in &self.nodes {
                let answer = Client::new(node.public, "localhost").send("GET", "/ready", &[], None).await;
                let is_ready = answer.is_ok_and(|answer| answer.status == 200);
                if is_ready && !node.is_ready.swap(is_ready, Ordering::SeqCst) {
                    node.life.fetch_add(1, Ordering::SeqCst);
                }
                node.is_ready.store(is_ready, Ordering::SeqCst);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

/// One of those who ask, with a kept connection to each listener of each node.
struct Worker {
    robin: Arc<Robin>,
    kept: Vec<(u64, Client)>,
}

impl Worker {
    fn new(robin: Arc<Robin>) -> Self {
        let clients = |node: &Node| [node.public, node.private].map(|address| (0, Client::new(address, "localhost")));
        let kept = robin.nodes.iter().flat_map(clients).collect();
        Worker { robin, kept }
    }

    /// Sends a request to the next node. Anything but an answer below 500 is a failure.
    async fn send(&mut self, private: bool, method: &str, path: &str, headers: &[(&str, &str)], body: Option<(&str, &[u8])>) -> Answer {
        let turn = self.robin.next();
        let node = &self.robin.nodes[turn];
        let (life, client) = &mut self.kept[turn * 2 + usize::from(private)];
        let now = node.life.load(Ordering::SeqCst);
        if *life != now {
            *client = Client::new(if private { node.private } else { node.public }, "localhost");
            *life = now;
        }
        let answer = client.send(method, path, headers, body).await;
        let answer = answer.unwrap_or_else(|e| panic!("{method} {path} at node {turn}: {e}"));
        assert!(answer.status < 500, "{method} {path} at node {turn}: {} {}", answer.status, answer.text());
        node.answered.fetch_add(1, Ordering::Relaxed);
        answer
    }

    async fn core(&mut self, path: &str, body: &Value) -> Value {
        let headers = [("rid", "passwordless"), ("cdi-version", "5.1")];
        let answer = self.send(true, "POST", path, &headers, Some(("application/json", body.to_string().as_bytes()))).await;
        serde_json::from_slice(&answer.body).unwrap_or_else(|e| panic!("{path}: {e}: {}", answer.text()))
    }

    /// Looks at the page, makes a code by way of one node and uses it by way of another, and refreshes a session.
    async fn work(mut self, mut jar: Jar) {
        while !self.robin.stop.load(Ordering::Relaxed) {
            assert_eq!(self.send(false, "GET", "/auth", &[], None).await.status, 200);
            let email = format!("r{}@example.com", self.robin.names.fetch_add(1, Ordering::Relaxed));
            let made = self.core("/recipe/signinup/code", &json!({ "email": email })).await;
            assert_eq!(made["status"], "OK", "{made}");
            let typed = ["preAuthSessionId", "deviceId", "userInputCode"].map(|key| (key.to_owned(), made[key].clone()));
            let used = self.core("/recipe/signinup/code/consume", &Value::Object(typed.into_iter().collect())).await;
            assert_eq!(used["status"], "OK", "{used}");
            let path = "/auth/session/refresh";
            let cookie = jar.header(path);
            let answer = self.send(false, "POST", path, &[("cookie", &cookie)], None).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            jar.take(&answer);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_restarted_one_after_the_other_fail_no_request() {
    let Some(postgres) = Postgres::start() else { return };
    let config = format!("log = \"info\"\nsecret_key = \"{KEY}\"\nshutdown_grace = \"{GRACE}\"\n{NO_LIMITS}");
    let options = || Options { database_url: Some(postgres.url.clone()), config: config.clone(), ..options() };
    let mut servers = [Server::start(options()).await.unwrap(), Server::start(options()).await.unwrap()];
    let mut jars = Vec::new();
    for n in 0..WORKERS {
        jars.push(signed_in(&servers[n % NODES], &format!("worker{n}@example.com")).await.jar);
    }
    let nodes = servers.each_ref().map(|server| Node {
        public: server.public(),
        private: server.private(),
        is_ready: AtomicBool::new(true),
        life: AtomicU64::new(0),
        answered: AtomicU64::new(0),
    });
    let robin = Arc::new(Robin { nodes, turn: AtomicU64::new(0), names: AtomicU64::new(0), stop: AtomicBool::new(false) });
    let looking = tokio::spawn(robin.clone().look());
    let workers: Vec<_> = jars.into_iter().map(|jar| tokio::spawn(Worker::new(robin.clone()).work(jar))).collect();
    let answered = |node: usize| robin.nodes[node].answered.load(Ordering::Relaxed);

    for turn in 0..2 * NODES {
        let node = turn % NODES;
        let before = answered(node);
        while answered(node) < before + 20 {
            assert!(!workers.iter().any(|worker| worker.is_finished()), "a request failed");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(servers[node].stop().await.unwrap().code(), Some(0), "{}", servers[node].log());
        assert!(servers[node].log().contains("/ready says no"), "{}", servers[node].log());
        servers[node].start_again().await.unwrap();
        while !robin.nodes[node].is_ready.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    robin.stop.store(true, Ordering::Relaxed);
    looking.await.unwrap();
    for worker in workers {
        worker.await.unwrap();
    }
    eprintln!("{} and {} requests, none failed", answered(0), answered(1));
}
