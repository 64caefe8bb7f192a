//! The pages' style sheet and script. Their names change with their text, so browsers may keep them for ever.

use crate::Doors;
use crate::kit::frame::Seen;
use crate::kit::{answer, view::View};
use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header::CACHE_CONTROL;
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
    let Some(asset) = file.ok().and_then(|Path(file)| View::asset(&file)) else {
        return answer::fault(&doors, &headers, &seen, StatusCode::NOT_FOUND, "Nothing here", "There is no such file.");
    };
    let mut response = answer::body(StatusCode::OK, asset.kind, asset.text);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    response
}
