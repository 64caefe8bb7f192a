//! What watches the server asks: whether it is alive, whether requests may be sent to it, and its figures.

use crate::Doors;
use crate::kit::answer;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use postkey_metrics as metrics;
use postkey_model::{Millis, Timestamp};
use postkey_store::WebhooksWaiting;
use serde_json::json;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::timeout;

/// How long whoever watches waits for the database: a look that takes longer is one that failed.
const PATIENCE: Duration = Duration::from_secs(2);
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
    let (auth, now) = (doors.auth().clone(), doors.inner.clock.now());
    let [database, ..] = postkey_auth::READY_CHECKS;
    let mut failed = in_time(async move { auth.not_ready(now).await }).await.unwrap_or_else(|| vec![database]);
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

/// What the database says, if it does in time. Where it hangs, the look goes on by itself to its own end, which takes the connection out of
/// use: broken off, it would leave that to the next one.
async fn in_time<T: Send + 'static>(look: impl Future<Output = T> + Send + 'static) -> Option<T> {
    timeout(PATIENCE, tokio::spawn(look)).await.ok()?.ok()
}

/// Brings those figures up to date that nobody counts: what is there now.
async fn look(doors: &Doors) {
    let now = doors.inner.clock.now();
    metrics::BUILD_INFO.set(&[env!("CARGO_PKG_VERSION")], 1.0);
    let (outbox, webhooks) = (doors.auth().store().clone(), doors.auth().store().clone());
    let outbox = in_time(async move { outbox.outbox().await });
    let webhooks = in_time(async move { webhooks.webhooks_waiting().await });
    let (outbox, webhooks, failed) = tokio::join!(outbox, webhooks, failed(doors));
    say_outbox(outbox.and_then(Result::ok), now);
    say_webhooks(webhooks.and_then(Result::ok), now);
    metrics::KEY_AGE.clear();
    for (set, age) in doors.auth().key_ages(now) {
        metrics::KEY_AGE.set(&[set], seconds(age));
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

/// What waits in the outbox. What is not known is left out: yesterday's figure would look like today's.
fn say_outbox(outbox: Option<(i64, Option<Timestamp>)>, now: Timestamp) {
    metrics::OUTBOX_MESSAGES.clear();
    metrics::OUTBOX_OLDEST.clear();
    let Some((messages, oldest)) = outbox else {
        tracing::warn!("the outbox could not be counted");
        return;
    };
    metrics::OUTBOX_MESSAGES.set(&[], messages as f64);
    metrics::OUTBOX_OLDEST.set(&[], oldest.map_or(0.0, |oldest| seconds(now.since(oldest))));
}

/// What services that are told what happens were not told yet.
fn say_webhooks(all: Option<Vec<WebhooksWaiting>>, now: Timestamp) {
    metrics::WEBHOOKS_WAITING.clear();
    metrics::WEBHOOKS_OLDEST.clear();
    metrics::WEBHOOKS_GIVEN_UP.clear();
    for waiting in all.unwrap_or_default() {
        let labels = [waiting.endpoint.as_str()];
        metrics::WEBHOOKS_WAITING.set(&labels, waiting.waiting as f64);
        metrics::WEBHOOKS_OLDEST.set(&labels, waiting.oldest.map_or(0.0, |oldest| seconds(now.since(oldest))));
        metrics::WEBHOOKS_GIVEN_UP.set(&labels, waiting.given_up as f64);
    }
}

fn seconds(length: Millis) -> f64 {
    length.0.max(0) as f64 / 1000.0
}
