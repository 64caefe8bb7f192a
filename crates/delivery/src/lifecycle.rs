//! Lifecycle webhooks: tells an operator's own services what happened. What is to be told waits in the store since the commit that
//! made it happen; each service has a worker of its own, so that one that is down holds up no other, and no message either.

use crate::signed::{Signed, in_utc};
use crate::{ProviderError, SendError};
use hyper::StatusCode;
use postkey_model::entropy::random;
use postkey_model::{
    Change, Clock, Entropy, EventKind, LifecycleKind, Millis, Notice, Secret, Subscription, Timestamp, WebhookChange, Yield,
};
use postkey_store::Store;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

/// How many one look takes. They are posted together: none waits for another.
const PER_LOOK: i64 = 16;
/// How long a claim lasts: longer than a post may take, and noting its end.
const CLAIM: Millis = Millis::from_secs(60);
/// How often it is looked for what waits.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long posts under way may take once the server was asked to stop.
const FAREWELL: Duration = Duration::from_secs(10);
/// A service that took nothing of what one look found is left alone for a second, then two, four, up to this.
const LONGEST_REST: Duration = Duration::from_secs(60);
/// How long to wait after each try that failed; after the last one it is given up. Three and a half days in all.
const WAITS: [Millis; 13] = [
    Millis::from_secs(5),
    Millis::from_secs(30),
    Millis::from_mins(2),
    Millis::from_mins(10),
    Millis::from_mins(30),
    Millis::from_hours(1),
    Millis::from_hours(2),
    Millis::from_hours(4),
    Millis::from_hours(8),
    Millis::from_hours(12),
    Millis::from_hours(16),
    Millis::from_hours(18),
    Millis::from_hours(24),
];
/// So much of what a service says is kept for the operator, in characters.
const MOST_OF_ANSWER: usize = 200;

/// Where a service is told.
#[derive(Clone)]
pub struct ListenerSettings {
    /// What it wants to hear.
    pub subscription: Subscription,
    /// Its address: https, or http on this machine.
    pub url: String,
    /// Each `whsec_` and 24 to 64 bytes in base64: posts are signed with all of them, so that one can be changed.
    pub secrets: Vec<Secret<String>>,
    /// A certificate (PEM) to trust beside the system's.
    pub extra_root: Option<Vec<u8>>,
}

/// A service that is told, ready.
#[derive(Clone)]
pub struct Listener {
    subscription: Subscription,
    signed: Signed,
}

impl Listener {
    /// Checks the settings. Nothing is sent yet. Needs a running tokio runtime.
    pub fn new(settings: &ListenerSettings) -> Result<Self, ProviderError> {
        let signed = Signed::new(&settings.url, &settings.secrets, settings.extra_root.as_deref())?;
        Ok(Listener { subscription: settings.subscription.clone(), signed })
    }

    /// Its name in the config.
    pub fn name(&self) -> &str {
        &self.subscription.endpoint
    }

    /// What it wants to hear.
    pub fn subscription(&self) -> &Subscription {
        &self.subscription
    }

    /// Whether the host can be reached, with TLS. Posts nothing.
    pub async fn check(&self) -> Result<(), ProviderError> {
        self.signed.check().await
    }

    #[cfg(test)]
    pub(crate) fn with_patience(self, patience: Duration) -> Self {
        Listener { signed: self.signed.with_patience(patience), ..self }
    }
}

/// What the workers work with.
pub struct LifecycleParts {
    /// The shelf.
    pub store: Store,
    /// Their clock.
    pub clock: Arc<dyn Clock>,
    /// Spreads tries.
    pub entropy: Arc<dyn Entropy>,
    /// The services.
    pub listeners: Vec<Listener>,
    /// Rings when something new waits.
    pub due: Arc<Notify>,
}

/// The running workers.
pub struct Lifecycle {
    stop: watch::Sender<bool>,
    workers: Vec<JoinHandle<()>>,
}

impl Lifecycle {
    /// Starts a worker for each service.
    pub fn start(parts: LifecycleParts) -> Self {
        let (stop, stopped) = watch::channel(false);
        let LifecycleParts { store, clock, entropy, listeners, due } = parts;
        let worker = |listener| Worker { store: store.clone(), clock: clock.clone(), entropy: entropy.clone(), listener, due: due.clone() };
        let workers = listeners.into_iter().map(worker).map(|worker| tokio::spawn(worker.run(stopped.clone()))).collect();
        Lifecycle { stop, workers }
    }

    /// Waits a while for posts under way, and returns. What is left stays in the store.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        for mut worker in self.workers {
            if timeout(FAREWELL, &mut worker).await.is_err() {
                worker.abort();
            }
        }
    }
}

/// One service's worker.
struct Worker {
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    listener: Listener,
    due: Arc<Notify>,
}

/// What a service is told.
#[derive(Serialize)]
struct Document<'a> {
    r#type: &'static str,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    tenant: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<&'a str>,
    actor: &'a str,
}

impl<'a> Document<'a> {
    fn of(notice: &'a Notice, kind: LifecycleKind) -> Self {
        let names_session = matches!(notice.kind, Some(EventKind::SignedIn | EventKind::SessionRevoked | EventKind::RefreshTokenReused));
        let names_identity = matches!(notice.kind, Some(EventKind::IdentityLinked | EventKind::IdentityUnlinked));
        let user = notice.user.as_ref().map(postkey_model::UserId::as_str);
        let data = Data {
            tenant: notice.tenant.as_str(),
            user,
            // Where it is the user's own id, nothing is known of it.
            identity: Some(notice.subject.as_str()).filter(|subject| names_identity && Some(*subject) != user),
            session: names_session.then_some(notice.subject.as_str()),
            actor: &notice.actor,
        };
        Document { r#type: kind.as_str(), timestamp: in_utc(notice.at), data }
    }
}

/// What came of one post.
enum End {
    /// It was taken, or nobody wants it any more.
    Done,
    /// Another try, this long from now at the least.
    Later(String, Option<Millis>),
    /// The service says that it wants no more.
    Gone(String),
}

impl Worker {
    async fn run(self, mut stopped: watch::Receiver<bool>) {
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut fails = 0;
        loop {
            tokio::select! {
                _ = stopped.wait_for(|stop| *stop) => return,
                () = self.due.notified() => {}
                _ = look.tick() => {}
            }
            while let Some(taken) = self.round().await {
                if *stopped.borrow() {
                    return;
                }
                fails = if taken { 0 } else { fails + 1 };
                if fails > 0 {
                    let rest = Duration::from_secs(1 << (fails - 1).min(6)).min(LONGEST_REST);
                    let _ = timeout(rest, stopped.wait_for(|stop| *stop)).await;
                }
            }
        }
    }

    /// Posts what is due; whether anything of it was taken. `None` when nothing is due, or the store does not say.
    async fn round(&self) -> Option<bool> {
        let now = self.clock.now();
        let endpoint = self.listener.name();
        match self.store.next_webhook_due(endpoint).await {
            Ok(due) => due.filter(|due| *due <= now)?,
            Err(e) => {
                tracing::warn!(error = %e, endpoint, "cannot look for what a service is to be told");
                return None;
            }
        };
        let claim = WebhookChange::Claimed { endpoint: endpoint.to_owned(), due_at: now, until: now + CLAIM, limit: PER_LOOK };
        let notices = match self.store.commit(vec![Change::Webhook(Box::new(claim))]).await {
            Ok(yields) => yields.into_iter().find_map(|given| if let Yield::Notices(notices) = given { Some(notices) } else { None }),
            Err(e) => {
                tracing::warn!(error = %e, endpoint, "cannot claim what a service is to be told");
                None
            }
        };
        let mut under_way = JoinSet::new();
        for notice in notices.filter(|notices| !notices.is_empty())? {
            let listener = self.listener.clone();
            under_way.spawn(async move { (tell(&listener, &notice, now).await, notice) });
        }
        let (mut changes, mut taken) = (Vec::new(), false);
        while let Some(told) = under_way.join_next().await {
            let Ok((end, notice)) = told else { continue };
            taken |= matches!(end, End::Done);
            changes.push(Change::Webhook(Box::new(self.noted(end, notice))));
        }
        for wait in [0, 100, 1000, 5000] {
            sleep(Duration::from_millis(wait)).await;
            match self.store.commit(changes.clone()).await {
                Ok(_) => break,
                // Given up, it is told once more when the claim lapses: twice, never not at all.
                Err(e) => tracing::warn!(error = %e, endpoint, "cannot note what a service was told"),
            }
        }
        Some(taken)
    }

    /// What is written down of a post, and counted.
    fn noted(&self, end: End, notice: Notice) -> WebhookChange {
        let Notice { event, tries, kind, .. } = notice;
        let endpoint = self.listener.name().to_owned();
        let kind = kind.map(EventKind::as_str).unwrap_or_default();
        let count = |outcome| postkey_metrics::WEBHOOKS.add(&[&endpoint, outcome], 1);
        let (next_try_at, answer) = match end {
            End::Done => {
                count("taken");
                return WebhookChange::Done { endpoint, event };
            }
            End::Later(why, after) => (self.next_try(tries, after), why),
            End::Gone(why) => (None, why),
        };
        if next_try_at.is_some() {
            count("deferred");
            tracing::warn!(endpoint, %event, kind, tries, why = answer, "a service was not told yet");
        } else {
            count("given_up");
            tracing::error!(endpoint, %event, kind, tries, why = answer, "a service was not told: `postkey webhooks retry` tries again");
        }
        WebhookChange::Deferred { endpoint, event, tries, next_try_at, answer }
    }

    /// When to try again after so many tries, a tenth earlier or later so that what failed together does not come together.
    fn next_try(&self, tries: i64, after: Option<Millis>) -> Option<Timestamp> {
        let wait = *WAITS.get(usize::try_from(tries - 1).unwrap_or_default())?;
        let share = i64::from(random::<1>(self.entropy.as_ref())[0]) - 128;
        let wait = Millis(wait.0 + wait.0 * share / 1280);
        Some(self.clock.now() + wait.max(after.unwrap_or(Millis(0))))
    }
}

/// Posts one to a service, if it wants to hear of it.
async fn tell(listener: &Listener, notice: &Notice, now: Timestamp) -> End {
    let kind = notice.kind.and_then(LifecycleKind::of);
    // What a node with another config, or a newer one, queued.
    let Some(kind) = kind.filter(|kind| listener.subscription.wants(*kind, &notice.tenant)) else { return End::Done };
    let body = match serde_json::to_vec(&Document::of(notice, kind)) {
        Ok(body) => body,
        Err(e) => return End::Gone(e.to_string()),
    };
    match listener.signed.post(notice.event.as_str(), now, body).await {
        Ok(answer) if answer.status.is_success() => End::Done,
        Ok(answer) => {
            let said = String::from_utf8_lossy(&answer.body);
            let said: String = said.chars().filter(|c| !c.is_control()).take(MOST_OF_ANSWER).collect();
            let why = format!("HTTP {} {said}", answer.status.as_u16()).trim_end().to_owned();
            if answer.status == StatusCode::GONE { End::Gone(why) } else { End::Later(why, answer.after) }
        }
        Err(SendError::Later { why, after }) => End::Later(why, after),
        // A certificate, say: the operator's to mend, and may be mended in time.
        Err(SendError::Refused(why) | SendError::Recipient(why)) => End::Later(why, None),
    }
}

#[cfg(test)]
#[path = "lifecycle/tests.rs"]
mod tests;
