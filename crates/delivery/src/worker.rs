//! The worker: claims, renders, sends with no transaction open, marks. A crash anywhere leaves the message's row;
//! the claim on it lapses and somebody sends it, unless its code died meanwhile.

use crate::{SendError, Templates, Transport, smtp};
use postkey_model::entropy::random;
use postkey_model::{Change, Clock, Entropy, Keyring, Message, MessageContent, MessageId, Millis, Timestamp, Yield};
use postkey_store::{CommitError, Store};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

/// Messages under way at once.
const AT_ONCE: usize = 32;
/// How long a claim on a message lasts.
const CLAIM: Millis = Millis::from_secs(60);
/// A message is only sent while this much of its claim is left: what sending takes at most, and writing that down.
/// The first claim is made with the message and lasts 30 seconds.
const SENDING: Millis = Millis(smtp::PATIENCE.as_millis() as i64 + 2_000);
/// The least life a code must have left for its message to be worth sending.
const LEAST_LIFE: Millis = Millis::from_secs(15);
/// How often the outbox is looked at for messages whose claim lapsed.
const LOOK_EVERY: Duration = Duration::from_millis(1000);
/// How long messages under way may take once the post room was asked to stop, and how long noting their end may take.
const FAREWELL: Duration = Duration::from_secs(10);
/// How many messages one look takes.
const PER_LOOK: i64 = 64;

/// What the post room works with.
pub struct PostRoomParts {
    /// The shelf.
    pub store: Store,
    /// Opens sealed messages.
    pub keyring: Arc<Keyring>,
    /// Spreads retries.
    pub entropy: Arc<dyn Entropy>,
    /// The worker's clock.
    pub clock: Arc<dyn Clock>,
    /// What messages look like.
    pub templates: Templates,
    /// How they leave.
    pub transport: Transport,
}

/// The running post room.
pub struct PostRoom {
    stop: watch::Sender<bool>,
    worker: JoinHandle<()>,
    marker: JoinHandle<()>,
}

impl PostRoom {
    /// Starts work. Fresh messages come in by `bell`; everything else is found in the outbox.
    pub fn start(parts: PostRoomParts, bell: mpsc::Receiver<Message>) -> Self {
        let parts = Arc::new(parts);
        let (stop, stopped) = watch::channel(false);
        let (marks, to_mark) = mpsc::channel(1024);
        let marker = tokio::spawn(mark_all(parts.clone(), to_mark));
        let worker = tokio::spawn(work(parts, bell, marks, stopped));
        PostRoom { stop, worker, marker }
    }

    /// Stops taking messages, waits a while for those under way, and returns. What is left stays in the outbox.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        let _ = self.worker.await;
        if timeout(FAREWELL, self.marker).await.is_err() {
            tracing::warn!("the database did not take in time what was sent: some mails may go out once more");
        }
    }
}

/// What became of a message.
enum Mark {
    Done(MessageId),
    Deferred { id: MessageId, next_try_at: Timestamp },
}

async fn work(parts: Arc<PostRoomParts>, bell: mpsc::Receiver<Message>, marks: mpsc::Sender<Mark>, mut stopped: watch::Receiver<bool>) {
    let mut under_way = JoinSet::new();
    // Wherever the taking stands when it is cut off, what it held is still in the outbox.
    tokio::select! {
        _ = stopped.wait_for(|stop| *stop) => {}
        () = take(&parts, bell, &marks, &mut under_way) => {}
    }
    let all_done = async { while under_way.join_next().await.is_some() {} };
    if timeout(FAREWELL, all_done).await.is_err() {
        tracing::warn!(messages = under_way.len(), "the mail server is too slow to wait for: these mails go out after the next start");
        under_way.shutdown().await;
    }
}

/// Takes messages and sends them, for ever.
async fn take(parts: &Arc<PostRoomParts>, mut bell: mpsc::Receiver<Message>, marks: &mpsc::Sender<Mark>, under_way: &mut JoinSet<()>) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut look = tokio::time::interval(LOOK_EVERY);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut fresh = Vec::new();
    loop {
        tokio::select! {
            taken = bell.recv_many(&mut fresh, AT_ONCE) => {
                if taken == 0 {
                    return;
                }
            }
            _ = look.tick() => fresh = claim(parts).await,
        }
        for message in fresh.drain(..) {
            let Ok(place) = places.clone().acquire_owned().await else { return };
            while under_way.try_join_next().is_some() {}
            let (parts, marks) = (parts.clone(), marks.clone());
            under_way.spawn(async move {
                if let Some(mark) = send(&parts, message).await {
                    let _ = marks.send(mark).await;
                }
                drop(place);
            });
        }
    }
}

/// Messages whose claim lapsed, taken for this node; those of sign-ins that are over are done at once.
async fn claim(parts: &PostRoomParts) -> Vec<Message> {
    let now = parts.clock.now();
    match parts.store.next_message_due().await {
        Ok(Some(due)) if due <= now => {}
        Ok(_) => return Vec::new(),
        Err(e) => {
            tracing::warn!(error = %e, "cannot look into the outbox");
            return Vec::new();
        }
    }
    let change = Change::MessagesClaimed { due_at: now, until: now + CLAIM, limit: PER_LOOK };
    let claimed = match parts.store.commit(vec![change]).await {
        Ok(yields) => yields.into_iter().find_map(|y| if let Yield::Messages(messages) = y { Some(messages) } else { None }),
        Err(e) => {
            tracing::warn!(error = %e, "cannot claim messages");
            None
        }
    };
    let mut alive = Vec::new();
    let mut over = Vec::new();
    for message in claimed.unwrap_or_default() {
        match parts.store.sign_in(&message.tenant, &message.sign_in).await {
            Ok(facts) if facts.as_ref().is_none_or(|f| f.sign_in.ended.is_some()) => over.push(message.id),
            // The store hiccuped: send rather than lose; a code too many harms nobody.
            Ok(_) | Err(_) => alive.push(message),
        }
    }
    if !over.is_empty() {
        let _ = parts.store.commit(vec![Change::MessagesDone { ids: over }]).await;
    }
    alive
}

async fn send(parts: &PostRoomParts, message: Message) -> Option<Mark> {
    let now = parts.clock.now();
    if now + SENDING > message.next_try_at {
        // It waited too long here: the claim may lapse while we send. Whoever claims it next sends it.
        return None;
    }
    if now + LEAST_LIFE > message.expires_at {
        tracing::warn!(message = %message.id, tries = message.tries, "a message came too late: its code is dying");
        return Some(Mark::Done(message.id));
    }
    let opened = parts.keyring.open_message(&message.place(), &message.sealed);
    let content = opened.ok().and_then(|plain| serde_json::from_slice::<MessageContent>(plain.expose()).ok());
    let Some(content) = content else {
        tracing::error!(message = %message.id, "a message does not open under this server's secret key: dropped");
        return Some(Mark::Done(message.id));
    };
    match carry(parts, &message, &content, now).await {
        Ok(()) => Some(Mark::Done(message.id)),
        Err(SendError::Never(why)) => {
            tracing::warn!(message = %message.id, %why, "a message was refused for good");
            Some(Mark::Done(message.id))
        }
        Err(SendError::Later(why)) => {
            let next_try_at = parts.clock.now() + backoff(message.tries, parts.entropy.as_ref());
            tracing::warn!(message = %message.id, tries = message.tries, %why, "a message was not sent yet");
            Some(Mark::Deferred { id: message.id, next_try_at })
        }
    }
}

async fn carry(parts: &PostRoomParts, message: &Message, content: &MessageContent, now: Timestamp) -> Result<(), SendError> {
    let rendered = parts.templates.render(content).map_err(|e| SendError::Never(e.to_string()))?;
    match &parts.transport {
        Transport::Smtp(smtp) => smtp.send(message, rendered, now).await,
        Transport::Inbox(inbox) => inbox.put(message, content, rendered, now),
        Transport::Discard(discarded) => {
            discarded.put(message, content);
            Ok(())
        }
    }
}

/// How long to wait after a number of tries: 1, 2, 4, 8, 16, then 30 seconds, each up to half a second longer.
fn backoff(tries: i64, entropy: &dyn Entropy) -> Millis {
    let steps = u32::try_from(tries - 1).unwrap_or(0).min(5);
    let jitter = i64::from(u16::from_be_bytes(random::<2>(entropy)) % 500);
    Millis((1000_i64 << steps).min(30_000) + jitter)
}

/// Writes down what became of messages, many in one commit.
async fn mark_all(parts: Arc<PostRoomParts>, mut marks: mpsc::Receiver<Mark>) {
    let mut batch = Vec::new();
    while marks.recv_many(&mut batch, 256).await > 0 {
        let mut ids = Vec::new();
        let mut changes = Vec::new();
        for mark in batch.drain(..) {
            match mark {
                Mark::Done(id) => ids.push(id),
                Mark::Deferred { id, next_try_at } => changes.push(Change::MessageDeferred { id, next_try_at }),
            }
        }
        changes.push(Change::MessagesDone { ids });
        for wait in [0, 100, 1000, 5000] {
            tokio::time::sleep(Duration::from_millis(wait)).await;
            match parts.store.commit(changes.clone()).await {
                Ok(_) | Err(CommitError::Lost) => break,
                // Given up, they are sent once more when their claim lapses: a double mail, never a lost one.
                Err(CommitError::Unavailable(e)) => tracing::warn!(error = %e, "cannot mark messages"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Zero;
    impl Entropy for Zero {
        fn fill(&self, out: &mut [u8]) {
            out.fill(0);
        }
    }

    #[test]
    fn a_send_ends_before_its_claim_does() {
        // The first claim lasts 30 seconds; most messages are sent under it.
        const { assert!(smtp::PATIENCE.as_millis() < SENDING.0 as u128 && SENDING.0 < 30_000 && SENDING.0 < CLAIM.0) };
    }

    #[test]
    fn waits_grow_and_stay_below_a_codes_life() {
        let waits: Vec<i64> = (1..=8).map(|tries| backoff(tries, &Zero).0).collect();
        assert_eq!(waits, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    }
}
