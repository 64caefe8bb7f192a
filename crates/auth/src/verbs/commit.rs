//! Commit: what a verb decided, with the lines for the audit trail that it is worth.

use crate::decide::audit::{self, Line};
use crate::{Auth, acting};
use postkey_model::{Actor, Change, Event, EventId, EventIf, LifecycleKind, Timestamp, UserId, WebhookChange, Yield};
use postkey_store::CommitError;

impl Auth {
    /// Applies all of `changes` or none, and what they are worth in the audit trail with them. One [`Yield`] for each change. Without a moment
    /// that of [`acting`](crate::acting::acting) counts; where none is known, nothing is worth a line.
    pub(crate) async fn commit(&self, now: impl Into<Option<Timestamp>>, changes: Vec<Change>) -> Result<Vec<Yield>, CommitError> {
        let Some(now) = now.into().or_else(acting::since) else { return self.inner.store.commit(changes).await };
        let (mut all, asked) = self.with_lines(now, changes);
        let told = self.webhooks_for(now, &all);
        let is_told = !told.is_empty();
        all.extend(told);
        let yields = self.inner.store.commit(all).await?;
        if is_told {
            self.inner.webhooks_due.notify_waiters();
        }
        Ok(yields.into_iter().zip(asked).filter_map(|(given, asked)| asked.then_some(given)).collect())
    }

    /// What the services that want to hear of these lines are to be told: it waits for them from the same moment on.
    fn webhooks_for(&self, now: Timestamp, changes: &[Change]) -> Vec<Change> {
        let mut told = Vec::new();
        for webhook in &self.inner.settings.webhooks {
            for change in changes {
                let event = match change {
                    Change::EventRecorded(event) => {
                        LifecycleKind::of(event.kind).filter(|kind| webhook.wants(*kind, &event.tenant)).map(|_| &event.id)
                    }
                    // Where it happened, the store finds out: whoever tells it looks again.
                    Change::EventRecordedIf { id, so, .. } => {
                        LifecycleKind::of(so.kind()).filter(|kind| webhook.wants_kind(*kind)).map(|_| id)
                    }
                    _ => None,
                };
                let queued =
                    |event: &EventId| WebhookChange::Queued { endpoint: webhook.endpoint.clone(), event: event.clone(), due_at: now };
                told.extend(event.map(queued).map(|queued| Change::Webhook(Box::new(queued))));
            }
        }
        told
    }

    /// The changes with the lines between them, and of each whether it was one of `changes`.
    fn with_lines(&self, now: Timestamp, changes: Vec<Change>) -> (Vec<Change>, Vec<bool>) {
        let id = || EventId::new(now, self.entropy());
        let (mut all, mut asked) = (Vec::with_capacity(changes.len() + 2), Vec::with_capacity(changes.len() + 2));
        let mut behind = Vec::new();
        for mut change in changes {
            match audit::line(&change) {
                None => {}
                Some(Line::Plain { tenant, kind, subject, user, actor }) => {
                    behind.push(Change::EventRecorded(Event {
                        id: id(),
                        at: now,
                        tenant,
                        kind,
                        subject,
                        user,
                        actor: acting::instead_of(actor),
                    }));
                }
                Some(Line::If(so)) => {
                    let ends = matches!(so, EventIf::SessionIsGood(_));
                    let line = Change::EventRecordedIf { id: id(), at: now, actor: acting::instead_of(Actor::Person), so };
                    if ends {
                        all.push(line);
                        asked.push(false);
                    } else {
                        behind.push(line);
                    }
                }
            }
            if let Change::EventRecorded(event) = &mut change {
                event.actor = acting::instead_of(std::mem::take(&mut event.actor));
                if event.user.is_none() && event.kind.is_about_user() {
                    event.user = Some(UserId::stored(event.subject.clone()));
                }
            }
            all.push(change);
            asked.push(true);
        }
        asked.extend(behind.iter().map(|_| false));
        all.extend(behind);
        (all, asked)
    }
}
