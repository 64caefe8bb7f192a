//! What watches the server asks: whether it is alive, whether requests may be sent to it, and its figures.

use crate::Doors;
use crate::kit::answer;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use postkey_metrics as metrics;
use postkey_model::Timestamp;
use serde_json::json;
use std::sync::atomic::Ordering;

/// Why `/ready` says no once the server was asked to stop.
const STOPPING: &str = "stopping";

/// `GET /health`: 200 as long as the process answers at all. Whoever starts it again when this fails does not start it again
/// because a database is away.
pub async fn health() -> Response {
    answer::json(StatusCode::OK, &json!({ "status": "ok" }))
}

/// `GET /ready`: 200 when requests may be sent here, else 503 with a word for each check that failed.
pub async fn ready(State(doors): State<Doors>) -> Response {
    let failed = failed(&doors).await;
    if failed.is_empty() {
        return answer::json(StatusCode::OK, &json!({ "status": "ready" }));
    }
    let mut response = answer::json(StatusCode::SERVICE_UNAVAILABLE, &json!({ "status": "not ready", "failed": failed }));
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

/// The checks that fail, by name.
async fn failed(doors: &Doors) -> Vec<&'static str> {
    let mut failed = doors.auth().not_ready(doors.inner.clock.now()).await;
    if doors.is_leaving() {
        failed.push(STOPPING);
    }
    failed
}

impl Doors {
    /// From now on `/ready` says no, so that nobody sends new requests here, and connections end with the answers on them.
    /// Requests that come all the same are served as before.
    pub fn leave(&self) {
        self.leaving.store(true, Ordering::Relaxed);
    }

    /// Whether [`Doors::leave`] was called.
    pub(crate) fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::Relaxed)
    }
}

/// `GET /metrics` of the private listener: every figure, as Prometheus reads it.
pub async fn figures(State(doors): State<Doors>, headers: HeaderMap) -> Response {
    if let Some(refusal) = without_key(&doors, &headers) {
        return refusal;
    }
    look(&doors).await;
    answer::body(StatusCode::OK, metrics::CONTENT_TYPE, metrics::text())
}

/// The refusal, unless the key of this page is shown as a bearer token. A development server without one asks for none.
fn without_key(doors: &Doors, headers: &HeaderMap) -> Option<Response> {
    let Some(key) = &doors.inner.metrics_key else {
        let words = "set metrics_key in the config to read the figures";
        return doors.inner.dev.is_none().then(|| answer::json(StatusCode::UNAUTHORIZED, &json!({ "message": words })));
    };
    let shown = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let shown = shown.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map_or("", |(_, shown)| shown.trim());
    if doors.auth().keyring().same_secret(shown.as_bytes(), key.expose().as_bytes()) {
        return None;
    }
    let words = "send metrics_key as Authorization: Bearer KEY";
    let mut response = answer::json(StatusCode::UNAUTHORIZED, &json!({ "message": words }));
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    Some(response)
}

/// Brings those figures up to date that nobody counts: what is there now. What the database does not count soon is left out:
/// yesterday's figure would look like today's.
async fn look(doors: &Doors) {
    let now = doors.inner.clock.now();
    metrics::BUILD_INFO.set(&[env!("CARGO_PKG_VERSION")], 1.0);
    let (outbox, webhooks, failed) = tokio::join!(look_at_outbox(doors, now), look_at_webhooks(doors, now), failed(doors));
    metrics::COUNTED.set(&[], if outbox && webhooks { 1.0 } else { 0.0 });
    metrics::KEY_AGE.clear();
    for (set, age) in doors.auth().key_ages(now) {
        metrics::KEY_AGE.set(&[set], seconds(age.0));
    }
    for check in postkey_auth::READY_CHECKS.into_iter().chain([STOPPING]) {
        metrics::READY.set(&[check], if failed.contains(&check) { 0.0 } else { 1.0 });
    }
    if let Some(bytes) = metrics::resident_bytes() {
        metrics::RESIDENT_MEMORY.set(&[], bytes as f64);
    }
    if let Some(files) = metrics::open_files() {
        metrics::OPEN_FILES.set(&[], files as f64);
    }
}

fn seconds(millis: i64) -> f64 {
    millis.max(0) as f64 / 1000.0
}

/// What waits to be sent. False when it could not be counted.
async fn look_at_outbox(doors: &Doors, now: Timestamp) -> bool {
    match doors.auth().store().soon(|store| async move { store.outbox().await }).await {
        Ok((messages, oldest)) => {
            metrics::OUTBOX_MESSAGES.set(&[], messages as f64);
            metrics::OUTBOX_OLDEST.set(&[], oldest.map_or(0.0, |oldest| seconds(now.since(oldest).0)));
            true
        }
        Err(e) => {
            metrics::OUTBOX_MESSAGES.clear();
            metrics::OUTBOX_OLDEST.clear();
            tracing::warn!(error = %e, "the outbox could not be counted");
            false
        }
    }
}

/// What services that are told what happens were not told yet. False when it could not be counted.
async fn look_at_webhooks(doors: &Doors, now: Timestamp) -> bool {
    let all = doors.auth().store().soon(|store| async move { store.webhooks_waiting().await }).await;
    metrics::WEBHOOKS_WAITING.clear();
    metrics::WEBHOOKS_OLDEST.clear();
    metrics::WEBHOOKS_GIVEN_UP.clear();
    match all {
        Ok(all) => {
            for waiting in all {
                let labels = [waiting.endpoint.as_str()];
                metrics::WEBHOOKS_WAITING.set(&labels, waiting.waiting as f64);
                metrics::WEBHOOKS_OLDEST.set(&labels, waiting.oldest.map_or(0.0, |oldest| seconds(now.since(oldest).0)));
                metrics::WEBHOOKS_GIVEN_UP.set(&labels, waiting.given_up as f64);
            }
            true
        }
        Err(e) => {
            tracing::warn!(error = %e, "what waits for services could not be counted");
            false
        }
    }
}
