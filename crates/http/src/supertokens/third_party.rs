//! Signing in by other services (contract supertokens-frontend.md §3). No tenant has any yet, so every one that is named is
//! unknown.

use super::asked::{Asked, bad, either};
use crate::kit::answer;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

/// `GET /auth/{tenant}/authorisationurl?thirdPartyId=…`
pub async fn address(asked: Asked) -> Response {
    either(asked.query("thirdPartyId").map(|_| unknown()))
}

/// `POST /auth/{tenant}/signinup`
pub async fn sign_in_up(asked: Asked) -> Response {
    either(asked.text("thirdPartyId").map(|_| unknown()))
}

/// `POST /auth/callback/apple`: a form from Apple; nobody was sent there from here.
pub async fn apple() -> Response {
    answer::json(StatusCode::NOT_FOUND, &json!({ "message": "This tenant has no provider apple." }))
}

fn unknown() -> Response {
    bad("This tenant has no provider of that name.")
}
