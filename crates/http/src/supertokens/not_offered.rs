//! Recipes that are not offered (contract supertokens-frontend.md §7.3 to §7.6): 501 with a sentence. Never 401, which the
//! SDKs answer with refreshing, and never 403, which they take for a failed claim.

use crate::kit::answer;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

pub async fn passwords() -> Response {
    not_offered("There are no passwords here: people sign in by code or link (recipe passwordless).")
}

pub async fn factors() -> Response {
    not_offered("Further factors (recipes multifactorauth and totp) are not offered.")
}

pub async fn passkeys() -> Response {
    not_offered("Passkeys (recipe webauthn) are not offered.")
}

pub async fn oauth() -> Response {
    not_offered("This server is no OAuth2 provider (recipe oauth2provider).")
}

fn not_offered(sentence: &str) -> Response {
    answer::json(StatusCode::NOT_IMPLEMENTED, &json!({ "message": sentence }))
}
