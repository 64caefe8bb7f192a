//! A message's way: its channel's providers one after the other, as long as its claim and its code's life allow.
//!
//! **The claim.** While a worker's claim on a message lasts, nobody else sends it. So a provider is asked only while all
//! of its patience, and the time to note its answer, fit into what is left of the claim. When they do not fit any more,
//! the message is put back at once, and the next claim begins with a provider that was not asked yet.
//!
//! **The code's life.** No try begins when the code has less than [`LEAST_LIFE`] left, and no provider is given so long
//! that the code may be dead when it answers.

use crate::provider::{Named, SendError};
use crate::turns::Turns;
use crate::{Job, Rendered};
use postkey_model::entropy::random;
use postkey_model::{Clock, DeliveryOutcome, Entropy, Message, MessageContent, Millis, Timestamp};
use std::time::Duration;
use tokio::time::timeout;

/// How long noting what a provider said may take.
pub(crate) const NOTING: Millis = Millis::from_secs(2);
/// The least life a code must have left for its message to be worth sending.
pub(crate) const LEAST_LIFE: Millis = Millis::from_secs(15);
/// What a code must have left of its life when its message is with the provider: time to read and type it.
pub(crate) const SPARE: Millis = Millis::from_secs(3);

/// A line of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) at: Timestamp,
    /// The provider's name; empty when none was asked.
    pub(crate) provider: String,
    pub(crate) outcome: DeliveryOutcome,
    pub(crate) answer: String,
}

/// What is to become of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It is done with.
    Done,
    /// It is tried again.
    Again(Timestamp),
    /// It waited too long for its turn: whoever claims it next sends it.
    Left,
}

/// A message at the beginning of its way.
pub(crate) struct Way<'a> {
    pub(crate) providers: &'a [Named],
    pub(crate) message: &'a Message,
    pub(crate) content: &'a MessageContent,
    pub(crate) rendered: &'a Rendered,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) entropy: &'a dyn Entropy,
    /// Who had their turn.
    pub(crate) turns: &'a Turns,
    /// [`SPARE`].
    pub(crate) spare: Millis,
}

/// Who is asked although they want to be left alone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Patience {
    /// Nobody: there are others.
    All,
    /// Those that were left alone for a while: there is nobody else.
    Some,
    /// Everybody: the code would not live to see them back.
    None,
}

/// A way so far.
#[derive(Default)]
struct Tried<'a> {
    lines: Vec<Line>,
    /// Those that were asked, in order.
    asked: Vec<&'a str>,
    /// Those among them that will never take it.
    refused: Vec<&'a str>,
}

impl<'a> Way<'a> {
    /// Asks one provider after the other. Each try begins with one whose turn it is.
    pub(crate) async fn go(&self) -> (Vec<Line>, End) {
        let count = self.providers.len();
        if count == 0 {
            let answer = format!("no provider is set for {}", self.message.channel.as_str());
            let line = Line { at: self.clock.now(), provider: String::new(), outcome: DeliveryOutcome::Refused, answer };
            return (vec![line], End::Done);
        }
        let mut tried = Tried::default();
        let end = self.ask_all(&mut tried).await;
        match end {
            End::Done => self.turns.forget(&self.message.id),
            End::Again(_) => self.turns.failed(&self.message.id, &tried.asked, count),
            End::Left => {}
        }
        (tried.lines, end)
    }

    async fn ask_all(&self, tried: &mut Tried<'a>) -> End {
        let order = self.turns.order(&self.message.id, self.providers, |named| &named.name);
        for patience in [Patience::All, Patience::Some, Patience::None] {
            let now = self.clock.now();
            if patience == Patience::None {
                if !tried.asked.is_empty() {
                    break;
                }
                if let Some((named, at)) = self.soonest(now, &[]).filter(|(_, at)| self.lives_until(*at)) {
                    // They want to be left alone, and there is time for that.
                    let answer = "asked to be left alone for a while".to_owned();
                    tried.lines.push(Line { at: now, provider: named.name.clone(), outcome: DeliveryOutcome::Deferred, answer });
                    return End::Again(at);
                }
            }
            for named in &order {
                if !tried.asked.contains(&named.name.as_str())
                    && let Some(end) = self.ask(named, patience, tried).await
                {
                    return end;
                }
            }
        }
        let now = self.clock.now();
        let soonest = self.soonest(now, &tried.refused);
        if let Some(last) = tried.lines.last_mut() {
            // Nobody came after it.
            last.outcome = if soonest.is_some() { DeliveryOutcome::Deferred } else { DeliveryOutcome::Refused };
        }
        match soonest {
            None => End::Done,
            Some((_, at)) if self.lives_until(at) => End::Again(at),
            Some(_) => End::Again(now + self.backoff()),
        }
    }

    /// Asks one, if it may be asked now. The end of the message's way, if this is it.
    #[tracing::instrument(name = "provider", level = "trace", target = "postkey_trace", skip_all,
        fields(otel.kind = "client", provider = named.name, outcome))]
    async fn ask(&self, named: &'a Named, patience: Patience, tried: &mut Tried<'a>) -> Option<End> {
        let (message, now) = (self.message, self.clock.now());
        let alone = patience == Patience::Some;
        if patience != Patience::None && self.left_alone(named, now, alone).is_some() {
            return None;
        }
        // What is left of the code's life is all that anybody gets.
        let left = Millis((message.expires_at.since(now).0 - self.spare.0).max(0));
        let back = now + named.provider.patience().min(left) + NOTING;
        if back > message.next_try_at {
            let Some(last) = tried.lines.last_mut() else { return Some(End::Left) };
            last.outcome = DeliveryOutcome::Deferred;
            return Some(End::Again(now));
        }
        if now + LEAST_LIFE > message.expires_at {
            tried.lines.push(too_late(now, message));
            return Some(End::Done);
        }
        if patience != Patience::None && !named.rests.admits(&message.id, now, alone, back) {
            return None;
        }
        tried.asked.push(&named.name);
        let job = Job { message, content: self.content, rendered: self.rendered, now };
        let answer = timeout(Duration::from_millis(left.0.unsigned_abs()), named.provider.send(&job)).await;
        let answer = answer.unwrap_or_else(|_| Err(SendError::later("no answer while its code lives")));
        let now = self.clock.now();
        match &answer {
            Ok(_) | Err(SendError::Recipient(_)) => named.rests.at_work(&message.id),
            Err(SendError::Later { after: Some(after), .. }) => {
                named.rests.told_to_wait(message, now, *after);
                self.turns.told_to_wait(&message.id, &named.name, now + *after);
            }
            Err(SendError::Later { after: None, .. } | SendError::Refused(_)) => named.rests.failed(&message.id, now),
        }
        let mut line = |outcome: DeliveryOutcome, answer: &str| {
            tracing::Span::current().record("outcome", outcome.as_str());
            tried.lines.push(Line { at: now, provider: named.name.clone(), outcome, answer: job.scrubbed(answer) });
        };
        match answer {
            Ok(id) => {
                line(DeliveryOutcome::Accepted, &id);
                Some(End::Done)
            }
            Err(SendError::Recipient(why)) => {
                line(DeliveryOutcome::Refused, &why);
                Some(End::Done)
            }
            Err(SendError::Refused(why)) => {
                line(DeliveryOutcome::FailedOver, &why);
                tried.refused.push(&named.name);
                None
            }
            Err(SendError::Later { why, .. }) => {
                line(DeliveryOutcome::FailedOver, &why);
                None
            }
        }
    }

    /// Until when a provider is left alone, by this message or by all, if that is yet to come.
    fn left_alone(&self, named: &Named, now: Timestamp, alone: bool) -> Option<Timestamp> {
        self.turns.waits_until(&self.message.id, &named.name, now).max(named.rests.until(now, alone))
    }

    /// Who can be asked first from now on, and when; those that `refused` never.
    fn soonest(&self, now: Timestamp, refused: &[&str]) -> Option<(&'a Named, Timestamp)> {
        let wait = self.backoff();
        let others = self.providers.iter().filter(|named| !refused.contains(&named.name.as_str()));
        let all = others.map(|named| (named, self.left_alone(named, now, true).unwrap_or(now + wait)));
        all.min_by_key(|(_, at)| *at)
    }

    /// Whether the message is still worth sending then.
    fn lives_until(&self, at: Timestamp) -> bool {
        at + LEAST_LIFE + NOTING <= self.message.expires_at
    }

    fn backoff(&self) -> Millis {
        backoff(self.message.tries, self.entropy)
    }
}

/// The line of a message whose code is dying.
pub(crate) fn too_late(now: Timestamp, message: &Message) -> Line {
    let answer = format!("its code was dying, at try {}", message.tries);
    Line { at: now, provider: String::new(), outcome: DeliveryOutcome::TooLate, answer }
}

/// How long to wait after a number of tries: 1, 2, 4, 8, 16, then 30 seconds, each up to half a second longer.
fn backoff(tries: i64, entropy: &dyn Entropy) -> Millis {
    let steps = u32::try_from(tries - 1).unwrap_or(0).min(5);
    let jitter = i64::from(u16::from_be_bytes(random::<2>(entropy)) % 500);
    Millis((1000_i64 << steps).min(30_000) + jitter)
}

#[cfg(test)]
#[path = "route/tests.rs"]
mod tests;
