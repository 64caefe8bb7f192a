//! SMTP, by lettre: STARTTLS, implicit TLS, or plain to this machine; AUTH. Its connections live in `smtp/connections.rs`.

mod connections;

use crate::{Job, SendError};
use connections::{Connections, farewell, spelled_out};
use lettre::address::AddressError;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use postkey_model::Secret;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use thiserror::Error;
use tokio::time::timeout;

/// How long the whole way of one mail may take, from connecting to the server's last answer. Shorter than what the
/// worker wants to be left of its claim, so that nobody else sends the mail meanwhile.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpTls {
    /// Begin in the clear and insist on STARTTLS (RFC 3207), usually port 587.
    StartTls,
    /// TLS from the first byte (RFC 8314), usually port 465.
    Implicit,
    /// No TLS: only to a server on this machine.
    None,
}

/// A mail server and how to talk to it.
#[derive(Clone)]
pub struct SmtpSettings {
    /// Its host name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: SmtpTls,
    /// User name and password, if it wants them.
    pub credentials: Option<(String, Secret<String>)>,
    /// A certificate (PEM) to trust beside the system's, for servers with their own authority.
    pub extra_root: Option<Vec<u8>>,
    /// The sender, as in `Example <login@example.com>`.
    pub from: String,
}

/// Why a mail server cannot be used.
#[derive(Debug, Error)]
pub enum SmtpError {
    /// The sender is not an address.
    #[error("the sender is not a mail address: {0}")]
    From(#[from] AddressError),
    /// TLS could not be set up.
    #[error("TLS to the mail server: {0}")]
    Tls(String),
    /// It did not answer as a mail server does.
    #[error("the mail server: {0}")]
    Server(String),
}

/// A mail server, ready.
#[derive(Clone)]
pub struct Smtp {
    from: Mailbox,
    /// The host part of `Message-ID`s.
    domain: String,
    connections: Arc<Connections>,
    patience: Duration,
}

impl Smtp {
    /// Nothing is sent yet. Needs a running tokio runtime.
    pub fn new(settings: &SmtpSettings) -> Result<Self, SmtpError> {
        let from: Mailbox = settings.from.parse()?;
        let parameters = || -> Result<TlsParameters, SmtpError> {
            let mut builder = TlsParameters::builder(settings.host.clone());
            if let Some(pem) = &settings.extra_root {
                let root = lettre::transport::smtp::client::Certificate::from_pem(pem).map_err(|e| SmtpError::Tls(e.to_string()))?;
                builder = builder.add_root_certificate(root);
            }
            builder.build_rustls().map_err(|e| SmtpError::Tls(e.to_string()))
        };
        let tls = match settings.tls {
            SmtpTls::StartTls => Tls::Required(parameters()?),
            SmtpTls::Implicit => Tls::Wrapper(parameters()?),
            SmtpTls::None => Tls::None,
        };
        let credentials = settings.credentials.as_ref().map(|(user, password)| Credentials::new(user.clone(), password.expose().clone()));
        let connections = Connections::new(&settings.host, settings.port, tls, credentials);
        let domain = from.email.domain().to_owned();
        Ok(Smtp { from, domain, connections, patience: PATIENCE })
    }

    /// Connects, says hello, signs in, and leaves: whether the server can be used.
    pub async fn check(&self) -> Result<(), SmtpError> {
        match timeout(self.patience, self.connections.fresh()).await {
            Ok(Ok(connection)) => {
                farewell(connection);
                Ok(())
            }
            Ok(Err(unready)) => Err(SmtpError::Server(spelled_out(unready.error()))),
            Err(_) => Err(SmtpError::Server("it did not answer in time".to_owned())),
        }
    }

    /// Hands a mail over; the answer is what the server calls it.
    pub(crate) async fn send(&self, job: &Job<'_>) -> Result<String, SendError> {
        let (message, rendered) = (job.message, job.rendered);
        // Words of our own: an error about an address may quote it.
        let to: Mailbox = message.to.parse().map_err(|_| SendError::Recipient("no mail address".to_owned()))?;
        let date = SystemTime::UNIX_EPOCH + Duration::from_millis(job.now.0.unsigned_abs());
        let mail = lettre::Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(rendered.subject.clone())
            .date(date)
            .message_id(Some(format!("<{}@{}>", message.id, self.domain)))
            // RFC 3834 §5: no vacation notices, please.
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
            .multipart(MultiPart::alternative_plain_html(rendered.text.clone(), rendered.html.clone()))
            .map_err(|_| SendError::Refused("the mail could not be put together".to_owned()))?;
        match timeout(self.patience, self.connections.send(mail.envelope(), &mail.formatted())).await {
            Ok(outcome) => outcome.map(|words| job.scrubbed(&words)),
            Err(_) => Err(SendError::later("the mail server took too long")),
        }
    }
}

#[cfg(test)]
mod tests;
