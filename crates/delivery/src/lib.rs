//! The post room: takes what the outbox holds, renders it, sends it, and marks it done. Verbs do not call it; they
//! queue a message with its cause and ring a bell. The only crate that speaks SMTP, and that calls other people's services.

pub mod inbox;
mod job;
mod lifecycle;
mod provider;
mod render;
mod rest;
mod route;
mod samples;
mod signed;
mod smtp;
mod turns;
mod twilio;
mod webhook;
mod worker;

pub(crate) use job::Job;

pub use inbox::{DevInbox, Discarded, InboxMail};
pub use lifecycle::{Lifecycle, LifecycleParts, Listener, ListenerSettings};
pub use provider::{Named, Provider, ProviderError, Routes, SendError};
pub use render::{MESSAGE_TEMPLATES, Places, RenderError, Rendered, Templates};
pub use samples::samples;
pub use smtp::{Smtp, SmtpError, SmtpSettings, SmtpTls};
pub use twilio::{TWILIO_API, Twilio, TwilioSettings};
pub use webhook::{Webhook, WebhookSettings};
pub use worker::{PostRoom, PostRoomParts};

#[cfg(test)]
#[path = "tests/fake.rs"]
mod fake;
