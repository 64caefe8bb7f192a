//! The pages' style sheets, scripts and logos. Their names change with their text, so browsers may keep them for ever.

use crate::Doors;
use crate::kit::answer::{self, Fault};
use crate::kit::frame::Seen;
use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;

/// `GET /auth/_/assets/{file}`
pub async fn show(
    State(doors): State<Doors>,
    Extension(seen): Extension<Seen>,
    file: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    // A name that is not even text is no file of ours either.
    let Some(asset) = file.ok().and_then(|Path(file)| doors.inner.view.asset(&file)) else {
        return answer::fault(&doors, &headers, &seen, Fault::Missing);
    };
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let takes_gzip = accepted.split(',').any(|coding| matches!(coding.trim(), "gzip" | "x-gzip"));
    let gzip = asset.gzip.as_ref().filter(|_| takes_gzip);
    let mut response = answer::body(StatusCode::OK, asset.kind, gzip.unwrap_or(&asset.bytes).clone());
    if gzip.is_some() {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if asset.gzip.is_some() {
        response.headers_mut().insert(VARY, HeaderValue::from_static("accept-encoding"));
    }
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    // A picture that is opened by itself runs nothing (SVG can hold scripts).
    if asset.kind.starts_with("image/") {
        response
            .headers_mut()
            .insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox"));
    }
    response
}
