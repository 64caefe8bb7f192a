//! Messages: those waiting in the outbox, what they say, and what became of them.

use crate::id::{EventId, MessageId, SignInId, TenantId};
use crate::keyring::Sealed;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// By which way a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// Mail.
    Email,
    /// A text message.
    Sms,
    /// A WhatsApp message.
    WhatsApp,
}

impl Channel {
    /// All of them.
    pub const ALL: [Channel; 3] = [Channel::Email, Channel::Sms, Channel::WhatsApp];

    /// The name in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Email => "email",
            Channel::Sms => "sms",
            Channel::WhatsApp => "whatsapp",
        }
    }

    /// Reads the name above.
    pub fn parse(text: &str) -> Option<Self> {
        Channel::ALL.into_iter().find(|channel| channel.as_str() == text)
    }
}

/// A message in the outbox. Its row is gone once it was sent or came too late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its id; also in the mail's `Message-ID`, so that a mail sent twice is known as one.
    pub id: MessageId,
    /// In which tenant.
    pub tenant: TenantId,
    /// For which sign-in.
    pub sign_in: SignInId,
    /// By which way.
    pub channel: Channel,
    /// To whom: the normalised identifier.
    pub to: String,
    /// What it says ([`MessageContent`] as JSON), sealed for the place (id, tenant, to).
    pub sealed: Sealed,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// Nobody but the worker that holds it looks at it before then.
    pub next_try_at: Timestamp,
    /// Tries so far.
    pub tries: i64,
    /// From then on its code is dead, and so is it.
    pub expires_at: Timestamp,
}

impl Message {
    /// The place its content is sealed for.
    pub fn place(&self) -> [&str; 3] {
        [self.id.as_str(), self.tenant.as_str(), &self.to]
    }
}

/// Which template a message is rendered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// A link, a code, or both, for signing in.
    SignIn,
    /// Somebody wanted to sign in with an identifier that has no account, and none may be made.
    NoAccount,
    /// A code that proves a new identifier for an account that is signed in.
    Prove,
    /// A code that confirms, at the old identifier, that another one takes its place.
    ConfirmOld,
    /// Somebody wanted to add an identifier to their account that belongs to another one.
    InUse,
    /// An identifier was added to the account: told to those it had.
    Added,
    /// An identifier was replaced by another one: told to the old one.
    Changed,
    /// An identifier was removed from the account: told to it.
    Removed,
}

impl MessageKind {
    /// All of them.
    pub const ALL: [MessageKind; 8] = [
        MessageKind::SignIn,
        MessageKind::NoAccount,
        MessageKind::Prove,
        MessageKind::ConfirmOld,
        MessageKind::InUse,
        MessageKind::Added,
        MessageKind::Changed,
        MessageKind::Removed,
    ];

    /// Whether it is worth sending only while its sign-in is open: it carries that one's code.
    pub fn carries_code(self) -> bool {
        match self {
            MessageKind::SignIn | MessageKind::Prove | MessageKind::ConfirmOld => true,
            MessageKind::NoAccount | MessageKind::InUse | MessageKind::Added | MessageKind::Changed | MessageKind::Removed => false,
        }
    }

    /// The name of its template folder.
    pub fn template(self) -> &'static str {
        match self {
            MessageKind::SignIn => "sign-in",
            MessageKind::NoAccount => "no-account",
            MessageKind::Prove => "prove",
            MessageKind::ConfirmOld => "confirm-old",
            MessageKind::InUse => "in-use",
            MessageKind::Added => "added",
            MessageKind::Changed => "changed",
            MessageKind::Removed => "removed",
        }
    }
}

/// What a message says, sealed in the outbox: a field that a later version adds has a default, for messages that an
/// earlier one queued. Holds the plain code: it exists only sealed, or in the worker's hands.
#[derive(Clone, Serialize, Deserialize)]
pub struct MessageContent {
    /// Which template.
    pub kind: MessageKind,
    /// The product's name.
    pub app_name: String,
    /// The code to type, if any.
    pub code: Option<String>,
    /// Whether a mail's subject says the code: handy, and readable on a locked screen.
    #[serde(default)]
    pub code_in_subject: bool,
    /// The whole link, if any.
    pub link: Option<String>,
    /// How long the code lives, in milliseconds.
    pub lifetime: i64,
    /// In which language: a tag such as `de`.
    #[serde(default)]
    pub lang: String,
    /// The host that a code may be typed on: the last line of a text names it, so that phones fill it in there only.
    #[serde(default)]
    pub host: String,
    /// From where it was asked for.
    #[serde(default)]
    pub asked: Asked,
    /// The other identifier that the message tells of, whole: it goes to the owner of the account.
    #[serde(default)]
    pub other: Option<String>,
    /// Where people get help, if the operator named a place.
    #[serde(default)]
    pub support: Option<String>,
}

/// From where something was asked for: a closed list and a network, nothing that the asker could write words with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Browser and system, as [`crate::Agent`] writes them.
    pub agent: String,
    /// The client's network, as [`crate::ClientIp`] writes it.
    pub client_ip: String,
}

/// What became of a message at one provider: a line of its sign-in's delivery timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its id; in time order.
    pub id: EventId,
    /// For which sign-in.
    pub sign_in: SignInId,
    /// Which message.
    pub message: MessageId,
    /// When that message was queued.
    pub queued_at: Timestamp,
    /// When this happened.
    pub at: Timestamp,
    /// By which way.
    pub channel: Channel,
    /// The provider's name in the config.
    pub provider: String,
    /// What happened.
    pub outcome: DeliveryOutcome,
    /// The provider's own words: an id when it took the message, a reason when not. At most 200 characters, no code.
    pub answer: String,
}

/// What became of a message at one provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryOutcome {
    /// The provider took it.
    Accepted,
    /// It will never be taken: a bounce, or a number that does not exist.
    Refused,
    /// This provider did not take it; the next one in order is asked.
    FailedOver,
    /// Nobody took it yet; it is tried again.
    Deferred,
    /// Its code was dying: not sent.
    TooLate,
    /// Its sign-in was over before its turn came: not sent.
    NotNeeded,
}

impl DeliveryOutcome {
    const ALL: [DeliveryOutcome; 6] = [
        DeliveryOutcome::Accepted,
        DeliveryOutcome::Refused,
        DeliveryOutcome::FailedOver,
        DeliveryOutcome::Deferred,
        DeliveryOutcome::TooLate,
        DeliveryOutcome::NotNeeded,
    ];

    /// The name in the store and in timelines.
    pub fn as_str(self) -> &'static str {
        match self {
            DeliveryOutcome::Accepted => "accepted",
            DeliveryOutcome::Refused => "refused",
            DeliveryOutcome::FailedOver => "failed_over",
            DeliveryOutcome::Deferred => "deferred",
            DeliveryOutcome::TooLate => "too_late",
            DeliveryOutcome::NotNeeded => "not_needed",
        }
    }

    /// Reads the name above.
    pub fn parse(text: &str) -> Option<Self> {
        DeliveryOutcome::ALL.into_iter().find(|outcome| outcome.as_str() == text)
    }
}
