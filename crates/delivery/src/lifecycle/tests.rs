//! Services that are told, by workers on a real store: what arrives, signed, again and again until it is taken.

use super::*;
use crate::fake::{Asked, Fake, MovedClock, Say};
use crate::samples::ASKED_AT;
use data_encoding::BASE64;
use postkey_model::{Actor, Event, EventId, TenantId, UserId};
use postkey_store::Location;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BEFORE: &str = "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";

/// Draws the middle: no try is earlier or later.
struct Middle;
impl Entropy for Middle {
    fn fill(&self, out: &mut [u8]) {
        out.fill(128);
    }
}

struct Town {
    store: Store,
    clock: Arc<MovedClock>,
    due: Arc<Notify>,
    _folder: tempfile::TempDir,
}

fn listener(name: &str, url: &str, kinds: &[LifecycleKind]) -> Listener {
    let subscription = Subscription { endpoint: name.to_owned(), kinds: kinds.to_vec(), tenants: Vec::new() };
    let secrets = [SECRET, BEFORE].map(|secret| Secret::new(secret.to_owned())).to_vec();
    let settings = ListenerSettings { subscription, url: format!("{url}/hook"), secrets, extra_root: None };
    Listener::new(&settings).unwrap().with_patience(Duration::from_millis(300))
}

impl Town {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Location::Sqlite(folder.path().join("x.db")), ASKED_AT).await.unwrap();
        Town { store, clock: MovedClock::at(ASKED_AT), due: Arc::default(), _folder: folder }
    }

    fn start(&self, listeners: Vec<Listener>) -> Lifecycle {
        let (store, clock, due) = (self.store.clone(), self.clock.clone(), self.due.clone());
        Lifecycle::start(LifecycleParts { store, clock, entropy: Arc::new(Middle), listeners, due })
    }

    /// Something happens, which waits for these services.
    async fn happens(&self, id: &str, kind: EventKind, endpoints: &[&str]) {
        let event = Event {
            id: EventId::stored(id.to_owned()),
            at: ASKED_AT,
            tenant: TenantId::public(),
            kind,
            subject: "the-session".to_owned(),
            user: Some(UserId::stored("u1".to_owned())),
            actor: Actor::Person,
        };
        let mut changes = vec![Change::EventRecorded(event.clone())];
        for endpoint in endpoints {
            let queued = WebhookChange::Queued { endpoint: (*endpoint).to_owned(), event: event.id.clone(), due_at: ASKED_AT };
            changes.push(Change::Webhook(Box::new(queued)));
        }
        self.store.commit(changes).await.unwrap();
        self.due.notify_waiters();
    }

    /// How many wait, and how many are given up, of all services.
    async fn left(&self) -> (i64, i64) {
        let all = self.store.webhooks_waiting().await.unwrap();
        (all.iter().map(|one| one.waiting).sum(), all.iter().map(|one| one.given_up).sum())
    }

    async fn until(&self, left: (i64, i64)) {
        for _ in 0..1000 {
            if self.left().await == left {
                return;
            }
            sleep(Duration::from_millis(10)).await;
        }
        panic!("{:?} are left, not {left:?}", self.left().await);
    }
}

async fn asked(fake: &Fake, count: usize) -> Vec<Asked> {
    for _ in 0..1000 {
        if fake.asked().len() >= count {
            return fake.asked();
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("asked {} times, not {count}", fake.asked().len());
}

/// As a receiver would, with HMAC from another library than the sender's.
fn is_signed_with(asked: &Asked, secret: &str) -> bool {
    use ::hmac::{Hmac, KeyInit, Mac};
    let key = BASE64.decode(secret.strip_prefix("whsec_").unwrap().as_bytes()).unwrap();
    let signed = format!("{}.{}.{}", asked.headers["webhook-id"], asked.headers["webhook-timestamp"], asked.body);
    let signatures = asked.headers["webhook-signature"].split(' ').map(|one| one.strip_prefix("v1,").unwrap());
    let fits = |one: &str| {
        let mac = <Hmac<sha2::Sha256>>::new_from_slice(&key).unwrap().chain_update(signed.as_bytes());
        mac.verify_slice(&BASE64.decode(one.as_bytes()).unwrap()).is_ok()
    };
    signatures.filter(|one| fits(one)).count() == 1
}

#[tokio::test]
async fn a_service_is_told_what_happened_signed_with_both_secrets() {
    let (town, fake) = (Town::new().await, Fake::saying("204 No Content", "", ""));
    let workers = town.start(vec![listener("crm", &fake.url, &LifecycleKind::ALL)]);
    town.happens("e1", EventKind::SignedIn, &["crm"]).await;
    town.until((0, 0)).await;
    let one = fake.asked().remove(0);
    assert_eq!((one.line.as_str(), one.headers["webhook-id"].as_str()), ("POST /hook HTTP/1.1", "e1"));
    assert!(is_signed_with(&one, SECRET) && is_signed_with(&one, BEFORE));
    assert!(!is_signed_with(&Asked { body: one.body.replace("u1", "u2"), ..one.clone() }, SECRET));
    let body: serde_json::Value = serde_json::from_str(&one.body).unwrap();
    let data = serde_json::json!({ "tenant": "public", "user": "u1", "session": "the-session", "actor": "person" });
    assert_eq!(body, serde_json::json!({ "type": "user.signed_in", "timestamp": "2027-01-15T08:00:00.000Z", "data": data }));
    workers.stop().await;
}

#[tokio::test]
async fn what_was_linked_is_named_where_it_had_a_name_of_its_own() {
    let (town, fake) = (Town::new().await, Fake::saying("204 No Content", "", ""));
    let workers = town.start(vec![listener("crm", &fake.url, &LifecycleKind::ALL)]);
    town.happens("e1", EventKind::IdentityUnlinked, &["crm"]).await;
    town.until((0, 0)).await;
    let body: serde_json::Value = serde_json::from_str(&fake.asked().remove(0).body).unwrap();
    let data = serde_json::json!({ "tenant": "public", "user": "u1", "identity": "the-session", "actor": "person" });
    assert_eq!((&body["type"], &body["data"]), (&serde_json::json!("user.unlinked"), &data));
    workers.stop().await;
}

#[tokio::test]
async fn what_was_not_taken_comes_again_under_the_same_id() {
    let town = Town::new().await;
    let fake = Fake::start(|number, _| match number {
        0 => Say::This("500 Oops", "", "no \u{7}\n room".to_owned()),
        1 => Say::HangUp,
        2 => Say::Nothing,
        _ => Say::This("200 OK", "", String::new()),
    });
    let workers = town.start(vec![listener("crm", &fake.url, &LifecycleKind::ALL)]);
    town.happens("e1", EventKind::UserCreated, &["crm"]).await;
    let mut before = String::new();
    for count in 1..=4 {
        asked(&fake, count).await;
        if count == 4 {
            break;
        }
        // Before the clock moves on, what came of it is noted.
        for _ in 0..1000 {
            let stuck = town.store.webhooks_stuck("crm", 1).await.unwrap();
            if stuck.first().is_some_and(|stuck| stuck.answer != before) {
                before = stuck[0].answer.clone();
                break;
            }
            sleep(Duration::from_millis(10)).await;
        }
        if count == 1 {
            assert_eq!(before, "HTTP 500 no  room");
            assert_eq!(town.store.next_webhook_due("crm").await.unwrap(), Some(ASKED_AT + WAITS[0]));
        }
        town.clock.forward(Millis::from_mins(3));
    }
    town.until((0, 0)).await;
    assert!(fake.asked().iter().all(|asked| asked.headers["webhook-id"] == "e1"));
    workers.stop().await;
}

#[tokio::test]
async fn a_service_that_is_down_holds_up_no_other() {
    let town = Town::new().await;
    let (down, up) = (Fake::start(|_, _| Say::Nothing), Fake::saying("200 OK", "", ""));
    let workers = town.start(vec![listener("down", &down.url, &LifecycleKind::ALL), listener("up", &up.url, &LifecycleKind::ALL)]);
    for n in 0..50 {
        town.happens(&format!("e{n}"), EventKind::SignedIn, &["down", "up"]).await;
    }
    town.until((50, 0)).await;
    assert_eq!(up.asked().len(), 50);
    workers.stop().await;
}

#[tokio::test]
async fn whoever_wants_no_more_gets_no_more_and_what_nobody_wants_is_not_posted() {
    let (town, fake) = (Town::new().await, Fake::saying("410 Gone", "", ""));
    let workers = town.start(vec![listener("crm", &fake.url, &[LifecycleKind::UserCreated])]);
    town.happens("e1", EventKind::UserCreated, &["crm"]).await;
    // Queued by a node with another config.
    town.happens("e2", EventKind::UserRemoved, &["crm"]).await;
    town.until((0, 1)).await;
    assert_eq!(fake.asked().len(), 1);
    workers.stop().await;
}

#[tokio::test]
async fn what_waits_is_found_after_a_start_and_after_a_worker_that_died() {
    let (town, fake) = (Town::new().await, Fake::saying("200 OK", "", ""));
    town.happens("e1", EventKind::UserCreated, &["crm"]).await;
    // A worker took it and died.
    let claim = WebhookChange::Claimed { endpoint: "crm".to_owned(), due_at: ASKED_AT, until: ASKED_AT + CLAIM, limit: 9 };
    town.store.commit(vec![Change::Webhook(Box::new(claim))]).await.unwrap();
    town.happens("e2", EventKind::UserCreated, &["crm"]).await;
    let workers = town.start(vec![listener("crm", &fake.url, &LifecycleKind::ALL)]);
    town.until((1, 0)).await;
    town.clock.forward(CLAIM);
    town.until((0, 0)).await;
    assert_eq!(fake.asked().len(), 2);
    workers.stop().await;
}

#[tokio::test]
async fn the_schedule_ends_after_days() {
    let town = Town::new().await;
    let worker = Worker {
        store: town.store.clone(),
        clock: town.clock.clone(),
        entropy: Arc::new(Middle),
        listener: listener("crm", "http://127.0.0.1:9", &LifecycleKind::ALL),
        due: town.due.clone(),
    };
    assert_eq!(worker.next_try(1, None), Some(ASKED_AT + Millis::from_secs(5)));
    assert_eq!(worker.next_try(1, Some(Millis::from_mins(7))), Some(ASKED_AT + Millis::from_mins(7)), "as the service asks");
    assert_eq!(worker.next_try(13, None), Some(ASKED_AT + Millis::from_hours(24)));
    assert_eq!(worker.next_try(14, None), None);
    let days = WAITS.iter().map(|wait| wait.0).sum::<i64>() as f64 / 86_400_000.0;
    assert!((3.4..3.8).contains(&days), "{days}");
}
