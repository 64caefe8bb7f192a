//! SMTP, by lettre: STARTTLS, implicit TLS, or plain to this machine; AUTH; a pool of connections.

use crate::{Rendered, SendError};
use lettre::address::AddressError;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use postkey_model::{Message, Secret, Timestamp};
use std::time::{Duration, SystemTime};
use thiserror::Error;

/// How long one command may take. Shorter than a claim on a message, so that nobody else sends it meanwhile.
const TIMEOUT: Duration = Duration::from_secs(12);

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
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

impl Smtp {
    /// Sets up the pool; nothing is sent yet.
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
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
            .port(settings.port)
            .tls(tls)
            .timeout(Some(TIMEOUT))
            .pool_config(PoolConfig::new().max_size(8).idle_timeout(Duration::from_secs(30)));
        if let Some((user, password)) = &settings.credentials {
            builder = builder.credentials(Credentials::new(user.clone(), password.expose().clone()));
        }
        let domain = from.email.domain().to_owned();
        Ok(Smtp { from, domain, transport: builder.build() })
    }

    /// Connects, says hello, signs in, and leaves: whether the server can be used.
    pub async fn check(&self) -> Result<(), SmtpError> {
        match self.transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(SmtpError::Server("it closed the connection".to_owned())),
            Err(e) => Err(SmtpError::Server(spelled_out(&e))),
        }
    }

    pub(crate) async fn send(&self, message: &Message, rendered: Rendered, now: Timestamp) -> Result<(), SendError> {
        let to: Mailbox = message.to.parse().map_err(|e: AddressError| SendError::Never(e.to_string()))?;
        let date = SystemTime::UNIX_EPOCH + Duration::from_millis(now.0.unsigned_abs());
        let mail = lettre::Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(rendered.subject)
            .date(date)
            .message_id(Some(format!("<{}@{}>", message.id, self.domain)))
            // RFC 3834 §5: no vacation notices, please.
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
            .multipart(MultiPart::alternative_plain_html(rendered.text, rendered.html))
            .map_err(|e| SendError::Never(e.to_string()))?;
        match self.transport.send(mail).await {
            Ok(_) => Ok(()),
            // Refused for good: the address or the mail itself. Trouble with our own sign-in (53x) is not that.
            Err(e) if e.is_permanent() && !e.status().is_some_and(|code| code.to_string().starts_with("53")) => {
                Err(SendError::Never(spelled_out(&e)))
            }
            Err(e) => Err(SendError::Later(spelled_out(&e))),
        }
    }
}

/// An error with its causes.
fn spelled_out(e: &dyn std::error::Error) -> String {
    let mut text = e.to_string();
    let mut cause = e.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
