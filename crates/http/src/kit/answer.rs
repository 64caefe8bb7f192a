//! Answers that all doors give: pages, errors, "go there".

use super::frame::Seen;
use crate::Doors;
use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use minijinja::{Value, context};
use serde_json::json;

/// A body of a type.
pub fn body(status: StatusCode, kind: &'static str, text: impl Into<Body>) -> Response {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// A JSON body.
pub fn json(status: StatusCode, value: &serde_json::Value) -> Response {
    body(status, "application/json; charset=utf-8", value.to_string())
}

/// A page from a template.
pub fn page(doors: &Doors, seen: &Seen, status: StatusCode, template: &str, values: Value) -> Response {
    match doors.inner.view.render(template, values) {
        Ok(html) => body(status, "text/html; charset=utf-8", html),
        Err(e) => {
            tracing::error!(id = %seen.request_id, error = %e, "a page could not be rendered");
            body(
                StatusCode::INTERNAL_SERVER_ERROR,
                "text/plain; charset=utf-8",
                format!("This page is broken. Request {}", seen.request_id),
            )
        }
    }
}

/// Whether the caller wants JSON: our own script does, and so do programs.
pub fn wants_json(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|v| v.to_str().ok()).is_some_and(|accept| accept.contains("application/json"))
}

/// Send the browser to `place` with a GET: 303 for forms, JSON for our script.
pub fn go(headers: &HeaderMap, place: &str) -> Response {
    if wants_json(headers) {
        return json(StatusCode::OK, &json!({ "location": place }));
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    match HeaderValue::from_str(place) {
        Ok(place) => drop(response.headers_mut().insert(LOCATION, place)),
        Err(_) => *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
    }
    response
}

/// Something went wrong: a page for people, JSON for programs, with the request's id for whoever runs the server.
pub fn fault(doors: &Doors, headers: &HeaderMap, seen: &Seen, status: StatusCode, heading: &str, words: &str) -> Response {
    let people = headers.get(ACCEPT).and_then(|v| v.to_str().ok()).is_some_and(|accept| accept.contains("text/html"));
    if !people {
        return json(status, &json!({ "message": words, "requestId": seen.request_id }));
    }
    let values = context! { app_name => doors.app_name(), heading, words, request_id => &seen.request_id };
    page(doors, seen, status, "message.html", values)
}

/// The database does not work just now.
pub fn unavailable(doors: &Doors, headers: &HeaderMap, seen: &Seen, why: &str) -> Response {
    tracing::error!(id = %seen.request_id, why, "answered 503");
    let words = "The server cannot reach its database just now. Try again in a moment; trying twice does no harm.";
    let mut response = fault(doors, headers, seen, StatusCode::SERVICE_UNAVAILABLE, "One moment, please", words);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

impl Doors {
    /// The product's name where no tenant is known.
    pub(crate) fn app_name(&self) -> &str {
        self.auth().tenant(&postkey_model::TenantId::public()).map_or("Postkey", |tenant| tenant.app_name.as_str())
    }
}
