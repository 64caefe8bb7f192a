//! Which pages may call the login SDK's addresses, and what their browsers are told about it (contract authress.md §1.1): on
//! success and on every error, or the SDK takes an answer for a broken network and asks again.

use super::refuse;
use crate::Doors;
use crate::kit::cors::{self, Allowed};
use crate::kit::frame::Seen;
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

const ALLOWED: Allowed = Allowed {
    headers: HeaderValue::from_static("authorization, content-type, x-powered-by"),
    methods: HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE, OPTIONS"),
};

/// Answers preflight requests, refuses pages that may not call, and names those that may.
pub async fn guard(State(doors): State<Doors>, Extension(seen): Extension<Seen>, mut request: Request, next: Next) -> Response {
    let page = cors::page(request.headers());
    let may = doors.auth().allows_for_any_application(&page);
    let origin = cors::origin(&request, may);
    let mut response = if cors::is_preflight(&request) {
        cors::preflight(may.then_some(ALLOWED))
    } else if may {
        request.extensions_mut().insert(page);
        next.run(request).await
    } else {
        let title = "Pages of this origin may not call: register their address as a redirect URL of an application.";
        refuse(&seen, StatusCode::FORBIDDEN, "InvalidOrigin", title)
    };
    cors::name(&mut response, origin);
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
