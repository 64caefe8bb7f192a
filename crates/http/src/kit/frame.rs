//! The frame around every answer: request id, security headers, one log line. One middleware of our own, because the
//! usual stack of them costs as much as the rest of a request.

use super::answer::{self, Fault};
use super::client;
use super::cookies::{self, Cookie};
use super::named;
use super::spans;
use crate::Doors;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::Response;
use data_encoding::BASE32_NOPAD;
use postkey_model::entropy::random;
use postkey_model::{Call, ClientIp, Millis, Tenant, TenantId, Timestamp};
use postkey_words::Language;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tracing::Instrument;

/// The peer's address, as the server found it at the socket.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Which endpoint answered, where the router's own pattern does not tell; for the log line. Holds nothing of what was sent.
#[derive(Clone, Copy, Debug)]
pub struct Route(pub &'static str);

/// What the frame knows of a request; doors find it among the request's extensions.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The request's id.
    pub request_id: String,
    /// The client's address.
    pub client: IpAddr,
    /// When it came in.
    pub now: postkey_model::Timestamp,
    /// The page's own address, without the language, to come back to.
    pub here: String,
    /// The languages that the address names (`lang`, or OpenID Connect's `ui_locales`).
    pub languages: Option<String>,
    /// For which tenant it is, once that is known.
    pub(crate) tenant: Arc<OnceLock<TenantId>>,
}

impl Seen {
    /// Remembers the language that the address named, if it named one that we have.
    pub fn keep_language(&self, doors: &Doors, language: Language, headers: &mut HeaderMap) {
        let known = doors.inner.view.templates().words().languages();
        let named = self.languages.as_deref();
        // It comes out whatever the default is.
        if named.is_some() && known.all().iter().all(|other| known.choose(named, None, None, *other) == language) {
            set_language(doors, language, self.now, headers);
        }
    }
}

const LANGUAGE: &str = "pk_lang";

/// Remembers a chosen language for a year.
pub fn set_language(doors: &Doors, language: Language, now: Timestamp, headers: &mut HeaderMap) {
    let expires = Some(now + Millis::from_hours(24 * 365));
    let value = language.code();
    Cookie { name: LANGUAGE, value, path: "/auth", domain: None, expires, http_only: true, secure: doors.secure() }.set(headers);
}

impl Doors {
    /// The language of whoever asks: as the address says, as chosen before, as the browser prefers, as the tenant has it.
    pub(crate) fn language(&self, seen: &Seen, headers: &HeaderMap, tenant: Option<&Tenant>) -> Language {
        let known = self.inner.view.templates().words().languages();
        let default = tenant.and_then(|tenant| known.find(&tenant.language)).unwrap_or(Language::ENGLISH);
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok());
        known.choose(seen.languages.as_deref(), cookies::get(headers, LANGUAGE), accepted, default)
    }

    /// The call that a verb is given, for `tenant`.
    pub(crate) fn call(&self, seen: &Seen, headers: &HeaderMap, tenant: TenantId) -> Call {
        let known = self.auth().tenant(&tenant);
        if known.is_some() {
            // Words that name no tenant are only what somebody sent.
            let _ = seen.tenant.set(tenant.clone());
        }
        let agent = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
        Call {
            now: seen.now,
            lang: self.language(seen, headers, known.as_deref()).code().to_owned(),
            tenant,
            client_ip: ClientIp::of(seen.client),
            user_agent: agent.chars().take(256).collect(),
            request_id: seen.request_id.clone(),
        }
    }
}

/// A page's own address without the language, and the languages that it names. Where forms go there is no page.
fn here(uri: &Uri) -> (String, Option<String>) {
    let path = if uri.path().starts_with("/auth/_/") { "/auth" } else { uri.path() };
    let mut query = form_urlencoded::Serializer::new(String::new());
    let mut languages = None;
    for (key, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).take(32) {
        if matches!(&*key, "lang" | "ui_locales") {
            languages = languages.or(Some(value.into_owned()));
        } else {
            query.append_pair(&key, &value);
        }
    }
    let query = query.finish();
    (if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }, languages)
}

/// No script, style, picture, font or frame from elsewhere; nobody frames us. Forms go home; browsers hold the
/// redirect that answers a form to the same rule, so the registered return URLs are named too.
pub(crate) fn content_security_policy(destinations: &[String]) -> HeaderValue {
    let mut policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
        base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
        .to_owned();
    for origin in destinations {
        policy.push(' ');
        policy.push_str(origin);
    }
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

const HEADERS: [(HeaderName, &str); 6] = [
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-site"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
];

/// The middleware.
pub async fn frame(State(doors): State<Doors>, mut request: Request, next: Next) -> Response {
    let now = doors.inner.clock.now();
    let peer = request.extensions().get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    let proxied = client::is_trusted(peer, &doors.inner.trusted_proxies).then(|| request.headers());
    let trace = proxied.and_then(named::given_trace);
    let request_id = proxied
        .and_then(named::given_id)
        .map_or_else(|| BASE32_NOPAD.encode(&random::<10>(doors.auth().entropy())).to_ascii_lowercase(), str::to_owned);
    let client = client::address(peer, request.headers(), &doors.inner.trusted_proxies);
    let (here, languages) = here(request.uri());
    let tenant = Arc::<OnceLock<TenantId>>::default();
    request.extensions_mut().insert(Seen { request_id: request_id.clone(), client, now, here, languages, tenant: tenant.clone() });
    let method = request.method().clone();
    let begin = Instant::now();
    // The route's pattern, never the path or query as sent: those may hold secrets.
    let matched = request.extensions().get::<MatchedPath>().cloned();

    let span = spans::of(&method, matched.as_ref().map(MatchedPath::as_str), trace.as_ref());
    let mut response = next.run(request).instrument(span.clone()).await;

    let named = response.extensions_mut().remove::<Route>().map(|route| route.0);
    let route = named.or(matched.as_ref().map(MatchedPath::as_str));
    let headers = response.headers_mut();
    for (name, value) in &HEADERS {
        headers.entry(name.clone()).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(doors.policy.clone());
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if doors.secure() {
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(HeaderValue::from_static("max-age=31536000"));
    }
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        headers.insert("x-request-id", id);
    }
    if doors.is_leaving() {
        // Whoever keeps connections open takes the next request to another node, before this one is gone.
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    let status = response.status();
    count(&method, route, status, begin.elapsed());
    spans::end(&span, route, status, tenant.get());
    tracing::info!(
        id = %request_id,
        method = %named::method(&method),
        route = route.unwrap_or(UNMATCHED),
        status = status.as_u16(),
        ms = doors.inner.clock.now().since(now).0,
        tenant = tenant.get().map(TenantId::as_str),
        trace = trace.as_ref().map(|trace| trace.id.as_str()),
        "request"
    );
    response
}

/// The route of what no route matches.
const UNMATCHED: &str = "unmatched";

/// Counts an answered request: by the route's pattern, never by what was sent.
fn count(method: &Method, route: Option<&str>, status: StatusCode, took: Duration) {
    // A method that a route does not take is no row of that route: anybody may think of any.
    let route = route.filter(|_| status != StatusCode::METHOD_NOT_ALLOWED).unwrap_or(UNMATCHED);
    let method = named::method(method);
    let class = match status.as_u16() / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    };
    postkey_metrics::HTTP_REQUESTS.add(&[method, route, class], 1);
    postkey_metrics::HTTP_TIME.took(&[route], took);
}

/// Something is here, but not for this method.
pub async fn wrong_method(State(doors): State<Doors>, headers: HeaderMap, axum::Extension(seen): axum::Extension<Seen>) -> Response {
    answer::fault(&doors, &headers, &seen, Fault::Method)
}
