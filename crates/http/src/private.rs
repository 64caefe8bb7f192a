//! The private listener: for back ends, never for browsers.

use crate::Doors;
use crate::kit::answer;
use crate::kit::frame::Seen;
use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use postkey_auth::{Step, Timeline};
use postkey_model::{Channel, SignInId};
use serde_json::json;

/// `/hello`: whether somebody is there.
pub async fn hello() -> Response {
    answer::body(StatusCode::OK, "text/plain; charset=utf-8", "Hello\n")
}

/// `GET /postkey/sign-ins/{id}`: what became of a sign-in and its messages.
pub async fn timeline(
    State(doors): State<Doors>,
    Extension(seen): Extension<Seen>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Some(refusal) = without_key(&doors, &headers) {
        return refusal;
    }
    let missing = || answer::json(StatusCode::NOT_FOUND, &json!({ "message": "there is no sign-in of this id, or no more" }));
    let Some(id) = SignInId::parse(&id) else { return missing() };
    match doors.auth().timeline(&id).await {
        Ok(Some(timeline)) => answer::json(StatusCode::OK, &timeline_json(&timeline)),
        Ok(None) => missing(),
        Err(e) => answer::unavailable(&doors, &headers, &seen, &e.0),
    }
}

/// A timeline as JSON. The identifier is masked; moments are milliseconds since 1970.
pub fn timeline_json(timeline: &Timeline) -> serde_json::Value {
    let step = |step: &Step| {
        let channel = step.channel.map(Channel::as_str);
        json!({ "at": step.at.0, "what": step.what, "channel": channel, "provider": step.provider, "answer": step.answer })
    };
    json!({
        "id": timeline.id.as_str(),
        "tenant": timeline.tenant.as_str(),
        "to": timeline.to.masked(),
        "agent": timeline.asked.agent,
        "network": timeline.asked.client_ip,
        "sends": timeline.sends,
        "wrongCodes": timeline.attempts,
        "codeExpiresAt": timeline.expires_at.0,
        "steps": timeline.steps.iter().map(step).collect::<Vec<_>>(),
    })
}

/// The refusal, unless a back end shows an API key: in the header `api-key`, as SuperTokens' SDKs send it, or in `Authorization`. A
/// development server without keys asks for none.
pub(crate) fn without_key(doors: &Doors, headers: &HeaderMap) -> Option<Response> {
    if doors.inner.api_keys.is_empty() && doors.inner.dev.is_some() {
        return None;
    }
    let shown = shown_key(headers).unwrap_or_default().as_bytes();
    // All keys are compared, whatever was found before: the time taken says nothing.
    let fits =
        doors.inner.api_keys.iter().fold(false, |fits, key| fits | doors.auth().keyring().same_secret(shown, key.expose().as_bytes()));
    if fits {
        return None;
    }
    let message =
        if doors.inner.api_keys.is_empty() { "set api_keys in the config to use this" } else { "the api-key header is missing or wrong" };
    Some(answer::json(StatusCode::UNAUTHORIZED, &json!({ "message": message })))
}

/// The API key that came along, right or wrong.
pub(crate) fn shown_key(headers: &HeaderMap) -> Option<&str> {
    let bearer = || {
        let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
        Some(value.get(..7).filter(|word| word.eq_ignore_ascii_case("bearer ")).map_or(value, |_| &value[7..]))
    };
    headers.get("api-key").and_then(|value| value.to_str().ok()).or_else(bearer).map(str::trim)
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
