//! The webhook: every message as one signed JSON document to the operator's own address, for all that has no provider of
//! its own here.

use crate::job::without_spaces;
use crate::signed::{Signed, in_utc};
use crate::{Job, ProviderError, SendError};
use hyper::StatusCode;
use postkey_model::Secret;
use postkey_outbound::Answer;
use serde::{Deserialize, Serialize};

/// Where messages are posted to.
#[derive(Clone)]
pub struct WebhookSettings {
    /// The address: https, or http on this machine.
    pub url: String,
    /// `whsec_` and 24 to 64 bytes in base64: signs every message.
    pub secret: Secret<String>,
    /// A certificate (PEM) to trust beside the system's.
    pub extra_root: Option<Vec<u8>>,
}

/// A webhook, ready.
#[derive(Clone)]
pub struct Webhook {
    signed: Signed,
}

/// The whole document.
#[derive(Serialize)]
struct Document<'a> {
    r#type: &'static str,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    id: &'a str,
    tenant: &'a str,
    channel: &'static str,
    to: &'a str,
    kind: postkey_model::MessageKind,
    lang: &'a str,
    app_name: &'a str,
    subject: &'a str,
    text: &'a str,
    html: &'a str,
    code: Option<String>,
    link: Option<&'a str>,
    expires_at: String,
}

/// What the receiver may say, if it likes.
#[derive(Default, Deserialize)]
struct Said {
    /// Its own id of the message.
    id: Option<String>,
    /// Why it did not take it.
    reason: Option<String>,
    /// Whether nobody else will take it either.
    #[serde(default)]
    recipient_refused: bool,
}

impl Webhook {
    /// Checks the settings. Nothing is sent yet. Needs a running tokio runtime.
    pub fn new(settings: &WebhookSettings) -> Result<Self, ProviderError> {
        let signed = Signed::new(&settings.url, std::slice::from_ref(&settings.secret), settings.extra_root.as_deref())?;
        Ok(Webhook { signed })
    }

    #[cfg(test)]
    pub(crate) fn with_patience(self, patience: std::time::Duration) -> Self {
        Webhook { signed: self.signed.with_patience(patience) }
    }

    /// Whether the host can be reached, with TLS. Posts nothing.
    pub async fn check(&self) -> Result<(), ProviderError> {
        self.signed.check().await
    }

    /// Posts a message; the answer is the receiver's id of it, or its status.
    pub(crate) async fn send(&self, job: &Job<'_>) -> Result<String, SendError> {
        let (message, content, rendered) = (job.message, job.content, job.rendered);
        let document = Document {
            r#type: "message.send",
            timestamp: in_utc(job.now),
            data: Data {
                id: message.id.as_str(),
                tenant: message.tenant.as_str(),
                channel: message.channel.as_str(),
                to: &message.to,
                kind: content.kind,
                lang: &content.lang,
                app_name: &content.app_name,
                subject: &rendered.subject,
                text: &rendered.text,
                html: &rendered.html,
                code: content.code.as_deref().map(without_spaces),
                link: content.link.as_deref(),
                expires_at: in_utc(message.expires_at),
            },
        };
        let body = serde_json::to_vec(&document).map_err(|e| SendError::Refused(e.to_string()))?;
        let answer = self.signed.post(message.id.as_str(), job.now, body).await?;
        let said = read(&answer);
        let why = || {
            let status = answer.status.as_u16();
            job.scrubbed(&said.reason.as_ref().map_or_else(|| format!("HTTP {status}"), |reason| format!("HTTP {status}: {reason}")))
        };
        match answer.status {
            status if status.is_success() => Ok(job.scrubbed(said.id.as_deref().unwrap_or(status.as_str()))),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY => {
                Err(SendError::Later { why: why(), after: answer.after })
            }
            // A key that is not taken is the operator's to mend, and may be mended in time.
            StatusCode::UNAUTHORIZED => Err(SendError::later(why())),
            status if status.is_server_error() => Err(SendError::Later { why: why(), after: answer.after }),
            status if status.is_client_error() && said.recipient_refused => Err(SendError::Recipient(why())),
            _ => Err(SendError::Refused(why())),
        }
    }
}

fn read(answer: &Answer) -> Said {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

#[cfg(test)]
#[path = "webhook/tests.rs"]
mod tests;
