//! The post room: takes what the outbox holds, renders it, sends it, and marks it done. Verbs do not call it; they
//! queue a message with its cause and ring a bell. The only crate that speaks SMTP.

pub mod inbox;
mod render;
mod smtp;
mod worker;

pub use inbox::{DevInbox, Discarded, InboxMail};
pub use render::{RenderError, Rendered, Templates};
pub use smtp::{Smtp, SmtpError, SmtpSettings, SmtpTls};
pub use worker::{PostRoom, PostRoomParts};

use std::sync::Arc;

/// How messages leave the house.
#[derive(Clone)]
pub enum Transport {
    /// To a mail server.
    Smtp(Smtp),
    /// Into the built-in inbox, for trying things out.
    Inbox(Arc<DevInbox>),
    /// Nowhere, for benchmarks.
    Discard(Arc<Discarded>),
}

/// Why a message did not leave.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Another try may work.
    #[error("{0}")]
    Later(String),
    /// No other try will work.
    #[error("{0}")]
    Never(String),
}
