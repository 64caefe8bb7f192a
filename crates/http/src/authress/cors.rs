//! Which pages may call the login SDK's addresses, and what their browsers are told about it (contract authress.md §1.1): on
//! success and on every error, or the SDK takes an answer for a broken network and asks again.

use super::refuse;
use crate::Doors;
use crate::kit::frame::Seen;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use postkey_auth::CallingPage;

const ALLOWED_HEADERS: HeaderValue = HeaderValue::from_static("authorization, content-type, x-powered-by");
const ALLOWED_METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE, OPTIONS");
/// For how long browsers need not ask again: two hours. A page that is not allowed any more is refused by the call itself.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");

/// Answers preflight requests, refuses pages that may not call, and names those that may.
pub async fn guard(State(doors): State<Doors>, Extension(seen): Extension<Seen>, mut request: Request, next: Next) -> Response {
    let page = page(request.headers());
    let may = doors.auth().allows_for_any_application(&page);
    let origin = request.headers().get(ORIGIN).filter(|_| may).cloned();
    let asks = request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if asks {
        preflight(may)
    } else if may {
        request.extensions_mut().insert(page);
        next.run(request).await
    } else {
        let title = "Pages of this origin may not call: register their address as a redirect URL of an application.";
        refuse(&seen, StatusCode::FORBIDDEN, "InvalidOrigin", title)
    };
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
    response
}

/// Something is here, but not for this method.
pub async fn wrong_method(Extension(seen): Extension<Seen>) -> Response {
    refuse(&seen, StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", "This address is not for that method.")
}

/// Nothing is here.
pub async fn not_found(Extension(seen): Extension<Seen>) -> Response {
    refuse(&seen, StatusCode::NOT_FOUND, "NotFound", "There is nothing at this address.")
}

/// What the browser says of the page that calls.
pub fn page(headers: &HeaderMap) -> CallingPage {
    let header = |name: &str| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let is_elsewhere = header("sec-fetch-site").is_some_and(|site| !matches!(site.as_str(), "same-origin" | "none"));
    CallingPage { origin: header(ORIGIN.as_str()), is_elsewhere }
}

/// The answer to "may I?"; whoever may not is told nothing.
fn preflight(may: bool) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    if may {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, ALLOWED_METHODS);
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS);
        headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    }
    response
}
