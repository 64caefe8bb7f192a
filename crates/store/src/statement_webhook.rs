//! What each [`WebhookChange`] is in statements. Their text is in `sql_webhook`.

use crate::sql_webhook as sql;
use crate::statement::{Gives, Guard, Member, WEBHOOKS};
use crate::value::values;
use postkey_model::{EventId, WebhookChange};

impl Member {
    pub(crate) fn add_webhook(&mut self, change: WebhookChange) -> Gives {
        match change {
            WebhookChange::Queued { endpoint, event, due_at } => {
                let params = values![endpoint.as_str(), due_at, event.as_str()];
                self.push(sql::QUEUE, Guard::Free, (WEBHOOKS, &key(&endpoint, &event)), params);
            }
            WebhookChange::Claimed { endpoint, due_at, until, limit } => {
                self.push(sql::CLAIM, Guard::Free, (WEBHOOKS, &endpoint), values![endpoint.as_str(), due_at, limit, until]);
                return Gives::Notices;
            }
            WebhookChange::Deferred { endpoint, event, tries, next_try_at, answer } => {
                let params = values![next_try_at, answer, endpoint.as_str(), event.as_str(), tries];
                self.push(sql::DEFER, Guard::Free, (WEBHOOKS, &key(&endpoint, &event)), params);
            }
            WebhookChange::Done { endpoint, event } => {
                self.push(sql::DONE, Guard::Free, (WEBHOOKS, &key(&endpoint, &event)), values![endpoint.as_str(), event.as_str()]);
            }
            WebhookChange::Revived { endpoint, due_at } => {
                self.push(sql::REVIVE, Guard::Free, (WEBHOOKS, &endpoint), values![due_at, endpoint.as_str()]);
                return Gives::Touched;
            }
        }
        Gives::Nothing { statements: 1 }
    }
}

fn key(endpoint: &str, event: &EventId) -> String {
    format!("{endpoint}/{event}")
}
