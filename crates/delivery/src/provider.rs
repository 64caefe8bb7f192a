//! Providers: the closed list of ways out of the house, and the order in which they are asked.

use crate::rest::Rests;
use crate::{DevInbox, Discarded, Job, Smtp, Twilio, Webhook, smtp};
use postkey_model::{Channel, Millis};
use postkey_outbound::OutboundError;
use std::sync::Arc;
use thiserror::Error;

/// A way out of the house.
#[derive(Clone)]
pub enum Provider {
    /// A mail server.
    Smtp(Smtp),
    /// Twilio: texts and WhatsApp.
    Twilio(Twilio),
    /// The operator's own address, for any channel.
    Webhook(Webhook),
    /// The built-in inbox, for trying things out.
    Inbox(Arc<DevInbox>),
    /// Nowhere, for benchmarks.
    Discard(Arc<Discarded>),
}

/// Why a service cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProviderError {
    /// A setting is wrong.
    #[error("{0}")]
    Setting(String),
    /// TLS could not be set up.
    #[error("TLS: {0}")]
    Tls(String),
    /// It was asked, and cannot be used as it is set up.
    #[error("{0}")]
    Answer(String),
}

impl From<OutboundError> for ProviderError {
    fn from(e: OutboundError) -> Self {
        match e {
            OutboundError::Address(why) => ProviderError::Setting(why),
            OutboundError::Tls(why) => ProviderError::Tls(why),
            OutboundError::NoAnswer(why) => ProviderError::Answer(why),
        }
    }
}

/// Why a message did not leave by one provider. The words are for log and timeline: they hold neither code nor recipient.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SendError {
    /// Another try may work.
    #[error("{why}")]
    Later {
        /// What happened.
        why: String,
        /// How long the provider asks to be left alone.
        after: Option<Millis>,
    },
    /// This provider will never take it; another one may.
    #[error("{0}")]
    Refused(String),
    /// Nobody will ever take it: there is no such recipient.
    #[error("{0}")]
    Recipient(String),
}

impl SendError {
    /// Another try may work, at any time.
    pub(crate) fn later(why: impl Into<String>) -> Self {
        SendError::Later { why: why.into(), after: None }
    }
}

impl From<OutboundError> for SendError {
    fn from(e: OutboundError) -> Self {
        match e {
            OutboundError::Address(why) | OutboundError::Tls(why) => SendError::Refused(why),
            OutboundError::NoAnswer(why) => SendError::later(why),
        }
    }
}

impl Provider {
    /// Whether it takes messages of this channel at all.
    pub fn takes(&self, channel: Channel) -> bool {
        match self {
            Provider::Smtp(_) => channel == Channel::Email,
            Provider::Twilio(_) => channel != Channel::Email,
            Provider::Webhook(_) | Provider::Inbox(_) | Provider::Discard(_) => true,
        }
    }

    /// What of its settings keeps it from sending by this channel, which it otherwise takes.
    pub fn lacks(&self, channel: Channel) -> Option<&'static str> {
        match self {
            Provider::Twilio(twilio) if channel == Channel::WhatsApp => twilio.lacks_for_whatsapp(),
            Provider::Smtp(_) | Provider::Twilio(_) | Provider::Webhook(_) | Provider::Inbox(_) | Provider::Discard(_) => None,
        }
    }

    /// Whether it can be used as it is set up. Sends no message.
    pub async fn check(&self) -> Result<(), ProviderError> {
        match self {
            Provider::Smtp(smtp) => smtp.check().await.map_err(|e| ProviderError::Answer(e.to_string())),
            Provider::Twilio(twilio) => twilio.check().await,
            Provider::Webhook(webhook) => webhook.check().await,
            Provider::Inbox(_) | Provider::Discard(_) => Ok(()),
        }
    }

    /// How long it may take over one message.
    pub(crate) fn patience(&self) -> Millis {
        match self {
            Provider::Smtp(_) => Millis(smtp::PATIENCE.as_millis() as i64),
            Provider::Twilio(_) | Provider::Webhook(_) => Millis(postkey_outbound::PATIENCE.as_millis() as i64),
            Provider::Inbox(_) | Provider::Discard(_) => Millis(0),
        }
    }

    /// Hands a message over. The answer is the provider's own id of it.
    pub(crate) async fn send(&self, job: &Job<'_>) -> Result<String, SendError> {
        match self {
            Provider::Smtp(smtp) => smtp.send(job).await,
            Provider::Twilio(twilio) => twilio.send(job).await,
            Provider::Webhook(webhook) => webhook.send(job).await,
            Provider::Inbox(inbox) => inbox.put(job),
            Provider::Discard(discarded) => {
                discarded.put(job.message, job.content);
                Ok("discarded".to_owned())
            }
        }
    }
}

/// A provider with its name in the config. Clones share what is known of its state.
#[derive(Clone)]
pub struct Named {
    /// Its name: what timelines say.
    pub name: String,
    /// The provider.
    pub provider: Provider,
    /// When it is left alone.
    pub(crate) rests: Arc<Rests>,
}

impl Named {
    /// A provider under its name.
    pub fn new(name: impl Into<String>, provider: Provider) -> Self {
        Named { name: name.into(), provider, rests: Arc::default() }
    }
}

/// Which providers are asked for each channel, the first one first. A channel without any sends nothing.
#[derive(Clone, Default)]
pub struct Routes {
    /// For mail.
    pub email: Vec<Named>,
    /// For texts.
    pub sms: Vec<Named>,
    /// For WhatsApp.
    pub whatsapp: Vec<Named>,
}

impl Routes {
    /// Every channel by one provider.
    pub fn all_by(name: &str, provider: Provider) -> Self {
        let one = vec![Named::new(name, provider)];
        Routes { email: one.clone(), sms: one.clone(), whatsapp: one }
    }

    /// The providers of a channel, in order.
    pub fn of(&self, channel: Channel) -> &[Named] {
        match channel {
            Channel::Email => &self.email,
            Channel::Sms => &self.sms,
            Channel::WhatsApp => &self.whatsapp,
        }
    }

    /// Every provider once, by name, in order: for checks.
    pub fn each(&self) -> Vec<&Named> {
        let mut all: Vec<&Named> = Vec::new();
        for named in self.email.iter().chain(&self.sms).chain(&self.whatsapp) {
            if !all.iter().any(|known| known.name == named.name) {
                all.push(named);
            }
        }
        all
    }
}
