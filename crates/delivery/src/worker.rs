//! The worker: claims, renders, sends with no transaction open, marks. A crash anywhere leaves the message's row;
//! the claim on it lapses and somebody sends it, unless its code died meanwhile.

use crate::render::{Places, Templates};
use crate::route::{End, LEAST_LIFE, Line, NOTING, SPARE, Way, too_late};
use crate::turns::Turns;
use crate::{Routes, job};
use postkey_model::{
    Change, Clock, Delivery, DeliveryOutcome, Entropy, EventId, Keyring, Message, MessageContent, MessageId, Millis, Timestamp, Yield,
};
use postkey_store::{CommitError, Store};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

/// Messages under way at once.
const AT_ONCE: usize = 32;
/// How long a claim on a message lasts. The first claim is made with the message and lasts 30 seconds. What fits into
/// them, `route.rs` says.
const CLAIM: Millis = Millis::from_secs(60);
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
    /// Spreads retries, makes ids.
    pub entropy: Arc<dyn Entropy>,
    /// The worker's clock.
    pub clock: Arc<dyn Clock>,
    /// What messages look like.
    pub templates: Templates,
    /// How they leave.
    pub routes: Routes,
    /// Where network addresses are, if the operator supplied that.
    pub places: Option<Places>,
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
            tracing::warn!("the database did not take in time what was sent: some messages may go out once more");
        }
    }
}

/// What became of a message.
struct Mark {
    id: MessageId,
    /// The claim it was sent under.
    tries: i64,
    /// When to try again; nothing when it is done with.
    next_try_at: Option<Timestamp>,
    lines: Vec<Delivery>,
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
        tracing::warn!(messages = under_way.len(), "the providers are too slow to wait for: these messages go out after the next start");
        under_way.shutdown().await;
    }
}

/// Takes messages and sends them, for ever.
async fn take(parts: &Arc<PostRoomParts>, mut bell: mpsc::Receiver<Message>, marks: &mpsc::Sender<Mark>, under_way: &mut JoinSet<()>) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let turns = Arc::new(Turns::default());
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
            let (parts, turns, marks) = (parts.clone(), turns.clone(), marks.clone());
            under_way.spawn(async move {
                if let Some(mark) = send(&parts, &turns, message).await {
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
            // What only tells something is told all the same.
            Ok(facts) if facts.as_ref().is_none_or(|f| f.sign_in.ended.is_some()) && !is_notice(parts, &message) => over.push(message),
            // The store hiccuped: send rather than lose; a code too many harms nobody.
            Ok(_) | Err(_) => alive.push(message),
        }
    }
    if !over.is_empty() {
        let line =
            |at| Line { at, provider: String::new(), outcome: DeliveryOutcome::NotNeeded, answer: "its sign-in was over".to_owned() };
        let lines = over.iter().flat_map(|message| noted(parts, message, vec![line(now)]));
        let mut changes: Vec<Change> = lines.map(|line| Change::DeliveryNoted(Box::new(line))).collect();
        changes.push(Change::MessagesDone { ids: over.iter().map(|message| message.id.clone()).collect() });
        let _ = parts.store.commit(changes).await;
    }
    alive
}

/// Why nothing is known of what a message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
enum Unread {
    /// It was sealed by another key, or for another message.
    #[error("it does not open under this server's secret key")]
    Sealed,
    /// A newer version of Postkey queued it, say. The reader's own words may quote it, so they are not passed on.
    #[error("it opens, but what it says is of a form that this version does not know")]
    Form,
}

fn open(parts: &PostRoomParts, message: &Message) -> Result<MessageContent, Unread> {
    let plain = parts.keyring.open_message(&message.place(), &message.sealed).map_err(|_| Unread::Sealed)?;
    serde_json::from_slice(plain.expose()).map_err(|_| Unread::Form)
}

fn is_notice(parts: &PostRoomParts, message: &Message) -> bool {
    open(parts, message).is_ok_and(|content| !content.kind.carries_code())
}

#[tracing::instrument(name = "deliver", level = "trace", target = "postkey_trace", skip_all,
    fields(otel.kind = "consumer", channel = message.channel.as_str(), tries = message.tries))]
async fn send(parts: &PostRoomParts, turns: &Turns, message: Message) -> Option<Mark> {
    let now = parts.clock.now();
    if now + NOTING > message.next_try_at {
        // It waited too long here: the claim may lapse while we send. Whoever claims it next sends it.
        return None;
    }
    let (lines, end) = carry(parts, turns, &message, now).await;
    for line in &lines {
        let Line { provider, outcome, answer, .. } = line;
        let (outcome, tries) = (outcome.as_str(), message.tries);
        match line.outcome {
            DeliveryOutcome::Accepted => tracing::debug!(message = %message.id, provider, outcome, tries, "a message was sent"),
            _ => tracing::warn!(message = %message.id, provider, outcome, tries, why = answer, "a message was not sent"),
        }
    }
    let next_try_at = match end {
        End::Done => None,
        End::Again(at) => Some(at),
        End::Left => return None,
    };
    Some(Mark { id: message.id.clone(), tries: message.tries, next_try_at, lines: noted(parts, &message, lines) })
}

async fn carry(parts: &PostRoomParts, turns: &Turns, message: &Message, now: Timestamp) -> (Vec<Line>, End) {
    if now + LEAST_LIFE > message.expires_at {
        return (vec![too_late(now, message)], End::Done);
    }
    let dropped = |why: &str| {
        let answer = job::scrubbed(why, message, None);
        (vec![Line { at: now, provider: String::new(), outcome: DeliveryOutcome::Refused, answer }], End::Done)
    };
    let content = match open(parts, message) {
        Ok(content) => content,
        Err(unread) => return dropped(&unread.to_string()),
    };
    let place = parts.places.as_ref().and_then(|places| places(&content.asked.client_ip, &content.lang));
    let rendered = match parts.templates.render(message.channel, &content, message.queued_at, place) {
        Ok(rendered) => rendered,
        Err(e) => return dropped(&e.to_string()),
    };
    let providers = parts.routes.of(message.channel);
    let (clock, entropy) = (parts.clock.as_ref(), parts.entropy.as_ref());
    Way { providers, message, content: &content, rendered: &rendered, clock, entropy, turns, spare: SPARE }.go().await
}

/// Lines for the sign-in's timeline, in their order even within one millisecond.
fn noted(parts: &PostRoomParts, message: &Message, lines: Vec<Line>) -> Vec<Delivery> {
    let line = |(place, line): (i64, Line)| Delivery {
        id: EventId::new(line.at + Millis(place), parts.entropy.as_ref()),
        sign_in: message.sign_in.clone(),
        message: message.id.clone(),
        queued_at: message.queued_at,
        at: line.at,
        channel: message.channel,
        provider: line.provider,
        outcome: line.outcome,
        answer: line.answer,
    };
    (0..).zip(lines).map(line).collect()
}

/// Writes down what became of messages, many in one commit.
async fn mark_all(parts: Arc<PostRoomParts>, mut marks: mpsc::Receiver<Mark>) {
    let mut batch = Vec::new();
    while marks.recv_many(&mut batch, 256).await > 0 {
        let mut ids = Vec::new();
        let mut changes = Vec::new();
        for mark in batch.drain(..) {
            changes.extend(mark.lines.into_iter().map(|line| Change::DeliveryNoted(Box::new(line))));
            match mark.next_try_at {
                None => ids.push(mark.id),
                Some(next_try_at) => changes.push(Change::MessageDeferred { id: mark.id, tries: mark.tries, next_try_at }),
            }
        }
        changes.push(Change::MessagesDone { ids });
        for wait in [0, 100, 1000, 5000] {
            tokio::time::sleep(Duration::from_millis(wait)).await;
            match parts.store.commit(changes.clone()).await {
                Ok(_) | Err(CommitError::Lost) => break,
                // Given up, they are sent once more when their claim lapses: a double message, never a lost one.
                Err(CommitError::Unavailable(e)) => tracing::warn!(error = %e, "cannot mark messages"),
            }
        }
    }
}

#[cfg(test)]
#[path = "worker/tests.rs"]
mod tests;
