//! What is counted of commits. Everything that happens is a [`Change`], so everything is counted here, once it is on disk, and
//! what lost is not.

use postkey_metrics as metrics;
use postkey_model::{Change, Channel, Connection, Delivery, DeliveryOutcome, EventKind, LoginChange, Yield};
use std::time::Duration;

/// What to count of one commit, when it is written.
pub(crate) struct Tally(Vec<Counted>);

enum Counted {
    SignInStarted(&'static str),
    SignInFinished(&'static str, &'static str),
    Guess(&'static str),
    Login(&'static str),
    Queued(Channel),
    Delivered {
        channel: Channel,
        provider: String,
        outcome: DeliveryOutcome,
        took: Duration,
    },
    SessionCreated,
    SessionRefreshed,
    /// As many as the change at this place yields.
    SessionsRevoked(usize),
    Event(EventKind),
    /// This event, if the change at this place yields that the limit is reached.
    EventAtLimit(usize, i64, EventKind),
}

impl Tally {
    pub(crate) fn of(changes: &[Change]) -> Self {
        let mut tally = Tally(Vec::new());
        for (place, change) in changes.iter().enumerate() {
            tally.note(place, change);
        }
        tally
    }

    fn note(&mut self, place: usize, change: &Change) {
        match change {
            Change::SignInStarted(sign_in) => self.0.push(Counted::SignInStarted(connection(&sign_in.connection))),
            Change::SignInCancelled { .. } => self.0.push(Counted::SignInFinished(UNKNOWN, "cancelled")),
            Change::CodeSpent { subject, .. } => {
                self.0.extend([Counted::SignInFinished(of_subject(subject), "completed"), Counted::Guess("right")]);
            }
            Change::CodeProved { .. } => self.0.extend([Counted::SignInFinished(UNKNOWN, "proved"), Counted::Guess("right")]),
            Change::SignInApproved { .. } => self.0.push(Counted::Guess("right")),
            Change::AttemptFailed { .. } | Change::NumberFailed { .. } => self.0.push(Counted::Guess("wrong")),
            Change::BudgetSpent { limit, when_spent, .. } => self.0.push(Counted::EventAtLimit(place, *limit, when_spent.kind)),
            Change::MessageQueued(message) => self.0.push(Counted::Queued(message.channel)),
            Change::DeliveryNoted(delivery) => self.0.push(delivered(delivery)),
            Change::SessionCreated(_) => self.0.push(Counted::SessionCreated),
            Change::SessionRotated { .. } | Change::LineageAdvanced { .. } => self.0.push(Counted::SessionRefreshed),
            Change::SessionRevoked { .. } | Change::SessionsOfUserRevoked { .. } => self.0.push(Counted::SessionsRevoked(place)),
            Change::EventRecorded(event) => self.0.push(Counted::Event(event.kind)),
            Change::Login(change) => match **change {
                LoginChange::Requested(_) => self.0.push(Counted::Login("requested")),
                LoginChange::Completed { .. } => self.0.push(Counted::Login("completed")),
                LoginChange::Exchanged { .. } => self.0.push(Counted::Login("exchanged")),
                _ => {}
            },
            _ => {}
        }
    }

    /// Counts it all.
    pub(crate) fn count(self, yields: &[Yield]) {
        for counted in self.0 {
            match counted {
                Counted::SignInStarted(connection) => metrics::SIGN_INS_STARTED.add(&[connection], 1),
                Counted::SignInFinished(connection, outcome) => metrics::SIGN_INS_FINISHED.add(&[connection, outcome], 1),
                Counted::Guess(result) => metrics::GUESSES.add(&[result], 1),
                Counted::Login(step) => metrics::LOGIN_REQUESTS.add(&[step], 1),
                Counted::Queued(channel) => metrics::MESSAGES_QUEUED.add(&[channel.as_str()], 1),
                Counted::Delivered { channel, provider, outcome, took } => {
                    metrics::MESSAGES.add(&[channel.as_str(), &provider, outcome.as_str()], 1);
                    if outcome == DeliveryOutcome::Accepted {
                        metrics::DELIVERY_TIME.took(&[channel.as_str()], took);
                    }
                }
                Counted::SessionCreated => metrics::SESSIONS_CREATED.add(&[], 1),
                Counted::SessionRefreshed => metrics::SESSIONS_REFRESHED.add(&[], 1),
                Counted::SessionsRevoked(place) => {
                    if let Some(Yield::Handles(handles)) = yields.get(place) {
                        metrics::SESSIONS_REVOKED.add(&[], handles.len() as u64);
                    }
                }
                Counted::Event(kind) => metrics::EVENTS.add(&[kind.as_str()], 1),
                Counted::EventAtLimit(place, limit, kind) => {
                    if yields.get(place).and_then(Yield::count) == Some(limit) {
                        metrics::EVENTS.add(&[kind.as_str()], 1);
                    }
                }
            }
        }
    }
}

fn delivered(delivery: &Delivery) -> Counted {
    let took = delivery.at.since(delivery.queued_at).0;
    Counted::Delivered {
        channel: delivery.channel,
        provider: delivery.provider.clone(),
        outcome: delivery.outcome,
        took: Duration::from_millis(u64::try_from(took).unwrap_or_default()),
    }
}

/// Where a change does not say by which connection a sign-in came.
const UNKNOWN: &str = "any";

fn connection(connection: &Connection) -> &'static str {
    match connection {
        Connection::Email => "email",
        Connection::Sms => "sms",
        Connection::Provider(_) => "provider",
    }
}

/// Numbers are in E.164, and no address begins so.
fn of_subject(subject: &str) -> &'static str {
    if subject.starts_with('+') && !subject.contains('@') { "sms" } else { "email" }
}
