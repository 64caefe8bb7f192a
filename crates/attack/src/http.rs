//! HTTP with every header under control: one client for a listener, requests built by hand, answers read whole.

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::Request;
use hyper::header::HeaderValue;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// No answer of a login server is longer.
const MAX_ANSWER: usize = 16 * 1024 * 1024;
/// A server under attack may be slow; one that says nothing for this long is taken for dead.
const PATIENCE: Duration = Duration::from_secs(40);

/// A client for one listener.
#[derive(Clone)]
pub struct Http {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    /// Where to connect: scheme, host and port.
    base: Url,
    /// How the listener is called in `Host`.
    host: String,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Ask {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// What a server answered.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers in their order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Ask {
    /// A request with nothing but a method and a path.
    pub fn new(method: &str, path: &str) -> Self {
        Ask { method: method.to_owned(), path: path.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    /// `GET path`
    pub fn get(path: &str) -> Self {
        Ask::new("GET", path)
    }

    /// `POST path`
    pub fn post(path: &str) -> Self {
        Ask::new("POST", path)
    }

    /// The path, with its query.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// With one more header. An empty value leaves it out.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        if !value.is_empty() {
            self.headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// With these headers in place of those of the same names.
    pub fn instead(mut self, headers: &[(&str, &str)]) -> Self {
        self.headers.retain(|(name, _)| !headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)));
        headers.iter().fold(self, |ask, (name, value)| ask.with(name, value))
    }

    /// With a form as its body.
    pub fn form(mut self, fields: &[(&str, &str)]) -> Self {
        self.body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes();
        self.with("content-type", "application/x-www-form-urlencoded")
    }

    /// With JSON as its body.
    pub fn json(mut self, value: &Value) -> Self {
        self.body = value.to_string().into_bytes();
        self.with("content-type", "application/json")
    }

    /// With any body.
    pub fn body(mut self, kind: &str, bytes: Vec<u8>) -> Self {
        self.body = bytes;
        self.with("content-type", kind)
    }
}

impl Answer {
    /// The first header of this name (lower case); empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The `Set-Cookie` lines.
    pub fn cookies(&self) -> impl Iterator<Item = &str> {
        self.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, line)| line.as_str())
    }

    /// The value that the answer gives a cookie; `None` when it sets none, or an empty one.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let of = |line: &'_ str| line.split(';').next().and_then(|pair| pair.split_once('=')).map(|(key, _)| key == name);
        let line = self.cookies().find(|line| of(line) == Some(true))?;
        line.split(';').next()?.split_once('=').map(|(_, value)| value).filter(|value| !value.is_empty())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Everything in it as text: status, headers and body.
    pub fn whole(&self) -> String {
        let head: String = self.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
        format!("{}\n{head}\n{}", self.status, self.text())
    }
}

impl Http {
    /// A client for the listener at `base`, called `host`. With `from`, connections begin at that address of this machine.
    pub fn new(base: &Url, host: &str, from: Option<IpAddr>) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        if base.scheme() == "https" {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|e| e.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(Duration::from_secs(10)));
        tcp.set_local_address(from);
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            // Shorter than servers keep them, so that none hangs up while we ask.
            .pool_idle_timeout(Duration::from_secs(3))
            .build(connector);
        Ok(Http { client, base: base.clone(), host: host.to_owned() })
    }

    /// Where it connects, as host and port.
    pub fn authority(&self) -> String {
        self.base.authority().to_owned()
    }

    /// How it calls the listener.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Sends a request and reads the answer, whatever its status.
    pub async fn ask(&self, ask: Ask) -> Result<Answer, String> {
        let told = format!("{} {}", ask.method, ask.path.split('?').next().unwrap_or_default());
        match tokio::time::timeout(PATIENCE, self.exchange(ask)).await {
            Ok(answer) => answer.map_err(|e| format!("{told}: {e}")),
            Err(_) => Err(format!("{told}: no answer in {} s", PATIENCE.as_secs())),
        }
    }

    async fn exchange(&self, ask: Ask) -> Result<Answer, String> {
        let place = format!("{}://{}{}", self.base.scheme(), self.base.authority(), ask.path);
        let mut request = Request::builder().method(ask.method.as_str()).uri(place);
        if !ask.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            request = request.header("host", &self.host);
        }
        for (name, value) in &ask.headers {
            request = request.header(name, HeaderValue::from_bytes(value.as_bytes()).map_err(|e| e.to_string())?);
        }
        let request = request.body(Full::new(Bytes::from(ask.body))).map_err(|e| e.to_string())?;
        let answer = self.client.request(request).await.map_err(|e| causes(&e))?;
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let status = answer.status().as_u16();
        let headers = answer.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        let body = Limited::new(answer.into_body(), MAX_ANSWER).collect().await.map_err(|e| e.to_string())?;
        Ok(Answer { status, headers, body: body.to_bytes().to_vec() })
    }
}

/// An error and what lies under it.
fn causes(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut under = error.source();
    while let Some(one) = under {
        told = format!("{told}: {one}");
        under = one.source();
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_by_name() {
        let set = |line: &str| ("set-cookie".to_owned(), line.to_owned());
        let answer = Answer { headers: vec![set("a=1; Path=/"), set("b=; Expires=x")], ..Answer::default() };
        assert_eq!((answer.cookie("a"), answer.cookie("b"), answer.cookie("c")), (Some("1"), None, None));
    }

    #[test]
    fn headers_are_replaced_whatever_their_case() {
        let ask = Ask::get("/").with("Origin", "a").instead(&[("origin", "b"), ("rid", "")]);
        assert_eq!(ask.headers, [("origin".to_owned(), "b".to_owned())]);
    }
}
