//! Connections to the mail server: made when they are needed, kept for the next mails; and a mail's way through one.
//!
//! Not lettre's own pool: it takes a connection back whose mail was given up in the middle (the next mail would read
//! the answers to this one), and it does not tell which command the server refused.

use crate::SendError;
use lettre::address::Envelope;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Tls, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use std::error::Error as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// How long one of the server's network addresses may take to connect.
const CONNECT: Duration = Duration::from_secs(8);
/// How long a kept connection may take to say that it still lives, and a used one to say goodbye.
const SHORT: Duration = Duration::from_secs(3);
/// How long a connection is kept unused.
const IDLE: Duration = Duration::from_secs(30);
/// How many are kept unused.
const KEPT: usize = 8;

/// The connections to one mail server.
pub(crate) struct Connections {
    host: String,
    port: u16,
    tls: Tls,
    credentials: Option<Credentials>,
    hello: ClientId,
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    connection: AsyncSmtpConnection,
    since: Instant,
}

/// Why a connection did not come about.
#[derive(Debug)]
pub(crate) enum Unready {
    /// The server could not be reached or did not speak as it should.
    Connect(Error),
    /// It did not take our user name and password.
    SignIn(Error),
}

impl Unready {
    /// The error itself.
    pub(crate) fn error(&self) -> &Error {
        match self {
            Unready::Connect(e) | Unready::SignIn(e) => e,
        }
    }
}

impl Connections {
    /// None yet. Needs a running tokio runtime.
    pub(crate) fn new(host: &str, port: u16, tls: Tls, credentials: Option<Credentials>) -> Arc<Self> {
        let all = Connections { host: host.to_owned(), port, tls, credentials, hello: ClientId::default(), idle: Mutex::default() };
        let all = Arc::new(all);
        let weak = Arc::downgrade(&all);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(IDLE / 2).await;
                let Some(all) = weak.upgrade() else { return };
                let old: Vec<Idle> = all.idle().extract_if(.., |idle| idle.since.elapsed() > IDLE).collect();
                old.into_iter().for_each(|idle| farewell(idle.connection));
            }
        });
        all
    }

    /// Connects, protects, signs in.
    pub(crate) async fn fresh(&self) -> Result<AsyncSmtpConnection, Unready> {
        let wrapper: Option<TlsParameters> = if let Tls::Wrapper(parameters) = &self.tls { Some(parameters.clone()) } else { None };
        let mut connection =
            AsyncSmtpConnection::connect_tokio1((self.host.as_str(), self.port), Some(CONNECT), &self.hello, wrapper, None)
                .await
                .map_err(Unready::Connect)?;
        if let Tls::Required(parameters) = &self.tls {
            connection.starttls(parameters.clone(), &self.hello).await.map_err(Unready::Connect)?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await.map_err(Unready::SignIn)?;
        }
        Ok(connection)
    }

    /// Hands one mail over; the answer is the server's words. May be dropped at any point: its connection is closed then,
    /// and no other mail meets it.
    pub(crate) async fn send(&self, envelope: &Envelope, mail: &[u8]) -> Result<String, SendError> {
        let mut connection = match self.kept().await {
            Some(connection) => connection,
            // Whatever the server says before it heard of a recipient says nothing about this one.
            // A password that it does not take is the operator's to mend, and may be mended in time.
            None => self.fresh().await.map_err(|unready| SendError::later(told(unready.error())))?,
        };
        match hand_over(&mut connection, envelope, mail).await {
            Ok(words) => {
                self.keep(connection);
                Ok(words)
            }
            Err(e) => {
                farewell(connection);
                Err(e)
            }
        }
    }

    /// A kept connection that still works.
    async fn kept(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let mut connection = self.idle().pop()?.connection;
            if timeout(SHORT, connection.test_connected()).await == Ok(true) {
                return Some(connection);
            }
        }
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut idle = self.idle();
        if idle.len() < KEPT {
            idle.push(Idle { connection, since: Instant::now() });
        } else {
            farewell(connection);
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says goodbye (RFC 5321 §4.1.1.10) without letting anybody wait for it.
pub(crate) fn farewell(mut connection: AsyncSmtpConnection) {
    tokio::spawn(async move {
        let _ = timeout(SHORT, connection.abort()).await;
    });
}

async fn hand_over(connection: &mut AsyncSmtpConnection, envelope: &Envelope, mail: &[u8]) -> Result<String, SendError> {
    let mut parameters = Vec::new();
    let beyond_ascii = envelope.to().iter().chain(envelope.from()).any(|address| !<_ as AsRef<str>>::as_ref(address).is_ascii());
    if beyond_ascii {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Err(SendError::Refused("the mail server takes no addresses beyond ASCII (SMTPUTF8)".to_owned()));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if !mail.is_ascii() {
        if !connection.server_info().supports_feature(Extension::EightBitMime) {
            return Err(SendError::Refused("the mail server takes no mail beyond ASCII (8BITMIME)".to_owned()));
        }
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    // Refused here, it is the sender or the moment that the server does not like.
    connection.command(Mail::new(envelope.from().cloned(), parameters)).await.map_err(|e| of_this_server(&e))?;
    for to in envelope.to() {
        connection.command(Rcpt::new(to.clone(), Vec::new())).await.map_err(|e| of_this_recipient(&e))?;
    }
    connection.command(Data).await.map_err(|e| of_this_server(&e))?;
    let taken = connection.message(mail).await.map_err(|e| of_this_server(&e))?;
    Ok(taken.first_line().unwrap_or_default().to_owned())
}

/// The server does not like us or the mail: for good with 5xx (RFC 5321 §4.2.1), else for now. Another server may take it.
fn of_this_server(e: &Error) -> SendError {
    if e.is_permanent() { SendError::Refused(told(e)) } else { SendError::later(told(e)) }
}

/// The server heard the recipient: 550, 551 and 553 (RFC 5321 §4.2.2) say that there is none, unless the enhanced code
/// says that it is the server's policy (x.7.x, RFC 3463 §3.8).
fn of_this_recipient(e: &Error) -> SendError {
    let code = e.status().map(|code| code.to_string()).unwrap_or_default();
    let policy = enhanced(e).is_some_and(|enhanced| enhanced.split('.').nth(1) == Some("7"));
    if matches!(code.as_str(), "550" | "551" | "553") && !policy { SendError::Recipient(told(e)) } else { of_this_server(e) }
}

/// What an error says to the log. Of the server's answer only the numbers: its words may quote the mail and its code.
fn told(e: &Error) -> String {
    if let Some(code) = e.status() {
        return match enhanced(e) {
            Some(enhanced) => format!("the mail server answered {code} {enhanced}"),
            None => format!("the mail server answered {code}"),
        };
    }
    if e.is_response() {
        return "the mail server hung up, or its answer was not SMTP".to_owned();
    }
    spelled_out(e)
}

/// The enhanced status code in the server's answer.
fn enhanced(e: &Error) -> Option<String> {
    let words = e.source()?.to_string();
    words.split_whitespace().next().filter(|word| is_enhanced(word)).map(str::to_owned)
}

/// `4.7.1`: class, subject, detail (RFC 3463 §2).
fn is_enhanced(word: &str) -> bool {
    let is_number = |part: &str, most| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    matches!(word.split('.').collect::<Vec<_>>().as_slice(), [class, subject, detail]
        if matches!(*class, "4" | "5") && is_number(subject, 1) && is_number(detail, 3))
}

/// An error with its causes (lettre names the first one itself), the server's words among them: for people who asked.
pub(crate) fn spelled_out(e: &Error) -> String {
    let mut text = e.to_string();
    let mut cause = e.source().and_then(std::error::Error::source);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
