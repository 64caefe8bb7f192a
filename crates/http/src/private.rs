//! The private listener: for back ends, never for browsers.

use crate::Doors;
use crate::kit::answer;
use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use serde_json::json;

/// `GET /hello`: what SuperTokens back-end SDKs ask first.
pub async fn hello() -> Response {
    answer::body(StatusCode::OK, "text/plain; charset=utf-8", "Hello\n")
}

/// `GET /health`: 200 while the database answers.
pub async fn health(State(doors): State<Doors>) -> Response {
    if doors.auth().ready().await {
        return answer::json(StatusCode::OK, &json!({ "status": "ok" }));
    }
    answer::json(StatusCode::SERVICE_UNAVAILABLE, &json!({ "status": "unavailable", "message": "the database does not answer" }))
}

/// Refuses browsers, and host names that are not ours: a page that rebinds its own name to this machine sends either.
pub async fn guard(State(doors): State<Doors>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if headers.contains_key(ORIGIN) || headers.contains_key("sec-fetch-site") {
        return answer::json(StatusCode::FORBIDDEN, &json!({ "message": "the private listener does not serve browsers" }));
    }
    if !is_ours(host(headers), &doors.inner.private_hosts) {
        let message = "unknown Host: add the name to private_hosts if back ends address this listener by it";
        return answer::json(StatusCode::FORBIDDEN, &json!({ "message": message }));
    }
    next.run(request).await
}

/// The host a request is addressed to, without the port.
pub(crate) fn host(headers: &HeaderMap) -> &str {
    let host = headers.get(HOST).and_then(|v| v.to_str().ok()).unwrap_or_default();
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !name.is_empty() => name,
        _ => host,
    }
}

/// Whether `host` is this machine itself, or one of the `listed` names.
pub(crate) fn is_ours(host: &str, listed: &[String]) -> bool {
    is_loopback(host) || listed.iter().any(|name| name.eq_ignore_ascii_case(host))
}

/// Whether `host` names this machine only.
pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
