//! Calls of pages elsewhere, as browsers make them (WHATWG Fetch §3.3): who calls, "may I?" and its answer, and the page
//! named in every answer to it. Which pages may is each dialect's to ask its verbs.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use postkey_auth::CallingPage;

/// For how long browsers need not ask again: two hours. A page that is not allowed any more is refused by the call itself.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");

/// What pages may send to a dialect.
pub struct Allowed {
    /// Headers, as a list.
    pub headers: HeaderValue,
    /// Methods, as a list.
    pub methods: HeaderValue,
}

/// What the browser says of the page that calls.
pub fn page(headers: &HeaderMap) -> CallingPage {
    let header = |name: &str| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let is_elsewhere = header("sec-fetch-site").is_some_and(|site| !matches!(site.as_str(), "same-origin" | "none"));
    CallingPage { origin: header(ORIGIN.as_str()), is_elsewhere }
}

/// Whether a browser asks before it sends the call itself.
pub fn is_preflight(request: &Request) -> bool {
    let headers = request.headers();
    request.method() == Method::OPTIONS && headers.contains_key(ORIGIN) && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to "may I?"; whoever may not is told nothing.
pub fn preflight(allowed: Option<Allowed>) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    if let Some(Allowed { headers, methods }) = allowed {
        let told = response.headers_mut();
        told.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
        told.insert(ACCESS_CONTROL_ALLOW_HEADERS, headers);
        told.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    }
    response
}

/// The origin to name in the answer: that of the page, if it may read it.
pub fn origin(request: &Request, may: bool) -> Option<HeaderValue> {
    request.headers().get(ORIGIN).filter(|_| may).cloned()
}

/// Names the page that may read an answer. To caches every answer depends on who asked.
pub fn name(response: &mut Response, origin: Option<HeaderValue>) {
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
}
