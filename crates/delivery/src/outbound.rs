//! Asking web services: one request, one answer of bounded size, within a time. No redirects, no proxies, no cookies.
//! [Decision 8](../../../docs/decisions/0008-http-client.md) says why not a larger client.

use crate::SendError;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER, USER_AGENT};
use hyper::{Method, Request, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use jiff::fmt::rfc2822::DateTimeParser;
use postkey_model::{Millis, Timestamp};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::time::timeout;
use tower_service::Service;
use url::Url;

/// How long a whole request may take, from connecting to the last byte of the answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// How long the service's network addresses may take to connect, together.
const CONNECT: Duration = Duration::from_secs(5);
/// More than this of an answer is not read: the services' own answers are a tenth of it.
const LONGEST_ANSWER: usize = 64 * 1024;
/// How long a connection is kept for the next message.
const IDLE: Duration = Duration::from_secs(30);
/// How many connections are kept for each service.
const KEPT: usize = 8;
/// However long a service asks to be left alone, it is not believed beyond this.
const LONGEST_REST: Millis = Millis::from_hours(1);

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

/// The client for one service.
#[derive(Clone)]
pub(crate) struct Outbound {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    connector: HttpsConnector<HttpConnector>,
    patience: Duration,
}

/// What a service answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// What it asks to be left alone for, from `Retry-After`.
    pub(crate) after: Option<Millis>,
    /// Empty when it was too long or broken off: the status has been said by then.
    pub(crate) body: Bytes,
}

impl Outbound {
    /// Nothing is asked yet. `extra_root` is a certificate (PEM) to trust beside the system's.
    pub(crate) fn new(extra_root: Option<&[u8]>) -> Result<Self, ProviderError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(pem) = extra_root {
            let mut any = false;
            for certificate in CertificateDer::pem_slice_iter(pem) {
                let certificate = certificate.map_err(|e| ProviderError::Tls(e.to_string()))?;
                roots.add(certificate).map_err(|e| ProviderError::Tls(e.to_string()))?;
                any = true;
            }
            if !any {
                return Err(ProviderError::Tls("no certificate in the file: it must be PEM".to_owned()));
            }
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|e| ProviderError::Tls(e.to_string()))?
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
        Ok(Outbound { client, connector, patience: PATIENCE })
    }

    /// The same with another patience, for tests.
    #[cfg(test)]
    pub(crate) fn with_patience(self, patience: Duration) -> Self {
        Outbound { patience, ..self }
    }

    /// Sends one request and reads its answer, whatever its status. An error always means another try may work.
    /// May be dropped at any point: its connection is closed then.
    pub(crate) async fn ask(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: Vec<u8>,
        now: Timestamp,
    ) -> Result<Answer, SendError> {
        let mut request = Request::new(Full::new(Bytes::from(body)));
        *request.method_mut() = method;
        *request.uri_mut() = Uri::try_from(url.as_str()).map_err(|e| SendError::Refused(e.to_string()))?;
        *request.headers_mut() = headers;
        request.headers_mut().insert(USER_AGENT, hyper::header::HeaderValue::from_static("Postkey"));
        let asked = async {
            let answer = self.client.request(request).await.map_err(|e| SendError::later(told(&e)))?;
            let (head, body) = answer.into_parts();
            let body = Limited::new(body, LONGEST_ANSWER).collect().await.map(|all| all.to_bytes()).unwrap_or_default();
            Ok(Answer { status: head.status, after: rest(&head.headers, now), body })
        };
        timeout(self.patience, asked).await.unwrap_or_else(|_| Err(SendError::later("no answer in time")))
    }

    /// Whether the service can be reached and speaks TLS as it should. Asks it nothing.
    pub(crate) async fn reach(&self, url: &Url) -> Result<(), ProviderError> {
        let uri = Uri::try_from(url.as_str()).map_err(|e| ProviderError::Setting(e.to_string()))?;
        match timeout(self.patience, self.connector.clone().call(uri)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(e)) => Err(ProviderError::Answer(spelled_out(e.as_ref()))),
            Err(_) => Err(ProviderError::Answer("no answer in time".to_owned())),
        }
    }
}

/// Headers for a body of `kind`.
pub(crate) fn headers_for(kind: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(kind));
    headers
}

/// Reads a service's address: https, or http on this machine only; no user name, no fragment.
pub(crate) fn service_url(text: &str) -> Result<Url, ProviderError> {
    let url = Url::parse(text).map_err(|e| ProviderError::Setting(format!("{text:?} is not a URL: {e}")))?;
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if !(url.scheme() == "https" || url.scheme() == "http" && loopback) {
        return Err(ProviderError::Setting(format!("{text:?} must be https: codes would travel in the clear")));
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(ProviderError::Setting("the URL takes no user name, password or #fragment".to_owned()));
    }
    Ok(url)
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
    use hyper::header::HeaderValue;
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
            let Err(SendError::Later { why, .. }) = client.ask(Method::GET, url, HeaderMap::new(), Vec::new(), Timestamp(0)).await else {
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
