//! Asking web services, for delivery and providers: one request, one answer of bounded size, within a time. No redirects,
//! no proxies, no cookies; https, or http on this machine.
//! [Decision 8](../../../docs/decisions/0008-http-client.md) says why not a larger client.

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER, USER_AGENT};
use hyper::{Request, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use jiff::fmt::rfc2822::DateTimeParser;
use postkey_model::{Millis, Timestamp};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::time::timeout;
use tower_service::Service;
use url::Url;

pub use hyper::header::{self, HeaderMap};
pub use hyper::{Method, StatusCode};

/// How long a whole request may take, from connecting to the last byte of the answer.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// How long the service's network addresses may take to connect, together.
const CONNECT: Duration = Duration::from_secs(5);
/// More than this of an answer is not read: the services' own answers are a tenth of it.
const LONGEST_ANSWER: usize = 64 * 1024;
/// How long a connection is kept for the next message. Shorter than services keep theirs (5 s is common): a message that is
/// written while the service hangs up is lost, and cannot be sent again without the risk that it comes twice.
const IDLE: Duration = Duration::from_secs(4);
/// How many connections are kept for each service.
const KEPT: usize = 8;
/// However long a service asks to be left alone, it is not believed beyond this.
const LONGEST_REST: Millis = Millis::from_hours(1);

/// Why there is no answer. The words are for logs: they hold nothing of what was sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OutboundError {
    /// The address is not one that we send to.
    #[error("{0}")]
    Address(String),
    /// TLS could not be set up.
    #[error("TLS: {0}")]
    Tls(String),
    /// It was asked, or could not be reached. Another try may work.
    #[error("{0}")]
    NoAnswer(String),
}

/// The client. Clones share its connections.
#[derive(Clone)]
pub struct Outbound {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    connector: HttpsConnector<HttpConnector>,
    patience: Duration,
    /// Whether other machines may be asked in the clear.
    in_clear: bool,
}

/// What a service answered.
pub struct Answer {
    /// The status, whatever it is.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// What it asks to be left alone for, from `Retry-After`.
    pub after: Option<Millis>,
    /// Empty when it was too long or broken off: the status has been said by then.
    pub body: Bytes,
    /// Whether the body was read to its end.
    pub whole: bool,
}

impl Answer {
    /// The body as JSON; `None` when it is not, or not of this shape.
    pub fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok().filter(|_| self.whole)
    }
}

impl Outbound {
    /// Nothing is asked yet. `extra_root` is a certificate (PEM) to trust beside the system's. Needs a running tokio runtime.
    pub fn new(extra_root: Option<&[u8]>) -> Result<Self, OutboundError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(pem) = extra_root {
            let mut any = false;
            for certificate in CertificateDer::pem_slice_iter(pem) {
                let certificate = certificate.map_err(|e| OutboundError::Tls(e.to_string()))?;
                roots.add(certificate).map_err(|e| OutboundError::Tls(e.to_string()))?;
                any = true;
            }
            if !any {
                return Err(OutboundError::Tls("no certificate in the file: it must be PEM".to_owned()));
            }
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|e| OutboundError::Tls(e.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT));
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(KEPT)
            .build(connector.clone());
        Ok(Outbound { client, connector, patience: PATIENCE, in_clear: false })
    }

    /// The same, which also asks other machines in the clear: for what is no secret and goes over a network of one's own.
    pub fn in_clear(self) -> Self {
        Outbound { in_clear: true, ..self }
    }

    /// The same with another patience.
    pub fn with_patience(self, patience: Duration) -> Self {
        Outbound { patience, ..self }
    }

    /// Sends one request and reads its answer, whatever its status: a redirect is an answer like others.
    /// May be dropped at any point: its connection is closed then.
    pub async fn ask(&self, method: Method, url: &Url, headers: HeaderMap, body: Vec<u8>, now: Timestamp) -> Result<Answer, OutboundError> {
        let mut request = Request::new(Full::new(Bytes::from(body)));
        *request.method_mut() = method;
        *request.uri_mut() = if self.in_clear { uri(url)? } else { taken(url)? };
        *request.headers_mut() = headers;
        request.headers_mut().insert(USER_AGENT, HeaderValue::from_static("Postkey"));
        let asked = async {
            let answer = self.client.request(request).await.map_err(|e| OutboundError::NoAnswer(told(&e)))?;
            let (head, body) = answer.into_parts();
            let body = Limited::new(body, LONGEST_ANSWER).collect().await.map(|all| all.to_bytes());
            let after = rest(&head.headers, now);
            let (whole, body) = body.map_or_else(|_| (false, Bytes::new()), |body| (true, body));
            Ok(Answer { status: head.status, headers: head.headers, after, body, whole })
        };
        timeout(self.patience, asked).await.unwrap_or_else(|_| Err(OutboundError::NoAnswer("no answer in time".to_owned())))
    }

    /// Gets a document.
    pub async fn get(&self, url: &Url, headers: HeaderMap, now: Timestamp) -> Result<Answer, OutboundError> {
        self.ask(Method::GET, url, headers, Vec::new(), now).await
    }

    /// Posts a form.
    pub async fn post_form(
        &self,
        url: &Url,
        mut headers: HeaderMap,
        fields: &[(&str, &str)],
        now: Timestamp,
    ) -> Result<Answer, OutboundError> {
        headers.extend(headers_for("application/x-www-form-urlencoded"));
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.ask(Method::POST, url, headers, form.into_bytes(), now).await
    }

    /// Whether the service can be reached and speaks TLS as it should. Asks it nothing.
    pub async fn reach(&self, url: &Url) -> Result<(), OutboundError> {
        let uri = taken(url)?;
        match timeout(self.patience, self.connector.clone().call(uri)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(e)) => Err(OutboundError::NoAnswer(spelled_out(e.as_ref()))),
            Err(_) => Err(OutboundError::NoAnswer("no answer in time".to_owned())),
        }
    }
}

/// The address for the wire, if it is one that keeps a secret.
fn taken(url: &Url) -> Result<Uri, OutboundError> {
    postkey_model::check_service_url(url).map_err(OutboundError::Address)?;
    uri(url)
}

fn uri(url: &Url) -> Result<Uri, OutboundError> {
    Uri::try_from(url.as_str()).map_err(|e| OutboundError::Address(e.to_string()))
}

/// Headers for a body of `kind`.
pub fn headers_for(kind: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers
}

/// Reads a service's address: https, or http on this machine only; no user name, no fragment.
pub fn service_url(text: &str) -> Result<Url, OutboundError> {
    postkey_model::service_url(text).map_err(OutboundError::Address)
}

/// `Retry-After` (RFC 9110 §10.2.3): seconds, or a moment.
fn rest(headers: &HeaderMap, now: Timestamp) -> Option<Millis> {
    static DATES: DateTimeParser = DateTimeParser::new();
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let asked = match text.parse::<u32>() {
        Ok(seconds) => Millis::from_secs(seconds.into()),
        Err(_) => Timestamp(DATES.parse_timestamp(text).ok()?.as_millisecond()).since(now),
    };
    (asked > Millis(0)).then(|| asked.min(LONGEST_REST))
}

/// What a broken request says to log and timeline.
fn told(e: &hyper_util::client::legacy::Error) -> String {
    if e.is_connect() {
        return spelled_out(e);
    }
    "the connection broke".to_owned()
}

/// An error with its causes.
fn spelled_out(e: &(dyn std::error::Error + 'static)) -> String {
    let mut text = e.to_string();
    let mut cause = e.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;

    #[test]
    fn only_addresses_that_keep_a_secret_are_taken() {
        for good in ["https://api.example.com/x", "http://localhost:9/x", "http://127.0.0.1:9", "http://[::1]:9/"] {
            assert!(service_url(good).is_ok(), "{good}");
        }
        for bad in [
            "http://api.example.com",
            "ftp://localhost",
            "https://u:p@example.com",
            "https://example.com/#x",
            "example.com",
            "http://localhost.example.com",
            "http://128.0.0.1",
        ] {
            assert!(service_url(bad).is_err(), "{bad}");
        }
    }

    #[tokio::test]
    async fn other_machines_are_asked_in_the_clear_only_where_that_was_said() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        // This machine, under an address that does not say so.
        let url = Url::parse(&format!("http://0.0.0.0:{}/health", listener.local_addr().unwrap().port())).unwrap();
        std::thread::spawn(move || {
            let mut stream = listener.accept().unwrap().0;
            let mut line = String::new();
            BufReader::new(&stream).read_line(&mut line).unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
        });
        let outbound = Outbound::new(None).unwrap();
        let refused = outbound.get(&url, HeaderMap::new(), Timestamp(0)).await.err().unwrap();
        assert!(refused.to_string().contains("must be https"), "{refused}");
        assert_eq!(outbound.in_clear().get(&url, HeaderMap::new(), Timestamp(0)).await.unwrap().status, StatusCode::OK);
    }

    /// A service behind TLS for `localhost`, and its authority's certificate (PEM).
    fn secured() -> (Url, String) {
        let authority_key = rcgen::KeyPair::generate().unwrap();
        let mut parameters = rcgen::CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let authority = parameters.self_signed(&authority_key).unwrap();
        let issuer = rcgen::Issuer::new(parameters, authority_key);
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
        let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let connection = rustls::ServerConnection::new(config.clone()).unwrap();
                std::thread::spawn(move || {
                    let mut stream = BufReader::new(rustls::StreamOwned::new(connection, stream));
                    let mut line = String::new();
                    while line != "\r\n" {
                        line.clear();
                        if stream.read_line(&mut line).unwrap_or(0) == 0 {
                            return;
                        }
                    }
                    let _ = stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello");
                });
            }
        });
        (Url::parse(&format!("https://localhost:{port}/x")).unwrap(), authority.pem())
    }

    #[tokio::test]
    async fn a_service_must_prove_who_it_is() {
        let (url, authority) = secured();
        let knowing = Outbound::new(Some(authority.as_bytes())).unwrap();
        let answer = knowing.ask(Method::GET, &url, HeaderMap::new(), Vec::new(), Timestamp(0)).await.unwrap();
        assert_eq!((answer.status, answer.body.as_ref()), (StatusCode::OK, &b"hello"[..]));
        assert_eq!(knowing.reach(&url).await, Ok(()));
        // Without its authority, and under a name that it is not certified for.
        let other_name = Url::parse(&url.as_str().replace("localhost", "127.0.0.1")).unwrap();
        for (client, url) in [(Outbound::new(None).unwrap(), &url), (knowing, &other_name)] {
            let Err(OutboundError::NoAnswer(why)) = client.ask(Method::GET, url, HeaderMap::new(), Vec::new(), Timestamp(0)).await else {
                panic!("it was believed");
            };
            assert!(why.contains("certificate"), "{why}");
            assert!(client.reach(url).await.unwrap_err().to_string().contains("certificate"));
        }
    }

    #[test]
    fn a_service_says_how_long_to_leave_it_alone() {
        let now = Timestamp(1_800_000_000_000);
        let after = |text: &str| rest(&HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_str(text).unwrap())]), now);
        assert_eq!(after("7"), Some(Millis::from_secs(7)));
        assert_eq!(after("Fri, 15 Jan 2027 08:00:30 GMT"), Some(Millis::from_secs(30)));
        assert_eq!(after("99999999"), Some(LONGEST_REST));
        for nothing in ["0", "-1", "soon", "Fri, 15 Jan 2027 07:59:59 GMT", ""] {
            assert_eq!(after(nothing), None, "{nothing}");
        }
    }
}
