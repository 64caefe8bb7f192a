//! Messages waiting in the outbox.

use crate::id::{MessageId, SignInId, TenantId};
use crate::keyring::Sealed;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// By which way a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// Mail.
    Email,
}

impl Channel {
    /// The name in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Email => "email",
        }
    }

    /// Reads the name above.
    pub fn parse(text: &str) -> Option<Self> {
        (text == "email").then_some(Channel::Email)
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
}

impl MessageKind {
    /// The name of its template folder.
    pub fn template(self) -> &'static str {
        match self {
            MessageKind::SignIn => "sign-in",
        }
    }
}

/// What a message says. Holds the plain code: it exists only sealed, or in the worker's hands.
#[derive(Clone, Serialize, Deserialize)]
pub struct MessageContent {
    /// Which template.
    pub kind: MessageKind,
    /// The product's name.
    pub app_name: String,
    /// The code to type, if any.
    pub code: Option<String>,
    /// The whole link, if any.
    pub link: Option<String>,
    /// How long the code lives, in milliseconds.
    pub lifetime: i64,
}
