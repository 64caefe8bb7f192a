//! The timeline of a sign-in: what was asked for, sent, refused, opened and used, for whoever helps somebody whose mail
//! does not come.

use crate::Auth;
use crate::decide::sign_in::{Standing, standing};
use postkey_model::{Asked, Channel, EndedHow, Identifier, SignInId, TenantId, Timestamp};
use postkey_store::Unavailable;

/// A sign-in, and all that is known to have happened to it, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// Which.
    pub id: SignInId,
    /// In which tenant.
    pub tenant: TenantId,
    /// For whom; to be shown masked.
    pub to: Identifier,
    /// From where it was asked for.
    pub asked: Asked,
    /// Messages so far.
    pub sends: i64,
    /// Wrong codes so far.
    pub attempts: i64,
    /// When its newest code dies.
    pub expires_at: Timestamp,
    /// What happened.
    pub steps: Vec<Step>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: Timestamp,
    /// What: `asked`, `queued`, `accepted`, `refused`, `failed_over`, `deferred`, `too_late`, `not_needed`, `waiting`, `opened`,
    /// `approved`, `used`, `superseded`, `cancelled`, `too_many_wrong_codes`.
    pub what: &'static str,
    /// By which way.
    pub channel: Option<Channel>,
    /// At which provider.
    pub provider: Option<String>,
    /// The provider's own words.
    pub answer: Option<String>,
}

impl Step {
    fn plain(at: Timestamp, what: &'static str) -> Self {
        Step { at, what, channel: None, provider: None, answer: None }
    }
}

impl Auth {
    /// The newest sign-ins of an identifier, with when each began and how it ended.
    pub async fn sign_ins_of(
        &self,
        tenant: &TenantId,
        identifier: &Identifier,
    ) -> Result<Vec<(SignInId, Timestamp, Option<EndedHow>)>, Unavailable> {
        self.inner.store.sign_ins_of(tenant, identifier).await
    }

    /// The timeline of a sign-in in whatever tenant; `None` when there is none of this id, or no more.
    pub async fn timeline(&self, id: &SignInId) -> Result<Option<Timeline>, Unavailable> {
        let store = &self.inner.store;
        let Some(tenant) = store.tenant_of(id).await? else { return Ok(None) };
        let Some(facts) = store.sign_in(&tenant, id).await? else { return Ok(None) };
        let sign_in = facts.sign_in;
        let mut steps = vec![Step::plain(sign_in.started_at, "asked")];
        let deliveries = store.deliveries(id).await?;
        let mut queued = Vec::new();
        for delivery in deliveries {
            let message = (delivery.queued_at, delivery.message.clone(), delivery.channel);
            if !queued.contains(&message) {
                queued.push(message);
            }
            steps.push(Step {
                at: delivery.at,
                what: delivery.outcome.as_str(),
                channel: Some(delivery.channel),
                provider: Some(delivery.provider).filter(|name| !name.is_empty()),
                answer: Some(delivery.answer).filter(|answer| !answer.is_empty()),
            });
        }
        for (message, channel, queued_at, until) in store.waiting_messages(id).await? {
            steps.push(Step { channel: Some(channel), ..Step::plain(until, "waiting") });
            if !queued.iter().any(|(_, known, _)| *known == message) {
                queued.push((queued_at, message, channel));
            }
        }
        steps.extend(queued.into_iter().map(|(at, _, channel)| Step { channel: Some(channel), ..Step::plain(at, "queued") }));
        steps.extend(sign_in.opened_at.map(|at| Step::plain(at, "opened")));
        steps.extend(sign_in.approved_at.map(|at| Step::plain(at, "approved")));
        steps.extend(sign_in.ended.map(|(at, how)| Step::plain(at, end(how))));
        // Of what happened in one moment, the cause stands first.
        steps.sort_by_key(|step| (step.at, ORDER.iter().position(|what| *what == step.what)));
        if standing(&sign_in) == Standing::Exhausted {
            // Nobody wrote down when: after everything that is known.
            let at = steps.last().map_or(sign_in.started_at, |step| step.at);
            steps.push(Step::plain(at, "too_many_wrong_codes"));
        }
        Ok(Some(Timeline {
            id: id.clone(),
            tenant,
            to: sign_in.identifier(),
            sends: sign_in.sends,
            attempts: sign_in.attempts,
            expires_at: sign_in.code.expires_at,
            asked: sign_in.asked,
            steps,
        }))
    }
}

const ORDER: [&str; 14] = [
    "asked",
    "queued",
    "failed_over",
    "deferred",
    "refused",
    "too_late",
    "not_needed",
    "accepted",
    "waiting",
    "opened",
    "approved",
    "used",
    "superseded",
    "cancelled",
];

fn end(how: EndedHow) -> &'static str {
    match how {
        EndedHow::Completed => "used",
        EndedHow::Superseded => "superseded",
        EndedHow::Cancelled => "cancelled",
    }
}
